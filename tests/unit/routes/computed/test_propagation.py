"""Who learns whose routes: an example for every sentence of what BIRD does with what Calico configures."""

from dataclasses import replace
from itertools import combinations

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.routes.computed import leaves
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import lost_pairs
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.computed.redundancy import Redundancy
from calico_bgp.routes.computed.rules import Refusal, Route, pass_on
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.index import SingleSessionIndex
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, ExternalSession, SessionEnd
from calico_bgp.routes.network.wiring import wiring_of
from tests.clusters import cluster, config, node, peer
from tests.hand_made_networks import AS, end, mesh, network, reflected, session, switch

YES, PERHAPS, NO = Answer.YES, Answer.PERHAPS, Answer.NO
ONE, OTHER = "244.0.0.1", "244.0.0.2"
OFF = config(mesh=False)


def table(net):
    """Learner → whose routes it learns, in one line each."""
    reach = reachability(net)
    return {name: " ".join(reach.learned_by(name)) for name in reach.nodes}


def expected(*things):
    return expected_network(expect(cluster(*things, OFF)), Family.IPV4)


def rack(number, name, own_as=AS, **settings):
    return SessionEnd(name, None, EndSettings(own_as, number, **settings))


def ebgp(one, one_as, other, other_as, **settings):
    """An eBGP session, with settings of the second end."""
    return BGPSession(rack(other_as, one, one_as), rack(one_as, other, other_as, **settings))


# iBGP and reflection


def test_the_ends_of_a_line_of_three_ibgp_speakers_never_learn_each_other():
    net = network("abc", [session("a", "b"), session("b", "c")])
    assert table(net) == {"a": "b", "b": "a c", "c": "b"}
    told = reachability(net).explain("a", "c")
    assert told.answer is NO
    assert told.text == "b does not pass it on to a: it has it over iBGP from c, and neither is its client"


def test_a_reflector_reflects_between_clients_and_towards_both_kinds_but_not_between_plain_peers():
    sessions = [session("r", name, cluster=ONE) for name in ("c1", "c2")] + [session("r", n) for n in ("p1", "p2")]
    found = table(network(["r", "c1", "c2", "p1", "p2"], sessions))
    assert found == {"r": "c1 c2 p1 p2", "c1": "c2 p1 p2 r", "c2": "c1 p1 p2 r", "p1": "c1 c2 r", "p2": "c1 c2 r"}
    assert reachability(network(["r", "c1", "p1"], sessions[:1] + sessions[2:3])).explain("p1", "c1").path == (
        "c1 → reflector r (client → peer) → p1"
    )


def test_the_path_of_a_reflected_route_names_the_reflector_and_both_sides():
    told = reachability(reflected({"r2": "c1 c3"})).explain("c3", "c1")
    assert (told.way, told.text) == (("c1", "r2", "c3"), "c1 → reflector r2 (client → client) → c3")


def reflectors(first, second, **more):
    """A client on each of two reflectors, which a `peerSelector` BGPPeer joins."""
    return (
        node("r1", "192.0.2.1", labels="rr one", cluster_id=first),
        node("r2", "192.0.2.2", labels="rr two", cluster_id=second),
        node("c1", "192.0.2.3"),
        node("c2", "192.0.2.4"),
        peer("one", node="c1", peer_selector="has(one)"),
        peer("two", node="c2", peer_selector="has(two)"),
        *more.values(),
    )


JOINED = peer("joined", node_selector="has(rr)", peer_selector="has(rr)")


def test_reflectors_with_one_cluster_id_know_each_others_clients_and_pass_none_of_them_on():
    net = expected(*reflectors(ONE, ONE, joined=JOINED))
    assert table(net) == {"r1": "c1 c2 r2", "r2": "c1 c2 r1", "c1": "r1 r2", "c2": "r1 r2"}
    told = reachability(net).explain("c2", "c1")
    assert told.text == f"r2 does not pass it on to c2: own cluster ID {ONE} in CLUSTER_LIST"


