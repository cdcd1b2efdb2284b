"""Where routes arrive in a network most nodes of which pass nothing on: the clients of reflectors, a mesh.

Such a node is a leaf. What becomes of its route depends only on the nodes that take it and on how those sessions are
configured (an access), and what it learns likewise. So a route is followed per access and per node that passes on, not
per leaf, and only between those: 2,000 clients on 190 pairs of 20 reflectors take 40 routes among 20 nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from calico_bgp.model.peer import Address
from calico_bgp.routes.computed.arrivals import follow
from calico_bgp.routes.network.index import SessionIndex, SessionsWith
from calico_bgp.routes.network.sessions import EndSettings, SessionEnd
from calico_bgp.routes.network.wiring import Wiring, wiring_of


class Access(NamedTuple):
    """The sessions of a node with leaves that are configured alike.

    Attributes:
        node: The node, which passes routes on.
        settings: How its ends are configured.
        leaf_settings: How the leaves' ends are configured.
    """

    node: str
    settings: EndSettings
    leaf_settings: EndSettings


#: A node that passes routes on, or an access to leaves: where a route may begin, and where it may arrive.
Place: TypeAlias = str | Access
#: Where a route arrives → the nodes that passed it on.
_Ways: TypeAlias = Mapping[Place, frozenset[str]]
#: Class → the sessions of one of its nodes with each node of another class, or with each other one of its own.
Links: TypeAlias = Sequence[Mapping[int, SessionsWith]]


@dataclass(frozen=True, eq=False)
class LeafArrivals:
    """Where routes arrive over one set of sessions, of which each has add-paths and none is with an unknown.

    Attributes:
        index: The sessions.
        links: The same between classes.
        classes: The classes of equivalent nodes as they are left.
        leaves: The classes whose nodes are leaves.
        followed: How many nodes of any other class are followed.
        kind: The kind of blocks whose routes are followed.
        before: The same before some nodes were removed, of which every way counts that led through none of them.
    """

    index: SessionIndex
    links: Links
    classes: Sequence[tuple[str, ...]]
    leaves: frozenset[int]
    followed: int
    kind: int = 0
    before: LeafArrivals | None = None

    def arrivals(self, origin: int) -> int:
        """The classes that learn the routes of a class, as bits; its own bit is about the others of the class.

        The bits of classes without nodes, or without others, tell nothing: nobody counts them.
        """
        if origin not in self.leaves:
            return self._learners(self.classes[origin][0])
        learners = 0
        for access in self._accesses[origin]:
            learners |= self._learners_of_access[access]
        for other, pairs in self.links[origin].items():
            # Rule (c) keeps no route from a neighbour whose own it is.
            if other in self.leaves and any(self._lets_through(near, far) for near, far in pairs):
                learners |= 1 << other
        return learners

    def _lets_through(self, near: EndSettings, far: EndSettings) -> bool:
        """Whether a node's own route passes the filters of both ends of a session."""
        out, into = near.held, far.held
        return not (
            (out is not None and out.own >> self.kind & 1) or (into is not None and into.incoming >> self.kind & 1)
        )

    @cached_property
    def _nodes(self) -> dict[str, int]:
        """The nodes that are followed, with their classes."""
        return {
            name: number
            for number, names in enumerate(self.classes)
            if number not in self.leaves
            for name in names[: self.followed]
        }

    @cached_property
    def _accesses(self) -> dict[int, list[Access]]:
        """Class of leaves → by which ways its routes get in and others' get out to it."""
        return {
            number: [
                Access(name, far, near)
                for other, pairs in self.links[number].items()
                if other not in self.leaves
                for name in self.classes[other][: self.followed]
                for near, far in pairs
            ]
            for number in self.leaves
            if self.classes[number]
        }

    @cached_property
    def _leaves_at(self) -> dict[Access, int]:
        """Access → the classes of leaves that have it, as bits."""
        by_access: dict[Access, int] = defaultdict(int)
        for number, accesses in self._accesses.items():
            for access in accesses:
                by_access[access] |= 1 << number
        return dict(by_access)

    @cached_property
    def _learners_of_access(self) -> dict[Access, int]:
        return {access: self._learners(access) for access in self._leaves_at}

    def _learners(self, origin: Place) -> int:
        """The classes that learn a route which begins at a place, as bits."""
        learners = 0
        for place in self.ways(origin):
            if isinstance(place, Access):
                learners |= self._leaves_at.get(place, 0)
            elif place in self._nodes:
                learners |= 1 << self._nodes[place]
        return learners

    # Following routes

    def ways(self, origin: Place) -> _Ways:
        """Where a route arrives that begins at a place, perhaps also at places that are gone."""
        ways = self._known.get(origin)
        if ways is None:
            ways = self._ways_before(origin) or dict(self._follow(origin))
            self._known[origin] = ways
        return ways

    @cached_property
    def _known(self) -> dict[Place, _Ways]:
        return {}

    def _ways_before(self, origin: Place) -> _Ways | None:
        """What is known from before the removal, None where a way led through a node that is gone."""
        if self.before is None or self._gone is None:
            return None
        ways = self.before.ways(origin)
        is_left = all(
            passed.isdisjoint(self._gone)
            for place, passed in ways.items()
            if (place in self._leaves_at if isinstance(place, Access) else place in self._nodes)
        )
        return ways if is_left else None

    @cached_property
    def _gone(self) -> frozenset[str] | None:
        """The followed nodes that are no longer there; None where others are followed in their place."""
        before = self.before
        if before is None or not self._nodes.keys() <= before._nodes.keys():  # noqa: SLF001 - of its own class
            return None
        return frozenset(before._nodes.keys() - self._nodes.keys())  # noqa: SLF001

    def _follow(self, origin: Place) -> Iterator[tuple[Place, frozenset[str]]]:
        wiring, stand_ins = self._wiring
        start, other = stand_ins[origin] if isinstance(origin, Access) else (origin, "")
        place_of: dict[str, Place] = {name: place for place, (name, _) in stand_ins.items()}
        place_of[other] = origin
        for name, route in follow(wiring, start).first.items():
            place = place_of.get(name, name)
            if name != start and (name in place_of or name in self._nodes):
                yield place, frozenset(step.node for step in route.way()[1:-1])

    @cached_property
    def _wiring(self) -> tuple[Wiring, dict[Access, tuple[str, str]]]:
        """The followed nodes with two leaves at each access: one whose route it is, and one that learns it."""
        stand_ins = {access: (f"\0{number}", f"\0{number}'") for number, access in enumerate(self._leaves_at)}
        sessions = [
            (
                SessionEnd(name, None, access.leaf_settings),
                SessionEnd(access.node, self._address(access.node), access.settings),
            )
            for access, names in stand_ins.items()
            for name in names
        ]
        return wiring_of(self.index, tuple(self._nodes), sessions, kind=self.kind), stand_ins

    def _address(self, name: str) -> Address | None:
        return next(iter(self.index.addresses(name)), None)


def links_of(index: SessionIndex, classes: Sequence[tuple[str, ...]], class_of: Mapping[str, int]) -> Links:
    """The sessions between classes of equivalent nodes."""
    return [
        {class_of[index.units[unit][-1]]: pairs for unit, pairs in index.neighbours(index.unit_of[names[0]]).items()}
        for names in classes
    ]
