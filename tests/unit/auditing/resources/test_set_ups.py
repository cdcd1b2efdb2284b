"""Clusters that run as their resources ask: the healthy are called so, those whose routes are missing are not."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from itertools import cycle

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.expect.engine import expect
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.render import render_node_status
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, Family, Peer
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.parse.status.nodes_without_bird import VIRTUAL, WINDOWS
from tests.clusters import cluster, config, node, peer
from tests.unit.auditing.tables import UP, gathered, table

OFF = config(mesh=False)
TOR = "203.0.113.1"
BOTH = ("192.0.2.{}", "2001:db8::{}")


def running(resources: Resources, *, roles=(), hidden=(), own=None) -> Snapshot:
    """Every node has the peers that the resources ask for, and everything is Established."""
    asked = expect(resources).peers
    daemons = tuple(Daemon(family, DaemonState.RUNNING) for family in Family)
    readings, hosts = [], []
    for one in resources.nodes:
        if one.name in hidden or one.without_bird:
            continue
        rows = tuple(
            Peer(p.family, p.address, shown_address(p), p.name_port, p.peer_type, "up", BGPState.ESTABLISHED, None, "")
            for p in asked.get(one.name, ())
        )
        addresses = tuple(map(ip_address, (own or {}).get(one.name, ()))) or tuple(
            address for address in (one.ipv4, one.ipv6) if address is not None
        )
        status = NodeStatus(felix_running=True, daemons=daemons, peers=rows)
        readings.append(NodeReading(host=one.name, node=one.name, status=status, addresses=addresses))
        hosts.append(Host(name=one.name, node=one.name, role=Role.REFLECTOR if one.name in roles else None))
    return Snapshot(hosts=tuple(hosts), readings=tuple(readings), resources=resources)


def shown_address(found):
    """The cell of a table: the name of BIRD's protocol with dots or colons (calicoctl node status.go)."""
    separator = "." if found.family is Family.IPV4 else ":"
    return f"{found.address}{separator}port{separator}{found.name_port}" if found.name_port else str(found.address)


def some(count, *addresses, first=1, labels="", **fields):
    """Nodes n1, n2, ... with an address of each pattern."""
    patterns = addresses or BOTH[:1]
    return [
        node(f"n{n}", *(p.format(n) for p in patterns), labels=labels, **fields) for n in range(first, first + count)
    ]


def rack(number, *, cluster_id, rr="rr"):
    """Two reflectors and three clients."""
    label, first = f"rack=r{number}", 10 * number
    return [
        *some(2, first=first, labels=f"{label} {rr}", cluster_id=cluster_id),
        *some(3, first=first + 2, labels=label),
    ]


def racks(*ids, as_numbers=(None, None, None)):
    peers = [
        peer(f"rack{n}", node_selector=f"rack == 'r{n}' && !has(rr)", peer_selector=f"rack == 'r{n}' && has(rr)")
        for n in range(1, len(ids) + 1)
    ]
    nodes = [
        replace(one, as_number=as_numbers[n - 1])
        for n, cluster_id in enumerate(ids, 1)
        for one in rack(n, cluster_id=cluster_id)
    ]
    return cluster(*nodes, *peers, peer("top", node_selector="has(rr)", peer_selector="has(rr)"), OFF)


def hierarchy():
    """Two reflectors of reflectors over two racks."""
    nodes = [one for n in (1, 2) for one in rack(n, cluster_id=f"1.1.1.{n}")]
    tops = [
        replace(one, name=f"top{n}") for n, one in enumerate(some(2, first=90, labels="tier=top", cluster_id="9.9.9.9"))
    ]
    return cluster(
        *nodes,
        *tops,
        *(
            peer(f"rack{n}", node_selector=f"rack == 'r{n}' && !has(rr)", peer_selector=f"rack == 'r{n}' && has(rr)")
            for n in (1, 2)
        ),
        peer("tops", node_selector="has(rr)", peer_selector="tier == 'top'"),
        peer("tops-together", node_selector="tier == 'top'", peer_selector="tier == 'top'"),
        OFF,
    )


def reflected(*clients, reflectors=BOTH[:1], **fields):
    """Two reflectors with one ID that everybody peers with."""
    rr = some(2, *reflectors, first=1, labels="rr", cluster_id="1.1.1.1")
    return cluster(*rr, *clients, peer("rr", node_selector="all()", peer_selector="has(rr)", **fields), OFF)


