"""Clusters in few words for tests of causes: tables as calicoctl prints them, read over SSH or pasted, and Nodes.

Nothing that judges may enter it.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.reading import GatherFailure, NodeReading, Stage
from calico_bgp.model.reports.report import Report
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, IPPool, Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.pasted.reader import parse_pasted

MESH, GLOBAL, NODE = "node-to-node mesh", "global", "node specific"
UP = "Established"


def table(name: str | None, *rows: str, kind: str = MESH, ipv6: Iterable[str] = ()) -> str:
    """What calicoctl prints on a node: rows are `ADDRESS INFO`, with `KIND: ` before them where it is another one."""
    prompt = f"root@{name}:~# " if name else ""
    halves = [
        f"IPv{version} BGP status\n"
        + (_table(lines, kind) if (lines := list(half)) else f"No IPv{version} peers found.\n")
        for version, half in ((4, rows), (6, ipv6))
    ]
    return f"{prompt}calicoctl node status\nCalico process is running.\n\n" + "\n".join(halves) + "\n"


def _table(rows: Iterable[str], kind: str) -> str:
    line = "+---------+---------+-------+----------+------------+\n"
    text = line + "| PEER ADDRESS | PEER TYPE | STATE | SINCE | INFO |\n" + line
    for row in rows:
        mine, found, rest = row.rpartition("= ")
        address, _, info = rest.partition(" ")
        state = "up" if info == UP else "start"
        text += f"| {address} | {mine if found else kind} | {state} | 09:01:02 | {info or UP} |\n"
    return text + line


def paste_of(*tables: str, resources: Resources | None = None) -> Snapshot:
    """A paste."""
    made = snapshot_from_pasted(parse_pasted("\n".join(tables), source="paste"))
    return made.model_copy(update={"resources": resources})


def pasted(*tables: str, resources: Resources | None = None) -> Report:
    """The audit of a paste."""
    return audit(paste_of(*tables, resources=resources))


def read(
    tables: dict[str, str],
    *,
    addresses: dict[str, str] | None = None,
    unread: Iterable[str] = (),
    reflectors: Iterable[str] = (),
    resources: Resources | None = None,
) -> Report:
    """The audit of a cluster that was read over SSH; the arguments are those of `gathered`."""
    return audit(gathered(tables, addresses=addresses, unread=unread, reflectors=reflectors, resources=resources))


def gathered(
    tables: dict[str, str],
    *,
    addresses: dict[str, str] | None = None,
    unread: Iterable[str] = (),
    reflectors: Iterable[str] = (),
    resources: Resources | None = None,
) -> Snapshot:
    """A cluster that was read over SSH.

    Args:
        tables: Node -> what it printed.
        addresses: Node -> its own addresses, with blanks between; none where that is not known.
        unread: Nodes that nothing answers for.
        reflectors: Those with role=reflector in the inventory.
        resources: Calico's resources.
    """
    readings = []
    for name, text in tables.items():
        (status,) = parse_pasted(text)
        has = tuple(map(ip_address, (addresses or {}).get(name, "").split()))
        readings.append(NodeReading(host=name, node=name, status=status, addresses=has))
    failures = [GatherFailure(host=name, node=name, stage=Stage.CONNECT, message="nothing answers") for name in unread]
    hosts = [
        Host(name=name, node=name, role=Role.REFLECTOR if name in set(reflectors) else None)
        for name in (*tables, *unread)
    ]
    return Snapshot(hosts=tuple(hosts), readings=tuple(readings), failures=tuple(failures), resources=resources)


def node(name: str, address: str | None = None, internal: str = "", labels: str = "", **fields: Any) -> CalicoNode:
    """A Node: its BGP addresses with or without a prefix length, its InternalIPs, its labels as `a=b c`."""
    found: dict[str, Any] = {}
    for text in (address or "").split():
        bare, slash, length = text.partition("/")
        known = ip_address(bare)
        found |= {f"ipv{known.version}": known, f"ipv{known.version}_prefix": int(length) if slash else None}
    pairs = tuple(sorted((key, value) for key, _, value in (label.partition("=") for label in labels.split())))
    return CalicoNode(
        name=name, labels=pairs, internal_ips=tuple(map(ip_address, internal.split())), **(found | fields)
    )


def cluster(*things: CalicoNode | BGPPeer | BGPConfiguration | IPPool, **more: Any) -> Resources:
    """Resources out of their parts."""

    def of(kind: type[Any]) -> tuple[Any, ...]:
        return tuple(thing for thing in things if isinstance(thing, kind))

    return Resources(
        nodes=of(CalicoNode),
        bgp_peers=of(BGPPeer),
        bgp_configurations=of(BGPConfiguration),
        ip_pools=of(IPPool),
        **more,
    )


def told(report: Report) -> list[tuple[str, list[str]]]:
    """(kind, subjects) of every cause, in order."""
    return [(cause.kind, sorted(map(str, cause.subjects))) for cause in report.causes]


def commands(report: Report) -> list[str]:
    """Every command of the first cause's fixes."""
    return [command for fix in report.causes[0].fixes for step in fix.steps for command in step.commands]
