"""What a fault of the lab changes in what the nodes and the resources say: the input of an example, and what fixes it.

A line per thing that differs from the same cluster without the fault, as `before` and `after`; nothing is written by
hand, so that no example says what the lab does not show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calico_bgp.model.reading import DaemonState, NodeReading
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.natural_order import natural_key

#: What stands where something is not there.
NOTHING = "-"
#: Lines of a table, and characters of a cell.
_MOST, _LONGEST = 10, 80
_KINDS = {
    "nodes": "Node",
    "bgp_peers": "BGPPeer",
    "bgp_configurations": "BGPConfiguration",
    "bgp_filters": "BGPFilter",
    "ip_pools": "IPPool",
}
#: Of a reading these are told in words, or are no input.
_TOLD = {"host", "node", "status", "addresses", "taken_at", "clock", "raw"}
#: Where a resource says it is: never what makes two of them differ.
_PLACES = {"source", "sources", "line", "lines", "file", "origin", "place"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a fault changes.

    Attributes:
        where: Whose and which: `node1 shows 192.0.2.15`.
        healthy: What it is without the fault; `-` where it is not there.
        broken: What it is with it.
    """

    where: str
    healthy: str
    broken: str


def differences(healthy: Snapshot, broken: Snapshot) -> list[Difference]:
    """What differs, by name in natural order: the resources first, for they are what people change."""
    changed = [] if healthy.resources is broken.resources else resource_differences(healthy.resources, broken.resources)
    before, after = dict(_shown(healthy)), dict(_shown(broken))
    silent = tuple(f"{name} " for name in _silent(broken))
    seen_by_nodes = [
        difference
        for difference in _compared(before, after)
        # A node that says nothing has no rows: that is one thing, not one for each row.
        if not (difference.broken == NOTHING and difference.where.startswith(silent))
    ]
    return [*changed, *seen_by_nodes]


def resource_differences(healthy: Resources | None, broken: Resources | None) -> list[Difference]:
    """What differs in Calico's resources."""
    return list(_compared(dict(_resources(healthy)), dict(_resources(broken))))


def in_table(differences: Sequence[Difference]) -> str:
    """As a table of Markdown: what is broken, and what is there when it is fixed."""
    rows = "".join(
        f"| {_cell(difference.where)} | {_code(difference.broken)} | {_code(difference.healthy)} |\n"
        for difference in differences[:_MOST]
    )
    hidden = len(differences) - _MOST
    more = f"\nand {hidden} more that follow from it.\n" if hidden > 0 else ""
    return f"| | the input | fixed |\n|---|---|---|\n{rows}{more}"


def _code(text: str) -> str:
    shortened = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
    return "not there" if text == NOTHING else f"`{_cell(shortened)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _silent(snapshot: Snapshot) -> Iterator[str]:
    yield from (failure.host for failure in snapshot.failures)
    for reading in snapshot.readings:
        states = {daemon.state for daemon in reading.status.daemons}
        if states - {DaemonState.RUNNING} or not reading.status.felix_running:
            yield reading.host


def _compared(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for where in sorted(before.keys() | after.keys(), key=natural_key):
        old, new = before.get(where, NOTHING), after.get(where, NOTHING)
        if old != new:
            yield Difference(where, old, new)


def _shown(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for failure in snapshot.failures:
        yield f"{failure.host} is read", failure.message
    for reading in snapshot.readings:
        yield f"{reading.host} is read", "yes"
        yield from _reading(reading)


def _reading(reading: NodeReading) -> Iterator[tuple[str, str]]:
    host, status = reading.host, reading.status
    yield f"{host} calls itself", reading.node or NOTHING
    yield f"{host} has the addresses", ", ".join(map(str, reading.addresses or ())) or NOTHING
    yield f"{host} shows Felix", {True: "running", False: "not running", None: "not known"}[status.felix_running]
    for daemon in status.daemons:
        yield f"{host} shows BIRD for {daemon.family.label}", daemon.state.replace("_", " ")
    met: set[str] = set()
    for peer in status.peers:
        where = f"{host} shows {peer.address_text} ({peer.peer_type})"
        yield f"{where} once more" if where in met else where, f"{peer.protocol_state} {peer.info}".strip()
        met.add(where)
    other_fields = reading.model_dump(mode="json", exclude_defaults=True, exclude=_TOLD)
    yield from _flat(other_fields, f"{host} answers")


def _resources(resources: Resources | None) -> Iterator[tuple[str, str]]:
    if resources is not None:
        for field, value in resources.model_dump(mode="json", exclude_defaults=True).items():
            if field not in _PLACES:
                yield from _flat(value, _KINDS.get(field, field))


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each leaf with the way to it; items of lists by their name where they have one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _PLACES:
                yield from _flat(inner, f"{path}, {key}")
    elif _is_labels(value):
        for key, text in value:
            yield f"{path} {key}", text
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for place, item in enumerate(value):
            name = next((str(item[key]) for key in ("name", "network", "prefix", "protocol") if item.get(key)), place)
            leaves = list(_flat({k: v for k, v in item.items() if v != name}, f"{path} {name}"))
            yield from leaves or [(f"{path} {name}", "there")]
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _is_labels(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(pair, list) and len(pair) == 2 for pair in value)
