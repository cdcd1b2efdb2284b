"""Many pairs of nodes in few lines: `node1 and node[2-5] do not learn each other's routes`. Judges nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

from calico_bgp.natural_order import natural_key
from calico_bgp.report.text.names import short_names
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.losses import Group
from calico_bgp.routes.computed.propagation import Reachability

#: The colour of an answer, in rich's words.
ANSWER_STYLES = {Answer.YES: "bold green", Answer.PERHAPS: "bold yellow", Answer.NO: "bold red"}
#: What one learner does, and what several do.
VERBS = {
    Answer.YES: ("learns", "learn"),
    Answer.PERHAPS: ("perhaps learns", "perhaps learn"),
    Answer.NO: ("does not learn", "do not learn"),
}


class PairBlock(NamedTuple):
    """Every learner with every origin.

    Attributes:
        learners: Sorted.
        origins: Sorted; the same as `learners` where a group is meant among itself.
        mutual: Whether the origins likewise (do not) learn from the learners.
    """

    learners: tuple[str, ...]
    origins: tuple[str, ...]
    mutual: bool

    @property
    def example(self) -> tuple[str, str]:
        """One (learner, origin) of it."""
        return self.learners[0], next(name for name in self.origins if name != self.learners[0])

    def words(self, answer: Answer, *, most: int | None = None) -> str:
        """The block as a sentence.

        Args:
            answer: Whether the learners learn.
            most: Characters for the names on each side; None for any number.
        """
        return pair_words(self, VERBS[answer], partial(short_names, most=most))


def pair_words(pairs: PairBlock | Group, verbs: tuple[str, str], named: Callable[[tuple[str, ...]], str]) -> str:
    """Every learner with every origin, as a sentence.

    Args:
        pairs: Who learns from whom.
        verbs: What one does with the routes, and what many do: `loses`, `lose`.
        named: Names in as many characters as there is room for.
    """
    one, many = verbs
    learners, origins = named(pairs.learners), named(pairs.origins)
    if pairs.learners == pairs.origins:
        return f"{learners} {many} each other's routes"
    if pairs.mutual:
        return f"{learners} and {origins} {many} each other's routes"
    return f"{learners} {one if len(pairs.learners) == 1 else many} the routes of {origins}"


def pair_blocks(reach: Reachability, answer: Answer, *, leave_out: Collection[str] = ()) -> tuple[PairBlock, ...]:
    """All pairs with an answer, in blocks, those of most pairs first.

    Args:
        reach: Who learns whose routes.
        answer: Which pairs.
        leave_out: Nodes that are told elsewhere.
    """
    left_out = frozenset(leave_out)
    origins_by_learners: dict[tuple[str, ...], list[str]] = defaultdict(list)
    blocks: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for learners, origins in reach.classes_with(answer):
        if left_out.isdisjoint(learners) and left_out.isdisjoint(origins):
            if learners == origins:
                blocks.append((_sorted(learners), _sorted(learners)))
            else:
                origins_by_learners[learners].extend(origins)
    joined: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for learners, names in origins_by_learners.items():
        joined[_sorted(names)].extend(learners)
    blocks += [(_sorted(names), origins) for origins, names in joined.items()]
    whole = set(blocks)
    pairs = [
        PairBlock(learners, origins, mutual)
        for learners, origins in blocks
        if not (mutual := learners != origins and (origins, learners) in whole) or learners < origins
    ]
    return tuple(sorted(pairs, key=lambda block: (-_size(block), block)))


def _sorted(names: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=natural_key))


def _size(block: PairBlock) -> int:
    return len(block.learners) * len(block.origins) * (2 if block.mutual else 1)
