"""How routes spread over the sessions that stand: what each simulated node announces, passes on and holds. Pure.

A plain walk, another than that of `routes.computed`: what the audit computes is not what the lab is made of. A node
tells its peers its own routes; a reflector also passes on the best of what it heard, from a client to all, from others
to its clients (RFC 4456), unless the route was there before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from ipaddress import ip_network
from typing import NamedTuple

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.printing.protocols import FamilyTable, NodeTable, Protocol
from calico_bgp.lab.routing.blocks import block_of, pod_in
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Address, BGPState, Family
from calico_bgp.prefixes import Prefix

#: What a top-of-rack switch of the lab announces.
FROM_SWITCH = {Family.IPV4: ip_network("198.51.100.0/24"), Family.IPV6: ip_network("2001:db8:100::/48")}


class Path(NamedTuple):
    """A route that came over BGP.

    Attributes:
        prefix: Where it leads.
        origin: The machine that announced it; None outside the cluster.
        protocol: Over which session.
        gateway: Its next hop.
        from_peer: The peer's address where it is not the next hop.
        originator: The router ID of the machine that announced it, once a reflector passed it on.
        clusters: The cluster IDs that it passed.
        from_client: Whether it came from a client of this node.
        as_number: Its origin AS; None for the cluster's own.
    """

    prefix: Prefix
    origin: str | None
    protocol: str
    gateway: Address
    from_peer: Address | None = None
    originator: Address | None = None
    clusters: tuple[str, ...] = ()
    from_client: bool = False
    as_number: int | None = None


class Writers(Enum):
    """Who writes the routes to other nodes into a kernel."""

    BIRD = "BIRD"
    BOTH = "BIRD and Felix"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Held:
    """What one node has of one family.

    Attributes:
        own: Its own blocks.
        pods: The addresses of its pods.
        paths: What came over BGP, per prefix the best first.
        exported: Protocol → how many routes go to it.
        started: When its BIRD started, as BIRD prints times.
        foreign: Prefixes that the kernel has from another writer, with a next hop that leads nowhere.
        writers: Who writes the routes to other nodes into the kernel: BIRD alone, Felix as well, or nobody.
        filtered: Protocol → how many more routes would go to it, but for an export filter.
    """

    own: tuple[Prefix, ...]
    pods: tuple[Address, ...]
    paths: tuple[Path, ...]
    exported: dict[str, int]
    started: str
    foreign: frozenset[Prefix] = frozenset()
    writers: Writers = Writers.BIRD
    filtered: Mapping[str, int] = field(default_factory=dict)

    @property
    def best(self) -> tuple[Path, ...]:
        """The first path to each prefix."""
        return tuple({path.prefix: path for path in reversed(self.paths)}.values())[::-1]


class Session(NamedTuple):
    """A session that stands: this end's protocol, and the machine at the other."""

    protocol: Protocol
    far: str


