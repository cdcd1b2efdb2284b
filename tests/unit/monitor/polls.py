"""Hand-made polls for the tests of the watcher."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from calico_bgp.model.event import Event
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Severity
from calico_bgp.monitor.states.maintenance import NOTHING, Maintenance
from calico_bgp.monitor.states.poll import Poll
from calico_bgp.monitor.states.settings import Patience
from calico_bgp.monitor.states.step import WatchState, step
from calico_bgp.monitor.states.trouble import Trouble, TroubleType

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
RULES = frozenset({"session-not-established", "node-unreadable"})


def trouble(
    name: str = "node4",
    *,
    kind: str = "bird-down",
    routes_lost: int | None = None,
    ends: tuple[tuple[str, ...], ...] | None = None,
    confidence: Confidence = Confidence.LIKELY,
    severity: Severity = Severity.ERROR,
) -> Trouble:
    return Trouble(
        id=f"{kind}-{name}",
        type=TroubleType.CAUSE,
        kind=kind,
        subject=name,
        ends=((name,),) if ends is None else ends,
        headline=f"BIRD does not run on {name}",
        severity=severity,
        confidence=confidence,
        routes_lost=routes_lost,
        rules=("session-not-established",),
    )


def poll(
    *troubles: Trouble,
    failure: str | None = None,
    unread: set[str] = frozenset(),
    maintenance: Maintenance = NOTHING,
    elapsed: float = 60.0,
    at: datetime = NOON,
    rules: frozenset[str] = RULES,
    has_resources: bool = True,
    complete: bool = True,
) -> Poll:
    return Poll(
        at=at,
        elapsed=elapsed,
        failure=failure,
        complete=complete,
        troubles=troubles,
        unread=frozenset(unread),
        rules=rules,
        has_resources=has_resources,
        maintenance=maintenance,
    )


def play(
    polls: list[Poll], state: WatchState | None = None, patience: Patience | None = None
) -> tuple[WatchState, list[list[Event]]]:
    """The state after all polls, and the events of each."""
    state = state or WatchState()
    told = []
    for place, one in enumerate(polls):
        at = NOON + timedelta(minutes=place) if one.at == NOON else one.at
        state, events = step(state, replace(one, at=at), patience)
        told.append(list(events))
    return state, told


def kinds(told: list[list[Event]]) -> list[list[str]]:
    return [[event.kind.value for event in events] for events in told]
