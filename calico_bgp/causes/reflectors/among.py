"""Cause: reflectors that do not peer with each other, though pods run on them. Their clients lack nothing."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.remedies.layouts import join_reflectors
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.routes.computed.answer import Answer


@also("reflectors-not-joined")
def pods_on_reflectors(case: Case) -> Iterator[Candidate]:
    """One per family in which reflectors alone lack each other's routes, and that is an error."""
    configured = case.configured
    if configured is None:
        return
    for finding, family in case.of_each_family("routes-missing"):
        if finding.severity is not Severity.ERROR:
            continue
        ends = [end for pair in case.routes[family].now.classes_with(Answer.NO) for end in pair]
        apart = sorted({name for end in ends for name in end})
        if not set(apart) <= set(configured.reflectors):
            continue
        missing = case.routes[family].counts_now.cut_off
        yield Candidate(
            kind="reflectors-not-joined",
            subjects=tuple(NodeSubject(node=name) for name in apart),
            title=Words("among", nodes=apart),
            explanation="No BGPPeer joins the reflectors with each other, and no client passes a route on. By the "
            "kernels pods run on them, and these have no way to each other.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}),
            evidence=finding.evidence,
            fixes=join_reflectors(case, [frozenset({name}) for name in apart]),
            routes_lost=missing,
            costs=routes_lost(missing),
        )
