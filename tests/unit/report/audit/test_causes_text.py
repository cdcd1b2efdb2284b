"""Causes on a terminal: what a node or a resource calls itself repaints nothing."""

import json

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.details import details_to_text
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.text.page import TextStyle
from tests.unit.auditing.conftest import snapshot_of

HOSTILE = "\x1b[31m\u202e\x07evil"


@pytest.mark.parametrize(
    "fault",
    [
        "bird-down:node3",
        "disabled-peer:node1,node3",
        "host-cut:node3",
        "lost-label:node1",
        "node-down:node3",
        "partition:node1,node3",
        "reinstalled:node1",
        "wrong-address:node3",
        "wrong-as:node3",
    ],
)
def test_a_name_with_escape_sequences_reaches_no_terminal(fault):
    cluster = build_cluster(nodes=6)
    snapshot = snapshot_of(cluster, fault, roles=True)
    asked = lab_resources(cluster, [parse_fault(fault, cluster)])
    text = snapshot.model_copy(update={"resources": asked}).model_dump_json()
    for name in ("node1", "node3"):
        text = text.replace(f'"{name}"', json.dumps(HOSTILE + name))
    snapshot = Snapshot.model_validate_json(text)
    report = audit(snapshot)
    shown = [report_to_text(report, snapshot, TextStyle(verbose=verbose)) for verbose in (True, False)]
    shown += [details_to_text(cause, report, TextStyle()) for cause in report.causes]
    assert report.causes
    assert [line for page in shown for line in page.splitlines() if not line.isprintable()] == []