def test_reflectors_with_different_cluster_ids_pass_everything_on():
    net = expected(*reflectors(ONE, OTHER, joined=JOINED))
    assert table(net) == {"r1": "c1 c2 r2", "r2": "c1 c2 r1", "c1": "c2 r1 r2", "c2": "c1 r1 r2"}
    assert reachability(net).explain("c1", "c2").path == (
        "c2 → reflector r2 (client → client) → reflector r1 (client → client) → c1"
    )


def test_reflectors_that_name_each_other_by_peer_ip_both_drop_what_the_other_reflects():
    net = expected(
        *reflectors(
            ONE,
            ONE,
            there=peer("there", node="r1", peer_ip="192.0.2.2", as_number=AS),
            back=peer("back", node="r2", peer_ip="192.0.2.1", as_number=AS),
        )
    )
    # Their own blocks do reach the other's clients.
    assert table(net) == {"r1": "c1 r2", "r2": "c2 r1", "c1": "r1 r2", "c2": "r1 r2"}
    assert reachability(net).explain("r1", "c2").text == f"r1 drops it: own cluster ID {ONE} in CLUSTER_LIST (from r2)"


def test_one_peer_ip_between_reflectors_makes_only_its_near_end_drop():
    net = expected(*reflectors(ONE, ONE, there=peer("there", node="r1", peer_ip="192.0.2.2", as_number=AS)))
    assert table(net) == {"r1": "c1 r2", "r2": "c1 c2 r1", "c1": "r1 r2", "c2": "r1 r2"}


def test_reflectors_that_do_not_peer_split_the_cluster():
    reach = reachability(expected(*reflectors(ONE, OTHER)))
    assert reach.groups == (("c1", "r1"), ("c2", "r2"))
    assert (reach.count(YES), reach.count(NO), reach.isolated) == (4, 8, ())
    assert reach.explain("c2", "c1").text == "no chain of sessions leads to c2"


def test_a_ring_of_reflectors_does_not_give_a_node_its_own_route_as_another_s():
    names = ["r1", "r2", "r3"]
    sessions = [BGPSession(end(a, f"id {a}"), end(b, f"id {b}")) for a, b in [names[:2], names[1:], ["r3", "r1"]]]
    assert table(network(names, sessions)) == {"r1": "r2 r3", "r2": "r1 r3", "r3": "r1 r2"}


def test_originator_id_stays_what_the_first_reflector_set():
    """o - r1 - r2 - o: what r2 gives back, o knows by its own router ID; to r1's it would be another's."""
    names = ["o", "r1", "r2"]
    sessions = [session(*pair, cluster=f"id {pair[0]}") for pair in (("r1", "o"), ("r2", "r1"))]
    back = EndSettings(AS, AS, client=True, cluster_id="id r2", next_hop="self")
    net = network(names, [*sessions, BGPSession(SessionEnd("r2", None, back), end("o"))])
    wiring = wiring_of(SingleSessionIndex(net.speakers, net.sessions), names)
    route = Route("o")
    for far in ("r1", "r2"):
        route = pass_on(route, next(port for port in wiring.ports[route.node] if port.far == far))
    assert pass_on(route, next(port for port in wiring.ports["r2"] if port.far == "o")) is Refusal.ORIGINATOR


def test_an_equal_router_id_makes_a_node_drop_what_its_namesake_originated():
    net = reflected({"r": "c1 c2"})
    r, c1, _ = net.speakers
    net = replace(net, speakers=(r, c1, c1._replace(name="c2")))
    assert reachability(net).learns("c2", "c1") is NO
    assert reachability(net).explain("c2", "c1").text == "c2 drops it: own router ID in ORIGINATOR_ID (from r)"


# eBGP


