"""What a prefix is at the node that announces it."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from calico_bgp.model.resources import BGPConfiguration, BlockAffinity, IPPool, Resources
from calico_bgp.routes.path.origin import origin_of, read_prefix
from calico_bgp.routes.policy.route import NORMAL_PRIORITY, Source

BLOCK, OTHER, SINGLE = "10.244.1.0/26", "10.244.2.0/26", "10.244.1.7/32"
OWNED = (
    BlockAffinity("v", "load-balancer", "10.244.9.0/26", type="virtual"),
    BlockAffinity("d", "n3", "10.244.8.0/26", deleted=True),
    BlockAffinity("a", "n1", BLOCK),
    BlockAffinity("b", "n2", OTHER),
)
SERVICES = BGPConfiguration(
    "default",
    service_cluster_ips=("10.96.0.0/12",),
    service_external_ips=("198.51.100.0/24",),
    service_load_balancer_ips=("203.0.113.0/24",),
)


@pytest.mark.parametrize(
    ("text", "node", "told", "note"),
    [
        (BLOCK, None, ("n1", Source.STATIC, "its own block"), None),
        (OTHER, "n2", ("n2", Source.STATIC, "its own block"), None),
        (BLOCK, "n2", ("n2", Source.STATIC, "taken for its own block"), f"{BLOCK} is the block of n1; n2 is followed"),
        (SINGLE, None, ("n1", Source.KERNEL, f"a pod's address in its own block {BLOCK}"), None),
        (SINGLE, "n1", ("n1", Source.KERNEL, f"a pod's address in its own block {BLOCK}"), None),
        (SINGLE, "n2", ("n2", Source.KERNEL, f"an address borrowed from the block {BLOCK} of n1"), None),
        # Neither an address nor a block.
        ("10.244.1.0/28", "n1", ("n1", Source.STATIC, "taken for its own block"), "no BlockAffinity says"),
        # What is nobody's: of load balancers, deleted.
        ("10.244.9.0/26", "n1", ("n1", Source.STATIC, "taken for its own block"), "no BlockAffinity says"),
        ("10.244.8.0/26", "n3", ("n3", Source.STATIC, "taken for its own block"), "no BlockAffinity says"),
        ("10.244.8.7/32", "n3", ("n3", Source.STATIC, "taken for its own block"), "no BlockAffinity says"),
        ("10.96.0.10/32", "n1", ("n1", Source.STATIC, "a service's range or address"), None),
        ("198.51.100.0/24", None, (None, Source.STATIC, "a service's range or address"), None),
        ("203.0.113.7/32", "n1", ("n1", Source.STATIC, "a service's range or address"), None),
    ],
)
def test_what_a_prefix_is(text, node, told, note):
    owner, source, words = told
    found = origin_of(ip_network(text), Resources(block_affinities=OWNED, bgp_configurations=(SERVICES,)), node)
    assert (found.node, found.route.source) == (owner, source)
    assert found.source.startswith(words)
    assert [each.startswith(note or "") for each in found.notes] == ([] if note is None else [True])
    if source is Source.KERNEL:
        assert (found.route.interface, found.route.metric) == ("cali0", NORMAL_PRIORITY)


def test_without_a_configuration_and_without_affinities():
    assert origin_of(ip_network("10.96.0.10/32"), Resources(block_affinities=OWNED), "n1").source == (
        "taken for its own block"
    )
    found = origin_of(ip_network(BLOCK), Resources(), "n1")
    assert found.notes == (f"without BlockAffinities {BLOCK} is taken for a block of n1",)


POOLS = (
    IPPool("six", "fd00::/48"),
    IPPool("far", "10.245.0.0/16"),
    IPPool("near", "10.244.0.0/16", block_size=28),
    IPPool("plain", "10.246.0.0/16"),
    IPPool("small", "10.247.0.0/28"),
)


@pytest.mark.parametrize(
    ("text", "affinities", "prefix", "note"),
    [
        ("10.244.1.0/26", (), "10.244.1.0/26", None),
        ("10.244.1.7", OWNED, BLOCK, f"10.244.1.7 lies in the block {BLOCK}, which is announced as a whole"),
        ("10.244.2.7", OWNED, OTHER, f"10.244.2.7 lies in the block {OTHER}, which is announced as a whole"),
        ("10.244.9.7", OWNED, "10.244.9.7/32", None),
        # Without affinities by the pool's block size: /26 and /122 where it says none, never wider than the pool.
        ("10.244.1.20", (), "10.244.1.16/28", "10.244.1.20 lies in the block 10.244.1.16/28 of IPPool near, by"),
        ("10.246.1.70", (), "10.246.1.64/26", "10.246.1.70 lies in the block 10.246.1.64/26 of IPPool plain, by"),
        ("10.247.0.3", (), "10.247.0.0/28", "10.247.0.3 lies in the block 10.247.0.0/28 of IPPool small, by"),
        ("fd00::47", (), "fd00::40/122", "fd00::47 lies in the block fd00::40/122 of IPPool six, by"),
        ("192.0.2.1", (), "192.0.2.1/32", None),
    ],
)
def test_an_address_stands_for_its_block(text, affinities, prefix, note):
    found, told = read_prefix(text, Resources(block_affinities=affinities, ip_pools=POOLS))
    assert str(found) == prefix
    assert told is None if note is None else told.startswith(note)


@pytest.mark.parametrize("text", ["", "10.244.1", "10.244.1.7/26", "nonsense/26"])
def test_what_is_no_prefix_is_refused_in_words(text):
    with pytest.raises(ValueError, match=r"is no prefix .* expected one like 10.244.1.0/26, or an address"):
        read_prefix(text, Resources())
