"""What changed of the sessions from one poll to the next: per peer, and per node where all of its sessions did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from calico_bgp.messages.words import every
from calico_bgp.model.event import Event, EventKind
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.history.changes import Look, PeerEvent, peer_event
from calico_bgp.store.history.delta import same_row, splice
from calico_bgp.store.history.frame import clock_of
from calico_bgp.store.history.rows import row_of


def changes_between(before: Snapshot | None, after: Snapshot, *, at: datetime, elapsed: float) -> tuple[PeerEvent, ...]:
    """Every change of a peer of a node that was read both times.

    Args:
        before: The last snapshot; None for the first poll.
        after: This one.
        at: When its poll began.
        elapsed: Seconds between them, by a clock that does not jump.
    """
    old = {} if before is None else {reading.host: reading for reading in before.readings}
    return tuple(
        change
        for reading in after.readings
        if reading.host in old and old[reading.host].peers != reading.peers
        for change in _of_node(old[reading.host], reading, at, elapsed)
    )


def _of_node(old: NodeReading, new: NodeReading, at: datetime, elapsed: float) -> Iterator[PeerEvent]:
    look = Look(
        at=at,
        node=new.name,
        clock=clock_of(new),
        elapsed=elapsed,
        daemons={daemon.family.value: daemon.state.value for daemon in new.status.daemons},
        complete=new.complete and new.status.complete,
    )
    clocks = (clock_of(old), clock_of(new))
    start, removed, added = splice(old.peers, new.peers)
    for place, peer in enumerate(new.peers):
        if start <= place < start + added:
            event = peer_event(None, row_of(peer), look)
        else:
            was = old.peers[place if place < start else place - added + removed]
            if same_row(was, peer, clocks):
                continue
            event = peer_event(row_of(was), row_of(peer), look)
        if event is not None:
            yield event
    for peer in old.peers[start : start + removed]:
        event = peer_event(row_of(peer), None, look)
        if event is not None:
            yield event


def node_events(changes: Iterable[PeerEvent], after: Snapshot, *, at: datetime) -> tuple[Event, ...]:
    """One event per node and family of which all sessions went down, or came up, in one poll; of two or more."""
    changed: dict[tuple[str, Family, EventKind], set[str]] = defaultdict(set)
    for change in changes:
        if change.downs and not change.ups:
            changed[change.node, change.family, EventKind.SESSIONS_DOWN].add(change.peer)
        elif change.ups and not change.downs:
            changed[change.node, change.family, EventKind.SESSIONS_UP].add(change.peer)
    readings = {reading.name: reading for reading in after.readings}
    events = []
    for (node, family, kind), peers in sorted(changed.items()):
        rows = [row for row in readings[node].peers if row.family is family]
        is_up = kind is EventKind.SESSIONS_UP
        if len(peers) < 2 or any(row.is_established is not is_up for row in rows):
            continue
        what = "came up" if is_up else "went down"
        text = f"{node}: {every(len(peers))} {family.label} sessions {what} since the last poll"
        events.append(Event(at=at, kind=kind, text=text, subject=node, nodes=(node,)))
    return tuple(events)
