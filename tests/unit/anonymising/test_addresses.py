"""Addresses become others; family, class, common prefixes, networks and order stay."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.anonymising.addresses import AddressMap

KEY = b"k" * 32


def mapped(*texts, key=KEY):
    networks = [ip_network(text) for text in texts]
    addresses = AddressMap(networks, key)
    return [addresses.network(network) for network in networks]


def common(a, b):
    return a.max_prefixlen - (int(a) ^ int(b)).bit_length()


@given(st.lists(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), unique=True, max_size=40), st.binary(min_size=1))
def test_two_addresses_have_as_much_in_common_as_before_and_stay_in_order(addresses, key):
    new = AddressMap([ip_network(address) for address in addresses], key)
    pairs = [(address, new.address(address)) for address in addresses]
    assert len({after for _, after in pairs}) == len(pairs)
    for one, one_after in pairs:
        assert one.version == one_after.version
        for other, other_after in pairs:
            if one.version == other.version and one != other:
                assert common(one, other) == common(one_after, other_after)
                assert (one < other) == (one_after < other_after)


def test_a_network_holds_what_it_held():
    pool, block, inside, outside = mapped("10.244.0.0/16", "10.244.7.64/26", "10.244.7.70/32", "10.245.0.1/32")
    assert block.subnet_of(pool)
    assert inside.subnet_of(block)
    assert not outside.subnet_of(pool)
    assert [network.prefixlen for network in (pool, block)] == [16, 26]


@pytest.mark.parametrize(
    "network", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fd00::/8", "2001:db8::/32"]
)
def test_what_is_private_stays_private(network):
    network = ip_network(network)
    some = [str(network[1]), str(network[1000]), str(network[-2])]
    assert all(new.subnet_of(network) for new in mapped(*some))


def test_what_is_public_stays_public_and_becomes_another():
    old = ("8.8.8.8/32", "172.33.1.1/32", "192.169.0.1/32", "2a00:1450:4001:800::1/128")
    new = mapped(*old)
    assert not [n for n in new if n.is_private]
    assert not [n for n, before in zip(new, old, strict=True) if str(n) == before]
    # The first number alone tells little; it stays, so that none becomes a private one.
    assert str(new[0]).startswith("8.")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.1.1", "172.17.0.1", "244.0.0.1", "0.0.0.0", "::1", "fe80::1", "ff02::1"]
)
def test_what_means_something_by_itself_stays(address):
    assert AddressMap([ip_network(address)], KEY).address(ip_address(address)) == ip_address(address)


def test_nothing_else_becomes_what_means_something():
    many = [f"172.{second}.0.1/32" for second in range(256)]
    docker = ip_network("172.17.0.0/16")
    assert [str(new) for new in mapped(*many) if new.subnet_of(docker)] == ["172.17.0.1/32"]


def test_another_key_gives_others_and_the_same_key_the_same():
    assert mapped("10.1.2.3/32") == mapped("10.1.2.3/32")
    keys = {str(mapped("10.1.2.3/32", key=bytes([n]))[0]) for n in range(20)}
    assert len(keys) > 15


def test_what_it_was_not_made_of_stays():
    assert AddressMap([], KEY).address(IPv4Address("10.0.0.1")) == IPv4Address("10.0.0.1")
    assert AddressMap([], KEY).address(IPv6Address("fd00::1")) == IPv6Address("fd00::1")
