"""The audit: a snapshot in, a report out. What becomes of a datum: observed, judged, explained, counted, a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

from calico_bgp.auditing.accepted import set_aside
from calico_bgp.auditing.checked import checked_of
from calico_bgp.auditing.headline import headline
from calico_bgp.auditing.lint import lint_findings
from calico_bgp.auditing.nameless import nameless, without_places
from calico_bgp.auditing.unjudged import kernels_not_judged, not_checked
from calico_bgp.auditing.verdict import doubts, reasons_unread, unread_nodes, verdict_of
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import CauseFamily
from calico_bgp.causes.engine import explain
from calico_bgp.causes.families import CAUSE_FAMILIES
from calico_bgp.cluster.cluster import FLAP_WINDOW, Cluster, observe
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.failures import Failure, collecting
from calico_bgp.model.reports.cause import Cause
from calico_bgp.model.reports.report import FamilyReachability, Finding, Report, Severity, Verdict
from calico_bgp.model.resources import Resources
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.routes.consequences import routes_of, with_consequences
from calico_bgp.routes.counts import counted
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.numbers import beside_observed
from calico_bgp.rules.observed import RULES
from calico_bgp.rules.resources import LINT_RULES
from calico_bgp.rules.rule import Rule, without_failed

DEFAULT_RULES = RULES
#: Causes that explain why nothing is wrong.
_AS_IT_SHOULD_BE = frozenset({"no-bgp"})


def audit(
    snapshot: Snapshot,
    *,
    resources: Resources | None = None,
    rules: Sequence[Rule] = DEFAULT_RULES,
    lint_rules: Sequence[Rule] = LINT_RULES,
    config: Config | None = None,
    flap_window: timedelta = FLAP_WINDOW,
    today: date | None = None,
    calico_version: CalicoVersion | None = None,
    cause_families: Sequence[CauseFamily] = CAUSE_FAMILIES,
) -> Report:
    """Judge a snapshot: by Calico's resources where it holds them, else by the default expectation.

    Args:
        snapshot: From `gather()`, `load_snapshot()` or `snapshot_from_pasted()`. The same snapshot always gives the
            same report.
        resources: Calico's resources, in the place of those that the snapshot holds; None keeps them.
        rules: Which rules run; add your own (`calico_bgp.rule`), or those of installed packages (`installed_rules`).
        lint_rules: Which rules of the lint run over the resources. Only their errors are findings of the audit.
        config: Accepted exceptions.
        flap_window: A session younger than this among older ones is reported.
        today: The day by which exceptions expire; the snapshot's own day by default, and without one nothing expires.
        calico_version: For what the resources ask; the one that all nodes print by default, else the newest.
        cause_families: What may explain findings; `()` looks for no causes.

    Returns:
        The report. Nothing that a node said can make this raise; a rule, cause or computation that fails by a mistake
        of ours is in `not_checked`, and a report without a rule is not healthy.
    """
    if resources is not None:
        snapshot = snapshot.model_copy(update={"resources": resources, "resources_failure": None})
    today = today or _day_of(snapshot)
    with collecting() as failures:
        cluster = _with_linted(observe(snapshot, version=calico_version, flap_window=flap_window), lint_rules)
        rules = _applicable(rules, cluster)
        all_findings = _judge(cluster, rules, lint_rules)
        findings, ignored = set_aside(all_findings, config or Config(), today)
        causes, findings = explain(Case(cluster, findings), cause_families)
        numbers = _routes_counted(cluster)
        checked = checked_of(cluster, _ran_to_their_end(cluster, rules, lint_rules, failures))
        unread = unread_nodes(cluster, all_findings, cluster.expected)
        doubted = tuple(dict.fromkeys(doubts(cluster, all_findings, findings, routes_of(cluster), numbers)))
        unjudged = (*not_checked(cluster, config, today), *kernels_not_judged(observed_of(cluster)))
    causes, findings = without_places(causes, findings, nameless(cluster.members))
    if any(failure.matters for failure in failures):
        doubted += ("a part of the judgement failed",)
    verdict, causes, findings = _verdict(causes, findings, blind=bool(unread or doubted))
    report = Report(
        verdict=verdict,
        cluster=snapshot.cluster,
        snapshot_at=snapshot.taken_at,
        topology=cluster.topology,
        findings=findings,
        causes=causes,
        ignored=ignored,
        checked=checked,
        not_checked=(*(failure.as_not_checked() for failure in failures), *unjudged),
        unread=unread,
        not_read=reasons_unread(cluster, unread),
        reachability=numbers,
        doubts=doubted,
    )
    return report.model_copy(update={"headline": headline(report)})


def _day_of(snapshot: Snapshot) -> date | None:
    return None if snapshot.taken_at is None else snapshot.taken_at.astimezone(UTC).date()


def _with_linted(cluster: Cluster, lint_rules: Sequence[Rule]) -> Cluster:
    """The cluster with what the lint says of its resources: rules and causes look at that."""
    return cluster.with_linted(tuple(lint_findings(cluster, lint_rules)) if cluster.has_resources else ())


def _applicable(rules: Sequence[Rule], cluster: Cluster) -> list[Rule]:
    """Where the resources say what should be, nothing is guessed."""
    return [rule for rule in rules if cluster.expectation is None or not rule.shape_only]


def _judge(cluster: Cluster, rules: Sequence[Rule], lint_rules: Sequence[Rule]) -> list[Finding]:
    """What the rules find, and the errors of the lint; worst first, then in the order of the rules."""
    # Before the rules, so that what fails in it is the first that `not_checked` says.
    routes = routes_of(cluster)
    observed_of(cluster)
    observed = [finding for rule in rules for finding in rule.findings(cluster)]
    findings = [
        *with_consequences(observed, routes, cluster.judged),
        *(finding for finding in cluster.linted if finding.severity is Severity.ERROR),
    ]
    order = {rule.id: place for place, rule in enumerate((*rules, *lint_rules))}
    return sorted(findings, key=lambda finding: (finding.severity.rank, order[finding.rule]))


def _routes_counted(cluster: Cluster) -> tuple[FamilyReachability, ...]:
    """How many routes are there and how many should be, per family: by the model, and by the nodes' own tables."""
    routes = routes_of(cluster)
    return tuple(beside_observed(counted(cluster, routes), observed_of(cluster), routes))


