"""Which nodes a finding about their addresses is of, how bad it is, and how many it shows."""

import pytest

from tests.unit.rules.resources.build import findings, node, of_rule, pool

INTERNAL = ("10.1.0.1",)


@pytest.mark.parametrize(
    ("bridges", "severity", "subject"),
    [
        ([()], "warning", "Node n1"),
        # Kubernetes has another address of it.
        ([INTERNAL], "error", "Node n1"),
        ([("2001:db8::1",)], "warning", "Node n1"),
        ([(), ()], "warning", "cluster"),
    ],
)
def test_an_address_of_a_bridge(bridges, severity, subject):
    odd = [node(f"n{n}", f"172.{16 + n}.0.1", internal=internal) for n, internal in enumerate(bridges, 1)]
    found = of_rule("node-address-of-bridge", odd, node("sound", "192.0.2.9"))
    assert (found.severity, str(found.subject)) == (severity, subject)


@pytest.mark.parametrize(
    ("number_odd", "number", "severity", "subject", "words"),
    [
        (1, 3, "warning", "Node n1", "as it is on the other nodes"),
        (2, 3, "warning", "cluster (IPv4)", "as it is on the other nodes"),
        (3, 3, "info", "cluster (IPv4)", "on every node"),
        (2, 2, "info", "cluster (IPv4)", "on every node"),
        # One node is not all for sure.
        (1, 1, "warning", "Node n1", "as it is on the other nodes"),
    ],
)
def test_an_address_that_is_not_the_internal_one(number_odd, number, severity, subject, words):
    made = [
        node(f"n{n}", f"192.0.2.{n}", internal=(f"10.1.0.{n}" if n <= number_odd else f"192.0.2.{n}",))
        for n in range(1, number + 1)
    ]
    found = of_rule("node-address-not-internal", made)
    assert (found.severity, str(found.subject)) == (severity, subject)
    assert words in found.message
    assert bool(found.next_step) is (severity == "warning")


@pytest.mark.parametrize(
    ("rule", "address", "parts"),
    [
        ("node-address-not-internal", "192.0.2.{}", ()),
        ("node-address-of-bridge", "172.{}.0.1", ()),
        ("node-address-in-pool", "192.0.2.{}", (pool("192.0.2.0/24"),)),
    ],
)
@pytest.mark.parametrize("number", [14, 21])
def test_of_many_nodes_twenty_are_shown(rule, address, parts, number):
    # Docker has 172.17 to 172.31.
    made = [
        node(f"n{n:02}", address.format(17 + n % 15 if "172" in address else n), internal=(f"10.1.0.{n}",))
        for n in range(1, number + 1)
    ]
    assert len(of_rule(rule, made, *parts).evidence) == min(number, 20)


def twice(*addresses):
    """Two nodes of each address: what is said of each address."""
    made = [node(f"n{n}{half}", address) for n, address in enumerate(addresses, 1) for half in "ab"]
    found = findings(made)
    return [each.message for each in found if each.rule == "node-address-twice"]


def test_who_refuses_an_address_that_two_nodes_have():
    """Of two nodes alone nobody does; of two pairs each refuses the other's address."""
    assert twice("192.0.2.1") == ["n1a, n1b have one BGP address, 192.0.2.1"]
    assert twice("192.0.2.1", "192.0.2.2") == [
        "n1a, n1b have one BGP address, 192.0.2.1; BIRD refuses the configuration of n2a, n2b",
        "n2a, n2b have one BGP address, 192.0.2.2; BIRD refuses the configuration of n1a, n1b",
    ]


def test_of_a_node_in_a_pool_only_the_address_that_lies_there_is_shown():
    found = of_rule("node-address-in-pool", node("n1", "192.0.2.1", "2001:db8::1"), node("n2"), pool("192.0.2.0/24"))
    assert found.evidence == ("n1: 192.0.2.1",)
