"""A node that nobody has as a peer any more: it left, or those who forgot it have another configuration."""

import pytest

from tests.unit.auditing.tables import GLOBAL, NODE, UP, read, table

ADDRESSES = {f"n{n}": f"10.0.0.{n}" for n in range(1, 7)}
REFLECTORS = ("n1", "n2")


def kinds(forgotten):
    """Two reflectors of which neither has these of the four clients as a peer."""
    clients = range(3, 7)
    kept = [f"{NODE}= 10.0.0.{n} {UP}" for n in clients if n not in forgotten]
    tables = {f"n{n}": table(f"n{n}", f"{NODE}= 10.0.0.{3 - n} {UP}", *kept) for n in (1, 2)}
    for n in clients:
        said = "Active Socket: Connection closed" if n in forgotten else UP
        tables[f"n{n}"] = table(f"n{n}", f"10.0.0.1 {said}", f"10.0.0.2 {said}", kind=GLOBAL)
    report = read(tables, addresses=ADDRESSES, reflectors=REFLECTORS)
    return sorted((cause.kind, str(subject)) for cause in report.causes for subject in cause.subjects)


def test_of_one_that_nobody_has_it_may_have_left():
    assert kinds({4}) == [("node-left", "n4")]


def test_so_may_several_where_others_are_still_peers():
    assert kinds({4, 6}) == [("node-left", "n4"), ("node-left", "n6")]


def test_where_the_reflectors_have_no_client_at_all_no_client_has_left():
    """A BGPPeer with `reversePeering: Manual` gives the reflectors none."""
    assert kinds({3, 4, 5, 6}) == []


CLOSED = "Active Socket: Connection closed"


def without_n4(*rows, had_by=()):
    """Three nodes that have each other, of which n1 is called a reflector, and what n4 shows; who has a row for it."""
    tables = {
        f"n{n}": table(
            f"n{n}",
            *(f"10.0.0.{m} {UP}" for m in (1, 2, 3) if m != n),
            *(f"10.0.0.4 {CLOSED}" for name in had_by if name == f"n{n}"),
            kind=GLOBAL,
        )
        for n in (1, 2, 3)
    }
    report = read(tables | {"n4": table("n4", *rows, kind=GLOBAL)}, addresses=ADDRESSES, reflectors=["n1"])
    return report, [cause for cause in report.causes if cause.kind == "node-left"]


@pytest.mark.parametrize(
    ("rows", "had_by", "left"),
    [
        ((f"10.0.0.1 {CLOSED}", f"10.0.0.2 {CLOSED}"), (), True),
        # Of one alone nobody knows which of the two is at fault.
        ((f"10.0.0.1 {CLOSED}",), (), False),
        # One of them still has it.
        ((f"10.0.0.1 {CLOSED}", f"10.0.0.2 {CLOSED}", f"10.0.0.3 {CLOSED}"), ("n3",), False),
        # It has a session.
        ((f"10.0.0.1 {CLOSED}", f"10.0.0.2 {CLOSED}", f"10.0.0.3 {UP}"), ("n3",), False),
        # It reached one, who takes it for another.
        ((f"10.0.0.1 {CLOSED}", "10.0.0.2 Idle Received: Bad peer AS"), (), False),
    ],
)
def test_who_is_forgotten(rows, had_by, left):
    _, causes = without_n4(*rows, had_by=had_by)
    assert [str(subject) for cause in causes for subject in cause.subjects] == ["n4"] * left


@pytest.mark.parametrize(
    ("kinds", "of_reflectors"), [((GLOBAL, GLOBAL), False), ((NODE, NODE), True), ((GLOBAL, NODE), True)]
)
def test_only_one_that_had_clients_is_why_reflectors_are_few(kinds, of_reflectors):
    """A reflector shows its clients as node specific."""
    report, (cause,) = without_n4(*(f"{kind}= 10.0.0.{n} {CLOSED}" for n, kind in enumerate(kinds, 1)))
    few = {finding.id for finding in report.findings if finding.rule == "fewer-than-two-reflectors"}
    assert len(few) == 1
    assert few.issubset(cause.findings) is of_reflectors
