"""The first line counts routes by the nodes' tables, and by the sessions where a table could not be read."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.headline import verdict_line
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.consequences import routes_of
from tests.with_routes import with_routes

SIX = build_cluster(6, topology=Topology.MESH)
REFLECTORS = build_cluster(6)


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [
        (with_routes(SIX), "all 30 routes there"),
        # Its tables are not there; its five peers cannot have its routes, nor it theirs.
        (with_routes(SIX, "bird-down:node4"), "10 of 30 routes missing"),
        (with_routes(SIX, trouble=Trouble(own_lost=frozenset({"node3"}))), "5 of 30 routes missing"),
        # Both: four nodes lack node3's, beside the ten of node4, of which one is node3's.
        (
            with_routes(SIX, "bird-down:node4", trouble=Trouble(own_lost=frozenset({"node3"}))),
            "14 of 30 routes missing",
        ),
        # Its BIRD is known to be dead, but nobody knows which of the others' pairs with node5 are there.
        (with_routes(SIX, "bird-down:node4", "no-sudo:node5"), "10 of 30 routes missing, 8 not known"),
        (with_routes(SIX, "no-sudo:node4"), "10 of 30 routes not known"),
    ],
    ids=["healthy", "bird-down", "own-lost", "both", "dead-and-unread", "unread"],
)
def test_what_is_said_of_routes(snapshot, said):
    assert said in audit(snapshot).headline, audit(snapshot).headline


@pytest.mark.parametrize("faults", [("bird-down:node4",), ("bird-down:node4", "no-sudo:node5"), ("node-down:node2",)])
def test_what_no_table_tells_is_missing_only_where_no_session_can_bring_it(faults):
    snapshot = with_routes(SIX, *faults)
    cluster = observe(snapshot)
    now = routes_of(cluster)[Family.IPV4].now
    (found,) = audit(snapshot).reachability
    assert found.observed is not None
    told = {name for name in cluster.by_name if name not in {fault.partition(":")[2] for fault in faults}}
    apart = [
        (one, other) for one in cluster.by_name for other in cluster.by_name if one != other and {one, other} - told
    ]
    assert found.observed.pairs_cut_off == sum(now.learns(one, other) is Answer.NO for one, other in apart)
    assert found.observed.pairs_missing == 0


@pytest.mark.parametrize("cluster", [SIX, REFLECTORS], ids=["mesh", "reflectors"])
@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (("rack-down",), "18 of 30 routes missing, 6 not known"),
        (("bird-down:node4",), "10 of 30 routes missing"),
        (("node-down:node4",), "10 of 30 routes missing"),
    ],
    ids=["rack", "bird", "node"],
)
def test_the_first_line_and_the_cause_count_alike(cluster, faults, said):
    """Nodes of a rack that is off may still have sessions among themselves: only that is not known."""
    parsed = [parse_fault(fault, cluster) for fault in faults]
    report = audit(with_routes(cluster, *faults).model_copy(update={"resources": lab_resources(cluster, parsed)}))
    assert said in report.headline, report.headline
    (cause,) = report.causes
    assert cause.routes_lost == sum(found.missing for found in report.reachability)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["n1"], "the one node was not read: nothing is known of its BGP"),
        (["n1", "n2"], "none of 2 nodes was read: nothing is known of their BGP"),
    ],
)
def test_where_nothing_was_read_only_that_is_said(names, said):
    failures = tuple(GatherFailure(host=name, stage=Stage.RESOLVE, message="no address") for name in names)
    report = audit(Snapshot(hosts=tuple(map(Host, names)), readings=(), failures=failures))
    assert verdict_line(report) == ("UNKNOWN", said)
