"""`what_if`: changes, and what the cluster is known by, in; the answer out. The one entrance to the what-if."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from calico_bgp.changes.change import Change, RemoveNode, apply, removed_nodes
from calico_bgp.changes.editing import missing_node
from calico_bgp.changes.peer_changes import peer_changes
from calico_bgp.changes.surviving import SurvivingSessions, changed_filters
from calico_bgp.cluster.cluster import Cluster, observe
from calico_bgp.cluster.nodes.identity import Identity
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.errors import ChangeError
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.trouble import Conflict, Refusal
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.network.classes.equal_nodes import expect_without_nodes
from calico_bgp.whatif.kernel_routes import Unwritten, unwritten_routes
from calico_bgp.whatif.risks import Risks
from calico_bgp.whatif.scenario import Scenario, from_both, from_observed, from_resources
from calico_bgp.whatif.unchanged import Unchanged
from calico_bgp.whatif.verdict import Basis, WhatIf, assumptions_of, judge_family

#: So many sentences of one kind are told.
_SHOWN = 3


def what_if(known: Resources | Snapshot, changes: Sequence[Change], *, version: CalicoVersion | None = None) -> WhatIf:
    """What changes would do to a cluster: who would lose whose routes, now and once everything has come up.

    Args:
        known: The cluster as its resources mean it, every session taken as Established; or as it was read.
        changes: In order.
        version: Of Calico; None for what the nodes say, else the newest known.

    Raises:
        ChangeError: A change names something that is not there, or there is no node.
    """
    if isinstance(known, Resources):
        return what_if_resources(known, changes, version=version or NEWEST)
    return what_if_observed(observe(known, version=version), changes)


def what_if_resources(resources: Resources, changes: Sequence[Change], *, version: CalicoVersion = NEWEST) -> WhatIf:
    """What changes would do to a cluster that is known by its resources alone: every expected session is Established.

    Args:
        resources: As they are.
        changes: In order.
        version: Of Calico.

    Raises:
        ChangeError: A change names something that is not there, or there is no node.
    """
    if not resources.nodes:
        raise ChangeError("there is no Node in these resources, so nobody has a peer; give the nodes, too")
    before, after = _expected(resources, changes, version)
    removed, replaced = _gone(changes, after)
    scenarios = from_resources(Unchanged(before), after, removed, replaced)
    return _answer(changes, removed, Basis.RESOURCES, scenarios, expectations=(before, after))


def what_if_unchanged(
    before: Unchanged, changes: Sequence[Change], after: Expectation, surviving: SurvivingSessions
) -> WhatIf:
    """The same for one of many questions about one cluster: what it is without the changes is worked out once.

    Args:
        before: The cluster as its resources make it.
        changes: In order.
        after: What Calico would configure with them.
        surviving: Which sessions survive them.
    """
    removed, replaced = _gone(changes, after)
    scenarios = from_resources(before, after, removed, replaced, surviving)
    expectations = (before.expectation, after)
    return _answer(changes, removed, Basis.RESOURCES, scenarios, expectations=expectations, now=before.risks)


def _expected(now: Resources, changes: Sequence[Change], version: CalicoVersion) -> tuple[Expectation, Expectation]:
    """What Calico configures, and would configure. Where nodes only go, a few of those that are alike are looked at."""
    then, removed = apply(now, changes), removed_nodes(changes)
    if then == now.without_nodes(removed):
        both = expect_without_nodes(now, removed, version)
        if both is not None:
            return both
    return expect(now, version=version), expect(then, version=version)


def what_if_observed(cluster: Cluster, changes: Sequence[Change]) -> WhatIf:
    """What changes would do to a cluster that was looked at, with Calico's resources or without.

    Args:
        cluster: What was observed. Where it has resources, they say what will be.
        changes: In order. Without resources nodes can be removed, nothing else.

    Raises:
        ChangeError: A change names something that is not there, or needs resources.
    """
    before = cluster.expectation
    if before is not None and before.resources.nodes:
        after = expect(apply(before.resources, changes), version=before.version)
        removed, replaced = _gone(changes, after)
        scenarios = from_both(cluster, after, removed, replaced)
        unknown = _unobserved(cluster, removed)
        return _answer(changes, removed, Basis.BOTH, scenarios, unknown=unknown, expectations=(before, after))
    for change in changes:
        if not isinstance(change, RemoveNode):
            raise ChangeError(f"to {change} needs Calico's resources: add --resources PATH")
        if change.node not in cluster.by_name:
            raise ChangeError(missing_node(change.node, cluster.by_name))
    removed = removed_nodes(changes)
    return _answer(
        changes, removed, Basis.OBSERVED, from_observed(cluster, removed), unknown=_unobserved(cluster, removed)
    )


def _gone(changes: Sequence[Change], after: Expectation) -> tuple[frozenset[str], frozenset[str]]:
    """(nodes that are removed, nodes that are removed and come back by a later change)."""
    removed = removed_nodes(changes)
    back = removed.intersection(after.resources.nodes_by_name)
    return removed - back, back


def _answer(
    changes: Sequence[Change],
    removed: frozenset[str],
    basis: Basis,
    scenarios: tuple[Scenario, ...],
    *,
    unknown: Iterable[str] = (),
    expectations: tuple[Expectation, Expectation] | None = None,
    now: Mapping[Family, Risks] | None = None,
) -> WhatIf:
    unwritten: tuple[Unwritten, ...] = ()
    families = tuple(judge_family(s, removed, (now or {}).get(s.before.family)) for s in scenarios)
    if expectations is not None:
        unknown = (*unknown, *_undetermined(*expectations, removed))
        unwritten = tuple(unwritten_routes(*expectations))
        # Of a single node nobody loses a way.
        is_used = any(family.pairs for family in families)
        unknown = (*unknown, *(each.text for each in unwritten if not (each.is_certain and is_used)))
        unwritten = tuple(each for each in unwritten if each.is_certain and is_used)
    return WhatIf(
        changes=tuple(map(str, changes)),
        removed=tuple(sorted(removed)),
        basis=basis,
        families=families,
        peers=None if expectations is None else peer_changes(*expectations, removed),
        unknown=tuple(dict.fromkeys(unknown)),
        assumptions=assumptions_of(scenarios),
        broken=tuple(each.text for each in unwritten),
    )


# What keeps the answer from being certain


def _unobserved(cluster: Cluster, removed: frozenset[str]) -> Iterator[str]:
    """What could not be looked at. A node that was not read may know sessions that nobody else shows."""
    if cluster.shape.kind is TopologyKind.NO_BGP:
        yield "BIRD runs on no node, so that nothing was seen of any routes"
    failure = cluster.snapshot.resources_failure
    if failure is not None:
        yield f"Calico's resources were asked for and could not be read from {failure.host}: {failure.message}"
    if cluster.snapshot.limited:
        yield "only some of the hosts were looked at (--limit), and what the others lose is not known"
    unread = [m.name for m in cluster.members if m.name not in removed and _is_unread(m, cluster.families)]
    if unread:
        yield f"not read, or only in part: {some(unread)}"
    resources = cluster.snapshot.resources
    knows_nodes = resources is not None and bool(resources.nodes)
    if resources is not None and not knows_nodes:
        yield "there is no Node in Calico's resources, so that they say nothing about anyone's peers"
    strangers = [] if knows_nodes else list(_strangers(cluster.identity))
    if strangers:
        names = some(strangers)
        yield f"neighbours that are no known node, and may lose routes: {names}; Calico's resources say which are nodes"


def _strangers(identity: Identity) -> Iterator[str]:
    """The addresses that no known node can have: those of forgotten nodes, or of switches."""
    for family in Family:
        if len(identity.unclaimed[family]) > len(identity.unplaced[family]):
            yield from map(str, identity.unclaimed[family])


def _is_unread(member: Member, families: Sequence[Family]) -> bool:
    silent = (Table.UNKNOWN, Table.UNREACHABLE, Table.PART)
    return member.reading is None or any(member.table(family) in silent for family in families)


def _undetermined(before: Expectation, after: Expectation, removed: frozenset[str]) -> Iterator[str]:
    """Where Calico's resources do not come to one thing, or to something that is not worked out."""
    yield from _few([_refused(r, "refuses") for r in before.refusals if r.node not in removed])
    old = {(refusal.node, refusal.name) for refusal in before.refusals}
    yield from _few([_refused(r, "would refuse") for r in after.refusals if (r.node, r.name) not in old])
    yield from _few([_contradicted(c) for c in (*before.conflicts, *after.conflicts) if _concerns(c, removed)])
    filter_names = {bgp_filter.name for bgp_filter in after.resources.bgp_filters}
    peers = {peer.name: peer for peer in after.resources.bgp_peers}
    for name in changed_filters(before, after):
        if missing := [each for each in peers[name].filters if each not in filter_names]:
            yield f"BGPPeer {name} would have BGPFilter {missing[0]}, which was not given"


def _refused(refusal: Refusal, word: str) -> str:
    return (
        f"BIRD on {refusal.node} {word} its {refusal.family.label} configuration and keeps the one before"
        f" ({refusal.name}: {refusal.why})"
    )


def _contradicted(conflict: Conflict) -> str:
    peer_names = ", ".join(conflict.bgp_peers)
    fields = ", ".join(conflict.fields)
    return (
        f"the BGPPeers {peer_names} define the peer {conflict.address} of {conflict.node or 'every node'} differently"
        f" ({fields}), and which of them counts is not determined"
    )


def _concerns(conflict: Conflict, removed: frozenset[str]) -> bool:
    return conflict.node is None or conflict.node not in removed


def _few(sentences: list[str]) -> Iterator[str]:
    distinct = list(dict.fromkeys(sentences))
    yield from distinct[:_SHOWN]
    if len(distinct) > _SHOWN:
        yield f"and the like {len(distinct) - _SHOWN} times more; the lint explains them"
