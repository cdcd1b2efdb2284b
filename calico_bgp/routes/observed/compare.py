"""Compares every node's own blocks with every other node's tables: pair by pair, what arrives and what does not.

A pair arrives where packets do: where the learner's kernel leads them to the origin for each of its blocks, by
whatever route and over whatever nodes (forwarding.py). Where no kernel was read, each block is to be in the learner's
BIRD with a next hop. Who programs the kernel's routes (BIRD or Felix) does not matter: one must.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.failures import sheltered
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import KernelRoute
from calico_bgp.model.routes.observed import Doubt, Missing, NodeRoutes, ObservedRoutes, SingleAddress, Stop
from calico_bgp.once import once
from calico_bgp.prefixes import Prefix, prefix_key
from calico_bgp.routes.observed.alike.judged import Alike, Before, arrives_alike
from calico_bgp.routes.observed.forwarding import Forwarding
from calico_bgp.routes.observed.outside import Outside
from calico_bgp.routes.observed.own import OwnBlocks, own_blocks, pools_of
from calico_bgp.routes.observed.session_readings import external_sessions
from calico_bgp.routes.observed.singles import singles_apart, with_lost
from calico_bgp.routes.observed.stops import Place, Ways
from calico_bgp.routes.observed.tables import NodeTables, node_tables, sent_whole
from calico_bgp.routes.observed.trail import Leads, Trail, Why, gateways_of, told_with


@once
def observed_of(cluster: Cluster) -> dict[Family, ObservedRoutes]:
    """What the tables show, of each family of which one was read."""
    by_family = {}
    for family in Family:
        with sheltered(f"the routes that the nodes hold over {family.label}", matters=True):
            routes = observed_routes(cluster, family)
            if routes is not None:
                by_family[family] = routes
    return by_family


def observed_routes(cluster: Cluster, family: Family) -> ObservedRoutes | None:
    """What the tables of a family show; None where no table of it was read, or none holds a route.

    Args:
        cluster: What was read, and who is who.
        family: The family.
    """
    tables = node_tables(cluster, family)
    if not any(own.table.bird for own in tables.values()):
        return None
    pairs = _Comparison(cluster, family, tables, own_blocks(cluster, family, tables)).routes()
    return replace(pairs, externals=tuple(external_sessions(cluster, family)), sent_whole=sent_whole(tables))


@dataclass
class _Node:
    """What one node learned, counted while all pairs are looked at."""

    learned: int = 0
    unreachable: int = 0
    in_kernel: int = 0
    missing: list[Prefix] = field(default_factory=list)
    kernel_missing: list[Prefix] = field(default_factory=list)


@dataclass
class _Comparison:
    cluster: Cluster
    family: Family
    tables: Mapping[str, NodeTables]
    own: Mapping[str, OwnBlocks]

    def __post_init__(self) -> None:
        self.ways = Ways(self.cluster, self.family, self.tables)
        speakers = self._speakers()
        self.names = tuple(member.name for member in self.cluster.members if member.name in speakers)
        owners = Counter(block for own in self.own.values() for block in own.in_bird)
        self.twice = frozenset(block for block, number in owners.items() if number > 1)
        self.blocks = {name: self.own[name].all if name in self.own else () for name in self.names}
        self.owners = Counter(block for blocks in self.blocks.values() for block in set(blocks))
        self.alike = Alike(self.blocks)
        shortest = min((block.prefixlen for block in self.owners), default=0)
        self.forwarding = Forwarding(self.tables, self._owner, Outside(self.cluster, self.family), shortest)
        self.arriving: dict[str, frozenset[str]] = {}
        self.arrive = self.unknown = 0
        self.doubts: Counter[Why] = Counter()
        self.missing: list[Missing] = []

    def _speakers(self) -> frozenset[str]:
        """The nodes that have routes of the family, or should have."""
        return frozenset(
            {name for name, tables in self.tables.items() if tables.table.bird is not None}
            | {name for name, own in self.own.items() if own.all}
            | {member.name for member in self.cluster.members if self.cluster.takes_part(member, self.family)}
        )

    def routes(self) -> ObservedRoutes:
        nodes = tuple(self._node(name) for name in self.names)
        return ObservedRoutes(
            family=self.family,
            nodes=nodes,
            arrive=self.arrive,
            missing=tuple(sorted(self.missing, key=lambda m: (m.origin, m.learner))),
            unknown=self.unknown,
            kernels=sum(name in self.tables and self.tables[name].kernel_is_whole for name in self.names),
            doubts=tuple(Doubt(why.because, number, why.gateway) for why, number in self.doubts.most_common()),
            untold=frozenset(name for name in self.names if not self.blocks[name] and not self._is_told(name)),
            apart=tuple(self._apart()),
        )

    def _apart(self) -> Iterator[SingleAddress]:
        """Single addresses outside their nodes' blocks."""
        own = self.own
        is_all = all(name in own and (own[name].is_known or own[name].assigned is not None) for name in self.names)
        pools = pools_of(self.cluster.snapshot.resources, self.family)
        yield from with_lost(singles_apart(self.tables, own, pools, is_all=is_all), self.forwarding)

    def _node(self, learner: str) -> NodeRoutes:
        own = self.own.get(learner)
        tables = self.tables.get(learner)
        blocks = OwnBlocks(frozenset(), None, is_known=False) if own is None else own
        total = len(self.owners) - sum(self.owners[block] == 1 for block in set(self.blocks[learner]))
        if tables is None or tables.table.bird is None:
            self.unknown += len(self.names) - 1
            self.doubts[Why("the learner's routes were not read")] += len(self.names) - 1
            why = None if tables is None else tables.table.not_read
            return NodeRoutes(learner, blocks.all, blocks.lost, total, why_unknown=why or "its routes were not read")
        counted = _Node()
        self._pairs(tables, counted)
        has_kernel = tables.kernel_is_whole
        return NodeRoutes(
            learner,
            blocks.all,
            blocks.lost,
            total,
            learned=counted.learned,
            unreachable=counted.unreachable,
            missing=tuple(sorted(counted.missing, key=prefix_key)),
            in_kernel=counted.in_kernel if has_kernel else None,
            kernel_missing=tuple(sorted(counted.kernel_missing, key=prefix_key)) if has_kernel else None,
            paths=tables.number_of_paths,
            why_unknown=tables.table.not_read or (None if has_kernel else tables.why_no_kernel),
            same_as=None if tables.base is None else tables.base.name,
        )

    def _pairs(self, learner: NodeTables, counted: _Node) -> None:
        """What comes of all others; where the tables are as another node's, only of those that differ."""
        before = self.alike.before(learner) if learner.base is None else self._as_base(learner)
        if before is None:
            # A value of its own, that what is worked out for the comparison goes with it.
            tables, others = replace(learner), frozenset(self.names)
            if learner.base is None and not self.alike.is_full:
                self.alike.keep(learner, self._arriving(tables, others - {learner.name}))
        else:
            tables, others = before.tables, before.others
            self.arrive += before.arrive
            counted.learned += before.blocks
            counted.in_kernel += before.blocks if learner.kernel_is_whole else 0
        for origin in others:
            if origin != learner.name:
                self._pair(tables, origin, self.blocks[origin], counted)

    def _as_base(self, learner: NodeTables) -> Before | None:
        """What needs no second look where the learner's table is another node's, apart from some networks."""
        base, differs_at = learner.base, learner.differs_at
        if base is None or differs_at is None or base.kernel_is_whole != learner.kernel_is_whole:
            return None
        if base.name not in self.arriving:
            self.arriving[base.name] = frozenset(self._arriving(base, frozenset(self.names) - {base.name}))
        arriving = self.arriving[base.name]
        return self.alike.beside(arriving, learner, differs_at)

    def _arriving(self, learner: NodeTables, origins: frozenset[str]) -> Iterator[str]:
        """Those whose routes all arrive, by nothing but the learner's routes to them."""
        for origin in origins:
            blocks = self.blocks[origin]
            if blocks and self.twice.isdisjoint(blocks) and arrives_alike(learner, origin, blocks, self._owner):
                yield origin

    def _pair(self, learner: NodeTables, origin: str, blocks: tuple[Prefix, ...], counted: _Node) -> None:
        places: dict[Place, list[Prefix]] = defaultdict(list)
        doubt = None if blocks or self._is_told(origin) else Why(f"nobody tells which blocks are those of {origin}")
        for block in blocks:
            if block in learner.static or block in self.twice:
                doubt = Why("several nodes announce the block as their own")  # which is a matter of its own
                continue
            outcome = self._block(learner, origin, block, counted)
            if isinstance(outcome, Place):
                if not self._leads_to_pods(learner, origin, block):
                    places[outcome].append(block)
            else:
                doubt = outcome or doubt
        if places:
            first = min(places, key=lambda place: list(Stop).index(place.stop))
            missing = tuple(sorted((block for stopped in places.values() for block in stopped), key=prefix_key))
            pods_in = self.own[origin].pods_in
            pods_cut_off = any(place.is_dead_end and any(map(pods_in, stopped)) for place, stopped in places.items())
            stop, at, because, _ = first
            self.missing.append(Missing(learner.name, origin, missing, stop, at, because, pods_cut_off))
        elif doubt is None:
            self.arrive += 1
        else:
            self.unknown += 1
            self.doubts[doubt] += 1

    def _block(self, learner: NodeTables, origin: str, block: Prefix, counted: _Node) -> Place | Why | None:
        """Where a block's route stops, or why that is not known; None where packets arrive."""
        best = learner.best(block)
        if best is None:
            return self._not_in_bird(learner, origin, block, counted)
        counted.learned += 1
        if best.destination is Destination.UNREACHABLE or not best.is_resolved:
            counted.unreachable += 1
            trail = self._trail(learner, origin, block) if learner.kernel_is_whole else None
            if trail is not None and trail.is_led:
                return trail.doubt
            because = f"{block} via {best.protocol}: its next hop cannot be reached"
            return Place(Stop.UNREACHABLE, learner.name, told_with(because, trail))
        if not learner.kernel_is_whole:
            return None
        routes = learner.kernel.get(block, ())
        if routes and self._leads_straight(routes[0], origin):
            counted.in_kernel += 1
            return None  # as nearly always: nothing else need be looked at
        trail = self._trail(learner, origin, block)
        if routes and trail.leads is not Leads.NOWHERE:
            counted.in_kernel += 1
            return trail.doubt
        counted.kernel_missing.append(block)
        if trail.is_led:
            return trail.doubt
        if not routes:
            because = f"{block} is in BIRD's table and in no route of the kernel"
            return Place(Stop.NOT_IN_KERNEL, learner.name, told_with(because, trail))
        return self._astray(learner, origin, block, trail)

    def _not_in_bird(self, learner: NodeTables, origin: str, block: Prefix, counted: _Node) -> Place | Why | None:
        trail = self._trail(learner, origin, block) if learner.kernel_is_whole else None
        is_known = learner.bird_is_whole and self._is_settled(origin) and learner.is_settled
        if is_known:
            counted.missing.append(block)
        if trail is not None and trail.is_led:
            return trail.doubt
        if not is_known:
            return Why("BIRD's table was not read as a whole, or its configuration is too young")
        place = self.ways.where(learner.name, origin, block)
        ends = trail is not None and (trail.leads is Leads.NOWHERE or not self.forwarding.outside.addresses)
        return place._replace(because=told_with(place.because, trail), is_dead_end=ends)

    def _leads_to_pods(self, learner: NodeTables, origin: str, block: Prefix) -> bool:
        pods = self.own[origin].pods_in(block)
        return bool(pods) and learner.kernel_is_whole and self.forwarding.leads_to_pods(learner.name, origin, pods)

    def _trail(self, learner: NodeTables, origin: str, block: Prefix) -> Trail:
        return self.forwarding.trail(learner, origin, block)

    def _leads_straight(self, route: KernelRoute, origin: str) -> bool:
        """Whether each way (ECMP) of a kernel's route leads to the owner itself: packets take all of them."""
        return route.type == "unicast" and all(
            hop.gateway is None or self._owner(hop.gateway) == origin for hop in route.hops
        )

    def _astray(self, learner: NodeTables, origin: str, block: Prefix, trail: Trail) -> Place:
        """A kernel that leads packets to nowhere: whose word it follows, or on which node they go astray."""
        route = learner.kernel[block][0]
        if route.type != "unicast":
            return Place(Stop.KERNEL_ELSEWHERE, learner.name, f"{block}: the kernel has a route of type {route.type}")
        gateways = {hop.gateway for hop in route.hops if hop.gateway is not None}
        announced = {path: self.forwarding.announcer(path, learner) for path in learner.paths.get(block, ())}
        for path, name in announced.items():
            if name in self.forwarding.leakers(block) - {learner.name, origin} and gateways & gateways_of([path]):
                because = f"{name} announces {block} of {origin}, which it has from its own kernel"
                return Place(Stop.KERNEL_ELSEWHERE, name, because)
        leakers = [name for name in trail.over if name in self.forwarding.leakers(block) - {origin}]
        if learner.name not in self.forwarding.leakers(block) and (leakers or trail.at != learner.name):
            return Place(Stop.KERNEL_ELSEWHERE, leakers[0] if leakers else trail.at, trail.because)
        right_gateways = gateways_of(path for path, name in announced.items() if name in {origin, None})
        astray = [gateway for gateway in gateways - right_gateways if self._owner(gateway) != origin] or list(gateways)
        some_of = "also " if len(astray) < len(route.hops) else ""
        wrong_text, right_text = (", ".join(map(str, sorted(each, key=int))) for each in (astray, right_gateways))
        because = f"the kernel {some_of}leads to {wrong_text}, BIRD to {right_text or 'another node than its owner'}"
        return Place(Stop.KERNEL_ELSEWHERE, learner.name, f"{block}: {because}")

    def _is_told(self, origin: str) -> bool:
        """Whether Calico's resources say which blocks are a node's, be it none."""
        own = self.own.get(origin)
        return own is not None and own.assigned is not None

    def _is_settled(self, origin: str) -> bool:
        tables = self.tables.get(origin)
        return tables is None or tables.is_settled

    def _owner(self, address: Address) -> str | None:
        return self.cluster.identity.owner.get(address)
