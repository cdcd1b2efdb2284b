"""Nodes with one address, or another than their peers have for them, by tables alone: what both ends show of it."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import UP, read, table, told

MESH = build_cluster(5, topology=Topology.MESH, switch=True)
DUAL = build_cluster(5, topology=Topology.MESH, families=(Family.IPV4, Family.IPV6))
WAITS, CLOSED = "Passive", "Active Socket: Connection closed"
ADDRESSES = {f"n{n}": f"192.0.2.{n}" for n in range(1, 5)}


def mesh(**rows):
    """Four nodes of a mesh, with these rows in the place of Established: `n4_n1` is what n4 shows of n1."""
    tables = {
        near: table(near, *(f"{ADDRESSES[far]} {rows.get(f'{near}_{far}', UP)}" for far in ADDRESSES if far != near))
        for near in ADDRESSES
    }
    return read(tables, addresses=ADDRESSES)


#: n4 takes itself for an address that is, as text, smaller than those of n2 and n3, and greater than that of n1.
ASTRAY = {"n4_n2": WAITS, "n2_n4": WAITS, "n4_n3": WAITS, "n3_n4": WAITS, "n4_n1": CLOSED, "n1_n4": WAITS}


def test_ends_that_both_wait_tell_of_another_address():
    report = mesh(**ASTRAY)
    assert told(report) == [("wrong-address", ["n4"])]
    (cause,) = report.causes
    assert cause.title == (
        "the mesh sessions of n4 with n2, n3 wait at both ends: n4 has another BGP address now than 192.0.2.4, by "
        "which its peers know it"
    )
    assert cause.confidence is Confidence.LIKELY
    assert report.unexplained == ()
    (fix,) = cause.fixes
    assert [step.what for step in fix.steps] == ["restart calico-node on n4: its DaemonSet makes the pod anew"]


@pytest.mark.parametrize(
    "changes",
    [
        {"n4_n1": "Active Socket: Connection refused"},  # a port that refuses is no matter of addresses
        {"n4_n2": UP, "n2_n4": UP, "n4_n3": UP, "n3_n4": UP},  # nothing waits at both ends
        {"n1_n2": WAITS, "n2_n1": WAITS, "n1_n3": WAITS, "n3_n1": WAITS},  # not all that waits so is of one node
    ],
)
def test_anything_more_is_another_matter(changes):
    report = mesh(**ASTRAY | changes)
    assert not any("wait at both ends" in cause.title for cause in report.causes)


def test_a_shared_address_in_a_mesh_of_the_lab():
    assert told(audit(snapshot_of(MESH, "duplicate-address:node2,node5"))) == [("wrong-address", ["node5"])]


def test_where_ids_clash_over_ipv6_alone_the_address_is_said_first():
    report = audit(snapshot_of(DUAL, "duplicate-address:node2,node5"))
    assert told(report) == [("duplicate-address", ["node2", "node5"])]
    (cause,) = report.causes
    assert cause.title.startswith("node2 and node5 have one IPv4 address, or else one BGP router ID")
    assert [outcome.means.split()[0] for outcome in cause.decide[0].outcomes] == ["give", "CALICO_ROUTER_ID"]
    assert cause.confidence is Confidence.LIKELY
    assert report.unexplained == ()


def test_where_they_have_each_other_over_ipv4_their_addresses_differ():
    both = [("duplicate-router-id", ["node2", "node5"])]
    assert told(audit(snapshot_of(DUAL, "duplicate-router-id:node2,node5"))) == both


def test_with_resources_the_addresses_tell():
    snapshot = snapshot_of(DUAL, "duplicate-router-id:node2,node5")
    report = audit(snapshot.model_copy(update={"resources": lab_resources(DUAL)}))
    assert [kind for kind, _ in told(report)] == ["duplicate-router-id"]
