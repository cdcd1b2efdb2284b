"""Probed clusters from seeds: a shape with pools, blocks, BGPFilters and faults. Values only; it starts nothing.

Neither who learns whose routes nor what calico_bgp says of it is known here.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network

from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, BlockAffinity, CalicoNode, IPPool, Resources
from calico_bgp.model.routes.bgp_filter import (
    AddCommunity,
    BGPFilter,
    FilterAction,
    FilterRule,
    MatchOperator,
    PrefixLength,
    PrependASPath,
    SetPriority,
)
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import reachability
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.policy.bgp_filter import refused_by_bird
from tests.rig.probes.faults import LIMITS, OF_SESSION, Fault, FaultKind, fault_of, some_faults
from tests.rig.probes.shapes import MOSTLY_ALONE, SHAPES, SINGLE_WAY, MakeShape, Shape, Switch, two_racks

Prefix = IPv4Network | IPv6Network

_FAMILIES = ((Family.IPV4,), (Family.IPV6,), (Family.IPV4, Family.IPV6), (Family.IPV4, Family.IPV6))
_POOLS = {
    Family.IPV4: ("10.65.0.0/16", "10.66.0.0/16"),
    Family.IPV6: ("fd65::/48", "fd66::/48"),
}
_SIZES = {Family.IPV4: 26, Family.IPV6: 122}
_SECOND_POOLS = ("none", "plain", "unexported", "VXLAN", "unexported VXLAN")
#: A pod's place in its block.
_POD = 5


@dataclass(frozen=True)
class Pod:
    """A pod's address.

    Attributes:
        node: Where it runs.
        block: The block that it is of.
        address: Its address.
    """

    node: str
    block: Prefix
    address: Address


@dataclass(frozen=True)
class ProbedCluster:
    """One cluster.

    Attributes:
        seed: Where it comes from.
        shape: Who peers with whom.
        families: Of its addresses.
        resources: All that Calico's datastore holds.
        faults: What is broken, which no resource tells.
    """

    seed: int
    shape_name: str
    shape: Shape
    families: tuple[Family, ...]
    resources: Resources
    faults: tuple[Fault, ...]

    @property
    def name(self) -> str:
        """Seed and shape."""
        return f"{self.seed} {self.shape_name}"

    @cached_property
    def expectation(self) -> Expectation:
        """What Calico would configure."""
        return expect(self.resources)

    @cached_property
    def nodes(self) -> dict[str, CalicoNode]:
        """By name."""
        return self.resources.nodes_by_name

    def peers(self, node: str, family: Family) -> tuple[ExpectedPeer, ...]:
        """The protocols of one BIRD."""
        return tuple(peer for peer in self.expectation.peers[node] if peer.family is family)

    def blocks(self, node: str, family: Family) -> tuple[Prefix, ...]:
        """A node's own blocks, as IPAM has it."""
        found = (ip_network(one.cidr) for one in self.resources.block_affinities if one.node == node)
        return tuple(block for block in found if block.version == (4 if family is Family.IPV4 else 6))

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """One in each block."""
        return tuple(
            Pod(node, block, block.network_address + _POD)
            for node in self.nodes
            for family in self.families
            for block in self.blocks(node, family)
        )

    def pool_of(self, block: Prefix) -> IPPool:
        """The pool that a block is of."""
        return next(
            pool
            for pool in self.resources.ip_pools
            if (network := ip_network(pool.cidr)).version == block.version and block.network_address in network
        )

    def faults_at(self, node: str, family: Family) -> Iterator[Fault]:
        """Those of one BIRD or kernel."""
        return (fault for fault in self.faults if fault.node == node and family in fault.families)


def any_cluster(seed: int) -> ProbedCluster:
    """Everything at random: filters, pools that are not exported, up to two faults.

    Shapes take turns, and so do families, so that few seeds have all of them.
    """
    rng = random.Random(f"any {seed}")
    families = _FAMILIES[seed % len(_FAMILIES)]
    make = SHAPES[seed % len(SHAPES)]
    whole = _whole(
        rng, seed, make, make(rng, families), families, second=rng.choice(_SECOND_POOLS), has_filters=rng.random() < 0.6
    )
    number = rng.choice([0, 0, 1, 1, 2])
    return replace(whole, faults=some_faults(rng, number, _sessions(whole), families, racks=_has_lost_hops(whole)))


def cluster_with_one_fault(seed: int) -> ProbedCluster:
    """One fault, each kind in turn, and nothing else that could cost a route."""
    rng = random.Random(f"one fault {seed}")
    families = _FAMILIES[seed % len(_FAMILIES)]
    kind = list(FaultKind)[seed % len(FaultKind)]
    shapes = SINGLE_WAY if kind in OF_SESSION else MOSTLY_ALONE
    turn = seed + seed // len(FaultKind)
    make = two_racks if kind is FaultKind.NEXT_HOP_LOST else shapes[turn % len(shapes)]
    while True:
        shape = make(rng, families)
        if make is two_racks:
            shape = replace(shape, switch=Switch.TOLD)
        # A limit of one route needs two of them.
        second = "plain" if kind in LIMITS else rng.choice(["none", "plain", "VXLAN"])
        whole = _whole(rng, seed, make, shape, families, second=second, has_filters=False, share=1.0)
        if not any(_lacks_routes(whole, family) for family in families):
            return replace(whole, faults=(fault_of(rng, kind, _sessions(whole), families),))


