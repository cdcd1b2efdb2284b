"""The audit: a snapshot in, a report out. Runs the rules, sets accepted exceptions aside, counts what was judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

from calico_bgp.auditing.accepted import set_aside
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
from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.failures import collecting
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Cause
from calico_bgp.model.reports.report import Checked, Finding, OwnRule, Report, Severity, Verdict
from calico_bgp.model.resources import Resources
from calico_bgp.model.settings.config import Config
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.routes.consequences import routes_of, with_consequences
from calico_bgp.routes.counts import counted
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.numbers import beside_observed
from calico_bgp.rules.catalogue import ALL_IDS
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
    with collecting() as failures:
        cluster = observe(snapshot, version=calico_version, flap_window=flap_window)
        # Where the resources say what should be, nothing is guessed.
        rules = [rule for rule in rules if cluster.expectation is None or not rule.shape_only]
        linted = lint_findings(cluster, lint_rules) if cluster.has_resources else []
        cluster = cluster.with_linted(tuple(linted))
        routes, tables = routes_of(cluster), observed_of(cluster)
        ran: tuple[Rule, ...] = (*rules, *lint_rules)
        order = {rule.id: place for place, rule in enumerate(ran)}
        observed = [finding for rule in rules for finding in rule.findings(cluster)]
        all_findings = sorted(
            (
                *with_consequences(observed, routes, cluster.judged),
                *(finding for finding in linted if finding.severity is Severity.ERROR),
            ),
            key=lambda finding: (finding.severity.rank, order[finding.rule]),
        )
        today = today or (snapshot.taken_at.astimezone(UTC).date() if snapshot.taken_at else None)
        findings, ignored = set_aside(all_findings, config or Config(), today)
        causes, findings = explain(Case(cluster, findings), cause_families)
        numbers = tuple(beside_observed(counted(cluster, routes), tables, routes))
        unread = unread_nodes(cluster, all_findings, cluster.expected)
        doubted = tuple(dict.fromkeys(doubts(cluster, all_findings, findings, routes, numbers)))
        judged = without_failed(ran if snapshot.resources is not None else rules, failures)
        checked = _checked(cluster, judged)
        unjudged = (*not_checked(cluster, cluster.judged, config, today), *kernels_not_judged(tables))
    causes, findings = without_places(causes, findings, nameless(cluster.members))
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


def _checked(cluster: Cluster, rules: Sequence[Rule]) -> Checked:
    expected = cluster.expected
    shadows = _shadows(cluster, expected)
    sessions = (set(cluster.sessions) | expected) - shadows
    unseen = sessions & cluster.judged.unknown
    sessions -= unseen
    rows = [row for member in cluster.members if member.reading is not None for row in member.reading.peers]
    return Checked(
        nodes_listed=len(cluster.snapshot.hosts) or None,
        nodes_read=sum(member.reading is not None for member in cluster.members),
        sessions_expected=len(sessions),
        sessions_established=sum(key in cluster.sessions and cluster.sessions[key].is_up for key in sessions),
        sessions_unseen=len(unseen),
        peers=len(rows),
        peers_established=sum(row.is_established for row in rows),
        neighbours_unseen=_neighbours_unseen(cluster),
        has_resources=cluster.expectation is not None,
        reflectors=cluster.reflectors,
        families=cluster.families,
        rules=tuple(rule.id for rule in rules),
        own_rules=tuple(OwnRule(id=rule.id, title=rule.title) for rule in rules if rule.id not in ALL_IDS),
    )


def _neighbours_unseen(cluster: Cluster) -> int:
    """Neighbours by address that may be nodes of which no table was read; less those that may be an unplaced one's."""
    number = 0
    for family in Family:
        owners = cluster.identity.owner
        met = {row.address for member in cluster.members for row in member.rows(family) if row.address is not None}
        unread = {a for a in met if a not in owners or cluster.by_name[owners[a]].reading is None}
        unplaced = sum(bool(cluster.by_name[name].rows(family)) for name in cluster.identity.unplaced[family])
        number = max(number, len(unread) - unplaced)
    return number


def _shadows(cluster: Cluster, expected: frozenset[SessionKey]) -> set[SessionKey]:
    """Sessions with an address that may be an unplaced node's: that node's own end counts them already."""
    shadows: set[SessionKey] = set()
    for family in Family:
        unplaced = frozenset(name for name in cluster.identity.unplaced[family] if cluster.by_name[name].rows(family))
        if not unplaced:
            continue
        keys = [key for key in sorted(expected | cluster.sessions.keys()) if key.family is family]
        ends = [
            (key, near) for key in keys for near in (key.b, key.a) if near in cluster.by_name and near not in unplaced
        ]
        shown_by_unplaced = Counter(near for key, near in ends if key.far(near) in unplaced and key in cluster.sessions)
        to_unlisted = [(key, near) for key, near in ends if _may_be_unplaced(cluster, key.far(near), unplaced)]
        for key, near in to_unlisted:
            if key in cluster.sessions:
                shadows.add(key)
                shown_by_unplaced[near] -= 1
        # Of those that no end shows as many as the unplaced nodes show.
        for key, near in to_unlisted:
            if shown_by_unplaced[near] > 0 and key not in shadows:
                shadows.add(key)
                shown_by_unplaced[near] -= 1
    return shadows


def _may_be_unplaced(cluster: Cluster, far: str, unplaced: frozenset[str]) -> bool:
    """Whether a far end may be an unplaced node by its address: an address, or a node that only resources name."""
    return far not in unplaced and (far not in cluster.by_name or cluster.by_name[far].is_unlisted)
