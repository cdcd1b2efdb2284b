"""A slow BGP, written plainly from RFC 4271, 4456 and 7911 and BIRD's own rules: the oracle of the route propagation.

Real attributes, real tables, UPDATE messages in queues, one message at a time. No bits, no classes, nothing clever, and
nothing of calico_bgp but the input values.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace

from calico_bgp.routes.network.network import Network


class DidNotSettle(Exception):
    """Too many messages: paths multiply or nodes chase each other's choices."""


@dataclass(frozen=True)
class Path:
    """The attributes of a route (RFC 4271 section 5)."""

    as_path: tuple[int, ...] = ()
    next_hop: object = None
    originator_id: int | None = None
    cluster_list: tuple[str, ...] = ()


@dataclass(frozen=True)
class End:
    """One end of a session, with what it knows of the other."""

    number: int
    node: str
    far: str
    local_as: int
    peer_as: int
    client: bool
    cluster_id: str | None
    add_paths: bool
    allowed: int
    next_hop: str | None
    address: object
    far_address: object
    router_id: int
    far_router_id: int

    @property
    def ibgp(self) -> bool:
        return self.local_as == self.peer_as


OWN = (None, 0)


class Reference:
    """A network of speakers with one prefix, announced by one of them."""

    def __init__(self, network: Network, origin: str, *, seed: int, longest: int, messages: int):
        self.longest = longest
        self.budget = messages
        self.random = random.Random(seed)
        router_ids = {speaker.name: int(speaker.router_id) for speaker in network.speakers}
        self.ends: dict[str, list[End]] = {name: [] for name in router_ids}
        self.other: dict[int, End] = {}
        for number, (a, b) in enumerate(network.sessions):
            one, two = (
                End(
                    2 * number + side,
                    near.node,
                    far.node,
                    near.settings.local_as,
                    near.settings.peer_as,
                    near.settings.client,
                    near.settings.cluster_id,
                    near.settings.add_paths and far.settings.add_paths,
                    near.settings.allowed_local_as,
                    near.settings.next_hop,
                    near.address,
                    far.address,
                    router_ids[near.node],
                    router_ids[far.node],
                )
                for side, (near, far) in enumerate(((a, b), (b, a)))
            )
            self.ends[a.node].append(one)
            self.ends[b.node].append(two)
            self.other[one.number], self.other[two.number] = two, one
        #: node -> (end it came over or None, path identifier) -> path: Adj-RIB-In and the node's own.
        self.rib: dict[str, dict[tuple[End | None, int], Path]] = {name: {} for name in router_ids}
        #: end -> path identifier -> path: what was last sent (Adj-RIB-Out).
        self.sent: dict[int, dict[int, Path]] = {number: {} for number in self.other}
        self.queues: dict[int, deque[tuple[int, Path | None]]] = {number: deque() for number in self.other}
        #: Path identifiers (RFC 7911): the sender numbers its routes.
        self.identifiers: dict[object, int] = {}
        self.rib[origin][OWN] = Path()
        self.advertise(origin)

    def run(self) -> set[str]:
        """Deliver messages until none is left; the nodes that then hold the prefix."""
        while busy := [number for number, queue in self.queues.items() if queue]:
            self.budget -= 1
            if self.budget < 0:
                raise DidNotSettle
            number = self.random.choice(busy)
            identifier, path = self.queues[number].popleft()
            self.receive(self.other[number], identifier, path)
        return {name for name, rib in self.rib.items() if rib}

    def receive(self, end: End, identifier: int, path: Path | None) -> None:
        key = (end, identifier)
        rib = self.rib[end.node]
        if path is None or not self.acceptable(end, path):
            if rib.pop(key, None) is None:
                return
        else:
            rib[key] = path
        self.advertise(end.node)

    def acceptable(self, end: End, path: Path) -> bool:
        if path.as_path.count(end.local_as) > end.allowed:
            return False
        if path.originator_id == end.router_id:
            return False
        if end.client and end.cluster_id in path.cluster_list:
            return False
        # Not a rule of BGP: where AS numbers are hidden, paths lap a ring for ever.
        return len(path.as_path) <= self.longest

    def advertise(self, node: str) -> None:
        """Work out anew what every neighbour is to hold, and send the difference."""
        for end in self.ends[node]:
            routes = self.rib[node]
            if not end.add_paths and routes:
                best = min(routes, key=lambda key: self.preference(key, routes[key]))
                routes = {best: routes[best]}
            wanted = {}
            for source, path in routes.items():
                out = self.export(source[0], path, end)
                if out is not None:
                    identifier = self.identifiers.setdefault((node, source), len(self.identifiers) + 1)
                    wanted[identifier if end.add_paths else 0] = out
            before = self.sent[end.number]
            for identifier in before.keys() - wanted.keys():
                self.queues[end.number].append((identifier, None))
            for identifier, path in wanted.items():
                if before.get(identifier) != path:
                    self.queues[end.number].append((identifier, path))
            self.sent[end.number] = wanted

    def export(self, source: End | None, path: Path, to: End) -> Path | None:
        if source is None:
            own_as = () if to.ibgp else (to.local_as,)
            return Path(own_as, to.address)
        if source == to:
            return None
        if to.client and to.cluster_id in path.cluster_list:
            return None
        if source.ibgp and to.ibgp and source.local_as == to.local_as:
            if not (source.client or to.client):
                return None
            clusters = list(path.cluster_list)
            for end in (source, to):
                if end.client and end.cluster_id not in clusters:
                    clusters.append(end.cluster_id)
            originator = source.far_router_id if path.originator_id is None else path.originator_id
            path = replace(path, originator_id=originator, cluster_list=tuple(clusters))
        if to.next_hop == "self" or (to.next_hop is None and not to.ibgp):
            path = replace(path, next_hop=to.address)
        if path.next_hop == to.far_address:
            return None
        if not to.ibgp:
            path = Path((to.local_as, *path.as_path), path.next_hop)
        return path

    @staticmethod
    def preference(key: tuple[End | None, int], path: Path) -> tuple[object, ...]:
        """RFC 4271 section 9.1.2.2 in BIRD's order."""
        end, identifier = key
        if end is None:
            return (0,)
        identity = end.far_router_id if path.originator_id is None else path.originator_id
        return (1, len(path.as_path), end.ibgp, identity, len(path.cluster_list), int(end.far_address), identifier)


def holders(network: Network, origin: str, *, seed: int = 0, longest: int = 40, messages: int = 6000) -> set[str]:
    """The nodes that hold the prefix of `origin` in the end, among them itself.

    Raises:
        DidNotSettle: There seems to be no end.
    """
    return Reference(network, origin, seed=seed, longest=longest, messages=messages).run()
