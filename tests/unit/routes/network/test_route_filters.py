"""What filters and pools hold back at the ends of sessions, by kinds of blocks, and what of it is not known."""

from __future__ import annotations

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BlockAffinity, IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.routes.network.holding import filters as module
from calico_bgp.routes.network.holding.filters import RouteFilters
from calico_bgp.routes.network.holding.held import ONE_KIND, OwnKinds
from tests.clusters import cluster, config, node, peer

REJECT, ACCEPT, EQUAL = FilterAction.REJECT, FilterAction.ACCEPT, MatchOperator.EQUAL
NODES = [node(f"n{n}", f"10.0.0.{n}") for n in (1, 2, 3)]
OFF = config(mesh=False)
BLOCKS = {"n1": "10.244.1.0/26", "n2": "10.244.2.0/26"}
AFFINITIES = tuple(BlockAffinity(name, name, cidr) for name, cidr in BLOCKS.items())
PODS = IPPool("pods", "10.244.0.0/16")
VERSION = CalicoVersion(3, 33)


def own_only(name, cidr, **more):
    """The same of what the node did not learn itself."""
    passes = FilterRule(ACCEPT, remote_peers_only=True)
    return BGPFilter(name, export_v4=(passes, FilterRule(REJECT, cidr, EQUAL, **more)))


def rejects(name, *cidrs, **more):
    """A filter that keeps these blocks in."""
    return BGPFilter(name, export_v4=tuple(FilterRule(REJECT, cidr, EQUAL, **more) for cidr in cidrs))


def switch(name, *filters, address="192.0.2.1", **fields):
    return peer(name, **{"node": "n1", "peer_ip": address, "as_number": 65001} | fields, filters=filters)


def made(*things, filters=(), pools=(PODS,), affinities=AFFINITIES, **options):
    resources = cluster(*NODES, OFF, *things).model_copy(
        update={"ip_pools": tuple(pools), "bgp_filters": tuple(filters), "block_affinities": tuple(affinities)}
    )
    expectation = expect(resources, version=VERSION)
    return RouteFilters(resources, Family.IPV4, VERSION, **options), expectation.peers


def held(found, one, *, certain=True):
    """(own, learned, incoming) bits, and the reasons."""
    what = found.held(one, certain=certain)
    return what and (
        (what.own, what.learned, what.incoming),
        [(r.step, r.kinds, str(r.by), r.is_certain) for r in what.reasons],
    )


RULE = "rule 1 of BGPFilter f (exportV4)"


@pytest.mark.parametrize(
    ("things", "more", "is_idle"),
    [
        ([switch("tor")], {}, True),
        ([switch("tor", "f")], {}, False),
        ([switch("a"), switch("b", "f", address="192.0.2.2")], {}, False),
        ([], {"pools": [PODS, IPPool("h", "10.245.0.0/16", disable_bgp_export=True)]}, False),
        ([], {"affinities": [*AFFINITIES, BlockAffinity("o", "n1", "10.9.0.0/26")]}, False),
        ([], {"filters": [rejects("f", BLOCKS["n1"])]}, True),  # nobody uses it
    ],
)
def test_whether_anything_can_be_held_back(things, more, is_idle):
    found, peers = made(*things, **more)
    assert found.is_idle is is_idle
    if is_idle:
        assert (found.kinds, found.of_node("n1")) == ((), ONE_KIND)
        assert [held(found, one) for one in peers["n1"]] == [None] * len(peers["n1"])


def test_what_a_filter_keeps_in_is_a_kind_of_its_own():
    found, peers = made(switch("tor", "f"), filters=[rejects("f", BLOCKS["n1"])])
    (one,) = peers["n1"]
    assert [kind.text for kind in found.kinds] == [
        "block 10.244.1.0/26",
        "block 10.244.2.0/26",
        "blocks of no known pool",
    ]
    assert [found.of_node(name) for name in ("n1", "n2", "n3")] == [OwnKinds(0b1), OwnKinds(0b10), OwnKinds(0b100)]
    expected = ((0b1, 0b1, 0), [("own", 0b1, RULE, True), ("learned", 0b1, RULE, True)])
    assert held(found, one) == held(found, one, certain=False) == expected
    assert found.doubtful([one]) == ()


def test_what_is_not_known_is_held_back_by_nobody_and_let_through_by_none():
    """A BGPFilter that was not given, on either side of one that was."""
    given = rejects("f", BLOCKS["n1"])
    for names in (("f", "gone", "lost"), ("gone", "f")):
        found, peers = made(switch("tor", *names), filters=[given])
        (one,) = peers["n1"]
        assert held(found, one, certain=False) is None
        why = "BGPFilter gone, which was not given"
        every = 0b1  # all blocks are alike then; the second kind is that of nodes without a block
        assert len(found.kinds) == 2
        assert held(found, one) == (
            (every,) * 3,
            [(step, every, why, False) for step in ("own", "learned", "incoming")],
        )
        assert found.doubtful([one]) == (why,)


def test_with_a_filter_that_bird_refuses_none_is_known():
    bad = BGPFilter("bad", import_v6=(FilterRule(REJECT, "fd00::1/64", MatchOperator.IN),))
    found, peers = made(
        switch("tor", "f", "g"), switch("plain", address="192.0.2.2"), filters=[rejects("f"), rejects("g"), bad]
    )
    filtered, plain = peers["n1"]
    assert found.doubtful([filtered, plain]) == ("BGPFilter f, while BIRD refuses its configuration",)
    assert held(found, plain) is None


