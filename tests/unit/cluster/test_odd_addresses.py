"""Addresses that no other host reaches, each beside its neighbours that a host may well have."""

from ipaddress import ip_address

import pytest

from calico_bgp.cluster.odd_addresses import odd_address

#: Address → a word of what it is, and whether hardly anybody gives it to a host.
ODD = {
    "172.17.0.1": ("Docker", True),
    "172.31.0.1": ("Docker", True),
    "172.18.5.1": ("Docker", False),
    "192.168.122.1": ("libvirt", True),
    "10.0.2.15": ("VirtualBox", True),
    "10.88.0.1": ("Podman", True),
    "169.254.0.0": ("link-local", True),
    "169.254.255.255": ("link-local", True),
    "127.0.0.1": ("loopback", True),
    "127.255.0.9": ("loopback", True),
    "10.244.3.0": ("pods' network", True),
    "10.244.0.1": ("pods' network", True),
    "10.42.7.1": ("pods' network", True),
    "fe80::1": ("link-local", True),
}
USUAL = [
    "172.16.0.1",
    "172.32.0.1",
    "172.17.0.2",
    "171.17.0.1",
    "192.168.122.2",
    "192.168.123.1",
    "10.0.2.14",
    "10.0.2.16",
    "10.0.3.15",
    "10.88.0.2",
    "10.88.1.1",
    "169.253.0.1",
    "169.255.0.1",
    "126.0.0.1",
    "128.0.0.1",
    "10.244.0.2",
    "10.243.0.1",
    "10.245.0.1",
    "10.41.0.1",
    "10.43.0.1",
    "192.0.2.1",
    "2001:db8::1",
    "a9fe::1",
    "7f00::1",
    "af4::1",
    "ac11:1::1",
]


@pytest.mark.parametrize("text", ODD)
def test_an_odd_address(text):
    word, sure = ODD[text]
    found = odd_address(ip_address(text))
    assert found is not None
    assert (word in found.what, found.sure) == (True, sure)


@pytest.mark.parametrize("text", USUAL)
def test_an_address_that_a_host_may_well_have(text):
    assert odd_address(ip_address(text)) is None


@pytest.mark.parametrize(
    ("others", "is_odd"),
    [
        ([], True),
        # Itself is no neighbour, whoever else has it.
        (["172.17.0.1"], True),
        (["172.17.200.9"], False),
        (["172.17.0.1", "172.17.200.9"], False),
        (["172.18.0.9", "172.16.255.9", "2001:db8::1"], True),
    ],
)
def test_an_odd_address_beside_those_of_other_nodes_is_of_their_network(others, is_odd):
    assert (odd_address(ip_address("172.17.0.1"), map(ip_address, others)) is not None) is is_odd


def test_a_usual_address_beside_others_is_usual():
    assert odd_address(ip_address("192.0.2.1"), [ip_address("192.0.2.2")]) is None