def test_ebgp_passes_on_in_a_line_and_over_ibgp_to_the_next_only():
    line = [ebgp("a", 65001, "b", 65002), ebgp("b", 65002, "c", 65003)]
    assert table(network("abc", line)) == {"a": "b c", "b": "a c", "c": "a b"}
    mixed = [session("a", "b"), ebgp("b", AS, "c", 65003), ebgp("c", 65003, "d", AS + 1)]
    assert table(network("abcd", mixed)) == {"a": "b c d", "b": "a c d", "c": "a b d", "d": "a b c"}
    assert reachability(network("abcd", mixed)).explain("d", "a").path == (
        "a → b (iBGP → eBGP AS 65003) → c (eBGP AS 64512 → eBGP AS 64513) → d"
    )


@pytest.mark.parametrize(("allowed", "learnt"), [(0, ""), (1, "a"), (2, "a")])
def test_two_nodes_of_one_as_behind_a_third_as_need_their_own_as_allowed(allowed, learnt):
    sessions = [ebgp("t", 65000, "a", AS), ebgp("t", 65000, "b", AS, allowed_local_as=allowed)]
    net = network("abt", sessions)
    assert table(net)["b"] == f"{learnt} t".strip()
    assert table(net)["a"] == "t"
    if not allowed:
        assert reachability(net).explain("b", "a").text == f"b drops it: own AS {AS} in AS_PATH (from t)"


def test_the_own_as_may_come_as_often_as_allowed_and_no_more():
    # a - t - b - u - c, where a, b and c have one AS.
    sessions = [
        ebgp("t", 65000, "a", AS),
        ebgp("t", 65000, "b", AS, allowed_local_as=1),
        ebgp("u", 65001, "b", AS),
        ebgp("u", 65001, "c", AS, allowed_local_as=1),
    ]
    assert reachability(network("abctu", sessions)).learns("c", "b") is YES
    told = reachability(network("abctu", sessions)).explain("c", "a")
    assert told.text == f"c drops it: own AS {AS} in AS_PATH more than 1 times (numAllowedLocalASNumbers) (from u)"


def test_reflection_marks_are_removed_on_ebgp():
    # c1 - r0 - r1 = x = r2 - c2: r0 and r2 reflect with one cluster ID; r1 and r2 hide their AS from x.
    sessions = [
        session("r0", "c1", cluster=ONE),
        session("r0", "r1"),
        ebgp("x", 65000, "r1", 65001),
        ebgp("x", 65000, "r2", 65002),
        session("r2", "c2", cluster=ONE),
    ]
    names = ["r0", "r1", "r2", "c1", "c2", "x"]
    assert reachability(network(names, sessions)).learns("c2", "c1") is YES
    assert reachability(network(names, [*sessions[:2], session("r1", "r2"), sessions[4]])).learns("c2", "c1") is NO


def test_reflection_marks_pass_unchanged_to_ibgp_of_another_local_as():
    # r2 speaks to r1 as the AS of r1 (localASNumber): external for rule (c), but not for CLUSTER_LIST.
    hidden = EndSettings(65000, 65000)
    sessions = [
        session("r1", "c1", cluster=ONE),
        BGPSession(SessionEnd("r1", None, hidden), SessionEnd("r2", None, hidden)),
        session("r2", "c2", cluster=ONE),
    ]
    net = network(["r1", "r2", "c1", "c2"], sessions)
    assert table(net)["r2"] == "c1 c2 r1"
    # It is not reflected at r1, so nothing is in CLUSTER_LIST, and r2 reflects it.
    assert table(net)["c2"] == "c1 r1 r2"


def test_a_route_is_not_offered_to_its_own_next_hop():
    # z = x - y = z: x has z's block with next hop z, y keeps that towards z.
    sessions = [ebgp("z", 65001, "x", 65000), BGPSession(rack(65000, "x", 65000), rack(65000, "y", 65000))]
    back = BGPSession(rack(65001, "y", 65000, next_hop="keep"), rack(65000, "z", 65001, allowed_local_as=1))
    net = network("xyz", [*sessions, back])
    wiring = wiring_of(SingleSessionIndex(net.speakers, net.sessions), "xyz")

    def port(near, far):
        return next(p for p in wiring.ports[near] if p.far == far)

    at_x = pass_on(Route("z"), port("z", "x"))
    at_y = pass_on(at_x, port("x", "y"))
    assert pass_on(at_x, port("x", "z")) is Refusal.SPLIT_HORIZON
    assert pass_on(at_y, port("y", "z")) is Refusal.NEXT_HOP


