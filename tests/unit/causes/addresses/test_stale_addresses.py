"""Addresses that no node has any more are stale resources, by name; a true external peer is named with its BGPPeer."""

import pytest

from calico_bgp.causes.addresses.stale import stale_peer_ip
from calico_bgp.causes.case import Case
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.unit.auditing.tables import UP, cluster, commands, node, paste_of, pasted, read, table, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
DEAD = [
    "Active Socket: Host is unreachable",
    "Connect Socket: Connection timed out",
    "Active Socket: Connection refused",
]


def reflected(old="192.0.2.1", new="192.0.2.9", number=64512, suffix=""):
    """Clients that peer with a reflector by its address, which has moved."""
    peers = [
        BGPPeer(name="rr-1", node_selector="role == 'client'", peer_ip=f"{old}{suffix}", as_number=number),
        BGPPeer(name="rr-2", node_selector="role == 'client'", peer_ip="192.0.2.2", as_number=64512),
    ]
    nodes = [
        node("r1", f"{new}/24", labels="role=rr", cluster_id="244.0.0.1"),
        node("r2", "192.0.2.2/24", labels="role=rr", cluster_id="244.0.0.1"),
        *(node(f"c{n}", f"192.0.2.{n}/24", labels="role=client") for n in (3, 4)),
    ]
    return cluster(*nodes, *peers, OFF)


def clients(old, info, kind="node specific"):
    return [table(f"c{n}", f"{old} {info}", f"192.0.2.2 {UP}", kind=kind) for n in (3, 4)]


@pytest.mark.parametrize("info", [*DEAD, "Active"])
@pytest.mark.parametrize(("old", "new"), [("192.0.2.1", "192.0.2.9"), ("192.0.2.250", "192.0.2.1")])
def test_a_reflector_that_moved(info, old, new):
    report = pasted(*clients(old, info), resources=reflected(old, new))
    assert told(report)[0] == ("stale-address", ["BGPPeer rr-1"])
    assert f"which no node has: r1 has {new} now" in report.causes[0].title
    assert commands(report) == [
        f'kubectl patch bgppeers.projectcalico.org rr-1 --type merge -p \'{{"spec": {{"peerIP": "{new}"}}}}\'',
        f'calicoctl patch bgppeer rr-1 -p \'{{"spec": {{"peerIP": "{new}"}}}}\'',
    ]
    assert "brings back" in (report.causes[0].fixes[0].tried or "")
    assert "external-peer-down" not in [kind for kind, _ in told(report)]


def test_where_nobody_knows_what_moved_the_address_is_asked():
    resources = reflected()
    nodes = tuple(one for one in resources.nodes if one.name != "r1")
    report = pasted(*clients("192.0.2.1", DEAD[0]), resources=resources.model_copy(update={"nodes": nodes}))
    assert told(report)[0] == ("stale-address", ["BGPPeer rr-1"])
    assert all("${ADDRESS:?}" in command for command in commands(report))
    assert [asked.variable for asked in report.causes[0].fixes[0].asks] == ["ADDRESS"]


@pytest.mark.parametrize("moved", [True, False])
def test_only_where_it_is_known_which_reflector_moved_what_follows_from_its_loss_is_explained(moved):
    resources = reflected()
    nodes = tuple(one for one in resources.nodes if moved or one.name != "r1")
    snapshot = paste_of(*clients("192.0.2.1", DEAD[0]), resources=resources.model_copy(update={"nodes": nodes}))
    few = Finding("few", "fewer-than-two-reflectors", Severity.WARNING, ClusterSubject(), message="")
    (candidate,) = stale_peer_ip(Case(observe(snapshot), (few,)))
    assert candidate.explains == ({"few"} if moved else set())


