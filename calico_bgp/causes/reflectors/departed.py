"""Causes about reflectors that are gone: installed anew, left the cluster, or all of them with the mesh off.

Which nodes they were `role=reflector` in the inventory says; a new Node object has none of the old one's labels and
annotations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.network.unplaced import may_be_off
from calico_bgp.causes.reflectors.facts import (
    aftermath_of,
    asking_in_vain,
    asks_for_reflectors,
    is_selected,
    listed_reflectors,
)
from calico_bgp.causes.remedies.reflectors import give_back, give_back_to_asked, switch_mesh_on
from calico_bgp.causes.remedies.resources import GIVE_RESOURCES
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.expect.configured import Configured
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_RESOURCES_LINE
from calico_bgp.messages.words import some
from calico_bgp.model.inventory import Role
from calico_bgp.model.reports.cause import Confidence, Decision
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject


@cause(
    "reflector-reinstalled",
    title="A route reflector was installed anew",
    what="reflector installed anew",
    messages={
        "anew": "{nodes} lost label and cluster ID, as a node does that was installed anew",
    },
    meaning="A node comes back with the same name and a new Node object: the label by which BGPPeers select it and "
    "the annotation projectcalico.org/RouteReflectorClusterID are gone with the old one. It is a client like any "
    "other then, or, with the mesh off and no reflector left, nobody's peer.",
    evidence="`role=reflector` in the inventory against Calico's resources. Certain.",
    look_alikes="Somebody who took label and ID away on purpose: then the inventory is out of date.",
    mending="Label and cluster ID.",
    demos=("reinstalled:node1", "replaced:node1"),
    aftermath="a reflector is missing",
)
def reinstalled(case: Case) -> Iterator[Candidate]:
    """Nodes that the inventory calls reflectors and that have no cluster ID any more."""
    configured = case.configured
    if configured is None:
        return
    if not configured.reflectors and asking_in_vain(configured):
        return  # no reflector is left at all: see none_left
    if configured.mesh_enabled and not configured.resources.bgp_peers:
        return  # no resource asks for reflectors: the inventory is newer than the cluster, or older
    reflectors = listed_reflectors(case)
    plain = [name for name, node in reflectors.items() if node is not None and not configured.nodes[node].cluster_id]
    plain = sorted(name for name in plain if not is_selected(configured, reflectors[name] or ""))
    if plain:
        names = [reflectors[name] or name for name in plain]
        yield Candidate(
            kind="reflector-reinstalled",
            subjects=tuple(NodeSubject(node=name) for name in plain),
            title=Words("anew", nodes=plain),
            explanation="The inventory says role=reflector; to Calico the node is a client like any other. A new Node "
            "object has neither the label nor the annotation of the old one."
            + ("" if configured.reflectors else " No route reflector is left."),
            confidence=Confidence.CERTAIN,
            explains=aftermath_of(case),
            evidence=tuple(f"{name}: role=reflector in the inventory, no routeReflectorClusterID" for name in plain),
            fixes=give_back(case, names),
        )


@cause(
    "reflector-removed",
    title="A route reflector left the cluster",
    what="reflector left the cluster",
    messages={
        "left": "{nodes} left the cluster{replaced}{last}{perhaps}",
        "replaced": ", replaced by {fresh}, which {fresh:is no route reflector|are no route reflectors}",
        "last": "; no route reflector is left",
        "perhaps": ": perhaps {nodes:it was a|one of them was a} route reflector",
    },
    meaning="Its Node is gone from the datastore and the host does not answer. A new node in its place has another "
    "name, and neither label nor cluster ID.",
    evidence="A host of the inventory that Calico's resources do not name and that could not be read. Certain with "
    "`role=reflector` in the inventory; else likely where no reflector is left, and possible where some are.",
    look_alikes="A node that was never a reflector and left: then a reflector is missing for another reason.",
    mending="Another node as route reflector; or the mesh.",
    demos=("reflector-removed:node1",),
    aftermath="a reflector is missing",
)
def removed(case: Case) -> Iterator[Candidate]:
    """Hosts that the inventory lists, that Calico does not know any more, and that do not answer."""
    configured = case.configured
    listed_roles = listed_reflectors(case)
    absent = _absent_hosts(case, listed_roles.keys())
    if configured is None or not absent or not _lacks_reflectors(configured, absent, listed_roles.keys()):
        return
    sure = bool(listed_roles)
    fresh = _replacements(case, configured, len(absent))
    of_nodes = frozenset(
        f for name in absent for f in case.of_node(name, "node-unreadable", "isolated-node", "not-a-node")
    )
    of_fresh = case.ids("node-not-listed") if fresh else frozenset()
    # A jump host in the inventory looks the same: without a role this is a guess, and less likely beside reflectors.
    guess = Confidence.POSSIBLE if configured.reflectors else Confidence.LIKELY
    yield Candidate(
        kind="reflector-removed",
        subjects=tuple(NodeSubject(node=name) for name in absent),
        title=Words(
            "left",
            nodes=absent,
            replaced=Words("replaced", fresh=fresh) if fresh else None,
            last=None if configured.reflectors else Words("last"),
            perhaps=None if sure else Words("perhaps", nodes=absent),
        ),
        explanation=f"{'The host is' if len(absent) == 1 else 'The hosts are'} in the inventory and could not be read, "
        "and Calico's resources name no such node any more. Nobody took its place as route reflector."
        + ("" if sure else " The inventory says role=reflector of no host, so which ones were is not known."),
        confidence=Confidence.CERTAIN if sure else guess,
        explains=aftermath_of(case) | of_nodes | of_fresh,
        evidence=(
            *(
                f"{name}: in the inventory{', role=reflector' if name in listed_roles else ''}, no Node"
                for name in absent
            ),
            f"route reflectors left: {some(configured.reflectors) if configured.reflectors else 'none'}",
        ),
        decide=() if sure else (_is_it_gone(absent),),
        fixes=(
            *give_back(case, fresh),
            *(switch_mesh_on(case) if not configured.reflectors else ()),
            *(() if fresh else give_back_to_asked(case)),
        ),
    )


def _absent_hosts(case: Case, listed_roles: AbstractSet[str]) -> list[str]:
    """Hosts of the inventory that may have left the cluster, unless all of them may have."""
    absent = sorted(member.name for member in case.cluster.members if _may_have_left(member, listed_roles))
    listed = sum(member.host is not None for member in case.cluster.members)
    return absent if len(absent) < listed else []


def _lacks_reflectors(configured: Configured, absent: Collection[str], listed_roles: AbstractSet[str]) -> bool:
    """Whether the resources ask for reflectors, and one is missing by the inventory, or fewer than two are left."""
    is_one_missing = len(configured.reflectors) < 2 or not listed_roles.isdisjoint(absent)
    return is_one_missing and asks_for_reflectors(configured)


def _is_it_gone(names: list[str]) -> Decision:
    return decision(
        "kubectl get nodes",
        None,
        (f"{some(names)} in it", "the resources given are old: get them anew"),
        ("not in it", f"{some(names)} left, or never was a node: was it a route reflector?"),
    )


def _may_have_left(member: Member, reflectors: AbstractSet[str]) -> bool:
    """Whether a host of the inventory has no Node and gave no answer; where reflectors are named, only one of them."""
    if member.host is None or member.resource is not None or member.reading is not None:
        return False
    if reflectors:
        return member.name in reflectors
    return member.failure is not None and may_be_off(member.failure)


def _replacements(case: Case, configured: Configured, most: int) -> list[str]:
    """The nodes that came in the place of those that left: without a cluster ID, and not in the inventory."""
    fresh = sorted(
        member.name
        for member in case.cluster.members
        if member.is_unlisted and member.name in configured.nodes and not configured.nodes[member.name].cluster_id
    )
    # An inventory that does not list all nodes says nothing of those that it lacks.
    return [] if case.cluster.snapshot.limited or len(fresh) > most else fresh


@cause(
    "no-reflector-left",
    title="No route reflector is left and the mesh is off",
    what="no reflector left, mesh off",
    messages={
        "none_left": "no route reflector is left and the node-to-node mesh is off: no node has a peer{known}",
        "known": "; {nodes} {nodes:was one|were reflectors}",
        "by_tables": "no node has a peer: the node-to-node mesh is off and {nodes} {nodes:reflects|reflect} no more, "
        "or no BGPPeer joins the others with {nodes:it|them}",
        "by_tables_unknown": "no node has a peer: the node-to-node mesh is off and no reflector is left",
    },
    meaning="BGPPeers ask for reflectors that no node is, and no other peers exist: BIRD runs everywhere without a "
    "peer, withdraws all routes, and calico-node is ready all the same. A Node object that is made anew has none of "
    "the old labels and annotations.",
    evidence="Calico's resources: no cluster ID, peerSelectors that match nothing, nodeToNodeMeshEnabled: false. "
    "Certain.",
    look_alikes="reflector-reinstalled says which nodes they were, where the inventory knows.",
    mending="Label and cluster ID for the nodes that were reflectors, or the mesh.",
    demos=("reinstalled",),
)
def none_left(case: Case) -> Iterator[Candidate]:
    """No node has a cluster ID, the mesh is off, and BGPPeers ask for reflectors that are not there."""
    configured = case.configured
    if configured is None or configured.reflectors or configured.mesh_enabled or not asks_for_reflectors(configured):
        return
    empty = asking_in_vain(configured)
    if not empty or any(configured.expectation.peers.values()):
        return
    reflectors = sorted(node for node in listed_reflectors(case).values() if node is not None)
    yield Candidate(
        kind="no-reflector-left",
        subjects=tuple(NodeSubject(node=name) for name in reflectors) or (ClusterSubject(),),
        title=Words("none_left", known=Words("known", nodes=reflectors) if reflectors else None),
        explanation=f"BGPPeer {empty[0].name} asks for nodes that match {empty[0].peer_selector}; none does, and none "
        "has a cluster ID. That is how it looks when all of them were installed anew: labels and annotations of a Node "
        "go with it.",
        confidence=Confidence.CERTAIN,
        explains=aftermath_of(case),
        evidence=(
            "nodeToNodeMeshEnabled: false",
            f"BGPPeer {empty[0].name}: peerSelector {empty[0].peer_selector} matches no node",
            f"routeReflectorClusterID: on none of {len(configured.nodes)} nodes",
        ),
        fixes=(
            *give_back(case, reflectors),
            *switch_mesh_on(case),
            *(() if reflectors else give_back_to_asked(case)),
        ),
    )


@also("no-reflector-left")
def none_left_by_tables(case: Case) -> Iterator[Candidate]:
    """No node has a peer, and nobody gave the resources: what the inventory calls reflectors reflects nothing."""
    if case.configured is not None:
        return
    names = sorted(m.name for m in case.cluster.members if m.host is not None and m.host.role is Role.REFLECTOR)
    for finding in (each for each in case.of("no-peers-anywhere") if each.severity is Severity.ERROR):
        yield Candidate(
            kind="no-reflector-left",
            subjects=tuple(NodeSubject(node=name) for name in names) or (ClusterSubject(),),
            title=Words("by_tables", nodes=names) if names else Words("by_tables_unknown"),
            explanation="BIRD runs and has nobody to talk to, so Calico asks for no peer anywhere. That is what is "
            "left when route reflectors lose their labels and cluster IDs, as nodes do that are installed anew.",
            confidence=Confidence.POSSIBLE,
            explains=frozenset({finding.id}) | aftermath_of(case),
            evidence=tuple(f"{name}: role=reflector in the inventory, no peers" for name in names) or finding.evidence,
            decide=(
                decision(
                    LOOK_AT_RESOURCES_LINE,
                    None,
                    ("a peerSelector that matches no node", "these nodes lack that label, and a cluster ID"),
                    ("no BGPPeer, and nodeToNodeMeshEnabled: false", "switch the mesh on, or add the BGPPeers"),
                ),
            ),
            fixes=(GIVE_RESOURCES,),
        )