def test_hidden_as_numbers_let_paths_lap_a_ring_and_the_answer_comes_all_the_same():
    names = [f"n{number}" for number in range(6)]
    hidden = EndSettings(65000, 64000), EndSettings(64000, 65000)
    pairs = [(a, b) for n, a in enumerate(names) for b in names[n + 1 :]]
    sessions = [BGPSession(SessionEnd(a, None, hidden[0]), SessionEnd(b, None, hidden[1])) for a, b in pairs]
    assert reachability(network(names, sessions)).count(YES) == 30


# Without add-paths


def test_a_neighbour_without_add_paths_loses_what_the_best_path_may_not_carry():
    """r hears o itself and from its client q; the best of the two may not go to the plain peer y. So more is less."""
    one = {"add_paths": False}

    def ibgp(a, b, *, client=False, add_paths=True):
        near = EndSettings(AS, AS, client, f"id {a}" if client else None, add_paths)
        return BGPSession(SessionEnd(a, None, near), SessionEnd(b, None, EndSettings(AS, AS, add_paths=add_paths)))

    sessions = [ibgp("r", "o"), ibgp("q", "o", client=True), ibgp("r", "q", client=True), ibgp("r", "y", **one)]
    names = ["r", "o", "q", "y"]
    assert reachability(network(names, sessions[1:])).learns("y", "o") is YES
    reach = reachability(network(names, sessions))
    assert reach.learns("y", "o") is NO
    assert "r offers y its best path only (no add-paths), and that is the one over o" in reach.explain("y", "o").reasons
    everywhere = [*sessions[:3], ibgp("r", "y")]
    assert reachability(network(names, everywhere)).learns("y", "o") is YES


@pytest.mark.parametrize(
    ("externals", "gone", "lost"),
    [
        ((), "r", (6, 0)),
        ((), "a", (0, 0)),
        ((switch("a"), switch("b")), "r", (4, 2)),
    ],
)
def test_what_a_removal_costs_without_add_paths_is_worked_out_anew(externals, gone, lost):
    """r reflects to a, b and c; a and b have a switch in common, which perhaps passes on what it hears."""
    plain = reflected({"r": "a b c"})
    sessions = [
        BGPSession(*(end._replace(settings=end.settings._replace(add_paths=False)) for end in one))
        for one in plain.sessions
    ]
    before = reachability(network("rabc", sessions, externals=externals))
    assert lost_pairs(before, before.without([gone])) == lost


# Unknowns


def test_what_passes_through_a_switch_is_perhaps():
    net = network("ab", [], externals=(switch("a"), switch("b", "203.0.113.2")))
    reach = reachability(net)
    assert reach.learns("a", "b") is reach.learns("b", "a") is PERHAPS
    assert (reach.count(YES), reach.count(PERHAPS), reach.count(NO)) == (0, 2, 0)
    told = reach.explain("b", "a")
    assert told.way == ("a", "203.0.113.1", "203.0.113.2", "b")
    assert told.reasons == ("203.0.113.1 and 203.0.113.2 are no nodes: what passes is not known",)
    assert reach.isolated == ()


def test_only_what_is_given_to_a_switch_can_come_out_of_one_and_only_where_it_is_passed_on():
    # m is a plain iBGP peer of a: it gives nothing on to others, but a gives m's to its switch, and what comes in to m.
    net = network("ambz", [session("a", "m")], externals=(switch("a"), switch("b")))
    reach = reachability(net)
    assert reach.learns("b", "m") is reach.learns("m", "b") is PERHAPS
    assert reach.learns("a", "m") is YES
    assert {reach.learns("z", name) for name in "amb"} == {NO}
    assert reach.isolated == ("z",)
    assert reach.groups == (("a", "b", "m"), ("z",))


