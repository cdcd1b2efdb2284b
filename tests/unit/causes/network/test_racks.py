"""Nodes that are off at once: which of them share a rack, a zone or a network, and what of it is told."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.causes.network.groups import partition, rack_down
from tests.unit.auditing.tables import UP, gathered, node, table
from tests.unit.causes.asked import case_of, pairs, told
from tests.unit.causes.several.two_things import HELD, both, mesh, with_resources

RACK, ZONE = "example.org/rack", "topology.kubernetes.io/zone"


def racks(off, *, size=8, zone=(), ipv6=None, said=(), **of):
    """A mesh of which some nodes are off; each argument is a rack with its nodes, and some have one zone."""
    labels = {f"n{n}": [] for n in range(1, size + 1)}
    for rack, names in of.items():
        for name in names:
            labels[name].append(f"{RACK}={rack}")
    for name in zone:
        labels[name].append(f"{ZONE}=z")
    # Each in a network of its own, so that they share no other place.
    nodes = [node(name, f"192.0.2.{name[1:]}/32", labels=" ".join(text)) for name, text in labels.items()]
    down = [{(one, far): HELD for one in labels if one not in off} for far in off]
    return case_of(with_resources(mesh(size, *down, *said, unread=off), *nodes))


def found(case):
    return [(one.title.values["what"], [str(subject) for subject in one.subjects]) for one in rack_down(case)]


def test_all_nodes_of_a_rack():
    assert found(racks(["n5", "n6"], b=["n5", "n6"])) == [(f"{RACK}=b", ["n5", "n6"])]
    # One more that is off by itself, and one of the rack that runs.
    assert found(racks(["n4", "n5", "n6"], b=["n5", "n6"])) == [(f"{RACK}=b", ["n5", "n6"])]
    assert found(racks(["n5", "n6"], b=["n5", "n6", "n7"])) == []
    assert found(racks(["n5"], b=["n5"])) == []
    assert found(racks([], b=["n5", "n6"])) == []


def test_the_largest_place_is_named_and_nobody_twice():
    assert found(racks(["n4", "n5", "n6"], b=["n5", "n6"], zone=["n4", "n5", "n6"])) == [
        (f"{ZONE}=z", ["n4", "n5", "n6"])
    ]
    assert found(racks(["n3", "n4", "n5", "n6"], b=["n5", "n6"], c=["n3", "n4"])) == [
        (f"{RACK}=b", ["n5", "n6"]),
        (f"{RACK}=c", ["n3", "n4"]),
    ]
    # n5 is of both places: those of the smaller one that are left are no longer all of it.
    assert found(racks(["n4", "n5", "n6", "n7"], b=["n6", "n7"], zone=["n4", "n5", "n6"])) == [
        (f"{ZONE}=z", ["n4", "n5", "n6"])
    ]


def test_what_it_explains_and_shows():
    off = ["n2", "n3", "n4", "n5", "n6", "n7"]
    case = racks(off, size=10, b=off)
    (candidate,) = rack_down(case)
    assert len(candidate.evidence) == 5
    assert candidate.evidence[0] == "n2 could not be read (connect): nothing answers"
    # Its sessions are those with the four that run.
    assert {key.far(name) for name in off for key in candidate.keys if name in key} >= {"n1", "n8", "n9", "n10"}
    for name in off:
        assert case.of_node(name, "node-unreadable") <= candidate.explains
        assert case.of_node(name, "isolated-node") <= candidate.explains
    assert candidate.title.values["number"] == 6


@pytest.mark.parametrize(("many", "other"), [(5, "other "), (7, None)])
def test_the_others_of_a_cut_are_all_or_some(many, other):
    """n1 to n5 and n6, n7; beside these n8 and n9 in a group of their own."""
    groups = [range(1, 6), (6, 7)] if many == 5 else [range(1, 6), (6, 7), (8, 9)]
    size = max(max(group) for group in groups)
    said = [
        both(f"n{one}", *(f"n{far}" for far in range(1, size + 1) if far not in group))
        for group in groups
        for one in group
    ]
    first, *_ = partition(case_of(mesh(size, *said)))
    assert told([first]) == [("partition", ["n6", "n7"])]
    assert first.title.values["other"] == other
    assert first.title.values["rest"] == 5
    assert (first.decide[0].on, first.decide[0].command) == ("n1", "ping -c 3 192.0.2.6")


def test_the_place_that_the_group_shares_stands_in_the_title():
    said = [both(one, "n1", "n2", "n3", "n4", "n5") for one in ("n6", "n7")]
    for rack, words in ((["n6", "n7"], f" ({RACK}=b)"), (["n5", "n6", "n7"], None)):
        (candidate,) = partition(racks([], size=7, said=said, b=rack))
        assert candidate.title.values["what"] == words


def test_addresses_that_nobody_else_can_have_are_theirs():
    """The inventory has the IPv4 addresses of n5 and n6, of a network of their own; over IPv6 two are nobody's."""
    names = ("n1", "n2", "n3", "n4")
    tables = {
        name: table(
            name,
            *(f"192.0.2.{far[1:]} {UP}" for far in names if far != name),
            *(f"10.5.0.{n} {HELD}" for n in (5, 6)),
            ipv6=[
                *(f"2001:db8::{far[1:]} {UP}" for far in names if far != name),
                *(f"2001:db8::{n} {HELD}" for n in (5, 6)),
            ],
        )
        for name in names
    }
    own = {name: f"192.0.2.{name[1:]} 2001:db8::{name[1:]}" for name in names}
    made = gathered(tables, addresses=own, unread=["n5", "n6"])
    known = {f"n{n}": (ip_address(f"10.5.0.{n}"),) for n in (5, 6)}
    hosts = tuple(replace(host, addresses=known.get(host.name, host.addresses)) for host in made.hosts)
    case = case_of(made.model_copy(update={"hosts": hosts}))
    (candidate,) = rack_down(case)
    assert told([candidate]) == [("rack-down", ["n5", "n6"])]
    assert candidate.title.values["what"] == "network 10.5.0.0/24"
    assert pairs(candidate.keys) == {
        pair for n in (5, 6) for far in names for pair in ((far, f"n{n}"), (f"2001:db8::{n}", far))
    }
    about = {str(finding.subject) for finding in case.findings if finding.id in candidate.explains}
    assert {"2001:db8::5", "2001:db8::6"} <= about
