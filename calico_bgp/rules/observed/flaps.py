"""Rules about time: sessions that changed a short while ago, among older ones."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.reasons import row_text
from calico_bgp.cluster.sessions.session import Session, by_end
from calico_bgp.cluster.sessions.youth import Youth
from calico_bgp.messages.steps import step
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.rules.observed.sessions import subject_of
from calico_bgp.rules.rule import Draft, rule


@rule(
    "recently-changed",
    Severity.WARNING,
    title="A session came up a short while ago, among older ones",
    meaning="The session is Established now but was not within the flap window (`--flap-window`, 10 minutes), "
    "while most others are older: "
    "it may be flapping, or a node was restarted. Where most sessions are young (a new cluster, a restart of all "
    "nodes) nothing is "
    "reported. SINCE moves only when BIRD's protocol state changes, and is compared with the node's own clock.",
    evidence="SINCE and the node's clock.",
    action="Audit again later; if SINCE keeps moving, look at the log of calico-node on both ends for the reason.",
    messages={
        "node": "{sessions:every session} of {node} came up within the last {minutes} min: was it restarted?",
        "session": "the session of {a} and {b} over {family:and} came up within the last {minutes} min",
    },
)
def recently_changed(cluster: Cluster) -> Iterator[Draft]:
    """One finding per young session; per node where all sessions of a node are young."""
    youth = Youth(cluster.members, cluster.now, cluster.flap_window)
    if not youth.is_any:
        return
    ages = {
        key: is_young
        for key, session in cluster.sessions.items()
        if session.is_up and (is_young := _is_young(session, youth)) is not None
    }
    young = {key for key, is_young in ages.items() if is_young}
    if not young or 2 * len(young) > len(ages):
        return
    of_node = by_end(ages)
    restarted = {name for name, keys in of_node.items() if name in cluster.by_name and len(keys) > 1 and keys <= young}
    for name in sorted(restarted):
        yield Draft(
            NodeSubject(node=name),
            "node",
            [line for key in sorted(of_node[name])[:5] for line in _rows(cluster.sessions[key])],
            cluster.pods.look_at(name),
            sessions=len(of_node[name]),
            node=name,
            minutes=_minutes(cluster),
        )
    for key in sorted(young):
        if not {key.a, key.b} & restarted:
            yield Draft(
                subject_of(key),
                "session",
                _rows(cluster.sessions[key]),
                step("audit again in a few minutes: does SINCE move?"),
                a=key.a,
                b=key.b,
                family=key.family,
                minutes=_minutes(cluster),
            )


def _minutes(cluster: Cluster) -> int:
    return round(cluster.flap_window.total_seconds() / 60)


def _rows(session: Session) -> tuple[str, ...]:
    return tuple(row_text(end.name, row) for end in session.ends for row in end.rows)


def _is_young(session: Session, youth: Youth) -> bool | None:
    """Whether a session changed within the window, seen from any end; None where its age is not known."""
    ages = youth.of_session(session)
    return any(ages) if ages else None
