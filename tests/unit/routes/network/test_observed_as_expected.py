"""Where everything stands that Calico's resources ask for, what was seen is the network that they mean."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.expect.engine import expect
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.blocks import block_of
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.model.resources import BGPPeer, BlockAffinity, IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.from_observed import observed_network, sessions_if_established
from calico_bgp.routes.network.holding.filters import FILTERS_DOUBT
from tests.unit.routes.network.test_from_observed import seen

BOTH = tuple(Family)
LABS = {
    "mesh": build_cluster(4, topology=Topology.MESH, families=BOTH),
    "mesh and switch": build_cluster(4, topology=Topology.MESH, families=BOTH, switch=True),
    "reflectors": build_cluster(5, families=BOTH),
    "reflectors and switch": build_cluster(5, reflectors=1, variant=Variant.ALL, families=BOTH, switch=True),
}


def blocks(lab):
    return tuple(
        BlockAffinity(f"{node.name}-{family.version}", node.name, str(block_of(number, family)))
        for family in Family
        for number, node in enumerate(lab.nodes)
    )


def keeping_in(lab):
    """A filter that keeps the second node's blocks in, of both families."""
    rules = {
        f"export_v{family.version}": (FilterRule(FilterAction.REJECT, str(block_of(1, family)), MatchOperator.EQUAL),)
        for family in Family
    }
    return BGPFilter("f", **rules)


def filtered(resources, *names):
    return {"bgp_peers": tuple(replace(one, filters=names) for one in resources.bgp_peers)}


CHANGES = {
    "as they are": lambda lab, now: {},
    "with blocks": lambda lab, now: {"block_affinities": blocks(lab)},
    "with a filter": lambda lab, now: {
        "bgp_filters": (keeping_in(lab),),
        "block_affinities": blocks(lab),
        **filtered(now, "f"),
    },
    "with a filter that was not given": lambda lab, now: filtered(now, "gone"),
    "with blocks and a filter that was not given": lambda lab, now: {
        "block_affinities": blocks(lab)[:2],
        **filtered(now, "gone"),
    },
    "with a hidden pool": lambda lab, now: {
        "ip_pools": tuple(replace(pool, disable_bgp_export=True) for pool in now.ip_pools[:1]) + now.ip_pools[1:],
    },
    "with a pool of Felix": lambda lab, now: {
        "ip_pools": (*now.ip_pools, IPPool("overlay", "10.250.0.0/16", vxlan_mode="Always")),
    },
}


def sessions(some):
    return None if some is None else {frozenset((end.node, end.address, end.settings) for end in one) for one in some}


def shape(network):
    return {
        "sessions": sessions(network.sessions),
        "possible": sessions(network.possible),
        "outside": {(one.near.node, one.near.address, one.near.settings, one.far) for one in network.externals},
        "speakers": {(speaker.name, speaker.router_id, speaker.blocks) for speaker in network.speakers},
        "kinds": network.kinds,
    }


STANDS = "every session that Calico's resources ask for at both ends is taken as Established"


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", LABS)
def test_what_was_seen_is_what_the_resources_mean(name, change):
    lab = LABS[name]
    now = lab_resources(lab)
    resources = now.model_copy(update=CHANGES[change](lab, now))
    cluster = seen(lab, resources=resources)
    for family in Family:
        found, expected = observed_network(cluster, family), expected_network(expect(resources), family)
        assert shape(found) == shape(expected)
        assert set(found.assumptions) == set(expected.assumptions) - {STANDS}


@pytest.mark.parametrize("name", LABS)
def test_what_is_down_would_stand_as_the_resources_mean_it(name):
    """Of two families and of sessions with whom no resource names, only those of nodes come back."""
    lab = LABS[name]
    resources = lab_resources(lab)
    cluster = seen(lab, "link-cut:node1,node3", resources=resources)
    for family in Family:
        expected = expected_network(expect(resources), family)
        of_family = [key for key in cluster.sessions if key.family is family]
        found = sessions_if_established(cluster, family, of_family)
        assert sessions(found.values()) == sessions(expected.sessions)
        stands = sessions(observed_network(cluster, family).sessions)
        assert len(stands) < len(sessions(expected.sessions))
        assert stands <= sessions(expected.sessions)


@pytest.mark.parametrize("name", LABS)
def test_between_two_nodes_that_could_not_be_read_what_the_resources_ask_for_may_stand(name):
    lab = LABS[name]
    resources = lab_resources(lab)
    for unread in (("node2", "node4"), ("node1", "node3")):
        cluster = seen(lab, unread=unread, resources=resources)
        for family in Family:
            found, expected = observed_network(cluster, family), expected_network(expect(resources), family)
            between = {one for one in expected.sessions if {end.node for end in one} == set(unread)}
            assert sessions(found.sessions) == sessions(set(expected.sessions) - between)
            assert sessions(found.possible) == (sessions(expected.sessions) if between else None)


def test_of_two_protocols_that_differ_neither_is_the_session_that_would_stand():
    lab = LABS["mesh"]
    now = lab_resources(lab)
    kept = BGPPeer("kept", node="node1", peer_ip=str(lab.nodes[2].ipv4), as_number=64512, next_hop_mode="Keep")
    resources = now.model_copy(update={"bgp_peers": (*now.bgp_peers, kept)})
    cluster = seen(lab, "link-cut:node1,node3", resources=resources)
    of_family = [key for key in cluster.sessions if key.family is Family.IPV4]
    found = sessions_if_established(cluster, Family.IPV4, of_family)
    expected = expected_network(expect(resources), Family.IPV4)
    assert (len(of_family), len(found)) == (6, 5)
    stands = observed_network(seen(lab, resources=resources), Family.IPV4)
    assert (sessions(stands.sessions), sessions(stands.possible)) == (
        sessions(expected.sessions),
        sessions(expected.possible),
    )
    assert not any("recovers" in text for text in stands.assumptions)
    assert sessions(found.values()) == sessions(expected.sessions)


@pytest.mark.parametrize(
    ("outside", "down", "doubted"),
    [
        ((), (), []),
        (("203.0.113.1",), (), [Family.IPV4]),
        (("2001:db8:9::1",), (), [Family.IPV6]),
        (("203.0.113.1",), ("203.0.113.1",), []),
        # One that stands beside one that does not.
        (("203.0.113.1", "203.0.113.2"), ("203.0.113.1",), [Family.IPV4]),
    ],
)
def test_with_a_stranger_nobody_knows_which_communities_a_route_has(outside, down, doubted):
    lab = LABS["reflectors"]
    now = lab_resources(lab)
    by_community = FilterRule(FilterAction.REJECT, community=(65000, 1))
    rules = BGPFilter("f", import_v4=(by_community,), import_v6=(by_community,))
    resources = now.model_copy(update={"bgp_filters": (rules,), **filtered(now, "f")})
    snapshot = seen(lab, resources=resources).snapshot
    first, *others = snapshot.readings
    rows = [
        replace(
            next(one for one in first.status.peers if one.family.version == ip_address(address).version),
            address_text=address,
            address=ip_address(address),
            **({"bgp_state": BGPState.CONNECT, "protocol_state": "start"} if address in down else {}),
        )
        for address in outside
    ]
    status = first.status.model_copy(update={"peers": (*first.status.peers, *rows)})
    cluster = observe(snapshot.model_copy(update={"readings": (first.model_copy(update={"status": status}), *others)}))
    said = [f for f in Family if any(t.startswith(FILTERS_DOUBT) for t in observed_network(cluster, f).assumptions)]
    assert said == doubted
