"""Which sessions were seen, and what is made of what was not."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.model.reading import GatherFailure, NodeReading, Stage
from calico_bgp.model.resources import IPPool
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.consequences import PairCounts, routes_of
from calico_bgp.routes.network import from_observed
from calico_bgp.routes.network.from_observed import observed_network
from calico_bgp.routes.network.sessions import EndSettings
from tests.clusters import cluster, config, node, peer

YES, PERHAPS, NO = Answer.YES, Answer.PERHAPS, Answer.NO
STARTED, BROKE = datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def seen(lab, *faults, unread=(), told=True, resources=None):
    """The view of a simulated cluster; nodes in `unread` could not be read, and `told` says whether ip= names all."""
    parsed = tuple(parse_fault(text, lab) for text in faults)
    tables = lab_tables(lab, (Epoch(STARTED), Epoch(BROKE, parsed)), NOW)
    readings, failures = [], []
    for one, table in zip(lab.nodes, tables, strict=True):
        if one.name in unread:
            failures.append(GatherFailure(host=one.name, node=one.name, stage=Stage.CONNECT, message="nothing answers"))
            continue
        own = tuple(a for a in (one.ipv4, one.ipv6) if a is not None)
        status = table.status
        readings.append(
            NodeReading(host=one.name, node=one.name, status=status, addresses=own, taken_at=NOW, clock=NOW)
        )
    hosts = tuple(
        Host(name=one.name, node=one.name, addresses=tuple(a for a in (one.ipv4, one.ipv6) if a and told))
        for one in lab.nodes
    )
    snapshot = Snapshot(
        hosts=hosts, taken_at=NOW, readings=tuple(readings), failures=tuple(failures), resources=resources
    )
    return observe(snapshot)


def reach(cluster, family=Family.IPV4):
    return reachability(observed_network(cluster, family))


def mesh(nodes, **more):
    return build_cluster(nodes, topology=Topology.MESH, **more)


def reflected(nodes, **more):
    return build_cluster(nodes, reflectors=2, **more)


def test_a_healthy_mesh_reaches_everyone_in_the_families_it_has():
    cluster = seen(mesh(5, families=(Family.IPV4,)))
    found = reach(cluster)
    assert (found.count(YES), found.count(NO), found.count(PERHAPS)) == (20, 0, 0)
    assert observed_network(cluster, Family.IPV6).speakers == ()
    assert found.assumptions == ("all nodes are taken to have one AS number and add-paths, as is Calico's default",)


def test_a_cut_session_of_a_mesh_cuts_its_pair_off():
    found = reach(seen(mesh(5), "link-cut:node1,node3"))
    assert list(found.pairs(NO)) == [("node1", "node3"), ("node3", "node1")]


def test_a_node_whose_bird_is_down_is_cut_off():
    found = reach(seen(mesh(4), "bird-down:node2"))
    assert found.isolated == ("node2",)


def test_clients_learn_each_other_through_reflectors_and_the_answer_says_that_roles_are_inferred():
    found = reach(seen(reflected(6)))
    assert found.count(NO) == found.count(PERHAPS) == 0
    assert any("inferred" in text for text in found.assumptions)
    assert any("one cluster ID or several is not known" in text for text in found.assumptions)
    assert found.redundancy("node5", "node6").nodes == ("node1", "node2")


def test_with_a_client_on_one_reflector_each_it_depends_on_the_cluster_ids_that_are_not_known():
    found = reach(seen(reflected(6), "link-cut:node1,node5", "link-cut:node2,node6"))
    assert found.learns("node5", "node6") is found.learns("node6", "node5") is PERHAPS
    assert found.learns("node5", "node4") is YES
    apart = reach(seen(reflected(6, variant=Variant.CLIENTS), "link-cut:node1,node5", "link-cut:node2,node6"))
    assert apart.learns("node5", "node6") is NO


def test_where_reflectors_do_not_peer_it_makes_no_difference_which_cluster_ids_they_have():
    apart = observed_network(seen(reflected(6, variant=Variant.CLIENTS)), Family.IPV4)
    joined = observed_network(seen(reflected(6)), Family.IPV4)
    assert (apart.possible, joined.possible is None) == (None, False)
    said = [any("one cluster ID or several" in text for text in net.assumptions) for net in (apart, joined)]
    assert said == [False, True]
    # Which ID a reflector has does not tell its clients apart.
    assert ("node3", "node4", "node5", "node6") in reachability(joined).classes


def resources_of(lab, ids):
    nodes = [
        node(one.name, str(one.ipv4), labels="rr" if one.name in ids else "", cluster_id=ids.get(one.name))
        for one in lab.nodes
    ]
    return cluster(*nodes, config(mesh=False), peer("all", node_selector="all()", peer_selector="has(rr)"))


def test_resources_tell_the_cluster_ids():
    lab = reflected(6, variant=Variant.ALL, families=(Family.IPV4,))
    cuts = ["link-cut:node1,node5", "link-cut:node2,node6"]
    for second, answer in (("244.0.0.1", NO), ("244.0.0.2", YES)):
        resources = resources_of(lab, {"node1": "244.0.0.1", "node2": second})
        found = reach(seen(lab, *cuts, resources=resources))
        assert found.learns("node5", "node6") is answer
        assert found.count(PERHAPS) == 0
        assert found.assumptions == ()


def test_between_two_nodes_that_could_not_be_read_all_is_perhaps():
    found = reach(seen(mesh(5), unread=("node2", "node4")))
    assert list(found.pairs(PERHAPS)) == [("node2", "node4"), ("node4", "node2")]
    assert found.count(NO) == 0
    assert any("could not be read" in text for text in found.assumptions)


def test_two_clients_that_could_not_be_read_need_no_session_with_each_other():
    cluster = seen(reflected(6), unread=("node5", "node6"))
    found = reach(cluster)
    assert found.count(PERHAPS) == found.count(NO) == 0
    assert not observed_network(cluster, Family.IPV4).joins("node5", "node6")


def test_nodes_that_could_not_be_read_and_whose_address_is_not_known_may_be_any_stranger():
    found = reach(seen(mesh(5), unread=("node2", "node4"), told=False))
    assert found.count(NO) == 0
    assert {found.learns("node1", name) for name in ("node2", "node4")} == {PERHAPS}
    assert found.learns("node1", "node5") is YES
    assert any("it is not known whose they are" in text for text in found.assumptions)


def test_a_neighbour_that_is_no_node_is_an_unknown():
    cluster = seen(mesh(3))
    first = cluster.snapshot.readings[0]
    outside = replace(first.status.peers[0], address_text="203.0.113.1", address=None)
    status = first.status.model_copy(update={"peers": (*first.status.peers, outside)})
    snapshot = cluster.snapshot.model_copy(
        update={"readings": (first.model_copy(update={"status": status}), *cluster.snapshot.readings[1:])}
    )
    net = observed_network(observe(snapshot), Family.IPV4)
    assert [(x.near.node, x.far) for x in net.externals] == [("node1", "203.0.113.1")]
    # Over eBGP most passes: of its AS number it is only known that it may be another one.
    assert [x.near.settings for x in net.externals] == [EndSettings(64512, 0)]


def test_a_session_that_recovers_from_a_restart_is_perhaps():
    cluster = seen(mesh(3, families=(Family.IPV4,)))
    first = cluster.snapshot.readings[0]
    waits = tuple(replace(row, protocol_state="wait") for row in first.status.peers)
    assert {row.bgp_state for row in waits} == {BGPState.ESTABLISHED}
    status = first.status.model_copy(update={"peers": waits})
    snapshot = cluster.snapshot.model_copy(
        update={"readings": (first.model_copy(update={"status": status}), *cluster.snapshot.readings[1:])}
    )
    found = reach(observe(snapshot))
    assert {found.learns(name, "node1") for name in ("node2", "node3")} == {PERHAPS}
    assert found.learns("node2", "node3") is YES
    assert "a session that recovers from a restart counts as perhaps" in found.assumptions


def test_a_session_recovers_also_where_only_one_end_was_read():
    cluster = seen(mesh(2, families=(Family.IPV4,)), unread=("node2",))
    (first,) = cluster.snapshot.readings
    waits = tuple(replace(row, protocol_state="wait") for row in first.status.peers)
    status = first.status.model_copy(update={"peers": waits})
    found = reach(
        observe(cluster.snapshot.model_copy(update={"readings": (first.model_copy(update={"status": status}),)}))
    )
    assert (found.learns("node1", "node2"), found.learns("node2", "node1")) == (PERHAPS, PERHAPS)
    down = tuple(replace(row, bgp_state=BGPState.ACTIVE) for row in waits)
    status = first.status.model_copy(update={"peers": down})
    found = reach(
        observe(cluster.snapshot.model_copy(update={"readings": (first.model_copy(update={"status": status}),)}))
    )
    assert (found.learns("node1", "node2"), found.learns("node2", "node1")) == (NO, NO)


def test_between_two_tables_that_were_cut_only_the_sessions_that_neither_shows_are_perhaps():
    cluster = seen(mesh(3, families=(Family.IPV4,)))
    readings = tuple(
        reading.model_copy(update={"complete": False, "status": reading.status.model_copy(update={"complete": False})})
        for reading in cluster.snapshot.readings
    )
    cut = reach(observe(cluster.snapshot.model_copy(update={"readings": readings})))
    assert (cut.count(YES), cut.count(PERHAPS)) == (6, 0)
    assert not any("could not be read" in text for text in cut.assumptions)
    # Nobody shows the session of the first two.
    own = {str(reading.addresses[0]) for reading in readings[:2]}
    lacking = tuple(
        reading.model_copy(
            update={
                "status": reading.status.model_copy(
                    update={"peers": tuple(row for row in reading.peers if row.address_text not in own)}
                )
            }
        )
        for reading in readings[:2]
    )
    cut = reach(observe(cluster.snapshot.model_copy(update={"readings": (*lacking, readings[2])})))
    assert (cut.count(YES), cut.count(PERHAPS)) == (4, 2)
    assert any("could not be read" in text for text in cut.assumptions)


@pytest.mark.parametrize("exported", [True, False])
def test_a_host_that_is_no_node_and_is_a_bgp_peer_gets_what_its_peer_suggests(exported):
    """A route reflector outside of Kubernetes, which was read as the nodes were."""
    lab = mesh(3, families=(Family.IPV4,))
    nodes = [node(one.name, str(one.ipv4)) for one in lab.nodes[:2]]
    outside = peer("outside", peer_ip=str(lab.nodes[2].ipv4), as_number=64512)
    pools = (IPPool("pods", "10.244.0.0/16"), IPPool("own", "10.250.0.0/16", disable_bgp_export=not exported))
    resources = cluster(*nodes, outside).model_copy(update={"ip_pools": pools})
    observed = seen(lab, resources=resources)
    assert [member.resource is None for member in observed.members] == [False, False, True]
    network = observed_network(observed, Family.IPV4)
    assert network.joins("node1", "node3")
    assert reachability(network).count(NO) == 0


def test_where_no_one_has_a_peer_everyone_is_cut_off():
    found = reach(seen(reflected(5, families=(Family.IPV4,)), "reinstalled:node1,node2"))
    assert found.isolated == found.nodes == tuple(f"node{number}" for number in range(1, 6))


@pytest.mark.parametrize("family", Family)
def test_where_one_family_is_in_use_a_node_without_peers_lacks_it_whichever_it_is(family):
    lab = build_cluster(7, reflectors=3, variant=Variant.ALL, families=(family,))
    found = reach(seen(lab, "selector-narrow", told=False), family)
    # Only the three reflectors peer, with one another: 6 of the 7 * 6 ways stand.
    assert (found.count(YES), found.count(NO), found.count(PERHAPS)) == (6, 36, 0)


def test_where_bird_runs_nowhere_there_is_no_one_to_learn():
    cluster = seen(build_cluster(3, topology=Topology.NO_BGP))
    assert all(observed_network(cluster, family).speakers == () for family in Family)


def unread_hosts(number, roles=()):
    """Hosts none of which could be read; the first of them have these roles."""
    names = [f"node{place}" for place in range(number)]
    hosts = tuple(Host(name=name, role=role) for name, role in zip_longest(names, roles))
    failures = tuple(GatherFailure(host=name, stage=Stage.CONNECT, message="nothing answers") for name in names)
    return observe(Snapshot(hosts=hosts, taken_at=NOW, failures=failures))


@pytest.mark.parametrize(
    ("roles", "sessions"),
    [((), 15), ((Role.REFLECTOR, Role.REFLECTOR), 9), ((Role.CLIENT, Role.REFLECTOR), 5)],
)
def test_of_a_cluster_that_nobody_could_read_every_session_that_may_be_counts_as_perhaps(roles, sessions):
    cluster = unread_hosts(6, roles)
    network = observed_network(cluster, Family.IPV4)
    assert (len(network.sessions), len(network.possible)) == (0, sessions)
    one_by_one = replace(network, sessions=tuple(network.sessions), possible=tuple(network.possible))
    by_class, single = reachability(network), reachability(one_by_one)
    names = [f"node{place}" for place in range(6)]
    pairs = [(near, far) for near in names for far in names if near != far]
    assert [by_class.learns(*pair) for pair in pairs] == [single.learns(*pair) for pair in pairs]
    assert {by_class.learns(*pair) for pair in pairs} == {PERHAPS}
    assert routes_of(cluster)[Family.IPV4].counts_now == PairCounts(0, 0)
    assert any("could not be read" in text for text in network.assumptions)


def test_of_many_hosts_that_nobody_could_read_no_session_is_made():
    network = observed_network(unread_hosts(3_000), Family.IPV4)
    assert len(network.possible) == 3_000 * 2_999 // 2
    assert len(list(network.blocks())) == 1


def strangers(nodes, *, down, blind):
    """Nodes without a name whose peers are nobody's addresses; all sessions of some are down; others were not read."""
    readings = []
    for number in range(nodes):
        what = "start | 09:00:00 | Connect" if number in down else "up | 09:00:00 | Established"
        rows = [f"| 10.{number}.0.{peer} | node-to-node mesh | {what} |" for peer in (1, 2, 3)]
        text = "\n".join(
            ["Calico process is running.", "IPv4 BGP status", *rows, "IPv6 BGP status", "No IPv6 peers found."]
        )
        readings.append(NodeReading(host=f"n{number}", status=parse_node_status(text), taken_at=NOW))
    failures = tuple(GatherFailure(host=f"x{n}", stage=Stage.CONNECT, message="nothing answers") for n in range(blind))
    return observe(Snapshot(readings=tuple(readings), failures=failures))


