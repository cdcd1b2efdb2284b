"""What a time line says of many rows: a few words, however the names lie."""

from calico_bgp.report.audit.timeline import Change, Event
from calico_bgp.report.audit.timeline_words import what_of


def event(pairs):
    changes = tuple(Change(node, far, "start", "2026-11-01", None, None, is_up=False) for node, far in pairs)
    return Event("start", changes, None)


def test_many_names_that_no_range_holds_are_counted():
    """Every second of 200 nodes has lost its reflector, as where two reflectors share them."""
    said = what_of(event(("rr1", f"node{number}") for number in range(0, 200, 2)))
    assert said == "rr1's row for 100 peers such as node0, node2, node4: since then start"


def test_many_rows_of_many_nodes_too():
    said = what_of(event((f"node{number}", "rr1") for number in range(0, 200, 2)))
    assert said == "100 rows on 100 nodes such as node0, node2, node4: since then start"


def test_a_range_is_a_range():
    assert what_of(event(("rr1", f"node{number}") for number in range(1, 201))) == (
        "rr1's row for node[1-200]: since then start"
    )
