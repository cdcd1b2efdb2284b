"""Cause: an external peer, such as a top-of-rack switch, that is down for every node that peers with it."""

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
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Address
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import AddressSubject

_STORY = {
    Signal.REFUSED: "it answers and refuses: its BGP is down or does not expect these nodes",
    Signal.RESET: "it resets the connection: it does not expect these nodes, or something inspects what flows",
    Signal.CLOSED: "it closes the connection: it does not expect these nodes",
    Signal.STOPPED_THERE: "it shut the sessions down on purpose",
    Signal.DECONFIGURED_THERE: "its configuration lost these nodes",
    Signal.BAD_AS: "the AS numbers do not fit",
    Signal.UNREACHABLE: "there is no way to it",
}


@cause(
    "external-peer-down",
    title="An external peer is down for every node",
    what="external peer down",
    messages={
        "down": "the external peer {peer} is down for {nodes:every node} that peer with it: {story:same}",
        "perhaps": "{peer}, an external peer or {node:same}, is down for {nodes:every node} that peer with it: "
        "{story:same}",
    },
    meaning="A top-of-rack switch or router has no session with any of the nodes that peer with it.",
    evidence="The rows of all these nodes. Likely with two or more.",
    look_alikes="The network before it.",
    mending="That device.",
    demos=("tor-down",),
)
def external_peer_down(case: Case) -> Iterator[Candidate]:
    """An address outside the cluster that no node has Established."""
    for finding, subject in case.about(AddressSubject, "external-peer-down"):
        if subject.address in stale_addresses(case):
            continue  # it was a node of the cluster: see addresses/stale.py
        address = str(subject.address)
        keys = case.bad_keys(address)
        counted = Counter(signal for key in keys for signal in case.signals[key].both)
        most = next((signal for signal, _ in counted.most_common() if signal in _STORY), None)
        fars = {key.far(address) for key in keys}
        node = perhaps_a_node(case, keys)
        silent = bool(counted) and set(counted) <= NOTHING_COMES
        said = ended_with(case, keys) or ("it does not answer" if silent else "see its own log")
        story = said if most is None else _STORY[most]
        yield Candidate(
            kind="external-peer-down",
            subjects=(subject,),
            title=Words("down", peer=address, nodes=len(fars), story=story)
            if node is None
            else Words("perhaps", peer=address, node=node, nodes=len(fars), story=story),
            explanation="A top-of-rack switch or router that several nodes lose at once is itself the cause, or what "
            "lies before it. What is reached through it is lost with it." + _doubts(case, subject.address),
            confidence=Confidence.LIKELY if len(fars) > 1 else Confidence.POSSIBLE,
            explains=frozenset({finding.id}) | case.explained_by(keys),
            evidence=rows_about(case, address, keys),
            keys=keys,
            decide=(
                decision(
                    f"ping -c 3 {shell_words.quote(address)}",  # its zone (`fe80::1%eth0`) may be any text
                    min(fars, default=None),
                    ("answers", "the device is up: look at its BGP and at its log"),
                    ("no answer", "the device or the way to it is down"),
                ),
            ),
            fixes=(
                Fix(
                    label="look at peer",
                    summary=f"look at {address} itself; no command in the cluster fixes it"
                    if node is None
                    else f"find out what {address} is: of a node read or paste its own answer, which tells more; of a "
                    "device outside no command in the cluster fixes it",
                    risk=Risk.NONE,
                ),
            ),
        )


def _doubts(case: Case, address: Address) -> str:
    """What in the cluster may be wrong instead: the BGPPeer that names the address, or the address was a node's."""
    peers = peers_naming(case.configured, address)
    if not peers:
        return " Was it a node, such as a route reflector that moved? Then the BGPPeer's peerIP is stale."
    names = ", ".join(
        f"BGPPeer {p.name} (peerIP {p.peer_ip}, asNumber {p.as_number}{', with a password' if p.has_password else ''})"
        for p in peers
    )
    return f" {names} may be wrong as well: the address, the AS number, or a password at one end only."
