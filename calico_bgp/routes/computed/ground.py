"""What a Reachability stands on: the sessions by node, the classes of twins, and how many of each are followed."""

from __future__ import annotations

from dataclasses import dataclass

from calico_bgp.routes.network.equivalence import twin_classes
from calico_bgp.routes.network.sessions import Network
from calico_bgp.routes.network.wiring import SessionIndex

#: How many of a class of twins are followed. Two, where a class passes nothing on: an origin and a learner. Where it
#: does, a way may lead through several, which split horizon and ORIGINATOR_ID keep apart.
LEAVES, TRANSITS = 2, 5


@dataclass(frozen=True)
class Ground:
    """Worked out once per network; removals of nodes stand on the same ground.

    Attributes:
        network: The sessions.
        indexes: What is certain, and what is possible where that is not the same.
        monotone: Whether every session has add-paths, so that more sessions never mean fewer routes.
        classes: The classes of twins.
        class_of: Node → the number of its class.
        followed: Class → how many of it are followed.
    """

    network: Network
    indexes: tuple[SessionIndex, ...]
    monotone: bool
    classes: tuple[tuple[str, ...], ...]
    class_of: dict[str, int]
    followed: tuple[int, ...]


def ground_of(network: Network) -> Ground:
    """Index the sessions and find the twins."""
    sets = (network.sessions,) if network.possible is None else (network.sessions, network.possible)
    indexes = tuple(SessionIndex(network.speakers, sessions, network.externals) for sessions in sets)
    names = sorted(speaker.name for speaker in network.speakers)
    monotone = all(index.monotone for index in indexes)
    # Without add-paths the choice of the best path depends on router IDs, so that no two nodes are alike.
    classes = twin_classes(indexes, network.externals, names) if monotone else tuple((name,) for name in names)
    class_of = {name: number for number, members in enumerate(classes) for name in members}
    followed = tuple(TRANSITS if _passes_on(indexes, members[0]) else LEAVES for members in classes)
    return Ground(network, indexes, monotone, classes, class_of, followed)


def _passes_on(indexes: tuple[SessionIndex, ...], name: str) -> bool:
    """Whether a node may pass on what it learned: rule (c) leaves nothing to one with plain iBGP sessions only."""
    kinds = set()
    for index in indexes:
        ends = [near for _, near, _ in index.by_node[name]]
        ends += [session.near for session in index.externals.get(name, ())]
        kinds |= {(end.settings.is_internal, end.settings.local_as, end.settings.client) for end in ends}
    return len(kinds) > 1 or any(client or not internal for internal, _, client in kinds)
