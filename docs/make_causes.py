"""Writes docs/causes/<kind>.md and docs/causes/kinds.md from the catalogue of causes: `python docs/make_causes.py`.

The examples are audits of the simulated lab at a fixed time. A test compares the pages with what this writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.catalogue import CAUSE_KINDS, CauseKind
from calico_bgp.lab.cluster import LabCluster, LabNode, Topology, build_cluster
from calico_bgp.lab.effects.machines import OFF, own_addresses, told_name
from calico_bgp.lab.faults import Fault, FaultKind, kind_of, parse_fault
from calico_bgp.lab.resources import lab_resources
from calico_bgp.lab.stage import NODES, stage_for
from calico_bgp.lab.tables import Epoch, lab_tables
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, Snapshot, Stage
from calico_bgp.model.report import Report
from calico_bgp.report.audit.causes import causes
from calico_bgp.report.text.page import Page, TextStyle

FOLDER = Path(__file__).parent / "causes"
LIST = "kinds.md"

_NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_STARTED = _NOW - timedelta(days=3)
_BROKE = _NOW - timedelta(hours=2)
_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the lab shows a kind of cause.

    Attributes:
        faults: As for `demo --fault`; the first one is the example, the others show it as well. None: see `instead`.
        instead: What to say where no demo shows it.
        topology: Where the example shows it, for a kind that is no fault.
    """

    faults: tuple[str, ...] = ()
    instead: str = ""
    topology: Topology | None = None


def _shown(*faults: str) -> Scenario:
    return Scenario(faults)


#: Every kind of the catalogue. Tests hold that each fault here is told as that kind.
SCENARIOS: dict[str, Scenario] = {
    "reflector-lost-label": _shown("lost-label:node1", "lost-label", "label-elsewhere:node1"),
    "reflector-lost-cluster-id": _shown("lost-cluster-id:node2", "lost-cluster-id"),
    "reflector-reinstalled": _shown("reinstalled:node1", "replaced:node1"),
    "reflector-removed": _shown("reflector-removed:node1"),
    "no-reflector-left": _shown("reinstalled"),
    "selector-matches-nothing": _shown("selector-stale"),
    "selector-matches-wrong-nodes": _shown("selector-narrow"),
    "node-lost-label": _shown("node-unlabelled:node5"),
    "no-peers-configured": _shown("mesh-off"),
    "reflectors-not-joined": _shown("racks-apart"),
    "reflectors-equal-ids": _shown("equal-ids"),
    "node-down": _shown("node-down"),
    "node-unreadable-only": _shown("no-sudo", "calicoctl-hung", "host-key-changed"),
    "bird-down": _shown("bird-down", "bird4-down", "bird6-down"),
    "felix-down": _shown("felix-down"),
    "socket-gone": _shown("socket-missing", "socket4-missing", "socket6-missing"),
    "calico-node-down": Scenario(instead="No demo shows it: the lab breaks Felix and BIRD one at a time."),
    "bird-hangs": Scenario(instead="No demo shows it: a simulated BIRD answers, or is not there."),
    "host-network-cut": _shown("host-cut", "link-cut:node6"),
    "all-sessions-down": Scenario(
        instead="No demo shows it: the faults of the lab befall some nodes, and this one is everywhere."
    ),
    "link-cut": _shown("link-cut:node5,node1", "one-way:node5,node1"),
    "one-way": Scenario(
        instead="No demo shows it: in most cases the notification is lost as well, and `one-way` of the lab shows what "
        "is then left, [link-cut](link-cut.md)."
    ),
    "partition": _shown("partition"),
    "rack-down": _shown("rack-down"),
    "port-refused": _shown("port-refused"),
    "port-reset": _shown("port-reset"),
    "port-dropped": Scenario(
        instead="The lab is read over another network than BGP's, where `port-dropped` looks like "
        "[host-network-cut](host-network-cut.md), as this page says."
    ),
    "port-taken": _shown("port-taken"),
    "as-mismatch": _shown("wrong-as:node5,node1", "wrong-as"),
    "password-mismatch": _shown("wrong-password:node5,node1"),
    "duplicate-router-id": _shown("duplicate-router-id"),
    "wrong-address": _shown("wrong-address"),
    "duplicate-address": _shown("duplicate-address:node2,node5"),
    "node-left": Scenario(instead="No demo shows it: a node that leaves the lab is off."),
    "duplicate-node-name": Scenario(instead="No demo shows it: machines of the lab have names of their own."),
    "disabled-peer": _shown("disabled-peer:node1,node5"),
    "one-sided-configuration": _shown("one-sided-config"),
    "confd-stuck": _shown("missing-peer:node5,node1", "missing-peer"),
    "refused-configuration": _shown("refused-config"),
    "graceful-restart": _shown("restarting"),
    "young-sessions": Scenario(
        instead="No demo shows it: whatever a demo breaks has been broken for two hours, so that it is not young."
    ),
    "stale-address": Scenario(
        instead="No demo shows it: the lab's BGPPeers select reflectors by their label, so that no address gets stale."
    ),
    "external-peer-down": _shown("tor-down"),
    "pod-crash-looping": Scenario(instead="`calico-bgp lab up --api-fault pod-crash-looping` is such a cluster."),
    "pod-missing": Scenario(instead="`calico-bgp lab up --api-fault pod-missing` is such a cluster."),
    "exec-forbidden": Scenario(instead="`calico-bgp lab up --api-fault exec-forbidden` is such a cluster."),
    "no-bgp": Scenario(instead="It is no fault: `calico-bgp lab up --topology no-bgp` is such a cluster."),
}

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


def _snapshot(cluster: LabCluster, faults: tuple[Fault, ...], since: datetime) -> Snapshot:
    epochs = (Epoch(_STARTED), *((Epoch(since, faults),) if faults else ()))
    readings, failures = [], []
    for node, table in zip(cluster.nodes, lab_tables(cluster, epochs, _NOW), strict=True):
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
                host=node.name, node=node.name, stage=stage, message=message.format(node=node.name), hint=hint
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
        f"## What mends it\n\n{kind.mending}\n\n"
        f"{_demo(SCENARIOS[kind.id])}"
        "How causes are found and what the words of a report mean: [Causes](../causes.md).\n"
    )


def _demo(scenario: Scenario) -> str:
    found = "## See it\n\n"
    if scenario.instead:
        found += f"{scenario.instead}\n\n"
    if scenario.faults:
        first, *others = scenario.faults
        found += f"```sh\ncalico-bgp demo --fault {first}\n```\n\n"
        if others:
            found += f"{_listed(others)} {'show' if others[1:] else 'shows'} it as well. "
        found += "The cause, as the audit's text has it:\n\n"
    if scenario.faults or scenario.topology:
        report = judged(scenario.faults[0] if scenario.faults else None, scenario.topology)
        found += f"```text\n{example(report)}\n```\n\n"
    return found


def _linked(text: str, own: str) -> str:
    """The text with the other kinds that it names as links; `partition` is a word as well."""
    kinds = "|".join(sorted((kind for kind in CAUSE_KINDS if "-" in kind and kind != own), key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({kinds})(?![\w-])", r"[\1](\1.md)", text)


def _listed(faults: list[str]) -> str:
    return " and ".join(", ".join(f"`{fault}`" for fault in part) for part in (faults[:-1], faults[-1:]) if part)


def kinds_page() -> str:
    """The list of all kinds."""
    rows = "".join(
        f"| [{kind.id}]({kind.id}.md) | {kind.title} | "
        + ", ".join(f"`{fault}`" for fault in SCENARIOS[kind.id].faults)
        + " |\n"
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


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
