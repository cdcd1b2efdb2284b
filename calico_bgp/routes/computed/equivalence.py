"""The classes of equivalent nodes of a network, and how many of each are followed. Follows nothing itself."""

from __future__ import annotations

from dataclasses import dataclass

from calico_bgp.routes.network.equivalence import equivalent_nodes, indexed, passes_on
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
    """

    network: Network
    indexes: tuple[SessionIndex, ...]
    monotone: bool
    classes: tuple[tuple[str, ...], ...]
    class_of: dict[str, int]
    followed: tuple[int, ...]


def equivalence_of(network: Network) -> Equivalence:
    """Index the sessions and find the equivalent nodes."""
    indexes = indexed(network)
    names = sorted(speaker.name for speaker in network.speakers)
    monotone = all(index.monotone for index in indexes)
    # Without add-paths the choice of the best path depends on router IDs, so that no two nodes are alike.
    classes = equivalent_nodes(indexes) if monotone else tuple((name,) for name in names)
    class_of = {name: number for number, members in enumerate(classes) for name in members}
    followed = tuple(TRANSITS if passes_on(members[0], indexes) else LEAVES for members in classes)
    return Equivalence(network, indexes, monotone, classes, class_of, followed)