def to_tor(*nodes, mesh=False, **fields):
    return cluster(*nodes, peer("tor", peer_ip=TOR, as_number=65001, **fields), config(mesh=mesh))


def switch_in_each_rack():
    """Every node has its rack's AS, as has the switch, which reflects and joins the racks."""
    nodes = [replace(one, as_number=65100 + n) for n in (1, 2) for one in some(3, first=10 * n, labels=f"rack=r{n}")]
    peers = [
        peer(f"tor{n}", node_selector=f"rack == 'r{n}'", peer_ip=f"203.0.113.{n}", as_number=65100 + n) for n in (1, 2)
    ]
    return cluster(*nodes, *peers, OFF)


HEALTHY = {
    "mesh": cluster(*some(4)),
    "two nodes": cluster(*some(2)),
    "dual-stack mesh": cluster(*some(4, *BOTH)),
    "IPv6 only": cluster(*some(4, BOTH[1])),
    "listenPort": cluster(*some(4), config(listen_port=1790)),
    "reflectors": reflected(*some(4, first=3)),
    "dual-stack reflectors": reflected(*some(4, *BOTH, first=3), reflectors=BOTH),
    "reflectors with a port": cluster(
        *some(2, labels="rr", cluster_id="1.1.1.1"),
        *some(3, first=3),
        peer("rr", node_selector="all()", peer_selector="has(rr)"),
        config(mesh=False, listen_port=1790),
    ),
    "reflectors by rack": racks("1.1.1.1", "1.1.1.2"),
    "three racks": racks("1.1.1.1", "1.1.1.2", "1.1.1.3"),
    "hierarchy": hierarchy(),
    "mesh beside reflectors": reflected(*some(4, first=3)).model_copy(
        update={"bgp_configurations": (config(mesh=True),)}
    ),
    "mesh and a switch": to_tor(*some(4), mesh=True),
    "mesh and a switch with a filter": to_tor(*some(4), mesh=True, filters=("out",)),
    "a switch that allows the own AS": to_tor(*some(4), num_allowed_local_as_numbers=1),
    "an AS per node": to_tor(*(replace(one, as_number=65100 + n) for n, one in enumerate(some(4)))),
    "an AS of its own for the cluster": cluster(*some(4), config(as_number=65010)),
    "an AS per rack with reflectors": racks("1.1.1.1", "1.1.1.2", as_numbers=(65101, 65102)),
    "an AS per rack with switches": switch_in_each_rack(),
    "VXLAN beside BGP": cluster(*some(4)).model_copy(
        update={"ip_pools": (IPPool("p", "10.244.0.0/16", vxlan_mode="CrossSubnet"),)}
    ),
    "IPIP": cluster(*some(4)).model_copy(update={"ip_pools": (IPPool("p", "10.244.0.0/16", ipip_mode="Always"),)}),
    "a Windows node": cluster(*some(4), node("win", labels="kubernetes.io/os=windows", without_bird=WINDOWS)),
    "a virtual node": cluster(*some(4), node("virtual", without_bird=VIRTUAL)),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_with_resources(name):
    report = audit(running(HEALTHY[name]))
    assert {f.rule for f in report.findings if f.severity is not Severity.INFO} == set()
    assert (report.verdict, report.exit_code(), report.causes) == (Verdict.HEALTHY, 0, ())


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_without_resources_is_no_fault(name):
    report = audit(running(HEALTHY[name]).model_copy(update={"resources": None}))
    assert {f.rule for f in report.findings if f.severity is Severity.ERROR} == set()
    assert report.exit_code() in {0, 3}
    assert report.checked.sessions_established == report.checked.sessions_expected


@pytest.mark.parametrize("name", HEALTHY)
def test_a_paste_of_two_nodes_claims_what_was_seen(name):
    whole = running(HEALTHY[name])
    paste = whole.model_copy(update={"hosts": (), "readings": whole.readings[-2:], "resources": None})
    report = audit(paste)
    assert (report.exit_code(), report.unread) == (0, ())
    # Resources name the other nodes, which were not pasted.
    more = audit(paste.model_copy(update={"resources": whole.resources}))
    assert more.exit_code() == (3 if len(whole.readings) > 2 else 0)


def printed(snapshot, *layouts):
    """The same, as releases of calicoctl print it that differ from node to node."""
    readings = []
    for reading, layout in zip(snapshot.readings, cycle(layouts), strict=False):
        rows = tuple(replace(p, since="10:00:00") for p in reading.peers)
        status = reading.status.model_copy(update={"peers": rows})
        text = render_node_status(status, layout).stdout
        readings.append(reading.model_copy(update={"status": parse_node_status(text), "raw": text}))
    return snapshot.model_copy(update={"readings": tuple(readings)})


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("resources", [True, False])
def test_layouts_of_calicoctl_that_differ_from_node_to_node_change_nothing(name, resources):
    made = running(HEALTHY[name])
    made = made if resources else made.model_copy(update={"resources": None})
    one, mixed = audit(printed(made, Layout.LEFT)), audit(printed(made, Layout.CENTRED, Layout.LEFT))
    assert mixed == one
    assert mixed.exit_code() in ({0} if resources else {0, 3})


@pytest.mark.parametrize("mode", ["Always", "CrossSubnet"])
def test_vxlan_without_bird(mode):
    """CALICO_NETWORKING_BACKEND=vxlan: BIRD runs nowhere, and nobody asked for it."""
    made = running(cluster(*some(4)).model_copy(update={"ip_pools": (IPPool("p", "10.244.0.0/16", vxlan_mode=mode),)}))
    daemons = tuple(Daemon(family, DaemonState.NOT_RUNNING) for family in Family)
    status = NodeStatus(felix_running=True, daemons=daemons)
    made = made.model_copy(
        update={"readings": tuple(reading.model_copy(update={"status": status}) for reading in made.readings)}
    )
    for each in (made, made.model_copy(update={"resources": None})):
        report = audit(each)
        assert (report.exit_code(), report.causes) == (0, ())


@pytest.mark.parametrize("name", HEALTHY)
def test_nodes_of_kubernetes_without_calicos_data_say_nothing(name):
    """Calico keeps its data in etcd: the Nodes of `kubectl get nodes` have no address of Calico's."""
    made = running(HEALTHY[name])
    bare = tuple(replace(n, ipv4=None, ipv6=None, as_number=None, cluster_id=None) for n in made.resources.nodes)
    report = audit(made.model_copy(update={"resources": made.resources.model_copy(update={"nodes": bare})}))
    untold = audit(made.model_copy(update={"resources": None}))
    assert (report.findings, report.causes) == (untold.findings, untold.causes)
    assert report.exit_code() == 3
    assert any("calicoctl get nodes -o yaml" in one.why for one in report.not_checked)


#: What resources ask for and every node runs, while routes are missing, or may be.
NOT_HEALTHY = {
    "reflectors without IPv6": reflected(*some(8, *BOTH, first=3)),
    "racks with one cluster ID": racks("1.1.1.1", "1.1.1.1"),
    "a filter between nodes": reflected(*some(6, first=3), filters=("reject-all",)),
    "a pool that is not exported": cluster(*some(4)).model_copy(
        update={"ip_pools": (IPPool("p", "10.0.0.0/16", disable_bgp_export=True),)}
    ),
    "one AS behind a switch": to_tor(*some(4)),
    "a node without a BGPPeer": cluster(
        *some(2, labels="rr", cluster_id="1.1.1.1"),
        *some(2, first=3, labels="client"),
        *some(1, first=9),
        peer("rr", node_selector="has(client)", peer_selector="has(rr)"),
        OFF,
    ),
}


#: Each with resources, and by its tables alone; but no table shows a pool.
SEEN_BY = [(name, seen) for name in NOT_HEALTHY for seen in (True, False) if seen or not name.startswith("a pool")]


@pytest.mark.parametrize(("name", "resources"), SEEN_BY)
def test_not_healthy(name, resources):
    made = running(NOT_HEALTHY[name])
    report = audit(made if resources else made.model_copy(update={"resources": None}))
    assert report.exit_code() != 0
    if resources:
        assert any(family.pairs < family.nodes * (family.nodes - 1) for family in report.reachability)


def test_a_node_of_a_dual_stack_mesh_without_its_ipv4_address():
    nodes = some(4, *BOTH)
    made = cluster(*nodes[:3], replace(nodes[3], ipv4=None))
    snapshot = running(made, own={"n4": ("192.0.2.4", "2001:db8::4")})
    for each in (snapshot, snapshot.model_copy(update={"resources": None})):
        report = audit(each)
        assert [f.severity for f in report.findings if f.rule == "family-without-peers"] == [Severity.ERROR]
        assert report.exit_code() == 1


def test_a_host_that_has_no_address_of_the_family_lacks_none():
    nodes = some(4, *BOTH)
    made = cluster(*nodes[:3], replace(nodes[3], ipv6=None))
    report = audit(running(made))
    assert [f.severity for f in report.findings if f.rule == "family-without-peers"] == [Severity.INFO]
    assert report.exit_code() == 0


def test_a_reflector_by_the_inventory_that_no_bgppeer_selects():
    reflectors = some(3, labels="rr", cluster_id="1.1.1.1")
    made = cluster(
        *reflectors[:2],
        replace(reflectors[2], labels=()),
        *some(4, first=4),
        peer("rr", node_selector="all()", peer_selector="has(rr)"),
        OFF,
    )
    report = audit(running(made, roles={"n1", "n2", "n3"}))
    assert [str(f.subject) for f in report.findings if f.rule == "reflector-role-lost"] == ["n3"]
    assert report.verdict is not Verdict.HEALTHY
    untold = audit(running(made, roles={"n1", "n2", "n3"}).model_copy(update={"resources": None}))
    assert {f.severity for f in untold.findings} <= {Severity.WARNING, Severity.INFO}
    assert untold.exit_code() == 3


def few_at_a_switch(**pool):
    """Two nodes announce to a switch, and four have no peer; nothing joins nodes with nodes."""
    at_switch = peer("tor", node_selector="has(bgp)", peer_ip=TOR, as_number=65001)
    made = cluster(*some(2, labels="bgp"), *some(4, first=3), at_switch, OFF)
    return made.model_copy(update={"ip_pools": (IPPool("p", "10.244.0.0/16", **pool),)})


def test_vxlan_with_a_few_nodes_at_a_switch_is_healthy():
    report = audit(running(few_at_a_switch(vxlan_mode="Always")))
    assert (report.exit_code(), report.causes) == (0, ())
    assert {f.rule for f in report.findings if f.severity is not Severity.INFO} == set()


def test_pods_that_need_bgp_and_have_it_on_a_few_nodes_only_are_cut_off():
    report = audit(running(few_at_a_switch(vxlan_mode="Never")))
    assert (report.exit_code(), report.verdict) == (1, Verdict.UNHEALTHY)


def test_by_the_tables_alone_nobody_knows_whether_the_others_are_to_have_peers():
    report = audit(running(few_at_a_switch()).model_copy(update={"resources": None}))
    assert {f.severity for f in report.findings if f.rule == "isolated-node"} == {Severity.WARNING}
    assert (report.exit_code(), report.verdict) == (3, Verdict.UNKNOWN)
    assert "whether n3 should have peers is not known" in report.doubts


@pytest.mark.parametrize("lonely", [1, 2])
def test_a_few_nodes_without_a_peer_where_most_have_the_switch_are_an_error(lonely):
    made = to_tor(*some(5), num_allowed_local_as_numbers=1)
    whole = running(made)
    bare = [
        one.model_copy(update={"status": one.status.model_copy(update={"peers": ()})})
        for one in whole.readings[:lonely]
    ]
    seen = whole.model_copy(update={"readings": (*bare, *whole.readings[lonely:]), "resources": None})
    assert {f.severity for f in audit(seen).findings if f.rule == "isolated-node"} == {Severity.ERROR}


@pytest.mark.parametrize(
    ("infos", "unread"),
    [((UP, UP), ()), ((UP, "Active"), ("win",)), (("Active", "Active"), ("win",))],
)
def test_a_node_that_nobody_can_ask_is_seen_where_all_its_peers_have_it_up(infos, unread):
    """Windows has a BGP of its own, which no calicoctl shows."""
    rows = {"n1": f"192.0.2.2 {UP}", "n2": f"192.0.2.1 {UP}"}
    tables = {
        name: table(name, row, f"192.0.2.9 {info}") for (name, row), info in zip(rows.items(), infos, strict=True)
    }
    windows = node("win", "192.0.2.9", labels="kubernetes.io/os=windows", without_bird=WINDOWS)
    resources = cluster(node("n1", "192.0.2.1"), node("n2", "192.0.2.2"), windows)
    made = gathered(tables, addresses={"n1": "192.0.2.1", "n2": "192.0.2.2"}, resources=resources)
    assert audit(made).unread == unread
