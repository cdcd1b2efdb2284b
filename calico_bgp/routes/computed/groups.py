"""Groups of nodes that talk among themselves only."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.disjoint_sets import DisjointSets
from calico_bgp.routes.computed.answer import bits


def talking_groups(classes: Sequence[tuple[str, ...]], heard: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """The groups, the largest first, each sorted.

    Args:
        classes: The nodes in classes of equivalent nodes.
        heard: By class, the bits of the classes that learn its routes; its own bit is about the others of the class.
    """
    hanging = DisjointSets(range(len(classes)))
    whole: set[int] = set()
    for one, mask in enumerate(heard):
        for other in bits(mask) if classes[one] else ():
            # Each of a class talks with each of the other, so that all of both hang together.
            if classes[other] and heard[other] >> one & 1:
                whole |= {one, other}
                hanging.join(one, other)
    joined: dict[int | str, list[str]] = {}
    for number, names in enumerate(classes):
        for name in names:
            joined.setdefault(hanging.root(number) if number in whole else name, []).append(name)
    groups = (tuple(sorted(names)) for names in joined.values())
    return tuple(sorted(groups, key=lambda names: (-len(names), names)))
