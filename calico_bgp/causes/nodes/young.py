"""BGP that was restarted or reconfigured a moment ago: wait, do not repair. Other families have what lasts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_of
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.cluster.sessions.youth import Youth, clock_of
from calico_bgp.messages.declared import Words
from calico_bgp.model.peer import Peer
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.check import AuditAgain
from calico_bgp.model.reports.subject import ClusterSubject, SessionSubject
from calico_bgp.once import once
from calico_bgp.parse.status.since import resolve_since

#: BIRD dials again after 5 s (Calico's `connect retry time`) and, after an error, after 5 to 30 s (`error wait time`);
#: its own default is 120 s (proto/bgp/config.Y).
YOUNG = timedelta(minutes=2)
#: Sessions that are configured together come up within this time.
_AT_ONCE = timedelta(seconds=15)
#: SINCE may differ by one from one call to the next.
_A_SECOND = timedelta(seconds=1)
#: What a session says that has not come up yet, or whose far end was just stopped.
_NOT_YET = frozenset(
    {
        Signal.SILENT,
        Signal.NOT_TOLD,
        Signal.STOPPED_THERE,
        Signal.DECONFIGURED_THERE,
        Signal.RECONFIGURED_THERE,
        Signal.CLOSED,
        Signal.REFUSED,
    }
)


#: What a single session says that has just begun: the far end may not have had its peer when it was dialled first.
_JUST_BEGUN = frozenset({Signal.SILENT, Signal.NOT_TOLD, Signal.RECONFIGURED_THERE, Signal.CLOSED, Signal.RESET})


@once
def _youth(case: Case) -> Youth:
    """Which rows changed within the last two minutes."""
    return Youth(case.cluster.members, case.cluster.now, YOUNG)


def _is_young(case: Case, session: Session) -> bool:
    """Whether every row whose age is known is young, and one is."""
    ages = _youth(case).of_session(session)
    return bool(ages) and all(ages)


@once
def young_keys(case: Case) -> frozenset[SessionKey]:
    """Bad sessions without an error but that they are not up yet, and that changed within the last two minutes."""
    if not _youth(case).is_any:
        return frozenset()
    return frozenset(
        key
        for key, session in case.cluster.judged.bad.items()
        if not any(end.lacks_row for end in session.ends)
        and case.signals[key].both <= _JUST_BEGUN
        and _is_young(case, session)
    )


def is_newcomer(case: Case, name: str, keys: Collection[SessionKey]) -> bool:
    """Whether the node is new: its other sessions, two or more, are as young as these."""
    member = case.member(name)
    now = None if member is None else clock_of(member, case.cluster.now)
    if now is None:
        return False
    starts = [_began(row, now) for key in keys for row in case.cluster.session(*key).end(name).rows]
    others = [_began(row, now) for key in case.up_keys(name) for row in case.cluster.session(*key).end(name).rows]
    began, came_up = [t for t in starts if t is not None], [t for t in others if t is not None]
    if not began or len(came_up) < 2 or len(began) + len(came_up) < len(starts) + len(others):
        return False
    # A session that never came up waits since it was configured; one that ended waits since its end.
    return max(began) <= min(came_up) + _A_SECOND and max(came_up) - min(began) <= _AT_ONCE


def _began(row: Peer, now: datetime) -> datetime | None:
    """When the row's protocol state began; None where that is known to a day only, or not at all."""
    when = None if row.since is None else resolve_since(row.since, now.astimezone(UTC))
    return when.earliest if when is not None and when.latest - when.earliest < _AT_ONCE else None


@cause(
    "young-sessions",
    title="BGP was restarted or reconfigured a moment ago",
    what="BGP just restarted",
    messages={
        "everywhere": "BGP was restarted everywhere a moment ago, {sessions:count session} {sessions:is|are} still "
        "to come: wait, do not repair",
        "some": "{sessions:count session} began less than two minutes ago: wait, then audit again",
    },
    meaning="Sessions that have just begun say no error yet: BIRD dials again every few seconds.",
    evidence="SINCE against the node's clock: younger than two minutes. Possible; likely where most sessions are so "
    "young.",
    look_alikes="A fault that has just begun: audit again.",
    mending="Wait.",
    no_demo="No demo shows it: whatever a demo breaks has been broken for two hours, so that it is not young.",
)
def young_sessions(case: Case) -> Iterator[Candidate]:
    """Most sessions are new: everything was restarted. Else those single ones that have just begun."""
    if not _youth(case).is_any:
        return
    up = [session for session in case.cluster.sessions.values() if session.is_up]
    fresh = [session for session in up if _is_young(case, session)]
    everywhere = len(fresh) > 1 and 2 * len(fresh) > len(up)
    keys = (
        frozenset(
            key
            for key, session in case.cluster.judged.bad.items()
            if case.signals[key].both <= _NOT_YET and _is_young(case, session)
        )
        if everywhere
        else young_keys(case)
    )
    if not keys:
        return
    now = case.cluster.now
    until = None if now is None else now + YOUNG
    few = len(keys) <= 2 and not everywhere
    subjects = tuple(SessionSubject.between(key.a, key.b, key.family) for key in sorted(keys)) if few else ()
    yield Candidate(
        kind="young-sessions",
        subjects=subjects or (ClusterSubject(),),
        title=(Words("everywhere", sessions=len(keys)) if everywhere else Words("some", sessions=len(keys))),
        explanation="A session that has just been configured or started says no error yet; BIRD dials again every few "
        "seconds. What is still down after two minutes has another cause.",
        confidence=Confidence.LIKELY if everywhere else Confidence.POSSIBLE,
        explains=case.explained_by(keys),
        evidence=rows_of(case, keys),
        keys=keys,
        fixes=(
            Fix(
                label="wait",
                summary="wait" + (f" until {until:%H:%M:%S %Z}" if until else " two minutes"),
                risk=Risk.NONE,
                check=AuditAgain(wait="3m"),
                wait_until=until,
            ),
        ),
    )
