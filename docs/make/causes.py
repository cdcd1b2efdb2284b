"""Writes docs/causes/<kind>.md and docs/causes/kinds.md from what causes declare: `make generate`.

The examples are audits of the simulated lab at a fixed time. A test compares the pages with what this writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from make.lab_inputs import differences, in_table

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.headline import verdict_line
from calico_bgp.causes.cause import CauseKind
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.lab.cluster import LabCluster, LabNode, Topology, build_cluster
from calico_bgp.lab.effects.machines import OFF, own_addresses, told_name
from calico_bgp.lab.effects.routes import trouble_of
from calico_bgp.lab.faults.fault import Fault, FaultKind, kind_of, parse_fault
from calico_bgp.lab.faults.stage import NODES, stage_for
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.read_back import read_back
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, Silent, Stage
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.causes import causes
from calico_bgp.report.text.page import Page, TextStyle

FOLDER = Path(__file__).parents[1] / "causes"
LIST = "kinds.md"

_NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_STARTED = _NOW - timedelta(days=3)
_BROKE = _NOW - timedelta(hours=2)
_WIDTH = 110


#: Faults because of which a node cannot be read, and what a gathering says then.
_UNREAD: dict[FaultKind, tuple[Stage, str, str | None]] = {
    **dict.fromkeys(OFF, (Stage.TIMEOUT, "connecting to {node} timed out", None)),
    FaultKind.CALICOCTL_HUNG: (Stage.TIMEOUT, "the command did not end within 30 s", None),
    FaultKind.NO_SUDO: (Stage.COMMAND, "sudo wants a password", "use --ask-sudo-pass, or a sudoers line (docs/ssh.md)"),
    FaultKind.HOST_KEY_CHANGED: (Stage.HOST_KEY, "the host key changed", None),
}


def judged(fault: str | None, topology: Topology | None = None) -> Report:
    """What the demo of a fault audits, at a fixed time: six nodes, their roles in the inventory, their resources."""
    if fault is None:
        cluster = build_cluster(NODES, topology=topology or Topology.REFLECTORS)
        return audit(_snapshot(cluster, (), _BROKE))
    kind = kind_of(fault)
    cluster = stage_for(kind, topology)
    parsed = (parse_fault(fault, cluster),)
    # A restart would be over after two hours.
    return audit(_snapshot(cluster, parsed, _NOW if kind is FaultKind.RESTARTING else _BROKE))


def with_and_without(fault: str) -> tuple[Snapshot, Snapshot]:
    """The snapshots of a fault and of the same cluster when it is fixed."""
    cluster = stage_for(kind_of(fault), None)
    parsed = (parse_fault(fault, cluster),)
    is_told_routes = trouble_of(cluster, parsed).only_routes_tell
    return _snapshot(cluster, parsed, _BROKE), _snapshot(cluster, (), _BROKE, routes_too=is_told_routes)


def snapshot_of(cluster: LabCluster, faults: Iterable[str]) -> Snapshot:
    """A snapshot of a simulated cluster with these faults, at the fixed time."""
    return _snapshot(cluster, tuple(parse_fault(fault, cluster) for fault in faults), _BROKE)


def _snapshot(cluster: LabCluster, faults: tuple[Fault, ...], since: datetime, *, routes_too: bool = False) -> Snapshot:
    epochs = (Epoch(_STARTED), *((Epoch(since, faults),) if faults else ()))
    readings, failures = [], []
    tables, trouble = lab_tables(cluster, epochs, _NOW), trouble_of(cluster, faults)
    routes = LabRoutes(cluster, tables, _STARTED, trouble)
    for node, table in zip(cluster.nodes, tables, strict=True):
        failure = _failure(node, faults)
        if failure is not None:
            failures.append(failure)
            continue
        readings.append(
            NodeReading(
                host=node.name,
                node=told_name(node.name, faults),
                status=table.status,
                addresses=own_addresses(node, faults),
                taken_at=_NOW,
                clock=_NOW,
                # A fault of sessions is told by sessions alone.
                **(read_back(routes, node.name, _NOW) if routes_too or trouble.only_routes_tell else {}),
            )
        )
    return Snapshot(
        hosts=tuple(Host(name=node.name, node=node.name, role=node.role) for node in cluster.nodes),
        taken_at=_NOW,
        readings=tuple(readings),
        failures=tuple(failures),
        resources=lab_resources(cluster, faults),
    )


def _failure(node: LabNode, faults: Iterable[Fault]) -> GatherFailure | None:
    for fault in faults:
        if fault.kind in _UNREAD and node.name in fault.nodes:
            stage, message, hint = _UNREAD[fault.kind]
            return GatherFailure(
                host=node.name,
                node=node.name,
                stage=stage,
                message=message.format(node=node.name),
                hint=hint,
                silent=Silent.HOST if fault.kind in OFF else None,
            )
    return None


def example(report: Report) -> str:
    """The causes, as the text report has them."""
    style = TextStyle(width=_WIDTH)
    page = Page(style)
    causes(page, report, style)
    return page.text().strip("\n")


def page(kind: CauseKind) -> str:
    """One kind's page."""
    return (
        f"# {kind.id}\n\n**{kind.title}.**\n\n"
        f"## What it means\n\n{kind.meaning}\n\n"
        f"## What it rests on\n\n{kind.evidence}\n\n"
        f"## What looks like it\n\n{_linked(kind.look_alikes, kind.id)}\n\n"
        f"## What fixes it\n\n{kind.mending}\n\n"
        f"{_demo(kind)}"
        "How causes are found and what the words of a report mean: [Causes](../causes.md).\n"
    )