def test_bgppeers_of_one_peer_that_name_different_filters_leave_it_open():
    twice = [switch("a", "f"), switch("b", "g")]
    found, peers = made(*twice, filters=[rejects("f", BLOCKS["n1"]), rejects("g", BLOCKS["n2"])])
    (one,) = peers["n1"]
    assert found.doubtful([one]) == ("BGPPeers of one peer that name different BGPFilters",)
    # One of which has none is another matter than the other as well.
    found, peers = made(switch("a", "f"), switch("b"), filters=[rejects("f", BLOCKS["n1"])])
    assert found.doubtful(peers["n1"]) == ("BGPPeers of one peer that name different BGPFilters",)
    same, peers = made(switch("a", "f"), switch("b", "f"), filters=[rejects("f", BLOCKS["n1"])])
    assert held(same, peers["n1"][0])[0] == (0b1, 0b1, 0)


def test_doubts_of_several_peers_are_sorted_and_said_once():
    peers_of = [switch("a", "y"), switch("b", "x", address="192.0.2.2"), switch("c", "y", address="192.0.2.3")]
    found, peers = made(*peers_of)
    assert found.doubtful(peers["n1"]) == tuple(f"BGPFilter {name}, which was not given" for name in "xy")
    assert found.doubtful([]) == ()


@pytest.mark.parametrize(
    ("things", "filters", "kinds"),
    [
        # One AS number is enough, unless a rule asks for the path: then each that there is tells blocks apart.
        ([switch("tor", "f")], [own_only("f", BLOCKS["n1"], as_path_prefix=(64512,))], 3),
        ([switch("tor", "f", local_as_number=65009)], [own_only("f", BLOCKS["n1"], as_path_prefix=(65009,))], 3),
        ([switch("tor", "f"), node("n4", as_number=65008)], [own_only("f", BLOCKS["n1"], as_path_prefix=(65008,))], 3),
        # Of an AS number that nobody has no block can be told from others.
        ([switch("tor", "f")], [own_only("f", BLOCKS["n1"], as_path_prefix=(65007,))], 2),
        # eBGP only, iBGP only: both are tried.
        ([switch("tor", "f")], [rejects("f", BLOCKS["n1"], peer_type="eBGP")], 3),
        ([switch("tor", "f")], [rejects("f", BLOCKS["n1"], peer_type="iBGP")], 3),
        # The second list of two.
        ([switch("a", "e"), switch("b", "f", address="192.0.2.2")], [rejects("e"), rejects("f", BLOCKS["n1"])], 3),
    ],
)
def test_blocks_are_told_apart_by_any_session_that_there_may_be(things, filters, kinds):
    found, _ = made(*things, filters=filters)
    assert len(found.kinds) == kinds


@pytest.mark.parametrize(
    ("limit", "number", "texts"),
    [
        # A list of filters and none, three steps each, at iBGP and eBGP: nine judgements for each block.
        ("_MOST_JUDGED", 27, ["block 10.244.1.0/26", "block 10.244.2.0/26 and 1 more", "blocks of no known pool"]),
        ("_MOST_KINDS", 3, ["block 10.244.1.0/26", "block 10.244.2.0/26 and 1 more", "blocks of no known pool"]),
        # Of a pool, Calico's blocks and podCIDRs, which no such rule takes.
        ("_MOST_JUDGED", 26, ["blocks of 10.244.0.0/16"] * 2),
        ("_MOST_KINDS", 2, ["blocks of 10.244.0.0/16"] * 2),
    ],
)
def test_of_very_many_blocks_only_the_pools_are_looked_at(monkeypatch, limit, number, texts):
    monkeypatch.setattr(module, limit, number)
    third = BlockAffinity("n3", "n3", "10.244.3.0/26")
    found, _ = made(switch("tor", "f"), filters=[rejects("f", BLOCKS["n1"])], affinities=[*AFFINITIES, third])
    shown = [kind.text.replace("10.244.2.0/26, 10.244.3.0/26", "10.244.2.0/26 and 1 more") for kind in found.kinds]
    assert shown == texts


HIDDEN_OVERLAY = IPPool("overlay", "10.2.0.0/16", vxlan_mode="Always", disable_bgp_export=True)
OVERLAY = IPPool("overlay", "10.2.0.0/16", vxlan_mode="Always")
HIDDEN = IPPool("hidden", "10.3.0.0/16", disable_bgp_export=True)


@pytest.mark.parametrize(
    ("pools", "texts"),
    [
        # What Felix writes nobody lacks, beside a pool that depends on BIRD.
        ([PODS, HIDDEN_OVERLAY], ["blocks of 10.244.0.0/16"]),
        ([PODS, OVERLAY, HIDDEN], ["blocks of 10.244.0.0/16", "blocks of 10.3.0.0/16"]),
        ([PODS, HIDDEN], ["blocks of 10.244.0.0/16", "blocks of 10.3.0.0/16"]),
        # Alone it counts, unless it is hidden on purpose.
        ([OVERLAY, IPPool("six", "fd00::/48")], ["blocks of 10.2.0.0/16"]),
        ([HIDDEN_OVERLAY], ["blocks of no known pool"]),
        ([HIDDEN_OVERLAY, IPPool("more", "10.4.0.0/16", vxlan_mode="CrossSubnet")], ["blocks of 10.4.0.0/16"]),
    ],
)
def test_pools_that_nobody_needs_from_bird(pools, texts):
    accepts = BGPFilter("f", export_v4=(FilterRule(REJECT, "192.168.0.0/16", MatchOperator.IN),))
    found, _ = made(switch("tor", "f"), filters=[accepts], pools=pools, affinities=())
    assert sorted(kind.text for kind in found.kinds) == texts
