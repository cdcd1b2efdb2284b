"""Some nodes that do not reach some others, while all have other sessions: two groups, or one node and a few."""

from __future__ import annotations

import pytest

from calico_bgp.causes.network.partial_cuts import partial_partition, partly_cut
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import node
from tests.unit.causes.asked import case_of, pairs, told
from tests.unit.causes.several.two_things import (
    CLOSED,
    FORBIDDEN,
    HELD,
    UNREACHABLE,
    both,
    mesh,
    one_way,
    waits_for,
    with_resources,
)

RACK = "example.org/rack"
LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE


def between(few, many, info=HELD):
    return [both(one, *many, info=info) for one in few]


def labelled(size, **racks):
    """Nodes, some of which share a rack."""
    rack_of = {name: rack for rack, names in racks.items() for name in names}
    return [
        node(f"n{n}", f"192.0.2.{n}/24", labels=f"{RACK}={rack_of[f'n{n}']}" if f"n{n}" in rack_of else "")
        for n in range(1, size + 1)
    ]


def partitions(made):
    return list(partial_partition(case_of(made)))


def test_two_groups_while_others_reach_both():
    (candidate,) = partitions(mesh(7, *between(("n1", "n2"), ("n3", "n4", "n5"))))
    assert told([candidate]) == [("partition", ["n1", "n2"])]
    assert candidate.title.values["rest"] == ("n3", "n4", "n5")
    assert candidate.title.values["what"] is None
    assert len(candidate.keys) == 6
    assert (candidate.decide[0].on, candidate.decide[0].command) == ("n1", "ping -c 3 192.0.2.3")


def test_the_group_that_shares_a_place_is_named():
    cut = mesh(7, *between(("n1", "n2"), ("n3", "n4", "n5")))
    few, many = ("n1", "n2"), ("n3", "n4", "n5")

    def of(**racks):
        (candidate,) = partitions(with_resources(cut, *labelled(7, **racks)))
        return [str(subject) for subject in candidate.subjects], candidate.title.values["what"]

    assert of(a=few) == (["n1", "n2"], f" ({RACK}=a)")
    assert of(b=many) == (["n3", "n4", "n5"], f" ({RACK}=b)")
    # Where both do the smaller one, and where neither does as well.
    assert of(a=few, b=many) == (["n1", "n2"], f" ({RACK}=a)")
    assert of(a=("n1",)) == (["n1", "n2"], None)


@pytest.mark.parametrize(
    "made",
    [
        # Nobody reaches both: cuts.py tells of that.
        mesh(5, *between(("n1", "n2"), ("n3", "n4", "n5"))),
        # A node has more trouble, and it is of one of the larger group or of the smaller one.
        mesh(8, *between(("n1", "n2"), ("n3", "n4", "n5")), both("n1", "n6", info="Idle BGP Error: Bad peer AS")),
        mesh(8, *between(("n1", "n2"), ("n3", "n4", "n5")), both("n5", "n6", info="Idle BGP Error: Bad peer AS")),
        # No end says an error: they may never have come up.
        mesh(7, *between(("n1", "n2"), ("n3", "n4", "n5"), info="Active")),
        mesh(7),
    ],
    ids=["all", "few", "many", "no error", "nothing"],
)
def test_what_is_no_such_partition(made):
    assert partitions(made) == []


def test_one_node_and_a_rack_that_it_does_not_reach():
    made = mesh(7, both("n4", "n5", "n1"), {("n1", "n4"): HELD})
    assert partitions(made) == []
    made = with_resources(made, *labelled(7, b=("n1", "n5")))
    (candidate,) = partitions(made)
    # The rack is named, being what they share.
    assert told([candidate]) == [("partition", ["n1", "n5"])]
    assert candidate.title.values["rest"] == ("n4",)
    assert pairs(candidate.keys) == {("n1", "n4"), ("n4", "n5")}


def test_a_link_elsewhere_is_no_part_of_it():
    """n4 does not reach the rack of n1 and n5, and n6 not n7."""
    made = mesh(8, both("n4", "n5", "n1"), both("n6", "n7"))
    (candidate,) = partitions(with_resources(made, *labelled(8, b=("n1", "n5"))))
    assert pairs(candidate.keys) == {("n1", "n4"), ("n4", "n5")}


