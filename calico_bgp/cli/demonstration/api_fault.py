"""`calico-bgp demo --fault KIND` for what is wrong between a user and the pods: rights, pods, the API server itself."""

from __future__ import annotations

from collections.abc import Callable

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.cli.demonstration.fault import problems, shape_of
from calico_bgp.cli.demonstration.lab import INDENT, audit_lab_cluster
from calico_bgp.errors import GatherError
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.stage import NODES
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.servers.kubernetes.faults import API_ENTRIES, APIFaultKind, parse_api_faults
from calico_bgp.model.reports.report import Report
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.text.page import TextStyle

_AUDIT = "$ calico-bgp audit"


def play_api_fault(text: str, topology: Topology | None, style: TextStyle, say: Callable[..., None]) -> list[str]:
    """Show one fault; say what was not as expected.

    Args:
        text: The fault, `KIND[:NODE]`.
        topology: Where to show it; with reflectors when None.
        style: What the terminal can show.
        say: Prints (lab.speaker).

    Raises:
        FaultError: It does not fit.
    """
    cluster = build_cluster(NODES, topology=topology or Topology.REFLECTORS)
    (fault,) = parse_api_faults([text], cluster)
    entry = API_ENTRIES[fault.kind]
    with Lab(cluster) as lab:
        say(f"1. A healthy cluster: {shape_of(cluster)}")
        say(_AUDIT, command=True)
        _, before = audit_lab_cluster(lab)
        say(": ".join(verdict_line(before)), indent=INDENT, prose=True)

        say(f"2. What is broken: {' and '.join(map(str, (*entry.beside, fault)))}")
        meanings = [API_ENTRIES[kind].meaning for kind in entry.beside]
        meanings.append(f"{fault.node}: {entry.meaning}" if fault.node else entry.meaning)
        say("; ".join(meanings), indent=INDENT, prose=True)
        lab.set_api_faults([*entry.beside, str(fault)])

        say("3. What the audit says of it")
        say(_AUDIT, command=True)
        during: Report | None = None
        try:
            snapshot, during = audit_lab_cluster(lab)
            say(report_to_text(during, snapshot, style), indent=INDENT)
        except GatherError as error:
            failure = f"nothing could be read: {error.message}"
            say(f"{failure}\n    {error.hint}" if error.hint else failure, indent=INDENT)

        say("4. Fixed")
        lab.set_api_faults([])
        say(_AUDIT, command=True)
        _, after = audit_lab_cluster(lab)
        say(": ".join(verdict_line(after)), indent=INDENT, prose=True)
    if (during is None) is not (fault.kind is APIFaultKind.ANSWER_CUT):
        return ["nothing was read" if during is None else "the nodes were read, though their list was cut off"]
    return problems(fault.kind, entry.causes, before, during or after, after)
