"""The comparison of two networks: what is lost, gained and doubtful, in groups that can be read."""

from __future__ import annotations

import random
from itertools import chain, product

import pytest

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import Block
from calico_bgp.routes.computed.losses import Group, explained, grouped, parts
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.whatif.scenario import Scenario
from calico_bgp.whatif.verdict import judge_family
from tests.hand_made_networks import mesh, network, reflected, session, switch


def judged(before, after, *, removed=(), between=None):
    nodes = tuple(sorted(speaker.name for speaker in before.speakers if speaker.name not in removed))
    return judge_family(Scenario(before, between or after, after, nodes), removed)


def shown(losses):
    return [
        (" ".join(loss.group.learners), " ".join(loss.group.origins), loss.group.mutual, loss.group.pairs)
        for loss in losses
    ]


def lonely(losses):
    return [" ".join(loss.group.learners) for loss in losses if loss.group.everyone]


def test_nothing_changes_nothing():
    one = reflected({"r1": "c1 c2", "r2": "c1 c2"})
    found = judged(one, one)
    assert (found.lost, found.meanwhile, found.doubts, found.gained) == ((), (), (), 0)
    # The two reflectors do not peer with one another, and one cluster ID keeps them apart.
    assert found.cut_already == 2


def test_clients_of_the_last_reflector_lose_everyone_because_of_it():
    before = reflected({"r1": "c1 c2 c3"})
    found = judged(before, before.without(nodes=["r1"]), removed=["r1"])
    (loss,) = found.lost
    assert shown(found.lost) == [("c1 c2 c3", "c1 c2 c3", True, 6)]
    assert (loss.group.everyone, loss.clients, loss.only, loss.reflectors) == (True, 3, ("r1",), True)
    assert found.pairs == 6


def test_two_reflectors_that_go_together_are_named_together():
    before = reflected({"r1": "c1 c2", "r2": "c1 c2"})
    found = judged(before, before.without(nodes=["r1", "r2"]), removed=["r1", "r2"])
    assert [loss.only for loss in found.lost] == [("r1", "r2")]


def test_who_remains_connected_is_not_among_those_cut_off():
    before = network(
        ["r1", "r2", "c1", "c2", "c3", "c4"],
        [
            session("r1", "c1", cluster="1.1.1.1"),
            session("r1", "c2", cluster="1.1.1.1"),
            session("r2", "c3", cluster="2.2.2.2"),
            session("r2", "c4", cluster="2.2.2.2"),
            session("r1", "r2"),
        ],
    )
    found = judged(before, before.without(nodes=["r1"]), removed=["r1"])
    assert lonely(found.lost) == ["c1 c2"]
    assert shown(found.lost) == [("c1 c2", "c1 c2 c3 c4 r2", True, 14)]


def test_two_halves_that_part_are_one_line():
    names = ["a1", "a2", "b1", "b2"]
    before = mesh(names)
    after = before.without(pairs=[(a, b) for a in names[:2] for b in names[2:]])
    found = judged(before, after)
    assert shown(found.lost) == [("a1 a2", "b1 b2", True, 8)]
    assert not lonely(found.lost)
    assert not found.lost[0].only
    assert found.lost[0].way == "b1 → a1"
    assert found.lost[0].why == "no chain of sessions leads to a1"


def test_some_that_lose_one_another_but_keep_the_rest_are_one_line():
    names = ["a", "b", "c", "d", "e"]
    after = mesh(names, cut=[("a", "b"), ("b", "c"), ("a", "c")])
    assert shown(judged(mesh(names), after).lost) == [("a b c", "a b c", True, 6)]


def test_one_pair_is_one_line():
    assert shown(judged(mesh("abc"), mesh("abc", cut=[("a", "c")])).lost) == [("a c", "a c", True, 2)]


def test_what_was_cut_off_already_is_not_lost():
    before = mesh("abc", cut=[("a", "c")])
    found = judged(before, mesh("abc", cut=[("a", "c"), ("a", "b")]))
    assert found.cut_already == 2
    assert shown(found.lost) == [("a", "a b", True, 2)]
    assert lonely(found.lost) == ["a"]


def test_what_comes_back_is_gained():
    found = judged(mesh("abc", cut=[("a", "c")]), mesh("abc"))
    assert (found.gained, found.cut_already, found.lost) == (2, 0, ())


def test_a_node_that_no_longer_speaks_loses_everyone():
    before = mesh("abc")
    found = judged(before, network("ab", [session("a", "b")]))
    assert lonely(found.lost) == ["c"]
    assert found.lost[0].why == "c does not speak IPv4 any more"


def test_what_is_lost_only_in_between_is_told_apart():
    found = judged(mesh("abcd"), mesh("abcd"), between=mesh("abcd", cut=[("a", x) for x in "bcd"]))
    assert found.lost == ()
    assert lonely(found.meanwhile) == ["a"]
    assert shown(found.meanwhile) == [("a", "a b c d", True, 6)]


def test_what_is_lost_for_good_is_not_told_again_for_the_moment_in_between():
    after = mesh("abc", cut=[("a", "b")])
    found = judged(mesh("abc"), after, between=mesh("abc", cut=[("a", "b"), ("a", "c")]))
    assert shown(found.lost) == [("a b", "a b", True, 2)]
    assert sum(loss.group.pairs for loss in found.meanwhile) == 2


def test_a_way_through_a_switch_is_a_doubt():
    switches = (switch("c1"), switch("c2"))
    before = reflected({"r1": "c1 c2"}, externals=switches)
    found = judged(before, before.without(nodes=["r1"]), removed=["r1"])
    assert found.lost == ()
    assert [doubt.group.pairs for doubt in found.doubts] == [2]
    assert "203.0.113.1 is no node: what passes is not known" in found.doubts[0].why