def test_a_switch_in_the_as_of_the_nodes_gets_nothing_that_came_over_ibgp():
    inside = ExternalSession(end("a"), "203.0.113.1")
    reach = reachability(network("amb", [session("a", "m")], externals=(inside, switch("b"))))
    assert reach.learns("b", "a") is PERHAPS
    assert reach.learns("b", "m") is reach.learns("m", "b") is NO


def test_what_only_a_possible_session_brings_is_perhaps():
    sure = [session("a", "b")]
    net = network("abc", sure, possible=(*sure, session("a", "c")))
    reach = reachability(net)
    assert (reach.learns("b", "a"), reach.learns("c", "a"), reach.learns("c", "b")) == (YES, PERHAPS, NO)
    assert "not known for certain" in reach.explain("c", "a").text


# Answers


def test_a_node_without_a_session_is_cut_off_from_everyone():
    reach = reachability(mesh("abc", cut=[("a", "b"), ("a", "c")]))
    assert reach.isolated == ("a",)
    assert reach.groups == (("b", "c"), ("a",))
    assert set(reach.pairs(NO)) == {("a", "b"), ("a", "c"), ("b", "a"), ("c", "a")}
    assert reach.explain("a", "b").text == "a has no session"
    assert reach.learned_by("b") == ("c",)


def test_a_cut_pair_of_a_mesh_hangs_together_by_the_others_but_does_not_talk():
    reach = reachability(mesh("abcd", cut=[("a", "b")]))
    assert (reach.groups, list(reach.pairs(NO))) == ((("a", "b", "c", "d"),), [("a", "b"), ("b", "a")])
    assert list(reach.classes_with(NO)) == [(("a", "b"), ("a", "b"))]


def test_redundancy_counts_the_reflectors_that_all_must_be_lost():
    reach = reachability(reflected({"r1": "c1 c2", "r2": "c1 c2", "r3": "c1"}))
    assert reach.redundancy("c1", "c2").nodes == ("r1", "r2")
    assert reach.redundancy("c1", "c2", limit=1) == Redundancy("c1", "c2", direct=False, at_least=2, nodes=None)
    assert reach.redundancy("c1", "r1").direct
    lone = reachability(network("ab", []))
    assert (lone.redundancy("a", "b").at_least, lone.redundancy("a", "b").nodes) == (0, ())


@pytest.mark.parametrize("limit", [0, 1])
def test_no_loss_of_another_node_cuts_off_those_who_peer_or_a_node_from_itself(limit):
    reach = reachability(reflected({"r1": "c1 c2", "r2": "c1 c2"}))
    for pair in (("c1", "r1"), ("r1", "c1"), ("c1", "c1")):
        assert reach.redundancy(*pair, limit=limit) == Redundancy(*pair, direct=True, at_least=0, nodes=None)


@pytest.mark.parametrize(("reflectors", "at_least", "is_found"), [(4, 4, True), (5, 5, False), (6, 5, False)])
def test_redundancy_looks_for_four_nodes_that_must_be_lost(reflectors, at_least, is_found):
    names = [f"r{n}" for n in range(reflectors)]
    found = reachability(reflected(dict.fromkeys(names, "c1 c2"))).redundancy("c1", "c2")
    assert (found.at_least, found.nodes) == (at_least, tuple(names) if is_found else None)


def test_redundancy_looks_past_a_node_of_the_way_that_another_replaces():
    """Between a and the others are two nodes side by side; behind them stands one for all."""
    line = [("o", 100, name, 200) for name in "ab"] + [(name, 200, "r", 300) for name in "ab"] + [("r", 300, "l", 400)]
    found = reachability(network("oabrl", [ebgp(*ends) for ends in line])).redundancy("l", "o")
    assert (found.at_least, found.nodes) == (1, ("r",))