@pytest.mark.parametrize("password", [True, False])
@pytest.mark.parametrize(("address", "number"), [("192.0.2.254", 65000), ("198.51.100.1", 64900)])
def test_a_true_external_peer_is_named_with_its_bgp_peer(address, number, password):
    tor = BGPPeer(name="tor", peer_ip=address, as_number=number, has_password=password)
    nodes = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2)]
    tables = [table(f"n{n}", f"192.0.2.{3 - n} {UP}", f"global= {address} {DEAD[1]}") for n in (1, 2)]
    report = pasted(*tables, resources=cluster(*nodes, tor))
    assert told(report) == [("external-peer-down", [address])]
    why = report.causes[0].explanation
    assert f"BGPPeer tor (peerIP {address}, asNumber {number}" in why
    assert "password at one end only" in why
    assert (", with a password)" in why) is password


def test_a_reflector_of_the_network_outside_of_the_cluster_is_external():
    """The cluster's AS, another network, and no reflector of the cluster's own without peers."""
    peer = BGPPeer(name="core", peer_ip="198.51.100.1", as_number=64512)
    nodes = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2)]
    tables = [table(f"n{n}", f"192.0.2.{3 - n} {UP}", f"global= 198.51.100.1 {DEAD[1]}") for n in (1, 2)]
    assert told(pasted(*tables, resources=cluster(*nodes, peer))) == [("external-peer-down", ["198.51.100.1"])]


# Nodes that are left over


@pytest.mark.parametrize("info", DEAD[:2])
@pytest.mark.parametrize("renamed", [True, False])
def test_a_node_that_nobody_lists_and_nobody_reaches(info, renamed):
    nodes = [node(f"n{n}", f"192.0.2.{n}/24", f"10.0.0.{n}") for n in (1, 2, 3)]
    old = node("n3-old", "192.0.2.33/24", "10.0.0.3" if renamed else "10.0.0.33")
    tables = {
        f"n{n}": table(f"n{n}", f"192.0.2.33 {info}", *(f"192.0.2.{m} {UP}" for m in (1, 2, 3) if m != n))
        for n in (1, 2, 3)
    }
    addresses = {f"n{n}": f"192.0.2.{n} 10.0.0.{n}" for n in (1, 2, 3)}
    report = read(tables, addresses=addresses, resources=cluster(*nodes, old))
    assert told(report) == [("stale-address", ["n3-old"])]
    assert ("its machine is n3 now" in report.causes[0].title) is renamed
    assert commands(report) == []


def test_a_node_that_was_not_pasted_is_not_left_over():
    nodes = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3)]
    report = pasted(table("n1", f"192.0.2.2 {UP}", f"192.0.2.3 {DEAD[0]}"), resources=cluster(*nodes))
    assert "stale-address" not in [kind for kind, _ in told(report)]


# AS numbers of routers

REFUSED = "Idle Received: Bad peer AS"


@pytest.mark.parametrize("routers", [["10.9.9.48"], ["10.9.9.48", "10.9.9.50"], ["10.9.9.1", "10.9.9.2", "10.9.9.3"]])
@pytest.mark.parametrize("number", [None, 64999])
def test_routers_that_refuse_the_as_of_the_cluster_are_one_cause(routers, number):
    """An unlabelled table and one Node: they are meant for each other."""
    peers = [BGPPeer(name=f"p{n}", peer_ip=router, as_number=4200002024) for n, router in enumerate(routers)]
    config = BGPConfiguration(name="default", node_to_node_mesh_enabled=False, as_number=number)
    report = pasted(
        table(None, *(f"{router} {REFUSED}" for router in routers), kind="global"),
        resources=cluster(node("n1", "10.9.9.11/24"), *peers, config),
    )
    (cause,) = report.causes
    assert cause.kind == "as-mismatch"
    assert f"another AS number of n1 than it has (AS {number or 64512})" in cause.title
    assert f"{'is' if len(routers) == 1 else 'are'} no node that is known here" in cause.explanation
    assert f" {'expects' if len(routers) == 1 else 'expect'} the AS of the node" in cause.fixes[0].summary
    assert report.unexplained == ()


def test_one_node_of_a_file_is_not_another_nodes_table():
    report = pasted(table("n2", f"global= 10.9.9.48 {REFUSED}"), resources=cluster(node("n1", "10.9.9.11/24")))
    assert "n2" in report.findings[0].message