@dataclass
class Spread:
    """The routes of one family of a lab.

    Attributes:
        cluster: As it was meant.
        family: The family.
        tables: The node's tables, in the order of the nodes.
        trouble: What goes wrong with routes.
    """

    cluster: LabCluster
    family: Family
    tables: Sequence[NodeTable]
    trouble: Trouble = field(default_factory=Trouble)

    @cached_property
    def _birds(self) -> dict[str, FamilyTable]:
        return {
            node.name: table.family(self.family) for node, table in zip(self.cluster.nodes, self.tables, strict=True)
        }

    @cached_property
    def _addresses(self) -> dict[str, Address | None]:
        return {node.name: node.address(self.family) for node in self.cluster.nodes}

    @cached_property
    def _router_ids(self) -> dict[str, Address | None]:
        """Machine → BIRD's router ID, an IPv4 address in both families; None where no node has one."""
        ids: dict[str, Address | None] = {node.name: node.ipv4 for node in self.cluster.nodes}
        for first, second in self.trouble.shared_ids:
            ids[second] = ids[first]
        return ids

    @cached_property
    def _up(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (machine, protocol.far)
            for machine, bird in self._birds.items()
            for protocol in bird.protocols
            if protocol.far is not None and _stands(protocol)
        )

    def sessions(self, machine: str) -> Iterator[Session]:
        """Those of a node that stand at both ends."""
        for protocol in self._birds[machine].protocols:
            far = protocol.far
            if far is not None and {(machine, far), (far, machine)} <= self._up:
                yield Session(protocol, far)

    @cached_property
    def blocks(self) -> dict[str, tuple[Prefix, ...]]:
        """Machine → the blocks that it announces."""
        blocks_of: dict[str, tuple[Prefix, ...]] = {
            node.name: (block_of(number, self.family),) for number, node in enumerate(self.cluster.nodes)
        }
        for first, second in self.trouble.shared_blocks:
            blocks_of[second] += blocks_of[first]
        return blocks_of | dict.fromkeys(self.trouble.own_lost & blocks_of.keys(), ())

    def held(self, machine: str) -> Held:
        """What a node has."""
        bird = self._birds[machine]
        paths = self._paths(machine)
        order = {protocol.name: number for number, protocol in enumerate(bird.protocols)}
        paths.sort(key=lambda path: (int(path.prefix.network_address), len(path.clusters), order[path.protocol]))
        exported, filtered = {}, {}
        for session in self.sessions(machine):
            passing = [self._passes(machine, session.far, path) for path in self._known_to(machine, session)]
            exported[session.protocol.name] = sum(passing)
            filtered[session.protocol.name] = len(passing) - sum(passing)
        untold = machine in self.trouble.hidden | self.trouble.switch_is_untold
        number_told = 0 if untold else len(self.blocks[machine])
        outside = {protocol.name: number_told for protocol in bird.protocols if _is_outside(protocol)}
        behind = machine in self.trouble.kernel_behind
        foreign = frozenset(path.prefix for path in paths if path.origin is not None) if behind else frozenset()
        number = next(n for n, node in enumerate(self.cluster.nodes) if node.name == machine)
        pods = (pod_in(block_of(number, self.family)),)
        writers = Writers.BOTH if machine in self.trouble.written_twice else Writers.BIRD
        writers = Writers.NOBODY if machine in self.trouble.unwritten else writers
        exported |= outside
        return Held(self.blocks[machine], pods, tuple(paths), exported, bird.started, foreign, writers, filtered)

    def _paths(self, machine: str) -> list[Path]:
        if machine in self._reflectors:
            paths = list(self._reflected[machine])
        else:
            paths = [path for session in self.sessions(machine) for path in self._received(machine, session)]
        for protocol in () if self.trouble.switch_is_silent else self._birds[machine].protocols:
            if _is_outside(protocol) and protocol.address is not None:
                prefix = FROM_SWITCH[self.family]
                paths.append(Path(prefix, None, protocol.name, protocol.address, as_number=protocol.peer_as))
        return paths

    # Reflection

    @cached_property
    def _reflectors(self) -> frozenset[str]:
        return frozenset(
            name for name, bird in self._birds.items() if any(protocol.reflects for protocol in bird.protocols)
        )

    @cached_property
    def _reflected(self) -> dict[str, tuple[Path, ...]]:
        """What the reflectors hold, in rounds: in each they hear what the others held after the one before."""
        held: dict[str, tuple[Path, ...]] = dict.fromkeys(self._reflectors, ())
        for _ in range(len(self._reflectors) + 1):
            self.__dict__["_reflected"] = held
            after = {
                name: tuple(path for session in self.sessions(name) for path in self._received(name, session))
                for name in self._reflectors
            }
            if after == held:
                break
            held = after
        return held

    def _offered(self, machine: str, session: Session) -> Iterator[Path]:
        """What a node sends over a session, seen from the other end but for the protocol's name."""
        return (path for path in self._known_to(machine, session) if self._passes(machine, session.far, path))

    def _passes(self, machine: str, far: str, path: Path) -> bool:
        """Whether a node's export filter lets a route out to another node."""
        if (machine, far) in self.trouble.mute:
            return False
        if path.origin == machine:
            return machine not in self.trouble.kept_back | self.trouble.hidden
        return machine not in self.trouble.poolless

    def _known_to(self, machine: str, session: Session) -> Iterator[Path]:
        """What a node would send over a session without any export filter."""
        address = self._addresses[machine]
        if address is None:
            return
        for block in self.blocks[machine]:
            yield Path(block, machine, "", address)
        if machine not in self._reflectors:
            return
        best: dict[tuple[Prefix, str | None], Path] = {}
        for path in sorted(self._reflected[machine], key=lambda path: len(path.clusters)):
            best.setdefault((path.prefix, path.origin), path)
        own = self._cluster_id(machine)
        for path in best.values():
            if path.origin == session.far or not (path.from_client or session.protocol.reflects):
                continue
            if session.protocol.reflects and own in path.clusters:
                continue  # BIRD looks for its own cluster ID before it sends to a client, too
            originator = path.originator or self._router_ids.get(path.origin or "")
            yield Path(path.prefix, path.origin, "", path.gateway, address, originator, (own, *path.clusters))

    def _received(self, machine: str, session: Session) -> Iterator[Path]:
        back = next((one for one in self.sessions(session.far) if one.far == machine), None)
        if back is None:
            return
        # BIRD looks for its own cluster ID where it reflects to the peer (proto/bgp/attrs.c bgp_cluster_list_loopy).
        own = session.protocol.cluster_id if session.protocol.reflects else None
        if (machine, session.far) in self.trouble.limits:
            return
        for path in self._offered(session.far, back):
            if path.origin == machine or own in path.clusters:
                continue
            if path.originator is not None and path.originator == self._router_ids[machine]:
                continue  # BIRD takes it for its own (proto/bgp/attrs.c bgp_originator_id_loopy)
            yield path._replace(protocol=session.protocol.name, from_client=session.protocol.reflects)

    def _cluster_id(self, machine: str) -> str:
        ids = (protocol.cluster_id for protocol in self._birds[machine].protocols if protocol.cluster_id)
        return next(ids, f"none of {machine}")


def _stands(protocol: Protocol) -> bool:
    return protocol.state == "up" and protocol.bgp_state is BGPState.ESTABLISHED


def _is_outside(protocol: Protocol) -> bool:
    """Whether it is a session with something outside the cluster that stands."""
    return protocol.far is None and protocol.address is not None and _stands(protocol)
