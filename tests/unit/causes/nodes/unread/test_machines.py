"""Machines that are off, and machines that only we do not reach: who, how sure, and what to do about them."""

from __future__ import annotations

import pytest

from calico_bgp.causes.nodes.machines import dead_nodes, fix_access, node_down, unreadable_only
from calico_bgp.model.reading import Silent, Stage
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import GLOBAL, UP, cluster, gathered, node, table
from tests.unit.causes.asked import case_of, told
from tests.unit.causes.several.two_things import HELD, REFUSED, STOPPED, mesh, nodes, with_resources

BAD_AS = "Idle BGP Error: Bad peer AS"


def unread(said, *names, size=4, **failure):
    """A mesh with resources, of which some were not read, and why."""
    made = mesh(size, said, unread=names)
    failures = [one.model_copy(update=failure) for one in made.failures]
    made = made.model_copy(update={"failures": tuple(failures)})
    return case_of(with_resources(made, *nodes(*range(1, size + 1))))


def to(name, *others, info=HELD):
    """What the others say of a node."""
    return {(other, name): info for other in others}


@pytest.mark.parametrize(
    ("said", "failure", "is_off"),
    [
        (to("n4", "n1", "n2", "n3"), {}, True),
        (to("n4", "n1", "n2", "n3", info=STOPPED), {}, True),
        # Its kernel is up, or its BIRD.
        (to("n4", "n1", "n2") | to("n4", "n3", info=REFUSED), {}, False),
        (to("n4", "n1", "n2") | to("n4", "n3", info=BAD_AS), {}, False),
        (to("n4", "n1", "n2"), {}, False),
        # The host answered.
        (to("n4", "n1", "n2", "n3"), {"stage": Stage.COMMAND}, False),
        (to("n4", "n1", "n2", "n3"), {"stage": Stage.TIMEOUT, "silent": Silent.HOST}, True),
    ],
)
def test_who_is_off(said, failure, is_off):
    case = unread(said, "n4", **failure)
    assert [member.name for member in dead_nodes(case)] == (["n4"] if is_off else [])
    assert told(node_down(case)) == ([("node-down", ["n4"])] if is_off else [])


def test_a_node_that_nobody_has_as_a_peer_is_not_known_to_be_off():
    made = gathered({"n1": table("n1", f"global= 198.51.100.1 {UP}", kind=GLOBAL)}, unread=["n2"])
    assert dead_nodes(case_of(made)) == []


def test_what_is_told_of_one():
    """n3 has lost the peer: what it does not show says nothing of a host that is off."""
    case = unread(to("n4", "n1", "n2") | {("n3", "n4"): None}, "n4")
    (candidate,) = node_down(case)
    assert candidate.title.values["node"] == "n4"
    assert candidate.evidence[0] == "could not be read (connect): nothing answers"
    assert len(candidate.evidence) == 3
    assert not any("shows no row" in line for line in candidate.evidence)
    assert candidate.fixes[0].label == "start host"
    assert "We cannot connect to it" in candidate.explanation
    assert case.of_node("n4", "node-unreadable") <= candidate.explains
    assert case.of_node("n4", "isolated-node") <= candidate.explains


def test_each_with_an_address_of_its_own_is_told_by_itself():
    case = unread(to("n3", "n1", "n2") | to("n4", "n1", "n2"), "n3", "n4")
    assert told(node_down(case)) == [("node-down", ["n3"]), ("node-down", ["n4"])]


def test_those_whose_addresses_cannot_be_told_apart_are_told_together():
    tables = {
        name: table(name, f"192.0.2.{far} {UP}", *(f"192.0.2.{n} {HELD}" for n in (3, 4)))
        for name, far in (("n1", 2), ("n2", 1))
    }
    case = case_of(gathered(tables, addresses={"n1": "192.0.2.1", "n2": "192.0.2.2"}, unread=("n3", "n4")))
    (candidate,) = node_down(case)
    assert told([candidate]) == [("node-down", ["n3", "n4"])]
    assert candidate.title.values["node"] == ("n3", "n4")
    assert candidate.evidence[:2] == (
        "n3 could not be read (connect): nothing answers",
        "n4 could not be read (connect): nothing answers",
    )
    assert len(candidate.evidence) == 2 + 4
    assert candidate.fixes[0].label == "start hosts"
    assert "We cannot connect to them" in candidate.explanation
    assert len(candidate.keys) == 4
    rules = {finding.rule for finding in case.findings if finding.id in candidate.explains}
    assert rules >= {"node-unreadable", "mesh-peer-down"}


