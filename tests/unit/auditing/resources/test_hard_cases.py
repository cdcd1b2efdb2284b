"""The audit against resources where it is hard to tell who is who, or where one fault shows in many tables."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.reading import GatherFailure, NodeReading, Stage
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.resources import BGPPeer, CalicoNode, Resources
from calico_bgp.model.snapshot import Snapshot
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.resources.test_with_resources import found, with_resources


def of_lab(*faults: str, **config) -> Snapshot:
    """A simulated cluster with these faults, and its resources."""
    cluster = build_cluster(**config)
    return with_resources(snapshot_of(cluster, *faults), lab_resources(cluster))


def pasted(snapshot: Snapshot) -> Snapshot:
    """The same tables in a ticket, without prompts."""
    readings = tuple(
        NodeReading(host=f"ticket.txt:{place}", status=reading.status)
        for place, reading in enumerate(snapshot.readings, 1)
    )
    return snapshot.model_copy(update={"hosts": (), "readings": readings, "taken_at": None})


def without(snapshot: Snapshot, lacks) -> Snapshot:
    """The tables without the rows of which `lacks(node, row)` is true."""
    readings = tuple(
        reading.model_copy(
            update={
                "status": reading.status.model_copy(
                    update={"peers": tuple(row for row in reading.peers if not lacks(reading.node, row))}
                )
            }
        )
        for reading in snapshot.readings
    )
    return snapshot.model_copy(update={"readings": readings})


@pytest.mark.parametrize("variant", list(Variant))
@pytest.mark.parametrize("pastes", [6, 4, 2])
def test_pastes_without_names_are_not_blamed_for_what_cannot_be_told(variant, pastes):
    whole = of_lab(variant=variant)
    some = whole.model_copy(update={"readings": whole.readings[-pastes:]})
    report = audit(pasted(some))
    # Without a session between them the reflectors do not learn each other's own routes.
    apart = variant is Variant.CLIENTS
    assert found(report) == ({("routes-missing", "cluster (IPv4)")} if apart else set())
    assert report.exit_code() == (3 if apart or pastes < 6 else 0)
    assert report.unread == ()
    lacking = f"{6 - pastes} nodes of the resources were not pasted"
    assert (lacking in report.doubts) == (pastes < 6)
    if pastes == 6 and variant is not Variant.CLIENTS:
        assert report.checked.sessions_established == report.checked.sessions_expected == 9
        assert any("192.0.2.13" in note.what for note in report.not_checked)


def test_a_paste_that_lacks_a_peer_whichever_node_it_is():
    """node4 or node5 or another client: each should have both reflectors."""
    cut = without(of_lab(), lambda node, row: node == "node4" and str(row.address) == "192.0.2.11")
    report = audit(pasted(cut))
    assert found(report) == {("peer-missing", "ticket.txt:4")}
    assert any("BGPPeer peer-with-reflectors" in line for line in report.findings[0].evidence)


@pytest.mark.parametrize(("number", "said"), [(5, "1 node of the resources was not pasted"), (6, None)])
def test_one_node_that_was_not_pasted(number, said):
    whole = of_lab()
    report = audit(pasted(whole.model_copy(update={"readings": whole.readings[-number:]})))
    assert report.doubts == ((said,) if said else ())


def test_one_family_that_a_node_lacks_is_not_all_of_it():
    """node3 runs without its IPv6 address, and so nobody has it there; IPv4 is fine."""
    lost = without(
        of_lab(topology=Topology.MESH, nodes=5, families=tuple(Family)),
        lambda node, row: row.family is Family.IPV6 and (node == "node3" or str(row.address) == "2001:db8:77::13"),
    )
    report = audit(lost)
    assert found(report) == {("configuration-behind", "node3")}
    unread = lost.model_copy(
        update={
            "readings": tuple(reading for reading in lost.readings if reading.node != "node3"),
            "failures": (GatherFailure(host="node3.example", node="node3", stage=Stage.CONNECT, message="no"),),
        }
    )
    report = audit(unread)
    assert ("isolated-node", "node3 (IPv6)") in found(report)


def test_a_node_that_nobody_has_as_a_peer_is_not_called_down():
    """Its Node is new and confd has not followed anywhere: it may well be up."""
    cluster = build_cluster(nodes=5, topology=Topology.MESH)
    resources = lab_resources(build_cluster(nodes=6, topology=Topology.MESH))
    report = audit(with_resources(snapshot_of(cluster), resources))
    assert found(report) == {("isolated-node", "node6"), ("node-not-listed", "cluster")}
    assert report.findings[0].message == "no node has node6 as a peer, although 5 sessions should be there"


TOR = BGPPeer(name="tor", peer_ip="203.0.113.1", as_number=65000)


def with_peer(resources: Resources, *peers: BGPPeer) -> Resources:
    return resources.model_copy(update={"bgp_peers": (*resources.bgp_peers, *peers)})


def showing(snapshot: Snapshot, address: str, nodes: set[str], peer_type: PeerType = PeerType.GLOBAL) -> Snapshot:
    """The tables with one Established row more, for this address, at these nodes."""
    readings = []
    for reading in snapshot.readings:
        rows = reading.status.peers
        more = replace(rows[0], address=ip_address(address), address_text=address, peer_type=peer_type)
        peers = (*rows, more) if reading.node in nodes else rows
        readings.append(reading.model_copy(update={"status": reading.status.model_copy(update={"peers": peers})}))
    return snapshot.model_copy(update={"readings": tuple(readings)})


@pytest.mark.parametrize(
    ("having", "message"),
    [
        (set(), "none of the 6 nodes has 203.0.113.1 as a peer over IPv4, which the resources ask for"),
        (
            {"node1", "node2", "node3", "node4"},
            "2 of 6 nodes do not have 203.0.113.1 as a peer over IPv4, which the resources ask for: node5, node6",
        ),
    ],
)
def test_an_external_peer_that_many_nodes_lack_is_one_finding(having, message):
    cluster = build_cluster()
    seen = showing(snapshot_of(cluster), "203.0.113.1", having)
    report = audit(with_resources(seen, with_peer(lab_resources(cluster), TOR)))
    assert found(report) == {("peer-missing", "203.0.113.1")}
    assert report.findings[0].message == message
    assert any("BGPPeer tor (global)" in line for line in report.findings[0].evidence)
    assert report.exit_code() == 1


@pytest.mark.parametrize(
    ("having", "code"),
    [
        ({"node5", "node6"}, 0),
        # Half of six are not most.
        ({"node4", "node5", "node6"}, 0),
        ({"node3", "node4", "node5", "node6"}, 1),
        ({f"node{i}" for i in range(1, 7)}, 1),
    ],
)
def test_an_external_peer_that_many_nodes_have_too_much_is_one_finding(having, code):
    report = audit(showing(of_lab(), "203.0.113.1", having))
    assert found(report) == {("unexpected-peer", "203.0.113.1")}
    assert report.exit_code() == code


def test_a_node_that_left_and_still_has_its_peers_is_one_finding():
    """Its Node is gone, it runs, and the others have not followed; or the resources that were given are not whole."""
    cluster = build_cluster(topology=Topology.MESH, families=tuple(Family))
    left = lab_resources(cluster)
    left = left.model_copy(update={"nodes": left.nodes[:-1]})
    report = audit(with_resources(snapshot_of(cluster), left))
    assert found(report) == {("unexpected-peer", "node6")}
    assert report.exit_code() == 3
    assert "of which the resources hold no Node" in report.findings[0].message


def change_node(resources: Resources, name: str, **fields) -> Resources:
    nodes = tuple(replace(node, **fields) if node.name == name else node for node in resources.nodes)
    return resources.model_copy(update={"nodes": nodes})


def test_two_nodes_of_one_address_are_one_finding():
    """BIRD of the others dials the address twice; nobody can say for which node, and the two have no session."""
    cluster = build_cluster(topology=Topology.MESH)
    resources = change_node(lab_resources(cluster), "node3", ipv4=ip_address("192.0.2.12"))
    pair = {"192.0.2.12", "192.0.2.13"}
    seen = without(snapshot_of(cluster), lambda node, row: node in {"node2", "node3"} and str(row.address) in pair)
    readings = []
    for reading in seen.readings:
        rows = tuple(
            replace(row, address=ip_address("192.0.2.12"), address_text="192.0.2.12")
            if str(row.address) in pair
            else row
            for row in reading.status.peers
        )
        own = tuple(ip_address("192.0.2.12") if str(a) in pair else a for a in reading.addresses)
        status = reading.status.model_copy(update={"peers": rows})
        readings.append(reading.model_copy(update={"status": status, "addresses": own}))
    twice = seen.model_copy(update={"readings": tuple(readings)})
    assert found(audit(with_resources(twice, resources))) == {("node-address-twice", "192.0.2.12")}
    assert found(audit(twice)) == {("duplicate-address", "192.0.2.12")}


def test_an_address_in_the_resources_that_no_table_knows_is_one_matter():
    """Someone wrote node2's address at node3, and nothing has followed."""
    cluster = build_cluster(topology=Topology.MESH)
    resources = change_node(lab_resources(cluster), "node3", ipv4=ip_address("192.0.2.12"))
    report = audit(with_resources(snapshot_of(cluster), resources))
    assert found(report) == {("configuration-behind", "cluster"), ("node-address-twice", "192.0.2.12")}


