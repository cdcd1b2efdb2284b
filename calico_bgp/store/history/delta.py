"""What a snapshot differs in from the one before it, as little JSON. `apply` is the other direction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from calico_bgp.model.peer import Peer
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.routes.bird_reading import BirdReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.status.same_since import same_since
from calico_bgp.store.history.frame import (
    BESIDE,
    beside_of,
    birds_of,
    clock_of,
    head_of,
    node_of,
    offset_of,
    packed_node,
)
from calico_bgp.store.history.patch import difference
from calico_bgp.store.history.rows import CHANGING, SINCE, row_of, to_columns, to_ranges
from calico_bgp.store.history.tables import Tables, TablesDelta

#: A clock that differs from ours by so much more or less than before has been set.
_CLOCK_SET = timedelta(seconds=5)


def same_row(old: Peer, new: Peer, clocks: tuple[datetime | None, datetime | None]) -> bool:
    """Whether a row is what it was: all cells equal, SINCE by the moment that it means."""
    if old == new:
        return True
    old_row, new_row = row_of(old), row_of(new)
    old_row[SINCE] = new_row[SINCE] = None
    return old_row == new_row and same_since(old.since, clocks[0], new.since, clocks[1])


def delta_of(before: Snapshot, after: Snapshot, at: datetime) -> tuple[dict[str, Any], int]:
    """The JSON that makes a frame of `before` one of `after`, and how many rows changed. Empty where nothing changed.

    Rows that changed alike stand together, by ranges of nodes and rows: where one node of a mesh restarts, all
    others show the same, and the whole poll takes some hundred bytes.
    """
    old = {reading.host: reading for reading in before.readings}
    new = {reading.host: reading for reading in after.readings}
    count = 0
    nodes: dict[str, Any] = {host: None for host in old if host not in new}
    heads: dict[str, Any] = {}
    splices: dict[str, Any] = {}
    birds: dict[str, Any] = {}
    groups: dict[tuple[Any, ...], dict[int, list[int]]] = defaultdict(dict)
    places = {host: place for place, host in enumerate(sorted(new))}
    for host, reading in new.items():
        was = old.get(host)
        if was is None:
            nodes[host] = packed_node(node_of(reading, at))
            count += len(reading.peers)
            continue
        if _differs_beside_peers(was, reading):
            heads[host] = [difference(head_of(was), head_of(reading)), offset_of(reading)]
        if not _same_birds(was, reading):
            birds[host] = difference(birds_of(was), birds_of(reading))
        if was.peers == reading.peers:
            continue
        start, removed, added = splice(was.peers, reading.peers)
        if removed or added:
            splices[host] = [start, removed, to_columns([row_of(p) for p in reading.peers[start : start + added]])]
            count += removed + added
        clocks = (clock_of(was), clock_of(reading))
        for place, new_peer in enumerate(reading.peers):
            if start <= place < start + added:
                continue
            old_peer = was.peers[place if place < start else place - added + removed]
            if not same_row(old_peer, new_peer, clocks):
                groups[tuple(row_of(new_peer)[CHANGING])].setdefault(places[host], []).append(place)
                count += 1
    failures = _changed_failures(before, after)
    beside = None if _same_beside(before, after) else difference(beside_of(before), beside_of(after))
    parts = {"n": nodes, "h": heads, "d": birds, "s": splices, "g": _grouped(groups), "f": failures, "b": beside}
    tables = TablesDelta(_tables(old), _tables(new))
    if tables.groups:
        parts |= {"t": tables.groups, "r": tables.pool.to_json()}
    return {key: value for key, value in parts.items() if value}, count


def splice(old: Sequence[Peer], new: Sequence[Peer]) -> tuple[int, int, int]:
    """Where two tables differ in their peers: from which place, how many of the old one, how many of the new one."""

    def alike(one: Peer, other: Peer) -> bool:
        return (
            one.address_text == other.address_text and one.family is other.family and one.peer_type == other.peer_type
        )

    shorter = min(len(old), len(new))
    start = end = 0
    while start < shorter and alike(old[start], new[start]):
        start += 1
    while end < shorter - start and alike(old[-1 - end], new[-1 - end]):
        end += 1
    return start, len(old) - start - end, len(new) - start - end


def _tables(readings: Mapping[str, NodeReading]) -> dict[str, Tables]:
    return {host: reading.tables for host, reading in readings.items()}


def _differs_beside_peers(old: NodeReading, new: NodeReading) -> bool:
    was, now = offset_of(old), offset_of(new)
    if (was is None) is not (now is None):
        return True
    if was is not None and now is not None and (was[1] != now[1] or abs(was[0] - now[0]) > _CLOCK_SET.total_seconds()):
        return True
    return any(
        getattr(old, name) != getattr(new, name)
        for name in NodeReading.model_fields
        if name not in {"status", "taken_at", "clock", "raw", "birds", "tables"}
    ) or any(
        getattr(old.status, name) != getattr(new.status, name)
        for name in type(old.status).model_fields
        if name != "peers"
    )


def _same_birds(old: NodeReading, new: NodeReading) -> bool:
    """Whether all BIRDs say what they said, but for their clocks, and for SINCE as long as it means one moment."""
    if len(old.birds) != len(new.birds):
        return False
    clocks = (clock_of(old), clock_of(new))
    return all(_same_bird(one, other, clocks) for one, other in zip(old.birds, new.birds, strict=True))


def _same_bird(old: BirdReading, new: BirdReading, clocks: tuple[datetime | None, datetime | None]) -> bool:
    if replace(old, server_time=None, protocols=()) != replace(new, server_time=None, protocols=()):
        return False
    if len(old.protocols) != len(new.protocols):
        return False
    return all(
        one == other
        or (replace(one, since=other.since) == other and same_since(one.since, clocks[0], other.since, clocks[1]))
        for one, other in zip(old.protocols, new.protocols, strict=True)
    )


def _same_beside(old: Snapshot, new: Snapshot) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in Snapshot.model_fields if name not in BESIDE)


def _changed_failures(before: Snapshot, after: Snapshot) -> dict[str, Any]:
    old = {failure.host: failure for failure in before.failures}
    new = {failure.host: failure for failure in after.failures}
    changed: dict[str, Any] = {host: None for host in old if host not in new}
    return changed | {
        host: failure.model_dump(mode="json")
        for host, failure in new.items()
        if host not in old or old[host].model_copy(update={"raw": ""}) != failure.model_copy(update={"raw": ""})
    }


def _grouped(groups: dict[tuple[Any, ...], dict[int, list[int]]]) -> list[Any]:
    entries = []
    for cells, by_host in groups.items():
        alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for host, rows in by_host.items():
            alike[tuple(to_ranges(rows))].append(host)
        entries.append([list(cells), [[to_ranges(sorted(hosts)), list(rows)] for rows, hosts in alike.items()]])
    return entries