def test_removals_name_what_is_lost():
    reach = reachability(reflected({"r1": "c1 c2 c3", "r2": "c1 c2"}))
    assert set(reach.pairs(NO)) == {("r1", "r2"), ("r2", "r1"), ("c3", "r2"), ("r2", "c3")}
    assert reach.without(["r2"]).count(NO) == 0
    gone = reach.without(["r1"])
    assert gone.isolated == ("c3",)
    assert gone.nodes == ("c1", "c2", "c3", "r2")
    assert gone.without(["r2"]).groups == (("c1",), ("c2",), ("c3",))
    assert reach.without(pairs=[("c1", "r1"), ("r2", "c1")]).isolated == ("c1",)
    with pytest.raises(KeyError):
        gone.learns("c1", "r1")
    with pytest.raises(KeyError):
        reach.learns("c1", "nobody")


def test_of_two_nodes_without_a_session_both_are_cut_off_and_one_alone_from_nobody():
    assert reachability(network("ab", [])).isolated == ("a", "b")
    assert reachability(network("a", [])).isolated == ()


def test_a_node_knows_its_own_routes_also_where_none_of_its_like_does():
    reach = reachability(network("abc", []))
    assert (reach.classes, reach.learns("a", "a"), reach.learns("a", "b")) == ((("a", "b", "c"),), YES, NO)


def test_what_is_removed_is_in_no_class_and_in_no_session():
    reach = reachability(reflected({"r1": "c1 c2", "r2": "c1 c2 c3"}))
    assert sorted(reach.classes) == [("c1", "c2"), ("c3",), ("r1",), ("r2",)]
    gone = reach.without(["c3", "r1"])
    assert sorted(gone.classes) == [("c1", "c2"), ("r2",)]
    assert [speaker.name for speaker in gone.network.speakers] == ["r2", "c1", "c2"]
    assert [(near.node, far.node) for near, far in gone.network.sessions] == [("r2", "c1"), ("r2", "c2")]


def test_nodes_alike_are_one_class():
    clients = " ".join(f"c{number}" for number in range(50))
    reach = reachability(reflected({"r1": clients, "r2": clients}))
    assert sorted(map(len, reach.classes)) == [2, 50]
    assert len(reachability(mesh([f"n{number}" for number in range(20)])).classes) == 1


def test_without_add_paths_the_choice_of_a_path_keeps_all_nodes_apart():
    plain = EndSettings(AS, AS, add_paths=False)
    sessions = [BGPSession(*(SessionEnd(name, None, plain) for name in pair)) for pair in ("ab", "ac", "bc")]
    assert reachability(network("abc", sessions)).classes == (("a",), ("b",), ("c",))


def test_routes_are_followed_between_those_who_pass_them_on_and_not_from_every_client(monkeypatch):
    followed = []
    follow = leaves.follow
    monkeypatch.setattr(leaves, "follow", lambda wiring, origin: followed.append(origin) or follow(wiring, origin))

    def work(clients):
        reflectors = [node(f"r{n}", f"192.0.2.{n + 1}", labels=f"rr r{n}", cluster_id=f"244.0.0.{n}") for n in range(4)]
        nodes = [node(f"c{n:03}", f"198.51.100.{n + 1}", labels=f"pair=p{n % 6}") for n in range(clients)]
        pairs = [
            peer(f"p{n}", node_selector=f"pair == 'p{n}'", peer_selector=f"has(r{a}) || has(r{b})")
            for n, (a, b) in enumerate(combinations(range(4), 2))
        ]
        among = peer("reflectors", node_selector="has(rr)", peer_selector="has(rr)")
        followed.clear()
        reach = reachability(expected(*reflectors, *nodes, *pairs, among))
        assert reach.count(NO) == 0
        for name in ("r0", "r1"):
            assert reach.without([name]).count(NO) == 0
        return len(followed)

    # Four reflectors and what their clients send to each; nothing once more when one of them goes.
    assert (work(12), work(120)) == (8, 8)