def test_the_resources_of_another_cluster_are_one_finding():
    cluster = build_cluster()
    others = tuple(CalicoNode(name=f"other{number}", ipv4=ip_address(f"198.51.100.{number}")) for number in range(1, 9))
    report = audit(with_resources(snapshot_of(cluster), Resources(nodes=others)))
    assert found(report) == {("not-a-node", "cluster")}
    assert (report.verdict, report.exit_code()) == (Verdict.UNKNOWN, 3)


def test_a_node_that_the_resources_leave_without_peers_is_one_finding():
    cluster = build_cluster(variant=Variant.ALL)
    resources = lab_resources(cluster)
    only = replace(resources.bgp_peers[0], node_selector="!has(spare)")
    resources = change_node(resources, "node6", labels=(("spare", ""),)).model_copy(update={"bgp_peers": (only,)})
    seen = without(snapshot_of(cluster), lambda node, row: node == "node6" or str(row.address) == "192.0.2.16")
    report = audit(with_resources(seen, resources))
    assert {rule for rule, _ in found(report)} == {"node-without-peers"}
    assert report.exit_code() == 1


def test_bird_that_runs_nowhere_is_not_said_to_have_no_peers():
    dead = of_lab("bird-down:node1,node2,node3,node4,node5,node6")
    finding = next(f for f in audit(dead).findings if f.rule == "no-peers-anywhere")
    assert finding.evidence[0] == "node1: BIRD does not run"


