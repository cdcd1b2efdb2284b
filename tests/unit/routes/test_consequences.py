"""What findings cost by hand-made networks: pairs lost and perhaps lost, and how many findings are worked out."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from types import SimpleNamespace

import pytest

from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.routes.consequences import NOTHING_LOST, FamilyRoutes, Lost, PairCounts, with_consequences
from calico_bgp.routes.network.classes.sessions import ClassSessions
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import EndSettings, Speaker
from tests.hand_made_networks import AS, mesh, network, reflected, session

V4, V6 = Family.IPV4, Family.IPV6


def keys(*pairs):
    return [SessionKey.between(V4, *pair) for pair in pairs]


def cut_mesh(names, *pairs, **more):
    """A mesh in which the sessions of these pairs are down."""
    bad = {SessionKey.between(V4, *pair): session(*sorted(pair)) for pair in pairs}
    return FamilyRoutes(mesh(names, cut=[tuple(pair) for pair in pairs]), bad, **more)


# What is lost


@pytest.mark.parametrize("in_classes", [True, False])
def test_a_session_of_a_mesh_that_is_down_costs_its_two_pairs(in_classes):
    """Nodes are in no classes where one has not one address on all of its sessions."""
    routes = cut_mesh("abcd", "ab", "cd", "ac")
    if not in_classes:
        first, *others = routes.network.sessions
        first = first._replace(a=first.a._replace(address=IPv4Address("192.0.2.9")))
        routes = replace(routes, network=replace(routes.network, sessions=(first, *others)))
    assert (routes.counts_now, routes.counts_whole) == (PairCounts(6, 6), PairCounts(12, 0))
    assert routes.lost_by(keys("ab")) == Lost(2, certain=True)
    assert routes.lost_by(keys("ab", "cd")) == Lost(4, certain=True)
    assert routes.lost_by(keys("ab", "cd", "ac")) == Lost(6, certain=True)


def test_what_may_stand_elsewhere_may_stand_also_where_nodes_are_in_no_classes():
    """a has two addresses, and b and c perhaps have a session: what a and b lack they lack for certain."""
    down = session("a", "b")
    down = down._replace(a=down.a._replace(address=IPv4Address("192.0.2.9")))
    stands = session("a", "c")
    net = network("abc", [stands], possible=(stands, session("b", "c")))
    assert FamilyRoutes(net, {keys("ab")[0]: down}).lost_by(keys("ab")) == Lost(2, certain=True)


def test_of_what_is_not_down_nothing_is_known():
    routes = cut_mesh("abc", "ab")
    assert routes.lost_by([]) is routes.lost_by(keys("ac")) is routes.lost_by(keys("ab", "ac")) is None


def test_of_two_faults_in_a_row_each_is_to_blame():
    """Both sessions of the one reflector's only other client are down: neither alone brings anything back."""
    net = reflected({"r": "a b"})
    both = {SessionKey.between(V4, s.a.node, s.b.node): s for s in net.sessions}
    routes = FamilyRoutes(network("rab", []), both)
    # With a-r alone 2 pairs come back; without it 4 of 6 are missing.
    assert routes.lost_by(keys("ar")) == Lost(4, certain=True)


@pytest.mark.parametrize(("joined", "pairs"), [(True, 0), (False, 2)])
def test_redundancy_costs_nothing(joined, pairs):
    """Without its session with r, a learns r's routes and r a's only where the other reflector passes them on."""
    net = reflected({"r": "a b", "s": "a b"}, joined=joined)
    down, *stands = net.sessions
    assert {down.a.node, down.b.node} == {"a", "r"}
    routes = FamilyRoutes(network("rsab", stands), {keys("ar")[0]: down})
    assert routes.lost_by(keys("ar")) == Lost(pairs, certain=True)


@pytest.mark.parametrize("is_inferred", [True, False])
def test_what_is_perhaps_there_already_is_perhaps_lost(is_inferred):
    """a and b perhaps have a session beside the one that is down."""
    net = network("abc", [session("a", "c")], possible=(session("a", "c"), session("a", "b")))
    routes = FamilyRoutes(net, {SessionKey.between(V4, "a", "b"): session("a", "b")}, is_inferred=is_inferred)
    assert routes.lost_by(keys("ab")) == Lost(2, certain=False, inferred=is_inferred)


def test_no_more_is_lost_for_certain_than_is_lost():
    """With a-b b would reflect between a and c, over a session that there perhaps is: what is perhaps lost."""
    perhaps = session("b", "c", cluster="1.1.1.1")
    down = session("b", "a", cluster="1.1.1.1")
    routes = FamilyRoutes(network("abc", [], possible=(perhaps,)), {keys("ab")[0]: down})
    assert (routes.counts_now, routes.counts_whole) == (PairCounts(0, 4), PairCounts(2, 0))
    assert routes.lost_by(keys("ab")) == Lost(2, certain=True)


def test_nothing_is_not_said_to_be_lost_where_a_pair_is_not_known():
    known = [session("a", "b"), session("a", "c")]
    net = network("abc", known, possible=(*known, session("b", "c")))
    assert FamilyRoutes(net, {keys("ab")[0]: known[0]}).lost_by(keys("ab")) is None


