"""The numbers of one poll: what was seen, in; samples of the declared metrics, out. No Prometheus here, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, product
from typing import TypeAlias

from calico_bgp import __version__
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Report, Verdict
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import TopologyKind
from calico_bgp.monitor.metrics import declarations as d
from calico_bgp.monitor.metrics.declarations import Metric
from calico_bgp.monitor.metrics.sessions import ExpectedSessions, external_routes, node_sessions, sessions_down
from calico_bgp.monitor.states.maintenance import NOTHING, Maintenance
from calico_bgp.monitor.states.trouble import Trouble, TroubleType
from calico_bgp.report.text.sanitize import plain
from calico_bgp.rules.catalogue import ALL_RULES

#: Where neither the user nor the kubeconfig has a name for the cluster.
UNNAMED = "default"
_LONGEST_LABEL = 120

#: A number of the cluster: its metric, the values of its labels but for `cluster`, the number.
_OfCluster: TypeAlias = tuple[Metric, tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the numbers are made of.

    Attributes:
        at: When the last poll began that could read the cluster; None before the first.
        took: Seconds that the last poll took.
        snapshot: What it read; None where it could read nothing.
        report: What the audit said of it; likewise.
        cluster: The cluster's name, for polls that could read nothing.
        troubles: What is told, worst first: the watcher's confirmed troubles, or those of the one report.
        maintenance: What is expected.
        watched: What only a watcher knows; None for a single audit.
    """

    at: datetime | None
    took: float
    snapshot: Snapshot | None
    report: Report | None
    cluster: str | None = None
    troubles: tuple[Trouble, ...] = ()
    maintenance: Maintenance = NOTHING
    watched: Watched | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What only a watcher knows.

    Attributes:
        interval: Seconds from poll to poll.
        polls: Outcome → how many polls.
        is_source_lost: Whether it was told that nothing can be read.
        flapping: How many troubles come and go.
        expected: How many are in maintenance.
        transitions: (node, family, direction) → how often.
    """

    interval: float
    polls: Mapping[str, int]
    is_source_lost: bool
    flapping: int
    expected: int
    transitions: Mapping[tuple[str, Family, str], int]


@dataclass(frozen=True, slots=True)
class Sample:
    """One number: its metric, the values of its labels (`cluster` first, where it has that), and the number."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


def samples(poll: Seen, *, per_node: bool = True, expected: ExpectedSessions | None = None) -> Iterator[Sample]:
    """All numbers of one poll.

    A known class with none of its kind is 0; what is not known is left out, and `up` and `nodes` say why.

    Args:
        poll: The poll.
        per_node: Whether what has a series per node is wanted.
        expected: Keeps what the resources ask for from poll to poll.
    """
    named = None if poll.report is None else poll.report.cluster
    cluster = _label(named or poll.cluster or UNNAMED)
    yield Sample(d.BUILD_INFO, (__version__,), 1)
    for metric, labels, value in _of_poll(poll, per_node=per_node, expected=expected or ExpectedSessions()):
        yield Sample(metric, (cluster, *labels), value)


def _of_poll(poll: Seen, *, per_node: bool, expected: ExpectedSessions) -> Iterator[_OfCluster]:
    yield d.UP, (), int(poll.report is not None and poll.report.checked.nodes_read > 0)
    if poll.at is not None:
        yield d.TIMESTAMP, (), poll.at.timestamp()
    yield d.DURATION, (), poll.took
    yield from _of_troubles(poll.troubles)
    if poll.watched is not None:
        yield from _of_watcher(poll.watched)
    if poll.report is None or poll.snapshot is None:
        return
    yield from _of_report(poll.report, poll.snapshot)
    yield d.IN_MAINTENANCE, (), len(poll.maintenance.nodes)
    if not per_node:
        return
    for node, _ in poll.maintenance.nodes:
        yield d.MAINTENANCE, (_label(node),), 1
    yield from _of_nodes(poll.snapshot, poll.report, expected)
    if poll.watched is not None:
        yield from _of_transitions(poll.snapshot, poll.watched)