def _demo(kind: CauseKind) -> str:
    section = "## Example\n\n"
    if kind.no_demo:
        return f"{section}{kind.no_demo}\n\n"
    first, *others = kind.demos
    section += f"```sh\ncalico-bgp demo --fault {first}\n```\n\n"
    if others:
        section += f"{_listed(others)} {'show' if others[1:] else 'shows'} it as well. "
    broken, fixed = with_and_without(first)
    verdict = ": ".join(verdict_line(audit(fixed)))
    return (
        f"{section}What it changes in what nodes and resources say, and what is there again when it is fixed:\n\n"
        f"{in_table(differences(fixed, broken))}\n"
        f"The cause, as the audit's text has it:\n\n```text\n{example(judged(first))}\n```\n\n"
        f"When it is fixed, the audit says `{verdict}`.\n\n"
    )


def _linked(text: str, own: str) -> str:
    """The text with the other kinds that it names as links; `partition` is a word as well."""
    kinds = "|".join(sorted((kind for kind in CAUSE_KINDS if "-" in kind and kind != own), key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({kinds})(?![\w-])", r"[\1](\1.md)", text)


def _listed(faults: list[str]) -> str:
    return " and ".join(", ".join(f"`{fault}`" for fault in part) for part in (faults[:-1], faults[-1:]) if part)


def kinds_page() -> str:
    """The list of all kinds."""
    rows = "".join(
        f"| [{kind.id}]({kind.id}.md) | {kind.title} | " + ", ".join(f"`{fault}`" for fault in kind.demos) + " |\n"
        for kind in CAUSE_KINDS.values()
    )
    return (
        "# Kinds of causes\n\n"
        "Each cause in a report names its kind; `calico-bgp audit --explain KIND` prints its page. The last column is\n"
        "what `calico-bgp demo --fault` shows as such a cause, on [the simulated lab](../lab.md#faults).\n\n"
        f"| kind | what | `demo --fault` |\n|---|---|---|\n{rows}"
    )


def pages() -> dict[str, str]:
    """File name → text, for every page."""
    return {LIST: kinds_page()} | {f"{kind.id}.md": page(kind) for kind in CAUSE_KINDS.values()}
