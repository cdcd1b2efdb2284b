"""The table of one node, to which nothing comes from any peer: its own network, or theirs."""

from __future__ import annotations

from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, pasted, read, table, told

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
