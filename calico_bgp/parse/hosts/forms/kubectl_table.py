"""The tables of `kubectl get nodes`, wide or not, and `calicoctl get nodes`, cut by their headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Address
from calico_bgp.parse.destination import NAME
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed, NodeAddress
from calico_bgp.parse.hosts.forms.records import is_address
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.status.nodes_without_bird import why_without_bird

_NAMES = ("NAME", "NODE", "NODENAME", "NODE-NAME", "HOSTNAME", "NODE NAME")
_HEADING = re.compile(r"[A-Z][A-Z0-9_.()/:-]*(?: [A-Z][A-Z0-9_.()/:-]*)*")
_EMPTY = frozenset({"", "<none>", "<unknown>", "<nil>"})
_CONTROL_PLANE = ("control-plane", "master", "controlplane")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: heading → cell, empty cells left out, and the line."""

    cells: dict[str, str]
    line: int


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows under every heading of a table that kubectl or calicoctl print.

    A cell begins where its heading begins; where a terminal or a ticket has moved the columns, cells are told apart by
    two blanks.
    """
    headings: list[tuple[str, int]] = []
    for number, raw in enumerate(lines, 1):
        # Tabs are between cells, whatever their width: what kubectl prints holds none.
        line = raw.rstrip().replace("\t", "   ")
        if (new_headings := _headings(line)) is not None:
            headings = new_headings
        elif headings and line.strip() and not line.lstrip().startswith("#"):
            cells = _cut(line, headings)
            yield Row({key: cell for key, cell in cells.items() if cell not in _EMPTY}, number)


def _headings(line: str) -> list[tuple[str, int]] | None:
    """The headings of a line with their columns, None when it is no heading of Nodes."""
    if not _HEADING.fullmatch(re.sub(r"\s+", " ", line.strip())):
        return None
    apart = r"\S+(?: \S+)*" if "  " in line.strip() else r"\S+"
    headings = [(match[0], match.start()) for match in re.finditer(apart, line)]
    return headings if len(headings) > 1 and {heading for heading, _ in headings} & set(_NAMES) else None


def _cut(line: str, headings: list[tuple[str, int]]) -> dict[str, str]:
    names = [heading for heading, _ in headings]
    parts = re.split(r"\s{2,}", line.strip())
    if len(parts) != len(headings):
        starts = [start for _, start in headings]
        if all(start >= len(line) or not start or line[start - 1] == " " for start in starts) and "  " in line:
            parts = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        else:
            # Blanks run together: up to OS-IMAGE no cell holds one, and what is behind it does no harm there.
            parts = line.split()
            last = names.index("OS-IMAGE") if "OS-IMAGE" in names else len(parts)
            parts = [*parts[:last], " ".join(parts[last:])]
    return dict(zip(names, parts, strict=False))


def _is_table(foreign: Foreign) -> bool:
    return any(_headings(line) is not None for line in foreign.beginning)


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    for row in rows(foreign.lines):
        cells = row.cells
        name = next((cells[key] for key in _NAMES if key in cells), "")
        if not NAME.fullmatch(name):
            # A prompt, a warning or the next command's answer.
            continue
        system, version = cells.get("OS-IMAGE", ""), cells.get("VERSION", "")
        why = why_without_bird(name, system=cells.get("OS", system), version=version)
        if why is not None:
            yield LeftOut(name, why)
            continue
        target = _target(cells, name, foreign.address)
        if target is None:
            problems.add(f"node {name} has no {foreign.address.value}", row.line, None, "another type: --address")
            continue
        yield Listed(Host(name=target, node=name, addresses=_bgp(cells)), _remark(cells))


def _target(cells: dict[str, str], name: str, address: NodeAddress) -> str | None:
    if address is NodeAddress.HOSTNAME:
        return name
    if address is NodeAddress.EXTERNAL:
        return cells.get("EXTERNAL-IP")
    for key, cell in cells.items():
        text = cell.partition("/")[0].partition(",")[0]
        if key not in ("EXTERNAL-IP", *_NAMES) and is_address(text) and ("IP" in key or "ADDRESS" in key):
            return text
    return name


def _bgp(cells: dict[str, str]) -> tuple[Address, ...]:
    """The BGP addresses, which calicoctl's table shows with their prefix lengths."""
    texts = [cells.get(key, "").partition("/")[0] for key in ("IPV4", "IPV6")] if "ASN" in cells else []
    return tuple(ip_address(text) for text in texts if is_address(text))


def _remark(cells: dict[str, str]) -> str | None:
    roles = cells.get("ROLES", "").split(",")
    zone = next((cell for key, cell in cells.items() if key == "ZONE"), None)
    words = [*(["control plane"] if set(roles) & set(_CONTROL_PLANE) else []), *([f"zone {zone}"] if zone else [])]
    return ", ".join(words) or None


TABLE = Form(
    "the table of `kubectl get nodes` or `calicoctl get nodes`",
    _is_table,
    _read,
    shows_itself=True,
    notes=("from a table: `kubectl get nodes -o json | calico-bgp hosts -` also gives ip= and role=reflector.",),
)
