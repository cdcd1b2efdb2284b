"""Cause: a node of a mesh that has a routeReflectorClusterID, which takes it out of the mesh. Only by resources."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.reflectors.facts import asks_for_reflectors
from calico_bgp.causes.remedies.reflectors import take_cluster_ids
from calico_bgp.messages.declared import Words
from calico_bgp.messages.merging import names_of
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject


@cause(
    "stray-cluster-id",
    title="A node of the mesh has a cluster ID, as only route reflectors have",
    what="cluster ID outside of reflectors",
    messages={
        "stray": "{nodes} {nodes:has|have} a routeReflectorClusterID, so that nobody in the mesh peers with "
        "{nodes:it|them}, and no BGPPeer does",
    },
    meaning="A routeReflectorClusterID takes a node out of the mesh, on both sides. Without a BGPPeer that joins it "
    "with any node its pods are cut off (bgp_processor.go processMeshPeers).",
    evidence="The mesh is on, no BGPPeer has a peerSelector, and the node has a cluster ID. Certain.",
    look_alikes="reflector-lost-label, where BGPPeers select the reflectors by a label that the node lacks.",
    mending="The cluster ID away from the node, which takes it back into the mesh.",
    no_demo="No demo shows it: the lab's meshes have no cluster IDs.",
)
def stray_cluster_id(case: Case) -> Iterator[Candidate]:
    """All such nodes together."""
    configured = case.configured
    for finding in case.of("cluster-id-without-peers"):
        assert configured is not None
        if not configured.mesh_enabled or asks_for_reflectors(configured):
            return
        nodes = sorted(names_of(finding) & configured.nodes.keys())
        names = [case.cluster.name_of_node(node) for node in nodes]
        explains = {finding.id}
        for name in names:
            explains |= case.of_node(name, "isolated-node", "family-without-peers", "reflector-role-lost")
        yield Candidate(
            kind="stray-cluster-id",
            subjects=tuple(NodeSubject(node=name) for name in names),
            title=Words("stray", nodes=names),
            explanation="Calico takes a node with a cluster ID for a route reflector, which is in no mesh; the others "
            "have no peer for it.",
            confidence=Confidence.CERTAIN,
            explains=frozenset(explains),
            evidence=tuple(f"{node}: routeReflectorClusterID {configured.nodes[node].cluster_id}" for node in nodes),
            fixes=take_cluster_ids(case, nodes),
        )
