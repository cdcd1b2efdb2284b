"""Laws of classes: sessions that stand again bring the same routes whether nodes are in classes or one by one."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import lost_pairs
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.classes.network import classed
from tests.property.routes.networks import networks
from tests.property.routes.test_propagation import grown


@st.composite
def broken(draw):
    """A network of nodes many of which are alike, some of its sessions, and some of those that are left out."""
    network, _ = draw(grown())
    stands = [session for session in network.sessions if draw(st.booleans())]
    down = [session for session in network.sessions if session not in stands]
    again = [session for session in down if draw(st.booleans())]
    return replace(network, sessions=tuple(stands)), down, again


@given(broken())
@settings(max_examples=80, deadline=None)
def test_sessions_that_stand_again_bring_the_same_routes(given_network):
    network, down, again = given_network
    found = classed(network, down)
    assert found is not None
    assert sorted(found.network.sessions) == sorted(network.sessions)
    left = [session for session in down if session not in again]
    for but, sessions in ((False, again), (True, left)):
        with_them = found.with_sessions([(a.node, b.node) for a, b in again], but=but)
        whole = replace(network, sessions=(*network.sessions, *sessions))
        assert sorted(with_them.sessions) == sorted(whole.sessions)
        assert set(reachability(with_them).pairs(Answer.YES)) == set(reachability(whole).pairs(Answer.YES))


@given(st.one_of(networks(), grown().map(lambda built: built[0])), st.data())
@settings(max_examples=80, deadline=None)
def test_what_a_removal_costs_is_what_the_network_without_the_nodes_lacks(network, data):
    names = [speaker.name for speaker in network.speakers]
    gone = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names) - 1))
    before = reachability(network)
    after = before.without(gone)
    learned = {pair for pair in before.pairs(Answer.YES) if not set(pair) & set(gone)}
    left = set(reachability(network.without(nodes=gone)).pairs(Answer.YES))
    assert set(after.pairs(Answer.YES)) == left
    assert lost_pairs(before, after) == (len(learned - left), 0)
    # Once more from what is left, as a zone goes after a node.
    again = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=2))
    assert set(after.without(again).pairs(Answer.YES)) == set(
        reachability(network.without(nodes={*gone, *again})).pairs(Answer.YES)
    )