def _of_troubles(troubles: tuple[Trouble, ...]) -> Iterator[_OfCluster]:
    causes = [trouble for trouble in troubles if trouble.type is TroubleType.CAUSE]
    shown_causes = causes[: d.MOST_CAUSES]
    for trouble in shown_causes:
        labels = (trouble.id, trouble.kind, _label(trouble.subject), trouble.severity.value)
        yield d.CAUSE_ACTIVE, labels, 1
        if trouble.routes_lost is not None:
            yield d.ROUTES_LOST, labels, trouble.routes_lost
    yield d.CAUSES_NOT_SHOWN, (), len(causes) - len(shown_causes)
    unexplained = Counter(trouble.severity.value for trouble in troubles if trouble.type is TroubleType.FINDING)
    for severity in d.UNEXPLAINED_SEVERITIES:
        yield d.UNEXPLAINED, (severity,), unexplained[severity]


def _of_watcher(watched: Watched) -> Iterator[_OfCluster]:
    yield d.INTERVAL, (), watched.interval
    for outcome in ("read", "unreadable"):
        yield d.POLLS, (outcome,), watched.polls.get(outcome, 0)
    yield d.SOURCE_LOST, (), int(watched.is_source_lost)
    yield d.FLAPPING, (), watched.flapping
    yield d.EXPECTED_TROUBLE, (), watched.expected


def _of_nodes(snapshot: Snapshot, report: Report, expected: ExpectedSessions) -> Iterator[_OfCluster]:
    for node, family, states in node_sessions(snapshot):
        for state in d.SESSION_STATES:
            yield d.NODE_SESSIONS, (_label(node), family.value, state), states[state]
    outside = islice(external_routes(snapshot, report.topology), d.MOST_EXTERNAL)
    for node, peer, family, imported, exported in outside:
        yield d.EXTERNAL_ROUTES, (_label(node), peer, family.value, "imported"), imported
        yield d.EXTERNAL_ROUTES, (_label(node), peer, family.value, "exported"), exported
    for node, family, number in expected.of(snapshot):
        yield d.NODE_EXPECTED, (_label(node), family.value), number


def _of_transitions(snapshot: Snapshot, watched: Watched) -> Iterator[_OfCluster]:
    for node, family, _ in node_sessions(snapshot):
        for direction in d.DIRECTIONS:
            number = watched.transitions.get((node, family, direction), 0)
            yield d.TRANSITIONS, (_label(node), family.value, direction), number


def _of_report(report: Report, snapshot: Snapshot) -> Iterator[_OfCluster]:
    for verdict in Verdict:
        yield d.HEALTH, (verdict.value,), int(report.verdict is verdict)
    unread = len(report.unread)
    without = report.checked.nodes_read if report.topology.kind is TopologyKind.NO_BGP else 0
    read = max(report.checked.nodes_read - without, 0)
    for state, number in zip(d.NODE_STATES, (read, unread, without), strict=True):
        yield d.NODES, (state,), number
    causes = Counter((cause.kind, cause.confidence.value) for cause in report.causes)
    for key in dict.fromkeys([*product(CAUSE_KINDS, d.CONFIDENCES), *causes]):
        yield d.CAUSES, key, causes[key]
    ran = set(report.checked.rules)
    findings = Counter((finding.rule, finding.severity.value) for finding in report.findings)
    rules_and_severities = [(rule.id, rule.severity.value) for rule in ALL_RULES if rule.id in ran]
    for key in dict.fromkeys([*rules_and_severities, *findings]):
        yield d.FINDINGS, key, findings[key]
    for reachability in report.reachability:
        yield d.ROUTES_MISSING, (reachability.family.value,), reachability.missing
        yield d.ROUTES_UNKNOWN, (reachability.family.value,), reachability.unknown
    for family, reasons in sessions_down(snapshot, report.topology).items():
        for reason in d.REASONS:
            yield d.SESSIONS_DOWN, (family.value, reason), reasons[reason]


def _label(text: str) -> str:
    """A label's value: what nodes and users call things, in bounds and without control characters."""
    return plain(text, limit=_LONGEST_LABEL)
