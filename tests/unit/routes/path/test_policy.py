"""What the ends of a session do with one route, by Calico's resources."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BlockAffinity, IPPool, PrefixAdvertisement
from calico_bgp.model.routes.bgp_filter import AddCommunity, BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.routes.path.hop import Verdict
from calico_bgp.routes.path.policy import RoutePolicy
from calico_bgp.routes.policy.route import LARGEST_PREFERENCE, Route, Source
from tests.clusters import cluster, config, node, peer

ACCEPT, REJECT = FilterAction.ACCEPT, FilterAction.REJECT
NODES = [node(f"n{n}", f"10.0.0.{n}", f"fd00::{n}") for n in (1, 2, 3)]
OWN, OF_N2, GIVEN_BACK = "10.244.1.0/26", "10.244.2.0/26", "10.244.3.0/26"
DELETED, HIDDEN, FREE = "10.244.4.0/26", "10.245.1.0/26", "10.244.9.0/26"
AFFINITIES = (
    BlockAffinity("a", "n2", OF_N2),
    BlockAffinity("b", "n1", OWN),
    BlockAffinity("c", "n1", GIVEN_BACK, state="pendingDeletion"),
    BlockAffinity("d", "n1", DELETED, deleted=True),
)
POOLS = (
    IPPool("pods", "10.244.0.0/16"),
    IPPool("hidden", "10.245.0.0/16", disable_bgp_export=True),
    IPPool("six", "fd00:10::/48"),
)
SERVICES = {
    "service_cluster_ips": ("10.96.0.0/12",),
    "service_external_ips": ("198.51.100.0/24",),
    "service_load_balancer_ips": ("203.0.113.0/24",),
    "prefix_advertisements": (
        PrefixAdvertisement("fd00:10::/48", ((1, 6),)),
        PrefixAdvertisement("10.244.1.0/24", ((1, 1), (1, 2))),
        PrefixAdvertisement("10.244.2.0/24", ((1, 3),)),
    ),
}
ADDS = BGPFilter("adds", import_v4=(FilterRule(ACCEPT, operations=(AddCommunity((65000, 1)),)),))
NARROW = BGPFilter(
    "narrow",
    import_v4=(FilterRule(REJECT, OWN, MatchOperator.EQUAL),),
    export_v4=(FilterRule(REJECT, OWN, MatchOperator.EQUAL),),
)
FILTERS = (ADDS, NARROW)
SWITCH = "192.0.2.1"


def policy(*things, filters=FILTERS, pools=POOLS, nodes=("n1", "n2"), version=(3, 33), **more):
    resources = cluster(*NODES, *things).model_copy(
        update={"ip_pools": pools, "bgp_filters": tuple(filters), "block_affinities": AFFINITIES}
    )
    return RoutePolicy(expect(resources, version=CalicoVersion(*version)), Family.IPV4, frozenset(nodes), **more)


def to_switch(name="tor", *filters, **fields):
    return peer(name, **{"node": "n1", "peer_ip": SWITCH, "as_number": 65001} | fields, filters=filters)


REFUSED = BGPFilter("bad", export_v6=(FilterRule(REJECT, "fd00::1/48", MatchOperator.IN),))


@pytest.mark.parametrize(
    ("peers", "filters", "expected"),
    [
        ([], [NARROW], []),
        ([to_switch("tor")], [NARROW], []),
        ([to_switch("tor", "narrow", "adds")], [ADDS, NARROW], ["narrow", "adds"]),
        ([to_switch("tor", "narrow", "gone", "lost")], [NARROW], "BGPFilter gone was not given"),
        ([to_switch("tor", "narrow")], [NARROW, REFUSED], "BIRD refuses BGPFilter bad, so that an older"),
        ([to_switch("tor")], [NARROW, REFUSED], []),
        # Two for it that do not say the same, or do.
        ([to_switch("a", "narrow"), to_switch("b", "adds", peer_ip=f"{SWITCH}:179")], [ADDS, NARROW], "BGPPeers of n1"),
        ([to_switch("a", "adds"), to_switch("b", "adds", peer_ip=f"{SWITCH}:179")], [ADDS, NARROW], ["adds"]),
        # Those of another session of its own AS number, and of other ends.
        (
            [to_switch("a", "narrow"), to_switch("b", "adds", peer_ip=f"{SWITCH}:179", local_as_number=65009)],
            [ADDS, NARROW],
            ["narrow"],
        ),
        ([to_switch("a", "narrow", node="n2"), to_switch("b", "adds")], [ADDS, NARROW], ["adds"]),
        ([to_switch("a", "narrow", peer_ip="192.0.2.2")], [NARROW], []),
        ([to_switch("a", "narrow", peer_ip="2001:db8::1")], [NARROW], []),
    ],
)
def test_the_filters_at_an_end(peers, filters, expected):
    found = policy(*peers, filters=filters).filters_of("n1", SWITCH, local_as=64512)
    if isinstance(expected, str):
        assert found.startswith(expected)
    else:
        assert [each.name for each in found] == expected


def test_the_filters_between_nodes_are_those_of_the_family():
    """The mesh has none; a node is known by its name, whatever its address; the other family has its own."""
    six = peer("six", node="n1", peer_ip="fd00::2", as_number=64512, filters=("narrow",))
    four = peer("four", node="n1", peer_ip="10.0.0.2", as_number=64512, filters=("adds",))
    off = config(mesh=False)
    assert policy(off, six).filters_of("n1", "n2", local_as=64512) == ()
    assert policy(off, six, four).filters_of("n1", "n2", local_as=64512) == (ADDS,)
    assert policy(off, six, four).filters_of("n2", "n1", local_as=64512) == (ADDS,)  # confd reverses it
    assert policy().filters_of("n1", "n2", local_as=64512) == ()
    # A BGPPeer may be called as the configuration is.
    assert policy(to_switch("default", "adds")).filters_of("n1", "n2", local_as=64512) == ()
    assert policy(off, four, nodes=["n2"]).filters_of("n1", "n2", local_as=64512) == ()


def own(prefix=OWN):
    return Route(ip_network(prefix), Source.STATIC)


def pod(prefix):
    """With the normal priority of its route in the kernel."""
    return Route(ip_network(prefix), Source.KERNEL, "cali1", 1024)


def learned(prefix=OF_N2, **fields):
    return Route(ip_network(prefix), **fields)


AS_A_WHOLE = (False, "it is in the node's own block, which is announced as a whole")
IN_POOL = (True, "it lies in a pool")
SERVICE = (True, "it is a service's address")


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (own(), (True, "it is the node's own block")),
        (own(OF_N2), IN_POOL),
        (learned(), IN_POOL),
        (pod("10.244.1.7/32"), AS_A_WHOLE),
        (pod("10.244.2.7/32"), IN_POOL),
        # Of a block that is given back each address goes by itself.
        (pod("10.244.3.7/32"), IN_POOL),
        (pod("10.244.4.7/32"), IN_POOL),
        (own(HIDDEN), (False, "its pool has disableBGPExport")),
        (learned("10.246.0.0/26"), (False, "it lies in no pool")),
        (learned("10.96.0.10/32"), SERVICE),
        (learned("198.51.100.0/24"), SERVICE),
        (learned("203.0.113.7/32"), SERVICE),
        (learned("10.128.0.0/9"), (False, "it lies in no pool")),
    ],
)
def test_calicos_own_rules(route, expected):
    verdict, sent = policy(config(**SERVICES)).export("n1", "n2", route, local_as=64512, peer_as=64512)
    assert (verdict.accepted, verdict.because) == expected
    assert (sent.prefix, sent.interface, sent.as_path) == (route.prefix, route.interface, ())


def test_a_block_that_is_taken_for_a_nodes_is_its_own():
    address = pod("10.244.9.7/32")
    for assumed, expected in (("n1", AS_A_WHOLE), ("n2", IN_POOL)):
        verdict, _ = policy(assumed=(assumed, ip_network(FREE))).export(
            "n1", "n2", address, local_as=64512, peer_as=64512
        )
        assert (verdict.accepted, verdict.because) == expected


def test_without_a_pool_what_is_passed_on_is_not_known():
    nothing = policy(pools=())
    verdict, _ = nothing.export("n1", "n2", learned(), local_as=64512, peer_as=64512)
    assert verdict == Verdict(None, "no IPPool was given: it is passed on only if one holds it")
    verdict, _ = nothing.export("n1", "n2", own(), local_as=64512, peer_as=64512)
    assert verdict == Verdict(True, "it is the node's own block")


@pytest.mark.parametrize(
    ("route", "communities"),
    [(own(), ((1, 1), (1, 2))), (learned(), ((1, 3),)), (learned(communities=((1, 3),)), ((1, 3),)), (own(FREE), ())],
)
def test_what_is_added_by_prefix(route, communities):
    _, sent = policy(config(**SERVICES)).export("n1", "n2", route, local_as=64512, peer_as=64512)
    assert sent.communities == communities


@pytest.mark.parametrize("to_reject", [(), ("gone",)])
def test_towards_another_as_the_own_one_stands_before_the_path(to_reject):
    """Also where it is not known whether it is sent."""
    made = policy(to_switch("tor", *to_reject))
    verdict, sent = made.export("n1", SWITCH, learned(as_path=(65002,)), local_as=64512, peer_as=65001)
    assert verdict.accepted is (None if to_reject else True)
    assert sent.as_path == (64512, 65002)
    _, sent = made.export("n1", SWITCH, own(), local_as=64512, peer_as=65001)
    assert (sent.as_path, sent.local_pref) == ((64512,), LARGEST_PREFERENCE - 1024)


@pytest.mark.parametrize(
    ("setting", "version", "accepted"),
    [(None, (3, 33), False), ("Enabled", (3, 33), True), (None, (3, 32), True)],
)
def test_routes_over_ipip_are_passed_on_where_bird_writes_them(setting, version, accepted):
    made = policy(*([] if setting is None else [config(program_cluster_routes=setting)]), version=version)
    route = Route(ip_network(OF_N2), Source.KERNEL, "tunl0")
    verdict, _ = made.export("n1", "n2", route, local_as=64512, peer_as=64512)
    assert verdict.accepted is accepted


def one_filter(*rules):
    """Both ways at the session of n1 with the switch."""
    return policy(to_switch("tor", "f"), filters=[BGPFilter("f", import_v4=rules, export_v4=rules)])


ETH, ANY = FilterRule(REJECT, interface="eth*"), FilterRule(REJECT, interface="*")
OTHER_ETH = FilterRule(ACCEPT, interface="vlan?")
BY_INTERFACE = "by which interface the route leads is not known: "
FIRST, SECOND = "rule 1 of BGPFilter f matches", "rule 2 of BGPFilter f matches"


@pytest.mark.parametrize(
    ("rules", "exported", "imported"),
    [
        ((), (True, "it lies in a pool"), (True, "no rule of its BGPFilters matches")),
        ((FilterRule(REJECT, OWN, MatchOperator.EQUAL),), IN_POOL, (True, "no rule of its BGPFilters matches")),
        ((FilterRule(REJECT, OWN, MatchOperator.EQUAL), FilterRule(REJECT)), (False, SECOND), (False, SECOND)),
        ((FilterRule(ACCEPT),), (True, FIRST), (True, FIRST)),
        ((FilterRule(REJECT, peer_type="eBGP"),), (False, FIRST), (False, FIRST)),
        ((FilterRule(REJECT, peer_type="iBGP"),), IN_POOL, (True, "no rule of its BGPFilters matches")),
        # BIRD fails at an address without a length.
        (
            (FilterRule(ACCEPT, "10.244.2.0", MatchOperator.IN),),
            (False, "rule 1 of BGPFilter f cannot be computed by BIRD"),
            (False, "rule 1 of BGPFilter f cannot be computed by BIRD"),
        ),
        # The interface of a route that came over BGP.
        ((ANY,), (False, FIRST), (False, FIRST)),
        (
            (ETH,),
            (None, f"{BY_INTERFACE}it lies in a pool, or {FIRST}"),
            (None, f"{BY_INTERFACE}no rule of its BGPFilters matches, or {FIRST}"),
        ),
        (
            (ETH, FilterRule(REJECT)),
            (None, f"{BY_INTERFACE}{SECOND}, or {FIRST}"),
            (None, f"{BY_INTERFACE}{SECOND}, or {FIRST}"),
        ),
        # What it adds is not known to be there.
        (
            (FilterRule(ACCEPT, interface="eth*", operations=(AddCommunity((65000, 1)),)),),
            (None, f"{BY_INTERFACE}it lies in a pool, or {FIRST}"),
            (None, f"{BY_INTERFACE}no rule of its BGPFilters matches, or {FIRST}"),
        ),
        ((FilterRule(ACCEPT), ETH), (True, FIRST), (True, FIRST)),
        (
            (OTHER_ETH, FilterRule(ACCEPT), ETH),
            (None, f"{BY_INTERFACE}{SECOND}, or {FIRST}"),
            (None, f"{BY_INTERFACE}{SECOND}, or {FIRST}"),
        ),
    ],
)
def test_what_filters_do_at_a_session_with_another_as(rules, exported, imported):
    made, route = one_filter(*rules), learned(interface="eth0")
    for step, expected in ((made.export, exported), (made.incoming, imported)):
        verdict, after = step("n1", SWITCH, route, local_as=64512, peer_as=65001)
        assert (verdict.accepted, verdict.because) == expected
        assert (after.prefix, after.communities) == (route.prefix, ())
        assert after.interface == "eth0"


def test_the_interface_of_an_own_route_is_known():
    made = one_filter(ETH)
    for interface, expected in (("eth1", (False, FIRST)), ("cali1", IN_POOL)):
        route = Route(ip_network("10.244.2.7/32"), Source.KERNEL, interface)
        verdict, sent = made.export("n1", SWITCH, route, local_as=64512, peer_as=65001)
        assert (verdict.accepted, verdict.because, sent.interface) == (*expected, interface)


@pytest.mark.parametrize(("number", "accepted"), [(64512, True), (65001, False)])
def test_what_comes_in_is_of_the_own_as_or_of_another(number, accepted):
    made = one_filter(FilterRule(REJECT, peer_type="eBGP"))
    verdict, _ = made.incoming("n1", SWITCH, learned(), local_as=64512, peer_as=number)
    assert verdict.accepted is accepted


def test_what_comes_in_is_changed_as_a_filter_says():
    verdict, after = policy(to_switch("tor", "adds")).incoming("n1", SWITCH, learned(), local_as=64512, peer_as=65001)
    assert (verdict, after.communities) == (Verdict(True, "rule 1 of BGPFilter adds matches"), ((65000, 1),))
    verdict, after = policy(to_switch()).incoming("n1", SWITCH, learned(), local_as=64512, peer_as=65001)
    assert (verdict, after) == (Verdict(True, "it has no BGPFilter"), learned())
    verdict, after = policy(to_switch("tor", "gone")).incoming("n1", SWITCH, learned(), local_as=64512, peer_as=65001)
    assert (verdict, after) == (Verdict(None, "BGPFilter gone was not given"), learned())
