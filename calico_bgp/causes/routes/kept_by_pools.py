"""Causes in an IPPool that is not exported, by the nodes' tables: where no BlockAffinities say whose blocks are whose.

With these the model of the resources tells (peering/filters.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.peering.filters import NOT_EXPORTED
from calico_bgp.causes.remedies.filters import export_named_pool
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject, ResourceSubject
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.model.routes.observed import Missing, Stop
from calico_bgp.prefixes import Prefix, contains, prefix_of
from calico_bgp.routes.missing import missing_at


@also("pool-not-exported")
def pool_kept_in(case: Case) -> Iterator[Candidate]:
    """One per pool and family, of nodes that announce none of its blocks and keep no others back."""
    if case.resources is None or case.ids("routes-held-back"):
        return
    told: dict[tuple[str, Family], list[tuple[Finding, list[Missing]]]] = defaultdict(list)
    lacking_of: dict[tuple[Family | None, str], list[Missing]] = defaultdict(list)
    for family, one in missing_at(case.cluster, Stop.NOT_ANNOUNCED):
        lacking_of[family, one.origin].append(one)
    for finding, subject in case.about(NodeSubject, "routes-not-announced"):
        lacking = lacking_of[subject.family, subject.node]
        pools = {_pool_of(case.resources, block) for one in lacking for block in one.blocks}
        pool = pools.pop() if len(pools) == 1 else None
        if pool is not None and pool.disable_bgp_export and subject.family is not None:
            told[pool.name, subject.family].append((finding, lacking))
    for (name, family), parts in told.items():
        yield _candidate(case, name, family, parts)


def _pool_of(resources: Resources, block: Prefix) -> IPPool | None:
    holding = (p for p in resources.ip_pools if (cidr := prefix_of(p.cidr)) is not None and contains(cidr, block))
    return next(holding, None)


def _candidate(case: Case, name: str, family: Family, parts: list[tuple[Finding, list[Missing]]]) -> Candidate:
    lost = [one for _, lacking in parts for one in lacking]
    return Candidate(
        kind="pool-not-exported",
        subjects=(ResourceSubject(resource="IPPool", name=name),),
        title=Words("hidden", name=name, family=family.label),
        explanation=NOT_EXPORTED,
        confidence=Confidence.CERTAIN,
        explains=frozenset(finding.id for finding, _ in parts),
        evidence=tuple(line for finding, _ in parts for line in finding.evidence),
        fixes=export_named_pool(case, name),
        routes_lost=len(lost),
        costs=routes_lost(len(lost)),
    )
