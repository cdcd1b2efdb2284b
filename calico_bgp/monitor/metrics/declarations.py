"""Every metric, declared once: name, type, labels, meaning. docs/metrics.md is made of this table. No numbers here.

Cardinality: nothing has a label for a peer, for a mesh of N nodes has N x N of them; what has a label for a node is
left out with `--metrics-per-node off`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Type: TypeAlias = Literal["gauge", "counter"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: Without `calico_bgp_`; a counter's without `_total`.
        type: Of Prometheus.
        help: One sentence.
        labels: Beside `cluster`, which all have but `build_info`.
        values: Label → what it may be, where that is fixed: each is there, be it with 0.
        absent: When there is no such series, in words; empty where it is always there.
        watched: Whether only a watcher knows it, and no single audit.
    """

    name: str
    type: Type
    help: str
    labels: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    absent: str = ""
    watched: bool = False

    @property
    def full_name(self) -> str:
        """As Prometheus shows it."""
        return f"calico_bgp_{self.name}" + ("_total" if self.type == "counter" else "")

    @property
    def is_per_node(self) -> bool:
        """Whether it has a series per node."""
        return "node" in self.labels


VERDICTS = ("healthy", "warnings", "unhealthy", "unknown")
NODE_STATES = ("read", "unreadable", "no_bgp")
SESSION_STATES = ("established", "down", "passive_wait", "recovering", "unknown")
DIRECTIONS = ("up", "down")
UNEXPLAINED_SEVERITIES = ("error", "warning")
CONFIDENCES = ("certain", "likely", "possible")
#: At most so many causes have a series of their own.
MOST_CAUSES = 70
#: At most so many sessions with peers that are no nodes have series of their own: every node may have some.
MOST_EXTERNAL = 500
#: Why sessions are down, in fifteen classes; the words of INFO that belong to each are in `reasons`.
REASONS = (
    "refused",
    "timeout",
    "unreachable",
    "reset",
    "hold_timer",
    "authentication",
    "bad_as",
    "open_refused",
    "shutdown",
    "route_limit",
    "protocol_error",
    "local_error",
    "disabled",
    "waiting",
    "other",
)
_NOT_READ = "when the last poll could read nothing"
_FAMILY = ("family",)
_PER_NODE = ("node", "family")

