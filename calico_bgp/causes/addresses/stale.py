"""Addresses of the cluster's own that no node has any more: a peerIP of a node that moved, a Node that was renamed.

No switch is at fault: the far end was a node, and what names it is a resource (confd, client.go updatePeersV1).
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.reflectors.facts import aftermath_of
from calico_bgp.causes.remedies.remedy import Remedy, Step, fix_of
from calico_bgp.causes.remedies.trial import tried
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetFields
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Address, family_of
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject
from calico_bgp.model.resources import BGPPeer, CalicoNode, ResourceKind
from calico_bgp.once import once
from calico_bgp.prefixes import network_around

#: What is said of an address at which no BIRD of this cluster is.
_NOBODY_THERE = NOTHING_COMES | {Signal.REFUSED, Signal.CLOSED, Signal.RESET}


def peers_naming(configured: Configured | None, address: Address) -> list[BGPPeer]:
    """The BGPPeers whose peerIP is an address."""
    able = () if configured is None else configured.resources.bgp_peers
    return [peer for peer in able if peer.peer_ip and parse_peer_ip(peer.peer_ip).address == address]


@once
def stale_addresses(case: Case) -> dict[Address, tuple[BGPPeer, ...]]:
    """Address that no node has any more → the BGPPeers that name it, with the AS number of the nodes that dial it."""
    configured, peers_of = case.configured, {}
    if configured is None or case.resources is None:
        return {}
    node_addresses = {node_address for node in case.resources.nodes for node_address in node.addresses}
    for address in sorted(
        {parse_peer_ip(p.peer_ip).address for p in configured.resources.bgp_peers if p.peer_ip}, key=str
    ):
        if address is None or address in node_addresses or case.up_keys(str(address)):
            continue
        keys = case.bad_keys(str(address))
        signals = case.all_signals(keys)
        as_numbers = {
            configured.speakers[name].local_as for key in keys if (name := key.far(str(address))) in configured.speakers
        }
        peers = tuple(
            p for p in peers_naming(configured, address) if p.as_number in as_numbers and p.local_as_number is None
        )
        # An address outside the nodes' networks may be a route reflector of the data centre with the cluster's AS.
        if keys and peers and signals <= _NOBODY_THERE and (_is_beside(case, address) or _moved(configured, address)):
            peers_of[address] = peers
    return peers_of


def _is_beside(case: Case, address: Address) -> bool:
    """Whether the address lies in a network of the nodes."""
    family = family_of(address)
    return any(
        address in network_around(node_address, node.prefix(family))
        for node in (case.resources.nodes if case.resources is not None else ())
        if (node_address := node.address(family)) is not None and node.prefix(family) != node_address.max_prefixlen
    )


def _moved(configured: Configured, address: Address) -> list[str]:
    """Route reflectors that nobody but another reflector peers with: one of them had the address."""
    family = family_of(address)
    reflectors = frozenset(configured.reflectors)

    def has_client(name: str) -> bool:
        peers = configured.expectation.peers.get(name, ())
        return any(peer.family is family and peer.far_node not in reflectors for peer in peers)

    return [n for n in configured.reflectors if configured.nodes[n].address(family) is not None and not has_client(n)]


@cause(
    "stale-address",
    title="A BGPPeer or a Node names an address that no node has any more",
    what="address of no node",
    messages={
        "stale_peer": "BGPPeer {peers:all} names {address}, which no node has{now}",
        "moved": ": {node} has {has} now",
        "gone": " any more",
        "stale_node": "the Node {node} ({addresses:same}) is in no inventory and nobody reaches it{why}",
        "same_address": "the Node {node} is in no inventory and has the address of {heir}, {address}: its machine is "
        "{heir} now",
        "older_name": "the Node {node} has the address of {heir}, {address}, and nothing is heard of it: its machine "
        "is {heir} now",
        "renamed": ": its machine is {heir} now",
        "left": ": left of a machine that is gone, or one that is off",
    },
    meaning="A route reflector moved and the BGPPeer's peerIP did not follow; a machine was renamed or removed and "
    "its Node is still there. The others dial an address at which nobody is (confd, client.go updatePeersV1).",
    evidence="A peerIP with the AS of the nodes themselves, in their network or while a reflector has no peer, that "
    "no Node has: likely. A Node that the inventory lacks and nobody reaches: possible; likely where another host has "
    "its InternalIP.",
    look_alikes="external-peer-down, where the AS is another one; node-down, where the machine is there.",
    mending="The address that the node has now, by kubectl or calicoctl; or the deletion of what is left over.",
    no_demo="No demo shows it: the lab's BGPPeers select reflectors by their label, so that no address gets stale.",
)
def stale_peer_ip(case: Case) -> Iterator[Candidate]:
    """A BGPPeer that names an address which no node has any more."""
    for address, peers in stale_addresses(case).items():
        keys = case.bad_keys(str(address))
        moved = _moved(case.configured, address) if case.configured is not None else []
        now = moved[0] if len(moved) == 1 else None
        yield Candidate(
            kind="stale-address",
            subjects=tuple(about_peer(peer, "spec.peerIP") for peer in peers),
            title=Words(
                "stale_peer",
                peers=[peer.name for peer in peers],
                address=address,
                now=Words("moved", node=now, has=str(_of(case, now, address))) if now else Words("gone"),
            ),
            explanation="Its asNumber is the cluster's own, so it means a node: one that moved to another address, or "
            "that was renamed or removed. Whoever peers with it dials an address at which nobody is.",
            confidence=Confidence.LIKELY,
            explains=_explains(case, address, keys) | (aftermath_of(case) if now else frozenset()),
            evidence=(
                *(f"BGPPeer {peer.name}: peerIP {peer.peer_ip}, asNumber {peer.as_number}" for peer in peers),
                *rows_about(case, str(address), keys),
            ),
            keys=keys,
            decide=(
                decision(
                    "calicoctl get nodes -o wide",
                    None,
                    (f"{address} at no node", "the BGPPeer is stale"),
                    (f"{address} at a node", "the resources given are old: get them anew"),
                ),
            ),
            fixes=tuple(fix for peer in peers for fix in _fixes(case, peer, address, now)),
        )


def _of(case: Case, name: str, address: Address) -> Address | None:
    assert case.configured is not None
    return case.configured.nodes[name].address(family_of(address))


def _explains(case: Case, address: Address, keys: frozenset[SessionKey]) -> frozenset[str]:
    return case.explained_by(keys) | case.ids_about(AddressSubject(address=address), "external-peer-down")


def _fixes(case: Case, peer: BGPPeer, address: Address, now: str | None) -> tuple[Fix, ...]:
    if now is not None:
        written = (peer.peer_ip or "").replace(str(address), str(_of(case, now, address)))
        remedy = Remedy(
            f"let BGPPeer {peer.name} name the address that {now} has: peerIP {written}",
            (_name_peer_ip(peer, written, f"write peerIP {written} into BGPPeer {peer.name}"),),
        )
        good = tried(case, remedy)
        if good is not None:
            return (good,)
    ask = Ask("ADDRESS", "the address that the node has now (`calicoctl get nodes -o wide`)", peer.peer_ip or "")
    remedy = Remedy(
        f"write the address that the node has now into BGPPeer {peer.name}; where there is no such node any more, "
        "delete the BGPPeer",
        (_name_peer_ip(peer, ask, f"write the right peerIP into BGPPeer {peer.name}"),),
    )
    fix = None if case.configured is None else fix_of(remedy, case.configured.resources)
    return () if fix is None else (fix,)


def _name_peer_ip(peer: BGPPeer, address: str | Ask[str], what: str) -> Step:
    return Step(SetFields(ResourceKind.BGP_PEER, peer.name, (("peer_ip", address),)), what)


@also("stale-address")
def stale_node(case: Case) -> Iterator[Candidate]:
    """A Node that the whole inventory lacks and that nobody reaches: what is left of a machine that is gone."""
    unlisted = [member.name for member in case.cluster.members if member.is_unlisted and not member.is_unreadable]
    for node, member, keys in _left_over_nodes(case):
        heir = _heir_of(case, node)
        addresses = ", ".join(map(str, node.addresses))
        yield Candidate(
            kind="stale-address",
            subjects=(NodeSubject(node=member.name),),
            title=Words(
                "stale_node",
                node=member.name,
                addresses=addresses,
                why=Words("renamed", heir=heir) if heir else Words("left"),
            ),
            explanation="A Node stays until somebody deletes it, whatever became of the machine, and every other node "
            "keeps a peer for it. One that was renamed leaves its old Node behind.",
            confidence=Confidence.LIKELY if heir else Confidence.POSSIBLE,
            explains=case.explained_by(keys)
            | case.of_node(member.name, "isolated-node")
            | frozenset(f.id for f in case.of("node-not-listed") if unlisted == [member.name]),
            evidence=rows_about(case, member.name, keys),
            keys=keys,
            decide=(
                decision(
                    f"kubectl get node {shell_words.name(member.name)} -o wide",
                    None,
                    ("NotFound, or a machine that is gone", "the Node is a leftover: delete it"),
                    ("Ready or NotReady, and the machine is there", "it is off or cut off: add it to hosts.txt"),
                ),
            ),
            fixes=(
                Fix(
                    label="delete Node",
                    summary=f"where the machine is gone, delete its Node: kubectl delete node "
                    f"{shell_words.name(member.name)} (calicoctl delete node where that is the datastore); else bring "
                    "it back",
                    risk=Risk.NONE,
                ),
            ),
        )


def _left_over_nodes(case: Case) -> Iterator[tuple[CalicoNode, Member, frozenset[SessionKey]]]:
    """Each Node that a whole inventory lacks and of which nobody hears anything, with its sessions."""
    snapshot = case.cluster.snapshot
    if not snapshot.hosts or snapshot.limited or case.resources is None:
        return
    for member in case.cluster.members:
        keys = case.bad_keys(member.name)
        if not member.is_unlisted or member.resource is None or not keys or case.up_keys(member.name):
            continue
        signals = case.all_signals(keys)
        # In a mesh the node with the lower address waits for the other end: its row then says only `Passive`.
        only_waiting = signals == {Signal.SILENT} and len({key.far(member.name) for key in keys}) < 2
        if signals and not only_waiting and signals <= NOTHING_COMES | {Signal.CLOSED}:
            yield member.resource, member, keys


def _heir_of(case: Case, node: CalicoNode) -> str | None:
    """The node that was read and has an InternalIP of this one: the machine under its newer name."""
    return next(
        (
            other.name
            for other in case.cluster.members
            if other.reading is not None and set(other.reading.addresses) & set(node.internal_ips)
        ),
        None,
    )