def _ran_to_their_end(
    cluster: Cluster, rules: Sequence[Rule], lint_rules: Sequence[Rule], failures: Sequence[Failure]
) -> tuple[Rule, ...]:
    return without_failed(rules if cluster.snapshot.resources is None else (*rules, *lint_rules), failures)


def _verdict(
    causes: tuple[Cause, ...], findings: tuple[Finding, ...], *, blind: bool
) -> tuple[Verdict, tuple[Cause, ...], tuple[Finding, ...]]:
    """The word, with the causes and findings that agree with it."""
    verdict = verdict_of(findings, blind=blind)
    if verdict is not Verdict.HEALTHY:
        return verdict, causes, findings
    causes, findings = _of_a_healthy_cluster(causes, findings)
    return verdict_of(findings, blind=False), causes, findings


def _of_a_healthy_cluster(
    causes: tuple[Cause, ...], findings: tuple[Finding, ...]
) -> tuple[tuple[Cause, ...], tuple[Finding, ...]]:
    """What is as it should be has no cause, and what has one is no mere remark: the finding is a warning then."""
    real_causes = tuple(cause for cause in causes if cause.kind not in _AS_IT_SHOULD_BE)
    ids = {cause.id for cause in real_causes}
    return real_causes, tuple(
        replace(finding, severity=Severity.WARNING) if finding.cause_id in ids else replace(finding, cause_id=None)
        for finding in findings
    )
