"""Causes in what BGPFilters and IPPools keep back: all sessions stand, and the routes of pods do not get through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from calico_bgp.causes.candidate import Candidate, Detail
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.remedies.filters import drop_filter, export_pool
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.routes.held_back import HeldBack, held_back
from calico_bgp.routes.observed.needed import pods_need

#: The rule that sees it.
_SEEN = "routes-held-back"
#: What it means that an IPPool is not exported.
NOT_EXPORTED = (
    "BIRD announces no block of the pool to any peer, and its pods reach only those of their own node, for nobody but "
    "BIRD programs their routes."
)


@cause(
    "filter-rejects-routes",
    title="A BGPFilter rejects pods' routes",
    what="BGPFilter rejects pods' routes",
    messages={
        "rejects": "BGPFilter {name} rejects {blocks:and} over {family:and}",
        "rejects-together": "BGPFilter {name} and others reject {blocks:and} over {family:and}",
    },
    meaning="A rule of a BGPFilter that a BGPPeer names rejects the blocks of pods, at export or at import, and BIRD "
    "looks at nothing that follows. The sessions are Established all the same. Often a list of what is allowed ends "
    "in Reject and forgets the pods. Source: confd/pkg/resource/template/template_funcs.go.",
    evidence="Calico's resources: the rule, the blocks, and that the routes arrive in the model without the filter. "
    "Certain.",
    look_alikes="pool-not-exported, where the IPPool keeps them back; `calico-bgp route` says which rule it is.",
    mending="A rule that accepts the pods' blocks before the one that rejects them, or a BGPPeer without the filter, "
    "tried in the model.",
    demos=("filter-rejects",),
)
def filter_rejects_routes(case: Case) -> Iterator[Candidate]:
    """One per filter, for all families."""
    by_name: dict[str, list[tuple[HeldBack, frozenset[str]]]] = defaultdict(list)
    for held, explains in _held(case, "BGPFilter"):
        by_name[held.name].append((held, explains))
    for name, parts in by_name.items():
        all_held = [held for held, _ in parts]
        title = Words(
            "rejects" if all(held.alone for held in all_held) else "rejects-together",
            name=name,
            blocks=tuple(block for held in all_held for block in held.blocks) or ("blocks",),
            family=tuple(held.family.label for held in all_held),
        )
        explained = frozenset[str]().union(*(explains for _, explains in parts))
        yield _candidate("filter-rejects-routes", all_held, explained, title, partial(_of_filter, case, all_held))


def _of_filter(case: Case, all_held: Sequence[HeldBack]) -> Detail:
    rules = [rule for held in all_held for rule in held.rules]
    return Detail(
        explanation=f"{rules[0]} rejects these blocks, and no rule after it is looked at; the sessions stand all "
        "the same. Let a rule before it accept the blocks, or take the filter from the BGPPeer.",
        evidence=tuple(dict.fromkeys(line for held in all_held for line in _evidence(held))),
        fixes=drop_filter(case, all_held[0].name),
    )


def _evidence(held: HeldBack) -> tuple[str, ...]:
    learner, origin = held.example
    return (*held.rules, *held.blocks, f"{learner} lacks the routes of {origin}: {held.why}")


@cause(
    "pool-not-exported",
    title="An IPPool is not exported",
    what="IPPool not exported",
    messages={"hidden": "IPPool {name} has disableBGPExport: no node learns where its pods are over {family}"},
    meaning="disableBGPExport keeps the blocks of a pool from every peer, nodes of the cluster too. Where BIRD "
    "programs the kernel routes of the pool, its pods reach only those of their own node. Source: "
    "confd/etc/calico/confd/templates/bird_ipam.cfg.template.",
    evidence="Calico's resources: the pool, and that its routes arrive in the model once it is exported. Certain.",
    look_alikes="filter-rejects-routes, where a BGPFilter rejects the blocks.",
    mending="Export the pool, tried in the model; a BGPFilter at a peer outside can keep its routes from there.",
    demos=("pool-not-exported",),
)
def pool_not_exported(case: Case) -> Iterator[Candidate]:
    """One per pool and family."""
    for held, explains in _held(case, "IPPool"):
        title = Words("hidden", name=held.name, family=held.family.label)
        yield _candidate("pool-not-exported", [held], explains, title, partial(_of_pool, case, held))


def _of_pool(case: Case, held: HeldBack) -> Detail:
    return Detail(
        explanation=NOT_EXPORTED,
        evidence=_evidence(held),
        fixes=export_pool(case, held),
    )


def _candidate(
    kind: str, all_held: Sequence[HeldBack], explains: frozenset[str], title: Words, detail: Callable[[], Detail]
) -> Candidate:
    pairs = sum(held.pairs for held in all_held)
    return Candidate(
        kind=kind,
        subjects=(ResourceSubject(resource=all_held[0].kind, name=all_held[0].name),),
        title=title,
        confidence=Confidence.CERTAIN,
        explains=explains,
        costs=routes_lost(pairs),
        routes_lost=pairs,
        detail=detail,
    )


def _held(case: Case, kind: str) -> Iterator[tuple[HeldBack, frozenset[str]]]:
    """What resources of a kind hold back, with the findings that it explains; only where there are such findings."""
    expectation = case.cluster.expectation
    if not case.ids(_SEEN):
        return
    assert expectation is not None
    for family in case.routes:
        if pods_need(case.cluster, family):
            for held in held_back(expectation, family):
                if held.kind == kind and (explains := _explained(case, held)):
                    yield held, explains


def _explained(case: Case, held: HeldBack) -> frozenset[str]:
    """The findings that speak of this resource, and what the nodes' tables lack over that family."""
    about = frozenset(finding.id for finding in case.of(_SEEN) if _is_about(finding, held))
    if not about:
        return about
    # The lint sees it as well, from the resources alone.
    about |= frozenset(finding.id for finding in case.of("filter-rejects-pods") if _is_about(finding, held))
    by_tables = case.of("routes-not-announced", "routes-not-accepted", "routes-not-arriving", "nothing-exported")
    return about.union(f.id for f in by_tables if getattr(f.subject, "family", None) is held.family)


def _is_about(finding: Finding, held: HeldBack) -> bool:
    subject = finding.subject
    return isinstance(subject, ResourceSubject) and (subject.resource, subject.name) == (held.kind, held.name)
