"""Who learns whose routes where BGPFilters and pools hold some back: what is known, and what stops a route."""

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BlockAffinity, IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.held_back import held_back
from calico_bgp.routes.network.from_expected import expected_network
from tests.clusters import cluster, config, node, peer

YES, NO, PERHAPS = Answer.YES, Answer.NO, Answer.PERHAPS
PODS = IPPool("pods", "10.244.0.0/16")
MORE = IPPool("more", "10.246.0.0/16")
LOCAL = IPPool("local", "10.247.0.0/16", disable_bgp_export=True)
REJECT, ACCEPT, IN = FilterAction.REJECT, FilterAction.ACCEPT, MatchOperator.IN


def reject(cidr, **more):
    return FilterRule(REJECT, cidr, IN, **more)


def owns(**blocks):
    return tuple(
        BlockAffinity(f"{name}-{n}", name, cidr) for name, cidrs in blocks.items() for n, cidr in enumerate(cidrs)
    )


def reach(*, using=(), **more):
    """n1, n2 and n3, each of which peers with each other by one BGPPeer with these filters."""
    nodes = [node(f"n{n}", f"192.0.2.{n}") for n in (1, 2, 3)]
    return _reach(nodes, peer("all", node_selector="all()", peer_selector="all()", filters=tuple(using)), **more)


def reflected(*, using=(), **more):
    """Clients c1 and c2 of the reflector r, with filters at their sessions."""
    nodes = [
        node("c1", "192.0.2.1"),
        node("c2", "192.0.2.2"),
        node("r", "192.0.2.9", cluster_id="244.0.0.1", labels="rr=yes"),
    ]
    return _reach(nodes, peer("rr", node_selector="!has(rr)", peer_selector="has(rr)", filters=tuple(using)), **more)


def _reach(nodes, bgp_peer, *, pools=(PODS,), filters=(), blocks=()):
    made = cluster(*nodes, bgp_peer, config(mesh=False)).model_copy(
        update={"ip_pools": tuple(pools), "bgp_filters": tuple(filters), "block_affinities": tuple(blocks)}
    )
    return reachability(expected_network(expect(made), Family.IPV4))


GUARD = BGPFilter("guard", import_v4=(reject("10.244.0.0/16"),))


def test_a_filter_that_rejects_all_pods_cuts_everyone_off():
    found = reach(using=["guard"], filters=[GUARD])
    assert found.count(NO) == 6
    assert found.explain("n1", "n2").reasons == ("n1 rejects it (from n2): rule 1 of BGPFilter guard (importV4)",)


def test_a_filter_that_no_peer_names_changes_nothing():
    assert reach(filters=[GUARD]).count(YES) == 6


def test_without_blocks_it_is_only_known_what_holds_for_every_block_of_every_pool():
    found = reach(using=["guard"], filters=[GUARD], pools=[PODS, MORE])
    assert found.count(PERHAPS) == 6  # a node may have blocks of the one pool or of the other
    assert "blocks of 10.244.0.0/16" in found.explain("n1", "n2").text


def test_with_blocks_it_is_known_of_every_node():
    blocks = owns(n1=["10.244.1.0/26", "10.246.1.0/26"], n2=["10.246.2.0/26"])
    found = reach(using=["guard"], filters=[GUARD], pools=[PODS, MORE], blocks=blocks)
    # One block of n1 is lost to all; n2 has none of that pool, and n3 none at all.
    assert set(found.pairs(NO)) == {("n2", "n1"), ("n3", "n1")}
    assert found.count(YES) == 4
    (reason,) = found.explain("n2", "n1").reasons
    assert reason == "block 10.244.1.0/26: n2 rejects it (from n1): rule 1 of BGPFilter guard (importV4)"


def test_a_pool_that_is_not_exported_is_kept_by_every_session():
    found = reach(pools=[LOCAL])
    assert found.count(NO) == 6
    assert found.explain("n1", "n2").reasons == ("n2 does not announce it to n1: disableBGPExport of IPPool local",)


def test_a_filter_that_accepts_sends_also_what_its_pool_does_not_export():
    open_all = BGPFilter("all", export_v4=(FilterRule(ACCEPT),))
    assert reach(using=["all"], filters=[open_all], pools=[LOCAL]).count(YES) == 6


