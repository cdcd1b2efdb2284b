"""Reachabilities side by side: which pairs of nodes have which answer before, in between and after. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability


class Block(NamedTuple):
    """Pairs (learner, origin) that are alike at each moment. Where both are one group, every pair of two in it.

    Attributes:
        learners: Who learns, sorted.
        origins: Whose routes, sorted.
        before: Whether they do before the change.
        between: While only those sessions stand that the change leaves alone.
        after: Whether they do afterwards.
    """

    learners: tuple[str, ...]
    origins: tuple[str, ...]
    before: Answer
    between: Answer
    after: Answer

    @property
    def pairs(self) -> int:
        """How many pairs."""
        return len(self.origins) * (len(self.learners) - (self.learners == self.origins))


def blocks(before: Reachability, between: Reachability, after: Reachability, nodes: Iterable[str]) -> Iterator[Block]:
    """Every pair of some nodes in one block.

    Who does not speak BGP (any more) learns nothing and is learned by nobody.

    Args:
        before: Who learns whose routes before.
        between: In between.
        after: And afterwards.
        nodes: The nodes that are looked at.
    """
    moments = [(found, _class_of(found)) for found in (before, between, after)]
    alike: dict[tuple[int | None, ...], list[str]] = {}
    for name in sorted(nodes):
        alike.setdefault(tuple(class_of.get(name) for _, class_of in moments), []).append(name)
    groups = sorted(tuple(names) for names in alike.values())
    for learners in groups:
        for origins in groups:
            if learners == origins and len(learners) == 1:
                continue
            learner, origin = learners[0], origins[learners == origins]
            answers = [
                found.learns(learner, origin) if learner in class_of and origin in class_of else Answer.NO
                for found, class_of in moments
            ]
            yield Block(learners, origins, *answers)


def _class_of(found: Reachability) -> dict[str, int]:
    return {name: number for number, names in enumerate(found.classes) for name in names}