def test_a_host_that_is_no_node_by_the_resources_is_not_to_be_brought_back():
    made = mesh(4, to("n4", "n1", "n2", "n3"), unread=["n4"])
    addresses = {reading.node: reading.addresses for reading in made.readings}
    assert "n4" not in addresses
    assert dead_nodes(case_of(with_resources(made, *nodes(1, 2, 3)))) == []
    # Resources of another cluster say nothing of these hosts.
    others = cluster(*(node(f"m{n}", f"198.51.100.{n}/24") for n in (1, 2, 3)))
    two = gathered(
        {
            "n1": table("n1", f"192.0.2.2 {UP}", f"192.0.2.4 {HELD}"),
            "n2": table("n2", f"192.0.2.1 {UP}", f"192.0.2.4 {HELD}"),
        },
        addresses={"n1": "192.0.2.1", "n2": "192.0.2.2"},
        unread=["n4"],
        resources=others,
    )
    assert [member.name for member in dead_nodes(case_of(two))] == ["n4"]


@pytest.mark.parametrize(
    ("failure", "so_far", "confidence", "asks"),
    [
        # The host answered, so that nothing but our way is broken.
        ({"stage": Stage.COMMAND}, "but", Confidence.CERTAIN, 0),
        # It may have gone off within the hold time.
        ({"stage": Stage.CONNECT}, "so far", Confidence.LIKELY, 1),
        ({"stage": Stage.TIMEOUT, "silent": Silent.HOST}, "so far", Confidence.LIKELY, 1),
    ],
)
def test_one_that_only_we_do_not_reach(failure, so_far, confidence, asks):
    case = unread({}, "n4", **failure)
    (candidate,) = unreadable_only(case)
    assert told([candidate]) == [("node-unreadable-only", ["n4"])]
    assert (candidate.title.values["so_far"], candidate.confidence, len(candidate.decide)) == (so_far, confidence, asks)
    assert candidate.title.values["told"] == "3 peers show it Established"
    assert ("Nothing answers there" in candidate.explanation) is bool(asks)
    assert candidate.explains == case.of_node("n4", "node-unreadable")


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        # No peer shows it Established.
        (to("n4", "n1", "n2", "n3"), {"stage": Stage.COMMAND}),
        # BIRD itself kept us waiting: that is BGP's fault.
        ({}, {"stage": Stage.TIMEOUT, "silent": Silent.BIRD}),
    ],
)
def test_whose_bgp_is_not_known_to_work(said, failure):
    assert list(unreadable_only(unread(said, "n4", **failure))) == []


def test_the_next_one_is_looked_at():
    """n3 has no session, n4 has two."""
    case = unread(to("n3", "n1", "n2"), "n3", "n4", stage=Stage.COMMAND)
    assert told(unreadable_only(case)) == [("node-unreadable-only", ["n4"])]


@pytest.mark.parametrize(
    ("failure", "label", "summary"),
    [
        ({"stage": Stage.COMMAND}, "fix access", "fix the way to n4 (command)"),
        ({"hint": "allow sudo"}, "fix access", "allow sudo"),
        ({"hint": "allow sudo", "remedy": "allow sudo everywhere"}, "1 option", "allow sudo"),
    ],
)
def test_what_to_do_about_the_way_to_it(failure, label, summary):
    case = unread({}, "n4", **failure)
    fix = fix_access(case.cluster.by_name["n4"])
    assert (fix.label, fix.summary) == (label, summary)