def test_a_node_without_any_peer_is_one_finding():
    """Neither node3 nor the reflectors have the peers that the resources ask for."""
    gone = without(of_lab(), lambda node, row: node == "node3" or str(row.address) == "192.0.2.13")
    assert found(audit(gone)) == {("configuration-behind", "node3")}


def test_masked_addresses_prove_nothing_missing():
    whole = pasted(of_lab(topology=Topology.MESH))
    readings = []
    for reading in whole.readings:
        rows = tuple(replace(row, address=None, address_text="x.x.x.x") for row in reading.status.peers)
        readings.append(reading.model_copy(update={"status": reading.status.model_copy(update={"peers": rows})}))
    named = [r.model_copy(update={"node": f"node{place}"}) for place, r in enumerate(readings, 1)]
    report = audit(whole.model_copy(update={"readings": tuple(named)}))
    assert found(report) == set()
    assert report.not_checked


@pytest.mark.parametrize(
    ("node", "prompt"),
    [("ip-10-0-0-{}.ec2.internal", "ip-10-0-0-{}"), ("worker{}", "WORKER{}"), ("worker{}", "worker{}.example.org")],
)
def test_a_prompt_is_short_or_in_capitals_and_still_that_node(node, prompt):
    whole = of_lab(variant=Variant.ALL)
    assert whole.resources is not None
    nodes = tuple(replace(one, name=node.format(number)) for number, one in enumerate(whole.resources.nodes, 1))
    readings = tuple(
        reading.model_copy(update={"node": prompt.format(number)})
        for number, reading in enumerate(pasted(whole).readings, 1)
    )
    renamed = whole.resources.model_copy(update={"nodes": nodes})
    seen = pasted(whole).model_copy(update={"readings": readings, "resources": renamed})
    report = audit(seen)
    assert {one.name for one in report.topology.nodes} == {one.name for one in nodes}
    assert (found(report), report.checked.sessions_established) == (set(), 9)


