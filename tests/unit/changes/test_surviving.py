"""Which sessions survive a change, by the one model that what-if, plans and fixes ask.

BIRD compares all of a protocol's configuration but filters (proto/bgp/bgp.c bgp_reconfigure).
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.changes.change import ApplyResources, SetFields, SetMesh, apply
from calico_bgp.changes.surviving import Fate, SurvivingSessions
from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import ResourceKind, Resources
from calico_bgp.plan.builder import Builder
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.whatif.question import what_if_resources
from tests.clusters import cluster, config, node, peer

IPV4, IPV6 = Family.IPV4, Family.IPV6
#: Two reflectors, which are not each other's peers, and two clients: four sessions.
REFLECTED = cluster(
    *(node(f"r{n}", f"10.0.0.{n}", f"fd00::{n}", labels="rr", cluster_id="1.1.1.1") for n in (1, 2)),
    *(node(f"c{n}", f"10.0.1.{n}", f"fd00::1:{n}") for n in (1, 2)),
    peer("p", node_selector="!has(rr)", peer_selector="has(rr)"),
    config(mesh=False),
)
MESH = cluster(*(node(f"n{n}", f"10.0.0.{n}", f"fd00::{n}") for n in (1, 2, 3)), config(mesh=True))


def fates(before, *changes, family=IPV4):
    """The fates of the sessions that are to stand afterwards and stood before."""
    after = expect(apply(before, changes))
    found = SurvivingSessions.of(expect(before)).change(after)
    was = {(s.a.node, s.b.node) for s in expected_network(expect(before), family).sessions}
    sessions = expected_network(after, family).sessions
    # Of all sessions at once the answer is that of each.
    one_by_one = {(s.a.node, s.b.node) for s in sessions if not found.runs_on(family, *s)}
    assert found.interrupted(family, sessions) == found.interrupted(family, tuple(sessions)) == one_by_one
    return [found.fate(family, session) for session in sessions if (session.a.node, session.b.node) in was]


def set_peer(**fields):
    return SetFields(ResourceKind.BGP_PEER, "p", tuple(fields.items()))


def set_config(**fields):
    return SetFields(ResourceKind.BGP_CONFIGURATION, "default", tuple(fields.items()))


@pytest.mark.parametrize(
    ("change", "fate"),
    [
        (set_peer(ttl_security=1), Fate.RESTARTS),
        (set_peer(has_password=True), Fate.RESTARTS),
        (set_peer(max_restart_time="60s"), Fate.RESTARTS),
        (set_peer(source_address="None"), Fate.RESTARTS),
        (set_peer(source_address="UseNodeIP"), Fate.STAYS),
        (set_peer(ttl_security=0), Fate.STAYS),
        (set_peer(filters=("f",)), Fate.STAYS),
        (set_peer(reachable_by="10.0.0.254"), Fate.UNSURE),
        (set_peer(next_hop_mode="Self"), Fate.RESTARTS),
        (set_peer(reverse_peering="Auto"), Fate.STAYS),
        (SetMesh(on=False), Fate.STAYS),
    ],
)
def test_what_a_bgppeer_says_of_its_sessions(change, fate):
    assert fates(REFLECTED, change) == [fate] * 4


@pytest.mark.parametrize(
    ("change", "fate"),
    [
        (set_config(node_mesh_max_restart_time="60s"), Fate.RESTARTS),
        (set_config(has_node_mesh_password=True), Fate.RESTARTS),
        (set_config(program_cluster_routes="Enabled"), Fate.STAYS),
    ],
)
def test_what_the_configuration_says_of_the_mesh(change, fate):
    assert fates(MESH, change) == [fate] * 3
    assert fates(REFLECTED, change) == [Fate.STAYS] * 4


def test_an_address_ends_its_sessions_and_an_ipv4_one_those_of_both_families():
    """An IPv4 address is the router ID of both BIRDs, and BIRD starts all its protocols again for another one."""
    ipv4 = SetFields(ResourceKind.NODE, "n1", (("ipv4", ip_address("10.0.0.9")),))
    ipv6 = SetFields(ResourceKind.NODE, "n1", (("ipv6", ip_address("fd00::9")),))
    both = [Fate.RESTARTS, Fate.RESTARTS, Fate.STAYS]
    assert sorted(fates(MESH, ipv4)) == sorted(fates(MESH, ipv4, family=IPV6)) == both
    assert sorted(fates(MESH, ipv6, family=IPV6)) == both
    assert fates(MESH, ipv6) == [Fate.STAYS] * 3


def test_a_prefix_length_touches_no_session():
    assert fates(MESH, SetFields(ResourceKind.NODE, "n1", (("ipv4_prefix", 25),))) == [Fate.STAYS] * 3


@pytest.mark.parametrize("fields", [{"ttl_security": 1}, {"has_password": True}, {"max_restart_time": "60s"}])
def test_what_if_and_a_plan_say_the_same(fields):
    """They once said that 4 of 4 sessions start again, and that none does."""
    change = set_peer(**fields)
    families = what_if_resources(REFLECTED, [change]).families
    assert [sum(loss.group.pairs for loss in family.meanwhile) for family in families] == [10, 10]
    builder = Builder(REFLECTED, NEWEST)
    builder.add("title", "why", [change])
    (step,) = builder.steps
    assert [sum(group.pairs for group in moment.lost) for moment in step.moments] == [10, 10]
    assert {len(awaited.pairs) for awaited in step.awaited} == {4}


def test_a_replaced_node_starts_all_its_sessions_again():
    found = SurvivingSessions.of(expect(MESH)).change(expect(MESH), ["n1"])
    sessions = expected_network(expect(MESH), IPV4).sessions
    assert sorted(found.fate(IPV4, session) for session in sessions) == [0, 0, 2]
    assert found.interrupted(IPV4, sessions) == {("n1", "n2"), ("n1", "n3")}


def test_of_two_protocols_the_first_runs_until_it_goes():
    """One that comes beside it changes nothing, and the one that ran is remembered when either goes."""
    beside = ApplyResources(Resources(bgp_peers=(peer("all", node_selector="all()", peer_selector="all()"),)), "-")
    twice = beside.apply(MESH)
    first = SurvivingSessions.of(expect(MESH)).change(expect(twice))
    off = expect(SetMesh(on=False).apply(twice))
    sessions = expected_network(off, IPV4).sessions
    assert {first.fate(IPV4, session) for session in sessions} == {Fate.STAYS}
    assert {first.begin().change(expect(MESH)).fate(IPV4, session) for session in sessions} == {Fate.STAYS}
    assert {first.begin().change(off).fate(IPV4, session) for session in sessions} == {Fate.RESTARTS}
    unknown = SurvivingSessions.of(expect(twice)).change(off)
    assert {unknown.fate(IPV4, session) for session in sessions} == {Fate.UNSURE}
    assert not any(unknown.runs_on(IPV4, *session) for session in sessions)


def test_a_session_with_a_switch_starts_again_when_its_bgppeer_says_so():
    tor = peer("tor", node="n1", peer_ip="192.0.2.1", as_number=65001)
    before = replace_peers(MESH, tor)
    for changed, fate in ((replace(tor, ttl_security=1), Fate.RESTARTS), (replace(tor, filters=("f",)), Fate.STAYS)):
        found = SurvivingSessions.of(expect(before)).change(expect(replace_peers(MESH, changed)))
        (session,) = expected_network(expect(before), IPV4).externals
        assert found.external_fate(IPV4, session) is fate
        # What other filters let through is not known, so that a plan waits for it.
        assert found.network(expected_network(expect(before), IPV4)).externals == ()


def replace_peers(resources, *peers):
    return resources.model_copy(update={"bgp_peers": peers})
