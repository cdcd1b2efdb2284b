"""A snapshot as plain values that take little room, and back; what one differs in from the next. No database here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from pydantic import TypeAdapter

from calico_bgp.model.reading import GatherFailure, NodeReading
from calico_bgp.model.routes.bird_reading import BirdReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.status.same_since import since_at
from calico_bgp.store.history.rows import (
    SINCE,
    Row,
    from_columns,
    peer_of,
    row_of,
    to_columns,
)
from calico_bgp.store.history.tables import Pool, PooledRoutes, Tables, packed_tables, tables_of_json, unpacked_tables

#: What a snapshot holds beside its readings. The raw outputs are not kept.
BESIDE = {"readings", "failures", "taken_at", "resources_raw"}
#: What a reading holds beside its peers; the times stand apart.
_HEAD: Any = {"taken_at": True, "clock": True, "raw": True, "birds": True, "tables": True, "status": {"peers"}}
_BIRD = TypeAdapter(BirdReading)
#: How many values `packed_node` gives.
_WITHOUT_ROUTES = 6


@dataclass
class NodeFrame:
    """What is known of a node that was read.

    Attributes:
        head: The reading but for its peers and times, and for what follows.
        birds: What each BIRD said of itself; its clock, and SINCE of its protocols, are as they were when it changed.
        rows: Its peers.
        printed: Beside each row, the node's clock when its SINCE was kept, in seconds since 1970; None where unknown.
        taken: Seconds from the beginning of the poll to the answer; None for a pasted text.
        clock: Seconds that the node's clock is ahead of ours when it answered, and its zone's seconds; None if unknown.
        tables: The routes that it holds.
    """

    head: dict[str, Any]
    birds: list[dict[str, Any]]
    rows: list[Row]
    printed: list[float | None]
    taken: float | None = None
    clock: list[float] | None = None
    tables: Tables = ()

    def clock_at(self, at: datetime) -> datetime | None:
        """The node's clock at a poll; ours where its own is not known."""
        taken = None if self.taken is None else at + timedelta(seconds=self.taken)
        if self.clock is None or taken is None:
            return taken
        ahead, zone = self.clock
        return (taken + timedelta(seconds=ahead)).astimezone(timezone(timedelta(seconds=zone)))


@dataclass
class Frame:
    """All that is known at one poll.

    Attributes:
        beside: The snapshot but for its readings and failures.
        nodes: Host → what it said.
        failures: Host → why it said nothing.
    """

    beside: dict[str, Any] = field(default_factory=dict)
    nodes: dict[str, NodeFrame] = field(default_factory=dict)
    failures: dict[str, Any] = field(default_factory=dict)

    def snapshot(self, at: datetime) -> Snapshot:
        """The snapshot that a poll at `at` saw."""
        without_readings = Snapshot.model_validate({**self.beside, "taken_at": at})
        order = {host.label: place for place, host in enumerate(without_readings.hosts)}

        def in_order(hosts: Iterable[str]) -> list[str]:
            return sorted(hosts, key=lambda host: order.get(host, len(order)))

        readings = tuple(_reading(self.nodes[host], at) for host in in_order(self.nodes))
        failures = tuple(GatherFailure.model_validate(self.failures[host]) for host in in_order(self.failures))
        return without_readings.model_copy(update={"readings": readings, "failures": failures})


def _reading(node: NodeFrame, at: datetime) -> NodeReading:
    clock = node.clock_at(at)
    peers = []
    for row, printed in zip(node.rows, node.printed, strict=True):
        peer = peer_of(row)
        then = None if printed is None or clock is None else datetime.fromtimestamp(printed, clock.tzinfo)
        later = since_at(peer.since, then, clock)
        if later != peer.since:
            peer = peer_of([*row[:SINCE], later, *row[SINCE + 1 :]])
        peers.append(peer)
    head = node.head
    return NodeReading.model_validate(
        {
            **head,
            "status": {**head["status"], "peers": tuple(peers)},
            "birds": tuple(node.birds),
            "tables": node.tables,
            "taken_at": None if node.taken is None else at + timedelta(seconds=node.taken),
            "clock": clock if node.clock is not None else None,
        }
    )


