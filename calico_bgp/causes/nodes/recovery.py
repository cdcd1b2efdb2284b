"""Cause: a BIRD that has just started and recovers (graceful restart), or that does not end its recovery."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.check import AuditAgain
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.routes.bird_reading import BirdReading

#: BIRD's own graceful-restart recovery ends after this time at the latest (nest/proto.c, graceful restart wait).
_RECOVERY = timedelta(seconds=240)
#: For a machine that was busy when BIRD started.
_SLACK = timedelta(minutes=1)


@cause(
    "graceful-restart",
    title="BIRD has just restarted and recovers",
    what="BIRD just restarted",
    messages={
        "recovers": "BIRD on {node} has just restarted and recovers: wait, do not repair",
        "overdue": "BIRD on {node} runs for {minutes} min and still recovers from its restart, which takes 4 at most: "
        "it announces none of its own routes",
    },
    meaning="Protocol state `wait`: until its peers have sent their routes, at most 240 s, it announces none of its "
    "own.",
    evidence="The rows of the node: certain. That it does not end, BIRD's own clock and the time of its start: likely.",
    look_alikes="bird-hangs, where it does not answer any more.",
    mending="Wait. Where BIRD recovers for longer than that by its own clock: a restart.",
    demos=("restarting",),
)
def graceful_restart(case: Case) -> Iterator[Candidate]:
    """A BIRD that has just started: it ends by itself."""
    for finding, subject in case.about(NodeSubject, "graceful-restart"):
        name = subject.node
        reading = case.cluster.by_name[name].reading
        assert reading is not None, "its rows say that it recovers"
        taken_at = reading.taken_at or case.cluster.now
        keys = frozenset(key for key in case.cluster.judged.recovering if name in {key.a, key.b})
        runs_for = _recovering_for(reading.birds)
        if runs_for is not None and runs_for > _RECOVERY + _SLACK:
            yield _overdue(case, finding, name, keys, runs_for)
            continue
        until = None if taken_at is None else taken_at + _RECOVERY
        yield Candidate(
            kind="graceful-restart",
            subjects=(subject,),
            title=Words("recovers", node=name),
            explanation="Until all its peers have sent their routes, at most 240 s, it announces none of its own. "
            "Another restart would begin that anew.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | case.of_node(name, "recently-changed"),
            evidence=finding.evidence,
            keys=keys,
            fixes=(
                Fix(
                    label="wait",
                    summary="wait; it ends by itself" + (f" at {until:%H:%M:%S %Z} at the latest" if until else ""),
                    risk=Risk.NONE,
                    check=AuditAgain(wait="5m"),
                    wait_until=until,
                ),
            ),
            costs=f"others do not learn the routes of {name} anew until then; those that they had they keep",
        )


def _recovering_for(birds: Collection[BirdReading]) -> timedelta | None:
    """How long a BIRD that says that it recovers has run, by its own clock; None where none says so with both times.

    The rows say when each session came to `wait`, by the clock of the node, which may have been set since.
    """
    for bird in birds:
        if bird.is_recovering and bird.server_time is not None and bird.last_reboot is not None:
            with suppress(ValueError, TypeError):  # no times, or one of them without a zone
                return datetime.fromisoformat(bird.server_time) - datetime.fromisoformat(bird.last_reboot)
    return None


def _overdue(case: Case, finding: Finding, name: str, keys: frozenset[SessionKey], runs_for: timedelta) -> Candidate:
    return Candidate(
        kind="graceful-restart",
        subjects=(finding.subject,),
        title=Words("overdue", node=name, minutes=int(runs_for.total_seconds() // 60)),
        explanation="BIRD ends its recovery 240 s after its start, whoever is missing then. Its timers do not run.",
        confidence=Confidence.LIKELY,
        explains=frozenset({finding.id}) | case.of_node(name, "recently-changed"),
        evidence=finding.evidence,
        keys=keys,
        fixes=(case.pods.restart(name, f"restart calico-node on {name}: its BIRD begins anew"),),
        costs=f"others do not learn the routes of {name} anew; those that they had they keep",
        what="BIRD does not end recovery",
    )
