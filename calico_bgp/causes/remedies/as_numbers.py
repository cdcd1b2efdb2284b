"""What fixes AS numbers that contradict each other in Calico's resources: each way is tried in the model first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import helping
from calico_bgp.changes.change import SetFields
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.words import some
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.reports.cause import Fix
from calico_bgp.model.resources import ResourceKind


def as_fixes(case: Case, node: str | None, keys: Collection[SessionKey]) -> tuple[Fix, ...]:
    """The ways that help, by what the model says; the node that stands alone is changed rather than its peers.

    Args:
        case: A cluster whose resources contradict each other.
        node: The member that stands alone.
        keys: The sessions.
    """
    by_what = {step.what: step for step in (*_of_bgp_peers(case, keys), *_of_nodes(case, node, keys))}
    return tuple(fix for what, step in by_what.items() for fix in helping(case, Remedy(what, (step,))))


def group_fixes(case: Case, *groups: Sequence[str]) -> tuple[Fix, ...]:
    """Take the AS numbers of their own from all nodes of a group, so that they have the cluster's."""
    resources = case.resources
    assert resources is not None
    fixes: list[Fix] = []
    for names in groups:
        own = [
            node
            for node in resources.nodes
            if case.cluster.name_of_node(node.name) in names and node.as_number not in {None, resources.as_number}
        ]
        remedy = Remedy(
            summary=f"take the AS numbers of their own from {some([node.name for node in own])}, so that they have "
            f"{resources.as_number}",
            steps=tuple(
                _of_node(node.name, None, f"take the AS number {node.as_number} from {node.name}") for node in own
            ),
        )
        fixes += helping(case, remedy)
    return tuple(fixes)


def _disagreeing(case: Case, keys: Collection[SessionKey]) -> Iterator[tuple[ExpectedPeer, ExpectedPeer]]:
    """(peer, opposite peer) of which the first expects another AS than the second has."""
    for key in sorted(keys):
        peers = case.cluster.expected_peers.get(key, ())
        for one in peers:
            for other in peers:
                if one.node != other.node and one.peer_as != other.local_as:
                    yield one, other


def _of_bgp_peers(case: Case, keys: Collection[SessionKey]) -> Iterator[Step]:
    """Write into the BGPPeer what the far end has; or leave out its localASNumber."""
    resources = case.resources
    assert resources is not None
    by_name = {peer.name: peer for peer in resources.bgp_peers}
    for one, other in _disagreeing(case, keys):
        for because in (*one.because, *other.because):
            peer = by_name.get(because.name) if because.kind == "BGPPeer" else None
            if peer is None or peer.peer_ip is None:
                continue
            if peer.as_number == one.peer_as and peer.as_number != other.local_as:
                yield Step(
                    SetFields(ResourceKind.BGP_PEER, peer.name, (("as_number", other.local_as),)),
                    f"write asNumber {other.local_as}, the AS of {other.node}, into BGPPeer {peer.name}",
                )
            if peer.local_as_number:
                yield Step(
                    SetFields(ResourceKind.BGP_PEER, peer.name, (("local_as_number", None),)),
                    f"take localASNumber out of BGPPeer {peer.name}: it is for peers outside the cluster",
                )


def _of_nodes(case: Case, node: str | None, keys: Collection[SessionKey]) -> Iterator[Step]:
    """Take a node's own AS away, or give it the one that is expected of it."""
    resources = case.resources
    assert resources is not None
    for one, other in _disagreeing(case, keys):
        for name in sorted({one.node, other.node}, key=lambda name: (case.cluster.name_of_node(name) != node, name)):
            own_node = resources.nodes_by_name[name]
            if own_node.as_number not in {None, resources.as_number}:
                yield _of_node(
                    name,
                    None,
                    f"take the AS number {own_node.as_number} from {name}, so that it has {resources.as_number}",
                )
        if one.peer_as:
            yield _of_node(
                other.node,
                one.peer_as,
                f"give {other.node} the AS number {one.peer_as}, which {one.node} expects of it",
            )


def _of_node(name: str, number: int | None, what: str) -> Step:
    return Step(SetFields(ResourceKind.NODE, name, (("as_number", number),)), what)


def as_of_the_cluster(case: Case, names: Sequence[str]) -> tuple[Fix, ...]:
    """Take the AS number of their own from some Nodes, so that they have the cluster's; only where that helps."""
    assert case.configured is not None
    nodes = case.configured.nodes
    steps = tuple(
        _of_node(name, None, f"take the AS number {nodes[name].as_number} from {name}")
        for name in names
        if nodes[name].as_number is not None
    )
    remedy = Remedy(f"take the AS number of its own from {some(names)}: then the cluster's counts", steps)
    return helping(case, remedy)