def frame_of(snapshot: Snapshot, at: datetime) -> Frame:
    """A snapshot as a frame."""
    return Frame(
        beside=beside_of(snapshot),
        nodes={reading.host: node_of(reading, at) for reading in snapshot.readings},
        failures={failure.host: failure.model_dump(mode="json") for failure in snapshot.failures},
    )


def beside_of(snapshot: Snapshot) -> dict[str, Any]:
    """What a snapshot holds beside its readings, as JSON."""
    return snapshot.model_dump(mode="json", exclude=BESIDE, by_alias=True)


def node_of(reading: NodeReading, at: datetime) -> NodeFrame:
    """What is kept of a reading."""
    clock = clock_of(reading)
    printed = seconds_of(clock)
    return NodeFrame(
        head=head_of(reading),
        birds=birds_of(reading),
        rows=[row_of(peer) for peer in reading.peers],
        printed=[printed] * len(reading.peers),
        taken=None if reading.taken_at is None else round((reading.taken_at - at).total_seconds(), 3),
        clock=offset_of(reading),
        tables=reading.tables,
    )


def head_of(reading: NodeReading) -> dict[str, Any]:
    """The reading but for its peers, its times, what BIRD said of itself, and its routes, as JSON."""
    return reading.model_dump(mode="json", exclude=_HEAD)


def birds_of(reading: NodeReading) -> list[dict[str, Any]]:
    """What the BIRDs of a node said of themselves, as JSON."""
    return [_BIRD.dump_python(bird, mode="json") for bird in reading.birds]


def seconds_of(clock: datetime | None) -> float | None:
    """A clock in seconds since 1970."""
    return None if clock is None else round(clock.timestamp(), 1)


def offset_of(reading: NodeReading) -> list[float] | None:
    """How far a node's clock was ahead of ours, and its zone, in seconds; None where unknown."""
    if reading.clock is None or reading.taken_at is None:
        return None
    zone = reading.clock.utcoffset() or timedelta()
    return [round((reading.clock - reading.taken_at).total_seconds(), 3), zone.total_seconds()]


def clock_of(reading: NodeReading) -> datetime | None:
    """The node's clock when it answered, else ours."""
    return reading.clock or reading.taken_at


def to_json(frame: Frame) -> dict[str, Any]:
    """A frame as JSON."""
    pool = Pool()
    nodes = {host: [*packed_node(node), packed_tables(node.tables, pool)] for host, node in sorted(frame.nodes.items())}
    return {"beside": frame.beside, "nodes": nodes, "failures": frame.failures, "routes": pool.to_json()}


def from_json(document: dict[str, Any]) -> Frame:
    """The frame of `to_json`."""
    routes = PooledRoutes(document.get("routes"))
    nodes = {host: unpacked_node(packed) for host, packed in document["nodes"].items()}
    for host, packed in document["nodes"].items():
        if len(packed) > _WITHOUT_ROUTES:
            nodes[host].tables = unpacked_tables(packed[_WITHOUT_ROUTES], routes)
    return Frame(document["beside"], nodes, document["failures"])


def packed_node(node: NodeFrame) -> list[Any]:
    """A node as JSON, but for its routes."""
    printed = node.printed[:1] if len(set(node.printed)) == 1 else node.printed
    return [node.head, node.birds, to_columns(node.rows), printed, node.taken, node.clock]


def unpacked_node(packed: list[Any]) -> NodeFrame:
    """The node of `packed_node`; of older histories with its routes, which stood among what is kept of a reading."""
    head, birds, columns, printed, taken, clock = packed[:_WITHOUT_ROUTES]
    rows = from_columns(columns)
    printed = printed * len(rows) if len(printed) == 1 else printed
    return NodeFrame(head, birds, rows, printed, taken, clock, tables_of_json(head.pop("tables", ())))