def test_a_node_that_dials_a_rack_in_vain_may_have_a_firewall():
    rack = labelled(7, b=("n1", "n2"))
    assert partitions(with_resources(mesh(7, one_way("n4", "n1", "n2", info=HELD)), *rack)) == []


def cut_off(made):
    return list(partly_cut(case_of(made)))


def test_a_node_that_reaches_some_and_not_others():
    (candidate,) = cut_off(mesh(6, both("n3", "n4", "n2")))
    assert told([candidate]) == [("host-network-cut", ["n3 (IPv4)"])]
    assert candidate.title.values["number"] == 2
    assert candidate.title.values["peers"] == ["n2", "n4"]
    assert (candidate.decide[0].on, candidate.decide[0].command) == ("n3", "ping -c 3 192.0.2.2")
    assert "ip route get ADDRESS" in candidate.fixes[0].summary


def test_over_both_families_it_is_named_once():
    said = both("n3", "n4", "n2")
    (candidate,) = cut_off(mesh(6, said, ipv6=said))
    assert told([candidate]) == [("host-network-cut", ["n3"])]
    assert candidate.title.values["families"] == "IPv4 and IPv6"
    assert candidate.title.values["number"] == 2


@pytest.mark.parametrize(
    ("own", "far", "confidence"),
    [
        # Its own kernel sends nothing, and theirs do.
        (UNREACHABLE, HELD, LIKELY),
        (FORBIDDEN, HELD, LIKELY),
        (CLOSED, HELD, LIKELY),
        # Nobody answers on the wire between the two.
        (UNREACHABLE, UNREACHABLE, POSSIBLE),
        (HELD, HELD, POSSIBLE),
        (HELD, UNREACHABLE, POSSIBLE),
    ],
)
@pytest.mark.parametrize("name", ["n1", "n6"])
def test_whose_kernel_has_no_way(own, far, confidence, name):
    fars = ("n3", "n4")
    said = {pair: info for other in fars for pair, info in (((name, other), own), ((other, name), far))}
    assert [one.confidence for one in cut_off(mesh(6, said))] == [confidence]


@pytest.mark.parametrize(
    "made",
    [
        # One peer alone: that is a link.
        mesh(6, both("n3", "n4")),
        # One of the two has more trouble: that may be what all of it is.
        mesh(6, both("n3", "n4", "n2"), both("n2", "n5", info="Idle BGP Error: Bad peer AS")),
        # No session of the node is up: it is cut off from all.
        mesh(5, both("n3", "n1", "n2", "n4", "n5")),
        # No end says an error.
        mesh(6, both("n3", "n4", "n2", info="Active")),
        # All are dialled by others in vain, or all are dialled by the node: it may be a firewall, or passwords.
        mesh(6, waits_for("n3", "n4", "n5")),
        mesh(6, one_way("n3", "n1", "n2")),
        # The node was not read.
        mesh(6, {(far, "n3"): HELD for far in ("n2", "n4")}, unread=["n3"]),
    ],
    ids=["link", "far end", "all", "no error", "waits", "dials", "unread"],
)
def test_what_is_no_such_cut(made):
    assert [one for one in cut_off(made) if str(one.subjects[0]).startswith("n3")] == []


def test_that_it_once_stood_rules_a_password_out():
    said = {(far, "n3"): HELD for far in ("n4", "n5")} | {("n3", far): "Passive" for far in ("n4", "n5")}
    assert told(cut_off(mesh(6, said))) == [("host-network-cut", ["n3 (IPv4)"])]


@pytest.mark.parametrize(("others", "is_told"), [(("n4",), False), (("n4", "n6"), False), (("n4", "n6", "n7"), True)])
def test_a_peer_most_of_whose_sessions_are_down_has_a_fault_of_its_own(others, is_told):
    """n3 does not reach n1, n2 and n5; n1 has six sessions, of which more are down, up to half or beyond it."""
    made = mesh(7, both("n3", "n1", "n2", "n5"), both("n1", *others, info="Idle BGP Error: Bad peer AS"))
    assert (("host-network-cut", ["n3 (IPv4)"]) in told(cut_off(made))) is is_told