def part_of(snapshot: Snapshot, *names: str) -> Snapshot:
    """What `--limit` leaves."""
    return snapshot.model_copy(
        update={
            "hosts": tuple(host for host in snapshot.hosts if host.node in names),
            "readings": tuple(reading for reading in snapshot.readings if reading.node in names),
            "limited": True,
        }
    )


def test_a_reflector_that_nobody_asked_is_not_said_to_be_broken():
    """node4 lacks node2; whether node2 serves the others is not known, for nobody asked."""
    lacks = without(of_lab(), lambda node, row: node == "node4" and str(row.address) == "192.0.2.12")
    report = audit(part_of(lacks, "node4"))
    assert {rule for rule, _ in found(report)} == {"reflector-missing-client", "client-single-reflector"}


def test_what_a_limit_leaves_out_is_not_unread_and_what_it_asks_for_may_be():
    part = part_of(of_lab(), "node4", "node5")
    assert audit(part).unread == ()
    silent = part.model_copy(update={"readings": tuple(r for r in part.readings if r.node == "node4")})
    assert audit(silent).unread == ("node5",)


def test_one_node_of_many_is_not_no_node():
    bare = without(of_lab(), lambda node, row: node == "node4")
    assert found(audit(part_of(bare, "node4"))) == {("configuration-behind", "node4")}
    assert found(audit(part_of(of_lab("bird-down:node4"), "node4"))) == {("daemon-not-running", "node4")}


@pytest.mark.parametrize("way", ["paste", "limit"])
def test_one_dead_bird_of_many_is_not_a_cluster_without_bgp(way):
    whole = of_lab("bird-down:node4", topology=Topology.MESH)
    one = part_of(whole, "node4")
    report = audit(one if way == "limit" else one.model_copy(update={"hosts": (), "limited": False}))
    assert report.verdict is Verdict.UNKNOWN
    assert "either this cluster does not use BGP, or it is dead there" in report.findings[0].message


def test_an_end_that_nothing_asks_for_the_peer_lacks_nothing():
    """node5 alone should have node1 (Manual), and only node1 was asked: nothing is known of it."""
    cluster = build_cluster(topology=Topology.MESH, nodes=5)
    one_way = BGPPeer(
        name="one-way", node="node5", peer_ip="192.0.2.11:1790", as_number=64512, reverse_peering="Manual"
    )
    resources = with_peer(change_node(lab_resources(cluster), "node1", cluster_id="1.1.1.1"), one_way)
    seen = without(snapshot_of(cluster), lambda node, row: node == "node1" or str(row.address) == "192.0.2.11")
    report = audit(with_resources(part_of(seen, "node1"), resources))
    assert not {rule for rule, _ in found(report)} & {"peer-missing", "isolated-node"}
    whole = audit(with_resources(seen, resources))
    assert {rule for rule, _ in found(whole)} & {"peer-missing", "isolated-node", "configuration-behind"}
