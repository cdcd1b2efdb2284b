"""`calico-bgp demo --fault KIND`: one fault, healthy, broken and healed; and whether the audit named it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.headline import verdict_line
from calico_bgp.cli.demonstration.lab import INDENT, read_lab, read_lab_cluster, resources_of
from calico_bgp.lab.cluster import LabCluster, Topology
from calico_bgp.lab.faults.catalogue import ENTRIES
from calico_bgp.lab.faults.fault import Fault, FaultError, kind_of, parse_fault
from calico_bgp.lab.faults.kinds import FaultKind, Scope
from calico_bgp.lab.faults.stage import stage_for
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.peering import configure
from calico_bgp.model.reports.report import Report, Verdict
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.text.page import TextStyle

_AUDIT = "$ calico-bgp audit"
_AUDIT_OVER_SSH = "$ calico-bgp audit hosts.txt --resources resources.yaml"
#: What an API server does not show: faults of SSH and calicoctl; nodes that are gone and former roles, which only an
#: inventory remembers.
_OVER_SSH = frozenset(
    {
        FaultKind.CALICOCTL_HUNG,
        FaultKind.NO_SUDO,
        FaultKind.HOST_KEY_CHANGED,
        FaultKind.LABEL_ELSEWHERE,
        FaultKind.REFLECTOR_REMOVED,
        FaultKind.REPLACED,
    }
)
#: How long ago: what is young is remarked upon, and would distract. A restart would be over by then.
_BROKE = timedelta(hours=2)
_MENDED = timedelta(hours=1)
#: What may be said of a cluster that was fixed a moment ago.
_YOUNG = {"recently-changed"}
_SHAPES = {
    Topology.MESH: "a full mesh of 6 nodes",
    Topology.REFLECTORS: "6 nodes, of which node1 and node2 are route reflectors; the mesh is off",
}


def play_fault(text: str, topology: Topology | None, style: TextStyle, say: Callable[..., None]) -> list[str]:
    """Show one fault; say what was not as expected.

    Args:
        text: The fault, `KIND[:NODE[,NODE]...]`.
        topology: Where to show it; None for wherever it fits.
        style: What the terminal can show.
        say: Prints (demo_lab.speaker).

    Raises:
        FaultError: A fault that is not in the catalogue, or does not fit.
    """
    kind = kind_of(text)
    cluster = stage_for(kind, topology)
    fault = parse_fault(text, cluster)
    _require_session(cluster, fault)
    over_ssh = kind in _OVER_SSH
    command = _AUDIT_OVER_SSH if over_ssh else _AUDIT
    with Lab(cluster) as lab:
        say(f"1. A healthy cluster: {shape_of(cluster)}")
        say(command, command=True)
        _, before = _audit(lab, over_ssh=over_ssh)
        say(": ".join(verdict_line(before)), indent=INDENT, prose=True)

        say(f"2. What is broken: {fault}")
        say(f"{_of_whom(fault)}{ENTRIES[kind].meaning}", indent=INDENT, prose=True)
        lab.set_faults([fault], ago=timedelta() if kind is FaultKind.RESTARTING else _BROKE)

        say("3. What the audit says of it, and what fixes it")
        say(command, command=True)
        snapshot, during = _audit(lab, over_ssh=over_ssh)
        say(report_to_text(during, snapshot, style), indent=INDENT)

        say("4. Fixed")
        lab.set_faults([], ago=_MENDED)
        say(command, command=True)
        _, after = _audit(lab, over_ssh=over_ssh)
        say(": ".join(verdict_line(after)), indent=INDENT, prose=True)
    return problems(kind, ENTRIES[kind].causes, before, during, after)


def _require_session(cluster: LabCluster, fault: Fault) -> None:
    """Refuse to break what is between two nodes that have nothing between them.

    Raises:
        FaultError: They do not peer.
    """
    between = ENTRIES[fault.kind].scope is Scope.PAIR or fault.kind is FaultKind.DUPLICATE_ROUTER_ID
    if not between or not fault.nodes[1:]:
        return
    a, b = fault.nodes
    peers = configure(cluster).peers.items()
    if not any(name == a and peer.far == b for (name, _), peers_of_node in peers for peer in peers_of_node):
        raise FaultError(f"fault '{fault}': {a} and {b} have no session with each other; name a reflector and a client")


def problems(kind: str, causes: Collection[str], before: Report, during: Report, after: Report) -> list[str]:
    """What the audit got wrong, in words; empty when it named the cause of the fault.

    Args:
        kind: Of the fault.
        causes: Those of which any tells of it; empty where it needs none.
        before: The healthy cluster.
        during: The broken one.
        after: The fixed one.
    """
    sentences = [f"the healthy cluster was judged {before.verdict}"] if before.verdict is not Verdict.HEALTHY else []
    if not {finding.rule for finding in after.findings} <= _YOUNG:
        sentences.append(f"the fixed cluster was judged {after.verdict}")
    first_cause = during.causes[0].kind if during.causes else None
    if first_cause is None and causes:
        sentences.append(f"no cause was named; it is {' or '.join(causes)}")
    elif first_cause is not None and not causes:
        sentences.append(f"{first_cause} was named as the cause, though {kind} needs none")
    elif first_cause is not None and first_cause not in causes:
        sentences.append(f"{first_cause} was named as the cause; it is {' or '.join(causes)}")
    return sentences


def _audit(lab: Lab, *, over_ssh: bool) -> tuple[Snapshot, Report]:
    if not over_ssh:
        snapshot = read_lab_cluster(lab)
        return snapshot, audit(snapshot)
    snapshot = read_lab(lab).model_copy(update={"resources": resources_of(lab)})
    return snapshot, audit(snapshot)


def shape_of(cluster: LabCluster) -> str:
    """The cluster in words."""
    switch = "" if cluster.switch is None else f", and all peer with the switch {cluster.switch.ipv4}"
    return f"{_SHAPES[cluster.topology]}{switch}"


def _of_whom(fault: Fault) -> str:
    return f"{', '.join(fault.nodes)}: " if fault.nodes else ""
