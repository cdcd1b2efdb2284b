"""Causes in how the resources join the nodes: nobody at all, too few of them, or reflectors apart from each other.

All sessions that are asked for may be Established: nothing asks for the missing ones. Calico's resources say so
(confd/pkg/backends/calico/client.go updatePeersV1; RFC 4456, section 8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.reflectors.facts import aftermath_of
from calico_bgp.causes.remedies.layouts import join_reflectors, label_nodes, mend_node_selector, serve_all, serve_like
from calico_bgp.causes.remedies.reflectors import switch_mesh_on
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.reflectors import clients, served_by
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import plural, some
from calico_bgp.model.reports.about import about_configuration, about_peer
from calico_bgp.model.reports.cause import Confidence, Fix
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.model.resources import BGPPeer

_SHOWN = 4


@cause(
    "no-peers-configured",
    title="The mesh is off and there is no BGPPeer",
    what="mesh off, no BGPPeer",
    messages={
        "mesh_off": "the node-to-node mesh is off and there is no BGPPeer: none of {nodes:count node} has a peer",
        "some": "no BGPPeer joins {nodes} with route reflectors, as BGPPeer {peer} does others",
    },
    meaning="nodeToNodeMeshEnabled is false and nothing takes the mesh's place, so BIRD has no peer on any node, "
    "withdraws all routes, and calico-node is ready all the same. Or each rack has a BGPPeer, and one rack has none.",
    evidence="Calico's resources. Certain.",
    look_alikes="no-reflector-left, where BGPPeers are there and match nothing; node-lost-label, where a node has no "
    "label to be selected by.",
    mending="The mesh; or the BGPPeers that are missing, and route reflectors for them.",
    demos=("mesh-off",),
)
def no_peers_configured(case: Case) -> Iterator[Candidate]:
    """The mesh is off and no BGPPeer is there: no node has a peer, and BIRD runs with nothing to do."""
    configured = case.configured
    if (
        configured is None
        or configured.mesh_enabled
        or configured.resources.bgp_peers
        or len(configured.nodes) < 2
        or not configured.needs_bgp
    ):
        return
    config = configured.resources.global_config
    yield Candidate(
        kind="no-peers-configured",
        subjects=(ClusterSubject() if config is None else about_configuration(config, "spec.nodeToNodeMeshEnabled"),),
        title=Words("mesh_off", nodes=len(configured.nodes)),
        explanation="With the mesh off, only BGPPeers give a node peers. BIRD runs everywhere with nobody to talk to, "
        "and calico-node is ready all the same.",
        confidence=Confidence.CERTAIN,
        explains=aftermath_of(case),
        evidence=("nodeToNodeMeshEnabled: false", "no BGPPeer among the resources"),
        fixes=(*serve_all(case), *switch_mesh_on(case)),
    )


def left_out(configured: Configured) -> list[str]:
    """The nodes without a reflector, where there are reflectors and no mesh."""
    if configured.mesh_enabled or not configured.reflectors:
        return []
    return sorted(
        node.name
        for node in clients(configured)
        if not served_by(configured, node.name)
        and node.name not in configured.with_externals
        and not any(peer.far_node in configured.reflectors for peer in configured.explicit.get(node.name, ()))
    )


def _serving(configured: Configured) -> list[BGPPeer]:
    """The BGPPeers that join some nodes, not all, with reflectors."""
    return [
        peer
        for peer in configured.resources.bgp_peers
        if peer.node_selector is not None
        and peer.name not in configured.spoiled_peers
        and peer.peer_selector is not None
        and set(configured.matched(peer.peer_selector) or ()) & set(configured.reflectors)
    ]


@cause(
    "node-lost-label",
    title="A node lacks the label that its peers need",
    what="label for peering missing",
    messages={
        "unlabelled": "{nodes} {nodes:has|have} not the label by which a BGPPeer joins the other nodes with the "
        "route reflectors",
    },
    meaning="BGPPeers join nodes with route reflectors by a nodeSelector, and this node has not the label that the "
    "others have: it gets no peer, as a Node does that was made anew. The other nodes are well.",
    evidence="Calico's resources: the labels of the node, and the nodeSelector that matches the others. Certain.",
    look_alikes="selector-matches-wrong-nodes, where most nodes are left out.",
    mending="The label.",
    demos=("node-unlabelled:node5",),
)
@cause(
    "selector-matches-wrong-nodes",
    title="A nodeSelector matches the wrong nodes",
    what="nodeSelector matches wrong nodes",
    messages={
        "no_reflector": "the peerSelector of BGPPeer {peer} matches {far} and none of the route reflectors "
        "{reflectors}: {selector:same}",
        "wrong": "the nodeSelector of BGPPeer {peer} matches {near} and not {left}: {selector:same}",
    },
    meaning="A BGPPeer joins nodes with route reflectors, and its nodeSelector leaves out most of those that it "
    "means: a negation that is missing or too much, or a label of a few nodes. Or its peerSelector matches other "
    "nodes, and no reflector.",
    evidence="Calico's resources: nodes that no reflector serves, and the selector. Certain.",
    look_alikes="node-lost-label, where most nodes have the label and a few lack it.",
    mending="A selector that matches them, tried in the model; kubectl and calicoctl both write it.",
    demos=("selector-narrow",),
)
@also("selector-matches-nothing", "no-peers-configured")
def unselected(case: Case) -> Iterator[Candidate]:
    """Nodes that no BGPPeer joins with a reflector: few lack a label, or a nodeSelector misses most."""
    configured = case.configured
    if configured is None:
        return
    outside = left_out(configured)
    peers = _serving(configured)
    if not outside or not peers:
        return
    for peer in peers:
        if not configured.near.get(peer.name) and (fixes := mend_node_selector(case, peer, outside)):
            yield _wrong_selector(case, configured, peer, outside, fixes)
            return
    asking = [peer for peer in peers if configured.near.get(peer.name)]
    if (like := serve_like(case, asking, outside)) is not None:
        yield _unserved(case, configured, *like, outside)
        return
    served = [node.name for node in clients(configured) if node.name not in outside]
    if len(outside) <= len(served):
        fixes = label_nodes(case, outside, asking)
        if fixes:
            yield _unlabelled(case, configured, outside, asking, fixes)
            return
    ways = [(peer, fixes) for peer in peers if (fixes := mend_node_selector(case, peer))]
    if ways:
        peer, fixes = max(ways, key=lambda way: (way[1][0].restores or 0, way[0].name))
        yield _wrong_selector(case, configured, peer, outside, fixes)


def _unserved(case: Case, configured: Configured, peer: BGPPeer, fixes: tuple[Fix, ...], names: list[str]) -> Candidate:
    return Candidate(
        kind="no-peers-configured",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("some", nodes=names, peer=peer.name),
        explanation="With the mesh off, only BGPPeers give a node peers, and these nodes have labels that none asks "
        "for. There are route reflectors with the same label.",
        confidence=Confidence.CERTAIN,
        explains=aftermath_of(case),
        evidence=(
            *(f"labels of {name}: {configured.nodes[name].labels_text}" for name in names[:_SHOWN]),
            f"BGPPeer {peer.name}: nodeSelector {peer.node_selector}, peerSelector {peer.peer_selector}",
        ),
        fixes=fixes,
    )


def _unlabelled(
    case: Case, configured: Configured, names: list[str], peers: list[BGPPeer], fixes: tuple[Fix, ...]
) -> Candidate:
    return Candidate(
        kind="node-lost-label",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("unlabelled", nodes=names),
        explanation="Calico gives a node only the peers whose nodeSelector matches its labels. A Node that is made "
        "anew has none of the old labels.",
        confidence=Confidence.CERTAIN,
        explains=aftermath_of(case),
        evidence=(
            *(f"labels of {name}: {configured.nodes[name].labels_text}" for name in names[:_SHOWN]),
            *(f"BGPPeer {peer.name}: nodeSelector {peer.node_selector}" for peer in peers[:_SHOWN]),
        ),
        fixes=fixes,
    )


def _wrong_selector(
    case: Case, configured: Configured, peer: BGPPeer, names: list[str], fixes: tuple[Fix, ...]
) -> Candidate:
    near = sorted(configured.near.get(peer.name, ()))
    return Candidate(
        kind="selector-matches-wrong-nodes" if near else "selector-matches-nothing",
        subjects=(about_peer(peer, "spec.nodeSelector"),),
        title=Words("wrong", peer=peer.name, near=near, left=names, selector=peer.node_selector)
        if near
        else Words("node_selector", peer=peer.name, selector=peer.node_selector),
        explanation=f"The route reflectors are there, and no BGPPeer joins {some(names)} with them.",
        confidence=Confidence.CERTAIN,
        explains=aftermath_of(case) | case.of_resource(peer.name, "selector-syntax"),
        evidence=(
            f"nodeSelector: {peer.node_selector}",
            *(f"labels of {name}: {configured.nodes[name].labels_text}" for name in names[:_SHOWN]),
        ),
        fixes=fixes,
    )


@cause(
    "reflectors-not-joined",
    title="Reflectors that serve different nodes do not peer with each other",
    what="reflectors do not peer",
    messages={
        "apart": "the route reflectors {nodes} serve different nodes and do not peer with each other",
        "among": "the route reflectors {nodes} do not peer with each other, and pods on one do not reach those on "
        "another",
        "groups": "the nodes fall into groups that nothing joins over {family:and} ({groups:and}): their reflectors do "
        "not peer with each other, or these are several clusters",
    },
    meaning="Each rack has its reflectors, say, and nothing joins them: the nodes of one rack learn no route of "
    "another. Where all nodes have the same reflectors, only the pods on these are cut off from each other.",
    evidence="Calico's resources: who is served by whom, and that no session joins the reflectors; of pods on them, "
    "their kernels. Certain; without resources groups of nodes whose sessions all stand: possible.",
    look_alikes="reflectors-equal-ids, where they peer and have one cluster ID.",
    mending="A BGPPeer among the reflectors; with equal cluster IDs also IDs of their own, for else they hand on "
    "nothing.",
    demos=("racks-apart",),
)
@cause(
    "reflectors-equal-ids",
    title="Reflectors that serve different nodes have one cluster ID",
    what="reflectors share one cluster ID",
    messages={
        "equal": "the route reflectors {nodes} serve different nodes and have one cluster ID, so they hand on none "
        "of each other's routes",
    },
    meaning="A reflector does not hand its clients a route whose CLUSTER_LIST holds its own cluster ID (RFC 4456, "
    "section 8; BIRD proto/bgp/attrs.c). Two of one ID may only stand beside each other where every client reaches "
    "both.",
    evidence="Calico's resources: who is served by whom, and the cluster IDs. Certain.",
    look_alikes="reflectors-not-joined, where they do not peer at all.",
    mending="A cluster ID of its own for the reflectors of each group of clients.",
    demos=("equal-ids",),
)
def apart(case: Case) -> Iterator[Candidate]:
    """Reflectors that pass on no routes of each other's clients: not joined, or of one cluster ID."""
    configured = case.configured
    findings = case.ids("reflectors-not-joined", "nodes-not-joined")
    if configured is None or not findings or configured.mesh_enabled:
        return
    by_reach: dict[frozenset[str], list[str]] = defaultdict(list)
    for node in clients(configured):
        if reached := served_by(configured, node.name):
            by_reach[reached].append(node.name)
    groups = [one for one in by_reach if any(not one & other for other in by_reach)]
    fixes = join_reflectors(case, groups) if len(groups) > 1 else ()
    if not fixes:
        return
    joined = all(
        any(b in configured.neighbours[a] for a in one for b in other)
        for one, other in combinations(groups, 2)
        if not one & other
    )
    names = sorted({name for group in groups for name in group})
    ids = sorted({str(configured.nodes[name].cluster_id) for name in names})
    shared = len(ids) < len(groups)
    yield Candidate(
        kind="reflectors-equal-ids" if joined else "reflectors-not-joined",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("equal" if joined else "apart", nodes=names),
        explanation="A reflector does not hand its clients a route that carries its own cluster ID (RFC 4456, section "
        "8)."
        if joined
        else "Nothing leads from the clients of one reflector to those of another."
        + (" Their cluster IDs are equal, too: joined, they would still hand on nothing." if shared else ""),
        confidence=Confidence.CERTAIN,
        explains=findings | aftermath_of(case),
        evidence=(
            *(
                f"{some(sorted(by_reach[group]))}: served by {some(sorted(group))}"
                for group in sorted(groups, key=sorted)[:_SHOWN]
            ),
            f"cluster ID{plural(ids)}: {some(ids)}",
        ),
        fixes=fixes,
    )
