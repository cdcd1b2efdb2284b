"""Laws of the route propagation: equal to a slow reference, the same under other names, more never less."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd
from tests.property.routes.bgp_reference import DidNotSettle, holders
from tests.property.routes.networks import address_of, network_of, networks

YES, NO = Answer.YES, Answer.NO


def learned(reach: Reachability) -> set[tuple[str, str]]:
    assert reach.count(Answer.PERHAPS) == 0
    return set(reach.pairs(YES))


def referred(network, **options) -> set[tuple[str, str]]:
    try:
        names = [speaker.name for speaker in network.speakers]
        return {(held, origin) for origin in names for held in holders(network, origin, **options) if held != origin}
    except DidNotSettle:
        assume(False)
        raise


@pytest.mark.parametrize("one_as", [True, False])
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_equal_to_the_reference(data, one_as):
    network = data.draw(networks(one_as=one_as))
    assert learned(reachability(network)) == referred(network)


@given(networks(nodes=(3, 4), hidden_as=True))
@settings(max_examples=80, deadline=None)
def test_equal_to_the_reference_where_the_as_is_hidden(network):
    """Paths lap rings for ever here; the reference gives up on those that are longer than who learns whom can need."""
    assert learned(reachability(network)) == referred(network, longest=6, messages=2000)


@given(networks(nodes=(3, 6), add_paths=st.booleans()))
@settings(max_examples=120, deadline=None)
def test_equal_to_the_reference_without_add_paths(network):
    by_order = [referred(network, seed=seed) for seed in range(3)]
    reach = reachability(network)
    if any(found != by_order[0] for found in by_order):
        event("the outcome depends on the order of messages")
        return
    perhaps = set(reach.pairs(Answer.PERHAPS))
    event("perhaps" if perhaps else "decided")
    assert set(reach.pairs(YES)) <= by_order[0] <= set(reach.pairs(YES)) | perhaps


@given(networks(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_names_and_order_mean_nothing(network, rng):
    names = [speaker.name for speaker in network.speakers]
    others = rng.sample([f"{letter}-node" for letter in "abcdefgh"], len(names))
    new = dict(zip(names, others, strict=True))

    def renamed(end):
        return end._replace(node=new[end.node])

    sessions = [
        rng.choice([BGPSession(renamed(a), renamed(b)), BGPSession(renamed(b), renamed(a))])
        for a, b in network.sessions
    ]
    rng.shuffle(sessions)
    speakers = [speaker._replace(name=new[speaker.name]) for speaker in network.speakers]
    rng.shuffle(speakers)
    other = replace(network, speakers=tuple(speakers), sessions=tuple(sessions))
    assert learned(reachability(other)) == {(new[a], new[b]) for a, b in learned(reachability(network))}


@given(st.integers(1, 12), st.integers(0, 10**6))
def test_a_full_mesh_reaches_everyone(size, shift):
    names = [f"node{(number + shift) % 1000}" for number in range(size)]
    plain = EndSettings(64512, 64512)
    ends = [SessionEnd(name, address_of(number), plain) for number, name in enumerate(names)]
    network = network_of(names, [BGPSession(a, b) for a, b in combinations(ends, 2)])
    reach = reachability(network)
    assert reach.count(YES) == len(learned(reach)) == size * (size - 1)
    assert reach.count(NO) == 0
    assert reach.groups == (tuple(sorted(names)),)
    assert reach.isolated == ()


@given(networks(hidden_as=True), st.data())
@settings(max_examples=120, deadline=None)
def test_with_add_paths_a_session_never_takes_a_route_away(network, data):
    assume(network.sessions)
    index = data.draw(st.integers(0, len(network.sessions) - 1))
    fewer = replace(network, sessions=network.sessions[:index] + network.sessions[index + 1 :])
    assert learned(reachability(fewer)) <= learned(reachability(network))


@st.composite
def grown(draw):
    """A network of which each node stands for a class of twins, some of which peer with one another."""
    small = draw(networks(nodes=(2, 4), odd=False))
    sizes = {speaker.name: draw(st.integers(1, 3)) for speaker in small.speakers}
    joined = {name for name in sizes if draw(st.booleans())}
    names = {name: [f"{name}.{number}" for number in range(size)] for name, size in sizes.items()}
    flat = [copy for copies in names.values() for copy in copies]
    numbers = {name: number for number, name in enumerate(flat, start=1)}

    def end(copy, settings):
        return SessionEnd(copy, address_of(numbers[copy]), settings)

    sessions = [
        BGPSession(end(x, a.settings), end(y, b.settings))
        for a, b in small.sessions
        for x in names[a.node]
        for y in names[b.node]
    ]
    for name in joined:
        looks = [e.settings for s in small.sessions for e in s if e.node == name]
        own = looks[0].local_as if looks else 64512
        kind = EndSettings(own, own, *draw(st.sampled_from([(False, None), (True, "244.0.0.9")])))
        sessions += [BGPSession(end(x, kind), end(y, kind)) for x, y in combinations(names[name], 2)]
    return network_of(flat, sessions), names


@given(grown())
@settings(max_examples=60, deadline=None)
def test_twins_are_followed_together_and_lose_nothing(built):
    network, names = built
    reach = reachability(network)
    class_of = {name: members for members in reach.classes for name in members}
    for copies in names.values():
        assert set(copies) <= set(class_of[copies[0]])
    assert learned(reach) == referred(network)


@given(grown(), st.data())
@settings(max_examples=120, deadline=None)
def test_removals_equal_working_it_out_anew(built, data):
    network, _ = built
    reach = reachability(network)
    names = [speaker.name for speaker in network.speakers]
    learned(reach)
    for _ in range(3):
        gone = data.draw(st.sets(st.sampled_from(names), max_size=3))
        step = reach.without(gone)
        anew = reachability(network.without(nodes=gone))
        assert step.nodes == anew.nodes
        assert learned(step) == learned(anew)
        assert step.groups == anew.groups
        assert step.isolated == anew.isolated
        assert step.network == anew.network
        assert learned(step.without(gone)) == learned(anew)


@given(networks(nodes=(3, 6)), st.data())
@settings(max_examples=80, deadline=None)
def test_redundancy_is_the_smallest_cut(network, data):
    reach = reachability(network)
    learner, origin = data.draw(st.sampled_from(list(reach.pairs(YES)) or [("n1", "n2")]))
    assume(reach.learns(learner, origin) is YES)
    others = [name for name in reach.nodes if name not in {learner, origin}]
    sizes = [
        size
        for size in range(len(others) + 1)
        for gone in combinations(others, size)
        if reachability(network.without(nodes=gone)).learns(learner, origin) is NO
    ]
    found = reach.redundancy(learner, origin)
    assert found.direct == (sizes == [])
    if sizes:
        assert found.nodes is not None
        assert (found.at_least, len(found.nodes)) == (sizes[0], sizes[0])
        assert reachability(network.without(nodes=found.nodes)).learns(learner, origin) is NO


@given(networks(nodes=(2, 6)))
@settings(max_examples=80, deadline=None)
def test_every_answer_is_explained(network):
    reach = reachability(network)
    linked = Counter(frozenset((a.node, b.node)) for a, b in network.sessions)
    for learner in reach.nodes:
        for origin in reach.nodes:
            told = reach.explain(learner, origin)
            if reach.learns(learner, origin) is YES:
                assert (told.way[0], told.way[-1]) == (origin, learner)
                assert all(frozenset(step) in linked for step in zip(told.way, told.way[1:], strict=False))
            else:
                assert told.reasons
                assert not told.path
