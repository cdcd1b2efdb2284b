"""Kinds of blocks of which sessions hold some back: what is said of a node is said of the kind that is worst off."""

from __future__ import annotations

from dataclasses import replace

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.holding.held import Held, OwnKinds
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, ExternalSession, SessionEnd
from tests.hand_made_networks import AS, reflected

YES, NO = Answer.YES, Answer.NO


def holding(held, *, externals=()):
    """Clients of two reflectors, with blocks of two kinds each; what each reflector does not pass on."""
    net = reflected({"r1": "c1 c2", "r2": "c1 c2"}, externals=externals)
    sessions = tuple(
        BGPSession(near._replace(settings=near.settings._replace(held=held.get(near.node))), far)
        for near, far in net.sessions
    )
    speakers = tuple(speaker._replace(blocks=OwnKinds(0b11)) for speaker in net.speakers)
    return reachability(replace(net, sessions=sessions, speakers=speakers, kinds=("blue", "red")))


def test_the_fewest_nodes_whose_loss_cuts_off_one_kind_cut_off_the_pair():
    assert holding({}).redundancy("c1", "c2").nodes == ("r1", "r2")
    for held in (0b01, 0b10):
        found = holding({"r2": Held(learned=held)}).redundancy("c1", "c2")
        assert (found.at_least, found.nodes) == (1, ("r1",))


def test_after_a_removal_each_kind_has_the_ways_that_are_left():
    """Beside a switch, from which nothing comes, routes are followed node by node."""
    near = SessionEnd("c1", None, EndSettings(AS, 65000, held=Held(0b11, 0b11, 0b11)))
    for externals in ((), (ExternalSession(near, "203.0.113.1"),)):
        for held, left in ((Held(learned=0b01), "red"), (Held(learned=0b10), "blue")):
            reach = holding({"r1": held, "r2": Held(learned=0b11 ^ held.learned)}, externals=externals)
            assert reach.learns("c1", "c2") is YES
            gone = reach.without(["r1"])
            assert gone.learns("c1", "c2") is NO
            assert [reason.partition(":")[0] for reason in gone.explain("c1", "c2").reasons] == [left]
