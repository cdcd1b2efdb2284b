"""The classes of equivalent nodes of a network, and how many of each are followed. Follows nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from calico_bgp.routes.computed.leaves import LeafArrivals, Links, links_of
from calico_bgp.routes.network.classes.equivalence import equivalent_nodes, indexed, passes_on
from calico_bgp.routes.network.classes.sessions import class_numbers
from calico_bgp.routes.network.holding.held import OwnKinds
from calico_bgp.routes.network.index import SessionIndex
from calico_bgp.routes.network.network import Network

#: How many of a class are followed. Two, where a class passes nothing on: an origin and a learner. Where it does, a way
#: may lead through several, which split horizon and ORIGINATOR_ID keep apart.
LEAVES, TRANSITS = 2, 5


@dataclass(frozen=True)
class Equivalence:
    """Worked out once per network; it holds for every removal of nodes as well.

    Attributes:
        network: The sessions.
        indexes: What is certain, and what is possible where that is not the same.
        monotone: Whether every session has add-paths, so that more sessions never mean fewer routes.
        classes: The classes of equivalent nodes.
        class_of: Node → the number of its class.
        followed: Class → how many of it are followed.
        links: The sessions between classes, per index; None where routes must be followed from every class, because
            there are unknowns, nodes without add-paths, or nodes that share what the rules look at.
    """

    network: Network
    indexes: tuple[SessionIndex, ...]
    monotone: bool
    classes: tuple[tuple[str, ...], ...]
    class_of: dict[str, int]
    followed: tuple[int, ...]
    links: tuple[Links, ...] | None

    @cached_property
    def transits(self) -> frozenset[int]:
        """The classes whose nodes may pass routes on."""
        return frozenset(number for number, followed in enumerate(self.followed) if followed != LEAVES)

    def kinds_of(self, name: str) -> OwnKinds:
        """The kinds of a node's blocks."""
        return self.indexes[0].blocks[name]

    def leaf_arrivals(
        self, classes: tuple[tuple[str, ...], ...], kind: int, before: tuple[LeafArrivals, LeafArrivals] | None
    ) -> tuple[LeafArrivals, LeafArrivals] | None:
        """Where routes arrive over what is certain and over what is possible; None where `links` is.

        Args:
            classes: The classes as they are left.
            kind: The kind of blocks.
            before: The same before nodes were removed.
        """
        if self.links is None:
            return None
        leaves = frozenset(range(len(self.followed))) - self.transits
        arrivals = [
            LeafArrivals(index, links, classes, leaves, TRANSITS, kind, before[place] if before is not None else None)
            for place, (index, links) in enumerate(zip(self.indexes, self.links, strict=True))
        ]
        return arrivals[0], arrivals[-1]


def equivalence_of(network: Network) -> Equivalence:
    """Index the sessions and find the equivalent nodes."""
    indexes, traits = indexed(network)
    names = sorted(speaker.name for speaker in network.speakers)
    monotone = all(index.monotone for index in indexes)
    # Without add-paths the choice of the best path depends on router IDs, so that no two nodes are alike.
    classes = equivalent_nodes(indexes, traits) if monotone else tuple((name,) for name in names)
    class_of = class_numbers(classes)
    followed = tuple(TRANSITS if passes_on(members[0], indexes) else LEAVES for members in classes)
    links = tuple(links_of(index, classes, class_of) for index in indexes) if monotone and traits.is_plain else None
    return Equivalence(network, indexes, monotone, classes, class_of, followed, links)
