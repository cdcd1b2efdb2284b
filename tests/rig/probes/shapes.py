"""Who peers with whom in a probed cluster, from a seed. Values only; nothing here starts anything.

Every shape is Calico's resources: nodes in one rack or two, BGPPeers, and whether the mesh is on. A top-of-rack switch
is no node: it is the gateway of each rack and speaks BGP where a BGPPeer names it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from itertools import combinations

from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, CalicoNode

RACK = "rack"
SWITCH_AS = 65000
#: Of each rack: the first addresses of its networks, which are the switch's.
GATEWAYS = {
    "a": {Family.IPV4: IPv4Address("192.0.2.1"), Family.IPV6: IPv6Address("2001:db8:a::1")},
    "b": {Family.IPV4: IPv4Address("198.51.100.1"), Family.IPV6: IPv6Address("2001:db8:b::1")},
}
#: What stands behind an address of each family.
LENGTHS = {Family.IPV4: 24, Family.IPV6: 64}
_ONE, _OTHER = "244.0.0.1", "244.0.0.2"


class Switch(StrEnum):
    """What the switch between the racks knows of pods."""

    IGNORANT = "knows no pod"
    TOLD = "has a route to every block, by hand"
    SPEAKER = "speaks BGP"


@dataclass(frozen=True)
class Shape:
    """One topology.

    Attributes:
        nodes: The nodes; the label `rack` tells where each stands.
        peers: The BGPPeers.
        mesh: Whether the node-to-node mesh is on.
        switch: What the switch knows.
    """

    nodes: tuple[CalicoNode, ...]
    peers: tuple[BGPPeer, ...] = ()
    mesh: bool = False
    switch: Switch = Switch.IGNORANT


def rack_of(node: CalicoNode) -> str:
    """`a` or `b`."""
    return node.label(RACK) or "a"


def _nodes(rng: random.Random, families: Sequence[Family], fewest: int, most: int, *, racks: str) -> list[CalicoNode]:
    """In a mixed order, so that addresses and router IDs do not follow the names."""
    count = rng.randint(fewest, most)
    places = rng.sample(range(10, 250), count)
    return [_node(f"n{n + 1}", places[n], racks[n * len(racks) // count], families) for n in range(count)]


def _node(name: str, place: int, rack: str, families: Sequence[Family]) -> CalicoNode:
    ipv4, ipv6 = (GATEWAYS[rack][family] + place for family in Family)
    return CalicoNode(
        name=name,
        labels=(("name", name), (RACK, rack)),
        ipv4=ipv4 if Family.IPV4 in families else None,
        ipv6=ipv6 if Family.IPV6 in families else None,
        ipv4_prefix=LENGTHS[Family.IPV4],
        ipv6_prefix=LENGTHS[Family.IPV6],
    )


def _reflecting(nodes: list[CalicoNode], ids: Iterable[str]) -> None:
    for index, cluster_id in enumerate(ids):
        nodes[index] = replace(nodes[index], cluster_id=cluster_id)


def _link(near: CalicoNode, far: CalicoNode, **fields: object) -> BGPPeer:
    """A BGPPeer by selector between two nodes; confd makes both ends of it."""
    return BGPPeer(name=f"{near.name}-{far.name}", node=near.name, peer_selector=f"name == '{far.name}'", **fields)  # type: ignore[arg-type]


def _to_switch(families: Sequence[Family], racks: str, **fields: object) -> list[BGPPeer]:
    """The nodes of each rack with their switch, a BGPPeer for each family."""
    return [
        BGPPeer(  # type: ignore[arg-type]
            name=f"switch-{rack}-{family.label.lower()}",
            node_selector=f"{RACK} == '{rack}'",
            peer_ip=str(GATEWAYS[rack][family]),
            as_number=SWITCH_AS,
            **fields,
        )
        for rack in racks
        for family in families
    ]


def mesh(rng: random.Random, families: Sequence[Family]) -> Shape:
    """Calico's default."""
    return Shape(tuple(_nodes(rng, families, 4, 6, racks="a")), mesh=True)


