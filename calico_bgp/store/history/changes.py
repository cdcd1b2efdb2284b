"""What changed of a peer from one poll to the next, for people: up, down, started again, came, went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState
from calico_bgp.parse.status.same_since import is_since_before
from calico_bgp.store.history.apply import RowChange
from calico_bgp.store.history.replay import Step
from calico_bgp.store.history.rows import ADDRESS_TEXT, BGP_STATE, FAMILY, INFO, PROTOCOL_STATE, SINCE, Row, is_up


class PeerChangeKind(StrEnum):
    """How a peer changed."""

    UP = "up"
    DOWN = "down"
    #: Established at both polls, and not all the time between them: SINCE says so.
    RESTARTED = "restarted"
    CAME = "came"
    WENT = "went"
    #: Not Established before and after, in another way.
    OTHER = "other"


#: What only a young SINCE proves: a row that came may have been there while nobody could look.
_BY_SINCE = {PeerChangeKind.RESTARTED, PeerChangeKind.CAME}
_KNOWN = {DaemonState.RUNNING.value, DaemonState.NOT_RUNNING.value}


@dataclass(frozen=True, slots=True)
class PeerEvent:
    """One change of one peer.

    Attributes:
        at: When the poll began that showed it.
        node: In whose table.
        family: Which family.
        peer: The neighbour's address as the table has it.
        kind: How it changed.
        before: Its state before, as BIRD prints it; None where it came.
        after: Its state after; None where it went.
        since: SINCE after the change.
        ups: How often the session became Established, at least.
        downs: How often it ceased to be, at least.
    """

    at: datetime
    node: str
    family: Family
    peer: str
    kind: PeerChangeKind
    before: str | None
    after: str | None
    since: str | None
    ups: int = 0
    downs: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """The node in whose table a row changed, when it was looked at.

    Attributes:
        at: When the poll began.
        node: The node's name, else the host's.
        clock: Its clock.
        elapsed: Seconds since the last look.
        daemons: Family → the state of its BIRD.
        complete: Whether its whole answer came.
    """

    at: datetime
    node: str
    clock: datetime | None
    elapsed: float
    daemons: Mapping[str, str]
    complete: bool


def peer_event(before: Row | None, after: Row | None, look: Look) -> PeerEvent | None:
    """One change of a row; None where it is none: a SINCE that is printed in another way, or by a clock that was set.

    A session that started anew after the last look has a SINCE that is younger than that look, whatever the clocks
    did.
    """
    row = after or before
    assert row is not None
    family = Family(row[FAMILY])
    kind = _kind(before, after)
    if kind in _BY_SINCE and (after is None or is_since_before(after[SINCE], look.clock, look.elapsed)):
        return None
    is_known = look.complete and look.daemons.get(family.value, DaemonState.RUNNING.value) in _KNOWN
    if kind is PeerChangeKind.WENT and not is_known:
        return None
    was_up, is_now_up = before is not None and is_up(before), after is not None and is_up(after)
    restarted = kind is PeerChangeKind.RESTARTED
    return PeerEvent(
        look.at,
        look.node,
        family,
        row[ADDRESS_TEXT],
        kind,
        _state(before),
        _state(after),
        None if after is None else after[SINCE],
        ups=int(restarted or (is_now_up and not was_up)),
        downs=int(restarted or (was_up and not is_now_up)),
    )


def peer_events(step: Step) -> Iterator[PeerEvent]:
    """The changes of one poll of the history."""
    elapsed = max((step.at - step.previous).total_seconds(), 0.0)
    looks: dict[str, Look] = {}
    for change in step.changes:
        if change.host not in looks:
            look = _look(step, change, elapsed)
            if look is None:
                continue
            looks[change.host] = look
        event = peer_event(change.before, change.after, looks[change.host])
        if event is not None:
            yield event


def _look(step: Step, change: RowChange, elapsed: float) -> Look | None:
    node = step.frame.nodes.get(change.host)
    if node is None:
        return None
    status: dict[str, Any] = node.head["status"]
    return Look(
        at=step.at,
        node=node.head.get("node") or change.host,
        clock=node.clock_at(step.at),
        elapsed=elapsed,
        daemons={daemon["family"]: daemon["state"] for daemon in status["daemons"]},
        complete=bool(status["complete"]) and bool(node.head["complete"]),
    )


def _kind(before: Row | None, after: Row | None) -> PeerChangeKind:
    if before is None:
        return PeerChangeKind.CAME
    if after is None:
        return PeerChangeKind.WENT
    match is_up(before), is_up(after):
        case False, True:
            return PeerChangeKind.UP
        case True, False:
            return PeerChangeKind.DOWN
        case True, True:
            return PeerChangeKind.RESTARTED
        case _:
            return PeerChangeKind.OTHER


def _state(row: Row | None) -> str | None:
    return None if row is None else str(row[INFO] or row[BGP_STATE] or row[PROTOCOL_STATE])
