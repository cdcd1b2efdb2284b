"""Where the kernels lead packets, node by node: to the owner of a block, to nowhere, or out of what was read.

A packet follows the kernels, whatever BIRD has: by the longest prefix, of several ways (ECMP) by each. A gateway that
is another node leads on by that node's kernel. One that is no node is known to lead on only where the owner tells
something outside of its block, or where what is outside announces the block itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.model.routes.kernel_route import KernelHop, KernelRoute
from calico_bgp.model.routes.table import TableRoute
from calico_bgp.parse.addresses import read_address
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.observed.outside import Outside
from calico_bgp.routes.observed.tables import NodeTables, Prefixes
from calico_bgp.routes.observed.trail import THERE, Leads, Trail, gateways_of
from calico_bgp.upstream import TUNNEL_INTERFACES

#: The type of a route that leads to the next table, WireGuard's own to `main`.
THROW = "throw"
#: Nodes of whose tables what is worked out is kept.
_MOST_LIVE = 64
#: So many ways over other nodes are remembered.
_MOST_FOUND = 100_000


class _Around(NamedTuple):
    """A node's routes that are no block's: to wider networks, and the single addresses that are elsewhere."""

    wide: list[KernelRoute]
    single: Prefixes


@dataclass
class Forwarding:
    """The kernels of one family.

    Attributes:
        tables: The routes of the nodes that were read.
        owner: Address → the node that has it.
        outside: The peers that are no nodes.
        length: Of the shortest prefix among the blocks, in bits.
    """

    tables: Mapping[str, NodeTables]
    owner: Callable[[Address], str | None]
    outside: Outside
    length: int
    _trails: dict[tuple[str, Prefix], Trail] = field(default_factory=dict)
    _under_way: set[tuple[str, Prefix]] = field(default_factory=set)

    def trail(self, learner: NodeTables, origin: str, block: Prefix) -> Trail:
        """Where packets of a node to a block of another one go.

        Args:
            learner: The node whose kernel is looked at first; its routes to the block are enough.
            origin: The node that has the block.
            block: The block.
        """
        key = learner.name, block
        if key in self._under_way:
            return Trail(Leads.NOWHERE, learner.name, None, f"{block}: the kernels lead in a circle")
        if not self._under_way and len(self._trails) > _MOST_FOUND:
            self._trails.clear()
        self._under_way.add(key)
        try:
            return self._of_node(learner, origin, block)
        finally:
            self._under_way.remove(key)

    def _of_node(self, tables: NodeTables, origin: str, block: Prefix) -> Trail:
        node = tables.name
        if not tables.kernel_is_whole:
            return Trail(Leads.OUTSIDE, node, None, f"{block}: the kernel of {node} was not read")
        route = self._route(tables, block)
        if route is None:
            return Trail(Leads.NOWHERE, node, None, f"{block}: the kernel of {node} has no route")
        if route.type != "unicast":
            return Trail(Leads.NOWHERE, node, None, f"{block}: the kernel of {node} has a route of type {route.type}")
        trails = (self._of_hop(hop, route, tables, origin, block) for hop in route.hops)
        return max(trails, key=lambda trail: trail.leads, default=THERE)

    def _route(self, tables: NodeTables, block: Prefix) -> KernelRoute | None:
        """The kernel's route that packets to a block take: its own, else the longest one around it."""
        own = next((route for route in tables.kernel.get(block, ()) if route.type != THROW), None)
        if own is not None:
            return own
        around = (
            route
            for route in self._wide(tables.name, block.prefixlen)
            if block.network_address in route.prefix and route.type != THROW
        )
        return min(around, key=lambda route: (-route.prefix.prefixlen, route.table is None, route.metric), default=None)

    def _wide(self, name: str, length: int) -> list[KernelRoute]:
        """A node's routes to wider networks than any block; of a block that lies in another one, to all wider ones."""
        if length > self.length:
            return [route for route in self.tables[name].kernel_routes if route.prefix.prefixlen < length]
        return self._around(name).wide

    def _around(self, name: str) -> _Around:
        around = self._arounds.get(name)
        if around is None:
            wide, single = [], set()
            for route in self.tables[name].kernel_routes:
                length = route.prefix.prefixlen
                if length < self.length:
                    wide.append(route)
                elif length == route.prefix.max_prefixlen and any(hop.gateway is not None for hop in route.hops):
                    single.add(route.prefix)
            around = self._arounds[name] = _Around(wide, frozenset(single))
        return around

    @cached_property
    def _arounds(self) -> dict[str, _Around]:
        return {}

    def leads_to_pods(self, node: str, origin: str, pods: Iterable[Prefix]) -> bool:
        """Whether a node's kernel has a way to each of some pods of another one that leads there.

        A BGPFilter that accepts all at export announces single pods, too: they count before their block.
        """
        single = self._around(node).single
        return bool(single) and all(
            pod in single and self.trail(self._live(node), origin, pod).leads is Leads.THERE for pod in pods
        )

    def _of_hop(self, hop: KernelHop, route: KernelRoute, tables: NodeTables, origin: str, block: Prefix) -> Trail:
        is_own = route.prefix == block
        if hop.gateway is None or (hop.interface or "").startswith(TUNNEL_INTERFACES):
            # Felix's tunnels: behind the device stands whom Felix knows, by the address of its tunnel.
            return THERE if is_own else self._leaves(tables, None, route, block)
        owner = self.owner(hop.gateway)
        if owner == origin:
            return THERE
        if owner is not None and owner != tables.name:
            trail = self._from(owner, origin, block)
            return trail if trail is THERE else trail._replace(over=(owner, *trail.over))
        if is_own and not self._is_birds(hop.gateway, tables, origin, block):
            because = f"{block}: the kernel of {tables.name} leads to {hop.gateway}, of which BIRD knows nothing"
            return Trail(Leads.NOWHERE, tables.name, hop.gateway, because)
        if self._leads_on(tables, hop.gateway, origin, block):
            return THERE
        return self._leaves(tables, hop.gateway, route, block)

    def _is_birds(self, gateway: Address, tables: NodeTables, origin: str, block: Prefix) -> bool:
        """Whether one of BIRD's paths, apart from those that come from kernels, leads to the gateway; or none tells."""
        gateways: set[Address] = set()
        leaked: set[Address] = set()
        for path in tables.paths.get(block, ()):
            name = None if path.kernel_source is None else tables.name
            if name is None and self._leaked.get(block, set()) - {origin}:
                name = self.announcer(path, tables)
            ways = gateways_of([path])
            astray = ways & self._leaked_to(name, block) if name in self.leakers(block) - {origin} else set()
            leaked |= astray
            gateways |= ways - astray
        return gateway in gateways or not (gateways or gateway in leaked)

    def _from(self, node: str, origin: str, block: Prefix) -> Trail:
        """Where packets go that another node passes on."""
        if node not in self.tables:
            return Trail(Leads.OUTSIDE, node, None, f"{block}: the kernel of {node} was not read")
        trail = self._trails.get((node, block))
        if trail is None:
            trail = self._trails[node, block] = self.trail(self._live(node), origin, block)
        return trail

    def _leaves(self, tables: NodeTables, gateway: Address | None, route: KernelRoute, block: Prefix) -> Trail:
        is_own = route.prefix == block
        through = "" if is_own else f" by {route.prefix}" if route.prefix.prefixlen else " by default"
        to = f"to {gateway}, which is no node" if gateway is not None else "over a device"
        because = f"{block}: packets leave {tables.name}{through} {to}"
        is_open = is_own or (gateway in self.outside.addresses and self._is_known_outside(block))
        return Trail(Leads.OUTSIDE, tables.name, gateway, because, route.prefix, is_open)

    def _is_known_outside(self, block: Prefix) -> bool:
        """Whether a node that has the block has a session with what is outside, and may have told it."""
        return any(block in self._live(name).paths for name in self._read_outside)

    def _leads_on(self, tables: NodeTables, gateway: Address, origin: str, block: Prefix) -> bool:
        """Whether a gateway that is no node is known to have the block, and to lead on wherever it leads.

        It told nodes of the block, or the owner told it. Whoever else tells it must lead on, too: over eBGP each node
        tells a switch all blocks that it knows, with itself as the next hop (calico-bgp's docs/routes.md, Export).
        """
        if not self.outside.addresses:
            return False
        is_told = gateway in self.outside.addresses and self.outside.is_told_by(origin) and self._has(origin, block)
        # Over iBGP a node of the same rack may have passed on what the switch told it.
        is_known = (
            is_told
            or gateway in self._announced_to(tables, block)
            or any(gateway in self._announced_to(self._live(name), block) for name in self._read_outside)
        )
        return is_known and not self.leakers(block) - {origin} and self._all_lead_on(origin, block)

    def _all_lead_on(self, origin: str, block: Prefix) -> bool:
        return all(
            self._from(name, origin, block).leads is Leads.THERE
            for name in self._read_outside
            if name != origin and self._has_of_nodes(self._live(name), block)
        )

    def _has_of_nodes(self, tables: NodeTables, block: Prefix) -> bool:
        """Whether a node has a block from nodes: what is outside takes nothing that came from there (RFC 4271, 9)."""
        return any(self.owner(gateway) is not None for gateway in gateways_of(tables.paths.get(block, ())))

    def _has(self, origin: str, block: Prefix) -> bool:
        """Whether the owner's BIRD has the block, so that it can tell anybody of it."""
        tables = self.tables.get(origin)
        return tables is None or not tables.bird_is_whole or block in tables.static

    def _announced_to(self, tables: NodeTables, block: Prefix) -> set[Address]:
        """The gateways by which peers that are no nodes announce a block to a node."""
        return gateways_of(path for path in tables.paths.get(block, ()) if path.protocol in self._strangers(tables))

    def _strangers(self, tables: NodeTables) -> frozenset[str]:
        """BIRD's names of a node's peers that are no nodes."""
        names = self._names.get(tables.name)
        if names is None:
            protocols = () if tables.bird is None else tables.bird.of_kind("BGP")
            names = self._names[tables.name] = frozenset(
                protocol.name
                for protocol in protocols
                if protocol.neighbor_address is not None and self.owner(protocol.neighbor_address) is None
            )
        return names

    @cached_property
    def _read_outside(self) -> tuple[str, ...]:
        """The nodes that have a session with what is outside, and whose tables were read."""
        return tuple(sorted(name for name in self.outside.nodes if name in self.tables))

    def _live(self, name: str) -> NodeTables:
        """A node's tables; what is worked out of them is kept for a few nodes only: of 5,000 it is gigabytes."""
        tables = self._few.pop(name, None) or replace(self.tables[name])
        self._few[name] = tables
        if len(self._few) > _MOST_LIVE:
            del self._few[next(iter(self._few))]
        return tables

    @cached_property
    def _few(self) -> dict[str, NodeTables]:
        return {}

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _leaked(self) -> dict[Prefix, set[str]]:
        """Networks that a node's BIRD has from its kernel, by way of another machine, and announces as if it had them.

        What comes over a tunnel every node has from its own Felix.
        """
        leaked: dict[Prefix, set[str]] = defaultdict(set)
        for name, tables in self.tables.items():
            for path in tables.learned_from_kernel:
                if path.prefix.prefixlen and not (path.interface or "").startswith(TUNNEL_INTERFACES):
                    leaked[path.prefix].add(name)
        return leaked

    def announcer(self, path: TableRoute, tables: NodeTables) -> str | None:
        """The node that announced a path; None for one from outside, or where that is not known."""
        if path.originator_id is not None:
            originator = read_address(path.originator_id)
            return None if originator is None else self.owner(originator)
        protocol = None if tables.bird is None else tables.bird.protocol(path.protocol)
        address = path.from_peer or (None if protocol is None else protocol.neighbor_address)
        if protocol is not None and protocol.proto != "BGP":
            return tables.name
        if path.from_peer is not None and path.gateway is not None and self.owner(path.gateway) is not None:
            address = path.gateway  # by a reflector, which keeps the next hop of the node that announced it
        return None if address is None else self.owner(address)

    def _leaked_to(self, name: str, block: Prefix) -> set[Address]:
        """Where the kernel of a node that was read leads a block which its BIRD has from there."""
        paths = self._live(name).paths.get(block, ())
        return gateways_of(path for path in paths if path.kernel_source is not None)

    def leakers(self, block: Prefix) -> frozenset[str]:
        """The nodes that announce a block which they have from their kernels."""
        return frozenset(self._leaked.get(block, ()))