@pytest.mark.parametrize(
    ("nodes", "most"),
    [(2, 20), (100, 20), (101, 19), (158, 8), (250, 3), (400, 3)],
)
def test_the_more_sessions_the_fewer_findings_are_worked_out(nodes, most):
    """100,000 sessions altogether, at most 20 findings and at least 3: of 101 nodes in a mesh 100,000 // 5,050."""
    names = tuple(f"n{number:03}" for number in range(nodes))
    plain = EndSettings(AS, AS)
    sessions = ClassSessions([names], dict.fromkeys(names), {(0, 0): ((plain, plain),)})
    net = Network(V4, tuple(Speaker(name, None) for name in names), sessions)
    assert FamilyRoutes(net, {}).most == most


# Findings


def finding(rule, subject, severity=Severity.ERROR):
    return Finding(id="", rule=rule, severity=severity, subject=subject, message="")


def told(findings, routes, bad=None):
    judged = SimpleNamespace(bad=dict.fromkeys(next(iter(routes.values())).bad if bad is None else bad))
    return list(with_consequences(findings, routes, judged))


def of_session(one, other, rule="session-not-established", family=V4, **more):
    return finding(rule, SessionSubject.between(one, other, family), **more)


def test_consequences_are_worked_out_for_twenty_findings_of_a_family_and_not_for_the_next():
    routes = {V4: cut_mesh("abc", "ab", "bc")}
    for one in (of_session("a", "b"), finding("isolated-node", NodeSubject(node="b"))):
        found = told([one] * 21, routes)
        assert [each.consequence is not None for each in found] == [True] * 20 + [False]


def test_where_nothing_is_lost_at_all_every_session_is_told_so():
    net = reflected({"r": "a b"})
    routes = {V4: FamilyRoutes(net, {keys("ab")[0]: session("a", "b")})}
    found = told([of_session("a", "b")] * 21, routes)
    assert {(each.consequence, each.severity) for each in found} == {(NOTHING_LOST, Severity.WARNING)}


def test_of_other_rules_other_families_and_strangers_nothing_is_said():
    routes = {V4: cut_mesh("abc", "ab")}
    others = [
        of_session("a", "b", rule="hold-timer"),
        of_session("a", "b", family=V6),
        finding("session-not-established", NodeSubject(node="a")),
        finding("isolated-node", SessionSubject.between("a", "b", V4)),
        finding("isolated-node", NodeSubject(node="a", family=V6)),
        of_session("a", "203.0.113.1"),
    ]
    assert [each.consequence for each in told(others, routes)] == [None] * 6
    strangers = {V4: cut_mesh("abc", "ab", is_whole=False)}
    assert [each.consequence for each in told([of_session("a", "b")], strangers)] == [None]


def test_a_node_costs_what_its_sessions_with_other_nodes_do_over_all_its_families():
    """An external peer's session of the same node, and other nodes' sessions, do not count."""
    six = mesh("abc", cut=[("a", "b")], family=V6)
    routes = {
        V4: cut_mesh("abcd", "ab", "cd"),
        V6: FamilyRoutes(six, {SessionKey(V6, "a", "b"): session("a", "b")}),
    }
    bad = [*keys("ab", "cd", ("203.0.113.1", "a")), SessionKey(V6, "a", "b")]
    (both,) = told([finding("daemon-not-running", NodeSubject(node="a"))], routes, bad)
    assert both.consequence.startswith("4 ")
    (one,) = told([finding("daemon-not-running", NodeSubject(node="a", family=V6))], routes, bad)
    assert one.consequence.startswith("2 ")
    assert (both.severity, one.severity) == (Severity.ERROR, Severity.ERROR)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("session-not-established", Severity.ERROR, Severity.WARNING),
        ("session-not-established", Severity.INFO, Severity.INFO),
        ("isolated-node", Severity.ERROR, Severity.ERROR),
    ],
)
def test_only_an_error_of_a_session_becomes_a_warning_where_no_route_is_lost(rule, before, after):
    routes = {V4: FamilyRoutes(reflected({"r": "a b"}), {keys("ab")[0]: session("a", "b")})}
    subject = NodeSubject(node="a") if rule == "isolated-node" else SessionSubject.between("a", "b", V4)
    (found,) = told([finding(rule, subject, before)], routes)
    assert (found.consequence, found.severity) == (NOTHING_LOST, after)


def test_what_one_family_certainly_loses_is_lost_for_certain():
    """Over IPv6 the two perhaps have another session."""
    six = network("abc", [session("a", "c")], possible=(session("a", "c"), session("a", "b")), family=V6)
    perhaps = FamilyRoutes(six, {SessionKey(V6, "a", "b"): session("a", "b")})
    bad = [*keys("ab"), SessionKey(V6, "a", "b")]
    subject = NodeSubject(node="a")
    (both,) = told([finding("daemon-not-running", subject)], {V4: cut_mesh("abc", "ab"), V6: perhaps}, bad)
    (one,) = told([finding("daemon-not-running", subject)], {V6: perhaps}, bad)
    assert both.consequence == routes_lost(4, certain=True)
    assert one.consequence == routes_lost(2, certain=False)
