"""A family that some nodes use and others do not: how bad that is, by what is known of those, and what shows it."""

import pytest

from calico_bgp.auditing.engine import audit
from tests.unit.auditing.tables import UP, cluster, gathered, node, table


def dual_stack(number, ipv6, *, addresses="", resources=None, unread=()):
    """A mesh of so many nodes over IPv4, of which the first few have one over IPv6 as well; what the last one has."""
    names = [f"n{n}" for n in range(1, number + 1)]
    tables = {
        name: table(
            name,
            *(f"192.0.2.{other[1:]} {UP}" for other in names if other != name),
            ipv6=[f"2001:db8::{other[1:]} {UP}" for other in names[:ipv6] if other != name]
            if name in names[:ipv6]
            else [],
        )
        for name in names
        if name not in unread
    }
    has = {name: f"192.0.2.{name[1:]}" + (f" 2001:db8::{name[1:]}" if name in names[:ipv6] else "") for name in names}
    return gathered(tables, addresses=has | {names[-1]: addresses}, resources=resources, unread=unread)


def told(made):
    return {
        str(finding.subject): (finding.severity, finding.evidence)
        for finding in audit(made).findings
        if finding.rule == "family-without-peers"
    }


NOTHING_SHOWN = "No IPv6 peers found."


@pytest.mark.parametrize(
    ("ipv6", "addresses", "severity"),
    [
        # What the host has is not known.
        (3, "", "warning"),
        (3, "192.0.2.4", "info"),
        (3, "192.0.2.4 2001:db8::4", "error"),
        # Two of four are not most.
        (2, "192.0.2.4 2001:db8::4", "warning"),
        (2, "192.0.2.4", "info"),
    ],
)
def test_how_bad_it_is_that_a_node_has_no_peers_of_a_family(ipv6, addresses, severity):
    has = (f"addresses of the host: {addresses.replace(' ', ', ')}",) if addresses else ()
    assert told(dual_stack(4, ipv6, addresses=addresses))["n4 (IPv6)"] == (severity, (NOTHING_SHOWN, *has))


def nodes_of(*ipv6, internal=""):
    """Four Nodes, of which some have an IPv6 address; the InternalIPs of the last."""
    return cluster(
        *(
            node(name, f"192.0.2.{name[1:]}" + (f" 2001:db8::{name[1:]}" if name in ipv6 else ""), internal=at)
            for name, at in (("n1", ""), ("n2", ""), ("n3", ""), ("n4", internal))
        )
    )


LACKS = "Node n4: no IPv6 address"


@pytest.mark.parametrize(
    ("ipv6", "internal", "severity"),
    [
        (("n1", "n2", "n3"), "", "warning"),
        (("n1", "n2", "n3"), "192.0.2.4", "info"),
        (("n1", "n2", "n3"), "192.0.2.4 2001:db8::4", "error"),
        (("n1", "n2"), "192.0.2.4 2001:db8::4", "warning"),
    ],
)
def test_how_bad_it_is_that_a_node_has_no_address_of_a_family(ipv6, internal, severity):
    made = dual_stack(4, len(ipv6), resources=nodes_of(*ipv6, internal=internal))
    has = (f"addresses of the host: {internal.replace(' ', ', ')}",) if internal else ()
    assert told(made)["n4 (IPv6)"] == (severity, (NOTHING_SHOWN, LACKS, *has))


def test_one_node_with_an_address_of_a_family_is_no_family_of_the_cluster():
    assert told(dual_stack(4, 0, resources=nodes_of("n1"))) == {}


@pytest.mark.parametrize(
    ("internal", "evidence"), [("", None), ("192.0.2.4", (LACKS, "addresses of the host: 192.0.2.4"))]
)
def test_of_a_node_that_was_not_read_only_its_addresses_in_kubernetes_tell(internal, evidence):
    made = dual_stack(4, 3, resources=nodes_of("n1", "n2", "n3", internal=internal), unread=("n4",))
    found = told(made)
    assert found == ({} if evidence is None else {"n4 (IPv6)": ("info", evidence)})