BUILD_INFO = Metric("build_info", "gauge", "1, with the version of calico_bgp.", ("version",))
UP = Metric("up", "gauge", "Whether the last poll could read the cluster: 1 or 0.")
TIMESTAMP = Metric(
    "gather_timestamp_seconds",
    "gauge",
    "When the last poll began that could read the cluster, in seconds since 1970.",
    absent="before the first such poll",
)
DURATION = Metric("gather_duration_seconds", "gauge", "How long the last poll took, reading and judging.")
INTERVAL = Metric("poll_interval_seconds", "gauge", "From the beginning of a poll to that of the next.", watched=True)
HEALTH = Metric(
    "health", "gauge", "The audit's verdict: 1 for the one that it is.", ("state",), (("state", VERDICTS),), _NOT_READ
)
NODES = Metric(
    "nodes",
    "gauge",
    "Nodes that were read, that could not be read or only in part, and that run no BGP.",
    ("state",),
    (("state", NODE_STATES),),
    _NOT_READ,
)
NODE_SESSIONS = Metric(
    "node_sessions",
    "gauge",
    "Rows of a node's table, by what they show: a session counts once at each of its ends.",
    (*_PER_NODE, "state"),
    (("state", SESSION_STATES),),
    "of a node that was not read, and of a family whose BIRD could not be asked",
)
NODE_EXPECTED = Metric(
    "node_sessions_expected",
    "gauge",
    "Peers that Calico's resources ask for on a node.",
    _PER_NODE,
    absent="without Calico's resources",
)
TRANSITIONS = Metric(
    "node_session_transitions",
    "counter",
    "How often rows of a node's table became Established (up) or ceased to be (down) since the watching began; also "
    "between two polls, as SINCE shows.",
    (*_PER_NODE, "direction"),
    (("direction", DIRECTIONS),),
    "of a node that was not read since",
    watched=True,
)
SESSIONS_DOWN = Metric(
    "sessions_down",
    "gauge",
    "Sessions that a table shows and that are not Established, by why.",
    (*_FAMILY, "reason"),
    (("reason", REASONS),),
    _NOT_READ,
)
CAUSES = Metric(
    "causes",
    "gauge",
    "Causes in the last report, by kind and by how sure they are.",
    ("kind", "confidence"),
    (("confidence", CONFIDENCES),),
    _NOT_READ,
)
CAUSE_ACTIVE = Metric(
    "cause_active",
    "gauge",
    "1 for each cause that is told: confirmed by the watcher, or named by the audit, and not in maintenance. At most "
    f"{MOST_CAUSES}, worst first.",
    ("id", "kind", "subject", "severity"),
    absent="for what is not the case",
)
CAUSES_NOT_SHOWN = Metric(
    "causes_not_shown", "gauge", f"Causes that are told beyond the {MOST_CAUSES} that have a series."
)
ROUTES_LOST = Metric(
    "cause_routes_lost",
    "gauge",
    "Routes (a node and another's pods) that are lost because of a cause that is told.",
    ("id", "kind", "subject", "severity"),
    absent="where that is not known",
)
FINDINGS = Metric(
    "findings",
    "gauge",
    "Findings in the last report, by rule.",
    ("rule", "severity"),
    absent=f"{_NOT_READ}; and of a rule that did not run",
)
UNEXPLAINED = Metric(
    "findings_unexplained",
    "gauge",
    "Errors and warnings that are told and that no cause explains: confirmed by the watcher, or of the audit, and not "
    "in maintenance.",
    ("severity",),
    (("severity", UNEXPLAINED_SEVERITIES),),
)
ROUTES_MISSING = Metric(
    "routes_missing",
    "gauge",
    "Routes (a node and another's pods) that are certainly missing.",
    _FAMILY,
    absent="where that cannot be worked out",
)
ROUTES_UNKNOWN = Metric(
    "routes_unknown",
    "gauge",
    "Routes of which it is not known whether they are there.",
    _FAMILY,
    absent="where that cannot be worked out",
)
MAINTENANCE = Metric(
    "maintenance", "gauge", "1 for each node of which trouble is expected.", ("node",), absent="for all others"
)
EXTERNAL_ROUTES = Metric(
    "external_routes",
    "gauge",
    "Routes that a node takes from (imported) and gives to (exported) a peer that is no node of the cluster, as BIRD "
    f"counts them. Of at most {MOST_EXTERNAL} sessions.",
    ("node", "peer", "family", "direction"),
    (("direction", ("imported", "exported")),),
    "where BIRD was not asked, and of a session that is down",
)
IN_MAINTENANCE = Metric("nodes_in_maintenance", "gauge", "How many nodes are in maintenance.", absent=_NOT_READ)
FLAPPING = Metric("flapping", "gauge", "Causes and findings that come and go.", watched=True)
SOURCE_LOST = Metric(
    "source_lost", "gauge", "Whether the cluster could not be read for so many polls that it was told.", watched=True
)
POLLS = Metric(
    "polls",
    "counter",
    "Polls since the watching began, by whether they could read the cluster.",
    ("outcome",),
    (("outcome", ("read", "unreadable")),),
    watched=True,
)
EXPECTED_TROUBLE = Metric("causes_in_maintenance", "gauge", "Causes and findings that are expected.", watched=True)

METRICS: tuple[Metric, ...] = (
    BUILD_INFO,
    UP,
    TIMESTAMP,
    DURATION,
    INTERVAL,
    POLLS,
    SOURCE_LOST,
    HEALTH,
    NODES,
    CAUSES,
    CAUSE_ACTIVE,
    ROUTES_LOST,
    CAUSES_NOT_SHOWN,
    EXPECTED_TROUBLE,
    FLAPPING,
    FINDINGS,
    UNEXPLAINED,
    ROUTES_MISSING,
    ROUTES_UNKNOWN,
    SESSIONS_DOWN,
    EXTERNAL_ROUTES,
    IN_MAINTENANCE,
    MAINTENANCE,
    NODE_SESSIONS,
    NODE_EXPECTED,
    TRANSITIONS,
)
