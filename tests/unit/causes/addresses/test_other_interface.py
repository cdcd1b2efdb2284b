"""Half of the nodes took addresses of another network, in which they find each other: no network is cut."""

from __future__ import annotations

import pytest

from tests.unit.auditing.tables import UP, cluster, commands, node, pasted, table, told

RIGHT = {n: f"192.0.2.{n}" for n in range(1, 6)}
TIMEOUT, WAITS = "Connect Socket: Operation timed out", "Passive"


def tables(wrong):
    """The tables of a mesh of five whose nodes have these addresses; those of one network reach each other."""
    addresses = RIGHT | wrong
    for own in addresses:
        rows = []
        for far, address in addresses.items():
            near = (own in wrong) is (far in wrong)
            dials = address <= addresses[own]
            rows += [f"{address} {UP if near else TIMEOUT if dials else WAITS}"] if far != own else []
        yield table(f"node{own}", *rows)


def report(wrong, internal=RIGHT):
    """Their audit, with these InternalIPs."""
    nodes = (node(f"node{n}", f"{address}/24", internal.get(n, "")) for n, address in (RIGHT | wrong).items())
    return pasted(*tables(wrong), resources=cluster(*nodes))


def test_those_that_do_not_use_their_internal_ips_have_wrong_addresses():
    made = report({4: "10.1.0.4", 5: "10.1.0.5"})
    assert told(made) == [("wrong-address", ["node4", "node5"])]
    assert made.causes[0].sessions == 6
    assert commands(made)[0].startswith("kubectl annotate node node4 projectcalico.org/IPv4Address=192.0.2.4/24")


def test_also_where_they_are_most():
    assert told(report({3: "10.1.0.3", 4: "10.1.0.4", 5: "10.1.0.5"}))[0] == (
        "wrong-address",
        ["node3", "node4", "node5"],
    )


def test_where_nobody_says_what_is_right_the_network_is_cut():
    assert told(report({4: "10.1.0.4", 5: "10.1.0.5"}, internal={}))[0][0] == "partition"


def test_where_all_use_their_internal_ips_the_network_is_cut():
    wrong = {4: "10.1.0.4", 5: "10.1.0.5"}
    assert told(report(wrong, internal=RIGHT | wrong))[0][0] == "partition"


def test_internal_ips_of_a_third_network_say_nothing():
    assert told(report({4: "10.1.0.4", 5: "10.1.0.5"}, internal=RIGHT | {4: "10.9.0.4", 5: "10.9.0.5"}))[0][0] == (
        "partition"
    )


@pytest.mark.parametrize("without", [1, 4])
def test_where_a_node_has_no_resource_the_network_is_cut(without):
    """Of either side: nobody says what its InternalIP is."""
    wrong = {4: "10.1.0.4", 5: "10.1.0.5"}
    nodes = [node(f"node{n}", f"{own}/24", RIGHT[n]) for n, own in (RIGHT | wrong).items() if n != without]
    made = pasted(*tables(wrong), resources=cluster(*nodes))
    assert "wrong-address" not in dict(told(made))
    assert made.causes


def test_the_command_that_decides_and_the_evidence_name_the_nodes_in_their_order():
    (cause,) = report({4: "10.1.0.4", 5: "10.1.0.5"}).causes
    assert [each.command for each in cause.decide] == ["ping -c 3 10.1.0.4"]
    assert cause.evidence[:2] == (
        "node4: BGP address 10.1.0.4, InternalIP 192.0.2.4",
        "node5: BGP address 10.1.0.5, InternalIP 192.0.2.5",
    )
