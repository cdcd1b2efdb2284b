"""Findings that only several causes explain together, and how many candidates are tried in every combination."""

from types import SimpleNamespace

import pytest

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.choice import choose
from calico_bgp.causes.joint import jointly
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject

LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE


def keys(text):
    return frozenset(SessionKey(Family.IPV4, letter, "z") for letter in text)


def candidate(name, sessions, *, explains="", confidence=POSSIBLE):
    return Candidate(
        kind="kind",
        subjects=(NodeSubject(node=name),),
        title=Words("x"),
        confidence=confidence,
        explains=frozenset(explains),
        keys=keys(sessions),
    )


def joined(candidates, chosen, **findings):
    """Who explains what, when findings (id = their sessions) are looked at in their order."""
    case = SimpleNamespace(
        findings=[SimpleNamespace(id=id_, rule="isolated-node") for id_ in findings],
        keys_of={id_: keys(sessions) for id_, sessions in findings.items()},
    )
    by_name = {one.subjects[0].node: one for one in candidates}
    result = jointly(case, candidates, [by_name[name] for name in chosen])
    return {one.subjects[0].node: "".join(sorted(one.explains)) for one in result}


A, B = candidate("a", "pq", explains="1"), candidate("b", "r")


def test_one_more_is_taken_for_the_sessions_that_are_left():
    assert joined([A, B], ["a"], f="pqr") == {"a": "1", "b": "f"}


@pytest.mark.parametrize(
    ("sessions", "confidence", "taken"),
    [("rst", POSSIBLE, "b"), ("rst", LIKELY, "c"), ("s", LIKELY, "b")],
    ids=["fewest sessions", "surest", "another session"],
)
def test_which_one_is_taken(sessions, confidence, taken):
    more = candidate("c", sessions, confidence=confidence)
    assert joined([A, B, more], ["a"], f="pqr") == {"a": "1", taken: "f"}


def test_of_those_that_explain_it_together_the_one_of_most_sessions_gets_it():
    b = candidate("b", "rvwxy", explains="2")
    assert joined([A, b], ["a", "b"], f="pqr") == {"a": "1f", "b": "2"}
    assert joined([A, b], ["a", "b"], f="qr") == {"a": "1f", "b": "2"}


def test_what_is_explained_or_has_no_session_ends_not_the_look_at_the_next():
    explained = candidate("a", "pq", explains="e")
    assert joined([explained, B], ["a"], e="pq", n="", f="pqr") == {"a": "e", "b": "f"}


def test_what_no_single_one_accounts_for_ends_not_the_look_at_the_next():
    assert joined([A, B], ["a"], never="pqxy", f="pqr") == {"a": "1", "b": "f"}


@pytest.mark.parametrize(
    ("others", "taken"),
    [
        # Most, and nobody has the rest.
        (["pqr"], {"o0": "f"}),
        # Most, and one for the rest.
        (["pqr", "s"], {"o0": "f", "o1": ""}),
        (["s", "xpqr"], {"o1": "f", "o0": ""}),
        # Of two for most the one for more.
        (["pqr", "pqrs", "t"], {"o1": "f", "o2": ""}),
        # Half is not most.
        (["pq", "rs"], {}),
    ],
)
def test_one_for_most_sessions_and_one_for_the_rest(others, taken):
    candidates = [candidate(f"o{number}", sessions) for number, sessions in enumerate(others)]
    assert joined(candidates, [], f="pqrst" if "pqrs" in others else "pqrs") == taken


@pytest.mark.parametrize(("number", "chosen"), [(12, ["x", "y"]), (13, ["g", "x", "y"])])
def test_twelve_that_hang_together_are_tried_in_every_combination(number, chosen):
    """One that explains most is no part of the fewest; the one by one choice of more candidates takes it."""
    able = [candidate(name, "", explains=explains) for name, explains in (("g", "1234"), ("x", "125"), ("y", "346"))]
    able += [candidate(f"small{n}", "", explains="1") for n in range(number - len(able))]
    assert [one.subjects[0].node for one in choose(able)] == chosen
