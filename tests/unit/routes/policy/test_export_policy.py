"""Calico's own export rules, against what a BIRD 1.6.8 with them sent (tests/fixtures/routes/filters)."""

import json
import re
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.routes.policy.export import ExportPolicy, decide_export
from calico_bgp.routes.policy.route import Route, Source

RULES = json.loads(Path("tests/fixtures/routes/filters/export_rules.json").read_text())
NODE = RULES["node"]


def networks(texts):
    return tuple(map(ip_network, texts))


POLICY = ExportPolicy(
    release=(3, 33),
    local_as=NODE["asn"],
    blocks=networks(NODE["blocks"]),
    pools=networks(NODE["pools"]),
    unexported=networks(NODE["disable_bgp_export"]),
)
FILTERS = (
    BGPFilter(
        "f",
        export_v4=(
            FilterRule(FilterAction.ACCEPT, cidr=NODE["bgp_filter_export"][0]["cidr"], operator=MatchOperator.IN),
        ),
    ),
)


def route_of(row):
    words = row["source"]
    interface = re.search(r"dev (\S+?),?(?: |$)", words)
    metric = re.search(r"metric (\d+)", words)
    is_static = "static1" in words
    # Of a kernel route without a metric BIRD says 0.
    number = int(metric[1]) if metric else None if is_static or "tunl0" in words or "vxlan" in words else 0
    return Route(
        ip_network(row["prefix"]),
        source=Source.STATIC if is_static else Source.KERNEL,
        interface=interface[1] if interface else "" if is_static else "cali1",
        metric=number,
    )


@pytest.mark.parametrize("peer", ["ibgp", "ebgp"])
@pytest.mark.parametrize("row", RULES["routes"], ids=lambda row: row["prefix"])
def test_what_a_node_sends(row, peer):
    decision = decide_export(POLICY, FILTERS, Family.IPV4, route_of(row), same_as=peer == "ibgp")
    assert decision.accepted is row[peer].startswith("sent"), decision.because
    if "local_pref" in row[peer]:
        assert f"local_pref {decision.route.local_pref}" in row[peer]


@pytest.mark.parametrize("release", [(3, 31), (3, 33)])
def test_a_block_that_is_given_back_goes_out_with_all_its_addresses(release):
    case = RULES["pending_deletion"]
    policy = ExportPolicy(release=release, local_as=64512, pools=networks(NODE["pools"]))
    block = Route(ip_network(case["block"]), source=Source.STATIC)
    metric = 1024 if release == (3, 33) else None
    pod = Route(ip_network(case["pod"].split()[0]), source=Source.KERNEL, interface="cali1", metric=metric)
    for route in (block, pod):
        assert decide_export(policy, (), Family.IPV4, route, same_as=True).accepted
        assert str(route.prefix) in case["sent_v3_31" if release == (3, 31) else "sent_v3_33"]


def test_a_pod_in_an_own_block_is_not_announced_by_itself():
    pod = Route(ip_network("10.244.1.9/32"), source=Source.KERNEL, interface="cali1", metric=1024)
    decision = decide_export(POLICY, (), Family.IPV4, pod, same_as=True)
    assert not decision.accepted
    assert decision.because == "it is in the node's own block, which is announced as a whole"


@pytest.mark.parametrize(
    ("release", "interface", "sent"),
    [
        ((3, 26), "vxlan.calico", True),
        ((3, 27), "vxlan.calico", False),
        ((3, 32), "tunl0", True),
        ((3, 33), "tunl0", False),
    ],
)
def test_felix_tunnels_stay_at_home_since_their_release(release, interface, sent):
    policy = ExportPolicy(release=release, local_as=64512, pools=networks(["10.244.0.0/16"]))
    route = Route(ip_network("10.244.50.0/26"), source=Source.KERNEL, interface=interface)
    assert decide_export(policy, (), Family.IPV4, route, same_as=True).accepted is sent
    assert decide_export(policy, (), Family.IPV4, route, same_as=False).accepted


@pytest.mark.parametrize(
    ("release", "is_reflector", "address", "accepted"),
    [
        ((3, 33), True, "198.51.100.7/32", True),
        ((3, 33), True, "198.51.101.7/32", False),
        ((3, 33), False, "198.51.100.7/32", False),
        ((3, 26), True, "198.51.100.7/32", False),
    ],
)
def test_a_reflector_passes_on_what_load_balancers_have(release, is_reflector, address, accepted):
    balancers = networks(["198.51.100.0/24"])
    policy = replace(POLICY, release=release, is_reflector=is_reflector, load_balancers=balancers)
    decision = decide_export(policy, (), Family.IPV4, Route(ip_network(address), source=Source.BGP), same_as=True)
    assert decision.accepted is accepted
