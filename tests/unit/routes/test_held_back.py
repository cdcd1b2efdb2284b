"""What each filter and pool that keeps routes back costs: of several, and where to take one away does not help."""

from __future__ import annotations

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BlockAffinity, IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.routes import held_back as module
from calico_bgp.routes.held_back import all_held_back, held_back
from calico_bgp.routes.policy.judgement import NO_POOL
from tests.clusters import cluster, config, node, peer

OFF = config(mesh=False)
#: The first has no session with anybody, so that its pairs are missing whatever is done.
NODES = [node("alone", "10.0.1.1"), *(node(f"n{n}", f"10.0.0.{n}", labels="in") for n in (1, 2, 3))]
BLOCKS = {f"n{n}": f"10.244.{n}.0/26" for n in (1, 2, 3)}
PODS = IPPool("pods", "10.244.0.0/16")


def rejects(name, *cidrs):
    return BGPFilter(name, import_v4=tuple(FilterRule(FilterAction.REJECT, c, MatchOperator.EQUAL) for c in cidrs))


def found(*filters, named=(), pools=(PODS,), blocks=BLOCKS, peers=(), nodes=NODES):
    everyone = peer("all", node_selector="has(in)", peer_selector="has(in)", filters=tuple(named))
    affinities = tuple(BlockAffinity(f"{n}-{c}", n, c) for n, cidrs in blocks.items() for c in cidrs.split())
    resources = cluster(*nodes, OFF, *(peers or [everyone])).model_copy(
        update={"ip_pools": tuple(pools), "bgp_filters": filters, "block_affinities": affinities}
    )
    expectation = expect(resources)
    assert held_back(expectation, Family.IPV6) == ()
    assert all_held_back(expectation) == held_back(expectation, Family.IPV4)
    return held_back(expectation, Family.IPV4)


def told(*args, **options):
    return [(one.kind, one.name, one.pairs, one.example, one.alone) for one in found(*args, **options)]


def test_each_filter_costs_what_it_alone_keeps_back():
    one, two = rejects("one", BLOCKS["n1"]), rejects("two", BLOCKS["n3"], BLOCKS["n2"])
    costs = found(one, two, named=["one", "two"])
    assert [(c.name, c.pairs, c.total, c.alone) for c in costs] == [("two", 4, 12, True), ("one", 2, 12, True)]
    assert [c.rules for c in costs] == [
        ("rule 1 of BGPFilter two (importV4)", "rule 2 of BGPFilter two (importV4)"),
        ("rule 1 of BGPFilter one (importV4)",),
    ]
    assert [c.blocks for c in costs] == [("block 10.244.2.0/26", "block 10.244.3.0/26"), ("block 10.244.1.0/26",)]
    assert costs[1].example == ("n2", "n1")
    assert "n2 rejects it (from n1): rule 1 of BGPFilter one (importV4)" in costs[1].why


def test_of_two_that_keep_back_the_same_both_must_go():
    both = rejects("one", BLOCKS["n1"]), rejects("two", BLOCKS["n1"])
    # The first that rejects is what is seen: once it is away, the other is.
    assert told(*both, named=["one", "two"]) == [("BGPFilter", "one", 2, ("n2", "n1"), False)]


def test_what_is_not_known_to_be_kept_back_costs_nothing():
    """A filter that was not given, at the sessions of n3 only, beside one that keeps n1's block back."""
    peers = [
        peer("two", node="n1", peer_ip="10.0.0.2", as_number=64512, filters=("one",)),
        peer("three", node="n1", peer_ip="10.0.0.3", as_number=64512, filters=("gone",)),
    ]
    assert told(rejects("one", BLOCKS["n1"]), peers=peers) == [("BGPFilter", "one", 1, ("n2", "n1"), True)]
    assert told(peers=peers) == []
    assert told(rejects("one", "10.244.9.0/26"), named=["one"]) == []


def test_a_filter_that_others_ways_make_up_for_is_not_told():
    """n2 gets n1's block from r as well; only n3 has nobody else."""
    reflector = node("r", "10.0.0.9", cluster_id="244.0.0.1")
    to_r = [peer(f"r-{n}", node="r", peer_ip=f"10.0.0.{n}", as_number=64512) for n in (1, 2)]
    direct = peer("direct", node="n1", peer_ip="10.0.0.2", as_number=64512, filters=("aside",))
    lonely = peer("lonely", node="n1", peer_ip="10.0.0.3", as_number=64512, filters=("one",))
    filters = rejects("aside", BLOCKS["n1"]), rejects("one", BLOCKS["n1"])
    nodes = [*NODES, reflector]
    assert told(*filters, peers=[*to_r, direct, lonely], nodes=nodes) == [("BGPFilter", "one", 1, ("n3", "n1"), True)]
    assert told(*filters, peers=[*to_r, direct], nodes=nodes) == []


def test_each_hidden_pool_costs_its_own_blocks():
    pools = [PODS, *(IPPool(f"h{n}", f"10.{n}.0.0/16", disable_bgp_export=True) for n in (1, 2))]
    blocks = {"n1": "10.1.0.0/26", "n2": "10.2.0.0/26 10.244.2.0/26", "n3": BLOCKS["n3"]}
    assert told(pools=pools, blocks=blocks) == [
        ("IPPool", "h1", 2, ("n2", "n1"), True),
        ("IPPool", "h2", 2, ("n1", "n2"), True),
    ]


def test_blocks_in_no_pool_that_reflectors_do_not_pass_on():
    reflector = node("r", "10.0.0.9", cluster_id="244.0.0.1")
    to_r = [peer(f"r-{n}", node="r", peer_ip=f"10.0.0.{n}", as_number=64512) for n in (1, 2)]
    blocks = {**BLOCKS, "n1": "10.9.1.0/26", "n2": "10.9.2.0/26"}
    (cost,) = found(peers=to_r, blocks=blocks, nodes=[*NODES, reflector])
    assert (cost.kind, cost.name, cost.pairs, cost.alone) == (NO_POOL, "", 2, True)
    assert cost.blocks == ("block 10.9.1.0/26, 10.9.2.0/26",)
    # In a mesh each has them from their node itself.
    assert told(blocks=blocks) == []


@pytest.mark.parametrize("most", [1, 2])
def test_of_very_many_only_some_are_tried(monkeypatch, most):
    monkeypatch.setattr(module, "_MOST_TRIED", most)
    filters = [rejects(f"f{n}", cidr) for n, cidr in enumerate(BLOCKS.values())]
    assert [one.name for one in found(*filters, named=["f0", "f1", "f2"])] == ["f0", "f1"][:most]
