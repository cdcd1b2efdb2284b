"""What the real confd wrote: cases of its own tests, their inputs in our words and the protocols of the file it made.

confd/tests/mock_data/calicoctl/** and confd/tests/compiled_templates/**/bird.cfg and bird6.cfg, all of kube-master.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from calico_bgp.expect.engine import expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from tests.clusters import IPV4, IPV6, cluster, config, node, peer


class Case(NamedTuple):
    """One file: its resources, and its protocols as `name: neighbor ... as ...; further options`."""

    name: str
    resources: Resources
    family: Family
    protocols: list[str]


MASTER, ONE, TWO = "kube-master", "kube-node-1", "kube-node-2"
OFF = config(mesh=False)

#: The ten-dot-one-nine-two addresses that nearly all cases have.
PLAIN = (node(MASTER, "10.192.0.2"), node(ONE, "10.192.0.3"), node(TWO, "10.192.0.4"))
DUAL = (
    node(MASTER, "10.192.0.2", "2001::103"),
    node(ONE, "10.192.0.3", "2001::102"),
    node(TWO, "10.192.0.4", "2001::104"),
)

REFLECTOR = cluster(
    config(mesh=False, as_number=64532),
    node(MASTER, "10.192.0.2", "fe0a::2", labels="routeReflector=true", cluster_id="10.0.0.1"),
    node(ONE, "10.192.0.3", "fe0a::3"),
    node(TWO, "10.192.0.4", "fe0a::4"),
    peer("bgppeer-1", peer_ip="172.19.4.87", as_number=64533, node_selector="has(routeReflector)"),
    peer("bgppeer-v6", peer_ip="[ac13::57]:50", as_number=64533, node_selector="has(routeReflector)"),
)
BY_SELECTOR = peer("bgppeer-other-nodes", node_selector="has(routeReflector)", peer_selector="!has(routeReflector)")
BY_V6_ADDRESS = peer("bgppeer-other-nodes", peer_ip="fe0a::2")

MESH_WITH_REFLECTOR = cluster(
    config(mesh=True, as_number=64532),
    node(MASTER, "10.192.0.2", "fe0a::2"),
    node(ONE, "10.192.0.3", "fe0a::4"),
    node(TWO, "10.192.0.4", "fe0a::6", labels="routeReflector=true", cluster_id="10.0.0.1"),
    *REFLECTOR.bgp_peers,
    BY_SELECTOR,
)

SELECTORS = cluster(
    OFF,
    config("node.kube-node-1", listen_port=500),
    node(MASTER, "10.192.0.2", "fd5f::2", labels="group=one"),
    node(ONE, "10.192.0.3", "fd5f::3", labels="group=two"),
    node(TWO, "10.192.0.4", "fd5f::4", labels="group=two"),
    peer("bgppeer-1", node_selector="group=='one'", peer_selector="group=='two'"),
)

GLOBAL_WITH_PORTS = cluster(
    config(mesh=False, as_number=64567, listen_port=150),
    node(MASTER, "10.192.0.2"),
    node(ONE, "10.192.0.3"),
    node(TWO, "10.192.0.1"),
    peer("bgppeer-1", peer_ip="10.192.0.3", as_number=64567, source_address="None"),
    peer("bgppeer-2", peer_ip="10.192.0.1:166", as_number=64567),
    peer("bgppeer-3", peer_ip="10.192.0.1", as_number=64567),
)

GLOBAL_IPV6 = cluster(
    config(mesh=False, as_number=64567),
    *DUAL,
    peer("bgppeer-1", peer_ip="2001::102", as_number=64567, source_address="None"),
    peer("bgppeer-2", peer_ip="2001::104", as_number=64567),
)


def reverse_peering(mode: str) -> Resources:
    """The case reverse_peering: kube-master alone is chosen, and the others peer with it."""
    return cluster(
        OFF,
        node(MASTER, "10.192.0.2", "2001::103", labels="route-reflector=true"),
        *DUAL[1:],
        peer(
            "peer-with-route-reflectors",
            node_selector="all()",
            peer_selector="route-reflector == 'true'",
            reverse_peering=mode,
        ),
    )


CASES = [
    Case("mesh/ipip-off", cluster(config(), *DUAL), IPV4, [
        "Mesh_10_192_0_3: neighbor 10.192.0.3 as 64512; passive on",
        "Mesh_10_192_0_4: neighbor 10.192.0.4 as 64512; passive on",
    ]),
    Case("mesh/ipip-off", cluster(config(), *DUAL), IPV6, [
        "Mesh_2001__102: neighbor 2001::102 as 64512",
        "Mesh_2001__104: neighbor 2001::104 as 64512; passive on",
    ]),
    Case("mesh/route-reflector-mesh-enabled", MESH_WITH_REFLECTOR, IPV4, [
        "Mesh_10_192_0_3: neighbor 10.192.0.3 as 64532; passive on",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64532",
    ]),
    Case("explicit_peering/route_reflector", REFLECTOR.model_copy(
        update={"bgp_peers": (*REFLECTOR.bgp_peers, BY_SELECTOR)}), IPV4, [
        "Node_10_192_0_3: neighbor 10.192.0.3 as 64532; rr client; rr cluster id 10.0.0.1",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64532; rr client; rr cluster id 10.0.0.1",
        "Node_172_19_4_87: neighbor 172.19.4.87 as 64533",
    ]),
    Case("explicit_peering/route_reflector_v6_by_ip", REFLECTOR.model_copy(
        update={"bgp_peers": (*REFLECTOR.bgp_peers, BY_V6_ADDRESS)}), IPV6, [
        "Node_ac13__57_port_50: neighbor ac13::57 port 50 as 64533",
        "Node_fe0a__3: neighbor fe0a::3 as 64532; rr client; rr cluster id 10.0.0.1",
        "Node_fe0a__4: neighbor fe0a::4 as 64532; rr client; rr cluster id 10.0.0.1",
    ]),
    Case("explicit_peering/selectors", SELECTORS, IPV4, [
        "Node_10_192_0_3_port_500: neighbor 10.192.0.3 port 500 as 64512",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64512",
    ]),
    Case("explicit_peering/selectors/step2", SELECTORS.model_copy(
        update={"bgp_configurations": (OFF, config("node.kube-node-1"))}), IPV4, [
        "Node_10_192_0_3: neighbor 10.192.0.3 as 64512",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64512",
    ]),
    Case("explicit_peering/global", GLOBAL_WITH_PORTS, IPV4, [
        "Global_10_192_0_1_port_150: neighbor 10.192.0.1 port 150 as 64567",
        "Global_10_192_0_1_port_166: neighbor 10.192.0.1 port 166 as 64567",
        "Global_10_192_0_3_port_150: neighbor 10.192.0.3 port 150 as 64567; passive on",
    ]),
    Case("explicit_peering/global-ipv6", GLOBAL_IPV6, IPV6, [
        "Global_2001__102: neighbor 2001::102 as 64567",
        "Global_2001__104: neighbor 2001::104 as 64567; passive on",
    ]),
    Case("explicit_peering/specific_node", cluster(
        OFF,
        *PLAIN,
        peer("bgppeer-1", node=MASTER, peer_ip="10.192.0.3", as_number=64512),
        peer("bgppeer-2", node=MASTER, peer_ip="10.192.0.4", as_number=64566),
    ), IPV4, [
        "Node_10_192_0_3: neighbor 10.192.0.3 as 64512",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64566",
    ]),
    Case("explicit_peering/local-as", cluster(
        OFF,
        *PLAIN,
        peer("bgppeer-1", node=MASTER, peer_ip="10.192.0.3", as_number=64512, num_allowed_local_as_numbers=1,
             local_as_number=64512),
        peer("bgppeer-2", node=MASTER, peer_ip="10.192.0.4", as_number=64566, local_as_number=65001),
    ), IPV4, [
        "Node_10_192_0_3: neighbor 10.192.0.3 as 64512; allow local as 1",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64566; local as 65001",
    ]),
    Case("explicit_peering/keepnexthop", cluster(
        config(mesh=False, as_number=64532),
        REFLECTOR.nodes[0],
        *PLAIN[1:],
        peer("bgppeer-1", peer_ip="172.19.4.87", as_number=64533, node_selector="has(routeReflector)",
             keep_original_next_hop=True),
        peer("bgppeer-other-nodes", node_selector="all()", peer_selector="has(routeReflector)"),
    ), IPV4, [
        "Node_10_192_0_3: neighbor 10.192.0.3 as 64532; rr client; rr cluster id 10.0.0.1",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64532; rr client; rr cluster id 10.0.0.1",
        "Node_172_19_4_87: neighbor 172.19.4.87 as 64533; next hop keep",
    ]),
    Case("next_hop_mode/global_peers", cluster(
        OFF,
        *DUAL,
        peer("external-route-reflector-a-ipv4", peer_ip="10.225.0.4", as_number=65515, next_hop_mode="Keep"),
        peer("external-route-reflector-b-ipv4", peer_ip="10.225.0.5", as_number=65515, next_hop_mode="Self"),
        peer("external-route-reflector-a-ipv6", peer_ip="ffee::10", as_number=65515, next_hop_mode="Keep"),
    ), IPV4, [
        "Global_10_225_0_4: neighbor 10.225.0.4 as 65515; next hop keep",
        "Global_10_225_0_5: neighbor 10.225.0.5 as 65515; next hop self",
    ]),
    Case("reverse_peering/auto", reverse_peering("Auto"), IPV4, [
        "Node_10_192_0_3: neighbor 10.192.0.3 as 64512",
        "Node_10_192_0_4: neighbor 10.192.0.4 as 64512",
    ]),
    Case("reverse_peering/manual", reverse_peering("Manual"), IPV4, []),
    # Its two protocols are Local_Workload_..., which no table shows.
    Case("explicit_peering/local_bgp_peer", cluster(
        OFF,
        *DUAL,
        peer("global", local_workload_selector="app == 'calico-bird-0'", as_number=64516, local_as_number=65002),
        peer("node", local_workload_selector="app == 'calico-bird-0'", node=MASTER, as_number=64517),
    ), IPV4, []),
]  # fmt: skip


def written(found: ExpectedPeer, own_as: int) -> str:
    port = "" if found.port is None else f" port {found.port}"
    words = [f"{found.name}: neighbor {found.address}{port} as {found.peer_as}"]
    if found.local_as != own_as:
        words.append(f"local as {found.local_as}")
    if found.passive:
        words.append("passive on")
    if found.reflector_client:
        words += ["rr client", f"rr cluster id {found.cluster_id}"]
    if found.next_hop is not None:
        words.append(f"next hop {found.next_hop}")
    if found.allowed_local_as:
        words.append(f"allow local as {found.allowed_local_as}")
    return "; ".join(words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.family.value}")
def test_the_protocols_are_those_that_confd_wrote(case: Case) -> None:
    found = expect(case.resources, only={MASTER}).peers[MASTER]
    own_as = case.resources.as_number
    assert [written(one, own_as) for one in found if one.family is case.family] == case.protocols


def test_two_bgppeers_that_say_the_same_of_one_node_make_one_global_protocol() -> None:
    """The case idle_peers, of two protocols for one neighbour; of the file only the global one is left."""
    resources = cluster(
        OFF,
        node("node1", "10.24.0.1", labels="node=yes"),
        node("node2", "10.24.0.2", labels="node=yes"),
        peer("node-specific", node="node1", peer_selector="has(node)"),
        peer("global", peer_selector="has(node)"),
    )
    found = expect(resources)
    assert {name: [one.name for one in peers] for name, peers in found.peers.items()} == {
        "node1": ["Global_10_24_0_2"],
        "node2": ["Global_10_24_0_1"],
    }
    assert found.overlaps == ()
