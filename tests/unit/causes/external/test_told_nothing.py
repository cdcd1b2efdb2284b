"""A switch that is told of no pod: which BGPFilter rejects them all, and what is none of its doing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.external.told_nothing import told_nothing_by_tables
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BlockAffinity, IPPool
from calico_bgp.model.routes.bird_reading import RouteLimit
from tests.unit.auditing.tables import told
from tests.with_routes import change_protocols, with_routes

SWITCHED = build_cluster(6, reflectors=2, switch=True)


def untold(*faults: str, resources: bool = True, **changes):
    """All nodes filter what they tell the switch; the BGPFilter is changed."""
    parsed = tuple(parse_fault(text, SWITCHED) for text in faults)
    given = lab_resources(SWITCHED, parsed)
    given = given.model_copy(update={"bgp_filters": tuple(replace(one, **changes) for one in given.bgp_filters)})
    snapshot = with_routes(SWITCHED, *faults)
    return audit(snapshot.model_copy(update={"resources": given if resources else None}))


def test_the_filter_is_named_and_its_rule():
    report = untold("tor-untold")
    assert told(report) == [("peer-told-nothing", ["BGPFilter keep-pods-inside"])]
    (cause,) = report.causes
    assert (cause.confidence, cause.severity) == (Confidence.LIKELY, "warning")
    assert "rule 1 of BGPFilter keep-pods-inside" in cause.explanation
    assert cause.fixes[0].steps == (), "it may be meant"
    assert report.unexplained == ()


def test_blocks_of_the_other_family_do_not_stand_up_for_a_filter():
    # The switch speaks IPv4: that the filter lets IPv6 pass is of no use to it.
    both = build_cluster(4, topology=Topology.MESH, families=(Family.IPV4, Family.IPV6), switch=True)
    given = lab_resources(both, [parse_fault("tor-untold", both)])
    blocks = tuple(
        BlockAffinity(name=f"{node.name}-{number}", node=node.name, cidr=cidr)
        for number, node in enumerate(both.nodes)
        for cidr in (f"10.244.{number}.0/26", f"fd00:10:244::{number}:0/122")
    )
    given = given.model_copy(update={"block_affinities": blocks})
    report = audit(with_routes(both, "tor-untold").model_copy(update={"resources": given}))
    assert told(report) == [("peer-told-nothing", ["BGPFilter keep-pods-inside"])]


def test_a_filter_that_accepts_them_is_not_at_fault():
    assert told(untold("tor-untold", export_v4=(), export_v6=())) == []


@pytest.mark.parametrize("place", [0, 1])
def test_of_several_filters_the_one_that_decides_is_named(place):
    given = lab_resources(SWITCHED, [parse_fault("tor-untold", SWITCHED)])
    (keeps,) = given.bgp_filters
    beside = replace(keeps, name="before-it-by-name", export_v4=(), export_v6=())
    names = [keeps.name]
    names.insert(place, beside.name)
    peers = tuple(
        replace(peer, filters=tuple(names)) if keeps.name in peer.filters else peer for peer in given.bgp_peers
    )
    given = given.model_copy(update={"bgp_filters": (keeps, beside), "bgp_peers": peers})
    report = audit(with_routes(SWITCHED, "tor-untold").model_copy(update={"resources": given}))
    assert told(report) == [("peer-told-nothing", ["BGPFilter keep-pods-inside"])]


@pytest.mark.parametrize("fault", ["tor-silent", "tor-down"])
def test_a_switch_that_tells_nothing_or_is_down_is_another_matter(fault):
    assert "peer-told-nothing" not in dict(told(untold(fault)))


def test_without_resources_nobody_knows_which_filter():
    report = untold("tor-untold", resources=False)
    assert told(report) == [("peer-told-nothing", ["192.0.2.1"])]
    (cause,) = report.causes
    assert (cause.confidence, cause.severity) == (Confidence.POSSIBLE, "warning")
    assert ["BGPFilter" in outcome.sees for outcome in cause.decide[0].outcomes] == [True, False]
    assert report.unexplained == ()


@pytest.mark.parametrize("others", [(), (RouteLimit(kind="Import", number=9, is_hit=False, action="block"),)])
def test_a_limit_says_so_itself(others):
    limit = RouteLimit(kind="Export", number=0, is_hit=True, action="block")
    snapshot = with_routes(SWITCHED, "tor-untold")
    for number in range(len(snapshot.readings)):
        snapshot = change_protocols(snapshot, number, "Global_192_0_2_1", limits=(*others, limit))
    assert "peer-told-nothing" not in dict(told(audit(snapshot)))


@pytest.mark.parametrize(
    ("fields", "told_of"),
    [({}, True), ({"disabled": True}, False), ({"allowed_uses": ("Tunnel",)}, False)],
)
def test_where_no_block_is_known_only_pools_that_pods_have_stand_for_them(fields, told_of):
    """The filter keeps one pool back; a pod of another one would be told of."""
    given = lab_resources(SWITCHED, [parse_fault("tor-untold", SWITCHED)])
    given = given.model_copy(update={"ip_pools": (*given.ip_pools, IPPool("more", "10.99.0.0/16", **fields))})
    assert given.block_affinities == ()
    report = audit(with_routes(SWITCHED, "tor-untold").model_copy(update={"resources": given}))
    assert told(report) == ([] if told_of else [("peer-told-nothing", ["BGPFilter keep-pods-inside"])])


@pytest.mark.parametrize(("number", "said"), [(1, "1 node exports no route"), (2, "2 nodes export no route")])
def test_how_many_nodes_export_nothing_is_said(number, said):
    """The others were not asked for their filters."""
    snapshot = with_routes(SWITCHED, "tor-untold")
    given = lab_resources(SWITCHED, [parse_fault("tor-untold", SWITCHED)])
    snapshot = snapshot.model_copy(update={"readings": snapshot.readings[:number], "resources": given})
    (cause,) = [one for one in audit(snapshot).causes if one.kind == "peer-told-nothing"]
    assert cause.explanation.startswith(said)


def test_what_tables_alone_tell_counts_only_where_nobody_gave_the_resources():
    """The same findings with the resources, which name the filter."""
    alone = with_routes(SWITCHED, "tor-untold")
    known = alone.model_copy(update={"resources": lab_resources(SWITCHED, [parse_fault("tor-untold", SWITCHED)])})
    findings = audit(alone).findings
    assert len(list(told_nothing_by_tables(Case(observe(alone), findings)))) == 1
    assert list(told_nothing_by_tables(Case(observe(known), findings))) == []


def test_of_many_nodes_the_first_six_are_evidence():
    """Eight nodes say a line each, with their names: the protocol is called alike on all."""
    (cause,) = audit(with_routes(build_cluster(8, reflectors=2, switch=True), "tor-untold")).causes
    assert [line.partition(":")[0] for line in cause.evidence] == [f"node{n}" for n in range(1, 7)]
