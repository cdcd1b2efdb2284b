"""Why a node learns a route or not, in words: which of several ways, doubts, strangers and refusals is told."""

from __future__ import annotations

import pytest

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.explanation import refusal_words
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.computed.rules import Refusal, Route
from calico_bgp.routes.network.holding.held import Held, Reason
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, ExternalSession, SessionEnd
from calico_bgp.routes.network.wiring import Port
from tests.hand_made_networks import AS, end, network, reflected, session, switch

YES, PERHAPS, NO = Answer.YES, Answer.PERHAPS, Answer.NO


def explain(net, learner, origin):
    return reachability(net).explain(learner, origin)


def filtered(one, other, *, own="", learned="", incoming=""):
    """A session with a client: `one`, the reflector, holds back what it sends, `other` what it takes, for a reason."""

    def held(**texts):
        reasons = tuple(Reason(step, 1, text, is_certain=False) for step, text in texts.items() if text)
        return Held(**{reason.step: 1 for reason in reasons}, reasons=reasons)

    near = EndSettings(AS, AS, client=True, cluster_id=f"of {one}", held=held(own=own, learned=learned))
    far = EndSettings(AS, AS, held=held(incoming=incoming))
    return BGPSession(SessionEnd(one, None, near), SessionEnd(other, None, far))


def test_a_node_knows_its_own_routes():
    told = explain(reflected({"r": "a b"}), "a", "a")
    assert (told.answer, told.way, told.text) == (YES, ("a",), "a (its own routes)")


def test_what_certainly_arrives_is_told_by_a_certain_way_and_without_doubts_though_a_shorter_one_is_possible():
    sure = reflected({"r": "a b"})
    net = network("rab", sure.sessions, possible=(*sure.sessions, session("a", "b")))
    told = explain(net, "a", "b")
    assert (told.answer, told.way, told.reasons) == (YES, ("b", "r", "a"), ())


def test_where_choices_chase_each_other_that_is_the_doubt():
    """o tells r, and r, a and b tell one another; each session reflects as it must for a choice to undo itself."""

    def speaks(node, as_number, cluster_id=None):
        return SessionEnd(node, None, EndSettings(as_number, as_number, cluster_id is not None, cluster_id, False))

    sessions = [
        BGPSession(speaks("a", 64513, "of a"), speaks("b", 64513)),
        BGPSession(speaks("a", 64512), speaks("r", 64512)),
        BGPSession(speaks("b", 64512), speaks("r", 64512, "of r")),
        BGPSession(speaks("r", 65000), speaks("o", 65000, "of o")),
    ]
    told = explain(network("abro", sessions), "a", "o")
    assert told.answer is PERHAPS
    assert told.reasons == ("the nodes without add-paths do not come to one choice",)


@pytest.mark.parametrize(
    ("first", "second", "doubts"),
    [
        ({"own": "X"}, {}, ["X may hold it back between o and r"]),
        ({"learned": "X"}, {"learned": "Y"}, ["Y may hold it back between r and l"]),
        ({"own": "X"}, {"own": "Y"}, ["X may hold it back between o and r"]),
        ({"incoming": "X"}, {}, ["X may hold it back between o and r"]),
        ({"own": "X"}, {"incoming": "Y"}, ["X may hold it back between o and r", "Y may hold it back between r and l"]),
    ],
)
def test_the_doubts_are_those_of_the_steps_on_the_way_and_of_no_other_sessions(first, second, doubts):
    aside = {"own": "Z", "learned": "Z", "incoming": "Z"}
    steps = [("o", "p", aside), ("o", "r", first), ("r", "s", aside), ("r", "l", second), ("l", "m", aside)]
    net = network(
        "olmprs",
        [filtered(one, other, **held) for one, other, held in steps],
        possible=tuple(filtered(one, other) for one, other, _ in steps),
    )
    told = explain(net, "l", "o")
    assert (told.answer, told.way) == (PERHAPS, ("o", "r", "l"))
    assert list(told.reasons) == doubts


# Through strangers


def test_two_nodes_of_one_switch_have_one_stranger_between_them():
    told = explain(network("ab", [], externals=(switch("a"), switch("b"))), "b", "a")
    assert told.way == ("a", "203.0.113.1", "b")
    assert told.text == ("a → 203.0.113.1 → b (203.0.113.1 is no node: what passes is not known)")


