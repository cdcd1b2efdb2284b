"""Causes at some nodes' sessions with an external peer with which other nodes have theirs: the device runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.causes.addresses.stale import peers_naming, stale_addresses
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.external.stories import ended_with
from calico_bgp.causes.external.strangers import perhaps_a_node
from calico_bgp.causes.network.silence import living_keys
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, PeerType
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import SessionSubject

#: Errors that came from the far end; each proves that the way to it works.
_STORY = {
    Signal.REFUSED: "it refuses their connections",
    Signal.RESET: "it resets their connections",
    Signal.CLOSED: "it closes their connections: it does not expect them",
    Signal.STOPPED_THERE: "it shut their sessions down on purpose",
    Signal.DECONFIGURED_THERE: "its configuration lost them",
}
_ABLE = NOTHING_COMES | _STORY.keys()


@cause(
    "external-session-down",
    title="An external peer has no session with some nodes, and has one with others",
    what="external session down",
    messages={
        "some": "the external peer {peer} has no session with {nodes:all}, while {others:count other node} "
        "{others:has|have} one: {story:same}",
        "perhaps": "{peer}, an external peer or {node:same}, has no session with {nodes:all}, while "
        "{others:count other node} {others:has|have} one: {story:same}",
    },
    meaning="The device runs and speaks BGP: it has sessions with other nodes. So it is what it has of these nodes "
    "(their addresses, AS, password, an access list), or the way to them.",
    evidence="The rows of all nodes that peer with it; these nodes' other sessions are up. Possible: what the device "
    "has is not known.",
    look_alikes="external-peer-down, where nobody has a session with it; as-mismatch, where it says so.",
    mending="That device's configuration of these nodes, or what lies between.",
    no_demo="No demo shows it: the lab's switch is there for every node, or for none.",
)
def external_session_down(case: Case) -> Iterator[Candidate]:
    """One per address outside the cluster that some of the nodes that peer with it have Established."""
    cluster = case.cluster
    for address in sorted({key.far(near) for near in cluster.by_name for key in case.bad_keys(near)}):
        keys = case.bad_keys(address)
        if address in cluster.by_name or not case.up_keys(address) or not _is_outside(case, address, keys):
            continue
        counted = Counter(signal for key in keys for signal in case.signals[key].both)
        nodes = sorted({key.far(address) for key in keys})
        said = ended_with(case, keys)
        able = _ABLE if said is None else _ABLE | {Signal.OTHER}
        if not counted or not set(counted) <= able or any(_has_more(case, node) for node in nodes):
            continue
        others = {key.far(address) for key in case.up_of[address]}
        node = perhaps_a_node(case, keys)
        heard = next((signal for signal, _ in counted.most_common() if signal in _STORY), None)
        nothing = "nothing comes back to them: the way, or a password at one end"
        story = said or nothing if heard is None else _STORY[heard]
        yield Candidate(
            kind="external-session-down",
            subjects=tuple(SessionSubject.between(key.a, key.b, key.family) for key in sorted(keys)),
            title=Words("some", peer=address, nodes=nodes, others=len(others), story=story)
            if node is None
            else Words("perhaps", peer=address, node=node, nodes=nodes, others=len(others), story=story),
            explanation=f"Its sessions with {some(sorted(others))} are up, so the device runs and speaks BGP, and the "
            f"other sessions of {some(nodes)} are up as well." + _named_by(case, address),
            confidence=Confidence.POSSIBLE,
            explains=case.explained_by(keys),
            evidence=rows_about(case, address, keys),
            keys=keys,
            decide=(
                decision(
                    f"ping -c 3 {shell_words.quote(address)}",
                    nodes[0],
                    ("answers", f"the way works: compare what the device has for {some(nodes)} with another node"),
                    ("no answer", f"the way between {nodes[0]} and {address} is cut"),
                ),
            ),
            fixes=(
                Fix(
                    label="look at peer",
                    summary=f"compare on {address} what it has for {some(nodes)} with what it has for another node: "
                    "address, AS number, password, access lists; no command in the cluster fixes it"
                    if node is None
                    else f"find out what {address} is: of a node read or paste its own answer, which tells more; on a "
                    f"device outside compare what it has for {some(nodes)} with what it has for another node",
                    risk=Risk.NONE,
                ),
            ),
        )


def _is_outside(case: Case, address: str, keys: frozenset[SessionKey]) -> bool:
    """Whether the address is no node's: no mesh row has it, and no stale BGPPeer names it."""
    if address in {str(stale) for stale in stale_addresses(case)}:
        return False
    types = set[PeerType | str]().union(*(case.cluster.session(*key).peer_types for key in keys))
    return bool(types) and PeerType.MESH not in types


def _has_more(case: Case, node: str) -> bool:
    """Whether the node also has bad sessions with nodes of the cluster, known or not: then the cause is elsewhere."""
    member = case.member(node)
    if member is None or member.reading is None:
        return True
    keys = case.bad_keys(node)
    perhaps = [
        key
        for key in keys
        if key.far(node) not in case.cluster.by_name and not case.cluster.identity.has_strangers(key.family)
    ]
    return len(perhaps) > 1 or not keys.isdisjoint(living_keys(case))


def _named_by(case: Case, address: str) -> str:
    """` BGPPeer tor (asNumber 65001, with a password) names it.`."""
    addresses: list[Address] = [
        row.address
        for key in case.bad_keys(address)
        for row in case.cluster.session(*key).rows
        if row.address is not None
    ]
    peers = peers_naming(case.configured, addresses[0]) if addresses else []
    names = ", ".join(
        f"BGPPeer {peer.name} (asNumber {peer.as_number}{', with a password' if peer.has_password else ''})"
        for peer in peers
    )
    return f" {names} {'names' if len(peers) == 1 else 'name'} it." if names else ""
