"""Blocks in kinds: which blocks there are, whose they are, and what is held back of them."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from calico_bgp.expect.version import NEWEST
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator, PrependASPath
from calico_bgp.routes.network.holding.block_kinds import (
    BlockKind,
    blocks_outside,
    kinds_of,
    pool_blocks,
)
from calico_bgp.routes.network.holding.circumstances import circumstances_of
from calico_bgp.routes.network.holding.filters import filters_doubt
from calico_bgp.routes.network.holding.held import Held, OwnKinds, Reason
from calico_bgp.routes.policy.judgement import Blocks
from tests.clusters import cluster, config, node, peer

V4, V6 = Family.IPV4, Family.IPV6
PODS = IPPool("pods", "10.244.0.0/16")
SIX = IPPool("six", "fd00:10:244::/48")


def blocks(cidr, *sizes):
    return {Blocks(ip_network(cidr), size) for size in sizes}


def affinity(node, cidr, **fields):
    return BlockAffinity(f"{node}-{cidr}", node, cidr, **fields)


@pytest.mark.parametrize(
    ("pools", "family", "expected"),
    [
        # Blocks of Calico's IPAM, and podCIDRs.
        ([PODS, SIX], V4, blocks("10.244.0.0/16", 26, 24)),
        ([PODS, SIX], V6, blocks("fd00:10:244::/48", 122, 64)),
        ([IPPool("p", "10.244.0.0/16", block_size=28)], V4, blocks("10.244.0.0/16", 28, 24)),
        # No block is larger than its pool.
        ([IPPool("p", "10.244.0.0/25")], V4, blocks("10.244.0.0/25", 26, 25)),
        ([IPPool("p", "10.244.0.7/16")], V4, blocks("10.244.0.0/16", 26, 24)),
        # No pod has an address of the first, and the others count all the same.
        ([IPPool("t", "10.1.0.0/16", allowed_uses=("Tunnel",)), PODS], V4, blocks("10.244.0.0/16", 26, 24)),
        ([IPPool("odd", "10.300.0.0/16"), PODS], V4, {None, *blocks("10.244.0.0/16", 26, 24)}),
        ([SIX], V4, {None}),
        ([], V4, {None}),
    ],
)
def test_the_blocks_that_pools_may_have(pools, family, expected):
    assert pool_blocks(pools, family) == expected


NO_NODES = [
    affinity("load-balancer", "10.250.0.0/26", type="virtual"),
    affinity("n1", "10.250.0.64/26", deleted=True),
    affinity("n1", "10.250.0.128/26", state="pending"),
    affinity("n1", "10.250.0.1/26"),  # no prefix
    affinity("n1", "fd00:1::/122"),
]
OWNED = [
    affinity("n1", "10.244.0.0/26", state="confirmed"),
    affinity("n2", "10.244.0.64/26", type="host"),
    affinity("n2", "10.250.1.0/26", state="pendingDeletion"),  # which is still announced
]


def test_blocks_outside_of_every_pool():
    def outside(*pools, affinities=(*NO_NODES, *OWNED), family=V4):
        return list(map(str, blocks_outside(Resources(ip_pools=pools, block_affinities=affinities), family)))

    assert outside(PODS) == ["10.250.1.0/26"]
    assert outside(PODS, family=V6) == ["fd00:1::/122"]
    assert outside(PODS, IPPool("small", "10.250.1.0/28")) == []  # it holds the pool
    assert outside(IPPool("other", "10.1.0.0/16"), PODS) == ["10.250.1.0/26"]
    assert outside() == []


def kinds(verdict, *, pools=(PODS,), affinities=(), **options):
    resources = Resources(ip_pools=tuple(pools), block_affinities=tuple(affinities))
    found = kinds_of(resources, V4, verdict, **{"most": 10} | options)
    return [(kind.text, kind.number) for kind in found.kinds], found.of_node, found.others


def by_pool(of):
    """Blocks within 10.250/16 and others fare differently."""
    return of is not None and of.within.subnet_of(ip_network("10.250.0.0/16"))


def test_a_node_has_the_kinds_of_its_blocks_and_others_have_none_that_could_be_held_back():
    found = kinds(by_pool, affinities=(*NO_NODES, *OWNED))
    texts = [("block 10.244.0.0/26, 10.244.0.64/26", 2), ("block 10.250.1.0/26", 1), ("blocks of no known pool", 0)]
    assert found == (texts, {"n1": OwnKinds(0b1), "n2": OwnKinds(0b11)}, OwnKinds(0b100))


def test_of_more_blocks_than_are_looked_at_the_pools_count():
    pools = (PODS, IPPool("far", "10.250.0.0/16"))
    by_pools = ([("blocks of 10.244.0.0/16", 2), ("blocks of 10.250.0.0/16", 2)], {}, OwnKinds(0b11, False))
    assert kinds(by_pool, pools=pools, affinities=OWNED, most=2) == by_pools
    assert len(kinds(by_pool, pools=pools, affinities=OWNED, most=3)[0]) == 3
    assert kinds(by_pool, pools=pools) == by_pools
    one_kind = [("blocks of 10.244.0.0/16, 10.250.0.0/16", 4)]
    assert kinds(lambda of: 0, pools=pools) == (one_kind, {}, OwnKinds(1, True))


def test_blocks_of_pools_that_nobody_needs_are_no_kind():
    """Nothing is left of a cluster whose only pool nobody needs, and one kind is there all the same."""
    pools, none = (PODS, IPPool("far", "10.250.0.0/16")), ([("blocks of no known pool", 0)], {}, OwnKinds())
    affinities = [*OWNED, affinity("n3", "10.250.2.0/26")]
    found = kinds(by_pool, pools=pools, affinities=affinities, unneeded={"far"})
    texts = [("block 10.244.0.0/26, 10.244.0.64/26", 2), ("blocks of no known pool", 0)]
    assert found == (texts, {"n1": OwnKinds(0b1), "n2": OwnKinds(0b1)}, OwnKinds(0b10))
    assert kinds(by_pool, pools=pools, affinities=affinities[-1:], unneeded={"far"}) == none
    assert kinds(by_pool, pools=pools[1:], unneeded={"far"}) == none
    left = ([("blocks of 10.244.0.0/16", 2)], {}, OwnKinds())
    assert kinds(by_pool, pools=pools, unneeded={"far"}) == left
    odd = kinds(by_pool, pools=(IPPool("odd", "10.300.0.0/16"), *pools), unneeded={"far"})
    assert odd == ([("blocks of 10.244.0.0/16", 3)], {}, OwnKinds())
    # A pool of the other family is no matter of this one.
    assert kinds(by_pool, pools=(PODS, SIX), unneeded={"six"}) == left


@pytest.mark.parametrize(("number", "text"), [(3, ""), (4, " and 1 more"), (9, " and 6 more")])
def test_some_blocks_of_a_kind_are_named(number, text):
    listed = [f"10.244.0.{64 * n}/26" for n in range(3)]
    kind = BlockKind([Blocks(ip_network(cidr), 26) for cidr in listed], number)
    assert kind.text == f"block {', '.join(listed)}{text}"


def test_why_a_kind_is_held_back():
    reasons = (Reason("own", 0b01, "a", True), Reason("own", 0b10, "b", True), Reason("incoming", 0b11, "c", False))
    held = Held(0b11, 0, 0b11, reasons)
    told = [held.why(step, kind) for step in ("own", "learned", "incoming") for kind in (0, 1, 2)]
    assert told == ["a", "b", "", "", "", "", "c", "c", ""]


@pytest.mark.parametrize(
    ("number", "said"), [(1, "f0"), (3, "f0, f1, f2"), (4, "f0, f1, f2 and 1 more"), (5, "f0, f1, f2 and 2 more")]
)
def test_some_doubts_are_named(number, said):
    start, end = "whether pods' routes pass ", " is not known; a route over such a session counts as perhaps"
    assert filters_doubt(f"f{n}" for n in range(number)) == f"{start}{said}{end}"


TWO = (node("a", "192.0.2.1"), node("b", "192.0.2.2"))
PREPENDS = BGPFilter("f", export_v6=(FilterRule(FilterAction.ACCEPT, operations=(PrependASPath((65000,)),)),))
PLAIN = BGPFilter("f", export_v4=(FilterRule(FilterAction.REJECT, "10.0.0.0/8", MatchOperator.IN),))
CLOSED = (True, True, True)


@pytest.mark.parametrize(
    ("things", "filters", "closed"),
    [
        (TWO, (PLAIN,), CLOSED),
        ((*TWO, peer("p", peer_selector="all()"), peer("q", node="a", peer_ip="192.0.2.2")), (PLAIN,), CLOSED),
        ((*TWO, config(as_number=64512)), (), CLOSED),
        # Something outside may add anything: also the second of two.
        ((*TWO, peer("p", peer_selector="all()"), peer("q", peer_ip="198.51.100.1")), (), (False, False, False)),
        ((*TWO, peer("p", local_workload_selector="all()"), peer("q", peer_selector="all()")), (), (False,) * 3),
        # What one filter does, beside one that does nothing.
        (TWO, (PLAIN, PREPENDS), (True, False, True)),
        # A second AS, of one node or of one session.
        ((*TWO, node("c", "192.0.2.3", as_number=64513)), (), (True, False, True)),
        ((*TWO, peer("p", peer_selector="all()", local_as_number=64513)), (), (True, False, True)),
        ((*TWO, node("c", "192.0.2.3", as_number=64512)), (), CLOSED),
    ],
)
def test_what_can_be_known_of_the_routes_of_pods(things, filters, closed):
    resources = cluster(*things).model_copy(update={"bgp_filters": filters})
    found = circumstances_of(resources, V4, NEWEST)
    assert (found.without_communities, found.one_as, found.one_priority) == closed
    strange = circumstances_of(resources, V4, NEWEST, has_strangers=True)
    assert (strange.without_communities, strange.one_as, strange.one_priority) == (False, False, False)


def test_pools_by_what_becomes_of_their_blocks():
    pools = (
        SIX,
        IPPool("odd", "10.300.0.0/16"),
        IPPool("hidden", "10.1.0.0/16", disable_bgp_export=True),
        IPPool("overlay", "10.2.0.0/16", vxlan_mode="Always"),
        PODS,
    )
    found = circumstances_of(Resources(ip_pools=pools), V4, NEWEST)
    assert [str(prefix) for prefix in found.pools] == ["10.2.0.0/16", "10.244.0.0/16"]
    assert [(name, str(prefix)) for name, prefix in found.unexported] == [("hidden", "10.1.0.0/16")]
    assert [str(prefix) for prefix in found.copied] == ["10.2.0.0/16"]