def test_the_stranger_on_the_way_is_one_that_is_given_the_route():
    """What m tells a over iBGP, a does not pass on to a peer in the same AS, but to its switch."""
    externals = (ExternalSession(end("a"), "203.0.113.7"), switch("a"), switch("b", "203.0.113.2"))
    told = explain(network("amb", [session("a", "m")], externals=externals), "b", "m")
    assert told.way == ("m", "a", "203.0.113.1", "203.0.113.2", "b")
    assert told.reasons == ("203.0.113.1 and 203.0.113.2 are no nodes: what passes is not known",)


# Refusals


def test_of_refusals_that_nearest_to_the_learner_is_told():
    """a - b - c - d, and far from d: a - x - y. Plain iBGP speakers pass on nothing that they learned."""
    line = [session("a", "b"), session("b", "c"), session("c", "d"), session("d", "e")]
    aside = [session("a", "x"), session("x", "y"), session("y", "z"), session("z", "d")]
    net = network("abcdexyz", [*aside, *line])
    for learner in "de":
        told = explain(net, learner, "a")
        assert told.answer is NO
        assert told.reasons == ("b does not pass it on to c: it has it over iBGP from a, and neither is its client",)


def test_without_add_paths_a_route_that_is_not_offered_is_no_reason_where_it_would_stop_as_well():
    """r has o's route from o itself and over q, neither of which it may tell a plain peer."""
    by_q = session("q", "o", cluster="of q")
    plain = BGPSession(*(one._replace(settings=one.settings._replace(add_paths=False)) for one in session("r", "y")))
    told = explain(network("roqy", [session("r", "o"), by_q, session("r", "q"), plain]), "y", "o")
    assert told.reasons == ("r does not pass it on to y: it has it over iBGP from o, and neither is its client",)


def wired(near, far):
    """A port of node n to f, and of f back."""
    out, back = (
        Port(number, SessionEnd(one, None, settings), SessionEnd(other, None, other_settings), one, 0)
        for number, (one, other, settings, other_settings) in enumerate(
            (("n", "f", near, far), ("f", "n", far, near)),
        )
    )
    out.opposite, back.opposite = back, out
    return out


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal.SPLIT_HORIZON, "n does not give it back to f"),
        (Refusal.NEXT_HOP, "n does not pass it on to f: f is its next hop"),
        (Refusal.CLUSTER_AT_SENDER, "n does not pass it on to f: own cluster ID 1.1.1.1 in CLUSTER_LIST"),
        (Refusal.CLUSTER_AT_RECEIVER, "f drops it: own cluster ID in CLUSTER_LIST (from n)"),
        (Refusal.ORIGINATOR, "f drops it: own router ID in ORIGINATOR_ID (from n)"),
        (Refusal.IMPORT, "f rejects it (from n): C"),
        (Refusal.EXPORT, "n does not announce it to f: A"),
        (Refusal.AS_PATH, f"f drops it: own AS {AS} in AS_PATH (from n)"),
    ],
)
def test_every_refusal_in_words(refusal, words):
    reasons = [Reason(step, 1, text, is_certain=True) for step, text in (("own", "A"), ("learned", "B"))]
    near = EndSettings(AS, AS, client=True, cluster_id="1.1.1.1", held=Held(1, 1, 0, tuple(reasons)))
    far = EndSettings(AS, AS, held=Held(incoming=1, reasons=(Reason("incoming", 1, "C", is_certain=True),)))
    out = wired(near, far)
    assert refusal_words(refusal, Route("n"), out, 0) == words
    if refusal is Refusal.EXPORT:
        learned = Route("n", wired(EndSettings(AS, AS), EndSettings(AS, AS)))
        assert refusal_words(refusal, learned, out, 0) == "n does not announce it to f: B"


def test_refusals_where_no_chain_leads_to_the_learner_are_no_reason():
    apart = [session("a", "b"), session("b", "c"), session("y", "z")]
    assert explain(network("abcyz", apart), "z", "a").text == "no chain of sessions leads to z"
    assert explain(network("abcz", apart[:2]), "z", "a").text == "z has no session"
    assert explain(network("ayz", apart[2:]), "z", "a").text == "a has no session"


@pytest.mark.parametrize(("between", "told"), [(7, 7), (8, 8), (9, 8)])
def test_at_most_eight_reasons_are_told(between, told):
    names = [f"n{number}" for number in range(between)]
    # Each with a neighbour of its own: of nodes that are alike two are followed.
    sessions = [session(name, far) for name in names for far in ("o", "l", f"{name}'")]
    net = network(["o", "l", *names, *(f"{name}'" for name in names)], sessions)
    assert len(explain(net, "l", "o").reasons) == told
