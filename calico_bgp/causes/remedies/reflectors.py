"""What gives a cluster its route reflectors back: labels and cluster IDs, a selector that matches, or the mesh.

A cluster ID that is gone is taken from the reflectors that are left, or asked for; it is never invented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from calico_bgp.causes.case import Case
from calico_bgp.causes.reflectors.facts import ids_selected_by, should_select
from calico_bgp.causes.remedies.labels import label_only_of, labels_that_match
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import cured, helping, lossless, tried
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetClusterID, SetFields, SetLabel, SetMesh, Unlabel
from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.expect.configured import Configured
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Fix
from calico_bgp.model.resources import BGPPeer, ResourceKind
from calico_bgp.parse.cluster_id import is_cluster_id, is_plain_cluster_id
from calico_bgp.selector.evaluate import matches

#: The last is the stand-in, which no cluster has: Calico's documentation uses the first addresses of 244.0.0.0/8.
_CLUSTER_ID = Ask(
    "CLUSTER_ID",
    "the cluster ID that the reflectors had, like 244.0.0.1: in your manifests or notes, or any address-like number "
    "that no node uses",
    "244.255.255.254",
)
_WHICH_NODE = "the name of a node that was a route reflector, or is to take its place"
#: Nodes of a mesh that is still offered: Calico's documentation advises against more than about 100.
_MOST_IN_MESH = 250


def give_back(
    case: Case, names: Sequence[str], *, stand_ins: bool = False, unlabel: Sequence[tuple[str, str]] = ()
) -> tuple[Fix, ...]:
    """Label and cluster ID for nodes that should be reflectors, as far as they lack them.

    Args:
        case: The cluster.
        names: Their Nodes.
        stand_ins: Whether they only stand for nodes that are asked for.
        unlabel: (node, label) that is to be taken from other nodes.
    """
    configured = case.configured
    assert configured is not None
    steps: list[Step] = []
    for name in names:
        called: str | Ask[str] = Ask("NODE", _WHICH_NODE, name) if stand_ins else name
        if not configured.nodes[name].cluster_id:
            cluster_id = _cluster_id(configured, name, names)
            words = _told(configured, cluster_id, names) if cluster_id else "that it had"
            steps.append(Step(SetClusterID(called, cluster_id or _CLUSTER_ID), f"give {called} the cluster ID {words}"))
        for key, value in _labels(configured, name).items():
            steps.append(Step(SetLabel(called, key, value), f"give {called} the label {key}={value}"))
    steps += [Step(Unlabel(node, key), f"take the label {key} from {node}") for node, key in unlabel]
    remedy = Remedy(
        f"make {some(list(names))} {'a route reflector' if len(names) == 1 else 'route reflectors'} again",
        tuple(steps),
    )
    return helping(case, remedy)


def _labels(configured: Configured, name: str) -> dict[str, str]:
    """The labels by which the node is found again; none where it is found, or where it is not clear by which one."""
    able = should_select(configured, name)
    if any(name in (configured.matched(peer.peer_selector or "") or ()) for peer in able):
        return {}
    ways = [labels for peer in able if (labels := labels_that_match(configured, peer.peer_selector or "", name))]
    counted = Counter(
        {tuple(sorted(labels.items())): sum(_finds(configured, peer, name, labels) for peer in able) for labels in ways}
    )
    (best, most), *others = counted.most_common(2) or [((), 0)]
    return dict(best) if not any(number == most for _, number in others) else {}


def _finds(configured: Configured, peer: BGPPeer, name: str, labels: dict[str, str]) -> bool:
    parsed = configured.parsed(peer.peer_selector or "")
    return not isinstance(parsed, SelectorSyntaxError) and matches(parsed, dict(configured.nodes[name].labels) | labels)


def _cluster_id(configured: Configured, name: str, names: Sequence[str]) -> str | None:
    """The cluster ID of the reflectors that are selected with it, else of all that are left; None where they differ.

    Only one that everybody takes: what calicoctl or BIRD refuses is not handed on.
    """
    selecting = [p for p in configured.resources.bgp_peers if name in (configured.matched(p.peer_selector or "") or ())]
    selected = {
        next(iter(ids))
        for peer in (selecting or should_select(configured, name))
        if len(ids := ids_selected_by(configured, peer, names)) == 1
    }
    ids_left = selected or {
        configured.nodes[other].cluster_id or "" for other in configured.reflectors if other not in names
    }
    only = ids_left.pop() if len(ids_left) == 1 else ""
    return only if is_plain_cluster_id(only) else None


def _told(configured: Configured, cluster_id: str, names: Sequence[str]) -> str:
    """`244.0.0.1, which node2 has`."""
    having = [
        other
        for other in configured.reflectors
        if configured.nodes[other].cluster_id == cluster_id and other not in names
    ]
    return f"{cluster_id}, which {some(having)} {'has' if len(having) == 1 else 'have'}"


def give_back_to_asked(case: Case) -> tuple[Fix, ...]:
    """Label and cluster ID for nodes that only the operator knows: which were reflectors, nothing here says."""
    configured = case.configured
    assert configured is not None
    able = configured.resources.nodes
    speakers = [node.name for node in able if (node.ipv4 or node.ipv6) and not node.cluster_id]
    # Any node stands for them while the model tries it.
    return tuple(
        fix.model_copy(
            update={"summary": "make nodes reflectors that were such, or take their place; these steps for each"}
        )
        for fix in give_back(case, speakers[:1], stand_ins=True)
    )


def take_cluster_ids(case: Case, names: Sequence[str]) -> tuple[Fix, ...]:
    """Take the cluster IDs of nodes away, which takes them back into the mesh."""
    remedy = Remedy(
        f"take the cluster ID from {some(list(names))}: {'it is' if len(names) == 1 else 'they are'} in the mesh again",
        tuple(Step(SetClusterID(name, None), f"take the cluster ID from {name}") for name in names),
    )
    fix = tried(case, remedy) or lossless(case, remedy)
    return () if fix is None else (fix,)


def write_cluster_id(case: Case, name: str) -> tuple[Fix, ...]:
    """A cluster ID that BIRD takes, in place of one that it refuses."""
    configured = case.configured
    assert configured is not None
    wrong = [node.name for node in configured.resources.nodes if node.cluster_id and not is_cluster_id(node.cluster_id)]
    cluster_id = _cluster_id(configured, name, wrong)
    step = Step(
        SetClusterID(name, cluster_id or _CLUSTER_ID),
        f"give {name} the cluster ID " + (_told(configured, cluster_id, wrong) if cluster_id else "that it is to have"),
    )
    remedy = Remedy(f"give {name} a cluster ID that BIRD takes: it looks like an IPv4 address", (step,))
    fix = cured(case, remedy)
    return () if fix is None else (fix,)


def mend_peer_selector(case: Case, peer: BGPPeer) -> tuple[Fix, ...]:
    """Select the reflectors by a label that all of them have and no other node."""
    configured = case.configured
    assert configured is not None
    selector = label_only_of(configured, frozenset(configured.reflectors))
    if selector is None:
        return ()
    remedy = Remedy(
        f"let BGPPeer {peer.name} select the reflectors by the label that they have: {selector}",
        (
            Step(
                SetFields(ResourceKind.BGP_PEER, peer.name, (("peer_selector", selector),)),
                f"write peerSelector {selector} into BGPPeer {peer.name}",
            ),
        ),
    )
    return helping(case, remedy)


def switch_mesh_on(case: Case) -> tuple[Fix, ...]:
    """The node-to-node mesh again: it needs no reflector, and every node then has a session with every other."""
    configured = case.configured
    assert configured is not None
    size = len(configured.nodes)
    if size > _MOST_IN_MESH:
        return ()
    cost = f"at the cost of {size * (size - 1) // 2} sessions"
    mesh = Step(SetMesh(on=True), "switch the node-to-node mesh on")
    if not configured.reflectors or configured.resources.bgp_peers:
        summary = f"switch the node-to-node mesh on: it works without reflectors, {cost}; switch it off again when "
        remedy = Remedy(f"{summary}the reflectors are back", (mesh,))
    else:
        # A node with a cluster ID is in no mesh, and without a BGPPeer it is alone.
        away = (Step(SetClusterID(name, None), f"take the cluster ID from {name}") for name in configured.reflectors)
        ids = f"take the cluster IDs away, which keep {some(configured.reflectors)} out of it"
        remedy = Remedy(f"switch the node-to-node mesh on, {cost}, and {ids}", (mesh, *away))
    return helping(case, remedy)
