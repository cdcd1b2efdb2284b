"""Causes of routes that are lost while all sessions stand; the tables are those that a lab's nodes would print."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.routes.bird_reading import RouteLimit
from tests.unit.rules.observed.route_examples import MESH as MESH4
from tests.unit.rules.observed.route_examples import twice, unreachable, without
from tests.unit.rules.observed.rule_snapshots import with_reading
from tests.with_routes import change_protocols, change_table, with_routes

MESH = build_cluster(5, topology=Topology.MESH)
CLIENTS = build_cluster(6)
CASES = {
    "own-protocol-down": Trouble(own_lost=frozenset({"node3"})),
    "import-limit-hit": Trouble(limits=frozenset({("node3", "node1")})),
    "block-announced-twice": Trouble(shared_blocks=(("node3", "node4"),)),
    "kernel-behind-bird": Trouble(kernel_behind=frozenset({"node3"})),
}


def audited(snapshot, cluster, **more):
    return audit(snapshot.model_copy(update={"resources": lab_resources(cluster).model_copy(update=more)}))


@pytest.mark.parametrize("kind", CASES)
def test_the_cause_explains_all_that_is_seen(kind):
    report = audited(with_routes(MESH, trouble=CASES[kind]), MESH)
    assert [cause.kind for cause in report.causes] == [kind]
    assert report.unexplained == ()
    assert all("node3" in str(subject) or "node4" in str(subject) for subject in report.causes[0].subjects)


def test_what_starts_the_protocol_again_ends_no_session_and_brings_the_routes_back():
    (cause,) = audited(with_routes(MESH, trouble=CASES["own-protocol-down"]), MESH).causes
    enable, restart = cause.fixes
    assert enable.steps[0].kubectl.endswith("birdcl -s /var/run/calico/bird.ctl enable static1")
    assert (enable.risk, enable.restores, cause.routes_lost) == ("none", 4, 4)
    assert restart.risk == "restarts sessions"


def test_a_kernel_protocol_that_is_down_explains_the_kernel():
    snapshot = change_protocols(with_routes(MESH, trouble=CASES["kernel-behind-bird"]), 2, "kernel1", state="down")
    (cause,) = audited(snapshot, MESH).causes
    assert cause.kind == "own-protocol-down"
    assert "kernel1 on node3 is down: node3 does not learn" in cause.title


def test_calicos_ipam_says_whose_the_block_is():
    snapshot = with_routes(MESH, trouble=CASES["block-announced-twice"])
    (unsure,) = audited(snapshot, MESH).causes
    assert (unsure.confidence, len(unsure.subjects)) == ("likely", 2)
    affinity = BlockAffinity(name="a", node="node3", cidr="10.244.0.192/26")
    of_another_block = BlockAffinity(name="b", node="node1", cidr="10.244.0.0/26")
    (sure,) = audited(snapshot, MESH, block_affinities=(affinity, of_another_block)).causes
    assert (sure.confidence, [str(subject) for subject in sure.subjects]) == ("certain", ["node4 (IPv4)"])
    assert "restart calico-node on node4" in sure.fixes[0].summary


def test_an_export_limit_explains_what_is_not_announced():
    others = (
        RouteLimit("Import", 9, is_hit=False, action="block"),
        RouteLimit("Export", 9, is_hit=False, action="warn"),
    )
    hit = (*others, RouteLimit("Export", 0, is_hit=True, action="block"))
    snapshot = with_routes(MESH, trouble=Trouble(kept_back=frozenset({"node3"})))
    snapshot = change_protocols(snapshot, 2, "Mesh_192_0_2_11", limits=hit)
    report = audited(snapshot, MESH)
    assert [(c.kind, [str(s) for s in c.subjects]) for c in report.causes] == [
        ("export-limit-hit", ["node1 <-> node3 (IPv4)"])
    ]
    assert "BIRD on node3 announces no more than 0 routes to node1" in report.causes[0].title
    assert report.unexplained == ()


def test_a_next_hop_without_a_way_is_named_with_its_node():
    report = audited(unreachable(), MESH4)
    assert [(c.kind, [str(s) for s in c.subjects]) for c in report.causes] == [
        ("next-hop-unresolved", ["node1 (IPv4)"])
    ]
    assert (report.unexplained, report.causes[0].confidence) == ((), "certain")


def test_what_no_bgpfilter_refuses_is_refused_by_hand():
    gone = without(ip_network("10.244.0.128/26"))
    snapshot = change_protocols(change_table(with_routes(MESH), 0, bird=gone, kernel=gone), 0, "Mesh_192_0_2_12")
    assert not audited(snapshot, MESH).causes
    refusing = change_protocols(snapshot, 0, "Mesh_192_0_2_12", imports_filtered=1)
    report = audited(refusing, MESH)
    assert [(c.kind, [str(s) for s in c.subjects]) for c in report.causes] == [("filter-by-hand", ["node1 (IPv4)"])]
    # Without Calico's resources it may be a BGPFilter's.
    assert not audit(refusing).causes


def test_two_writers_are_one_cause():
    report = audit(twice(felix=True))
    assert [cause.kind for cause in report.causes] == ["programmed-twice"]
    assert "on 1 node" in report.causes[0].title


def test_where_nothing_is_wrong_there_is_no_cause():
    assert audited(with_routes(CLIENTS), CLIENTS).causes == ()


def test_a_filter_by_hand_over_ipv6_beside_a_limit_over_ipv4():
    dual = build_cluster(4, topology=Topology.MESH, families=tuple(Family))
    made = with_routes(dual, trouble=CASES["import-limit-hit"])
    birds = tuple(
        replace(bird, protocols=tuple(_filtered_instead(protocol) for protocol in bird.protocols))
        if bird.family is Family.IPV6
        else bird
        for bird in made.readings[2].birds
    )
    report = audited(with_reading(made, 2, birds=birds), dual)
    told = [(cause.kind, [str(subject) for subject in cause.subjects]) for cause in report.causes]
    assert told == [("import-limit-hit", ["node1 <-> node3 (IPv4)"]), ("filter-by-hand", ["node3 (IPv6)"])]


def _filtered_instead(protocol):
    return replace(protocol, limits=(), imports_filtered=1) if protocol.limits else protocol
