"""Where the right addresses of nodes are: of what was read, and of what nobody knows."""

from ipaddress import ip_address

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.addresses import missing_address
from calico_bgp.causes.remedies.autodetection import OF_MANIFEST, OF_OPERATOR, places, step
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.peer import Family
from tests.clusters import cluster, node
from tests.unit.auditing.tables import gathered, table

NAT = "10.0.2.15"


def case_of(addresses, resources):
    """Hosts with these addresses of their own, which were read."""
    return Case(
        observe(gathered({name: table(name) for name in addresses}, addresses=addresses, resources=resources)), ()
    )


@pytest.mark.parametrize(
    ("addresses", "said"),
    [
        ({"n1": "10.0.0.1", "n2": "10.0.0.2"}, "10.0.0.0/24"),
        ({"n1": "10.0.0.1 10.9.1.1", "n2": "10.0.0.2 10.9.2.1", "n3": "10.0.0.3 10.9.3.1"}, "10.0.0.0/24"),
        # One host has many networks, and which of them the others have it does not say.
        ({"n1": "10.0.0.1"}, None),
        ({"n1": "10.0.0.1", "n2": "10.0.1.2"}, None),
        # Two networks that all hosts have.
        ({"n1": "10.0.0.1 10.9.1.1", "n2": "10.0.0.2 10.9.1.2"}, None),
        # The same address everywhere is a bridge's.
        ({"n1": "10.0.0.1 10.9.1.1", "n2": "10.0.0.2 10.9.1.1"}, "10.0.0.0/24"),
    ],
)
def test_the_one_network_of_all_hosts(addresses, said):
    """All Nodes have that of VirtualBox's NAT, for BGP and for Kubernetes, so that only the hosts tell."""
    nodes = [node(f"n{n}", NAT, internal_ips=(ip_address(NAT),)) for n in (1, 2, 3)]
    resources = cluster(*nodes)
    found, asks = step(OF_MANIFEST, Family.IPV4, case_of(addresses, resources))
    assert [ask.variable for ask in asks] == ([] if said else ["CIDR"])
    assert (f"cidr={said}" in found.kubectl) is (said is not None)


KNOWN = [node("n1", "10.0.0.1"), node("n2", "10.0.0.2")]


@pytest.mark.parametrize(
    ("hosts", "steps", "asked"),
    [
        # Its host has one address: that is it.
        ({"n3": "10.0.0.3"}, ["write the IPv4 address 10.0.0.3 into the Node n3"], []),
        # One of one Node is asked for.
        ({"n3": ""}, ["write the IPv4 address that it has into the Node n3"], ["ADDRESS"]),
        (
            {"n3": "10.0.0.3", "n4": "10.0.0.4"},
            [
                "write the IPv4 address 10.0.0.3 into the Node n3",
                "write the IPv4 address 10.0.0.4 into the Node n4",
            ],
            [],
        ),
        # Of two, of which one is not known, both are left to the operator: one variable cannot stand for two values.
        ({"n3": "", "n4": "10.0.0.4"}, [], []),
        ({"n3": "10.0.0.3", "n4": ""}, [], []),
        ({"n3": "", "n4": ""}, [], []),
    ],
)
def test_the_addresses_of_nodes_that_have_none(hosts, steps, asked):
    lacking = [node(name) for name in hosts]
    known = {"n1": "10.0.0.1", "n2": "10.0.0.2"}
    (fix,) = missing_address(case_of(known | hosts, cluster(*KNOWN, *lacking)), lacking, Family.IPV4)
    assert [step.what for step in fix.steps] == steps
    assert [ask.variable for ask in fix.asks if ask.variable == "ADDRESS"] == asked


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ((), [OF_OPERATOR, OF_MANIFEST]),
        ((OF_OPERATOR,), [OF_OPERATOR]),
        ((OF_MANIFEST,), [OF_MANIFEST]),
        # The operator writes the DaemonSet, so that what is changed there does not last.
        ((OF_MANIFEST, OF_OPERATOR), [OF_OPERATOR]),
    ],
)
def test_where_autodetection_is_set(known, said):
    assert list(places(cluster(*KNOWN).model_copy(update={"autodetection": known}))) == said
