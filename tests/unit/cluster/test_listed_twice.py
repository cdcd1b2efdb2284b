"""Lines of the inventory that are one machine, or that are none of the cluster: nothing is called broken for them."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.reports.report import Severity, Verdict
from tests.unit.auditing.conftest import snapshot_of

MESH = build_cluster(4, topology=Topology.MESH, families=(Family.IPV4, Family.IPV6))
NODES = ["node1", "node2", "node3", "node4"]


def with_line(name, *, node=None, reading=None, without=None, resources=True):
    """A healthy mesh with one more line in its inventory, which was read as `reading` or not at all."""
    made = snapshot_of(MESH)
    line = Host(name=name, node=node)
    failures = [GatherFailure(host=line.label, node=node, stage=Stage.CONNECT, message="nothing answers")]
    readings = list(made.readings)
    if without is not None:
        gone = readings.pop(without)
        failures.append(GatherFailure(host=gone.host, node=gone.node, stage=Stage.CONNECT, message="nothing answers"))
    if reading is not None:
        readings.append(reading.model_copy(update={"host": line.label}))
        failures.pop(0)
    return made.model_copy(
        update={
            "hosts": (*made.hosts, line),
            "readings": tuple(readings),
            "failures": tuple(failures),
            "resources": lab_resources(MESH) if resources else None,
        }
    )


def names(snapshot):
    return [member.name for member in observe(snapshot).members]


def bad(report):
    return {finding.rule for finding in report.findings if finding.severity is Severity.ERROR}


def test_a_line_with_an_address_of_a_node_that_was_not_read_either_is_that_node():
    snapshot = with_line("2001:db8:77::14", without=3)
    assert names(snapshot) == NODES
    report = audit(snapshot)
    assert (report.verdict, report.unread) == (Verdict.UNKNOWN, ("node4",))
    assert bad(report) == {"node-unreadable"}
    assert [family.missing for family in report.reachability] == [0, 0]
    (twice,) = [finding.message for finding in report.findings if finding.rule == "host-listed-twice"]
    assert twice.startswith("node4 stands twice in the inventory: ")
    assert "2001:db8:77::14" in twice


def test_a_line_with_an_address_that_the_nodes_machine_lacks_is_another_machine():
    """Calico has for node4 an address that its host does not list: whose it is nobody said."""
    made = with_line("2001:db8:77::99")
    resources = made.resources
    wrong = tuple(
        replace(node, ipv6=ip_address("2001:db8:77::99")) if node.name == "node4" else node for node in resources.nodes
    )
    report = audit(made.model_copy(update={"resources": resources.model_copy(update={"nodes": wrong})}))
    assert report.verdict is not Verdict.HEALTHY
    assert len(report.unread) == 1
    assert "2001:db8:77::99" in report.unread[0]


def test_a_line_with_an_address_of_a_node_that_did_not_list_its_own_is_that_node():
    made = with_line("2001:db8:77::14")
    silent = tuple(reading.model_copy(update={"addresses": ()}) for reading in made.readings)
    assert names(made.model_copy(update={"readings": silent})) == NODES


def test_a_line_with_the_name_of_a_node_that_was_read_may_be_any_machine():
    snapshot = with_line("other", node="node4")
    report = audit(snapshot)
    assert (report.verdict, report.unread) == (Verdict.UNKNOWN, ("node4 (other)",))
    assert bad(report) == {"node-unreadable"}
    assert [family.missing for family in report.reachability] == [0, 0]


@pytest.mark.parametrize("name", ["bastion", "192.0.2.99"])
def test_a_host_that_is_no_node_and_was_not_read_lacks_no_route(name):
    report = audit(with_line(name))
    assert report.verdict is Verdict.UNKNOWN
    assert [(family.nodes, family.missing) for family in report.reachability] == [(4, 0), (4, 0)]
    assert {f.rule for f in report.findings if f.severity is Severity.WARNING} == {"not-a-node"}


@pytest.mark.parametrize("lost", [{"addresses": ()}, {"node": None}], ids=["addresses", "name"])
def test_the_same_sessions_are_one_machines_where_its_name_or_its_addresses_are_not_known(lost):
    reading = snapshot_of(MESH).readings[3].model_copy(update=lost)
    snapshot = with_line("again", reading=reading)
    assert names(snapshot) == NODES
    assert audit(snapshot).verdict is Verdict.HEALTHY


def test_two_machines_with_one_name_have_other_sessions_and_stay_two():
    """Each peer has one session with the name's address, with the one machine or the other."""
    reading = snapshot_of(MESH).readings[3]
    status = reading.status.model_copy(update={"peers": reading.peers[:1]})
    snapshot = with_line("again", reading=reading.model_copy(update={"addresses": (), "status": status}))
    assert names(snapshot) == ["node1", "node2", "node3", "node4 (again)", "node4 (node4.example)"]


def test_without_addresses_and_sessions_nothing_tells_that_two_machines_are_one():
    reading = snapshot_of(MESH).readings[3]
    status = reading.status.model_copy(update={"peers": ()})
    snapshot = with_line("again", reading=reading.model_copy(update={"addresses": (), "status": status}))
    assert len(names(snapshot)) == 5


UNKNOWN = {"node": None, "addresses": ()}


@pytest.mark.parametrize(
    ("known", "peers", "again"),
    [
        # Two machines may share a name or all addresses by mistake, of which a session with one is none with the other.
        ({"addresses": ()}, slice(1), slice(1, 2)),
        ({"node": None}, slice(1), slice(1, 2)),
        # Without sessions neither tells.
        ({"addresses": ()}, slice(0), slice(0)),
        ({"node": None}, slice(0), slice(0)),
        # Nodes that started in the same second have the same sessions, as far as texts tell.
        (UNKNOWN, slice(3), slice(3)),
        (UNKNOWN, slice(0), slice(0)),
    ],
)
def test_what_two_machines_may_share(known, peers, again):
    made = snapshot_of(MESH)
    reading = made.readings[3].model_copy(update=known)
    readings = [
        reading.model_copy(
            update={"host": host, "status": reading.status.model_copy(update={"peers": reading.peers[some]})}
        )
        for host, some in (("one", peers), ("another", again))
    ]
    both = made.model_copy(
        update={"hosts": tuple(Host(name=each.host) for each in readings), "readings": tuple(readings)}
    )
    assert len(names(both)) == 2


def test_sessions_that_are_down_tell_of_no_machine():
    """Rows of a peer that is off began when the node did."""
    made = snapshot_of(MESH, "node-down:node1")
    reading = made.readings[2].model_copy(update={"addresses": ()})
    down = tuple(peer for peer in reading.peers if not peer.is_established)
    assert down
    status = reading.status.model_copy(update={"peers": down})
    readings = [reading.model_copy(update={"host": host, "status": status}) for host in ("one", "another")]
    hosts = tuple(Host(name=each.host) for each in readings)
    both = made.model_copy(update={"hosts": hosts, "readings": tuple(readings), "failures": ()})
    assert len(names(both)) == 2