def reflectors(rng: random.Random, families: Sequence[Family]) -> Shape:
    """Two reflectors, in one cluster or two, with the BGPPeers that most guides show."""
    nodes = _nodes(rng, families, 5, 7, racks="a")
    _reflecting(nodes, [_ONE, rng.choice([_ONE, _OTHER])])
    both = f"name in {{'{nodes[0].name}', '{nodes[1].name}'}}"
    selector = rng.choice(["all()", f"!({both})"])
    peers = [BGPPeer(name="to-reflectors", node_selector=selector, peer_selector=both)]
    return Shape(tuple(nodes), (*peers, *([] if selector == "all()" else [_link(nodes[0], nodes[1])])))


def one_reflector_each(rng: random.Random, families: Sequence[Family]) -> Shape:
    """Every client with one of two reflectors, whose cluster IDs decide whether that is enough."""
    nodes = _nodes(rng, families, 5, 7, racks="a")
    _reflecting(nodes, [_ONE, rng.choice([_ONE, _OTHER])])
    return Shape(tuple(nodes), (_link(nodes[0], nodes[1]), *(_link(c, rng.choice(nodes[:2])) for c in nodes[2:])))


def node_specific(rng: random.Random, families: Sequence[Family]) -> Shape:
    """Single peerings between nodes of one AS or several, where some are forgotten."""
    numbers = rng.choice([[None], [None, 64513], [None, 64513, 64514]])
    nodes = [replace(node, as_number=rng.choice(numbers)) for node in _nodes(rng, families, 4, 6, racks="a")]
    share = rng.choice([1.0, 0.8, 0.6])
    return Shape(tuple(nodes), tuple(_link(a, b) for a, b in combinations(nodes, 2) if rng.random() < share))


def two_racks(rng: random.Random, families: Sequence[Family]) -> Shape:
    """A mesh over two racks, whose switch knows every block, or none: pods need it without encapsulation."""
    nodes = _nodes(rng, families, 4, 6, racks="ab")
    return Shape(tuple(nodes), mesh=True, switch=rng.choice([Switch.IGNORANT, Switch.TOLD, Switch.TOLD]))


def racks_behind_a_switch(rng: random.Random, families: Sequence[Family]) -> Shape:
    """No peer but the switch: an AS for each node, or for each rack, whose nodes then also peer with each other."""
    nodes = _nodes(rng, families, 4, 6, racks="ab")
    of_node = rng.random() < 0.5
    nodes = [
        replace(node, as_number=64600 + (number if of_node else "ab".index(rack_of(node))))
        for number, node in enumerate(nodes)
    ]
    peers = _to_switch(families, "ab")
    if not of_node:
        peers += [_link(a, b) for a, b in combinations(nodes, 2) if rack_of(a) == rack_of(b)]
    return Shape(tuple(nodes), tuple(peers), switch=Switch.SPEAKER)


def mesh_beside_a_switch(rng: random.Random, families: Sequence[Family]) -> Shape:
    """A mesh in one rack, all of which the switch is told as well."""
    return Shape(tuple(_nodes(rng, families, 4, 5, racks="a")), tuple(_to_switch(families, "a")), True, Switch.SPEAKER)


MakeShape = Callable[[random.Random, Sequence[Family]], Shape]

SHAPES: tuple[MakeShape, ...] = (
    mesh,
    reflectors,
    node_specific,
    two_racks,
    one_reflector_each,
    racks_behind_a_switch,
    mesh_beside_a_switch,
)
#: Shapes in which a fault mostly costs routes: no switch leads on what a node's kernel has no route for.
MOSTLY_ALONE: tuple[MakeShape, ...] = (mesh, reflectors, node_specific, one_reflector_each, racks_behind_a_switch)
#: Shapes in which most routes have one session to come over.
SINGLE_WAY: tuple[MakeShape, ...] = (mesh, one_reflector_each, mesh)
