"""Causes of routes that are lost while all sessions stand; the tables are those that a lab's nodes would print."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.resources.blocks import BlockAffinity
from tests.unit.rules.observed.route_examples import twice
from tests.with_routes import change_protocols, with_routes

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
    (sure,) = audited(snapshot, MESH, block_affinities=(affinity,)).causes
    assert (sure.confidence, [str(subject) for subject in sure.subjects]) == ("certain", ["node4 (IPv4)"])
    assert "restart calico-node on node4" in sure.fixes[0].summary


def test_two_writers_are_one_cause():
    report = audit(twice(felix=True))
    assert [cause.kind for cause in report.causes] == ["programmed-twice"]
    assert "on 1 node" in report.causes[0].title


def test_where_nothing_is_wrong_there_is_no_cause():
    assert audited(with_routes(CLIENTS), CLIENTS).causes == ()