def _lacks_routes(cluster: ProbedCluster, family: Family) -> bool:
    """Whether a shape loses routes by itself, as two reflectors of one cluster ID do."""
    return reachability(expected_network(cluster.expectation, family)).count(Answer.NO) > 0


def _whole(
    rng: random.Random,
    seed: int,
    make: MakeShape,
    shape: Shape,
    families: tuple[Family, ...],
    *,
    second: str,
    has_filters: bool,
    share: float = 0.5,
) -> ProbedCluster:
    """Without a fault."""
    pools = tuple(_pools(families, second))
    blocks = tuple(_blocks(rng, shape, pools, share))
    filters = _filters(rng, families, pools, blocks) if has_filters else ()
    resources = Resources(
        nodes=shape.nodes,
        bgp_peers=tuple(_with_filters(rng, shape.peers, filters)),
        bgp_configurations=(BGPConfiguration(name="default", node_to_node_mesh_enabled=shape.mesh),),
        ip_pools=pools,
        block_affinities=blocks,
        bgp_filters=filters,
    )
    return ProbedCluster(seed, make.__name__, shape, families, resources, ())


def _has_lost_hops(cluster: ProbedCluster) -> bool:
    """Whether a next hop can be lost: a node peers with one of another rack."""
    return cluster.shape_name == two_racks.__name__


def _sessions(cluster: ProbedCluster) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(sorted({peer.far_node for peer in peers if peer.far_node is not None}))
        for name, peers in cluster.expectation.peers.items()
    }


def _pools(families: Sequence[Family], second: str) -> Iterator[IPPool]:
    """A plain pool, and often a second one, which may be a VXLAN pool or not exported."""
    for family in families:
        plain, more = _POOLS[family]
        yield IPPool(f"plain-{family.label.lower()}", plain, block_size=_SIZES[family])
        if second != "none":
            yield IPPool(
                f"second-{family.label.lower()}",
                more,
                vxlan_mode="Always" if "VXLAN" in second else None,
                disable_bgp_export="unexported" in second,
                block_size=_SIZES[family],
            )


def _blocks(rng: random.Random, shape: Shape, pools: Sequence[IPPool], share: float) -> Iterator[BlockAffinity]:
    """Each node has a block in the plain pool of each family, and a share of them one in the second pool."""
    for pool in pools:
        network, size = ip_network(pool.cidr), pool.block_size or 0
        is_first = pool.name.startswith("plain")
        for number, node in enumerate(shape.nodes, start=1):
            if is_first or rng.random() < share:
                # One after the other, that a filter's prefix may hold several.
                address = network.network_address + (number << (network.max_prefixlen - size))
                cidr = f"{address}/{size}"
                yield BlockAffinity(f"{node.name}-{cidr}", node.name, cidr, state="confirmed")


def _with_filters(rng: random.Random, peers: Iterable[BGPPeer], filters: tuple[BGPFilter, ...]) -> Iterator[BGPPeer]:
    share = rng.choice([0.3, 0.6, 1.0])
    for peer in peers:
        names = tuple(each.name for each in rng.sample(filters, rng.choice([1, 1, 2]))) if filters else ()
        yield replace(peer, filters=names) if names and rng.random() < share else peer


def _filters(
    rng: random.Random, families: Sequence[Family], pools: Sequence[IPPool], blocks: Sequence[BlockAffinity]
) -> tuple[BGPFilter, ...]:
    looks_at_more = rng.random() < 0.3
    return tuple(_filter(rng, f"f{n}", families, pools, blocks, looks_at_more=looks_at_more) for n in range(2))


def _filter(
    rng: random.Random,
    name: str,
    families: Sequence[Family],
    pools: Sequence[IPPool],
    blocks: Sequence[BlockAffinity],
    *,
    looks_at_more: bool,
) -> BGPFilter:
    cidrs = {
        family: [one.cidr for one in (*pools, *blocks) if (":" in one.cidr) is (family is Family.IPV6)]
        for family in Family
    }
    while True:
        lists = {
            f"{direction}_v{version}": tuple(_rules(rng, cidrs[family], looks_at_more=looks_at_more))
            for version, family in ((4, Family.IPV4), (6, Family.IPV6))
            for direction in ("import", "export")
            if family in families
        }
        made = BGPFilter(name, **lists)
        if not any(refused_by_bird(made)):
            return made


def _rules(rng: random.Random, cidrs: list[str], *, looks_at_more: bool) -> Iterator[FilterRule]:
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        action = rng.choice([FilterAction.ACCEPT, FilterAction.REJECT])
        cidr = rng.choice(cidrs) if rng.random() < 0.9 else None
        more: dict[str, object] = {}
        if looks_at_more and rng.random() < 0.5:
            more = rng.choice(
                [{"community": (65000, 1)}, {"priority": 1024}, {"interface": "eth*"}, {"as_path_prefix": (64512,)}]
            )
        if looks_at_more and action is FilterAction.ACCEPT and rng.random() < 0.4:
            change = rng.choice([AddCommunity((65000, 1)), PrependASPath((65009,)), SetPriority(512)])
            more = {**more, "operations": (change,)}
        longest = 32 if cidr is None or ":" not in cidr else 128
        yield FilterRule(
            action,
            cidr,
            rng.choice([MatchOperator.IN, MatchOperator.IN, MatchOperator.EQUAL, MatchOperator.NOT_IN])
            if cidr
            else None,
            PrefixLength(None, longest) if cidr and rng.random() < 0.2 else None,
            remote_peers_only=rng.random() < 0.15,
            **more,  # type: ignore[arg-type]
        )
