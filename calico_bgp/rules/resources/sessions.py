"""Rules about sessions that cannot come up: one end without the other, wrong ports, files that BIRD refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from calico_bgp.changes.advice import drop_field, set_field
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.one_sided import one_sided
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.expect.trouble import RefusalKind
from calico_bgp.messages.declared import Words
from calico_bgp.messages.steps import step
from calico_bgp.model.expected import Because, ExpectedPeer
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, Subject
from calico_bgp.model.resources import BGPPeer
from calico_bgp.rules.resources.peer_fields import KIND
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import BGP_PORT


def about_because(configured: Configured, because: Iterable[Because], path: str | None = None) -> Subject:
    """The first BGPPeer that made a peer, else the cluster."""
    for source in because:
        if source.kind == KIND and source.name in configured.peers_by_name:
            return about_peer(configured.peers_by_name[source.name], path)
    return ClusterSubject()


@rule(
    "one-sided-peering",
    Severity.ERROR,
    title="A BGPPeer makes one end of a session only",
    meaning="The far end is a node of the cluster that gets no peer for the near end, so its BIRD refuses the "
    "connection. With `reversePeering: Manual` the other half must be a BGPPeer of its own. Where the peer is global, "
    "the near ends whose address is the smaller text even wait to be dialled: nobody dials, both sides stay as they "
    "are for ever. Source: confd/pkg/backends/calico/client.go updatePeersV1; bgp_processor.go.",
    evidence="The near ends and the far end.",
    action="Take `reversePeering: Manual` away, or add the other half.",
    messages={
        "one-end": "{peer} gives {near} the peer {far}, which {far:gets|get} no peer for {near}{manual}{waits}",
        "by-hand": ", for reversePeering is Manual",
        "nobody-dials": "; {waiting} {waiting:waits|wait} to be dialled, which nobody does",
    },
)
def one_sided_peering(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer, unless its AS number, its port or its spelling explains it."""
    configured = cluster.configured
    groups: defaultdict[str, list[ExpectedPeer]] = defaultdict(list)
    for peer, maker in one_sided(configured):
        if maker.peer_ip is not None and maker.peer_selector is None and _is_explained(configured, maker):
            continue
        groups[maker.name].append(peer)
    for name, peers in groups.items():
        maker = configured.peers_by_name[name]
        far = sorted({peer.far_node or "" for peer in peers})
        near = sorted({peer.node for peer in peers})
        waiting = sorted({peer.node for peer in peers if peer.passive})
        manual = maker.reverse_peering == "Manual"
        yield Draft(
            about_peer(maker, "spec.reversePeering" if manual else None),
            "one-end",
            [f"{peer.node}: {peer.name}{' (waits)' if peer.passive else ''}" for peer in peers[:20]],
            drop_field(KIND, name, "reversePeering")
            if manual
            else step(
                "add a BGPPeer with nodeSelector or node for {far} and the other nodes as its far end", far=tuple(far)
            ),
            peer=name,
            near=near,
            far=far,
            manual=Words("by-hand") if manual else None,
            waits=Words("nobody-dials", waiting=waiting) if waiting else None,
        )


def _is_explained(configured: Configured, maker: BGPPeer) -> bool:
    """Whether another rule says why this peerIP does not name the node."""
    target = parse_peer_ip(maker.peer_ip or "")
    if target.address is None or target.host != str(target.address) or not maker.as_number:
        return True
    owners = configured.expectation.nodes_by_address.get(target.address, ())
    as_fits = maker.as_number in {configured.speakers[name].local_as for name in owners}
    return not as_fits or _port_differs(configured, maker) is not None


def _port_differs(configured: Configured, maker: BGPPeer) -> tuple[str, int, int] | None:
    """(node, port in peerIP, port on which the node listens) where the two differ."""
    if maker.peer_ip is None or maker.peer_selector is not None:
        return None
    target = parse_peer_ip(maker.peer_ip)
    if target.address is None or target.port is None or target.host != str(target.address):
        return None
    for name in configured.expectation.nodes_by_address.get(target.address, ()):
        listens = configured.speakers[name].port or BGP_PORT
        if listens != target.port:
            return name, target.port, listens
    return None


@rule(
    "peer-port-mismatch",
    Severity.WARNING,
    title="A peerIP names a port on which the node does not listen",
    meaning="The near end dials a port where no BIRD listens. With a listenPort set that differs (the node's own or "
    "the global one) the peerIP does not even name the node, so it gets no reverse peer: an error. Without one, the "
    "session comes up only as far as the far end dials. Source: confd/pkg/backends/calico/client.go "
    "nodesWithIPPortAndAS.",
    evidence="The port in peerIP, and the listenPort that counts for the node.",
    action="Leave the port out: Calico takes the node's own.",
    messages={
        "other-port": "{peer} dials {node} on port {port:same}, but BIRD listens there on {listens:same}",
    },
)
def peer_port_mismatch(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer."""
    configured = cluster.configured
    alone = {maker.name for _, maker in one_sided(configured)}
    for peer in configured.resources.bgp_peers:
        differs = _port_differs(configured, peer)
        if differs is None:
            continue
        name, port, listens = differs
        yield Draft(
            about_peer(peer, "spec.peerIP"),
            "other-port",
            (f"peerIP: {peer.peer_ip}", f"listenPort of {name}: {configured.speakers[name].port or 'none (179)'}"),
            set_field(KIND, peer.name, "peerIP", str(parse_peer_ip(peer.peer_ip or "").address)),
            Severity.ERROR if peer.name in alone else None,
            peer=peer.name,
            node=name,
            port=port,
            listens=listens,
        )


@rule(
    "bird-refuses",
    Severity.ERROR,
    title="BIRD refuses a node's configuration",
    meaning="confd checks every new file with `bird -p`. One protocol that BIRD does not take makes the whole file "
    "fail: confd keeps the old one, and every later change on that node is lost until this is fixed. Source: BIRD "
    "proto/bgp/bgp.c bgp_check_config; confd's bird.cfg.",
    evidence="The protocol, and what BIRD does not take.",
    action="Fix the resource that makes this protocol.",
    messages={
        "refused": "BIRD refuses the whole configuration of {nodes}: {why:same}",
    },
)
def bird_refuses(cluster: Cluster) -> Iterator[Draft]:
    """One finding per reason and resource, unless a rule of its own names it."""
    configured = cluster.configured
    groups: defaultdict[tuple[str, tuple[Because, ...]], list[str]] = defaultdict(list)
    for refusal in configured.expectation.refusals:
        if refusal.kind is RefusalKind.AS_ZERO:
            makers = [configured.peers_by_name.get(source.name) for source in refusal.because if source.kind == KIND]
            if any(maker is not None and maker.peer_ip and not maker.as_number for maker in makers):
                continue
        if refusal.kind not in {RefusalKind.CLUSTER_ID, RefusalKind.ADDRESS_TWICE}:
            groups[refusal.why, refusal.because].append(refusal.node)
    for (why, because), nodes in sorted(groups.items()):
        names = sorted(set(nodes))
        yield Draft(
            about_because(configured, because, "spec.peerIP"),
            "refused",
            tuple(map(str, because)),
            (
                step("fix the resource above"),
                step("then look for 'bird -p' in the log of calico-node on these nodes"),
            ),
            nodes=names,
            why=why,
        )
