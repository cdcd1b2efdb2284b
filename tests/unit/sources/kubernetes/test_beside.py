"""An inventory beside a cluster: whose host is which Node."""

from ipaddress import ip_address

from calico_bgp.model.inventory import Host, Role
from calico_bgp.sources.kubernetes.beside import with_inventory


def node(name, *addresses):
    return Host(name, node=name, addresses=tuple(map(ip_address, addresses)))


NODES = (node("n1", "192.0.2.1"), node("n2", "192.0.2.2"), node("n3", "192.0.2.9"), node("n4", "192.0.2.9"))


def joined(*hosts):
    found, strangers = with_inventory(NODES, hosts)
    return {host.name: host.role for host in found if host.role is not None}, [host.name for host in strangers]


def test_by_node_then_name_then_address():
    reflector = Role.REFLECTOR
    assert joined(Host("192.0.2.2", node="n1", role=reflector)) == ({"n1": reflector}, [])
    assert joined(Host("n2", role=reflector)) == ({"n2": reflector}, [])
    assert joined(Host("192.0.2.1", role=reflector)) == ({"n1": reflector}, [])
    assert joined(Host("lb", addresses=(ip_address("192.0.2.2"),), role=reflector)) == ({"n2": reflector}, [])


def test_an_address_that_two_nodes_have_names_neither():
    assert joined(Host("192.0.2.9", role=Role.CLIENT)) == ({}, ["192.0.2.9"])


def test_what_is_no_node_is_a_stranger():
    assert joined(Host("gone", role=Role.CLIENT), Host("n1")) == ({}, ["gone"])


def test_login_and_port_stay_behind():
    found, _ = with_inventory(NODES, [Host("n1", user="root", port=2222, role=Role.CLIENT)])
    assert (found[0].user, found[0].port, found[0].label) == (None, None, "n1")
