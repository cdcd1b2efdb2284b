"""Where the right addresses of nodes are: of what was read, and of what nobody knows."""

import shlex
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


#: A family, how its addresses begin here, the length of their network, an address of another one, and a variable.
V4 = Family.IPV4, "10.0.0.", 24, "192.168.9.9", "IP"
V6 = Family.IPV6, "fd00::", 64, "fd99::9", "IP6"


@pytest.mark.parametrize("version", [V4, V6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize(
    ("own", "knows_length", "asked"),
    [
        (["here"], True, []),
        (["here"], False, ["PREFIX_LENGTH"]),
        # Of several addresses it is the one in the network of the other nodes.
        (["here", "elsewhere"], True, []),
        (["here", "elsewhere"], False, ["ADDRESS", "PREFIX_LENGTH"]),
        # The only one lies in another network, of whose length nothing tells.
        (["elsewhere"], True, ["PREFIX_LENGTH"]),
        ([], True, ["ADDRESS", "PREFIX_LENGTH"]),
    ],
)
def test_an_address_is_written_with_the_length_of_its_network(version, own, knows_length, asked):
    family, net, length, elsewhere, variable = version
    prefix = {f"{family.value}_prefix": length if knows_length else None}
    resources = cluster(node("n1", f"{net}1", **prefix), node("n2", f"{net}2", **prefix), lacking := node("n3"))
    addresses = {"here": f"{net}3", "elsewhere": elsewhere}
    of_the_other_family = {V4: "fd77::7", V6: "10.77.0.7"}[version]
    host = " ".join([*(addresses[place] for place in own), of_the_other_family])
    (fix,) = missing_address(case_of({"n1": f"{net}1", "n2": f"{net}2", "n3": host}, resources), [lacking], family)
    address = "${ADDRESS:?}" if "ADDRESS" in asked else addresses[own[0]]
    written = f"{address}/{'${PREFIX_LENGTH:?}' if 'PREFIX_LENGTH' in asked else length}"
    assert shlex.split(fix.steps[0].kubectl)[4] == f"projectcalico.org/{family.label}Address={written}"
    assert [ask.variable for ask in fix.asks] == asked
    assert fix.summary == (
        f"give n3 its {family.label} address; calico-node keeps it when it starts, unless {variable} in its "
        "environment is none"
    )


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
