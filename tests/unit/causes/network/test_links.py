"""Links between two nodes, and hosts whose network is cut: how much must be silent, and how sure it is."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.hosts import host_cut, link_cut
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, gathered, table

HELD, HELD_THERE = "Active BGP Error: Hold timer expired", "Active Received: Hold timer expired"
UNREACHABLE, FORBIDDEN = "Active Socket: No route to host", "Active Socket: Permission denied"


def mesh(size, said):
    """A mesh n1, n2, ... that was read; `said` is what the first says of the second of each pair that is down.

    None stands for a pair that are no peers.
    """
    names = [f"n{n}" for n in range(1, size + 1)]
    tables = {
        one: table(
            one,
            *(
                f"192.0.2.{far[1:]} {said.get((one, far), UP)}"
                for far in names
                if far != one and said.get((one, far), UP)
            ),
        )
        for one in names
    }
    return Case(observe(gathered(tables, addresses={name: f"192.0.2.{name[1:]}" for name in names})), ())


def down(*pairs, info=HELD, back=HELD):
    return {key: words for a, b in pairs for key, words in (((a, b), info), ((b, a), back))}


def links(case):
    return [(one.kind, str(one.subjects[0]), one.confidence) for one in link_cut(case)]


LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("info", "back", "kind", "confidence"),
    [
        (HELD, HELD, "link-cut", LIKELY),
        (HELD, UNREACHABLE, "link-cut", LIKELY),
        # Both say what an address or a password would do that never fitted.
        (UNREACHABLE, UNREACHABLE, "link-cut", POSSIBLE),
        # One end was told what the other one lacks.
        (HELD, HELD_THERE, "one-way", LIKELY),
        (HELD_THERE, HELD, "one-way", LIKELY),
    ],
)
def test_a_link_by_what_both_ends_say(info, back, kind, confidence):
    assert links(mesh(4, down(("n1", "n2"), info=info, back=back))) == [(kind, "n1 <-> n2 (IPv4)", confidence)]


def test_who_is_deaf():
    for info, back, deaf, far in ((HELD, HELD_THERE, "n1", "n2"), (HELD_THERE, HELD, "n2", "n1")):
        (candidate,) = link_cut(mesh(4, down(("n1", "n2"), info=info, back=back)))
        assert (candidate.title.values["node"], candidate.title.values["far"]) == (deaf, far)


def test_what_is_one_way_ends_not_the_look_at_the_next():
    said = down(("n1", "n2"), info=HELD, back=HELD_THERE) | down(("n3", "n4"))
    assert [kind for kind, _, _ in links(mesh(5, said))] == ["one-way", "link-cut"]


def test_where_neither_end_ever_heard_anything_it_may_be_a_password_and_the_next_is_looked_at():
    said = down(("n1", "n2"), info="Active", back="Passive") | down(("n3", "n4"))
    assert [about for _, about, _ in links(mesh(5, said))] == ["n3 <-> n4 (IPv4)"]


def test_two_ends_without_any_session_are_no_link():
    """n1 and n2 reach nobody: each has more silent sessions than the one between the two; the others are links."""
    nobody = down(*((a, f"n{n}") for a in ("n1", "n2") for n in range(3, 6)), ("n1", "n2"))
    pairs = [about for _, about, _ in links(mesh(5, nobody))]
    assert pairs == [f"n{a} <-> n{b} (IPv4)" for a in (1, 2) for b in (3, 4, 5)]


def test_an_end_with_other_sessions_leaves_the_link():
    assert "n1 <-> n2 (IPv4)" in about(down(*(("n1", f"n{n}") for n in range(2, 6))))
    assert about(down(("n1", "n2"), ("n1", "n3"), ("n2", "n4"))) == [
        "n1 <-> n2 (IPv4)",
        "n1 <-> n3 (IPv4)",
        "n2 <-> n4 (IPv4)",
    ]


def about(said, size=6):
    return [who for _, who, _ in links(mesh(size, said))]


def test_two_nodes_that_have_only_each_other_are_a_link():
    assert about(down(("n1", "n2")), size=2) == ["n1 <-> n2 (IPv4)"]
    apart = {(f"n{a}", f"n{b}"): None for one in ((1, 2), (3, 4)) for a in one for b in (1, 2, 3, 4) if b not in one}
    assert about(apart | down(("n1", "n2"), ("n3", "n4")), size=4) == ["n1 <-> n2 (IPv4)", "n3 <-> n4 (IPv4)"]


@pytest.mark.parametrize(
    ("others", "words"),
    [((), ", while both have other sessions"), ((("n1", "n3"), ("n1", "n4")), ", while n2 has other sessions")],
)
def test_who_has_other_sessions(others, words):
    candidates = list(link_cut(mesh(4, down(("n1", "n2"), *others))))
    (candidate,) = [one for one in candidates if str(one.subjects[0]) == "n1 <-> n2 (IPv4)"]
    detail = candidate.in_full()
    assert f"Each waits for the other in vain{words}: something" in detail.explanation
    assert any(line.startswith("n2 has 2 other sessions that are Established") for line in detail.evidence)


def test_one_other_session_is_one():
    (candidate,) = link_cut(mesh(3, down(("n1", "n2"))))
    assert "n1 has 1 other session that is Established" in candidate.in_full().evidence


def hosts(case):
    return [(str(one.subjects[0]), one.confidence) for one in host_cut(case)]


@pytest.mark.parametrize(
    ("info", "back", "confidence"),
    [(HELD, UNREACHABLE, LIKELY), (UNREACHABLE, UNREACHABLE, POSSIBLE), (HELD, HELD, POSSIBLE)],
)
def test_a_host_that_reaches_nobody(info, back, confidence):
    case = mesh(4, down(*(("n1", f"n{n}") for n in (2, 3, 4)), info=info, back=back))
    assert hosts(case) == [("n1", confidence)]


def test_a_firewall_that_says_so_is_no_cut():
    assert hosts(mesh(4, down(*(("n1", f"n{n}") for n in (2, 3, 4)), info=FORBIDDEN))) == []
