"""From one poll's frame to the next one's, by what `delta` found; says which rows changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calico_bgp.store.history.frame import Frame, NodeFrame, seconds_of, unpacked_node
from calico_bgp.store.history.patch import patched
from calico_bgp.store.history.rows import CHANGING, Row, from_columns, from_ranges
from calico_bgp.store.history.tables import PooledRoutes, apply_groups, json_of_tables, tables_of_json


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is not what it was.

    Attributes:
        host: Whose table.
        before: As it was, None where it is new.
        after: As it is, None where it is gone.
    """

    host: str
    before: Row | None
    after: Row | None


def apply(frame: Frame, delta: dict[str, Any], at: datetime) -> list[RowChange]:
    """Make a frame what it was at the next poll, in place; say which rows changed.

    Args:
        frame: What it was.
        delta: What `delta_of` gave: `n` nodes, `h` what is beside their rows, `d` what BIRDs said, `s` rows that came
            and went, `t` tables, `g` rows that changed alike, `f` failures, `b` what is beside the nodes.
        at: When the next poll was.
    """
    tables = {host: node.tables for host, node in frame.nodes.items()} if "t" in delta else {}
    for host, packed in delta.get("n", {}).items():
        frame.nodes.pop(host, None)
        # A node that can be read again is no news of its peers.
        if packed is not None:
            frame.nodes[host] = unpacked_node(packed)
    for host, (patch, clock) in delta.get("h", {}).items():
        _patch_head(frame.nodes[host], patch)
        frame.nodes[host].clock = clock
    for host, patch in delta.get("d", {}).items():
        frame.nodes[host].birds = patched(frame.nodes[host].birds, patch)
    changes = [change for host, splice in delta.get("s", {}).items() for change in _splice(frame, host, splice, at)]
    hosts = sorted(frame.nodes)
    if "t" in delta:
        for host, tables_of_host in apply_groups(delta["t"], tables, hosts, PooledRoutes(delta["r"])).items():
            frame.nodes[host].tables = tables_of_host
    for cells, places in delta.get("g", ()):
        changes += _changed_alike(frame, hosts, cells, places, at)
    for host, failure in delta.get("f", {}).items():
        frame.failures.pop(host, None)
        if failure is not None:
            frame.failures[host] = failure
    if "b" in delta:
        frame.beside = patched(frame.beside, delta["b"])
    return changes


def _splice(frame: Frame, host: str, splice: Sequence[Any], at: datetime) -> list[RowChange]:
    """Put new rows of one node in the place of old ones: from which row on, how many old ones, the new ones."""
    start, removed, columns = splice
    node, added = frame.nodes[host], from_columns(columns)
    changes = _changes(host, node.rows[start : start + removed], added)
    node.rows[start : start + removed] = added
    node.printed[start : start + removed] = [seconds_of(node.clock_at(at))] * len(added)
    return changes


def _changed_alike(
    frame: Frame, hosts: Sequence[str], cells: Row, places: Iterable[Sequence[Any]], at: datetime
) -> Iterator[RowChange]:
    """Put the same cells into many rows of many nodes.

    Args:
        frame: What is changed.
        hosts: The nodes, in the order by which `places` numbers them.
        cells: The new ones of each row, at CHANGING.
        places: Ranges of nodes and ranges of rows.
        at: When the rows were printed, on our clock.
    """
    for host_ranges, row_ranges in places:
        rows = from_ranges(row_ranges)
        for place in from_ranges(host_ranges):
            node = frame.nodes[hosts[place]]
            printed = seconds_of(node.clock_at(at))
            for index in rows:
                before = node.rows[index]
                after = [*before[: CHANGING.start], *cells, *before[CHANGING.stop :]]
                node.rows[index] = after
                node.printed[index] = printed
                yield RowChange(hosts[place], before, after)


def _patch_head(node: NodeFrame, patch: list[Any] | None) -> None:
    if patch is not None and patch[0] == "d" and "tables" in patch[1]:  # an older history
        node.tables = tables_of_json(patched(json_of_tables(node.tables), patch[1].pop("tables")))
    node.head = patched(node.head, patch)


def _changes(host: str, old: list[Row], new: list[Row]) -> list[RowChange]:
    old_rows: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in old:
        old_rows[tuple(row[: CHANGING.start])].append(row)
    changes = []
    for row in new:
        was = old_rows[tuple(row[: CHANGING.start])]
        before = was.pop(0) if was else None
        if before != row:
            changes.append(RowChange(host, before, row))
    return changes + [RowChange(host, row, None) for rows in old_rows.values() for row in rows]
