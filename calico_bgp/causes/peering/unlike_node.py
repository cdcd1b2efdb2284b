"""Causes in a BGPPeer whose peerIP is a node's address and whose asNumber, or port, is not what that node has.

Such a BGPPeer does not name the node: it gets no reverse peer (confd, client.go nodesWithIPPortAndAS).
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import helping_or_measured
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_of
from calico_bgp.changes.change import SetFields
from calico_bgp.cluster.sessions.dialled import port_of
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.cause import Confidence, Fix
from calico_bgp.model.resources import BGPPeer, ResourceKind
from calico_bgp.upstream import BGP_PORT


@also("as-mismatch")
def unlike_the_nodes_as(case: Case) -> Iterator[Candidate]:
    """A BGPPeer that says another AS of a node than it has; where both ends have a peer all the same, rows say so."""
    configured = case.configured
    if configured is None:
        return
    for finding in case.of("as-number-mismatch"):
        peer = configured.peers_by_name.get(getattr(finding.subject, "name", ""))
        if finding.key != "unlike-node" or peer is None:
            continue
        node = _named(configured, peer)
        keys = _bad_keys(case, peer)
        if node is None or not keys:
            continue
        real = configured.speakers[node].local_as
        what = f"write asNumber {real}, the AS of {node}, into BGPPeer {peer.name}"
        yield Candidate(
            kind="as-mismatch",
            subjects=(about_peer(peer, "spec.asNumber"),),
            title=Words("unlike_node", peer=peer.name, said=str(peer.as_number), node=node, real=str(real)),
            explanation=f"By another AS it does not name {node}, which so gets no peer for the others and closes their "
            "connections. Where another BGPPeer gives it one, the ends refuse each other with `Bad peer AS`.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | _explained(case, node, keys),
            evidence=(*finding.evidence, *rows_of(case, keys)),
            keys=keys,
            fixes=_fixes(case, peer, "as_number", real, what),
        )


@also("port-refused")
def unlike_the_nodes_port(case: Case) -> Iterator[Candidate]:
    """A BGPPeer that dials a node at a port at which its BIRD does not listen, by the resources themselves."""
    configured = case.configured
    if configured is None or case.resources is None:
        return
    for peer in configured.resources.bgp_peers:
        target = parse_peer_ip(peer.peer_ip or "")
        node = None if peer.peer_selector is not None or not target.port else _named(configured, peer)
        if node is None or target.address is None:
            continue
        listens = port_of(case.cluster, case.cluster.name_of_node(node)).number
        keys = frozenset(
            key
            for key in _bad_keys(case, peer)
            if case.far_signal(case.cluster.name_of_node(node), key) is Signal.REFUSED
        )
        if target.port == listens or not keys:
            continue
        bare = str(target.address)
        written = bare if listens == BGP_PORT else f"[{bare}]:{listens}" if ":" in bare else f"{bare}:{listens}"
        yield Candidate(
            kind="port-refused",
            subjects=(about_peer(peer, "spec.peerIP"),),
            title=Words("other_port", peer=peer.name, node=node, port=str(target.port), listens=str(listens)),
            explanation="The host answers, and nobody listens at that port there: no firewall is in the way.",
            confidence=Confidence.CERTAIN,
            explains=_explained(case, node, keys),
            evidence=(f"BGPPeer {peer.name}: peerIP {peer.peer_ip}", *rows_of(case, keys)),
            keys=keys,
            fixes=_fixes(case, peer, "peer_ip", written, f"write peerIP {written} into BGPPeer {peer.name}"),
        )


def _named(configured: Configured, peer: BGPPeer) -> str | None:
    """The one node that has a peerIP's address."""
    address = parse_peer_ip(peer.peer_ip or "").address
    names = () if address is None else configured.expectation.nodes_by_address.get(address, ())
    return names[0] if len(names) == 1 else None


def _bad_keys(case: Case, peer: BGPPeer) -> frozenset[SessionKey]:
    """The sessions that are down of which the BGPPeer makes an end."""
    return frozenset(key for key in case.cluster.judged.bad if peer.name in case.asked_for_by(key))


def _explained(case: Case, node: str, keys: frozenset[SessionKey]) -> frozenset[str]:
    name = case.cluster.name_of_node(node)
    # A reflector that nobody can dial has no client.
    return case.explained_by(keys) | case.of_node(name, "reflector-role-lost")


def _fixes(case: Case, peer: BGPPeer, field: str, value: str | int, what: str) -> tuple[Fix, ...]:
    remedy = Remedy(what, (Step(SetFields(ResourceKind.BGP_PEER, peer.name, ((field, value),)), what),))
    # The model has no ports, and no redundancy that would come back with a session between two clients.
    return helping_or_measured(case, remedy)
