"""Two faults at once, which touch each other: both are named, and neither hides the other."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Severity
from tests.unit.auditing.conftest import snapshot_of

MESH = {"nodes": 6, "topology": Topology.MESH}
TWO = {"nodes": 7, "topology": Topology.REFLECTORS, "reflectors": 2, "variant": Variant.ALL}

#: Cluster, two faults, (kind, one name among the subjects) of both causes.
PAIRS = [
    # A resource that BIRD refuses asks every node for one peer more, so that no session of the other fault is all.
    (MESH, "link-cut:node5", "refused-config", ("host-network-cut", "node5"), ("refused-configuration", "router")),
    (MESH, "wrong-as:node5", "refused-config", ("as-mismatch", "node5"), ("refused-configuration", "router")),
    (MESH, "restarting:node5", "refused-config", ("graceful-restart", "node5"), ("refused-configuration", "router")),
    # All of a node's peers are off, or do not hear it.
    (MESH, "rack-down", "one-way:node5", ("rack-down", "node2"), ("host-network-cut", "node5")),
    # Of its two peers one is gone.
    (TWO, "node-down:node1", "host-cut:node5", ("node-down", "node1"), ("host-network-cut", "node5")),
    (TWO, "bird-down:node1", "wrong-as:node5", ("bird-down", "node1"), ("as-mismatch", "node5")),
    # A node that cannot be read and whose sessions are up, but for one that is another's fault.
    (TWO, "wrong-as:node5", "host-key-changed:node1", ("as-mismatch", "node5"), ("node-unreadable-only", "node1")),
]


@pytest.mark.parametrize(("config", "one", "other", "first", "second"), PAIRS, ids=[f"{p[1]}+{p[2]}" for p in PAIRS])
def test_both_are_named(config, one, other, first, second):
    cluster = build_cluster(**config)
    asked = lab_resources(cluster, [parse_fault(text, cluster) for text in (one, other)])
    report = audit(snapshot_of(cluster, one, other).model_copy(update={"resources": asked}))
    told = {(cause.kind, " ".join(map(str, cause.subjects))) for cause in report.causes[:2]}
    for kind, name in (first, second):
        assert any(kind == what and name in subjects for what, subjects in told), told


@pytest.mark.parametrize("other", ["bird-down:node4", "disabled-peer:node5,node1", "node-down:node6"])
def test_a_fault_at_the_only_reflector_left_is_not_why_there_is_only_one(other):
    cluster = build_cluster(nodes=8, topology=Topology.REFLECTORS)
    faults = ("lost-cluster-id:node2", other)
    asked = lab_resources(cluster, [parse_fault(text, cluster) for text in faults])
    report = audit(snapshot_of(cluster, *faults).model_copy(update={"resources": asked}))
    only = next(finding for finding in report.findings if finding.rule == "fewer-than-two-reflectors")
    blamed = next(cause for cause in report.causes if cause.id == only.cause_id)
    assert (blamed.kind, blamed.severity) == ("reflector-lost-cluster-id", Severity.WARNING)