@pytest.mark.parametrize("down", [(), (0,), (0, 1, 2, 3)])
@pytest.mark.parametrize("blind", [0, 3])
def test_many_strangers_are_who_few_would_be(monkeypatch, down, blind):
    by_pairs = observed_network(strangers(6, down=down, blind=blind), Family.IPV4)
    monkeypatch.setattr("calico_bgp.routes.network.strangers.MANY_PAIRS", 0)
    by_kinds = observed_network(strangers(6, down=down, blind=blind), Family.IPV4)
    assert set(by_kinds.possible) == set(by_pairs.possible or ())
    assert (tuple(by_kinds.sessions), by_kinds.externals) == (by_pairs.sessions, by_pairs.externals)
    ways = [
        [reachability(network).learns(near.name, far.name) for near in network.speakers for far in network.speakers]
        for network in (by_kinds, by_pairs)
    ]
    assert ways[0] == ways[1]
    assert PERHAPS in ways[0]


def test_nobody_looks_at_every_two_of_many_strangers(monkeypatch):
    """4,000 tables without names took two minutes."""
    looked_at = []
    joint = from_observed._Observation.joint
    monkeypatch.setattr(
        from_observed._Observation, "joint", lambda self, key: looked_at.append(key) or joint(self, key)
    )
    network = observed_network(strangers(150, down=(), blind=0), Family.IPV4)
    assert len(looked_at) < 10
    assert any("it is not known whose they are" in text for text in network.assumptions)
    assert len(network.possible) == 150 * 149 // 2
