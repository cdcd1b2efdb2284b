"""The way back, from reflectors to a mesh: the mesh on first, the reflectors into it one by one, the first one last.

A reflector that leaves the cluster instead loses nothing that counts, and the others have their routes by the mesh.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from calico_bgp.changes.change import SetClusterID, SetMesh, Unlabel
from calico_bgp.changes.editing import missing_node
from calico_bgp.errors import ChangeError, SelectorSyntaxError
from calico_bgp.expect.engine import Expectation
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.messages.words import listed
from calico_bgp.model.resources import BGPPeer, CalicoNode, Resources
from calico_bgp.plan.builder import Builder, delete_peers, planned, troubles
from calico_bgp.plan.joining_steps import leave_cluster
from calico_bgp.plan.plan import Action, Goal, Plan
from calico_bgp.plan.reflectors import FLAP, PEERS_NAME, TOGETHER_NAME
from calico_bgp.routes.network.classes.equal_nodes import expect_representatives
from calico_bgp.selector.parser import parse_selector
from calico_bgp.selector.tree import Test, TestKind, labels_of

#: Labels that are Kubernetes' own; nobody takes them away to change BGP.
_FOREIGN = ("kubernetes.io/", "k8s.io/")


def plan_mesh(resources: Resources, *, leaving: Sequence[str] = (), version: CalicoVersion = NEWEST) -> Plan:
    """Plan the way from route reflectors to a mesh of all nodes.

    Args:
        resources: As they are.
        leaving: Reflectors that leave the cluster instead of going into the mesh; they are the last to go.
        version: Of Calico.

    Raises:
        ChangeError: There is no node, or one that is to leave is no reflector.
    """
    if not resources.nodes:
        raise ChangeError("there is no Node in these resources, so there is no mesh; give the nodes, too")
    expectation = expect_representatives(resources, version)
    problems = troubles(expectation)
    if problems:
        return Plan(Goal.MESH, (), None, None, (), resources, resources, problems=problems)
    _check_leaving(leaving, resources)
    return planned(lambda few: _plan(expectation, leaving, few=few))


def _plan(expectation: Expectation, leaving: Sequence[str], *, few: bool) -> Plan:
    """All steps, judged.

    Args:
        expectation: Of the resources as they are.
        leaving: As above.
        few: Whether of nodes that are equal, and are no reflectors, two are enough to look at.
    """
    resources = expectation.resources
    reflectors = {node.name: node for node in resources.nodes if node.cluster_id is not None}
    builder = Builder(resources, expectation.version, reflectors.keys() if few else None)
    if not resources.mesh_enabled:
        builder.add(
            "Turn the mesh on",
            "The nodes that are no reflectors peer with one another, beside their sessions with the reflectors.",
            [SetMesh(on=True)],
        )
    to_reflectors = _to_addresses(resources, reflectors)
    by_label = _by_label(expectation, reflectors)
    remaining = _last_one_first(reflectors, to_reflectors, leaving)
    while remaining:
        name = remaining.pop()
        if name in leaving:
            # Also those to it: nobody answers there any more.
            by_address = {peer for peer, ends in to_reflectors.items() if name in ends}
            leave_cluster(builder, name, delete_peers([p for p in builder.resources.bgp_peers if p.name in by_address]))
        else:
            actions = _make_client(builder.resources, reflectors[name], to_reflectors, by_label)
            _take_back(builder, name, remaining, actions)
    _delete_for_reflectors(builder, by_label)
    return Plan(Goal.MESH, (), None, None, tuple(builder.steps), resources, builder.resources)


def _last_one_first(
    reflectors: Collection[str], to_reflectors: Mapping[str, tuple[str | None, str]], leaving: Collection[str]
) -> list[str]:
    """The reflectors, the last to go first: those that leave, then those that most peers by address start from."""
    peers_by_address = Counter(near for near, _ in to_reflectors.values())
    return sorted(reflectors, key=lambda name: (name not in leaving, -peers_by_address[name], name))


def _take_back(builder: Builder, name: str, remaining: list[str], actions: Sequence[Action]) -> None:
    """Add the steps that make a reflector a node of the mesh, while the remaining reflectors hold its routes."""
    low, high = FLAP
    builder.add_around(
        name,
        f"Take {name} back into the mesh",
        f"{name} then peers with every node by the mesh. Until these sessions are up, "
        f"{listed(remaining)} {'holds' if len(remaining) == 1 else 'hold'} its routes."
        if remaining
        else "Its sessions are those of the mesh then.",
        f"{name} then peers with every node by the mesh, and all its sessions start again. Until they are up, the "
        f"routes to and from {name} are gone ({low} to {high} seconds by measurement; longer if the commands are "
        "not given at once). No other route is touched.",
        actions,
    )


def _delete_for_reflectors(builder: Builder, by_label: Sequence[BGPPeer]) -> None:
    """Add the step that deletes the BGPPeers by label."""
    builder.add(
        "Delete the BGPPeers for reflectors",
        "They match no node any more."
        if not any(selected.far for selected in builder.expectation.selected if selected.peer in by_label)
        else "They still match nodes by a label that is not this program's to take away. Their sessions end.",
        delete_peers(by_label),
    )


def _make_client(
    resources: Resources, node: CalicoNode, to_reflectors: Mapping[str, tuple[str | None, str]], by_label: list[BGPPeer]
) -> list[Action]:
    """All that makes one reflector a node like the others."""
    here = {peer.name: peer for peer in resources.bgp_peers}
    own = [here[name] for name, (near, far) in to_reflectors.items() if name in here and _goes(near, far, node.name)]
    labels = {key for peer in by_label for key in _labels(peer) if node.label(key) is not None}
    return [
        *delete_peers(own),
        *(Unlabel(node.name, key) for key in sorted(labels)),
        SetClusterID(node.name, None),
    ]


def _check_leaving(leaving: Sequence[str], resources: Resources) -> None:
    for name in leaving:
        node = resources.nodes_by_name.get(name)
        if node is None:
            raise ChangeError(missing_node(name, resources.nodes_by_name))
        if node.cluster_id is None:
            raise ChangeError(f"{name} is no reflector: it needs no plan to leave; drain-check says whether it may")


def _goes(near: str | None, far: str, name: str) -> bool:
    """Whether a BGPPeer by address goes with a reflector: one from it to other reflectors, or from others to it."""
    return near == name or (near is None and far == name)


def _to_addresses(resources: Resources, reflectors: Mapping[str, CalicoNode]) -> dict[str, tuple[str | None, str]]:
    """BGPPeer from or to a reflector, by address → (the reflector at its near end, None for others; the far node)."""
    by_text = {str(a): node.name for node in resources.nodes for a in node.addresses}
    ends_of = {}
    for peer in resources.bgp_peers:
        far = None if peer.peer_ip is None else by_text.get(parse_peer_ip(peer.peer_ip).host)
        near = peer.node if peer.node in reflectors and peer.node_selector is None else None
        if far is not None and peer.peer_selector is None and (near is not None or far in reflectors):
            ends_of[peer.name] = (near, far)
    return ends_of


def _by_label(expectation: Expectation, reflectors: Mapping[str, CalicoNode]) -> list[BGPPeer]:
    """The BGPPeers whose far ends are reflectors and nobody else, and a plan's own that match nobody yet."""
    own = (PEERS_NAME, TOGETHER_NAME)
    return [
        selected.peer
        for selected in expectation.selected
        if selected.peer.peer_selector is not None and reflectors.keys() >= set(selected.far)
        if selected.far or selected.peer.name in own
    ]


def _labels(peer: BGPPeer) -> set[str]:
    """The labels whose loss takes a node out of the far ends of a BGPPeer."""
    try:
        selector = parse_selector(peer.peer_selector or "")
    except SelectorSyntaxError:
        return set()
    kinds = {TestKind.HAS, TestKind.EQUALS, TestKind.IN}
    if not all(isinstance(step, Test) and step.kind in kinds for step in selector.steps):
        return set()
    return {key for key in labels_of(selector) if not any(foreign in key for foreign in _FOREIGN)}