def test_a_reflector_may_pass_on_nothing_though_all_announce_their_own():
    remote = BGPFilter("own", export_v4=(FilterRule(REJECT, remote_peers_only=True),))
    found = reflected(using=["own"], filters=[remote])
    assert set(found.pairs(NO)) == {("c1", "c2"), ("c2", "c1")}
    assert found.explain("c1", "c2").reasons == ("r does not announce it to c1: rule 1 of BGPFilter own (exportV4)",)


def test_what_a_filter_depends_on_is_told_where_it_is_not_known():
    by_interface = BGPFilter("eth", import_v4=(FilterRule(REJECT, interface="eth1"),))
    found = reach(using=["eth"], filters=[by_interface])
    assert found.count(PERHAPS) == 6
    assert "rule 1 of BGPFilter eth (importV4) may hold it back between n2 and n1" in found.explain("n1", "n2").text


@pytest.mark.parametrize("gone", [["n3"], ["n2", "n3"]])
def test_removals_keep_what_filters_do(gone):
    blocks = owns(n1=["10.244.1.0/26"], n2=["10.246.2.0/26"], n3=["10.244.3.0/26"])
    found = reach(using=["guard"], filters=[GUARD], pools=[PODS, MORE], blocks=blocks).without(gone)
    left = {name for name in ("n1", "n2", "n3") if name not in gone}
    assert set(found.pairs(NO)) == {(one, other) for one in left for other in left - {one} if other != "n2"}


def test_loadbalancer_pools_are_no_pods():
    services = IPPool("lb", "10.244.0.0/16", allowed_uses=("LoadBalancer",))
    assert reach(using=["guard"], filters=[GUARD], pools=[MORE, services]).count(YES) == 6


TUNNELLED = IPPool("tunnelled", "10.247.0.0/16", disable_bgp_export=True, vxlan_mode="Always")


def test_nobody_lacks_the_routes_of_a_pool_that_felix_programs_and_that_is_not_exported():
    assert reach(pools=[TUNNELLED]).count(YES) == 6
    assert reach(pools=[PODS, TUNNELLED]).count(YES) == 6
    assert reach(pools=[PODS, TUNNELLED], using=["guard"], filters=[GUARD]).count(NO) == 6
    blocks = owns(n1=["10.247.1.0/26"], n2=["10.244.2.0/26"], n3=["10.247.3.0/26"])
    found = reach(pools=[PODS, TUNNELLED], blocks=blocks, using=["guard"], filters=[GUARD])
    assert set(found.pairs(NO)) == {("n1", "n2"), ("n3", "n2")}
    assert reach(pools=[TUNNELLED], blocks=owns(n1=["10.247.1.0/26"])).count(YES) == 6
    six = IPPool("six", "fd65::/48", disable_bgp_export=True, vxlan_mode="Always")
    assert reach(pools=[six], using=["guard"], filters=[GUARD]).count(PERHAPS) == 6  # no IPv4 pool is known


@pytest.mark.parametrize(
    ("rejected", "costs"),
    [
        ("10.244.2.0/26", [("BGPFilter", "some", 1, ("n1", "n2"))]),
        ("10.244.0.0/16", [("BGPFilter", "some", 2, ("n1", "n2"))]),
        ("10.245.0.0/16", []),
    ],
)
def test_what_keeps_a_route_from_one_node_alone_costs_one_pair(rejected, costs):
    nodes = [node(f"n{n}", f"192.0.2.{n}") for n in (1, 2)]
    named = peer("all", node_selector="all()", peer_selector="all()", filters=("some",))
    more = {
        "ip_pools": (PODS,),
        "bgp_filters": (BGPFilter("some", import_v4=(reject(rejected),)),),
        "block_affinities": owns(n1=["10.244.1.0/26"], n2=["10.244.2.0/26"]),
    }
    made = cluster(*nodes, named, config(mesh=False)).model_copy(update=more)
    found = held_back(expect(made), Family.IPV4)
    assert [(one.kind, one.name, one.pairs, one.example) for one in found] == costs
    assert all((one.total, one.alone) == (2, True) for one in found)
