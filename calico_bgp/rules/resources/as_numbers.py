"""Rules about AS numbers: those that are missing, and those on which two ends of a session cannot agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from calico_bgp.changes.advice import command, drop_field, set_field
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetFields
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.bgp_peers import SESSION_FIELDS_SINCE
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.mesh import AS_OF_THIS_NODE_SINCE
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.expect.trouble import RefusalKind
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import count, some
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import BGPPeer, CalicoNode, ResourceKind
from calico_bgp.rules.resources.mesh import about_nodes
from calico_bgp.rules.resources.peer_fields import KIND
from calico_bgp.rules.rule import Draft, rule

_AS_OF_FAR_END = Ask("AS_NUMBER", "the AS number of the far end", 0)


@rule(
    "peer-without-as",
    Severity.ERROR,
    title="A peer by peerIP has no asNumber",
    meaning="confd writes `neighbor X as 0`, which BIRD refuses. The whole configuration of every node that gets this "
    "peer fails its check, confd keeps the old one, and every later change on these nodes is lost. Nothing shows it "
    "but confd's log. Source: confd/pkg/backends/calico/client.go updatePeersV1; BIRD proto/bgp/bgp.c.",
    evidence="The BGPPeer, and the nodes that get it.",
    action="Write the asNumber of the far end.",
    messages={
        "no-as-number": "{peer} {peer:has|have} no asNumber: BIRD refuses `as 0`, so the whole configuration stays "
        "as it was before",
        "no-as-number-on": "{peer} {peer:has|have} no asNumber: BIRD refuses `as 0`, so the whole configuration on "
        "{nodes} stays as it was before",
    },
)
def peer_without_as(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer; no node is needed to see it."""
    configured = cluster.configured
    makes_none = {skipped.bgp_peer for skipped in configured.expectation.skipped}
    makes_none |= {workload.bgp_peer for workload in configured.expectation.workloads}
    for peer in configured.resources.bgp_peers:
        if peer.peer_ip is None or peer.as_number or peer.peer_selector is not None or peer.name in makes_none:
            continue
        near = _refusing(configured, peer)
        if configured.has_nodes and not near:
            continue  # no node that gets it has an address of its family, so that no file has it
        owners = _owners(configured, peer)
        number = configured.speakers[owners[0]].local_as if owners else None
        yield Draft(
            about_peer(peer, "spec.peerIP"),
            "no-as-number-on" if near else "no-as-number",
            (f"peerIP: {peer.peer_ip}",),
            set_field(KIND, peer.name, "asNumber", number or _AS_OF_FAR_END),
            peer=peer.name,
            nodes=near,
        )


def _refusing(configured: Configured, peer: BGPPeer) -> tuple[str, ...]:
    """The nodes whose BIRD refuses its file for a peer `as 0` that this BGPPeer makes."""
    return tuple(
        sorted(
            {
                refusal.node
                for refusal in configured.expectation.refusals
                if refusal.kind is RefusalKind.AS_ZERO
                and any(by.kind == KIND and by.name == peer.name for by in refusal.because)
            }
        )
    )


def _owners(configured: Configured, peer: BGPPeer) -> tuple[str, ...]:
    """The nodes that have a peerIP's address, however it is written."""
    address = parse_peer_ip(peer.peer_ip or "").address
    return () if address is None else configured.expectation.nodes_by_address.get(address, ())


