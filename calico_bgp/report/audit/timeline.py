"""When the rows of some sessions last changed, from their SINCE cells, with what is uncertain about it. No layout here.

SINCE is the last change of BIRD's *protocol* state by the node's own clock, which may be wrong: where we know both
clocks, the node's is put right. A clock time is known to a few seconds, a date to a day (parse.since).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from calico_bgp.model.peer import Address, Peer
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.reports.report import Report
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject, Subject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.status.since import SinceRange, resolve_since

#: Changes of one kind that lie this close together are one event.
_TOGETHER = timedelta(seconds=90)
#: A clock that differs less from ours is right: the answer takes its time to arrive.
_RIGHT_CLOCK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Change:
    """One row's last change.

    Attributes:
        node: Who shows the row.
        far: The other end's name, its address where no name is known.
        state: STATE of the row with its last error, else with its INFO: Idle and Active with one error are one story.
        since: The SINCE cell, None where there is none.
        when: What the cell can mean, by our clock where possible (UTC); None where it cannot be told.
        off: How far the node's clock is ahead of ours, where that is known and matters.
        is_up: Whether the row is Established.
    """

    node: str
    far: str
    state: str
    since: str | None
    when: SinceRange | None
    off: timedelta | None
    is_up: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Changes of one kind at one time.

    Attributes:
        state: What the rows have shown since.
        changes: One per row, in the snapshot's order.
        when: From the earliest to the latest moment that any of them can mean (UTC); None where it cannot be told.
    """

    state: str
    changes: tuple[Change, ...]
    when: SinceRange | None


def timeline(report: Report, snapshot: Snapshot, subjects: Iterable[Subject]) -> tuple[Event, ...]:
    """What is known of when, earliest first; what cannot be told last.

    Rows that are not Established count always, the others where they changed within 20 hours of the reading: older
    sessions that stand are no part of the story.

    Args:
        report: It knows which node an address belongs to.
        snapshot: The rows, and the clocks.
        subjects: The nodes and sessions that matter.
    """
    nodes = {subject.node for subject in subjects if isinstance(subject, NodeSubject)}
    pairs = {frozenset((s.a, s.b)) for s in subjects if isinstance(s, SessionSubject)}
    owners = _owners(report)
    changes = [
        change
        for reading in snapshot.readings
        for change in _changes(reading, snapshot, owners)
        if change.node in nodes or change.far in nodes or frozenset((change.node, change.far)) in pairs
    ]
    return tuple(sorted(_events(c for c in changes if not c.is_up or _is_young(c)), key=_order))


def _owners(report: Report) -> dict[Address, str]:
    """Address → the one node that has it; an address that two nodes claim names none."""
    owners: dict[Address, str] = {}
    twice: set[Address] = set()
    for node in report.topology.nodes:
        for address in node.addresses:
            if owners.setdefault(address, node.name) != node.name:
                twice.add(address)
    return {address: name for address, name in owners.items() if address not in twice}


def _changes(reading: NodeReading, snapshot: Snapshot, owners: dict[Address, str]) -> Iterator[Change]:
    now = reading.clock or reading.taken_at or snapshot.taken_at
    skew = _skew(reading)
    ranges: dict[str, SinceRange | None] = {}
    for peer in reading.peers:
        if peer.since is not None and peer.since not in ranges:
            ranges[peer.since] = None if now is None else _by_our_clock(peer.since, now, skew)
        far = peer.address_text if peer.address is None else owners.get(peer.address, peer.address_text)
        when = None if peer.since is None else ranges[peer.since]
        off = skew if skew is not None and abs(skew) > _RIGHT_CLOCK else None
        yield Change(reading.name, far, _state(peer), peer.since, when, off, peer.is_established)


def _skew(reading: NodeReading) -> timedelta | None:
    if reading.clock is None or reading.taken_at is None:
        return None
    return reading.clock - reading.taken_at


def _by_our_clock(since: str, now: datetime, skew: timedelta | None) -> SinceRange | None:
    span = resolve_since(since, now)
    if span is None:
        return None
    shift = skew if skew is not None and abs(skew) > _RIGHT_CLOCK else timedelta()
    try:
        return SinceRange((span.earliest - shift).astimezone(UTC), (span.latest - shift).astimezone(UTC))
    except OverflowError:  # a clock that is at the end of time
        return None


def _state(peer: Peer) -> str:
    if peer.error is not None:
        return f"{peer.protocol_state}, last error {peer.error.error_class}: {peer.error.message}"
    return f"{peer.protocol_state} {peer.info}".strip()


def _is_young(change: Change) -> bool:
    return change.when is not None and change.since is not None and ":" in change.since


def _events(changes: Iterable[Change]) -> Iterator[Event]:
    """Changes to one state within a short time, as one event."""
    by_state: dict[tuple[str, bool], list[Change]] = {}
    for change in changes:
        by_state.setdefault((change.state, change.when is None), []).append(change)
    for (state, is_unknown), alike in by_state.items():
        if is_unknown:
            yield Event(state, tuple(alike), None)
            continue
        spell: list[Change] = []
        for change in sorted(alike, key=_began):
            if spell and _began(change) - _began(spell[0]) > _TOGETHER:
                yield _event(state, spell)
                spell = []
            spell.append(change)
        yield _event(state, spell)


def _began(change: Change) -> datetime:
    assert change.when is not None, "only changes whose time is known are put into spells"
    return change.when.earliest


def _event(state: str, spell: list[Change]) -> Event:
    ranges = [change.when for change in spell if change.when is not None]
    when = SinceRange(min(r.earliest for r in ranges), max(r.latest for r in ranges))
    return Event(state, tuple(spell), when)


def _order(event: Event) -> tuple[bool, datetime, str]:
    return (
        event.when is None,
        datetime.max.replace(tzinfo=UTC) if event.when is None else event.when.earliest,
        event.state,
    )
