"""A switch whose session stands and that gives no route: whether it tells none or the nodes refuse them."""

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.severity import Severity
from tests.unit.auditing.tables import told
from tests.with_routes import change_protocols, with_routes

SWITCHED = build_cluster(4, topology=Topology.MESH, switch=True)
#: The protocol of each node for the switch, 192.0.2.1.
TO_SWITCH = "Global_192_0_2_1"


def silent(**changes):
    snapshot = with_routes(SWITCHED, "tor-silent")
    for number in range(len(snapshot.readings)):
        snapshot = change_protocols(snapshot, number, TO_SWITCH, **changes)
    return snapshot


def test_it_tells_nothing_with_and_without_resources():
    resources = lab_resources(SWITCHED, [parse_fault("tor-silent", SWITCHED)])
    for report in (audit(silent()), audit(silent().model_copy(update={"resources": resources}))):
        assert told(report) == [("external-peer-silent", ["192.0.2.1"])]
        (cause,) = report.causes
        assert cause.title == "192.0.2.1, a peer outside the cluster, announces no route to 4 nodes: its session stands"
        assert (cause.confidence, cause.severity, cause.routes_lost) == (Confidence.LIKELY, Severity.WARNING, 0)
        assert f"show protocols all {TO_SWITCH}" in cause.decide[0].command
        assert report.unexplained == ()


def test_what_the_nodes_refuse_is_their_filter():
    (cause,) = audit(silent(imports_filtered=3)).causes
    assert cause.title.startswith("the import filter of 4 nodes rejects every route that 192.0.2.1")
    assert "BGPFilter" in cause.decide[0].outcomes[0].sees


def test_a_switch_that_tells_something_is_none():
    assert told(audit(with_routes(SWITCHED))) == []
