"""The seeded topologies again, with IPPools, BlockAffinities and BGPFilters on their BGPPeers.

Values and configurations only; nothing here starts anything or knows who learns whose routes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Address, ip_network

from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BlockAffinity, IPPool, Resources
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
from calico_bgp.report.resources.expected_bird import bird_block
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.policy.bgp_filter import refused_by_bird
from calico_bgp.routes.policy.export import ExportPolicy
from tests.rig.machines.crowd import HEAD, Speaker, WrittenSpeaker
from tests.rig.routes.bird_filters import PRIORITIES, export_rules, filter_functions, session_filters
from tests.rig.routes.propagation_plans import Plan, plans


@dataclass(frozen=True)
class FilteredPlan:
    """One cluster with filters.

    Attributes:
        plan: Its shape, and the sessions that are cut.
        resources: With pools, blocks and filters.
        tells_blocks: Whether whoever computes sees the BlockAffinities.
        turn: Which of the sets that its BIRDs get one after the other.
    """

    plan: Plan
    resources: Resources
    tells_blocks: bool
    turn: int

    @property
    def name(self) -> str:
        return f"{self.plan.name}{'' if self.tells_blocks else ' without blocks'} {'ab'[self.turn]}"

    @cached_property
    def expectation(self) -> Expectation:
        """What Calico would configure."""
        return expect(self.resources)

    @property
    def network(self) -> Network:
        """What is to be computed from it."""
        seen = self.resources if self.tells_blocks else self.resources.model_copy(update={"block_affinities": ()})
        return expected_network(expect(seen), Family.IPV4).without(pairs=[tuple(pair) for pair in self.plan.cut])

    def blocks(self, name: str) -> tuple[str, ...]:
        """The blocks of a node."""
        return tuple(block.cidr for block in self.resources.block_affinities if block.node == name)

    def speakers(self) -> Iterator[Speaker]:
        """Its BIRDs, with the peers that make a session."""
        standing = {frozenset((a.node, b.node)) for a, b in self.plan.network.sessions}
        functions = "".join(filter_functions(each, Family.IPV4) for each in self.resources.bgp_filters)
        for name, peers in self.expectation.peers.items():
            mine = [peer for peer in peers if frozenset((name, str(peer.far_node))) in standing]
            address = self.resources.nodes_by_name[name].ipv4
            assert isinstance(address, IPv4Address)
            unique = f"{self.plan.number}-{name}"
            own = "".join(f"  route {block} blackhole;\n" for block in self.blocks(name))
            text = (
                HEAD.format(name=unique, router_id=address, address=address, more="")
                + f"protocol static {{\n{own}}}\n"
                + PRIORITIES
            )
            text += export_rules(self._policy(name)) + functions + "".join(map(self._protocol, mine))
            yield WrittenSpeaker(unique, address, "", "", text)

    def _policy(self, name: str) -> ExportPolicy:
        pools = self.resources.ip_pools
        return ExportPolicy(
            (NEWEST.major, NEWEST.minor),
            0,
            blocks=tuple(map(ip_network, self.blocks(name))),
            pools=tuple(ip_network(pool.cidr) for pool in pools if not pool.disable_bgp_export),
            unexported=tuple(ip_network(pool.cidr) for pool in pools if pool.disable_bgp_export),
        )

    def _protocol(self, peer: ExpectedPeer) -> str:
        # One end dials, whatever Calico says: two that dial at one instant take turns in refusing each other.
        more = "  passive on;\n" if peer.node > str(peer.far_node) else ""
        made_by = {each.name: each for each in self.resources.bgp_peers}
        names = next((made_by[b.name].filters for b in peer.because if b.name in made_by), ())
        by_name = {each.name: each for each in self.resources.bgp_filters}
        more += session_filters([by_name[n] for n in names], Family.IPV4, same_as=peer.local_as == peer.peer_as)
        head = bird_block(peer)[:-2].replace("  passive on;\n", "")
        return head.replace(f"bgp {peer.name} {{", f"bgp {peer.name} from calico {{") + more + "}\n"


def filtered_plans(turn: int) -> tuple[FilteredPlan, ...]:
    """All of one turn; of every third it is not told which blocks the nodes have."""
    found: list[FilteredPlan] = []
    for plan in plans():
        if plan.add_paths and len(plan.resources.nodes) <= 8:
            rng = random.Random(f"filters {plan.name} {turn}")
            tells_blocks = (len(found) + turn) % 3 != 2
            found.append(FilteredPlan(plan, _with_filters(rng, plan), tells_blocks, turn))
    return tuple(found)


def _with_filters(rng: random.Random, plan: Plan) -> Resources:
    pools = [
        IPPool("pods", f"10.{100 + plan.number % 50}.0.0/18", block_size=26),
        IPPool("more", f"10.{100 + plan.number % 50}.64.0/18", block_size=26, disable_bgp_export=rng.random() < 0.2),
        IPPool("rest", f"10.{100 + plan.number % 50}.128.0/18", block_size=26),
    ][: rng.choice([1, 2, 3])]
    blocks = []
    for number, node in enumerate(plan.resources.nodes):
        for pool in pools if rng.random() < 0.5 else rng.sample(pools, 1):
            base = int(ip_network(pool.cidr).network_address)
            cidr = f"{IPv4Address(base + 64 * (number * 16 + rng.randrange(16)))}/26"
            blocks.append(BlockAffinity(f"{node.name}-{cidr}", node.name, cidr))
    # Often everybody's filters look at prefixes alone, so that all is known.
    looks_at_more = rng.random() < 0.5
    filters = [_filter(rng, f"f{n}", pools, blocks, looks_at_more=looks_at_more) for n in range(3)]
    share = rng.choice([0.2, 0.4, 0.8])
    peers = tuple(
        replace(peer, filters=tuple(f.name for f in rng.sample(filters, rng.choice([1, 1, 2]))))
        if rng.random() < share
        else peer
        for peer in plan.resources.bgp_peers
    )
    return plan.resources.model_copy(
        update={
            "bgp_peers": peers,
            "ip_pools": tuple(pools),
            "block_affinities": tuple(blocks),
            "bgp_filters": tuple(filters),
        }
    )


def _filter(
    rng: random.Random, name: str, pools: list[IPPool], blocks: list[BlockAffinity], *, looks_at_more: bool
) -> BGPFilter:
    cidrs = [pool.cidr for pool in pools] + [block.cidr for block in blocks] + ["10.0.0.0/8", "192.168.0.0/16"]
    while True:
        sides = [tuple(_rules(rng, cidrs, looks_at_more=looks_at_more)) for _ in range(2)]
        made = BGPFilter(name, import_v4=sides[0], export_v4=sides[1])
        if not any(refused_by_bird(made)):
            return made


def _rules(rng: random.Random, cidrs: list[str], *, looks_at_more: bool) -> Iterable[FilterRule]:
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        action = rng.choice([FilterAction.ACCEPT, FilterAction.REJECT])
        cidr = rng.choice(cidrs) if rng.random() < 0.8 else None
        more: dict[str, object] = {}
        if looks_at_more and rng.random() < 0.5:
            more = rng.choice(
                [
                    {"community": (65000, 1)},
                    {"as_path_prefix": (64512,)},
                    {"priority": 1024},
                    {"interface": "eth*"},
                    {"peer_type": rng.choice(["iBGP", "eBGP"])},
                ]
            )
        if looks_at_more and action is FilterAction.ACCEPT and rng.random() < 0.3:
            change = rng.choice([AddCommunity((65000, 1)), PrependASPath((65009,)), SetPriority(512)])
            more = {**more, "operations": (change,)}
        yield FilterRule(
            action,
            cidr,
            rng.choice([MatchOperator.IN, MatchOperator.IN, *MatchOperator]) if cidr else None,
            PrefixLength(24, rng.choice([None, 28])) if cidr and rng.random() < 0.2 else None,
            remote_peers_only=rng.random() < 0.15,
            **more,  # type: ignore[arg-type]
        )
