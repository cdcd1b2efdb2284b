"""The audit: a snapshot in, a report out. Runs the rules, sets accepted exceptions aside, counts what was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any

from calico_bgp.auditing.accepted import set_aside
from calico_bgp.auditing.expectation import expected_sessions
from calico_bgp.auditing.headline import headline
from calico_bgp.auditing.lint import lint_findings
from calico_bgp.auditing.nameless import nameless, without_places
from calico_bgp.auditing.unjudged import kernels_not_judged, not_checked
from calico_bgp.auditing.verdict import doubts, reasons_unread, unread_nodes, verdict_of
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import CauseFamily
from calico_bgp.causes.engine import explain
from calico_bgp.causes.families import CAUSE_FAMILIES
from calico_bgp.cluster.expected import version_of
from calico_bgp.cluster.judged import Blame, blame
from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.cluster.view import ClusterView, observe
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.failures import collecting
from calico_bgp.model.cause import Cause
from calico_bgp.model.peer import Family
from calico_bgp.model.report import Checked, Finding, Report, Severity, Verdict
from calico_bgp.model.resources import Resources
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.consequences import routes_of, with_consequences
from calico_bgp.routes.counts import counted
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.numbers import beside_observed
from calico_bgp.rules.lint_context import LintContext
from calico_bgp.rules.observed import RULES
from calico_bgp.rules.resources import LINT_RULES
from calico_bgp.rules.rule import Context, Rule, without_failed

DEFAULT_RULES = RULES
#: Causes that explain why nothing is wrong.
_AS_IT_SHOULD_BE = frozenset({"no-bgp"})
FLAP_WINDOW = timedelta(minutes=10)


def audit(
    snapshot: Snapshot,
    *,
    resources: Resources | None = None,
    rules: Sequence[Rule[Context]] = DEFAULT_RULES,
    lint_rules: Sequence[Rule[LintContext]] = LINT_RULES,
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
    with collecting() as failures:
        view = observe(snapshot, version=calico_version)
        # Where the resources say what should be, nothing is guessed.
        rules = [rule for rule in rules if view.expectation is None or not rule.shape_only]
        expected = expected_sessions(view)
        blamed = blame(view, expected)
        lint_context = _lint_context(view, calico_version)
        linted = [] if lint_context is None else lint_findings(lint_context, lint_rules)
        routes = routes_of(view, blamed)
        tables = observed_of(view)
        context = Context(view, expected, blamed, flap_window, snapshot.taken_at, tuple(linted), routes, tables)
        ran: tuple[Rule[Any], ...] = (*rules, *lint_rules)
        order = {rule.id: place for place, rule in enumerate(ran)}
        observed = [finding for rule in rules for finding in rule.findings(context)]
        found = sorted(
            (
                *with_consequences(observed, routes, blamed),
                *(finding for finding in linted if finding.severity is Severity.ERROR),
            ),
            key=lambda finding: (finding.severity.rank, order[finding.rule]),
        )
        today = today or (snapshot.taken_at.astimezone(UTC).date() if snapshot.taken_at else None)
        findings, ignored = set_aside(found, config or Config(), today)
        causes, findings = explain(Case(context, findings, routes, lint_context), cause_families)
        numbers = tuple(beside_observed(counted(view, routes), tables, routes))
        unread = unread_nodes(view, found, expected)
        doubted = tuple(dict.fromkeys(doubts(view, found, routes, numbers)))
        judged = without_failed(ran if snapshot.resources is not None else rules, failures)
        checked = _checked(view, expected, blamed, judged)
        unjudged = (*not_checked(view, blamed, config, today), *kernels_not_judged(tables))
    causes, findings = without_places(causes, findings, nameless(view.members))
    failed = any(failure.matters for failure in failures)
    doubted += ("a part of the judgement failed",) if failed else ()
    verdict = verdict_of(findings, blind=bool(unread or doubted))
    if verdict is Verdict.HEALTHY:
        causes, findings = _of_a_healthy_cluster(causes, findings)
        verdict = verdict_of(findings, blind=False)
    report = Report(
        verdict=verdict,
        cluster=snapshot.cluster,
        snapshot_at=snapshot.taken_at,
        topology=view.topology,
        findings=findings,
        causes=causes,
        ignored=ignored,
        checked=checked,
        not_checked=(*(failure.told() for failure in failures), *unjudged),
        unread=unread,
        not_read=reasons_unread(view, unread),
        reachability=numbers,
        doubts=doubted,
    )
    return report.model_copy(update={"headline": headline(report)})


def _of_a_healthy_cluster(
    causes: tuple[Cause, ...], findings: tuple[Finding, ...]
) -> tuple[tuple[Cause, ...], tuple[Finding, ...]]:
    """What is as it should be has no cause, and what has one is no mere remark: the finding is a warning then."""
    kept = tuple(cause for cause in causes if cause.kind not in _AS_IT_SHOULD_BE)
    known = {cause.id for cause in kept}
    return kept, tuple(
        finding.model_copy(update={"severity": Severity.WARNING})
        if finding.cause_id in known
        else finding.model_copy(update={"cause_id": None})
        for finding in findings
    )


def _lint_context(view: ClusterView, version: CalicoVersion | None) -> LintContext | None:
    """The resources as the lint sees them; None without them, or where the cluster does not use BGP."""
    resources = view.snapshot.resources
    if resources is None or view.shape.kind is TopologyKind.NO_BGP:
        return None
    if not resources.tells_nodes:
        resources = resources.model_copy(update={"nodes": ()})
    return LintContext(resources, view.expectation or expect(resources, version=version or version_of(view.snapshot)))


def _checked(view: ClusterView, expected: frozenset[SessionKey], blamed: Blame, rules: Sequence[Rule[Any]]) -> Checked:
    shadows = _shadows(view, expected)
    sessions = (set(view.sessions) | expected) - shadows
    unseen = sessions & blamed.unknown
    sessions -= unseen
    rows = [row for member in view.members if member.reading is not None for row in member.reading.peers]
    return Checked(
        nodes_listed=len(view.snapshot.hosts) or None,
        nodes_read=sum(member.reading is not None for member in view.members),
        sessions_expected=len(sessions),
        sessions_established=sum(key in view.sessions and view.sessions[key].is_up for key in sessions),
        sessions_unseen=len(unseen),
        peers=len(rows),
        peers_established=sum(row.is_established for row in rows),
        neighbours_unseen=_neighbours_unseen(view),
        has_resources=view.expectation is not None,
        reflectors=view.reflectors,
        families=view.families,
        rules=tuple(rule.id for rule in rules),
    )


def _neighbours_unseen(view: ClusterView) -> int:
    """Neighbours by address that may be nodes of which no table was read; less those that may be an unplaced one's."""
    number = 0
    for family in Family:
        owners = view.identity.owner
        met = {row.address for member in view.members for row in member.rows(family) if row.address is not None}
        unread = {a for a in met if a not in owners or view.by_name[owners[a]].reading is None}
        unplaced = sum(bool(view.by_name[name].rows(family)) for name in view.identity.unplaced[family])
        number = max(number, len(unread) - unplaced)
    return number


def _shadows(view: ClusterView, expected: frozenset[SessionKey]) -> set[SessionKey]:
    """Sessions with an address that may be an unplaced node's: that node's own end counts them already."""
    shadows: set[SessionKey] = set()
    for family in Family:
        unplaced = frozenset(name for name in view.identity.unplaced[family] if view.by_name[name].rows(family))
        if not unplaced:
            continue
        told: Counter[str] = Counter()
        unseen: list[tuple[str, SessionKey]] = []
        for key in sorted(expected | view.sessions.keys()):
            if key.family is not family:
                continue
            for far, near in ((key.a, key.b), (key.b, key.a)):
                if near not in view.by_name or near in unplaced:
                    continue
                if far in unplaced:
                    told[near] += key in view.sessions
                elif far not in view.by_name or view.by_name[far].is_unlisted:
                    if key in view.sessions:
                        shadows.add(key)
                        told[near] -= 1
                    else:
                        unseen.append((near, key))
        # Of those that no end shows as many as the unplaced nodes show.
        for near, key in unseen:
            if told[near] > 0 and key not in shadows:
                shadows.add(key)
                told[near] -= 1
    return shadows
