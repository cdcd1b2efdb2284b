"""Holds what calico_bgp says of a probed cluster against what packets found there. Values in, assertions out."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.model.reports.cause import Cause
from calico_bgp.model.reports.report import Report, Severity, Verdict
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability
from tests.rig.probes.answers import Answers, Pair
from tests.rig.probes.faults import CAUSES, Fault, FaultKind
from tests.rig.probes.shapes import Switch, rack_of

#: What no table can tell: whether a router that speaks no BGP has the pods' routes in its own.
LEAVES = "which is no node"


def check_observed(answers: Answers) -> None:
    """Pair for pair: what the tables show to be missing is what packets do not reach; what is unknown has a reason."""
    observed = answers.observed()
    for family, lost in answers.lost.items():
        found = observed[family]
        missing = {(one.learner, one.origin) for one in found.missing}
        assert {pair for pair in missing - lost if not _may_be_led_on(answers, found, pair)} == set(), family
        assert len(lost - missing) <= found.unknown, (family, lost - missing, found.doubts)
        assert sum(doubt.pairs for doubt in found.doubts) == found.unknown
        assert found.arrive + len(found.missing) + found.unknown == found.pairs


def _may_be_led_on(answers: Answers, found: ObservedRoutes, pair: Pair) -> bool:
    """Whether a route is missing, as is said, and packets arrive by a router that was told by hand, as is said too."""
    one = next(one for one in found.missing if (one.learner, one.origin) == pair)
    return answers.cluster.shape.switch is Switch.TOLD and LEAVES in one.because


def check_computed(answers: Answers) -> None:
    """Pair for pair: what follows of sessions and resources is what packets find, unless the tables say where not.

    A fault that neither sessions nor resources show (a protocol, a limit, the kernel) is for the tables to tell: then
    each pair that should arrive and does not is among those that are missing, with the place, or unknown, with why.
    """
    computed, observed = answers.computed(), answers.observed()
    for family, lost in answers.lost.items():
        reach, found = computed[family], observed[family]
        by_tables = {(one.learner, one.origin): one for one in found.missing}
        wrong = set()
        for pair in _pairs(reach):
            answer = reach.learns(*pair)
            if answer is Answer.PERHAPS:
                assert reach.explain(*pair).reasons, (family, pair)
            elif answer is Answer.NO:
                told = reach.explain(*pair).text
                assert pair in lost or _leads_there(answers, found, pair), (family, pair, told)
            elif pair in lost:
                wrong.add(pair)
        assert len(wrong - by_tables.keys()) <= found.unknown, (family, wrong, found.doubts)
        if not answers.cluster.faults:
            # Without encapsulation a router is between the racks, of which nobody said what it knows.
            assert all(_is_across(pair, answers) for pair in wrong), (family, wrong)


def _is_across(pair: Pair, answers: Answers) -> bool:
    """Whether a packet goes from one rack to the other through a switch that knows no pods."""
    racks = {rack_of(answers.cluster.nodes[name]) for name in pair}
    return len(racks) == 2 and answers.cluster.shape.switch is Switch.IGNORANT


def _pairs(reach: Reachability) -> Iterator[Pair]:
    return ((a, b) for a in reach.nodes for b in reach.nodes if a != b)


def _leads_there(answers: Answers, found: ObservedRoutes, pair: Pair) -> bool:
    """Whether packets arrive without the route, by what stands in kernels beside it, and the tables show that.

    A route of Felix over VXLAN, one that BIRD left behind, one to a switch that has the block.
    """
    missing = {(one.learner, one.origin): one for one in found.missing}
    return pair not in missing or _may_be_led_on(answers, found, pair)


def check_verdict(answers: Answers) -> None:
    """It is never better than what packets find, and it is not worse where all is well."""
    report, lost = answers.report(), {pair for pairs in answers.lost.values() for pair in pairs}
    if lost:
        assert report.verdict is not Verdict.HEALTHY, _said(report)
    elif not answers.cluster.faults and not _has_doubts(answers) and not _holds_back(report):
        assert report.verdict in (Verdict.HEALTHY, Verdict.WARNINGS), _said(report)
    assert not any("failed" in one.why for one in report.not_checked), report.not_checked


def _has_doubts(answers: Answers) -> bool:
    return any(found.unknown or found.missing for found in answers.observed().values())


def _holds_back(report: Report) -> bool:
    return any(finding.rule in {"routes-held-back", "filter-rejects-pods"} for finding in report.findings)


def check_cause(answers: Answers) -> None:
    """Where the one fault of a cluster costs routes, the first cause names it and where it is."""
    (fault,) = answers.cluster.faults
    report = answers.report()
    if not any(answers.lost.values()):
        assert not any(f.severity is Severity.ERROR for f in report.findings) or _is_serious(fault), _said(report)
        return
    assert report.causes, _said(report)
    first = report.causes[0]
    assert names_of(first) & {fault.node, fault.other}, (str(fault), _said(report))
    if fault.kind in CAUSES:
        assert first.kind in CAUSES[fault.kind], (str(fault), _said(report))


def _is_serious(fault: Fault) -> bool:
    """Whether a fault is an error though packets happen to find another way."""
    return fault.kind in CAUSES or fault.kind is FaultKind.SESSION_OFF


def names_of(cause: Cause) -> set[str]:
    """The nodes that a cause's subjects name."""
    return {
        str(getattr(subject, field))
        for subject in cause.subjects
        for field in ("node", "a", "b", "name")
        if getattr(subject, field, None)
    }


def _said(report: Report) -> str:
    causes = "; ".join(f"{cause.kind} {sorted(names_of(cause))}" for cause in report.causes)
    return f"{report.verdict}; causes: {causes}; findings: {[f'{f.rule} {f.message}' for f in report.findings]}"
