"""Snapshots of the lab with their resources, so that pictures have zones."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from tests.unit.auditing.conftest import snapshot_of


def report_of(*faults, resources=True, **config):
    """`report_of("bird-down:node1", nodes=6, zones=2)`: (report, snapshot)."""
    cluster = build_cluster(**config)
    snapshot = snapshot_of(cluster, *faults)
    if resources:
        found = lab_resources(cluster, [parse_fault(fault, cluster) for fault in faults])
        snapshot = snapshot.model_copy(update={"resources": found})
    return audit(snapshot), snapshot


@pytest.fixture
def audited():
    """The function `report_of`."""
    return report_of