def test_what_may_never_have_stood_is_a_doubt_even_when_it_is_gone_for_certain():
    maybe = network("abc", [session("a", "b")], possible=(session("a", "b"), session("a", "c")))
    found = judged(maybe, network("abc", [session("a", "b")]))
    assert found.lost == ()
    assert [doubt.group.learners for doubt in found.doubts] == [("c",)]


@pytest.mark.parametrize("joined", [False, True])
def test_the_next_failure_is_new_where_it_was_harmless_before(joined):
    before = reflected({"r1": "c1 c2 c3", "r2": "c1 c2 c3"}, joined=joined)
    found = judged(before, before.without(nodes=["r1"]), removed=["r1"])
    assert found.lost == ()
    (failure,) = found.next_failures
    assert (failure.nodes, failure.pairs, failure.lonely, failure.is_new) == (("r2",), 6, 3, True)


def test_a_single_point_that_was_one_before_is_not_new():
    before = reflected({"r1": "c1 c2 c3"})
    found = judged(before, before.without(nodes=["c1"]), removed=["c1"])
    (failure,) = found.next_failures
    assert (failure.nodes, failure.is_new) == (("r1",), False)


def test_a_mesh_has_no_next_failure():
    before = mesh("abcd")
    assert judged(before, before.without(nodes=["a"]), removed=["a"]).next_failures == ()


NODES = (("a",), ("b",), ("c",), ("d",), ("x", "y"))


def some_pairs(number):
    """Pairs of classes that are lost, and that stay, at random; of a class of one none with itself."""
    chance = random.Random(number)
    pairs = [(one, other) for one in NODES for other in NODES if one != other or len(one) > 1]
    fates = {pair: chance.choice(("lost", "stays", "stays", "neither")) for pair in pairs}
    if chance.random() < 0.5:
        fates = {(one, other): fates[min(one, other), max(one, other)] for one, other in pairs}
    return [[pair for pair in pairs if fates[pair] == fate] for fate in ("lost", "stays")]


def block(learners, origins):
    return Block(learners, origins, Answer.YES, Answer.YES, Answer.NO)


def told(group):
    """The pairs of nodes that a reader takes a line for."""
    pairs = {(one, other) for one in group.learners for other in group.origins if one != other}
    return pairs | ({(other, one) for one, other in pairs} if group.mutual else set())


def test_every_lost_pair_is_in_one_line_that_says_nothing_else():
    for number in range(400):
        lost, stays = some_pairs(number)
        groups = grouped([block(*pair) for pair in lost], [block(*pair) for pair in stays])
        alone = {names for pair in lost for names in pair} - {names for pair in stays for names in pair}
        of_alone = [pair for pair in lost if alone & set(pair)]
        cut_off = [group for group in groups if group.everyone]
        assert [group.learners for group in cut_off] == ([tuple(sorted(chain(*alone)))] if alone else [])
        for group in cut_off:
            assert group.origins == tuple(sorted(set(chain(*chain(*of_alone)))))
            assert (group.mutual, group.pairs) == (True, sum(block(*pair).pairs for pair in of_alone))
        others = [group for group in groups if not group.everyone]
        pairs = [pair for group in others for pair in told(group)]
        expected = {p for pair in lost if pair not in of_alone for p in product(*pair) if p[0] != p[1]}
        assert sorted(pairs) == sorted(expected)
        assert [group.pairs for group in others] == [len(told(group)) for group in others]
        # Nobody stands among those whose own routes it lacks, but for nodes that all lose one another.
        both = [set(group.learners) & set(group.origins) for group in others if group.learners != group.origins]
        assert all(names <= {"x", "y"} for names in both)
        # What happens both ways is said once.
        sides = [(group.learners, group.origins) for group in others]
        assert not any(one != other and (other, one) in sides for one, other in sides)
        assert list(groups) == sorted(groups, key=lambda group: (-group.pairs, group.learners))


def test_who_is_a_reflector_and_who_a_client_is_told_by_all_sessions():
    net = network(
        "abcde", [session("a", "b", cluster="1.1.1.1"), session("c", "b"), session("a", "d"), session("b", "a")]
    )
    assert parts(net) == ({"a"}, {"b"})
    both = network("abc", [session("a", "b", cluster="1.1.1.1"), session("b", "c", cluster="1.1.1.1")])
    assert parts(both) == ({"a", "b"}, {"c"})


@pytest.mark.parametrize(("number", "only"), [(3, ("r0", "r1", "r2")), (4, ())])
def test_of_more_than_three_nodes_through_which_routes_came_none_is_named(number, only):
    names = [f"r{each}" for each in range(number)]
    before = reflected(dict.fromkeys(names, "c1 c2"))
    learn = [reachability(each) for each in (before, before.without(nodes=names))]
    found = explained(Group(("c1",), ("c2",), mutual=True, everyone=True, pairs=2), *learn, names)
    assert (found.only, found.why) == (only, "c1 has no session")


@pytest.mark.parametrize(
    ("removed", "only"),
    [(["r1", "c3"], ("r1",)), (["r2"], ()), (["elsewhere"], ()), (["r1", "r2"], ("r1",))],
)
def test_the_nodes_through_which_alone_routes_came_are_named_where_they_go(removed, only):
    before = reflected({"r1": "c1 c2", "r2": "c3"})
    after = before.without(nodes=["r1", *removed])
    learn = [reachability(each) for each in (before, after)]
    group = Group(("c1",), ("c2",), mutual=True, everyone=False, pairs=2)
    assert explained(group, *learn, removed).only == only
