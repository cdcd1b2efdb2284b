"""Two groups of nodes: sessions within each group are up, those between the groups are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from calico_bgp.cluster.sessions.session import SessionKey

_LEAST = 2


def two_groups(
    keys: Collection[SessionKey],
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], frozenset[SessionKey]]]:
    """Two groups of two nodes or more: each node is at odds with all of the other group, and with none of its own.

    Yields:
        The smaller group, the other one, and the sessions between them.
    """
    neighbours: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        neighbours[key.a].add(key.b)
        neighbours[key.b].add(key.a)
    apart = set(neighbours)
    for name in sorted(neighbours):
        others = frozenset(neighbours[name])
        alike = frozenset(near for near in neighbours if neighbours[near] == others)
        if (
            name not in apart
            or min(len(alike), len(others)) < _LEAST
            or any(neighbours[far] != alike for far in others)
        ):
            continue
        apart -= alike | others
        small, big = sorted((alike, others), key=lambda group: (len(group), min(group)))
        between = frozenset(key for key in keys if key.a in alike | others)
        yield tuple(sorted(small)), tuple(sorted(big)), between