@rule(
    "as-number-mismatch",
    Severity.ERROR,
    title="The two ends of a session cannot agree on an AS number",
    meaning="One end expects another AS than the far end has, and ends the session with `Bad peer AS`; it never comes "
    "up. A BGPPeer whose asNumber is not that of the node with this address does not even name the node, so the node "
    "gets no reverse peer. With localASNumber towards a node of the cluster the reverse peer still expects the near "
    "node's own AS. Source: confd/pkg/backends/calico/client.go nodesWithIPPortAndAS.",
    evidence="The AS numbers of both ends.",
    action="Write the AS that the far end really has; leave localASNumber to peers outside the cluster.",
    messages={
        "ends-disagree": "{one} and {other} cannot agree: {one} is AS {own:same} and expects {expected:same}, "
        "{other} is AS {others_own:same} and expects {others_expected:same}",
        "unlike-node": "{peer} {peer:says|say} AS {said} of {node}, which {node:has|have} AS {real}: the node gets "
        "no reverse peer, and the session ends with `Bad peer AS`",
        "local-as": "{peer} {peer:has|have} localASNumber {local_as} towards {far}, a node of the cluster, which "
        "expects {near} in AS {expected}: `Bad peer AS`",
    },
)
def as_number_mismatch(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer, by what in it is wrong."""
    configured = cluster.configured
    reported: set[str] = set()
    for bgp_peer in configured.resources.bgp_peers:
        draft = _unlike_the_node(configured, bgp_peer) or _local_as(configured, bgp_peer)
        if draft is not None:
            reported.add(bgp_peer.name)
            yield draft
    disagreeing: defaultdict[str, list[tuple[ExpectedPeer, ExpectedPeer]]] = defaultdict(list)
    for peer, back in _disagreeing(configured):
        names = sorted({because.name for because in (*peer.because, *back.because)})
        if not reported & set(names):
            disagreeing[names[0]].append((peer, back))
    for name, pairs in disagreeing.items():
        one, other = pairs[0]
        yield Draft(
            about_peer(configured.peers_by_name[name]),
            "ends-disagree",
            [_ends(*pair) for pair in pairs[:20]],
            set_field(KIND, name, "asNumber", other.local_as),
            one=one.node,
            other=other.node,
            own=str(one.local_as),
            expected=str(one.peer_as),
            others_own=str(other.local_as),
            others_expected=str(other.peer_as),
        )


def _disagreeing(configured: Configured) -> Iterator[tuple[ExpectedPeer, ExpectedPeer]]:
    """Both ends of each explicit session of which one expects another AS than the other has."""
    for (near, far, family), peers in sorted(configured.explicit_ends.items()):
        back_peers = configured.explicit_ends.get((far, near, family), ()) if near <= far else ()
        for peer, back in product(peers, back_peers):
            unlike = peer.peer_as != back.local_as or back.peer_as != peer.local_as
            # `as 0` is refused by BIRD, which has a rule of its own.
            if unlike and peer.peer_as and back.peer_as:
                yield peer, back


def _ends(one: ExpectedPeer, other: ExpectedPeer) -> str:
    return (
        f"{one.node}: AS {one.local_as}, expects {one.peer_as}, {other.node}: AS {other.local_as}, "
        f"expects {other.peer_as}"
    )


def _unlike_the_node(configured: Configured, peer: BGPPeer) -> Draft | None:
    """A peerIP of a node whose AS is another than asNumber."""
    if peer.peer_selector is not None or not peer.as_number:
        return None
    owners = [configured.speakers[name] for name in _owners(configured, peer)]
    if not owners or peer.as_number in {owner.local_as for owner in owners}:
        return None
    owner = owners[0]
    return Draft(
        about_peer(peer, "spec.asNumber"),
        "unlike-node",
        (f"peerIP: {peer.peer_ip}", f"asNumber: {peer.as_number}", f"{owner.name}: AS {owner.local_as}"),
        set_field(KIND, peer.name, "asNumber", owner.local_as),
        peer=peer.name,
        said=str(peer.as_number),
        node=owner.name,
        real=str(owner.local_as),
    )


def _local_as(configured: Configured, peer: BGPPeer) -> Draft | None:
    """A localASNumber towards a node of the cluster."""
    if (
        not peer.local_as_number
        or peer.peer_selector is not None
        or configured.expectation.version < SESSION_FIELDS_SINCE
    ):
        return None
    owners = _owners(configured, peer)
    near = configured.near.get(peer.name, ())
    unlike = [
        name for name in near if name not in owners and configured.speakers[name].local_as != peer.local_as_number
    ]
    if not owners or not unlike:
        return None
    return Draft(
        about_peer(peer, "spec.localASNumber"),
        "local-as",
        (f"peerIP: {peer.peer_ip}", f"localASNumber: {peer.local_as_number}"),
        drop_field(KIND, peer.name, "localASNumber"),
        peer=peer.name,
        local_as=str(peer.local_as_number),
        far=owners,
        near=unlike,
        expected=str(configured.speakers[unlike[0]].local_as),
    )


@rule(
    "own-as-in-mesh",
    Severity.ERROR,
    title="Nodes of the mesh have AS numbers on which they cannot agree",
    meaning="From Calico v3.32 on a node expects its own AS of every mesh peer that has none of its own, where older "
    "releases expected the global one. A node with an AS of its own then refuses every node without: `Bad peer AS`. Up "
    "to v3.31 the same resources work, so the sessions go with the upgrade; a warning there. Source: confd's "
    "bgp_processor.go processMeshPeers.",
    evidence="The nodes with an AS of their own, and those without.",
    action="Give every node of the mesh its AS, or none.",
    messages={
        "disagree": "in the mesh {nodes} (AS {own}) {nodes:expects its|expect their} own AS of {without}, which "
        "{without:has|have} the global {global_as}: `Bad peer AS`",
        "disagree-later": "in the mesh {nodes} (AS {own}) {nodes:expects its|expect their} own AS of {without}, "
        "which {without:has|have} the global {global_as} from Calico {since} on: `Bad peer AS`",
    },
)
def own_as_in_mesh(cluster: Cluster) -> Iterator[Draft]:
    """One finding for all such nodes."""
    configured = cluster.configured
    members: dict[str, CalicoNode] = {n.name: n for nodes in configured.mesh_members.values() for n in nodes}
    global_as = configured.resources.as_number
    own = sorted(name for name, node in members.items() if node.as_number not in {None, global_as})
    without = sorted(name for name, node in members.items() if node.as_number is None)
    if not own or not without:
        return
    newer = configured.expectation.version >= AS_OF_THIS_NODE_SINCE
    node = members[own[0]]
    writing_it = SetFields(ResourceKind.NODE, without[0], (("as_number", global_as),))
    yield Draft(
        about_nodes(own),
        "disagree" if newer else "disagree-later",
        (
            f"{node.name}: asNumber {node.as_number}",
            f"{count(len(without), 'node')} without: {some(without)} (AS {global_as})",
        ),
        step(
            "write the global AS at every node without one, for example: {command}",
            command=command(writing_it, members[without[0]]),
        ),
        None if newer else Severity.WARNING,
        nodes=own,
        own=str(node.as_number),
        without=without,
        global_as=str(global_as),
        since=str(AS_OF_THIS_NODE_SINCE),
    )
