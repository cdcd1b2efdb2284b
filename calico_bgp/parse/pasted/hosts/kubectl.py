"""Reads kubectl's tables of nodes and pods beside a status: they name nodes and their addresses. No status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.pasted.hosts.names import name_in
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line
from calico_bgp.upstream import CALICO_NODE

if TYPE_CHECKING:
    from calico_bgp.model.inventory import Host

_NODES = LinePattern(r"\s*NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\b.*")
_PODS = LinePattern(r"\s*(?:NAMESPACE\s+)?NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\b.*")
_GAP = LinePattern(r"\s{2,}")
#: Nodes that run no calico-node: Fargate's and virtual-kubelet's.
_VIRTUAL = LinePattern(r"fargate-|virtual-(?:kubelet|node)")


class Named(NamedTuple):
    """What kubectl's tables say.

    Attributes:
        nodes: The nodes with their internal addresses.
        pods: Pod to node.
        lines: The numbers of the tables' lines.
    """

    nodes: tuple[Host, ...]
    pods: dict[str, str]
    lines: frozenset[int]


def read_tables(lines: Sequence[Line], source: str) -> Named:
    """The nodes and the pods of calico-node that kubectl's tables among the lines show."""
    nodes: dict[str, Host] = {}
    pods: dict[str, str] = {}
    numbers: set[int] = set()
    columns: list[str] = []
    for line in lines:
        if _NODES.fullmatch(line.text) or _PODS.fullmatch(line.text):
            columns = _GAP.split(line.text.strip())
            numbers.add(line.number)
            continue
        cells = dict(zip(columns, _GAP.split(line.text.strip()), strict=False)) if columns else {}
        if len(cells) < min(5, len(columns)) or not columns:
            columns = []
            continue
        numbers.add(line.number)
        name = cells.get("NAME", "")
        if "READY" in columns:
            node = name_in(cells.get("NODE", ""))
            if name.startswith(CALICO_NODE) and node is not None and node.node is not None:
                pods[name] = node.node
        elif (host := _host(cells, source, line.number)) is not None:
            nodes[name] = host
    return Named(tuple(nodes.values()), pods, frozenset(numbers))


def _host(cells: dict[str, str], source: str, line: int) -> Host | None:
    named = name_in(cells.get("NAME", ""))
    if named is None or named.node is None or "Windows" in cells.get("OS-IMAGE", "") or _VIRTUAL.match(named.node):
        return None
    from calico_bgp.model.inventory import Host  # noqa: PLC0415 - few pastes hold such a table

    address = read_address(cells.get("INTERNAL-IP", ""))
    return Host(named.node, node=named.node, addresses=() if address is None else (address,), source=source, line=line)
