"""Links between two nodes, and hosts whose network is cut: how much must be silent, and how sure it is."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.network.hosts import host_cut, link_cut
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reading import Stage
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.report.audit.screen import report_to_text
from tests.unit.auditing.tables import UP, gathered, node, table
from tests.unit.causes.asked import case_of, told
from tests.unit.causes.several.two_things import both, printing, read_at_bgp_addresses, showing, with_resources
from tests.unit.causes.several.two_things import mesh as snapshot

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


def of_hosts(made):
    return list(host_cut(case_of(made)))


BIRD_IS_DEAD = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"
BAD_AS = "Idle BGP Error: Bad peer AS"


@pytest.mark.parametrize(
    ("size", "key", "values"), [(3, "cut-from-both", {}), (4, "cut", {"peers": 3}), (5, "cut", {"peers": 4})]
)
def test_from_how_many_peers(size, key, values):
    (candidate,) = of_hosts(snapshot(size, both("n1", *(f"n{n}" for n in range(2, size + 1)), info=UNREACHABLE)))
    assert candidate.title.key == key
    assert {name: candidate.title.values.get(name) for name in values} == values


def test_from_the_only_peer_that_is_left():
    """On n3, its other peer, no BIRD runs."""
    rows = {"n1": {"n2": UNREACHABLE, "n3": UNREACHABLE}, "n2": {"n1": HELD, "n4": UP}, "n3": {}, "n4": {"n2": UP}}
    (candidate,) = of_hosts(printing(showing(**rows), n3=BIRD_IS_DEAD))
    assert candidate.title.key == "cut-from-one"


def test_from_most_where_one_has_a_fault_of_its_own():
    """n5 has another AS number than all others think: nobody has a session with it."""
    of_n5 = both("n5", "n1", "n2", "n3", "n4", "n6", info=BAD_AS)
    case = case_of(snapshot(6, both("n3", "n1", "n2", "n4", "n6", info=UNREACHABLE), of_n5))
    isolated = case.of_node("n3", "isolated-node")
    assert isolated
    (candidate,) = host_cut(case)
    assert candidate.title.key == "cut-from-most"
    assert (candidate.title.values["peers"], candidate.title.values["of"]) == (4, 5)
    assert isolated <= candidate.explains


def test_in_one_family_it_is_not_the_host():
    cut = both("n1", "n2", "n3", "n4", info=UNREACHABLE)
    (candidate,) = of_hosts(snapshot(4, ipv6=cut))
    assert told([candidate]) == [("host-network-cut", ["n1 (IPv6)"])]
    assert candidate.title.values["family"] == "IPv6 "
    assert "Only its IPv6 is; its other sessions are up." in candidate.explanation
    # BIRD may only just have got its peers there.
    assert of_hosts(snapshot(4, ipv6=both("n1", "n2", "n3", "n4", info="Active"))) == []
    # Without any session it may be that BIRD has just begun, or its network.
    (candidate,) = of_hosts(snapshot(4, both("n1", "n2", "n3", "n4", info="Active")))
    assert candidate.title.values["family"] == ""
    assert "Only its" not in candidate.explanation


def test_where_one_direction_works_it_is_no_cut():
    deaf = {pair: info for n in (2, 3, 4) for pair, info in ((("n1", f"n{n}"), HELD), ((f"n{n}", "n1"), HELD_THERE))}
    assert of_hosts(snapshot(4, deaf)) == [], "see one_way.py"


def test_what_another_fault_in_the_same_family_is_stays_open():
    """Over IPv6 n1 is cut from three; n5, which nobody has, has another AS number."""
    of_n5 = both("n5", "n1", "n2", "n3", "n4", info=BAD_AS)
    case = case_of(snapshot(5, ipv6=both("n1", "n2", "n3", "n4", info=UNREACHABLE) | of_n5))
    isolated = case.of_node("n1", "isolated-node")
    (candidate,) = host_cut(case)
    assert isolated
    assert isolated.isdisjoint(candidate.explains)


def test_silence_of_a_node_that_is_read_over_the_same_address_is_no_cut():
    made = snapshot(4, both("n1", "n2", "n3", "n4"))
    assert len(of_hosts(made)) == 1
    assert of_hosts(read_at_bgp_addresses(made)) == [], "see firewalls.py"
    # An error of the network says more, and so does another family that is up.
    made = snapshot(4, both("n1", "n2", "n3", "n4", info=UNREACHABLE))
    assert len(of_hosts(read_at_bgp_addresses(made))) == 1
    made = snapshot(4, ipv6=both("n1", "n2", "n3", "n4"))
    assert len(of_hosts(read_at_bgp_addresses(made))) == 1


def test_a_node_that_was_not_read_and_is_up_over_ipv4():
    seen = {(f"n{n}", "n4"): UNREACHABLE for n in (1, 2, 3)}
    made = snapshot(4, ipv6=seen, unread=["n4"])
    failures = [failure.model_copy(update={"stage": Stage.COMMAND}) for failure in made.failures]
    made = made.model_copy(update={"failures": tuple(failures)})
    nodes = [node(f"n{n}", f"192.0.2.{n}/24 2001:db8::{n}/64") for n in (1, 2, 3, 4)]
    case = case_of(with_resources(made, *nodes))
    (candidate,) = host_cut(case)
    assert told([candidate]) == [("host-network-cut", ["n4 (IPv6)"])]
    assert candidate.explanation.startswith("Its peers reach each other, so it is")
    assert case.of_node("n4", "node-unreadable") <= candidate.explains
    assert (candidate.decide[0].on, candidate.decide[0].command) == ("n1", "ping -c 3 2001:db8::4")


def test_of_a_node_that_was_read_nothing_else_is_explained():
    case = case_of(snapshot(4, both("n4", "n1", "n2", "n3", info=UNREACHABLE)))
    (candidate,) = host_cut(case)
    assert candidate.decide[0].on == "n4"
    assert candidate.decide[0].command == "ping -c 3 192.0.2.1"
    assert candidate.explanation.startswith("The node answers us")


def test_resources_say_that_sessions_once_fitted():
    made = snapshot(4, both("n1", "n2", "n3", "n4", info=UNREACHABLE))
    nodes = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3, 4)]
    assert [one.confidence for one in of_hosts(made)] == [POSSIBLE]
    assert [one.confidence for one in of_hosts(with_resources(made, *nodes))] == [LIKELY]
    (link,) = link_cut(case_of(with_resources(snapshot(4, both("n1", "n2", info=UNREACHABLE)), *nodes)))
    assert link.confidence is LIKELY


def test_a_link_over_both_families_is_one():
    one = both("n1", "n2")
    (candidate,) = link_cut(case_of(snapshot(4, one, ipv6=one)))
    assert [str(subject) for subject in candidate.subjects] == ["n1 <-> n2 (IPv4)", "n1 <-> n2 (IPv6)"]
    assert candidate.title.values["families"] == "IPv4 and IPv6"
    detail = candidate.in_full()
    assert "ss -Htn" in detail.decide[0].command
    assert (detail.decide[0].on, detail.decide[1].on) == ("n1", "n1")
    assert detail.decide[1].command == "ping -c 3 192.0.2.2"


def test_a_link_of_which_one_family_is_one_way():
    """Over IPv4 one direction works; over IPv6 nobody says."""
    one = {("n1", "n2"): HELD, ("n2", "n1"): HELD_THERE}
    (candidate,) = link_cut(case_of(snapshot(4, one, ipv6=both("n1", "n2"))))
    assert candidate.kind == "one-way"
    detail = candidate.in_full()
    assert detail.decide[1].command == "ping -c 3 -M do -s 1472 192.0.2.1"
    assert detail.decide[1].on == "n2"
    assert "n1 heard nothing for the hold time and said so, and n2 received that" in detail.explanation


def test_one_end_alone_that_shows_it_leaves_a_doubt():
    made = snapshot(4, {("n1", "n4"): HELD}, unread=["n4"])
    nodes = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3, 4)]
    (candidate,) = link_cut(case_of(with_resources(made, *nodes)))
    assert candidate.confidence is POSSIBLE


def test_two_nodes_are_said_in_the_plural():
    made = snapshot(6, both("n5", "n1", "n2", "n3", "n4", "n6"), both("n6", "n1", "n2", "n3", "n4"))
    text = report_to_text(audit(made))
    assert "n5, n6 are up, but their network is cut from all 5 of their peers" in text
