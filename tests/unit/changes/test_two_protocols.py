"""Of two protocols for one neighbour, what becomes of their session when one of them changes, or both."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.changes.surviving import Fate, SurvivingSessions, changed_filters
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.routes.network.from_expected import expected_network
from tests.clusters import cluster, config, node, peer

NODES = [node(f"n{n}", f"10.0.0.{n}", f"fd00::{n}") for n in (1, 2, 3)]
OFF = config(mesh=False)
#: n1 has two for n2, which has one for it by the first; the switch is outside.
FIRST = peer("first", node="n1", peer_ip="10.0.0.2", as_number=64512)
SECOND = peer("second", node="n1", peer_ip="10.0.0.2:179", as_number=64512, reverse_peering="Manual")
ONE = peer("one", node="n1", peer_ip="192.0.2.1", as_number=65001)
OTHER = peer("other", node="n1", peer_ip="192.0.2.1:179", as_number=65001)
RESTARTS, UNSURE, STAYS = Fate.RESTARTS, Fate.UNSURE, Fate.STAYS


def changed(before, *after):
    """What became of the sessions of n1 when these BGPPeers became others, and the network that is left."""
    was, will = (expect(cluster(*NODES, OFF, *peers)) for peers in (before, after))
    found = SurvivingSessions.of(was).change(will)
    return found, expected_network(was, Family.IPV4)


@pytest.mark.parametrize(
    ("first", "second", "fate", "runs_on"),
    [
        ({}, {}, STAYS, True),
        # Which of the two runs is not known.
        ({}, {"ttl_security": 1}, UNSURE, False),
        ({"ttl_security": 1}, {}, RESTARTS, False),  # n2's only one is changed as well
        ({}, {"reachable_by": "10.0.0.254"}, UNSURE, False),
        ({}, {"filters": ("f",)}, STAYS, False),  # it stays, and what comes over it is not known
        ({}, {"source_address": "None"}, UNSURE, False),
        ({}, {"max_restart_time": "60s"}, UNSURE, False),
        ({}, {"has_password": True}, UNSURE, False),
    ],
)
def test_one_of_two_protocols_changes(first, second, fate, runs_on):
    found, net = changed([FIRST, SECOND], replace(FIRST, **first), replace(SECOND, **second))
    (session,) = net.sessions or net.possible
    assert (found.fate(Family.IPV4, session), found.runs_on(Family.IPV4, *session)) == (fate, runs_on)
    left = found.network(net)
    assert (len(left.sessions) or len(left.possible or ())) == runs_on


@pytest.mark.parametrize(
    ("after", "fate", "is_left"),
    [
        ([ONE, OTHER], STAYS, True),
        ([ONE], UNSURE, False),
        ([ONE, replace(OTHER, ttl_security=1)], UNSURE, False),
        ([replace(ONE, ttl_security=1), replace(OTHER, ttl_security=1)], RESTARTS, False),
        ([ONE, replace(OTHER, filters=("f",))], STAYS, False),
        ([ONE, replace(OTHER, reachable_by="10.0.0.254")], UNSURE, False),
        ([], RESTARTS, False),
    ],
)
def test_one_of_two_protocols_for_a_switch_changes(after, fate, is_left):
    found, net = changed([ONE, OTHER], *after)
    assert {found.external_fate(Family.IPV4, session) for session in net.externals} == {fate}
    assert len(found.network(net).externals) == (len(net.externals) if is_left else 0)


def test_what_ran_on_is_the_one_that_runs_from_then_on():
    """The second comes beside the first, which runs; then the first goes, and with it the session."""
    was, both, second = (expect(cluster(*NODES, OFF, *peers)) for peers in ([ONE], [ONE, OTHER], [OTHER]))
    beside = SurvivingSessions.of(was).change(both)
    (session,) = expected_network(was, Family.IPV4).externals
    assert beside.external_fate(Family.IPV4, session) is STAYS
    assert beside.network(expected_network(was, Family.IPV4)).externals == (session,)
    assert beside.begin().change(second).external_fate(Family.IPV4, session) is RESTARTS
    assert beside.begin().change(was).external_fate(Family.IPV4, session) is STAYS
    # Once everything was gone, either may run.
    gone = beside.change(expect(cluster(*NODES, OFF))).change(both).begin()
    assert gone.change(second).external_fate(Family.IPV4, session) is UNSURE


def test_changes_add_up_and_the_worst_counts():
    was, other = (expect(cluster(*NODES, OFF, one)) for one in (ONE, replace(ONE, ttl_security=1)))
    (session,) = expected_network(was, Family.IPV4).externals
    there_and_back = SurvivingSessions.of(was).change(other).change(was)
    assert there_and_back.external_fate(Family.IPV4, session) is RESTARTS
    assert there_and_back.change(was).external_fate(Family.IPV4, session) is RESTARTS
    assert there_and_back.begin().change(was).external_fate(Family.IPV4, session) is STAYS
    back = SurvivingSessions.of(was).change(was, ["n1"])
    assert back.external_fate(Family.IPV4, session) is RESTARTS
    assert back.change(was).anew == {"n1"}


def test_only_what_a_change_is_about_starts_again():
    """Of three BGPPeers one changes; nodes and families that it is not for go on."""
    peers = [ONE, replace(ONE, name="six", peer_ip="2001:db8::1"), replace(ONE, name="n3", node="n3")]
    was = expect(cluster(*NODES, OFF, *peers))
    for place, changed_peer in enumerate(peers):
        new = [replace(each, has_password=True) if each is changed_peer else each for each in peers]
        found = SurvivingSessions.of(was).change(expect(cluster(*NODES, OFF, *new)))
        fates = [
            found.external_fate(family, session)
            for family in Family
            for session in sorted(expected_network(was, family).externals, key=lambda one: one.near.node)
        ]
        # n1's over IPv4, n3's over IPv4, n1's over IPv6.
        assert fates == [RESTARTS if each == (0, 2, 1)[place] else STAYS for each in range(3)]


def test_the_bgppeers_whose_filters_change_are_named():
    before = expect(cluster(*NODES, ONE, replace(OTHER, filters=("f",)), FIRST))
    same = expect(cluster(*NODES, FIRST, replace(OTHER, filters=("f",))))
    assert changed_filters(before, same) == ()
    new = replace(SECOND, filters=("g",))
    after = expect(cluster(*NODES, new, replace(ONE, filters=("f",)), OTHER, FIRST))
    assert changed_filters(before, after) == ("one", "other", "second")


@pytest.mark.parametrize(("source", "fate"), [("UseNodeIP", RESTARTS), (None, RESTARTS), ("None", STAYS)])
def test_an_own_address_counts_where_it_is_the_source(source, fate):
    """Of IPv6, for an IPv4 address is the router ID as well."""
    six = replace(ONE, peer_ip="2001:db8::1", source_address=source)
    was = expect(cluster(*NODES, OFF, six))
    moved = [replace(NODES[0], ipv6=ip_address("fd00::99")), *NODES[1:]]
    found = SurvivingSessions.of(was).change(expect(cluster(*moved, OFF, six)))
    (session,) = expected_network(was, Family.IPV6).externals
    assert found.external_fate(Family.IPV6, session) is fate


def test_a_session_that_is_new_has_to_come_up():
    none, one = expect(cluster(*NODES, OFF)), expect(cluster(*NODES, OFF, ONE, FIRST))
    found, net = SurvivingSessions.of(none).change(one), expected_network(one, Family.IPV4)
    assert [found.external_fate(Family.IPV4, session) for session in net.externals] == [RESTARTS]
    assert [found.runs_on(Family.IPV4, *session) for session in net.sessions] == [False]


def test_one_of_two_bgppeers_behind_a_protocol_changes():
    twin = replace(ONE, name="twin")
    found, net = changed([ONE, twin], ONE, replace(twin, ttl_security=1))
    assert [found.external_fate(Family.IPV4, session) for session in net.externals] == [RESTARTS]


def test_without_a_configuration_the_mesh_is_as_it_is_by_default():
    bare, locked = (
        expect(cluster(*NODES, *configs)) for configs in ([], [config(mesh=True, has_node_mesh_password=True)])
    )
    net = expected_network(bare, Family.IPV4)
    for was, will, fate in ((bare, bare, STAYS), (bare, locked, RESTARTS), (locked, bare, RESTARTS)):
        found = SurvivingSessions.of(was).change(will)
        assert {found.fate(Family.IPV4, session) for session in net.sessions} == {fate}


def test_of_an_end_whose_address_is_not_known_it_is_not_known():
    plain = expect(cluster(*NODES, config(mesh=True)))
    found = SurvivingSessions.of(plain).change(plain)
    for session in expected_network(plain, Family.IPV4).sessions:
        unknown = session._replace(b=session.b._replace(address=None))
        assert (found.fate(Family.IPV4, session), found.fate(Family.IPV4, unknown)) == (STAYS, UNSURE)
        assert not found.runs_on(Family.IPV4, *unknown)


def test_what_perhaps_stood_perhaps_stands():
    """A filter changes at n1's session with n2; those with n3 go on."""
    kept = [
        replace(FIRST, next_hop_mode="Keep"),
        replace(FIRST, name="third", peer_ip="10.0.0.3", next_hop_mode="Keep"),
    ]
    meshed = [
        cluster(*NODES, config(mesh=True), *peers) for peers in (kept, [replace(kept[0], filters=("f",)), kept[1]])
    ]
    was, will = map(expect, meshed)
    net = expected_network(was, Family.IPV4)
    left = SurvivingSessions.of(was).change(will).network(net)
    ends = [{one.a.node + one.b.node for one in sessions} for sessions in (net.possible, left.possible)]
    assert ends == [{"n1n2", "n1n3", "n2n3"}, {"n1n3", "n2n3"}]
