"""The table of one node, to which nothing comes from any peer: its own network, or theirs."""

from __future__ import annotations

import pytest

from calico_bgp.causes.network.alone import alone
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, cluster, gathered, node, paste_of, pasted, read, table, told
from tests.unit.causes.asked import case_of
from tests.unit.causes.asked import told as told_of

TIMEOUT, HELD = "Connect Socket: Operation timed out", "Passive BGP Error: Hold timer expired"


def test_one_paste_of_a_node_without_any_session():
    made = pasted(table("node4", f"192.0.2.1 {TIMEOUT}", f"192.0.2.2 {TIMEOUT}", f"192.0.2.5 {HELD}"))
    assert told(made) == [("host-network-cut", ["node4"])]
    assert made.causes[0].confidence is Confidence.POSSIBLE
    assert "its own network is cut, or theirs" in made.causes[0].title
    assert made.unexplained == ()


def test_the_others_that_were_not_read_have_no_cut_links_of_their_own():
    tables = {"node4": table("node4", *(f"192.0.2.{n} {TIMEOUT}" for n in (1, 2, 3)))}
    made = read(tables, addresses={"node4": "192.0.2.4"}, unread=())
    assert [cause.kind for cause in made.causes] == ["host-network-cut"]


def test_a_session_that_is_up_says_that_it_is_not_cut_off():
    made = pasted(table("node4", f"192.0.2.1 {UP}", f"192.0.2.2 {TIMEOUT}", f"192.0.2.5 {HELD}"))
    assert "host-network-cut" not in dict(told(made))


def test_who_is_refused_is_not_cut_off():
    made = pasted(table("node4", "192.0.2.1 Active Socket: Connection refused", f"192.0.2.2 {TIMEOUT}"))
    assert "host-network-cut" not in dict(told(made))


def test_of_one_peer_nobody_knows_whose_fault_it_is():
    assert "host-network-cut" not in dict(told(pasted(table("node4", f"192.0.2.1 {TIMEOUT}"))))


def of_one_table(*rows, ipv6=()):
    return list(alone(case_of(paste_of(table("node4", *rows, ipv6=ipv6)))))


@pytest.mark.parametrize(
    ("infos", "is_told"),
    [
        ((TIMEOUT, TIMEOUT), True),
        ((TIMEOUT, "Active"), True),
        # Without any error nobody knows whether the far ends have the peer.
        (("Active", "Passive"), False),
        ((TIMEOUT, "Active Socket: Connection refused"), False),
        ((TIMEOUT, UP), False),
        # All kinds of silence at once.
        (
            (
                TIMEOUT,
                HELD,
                "Active",
                "Active Socket: No route to host",
                "Active Socket: Permission denied",
                "Active Received: Hold timer expired",
                "Active Received: Other configuration change",
            ),
            True,
        ),
    ],
)
def test_what_its_rows_may_say(infos, is_told):
    rows = [f"192.0.2.{number} {info}" for number, info in enumerate(infos, start=11)]
    assert told_of(of_one_table(*rows)) == ([("host-network-cut", ["node4"])] if is_told else [])


def test_over_one_family_alone():
    ipv6 = [f"2001:db8::{n} {TIMEOUT}" for n in (1, 2)]
    (candidate,) = of_one_table(f"192.0.2.1 {UP}", f"192.0.2.2 {UP}", ipv6=ipv6)
    assert told_of([candidate]) == [("host-network-cut", ["node4 (IPv6)"])]
    assert (candidate.title.values["peers"], candidate.title.values["family"]) == (2, " over IPv6")
    # Over IPv4 one is down as well: that one alone tells nothing, and hides not what the other family says.
    (candidate,) = of_one_table(f"192.0.2.1 {UP}", f"192.0.2.2 {TIMEOUT}", ipv6=ipv6)
    assert told_of([candidate]) == [("host-network-cut", ["node4 (IPv6)"])]
    # Over both it is the whole node.
    (candidate,) = of_one_table(f"192.0.2.1 {TIMEOUT}", f"192.0.2.2 {TIMEOUT}", ipv6=ipv6)
    assert told_of([candidate]) == [("host-network-cut", ["node4"])]
    assert candidate.title.values["family"] is None
    assert candidate.decide[0].on == "node4"


def test_what_is_said_of_a_peer_over_the_other_family_stays_open():
    ipv6 = [f"2001:db8::{n} {TIMEOUT}" for n in (1, 2)]
    made = paste_of(table("node4", f"192.0.2.1 {UP}", f"192.0.2.2 {TIMEOUT}", ipv6=ipv6))
    case = case_of(made)
    (candidate,) = alone(case)
    explained = {str(finding.subject) for finding in case.findings if finding.id in candidate.explains}
    assert explained == {"node4 (IPv6)"}
    assert "192.0.2.2 <-> node4 (IPv4)" in {str(finding.subject) for finding in case.findings}


def test_others_of_which_only_the_resources_tell_were_not_read():
    nodes = [node(f"node{n}", f"192.0.2.{n}/24") for n in (1, 2, 4)]
    made = paste_of(table("node4", f"192.0.2.1 {TIMEOUT}", f"192.0.2.2 {TIMEOUT}"), resources=cluster(*nodes))
    assert told_of(alone(case_of(made))) == [("host-network-cut", ["node4"])]


def test_what_it_explains():
    """Findings about each peer, and that the node has no session; not one about another address."""
    case = case_of(paste_of(table("node4", f"192.0.2.1 {TIMEOUT}", f"global= 192.0.2.2 {HELD}")))
    (candidate,) = alone(case)
    assert {finding.rule for finding in case.findings if finding.id in candidate.explains} >= {"isolated-node"}
    assert {finding.id for finding in case.findings if case.keys_of[finding.id]} <= candidate.explains


def test_where_two_were_read_each_tells_of_the_other():
    tables = {name: table(name, f"192.0.2.1 {TIMEOUT}", f"192.0.2.2 {TIMEOUT}") for name in ("node4", "node5")}
    made = gathered(tables, addresses={"node4": "192.0.2.4", "node5": "192.0.2.5"})
    assert list(alone(case_of(made))) == []


def test_where_others_are_off_they_are_why():
    tables = {"node4": table("node4", f"192.0.2.1 {TIMEOUT}", f"192.0.2.2 {TIMEOUT}")}
    made = gathered(tables, addresses={"node4": "192.0.2.4"}, unread=("node1", "node2"))
    assert list(alone(case_of(made))) == []
