"""One class of equal nodes: the routes that they share, and whether a node's hash is that of them. Values only.

A node's table is another one's with the node's own networks left out: whoever owns a network has no route through a
gateway to it. So the routes of a class are one whole table, and what a second one has to the networks of the first.
Without those to a node's own networks they are that node's routes if their hash is the node's. What is left out is a
guess that the hash proves.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.kernel_route import KernelRoute
from calico_bgp.model.routes.table import TableHash, TableRoute
from calico_bgp.parse.bird.table import parse_bird_table
from calico_bgp.parse.kernel_routes import parse_kernel_table
from calico_bgp.parse.reduced_tables import printed, sorted_lines
from calico_bgp.prefixes import Prefix

Route = TableRoute | KernelRoute


class Node(NamedTuple):
    """One family on one node: what it calls its own, where it is, and the hashes of what it has else.

    Attributes:
        own: The networks to which it has routes through no gateway.
        addresses: Its own.
        hashes: Of BIRD's routes through gateways (False) and the kernel's (True), where they are known.
    """

    own: frozenset[Prefix]
    addresses: frozenset[str]
    hashes: Mapping[bool, TableHash]

    @property
    def shape(self) -> tuple[str, ...]:
        """What nodes that stand alike in the network have in common."""
        return tuple(table_hash.shape for _, table_hash in sorted(self.hashes.items()))


class Side:
    """The routes of a class through gateways, BIRD's or the kernel's.

    Args:
        of_first: Lines of the whole table.
        more: What a second one has to the networks of the first, and the first has not.

    Attributes:
        routes: All of them, in the order of their lines.
        added: The places of those that are not the first one's.
    """

    def __init__(self, of_first: Sequence[str], more: Sequence[str], family: Family, *, is_kernel: bool) -> None:
        lines = sorted_lines([*of_first, *more], is_kernel=is_kernel)
        self.routes = read_lines(lines, family, is_kernel=is_kernel)
        own_lines = Counter(more)
        added = []
        for place, line in enumerate(lines):
            if own_lines[line]:
                own_lines[line] -= 1
                added.append(place)
        self.added = tuple(added)
        encoded = [f"{line}\n".encode() for line in lines]
        self._text = memoryview(b"".join(encoded))
        self._starts = [0, *accumulate(map(len, encoded))]
        self._places: dict[Prefix, list[int]] = defaultdict(list)
        for place, route in enumerate(self.routes):
            self._places[route.prefix].append(place)

    def without(self, node: Node) -> list[int]:
        """The places of the routes to what is the node's own; of a network of several nodes the one through itself."""
        own_places: list[int] = []
        for prefix in node.own:
            places = self._places.get(prefix, ())
            origins = [_origin(self.routes[place]) for place in places]
            several = len(set(origins)) > 1
            own_places += [
                place for place, origin in zip(places, origins, strict=True) if not several or origin in node.addresses
            ]
        return sorted(own_places)

    def sha256(self, without: Sequence[int]) -> str:
        """The hash of all routes but those."""
        digest = hashlib.sha256()
        at = 0
        for place in without:
            digest.update(self._text[at : self._starts[place]])
            at = self._starts[place + 1]
        digest.update(self._text[at:])
        return digest.hexdigest()


@dataclass
class TableClass:
    """Equal nodes.

    Attributes:
        host: Whose whole tables are behind it.
        shape: Of the nodes that it comes of.
        sides: BIRD's routes (False), and the kernel's (True).
    """

    host: str
    shape: tuple[str, ...]
    sides: Mapping[bool, Side]

    def of(self, node: Node) -> dict[bool, list[int]] | None:
        """What the node lacks of it; None where the node's routes are others."""
        places_without: dict[bool, list[int]] = {}
        for is_kernel, table_hash in node.hashes.items():
            side = self.sides.get(is_kernel)
            if side is None:
                return None
            places_without[is_kernel] = side.without(node)
            if len(side.routes) - len(places_without[is_kernel]) != table_hash.routes:
                return None
        is_same = all(
            self.sides[each].sha256(places) == node.hashes[each].sha256 for each, places in places_without.items()
        )
        return places_without if is_same else None


def _origin(route: Route) -> object:
    """Who announced it, as far as the route tells."""
    if isinstance(route, KernelRoute):
        return tuple(str(hop.gateway) for hop in route.hops) if len(route.hops) > 1 else str(route.hops[0].gateway)
    return route.originator_id or str(route.gateway)


def read_lines(lines: Sequence[str], family: Family, *, is_kernel: bool) -> tuple[Route, ...]:
    """The routes that lines are, one each.

    Raises:
        ValueError: One of them is none, or several.
    """
    text = "\n".join(map(printed, lines))
    most = text.count("\n") + 1
    read: tuple[Route, ...]
    if is_kernel:
        read = parse_kernel_table(text, family, most_lines=most).routes
    else:
        read = parse_bird_table(text, most_lines=most).routes
    if len(read) != len(lines):
        raise ValueError("a line of a whole table is not one route")
    return read
