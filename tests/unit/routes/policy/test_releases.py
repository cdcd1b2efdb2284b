"""Calico's export rules at the releases in which they came, just before and since."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.routes.policy.export import ExportPolicy, decide_export
from calico_bgp.routes.policy.route import DEFAULT_PREFERENCE, LARGEST_PREFERENCE, Route, Source

POOL, BLOCK = ip_network("10.244.0.0/16"), ip_network("10.244.1.0/26")
POLICY = ExportPolicy(release=(3, 33), local_as=64512, blocks=(BLOCK,), pools=(POOL,))
POD = Route(ip_network("10.244.1.7/32"), Source.KERNEL, "cali1", 512)


def sent(route, release, *, same_as=True, **policy):
    return decide_export(replace(POLICY, release=release, **policy), (), Family.IPV4, route, same_as=same_as)


@pytest.mark.parametrize(
    ("release", "metric", "accepted"),
    [
        ((3, 31), 512, False),
        ((3, 32), 512, True),
        ((3, 32), 1023, True),
        ((3, 32), 1024, False),
        ((3, 32), None, False),
    ],
)
def test_a_pod_with_a_priority_of_its_own_is_announced_by_itself_since_v3_32(release, metric, accepted):
    assert sent(replace(POD, metric=metric), release).accepted is accepted


@pytest.mark.parametrize(
    ("release", "source", "preference"),
    [
        ((3, 31), Source.STATIC, DEFAULT_PREFERENCE),
        ((3, 32), Source.STATIC, LARGEST_PREFERENCE - 1024),
        ((3, 32), Source.BGP, DEFAULT_PREFERENCE),
    ],
)
def test_own_routes_carry_their_priority_since_v3_32(release, source, preference):
    assert sent(Route(BLOCK, source), release).route.local_pref == preference


@pytest.mark.parametrize(
    ("release", "interface", "accepted"),
    [
        ((3, 27), "bpfin.cali", True),
        ((3, 28), "bpfin.cali", False),
        ((3, 28), "bpfin.cal", True),
        ((3, 28), "xbpf.cali", True),
    ],
)
def test_what_is_felixs_for_ebpf_stays_at_home_since_v3_28(release, interface, accepted):
    # Over eBGP, where tunnels do not count.
    route = Route(ip_network("10.244.9.0/26"), Source.KERNEL, interface)
    assert sent(route, release, same_as=False).accepted is accepted


@pytest.mark.parametrize(
    ("release", "by_bird", "accepted"),
    [((3, 32), False, True), ((3, 33), False, False), ((3, 33), True, True)],
)
def test_ipip_is_felixs_since_v3_33_unless_bird_writes_it(release, by_bird, accepted):
    route = Route(ip_network("10.244.9.0/26"), Source.KERNEL, "tunl0")
    assert sent(route, release, bird_programs_ipip=by_bird).accepted is accepted
    assert sent(replace(route, interface="tunl1"), release, bird_programs_ipip=by_bird).accepted


@pytest.mark.parametrize("interface", ["vxlan.calico", "wireguard.cali"])
def test_tunnels_stay_at_home_since_v3_27_between_nodes_of_one_as(interface):
    route = Route(ip_network("10.244.9.0/26"), Source.KERNEL, interface)
    assert [sent(route, (3, minor)).accepted for minor in (26, 27)] == [True, False]
    assert sent(route, (3, 27), same_as=False).accepted


@pytest.mark.parametrize(("minor", "accepted"), [(26, False), (27, True)])
def test_a_reflector_passes_on_addresses_of_load_balancers_since_v3_27(minor, accepted):
    balancers = (ip_network("203.0.113.0/24"),)
    route = Route(ip_network("203.0.113.7/32"))
    assert sent(route, (3, minor), is_reflector=True, load_balancers=balancers).accepted is accepted
    assert not sent(route, (3, minor), load_balancers=balancers).accepted


def test_the_own_as_is_before_the_path_towards_another_as_only():
    route = Route(BLOCK, as_path=(65000,))
    assert sent(route, (3, 33)).route.as_path == (65000,)
    assert sent(route, (3, 33), same_as=False).route.as_path == (64512, 65000)


def test_communities_are_added_once_to_what_lies_in_their_network():
    communities = ((POOL, ((65000, 1), (65000, 2))), (ip_network("10.96.0.0/12"), ((65000, 3),)))
    found = sent(Route(BLOCK, Source.STATIC, communities=((65000, 2),)), (3, 33), communities=communities)
    assert found.route.communities == ((65000, 2), (65000, 1))
