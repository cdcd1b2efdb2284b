"""Reachabilities side by side: which pairs of nodes have which answer before, in between and after. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calico_bgp.routes.computed.answer import Answer, bits
from calico_bgp.routes.computed.propagation import Reachability
from calico_bgp.routes.network.classes.sessions import class_numbers


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
    reaches = [(reach, class_numbers(reach.classes)) for reach in (before, between, after)]
    alike: dict[tuple[int | None, ...], list[str]] = {}
    for name in sorted(nodes):
        alike.setdefault(tuple(class_of.get(name) for _, class_of in reaches), []).append(name)
    groups = sorted(tuple(names) for names in alike.values())
    for learners in groups:
        for origins in groups:
            if learners == origins and len(learners) == 1:
                continue
            learner, origin = learners[0], origins[learners == origins]
            answers = [
                reach.learns(learner, origin) if learner in class_of and origin in class_of else Answer.NO
                for reach, class_of in reaches
            ]
            yield Block(learners, origins, *answers)


class LostPairs(NamedTuple):
    """How many pairs (learner, origin) a removal of nodes costs those that remain.

    Attributes:
        lost: Those that learn the route before and do not afterwards.
        doubtful: Those whose route is surer before than afterwards, but not lost for certain.
    """

    lost: int
    doubtful: int


def lost_pairs(before: Reachability, after: Reachability) -> LostPairs:
    """Count what the nodes of `after` lose, which are among those of `before`."""
    if after.numbers_classes_like(before):
        return _lost_by_class(before, after)
    lost = doubtful = 0
    for learners, origins, number in _pairs_alike(before, after):
        pair = learners[0], origins[learners == origins]
        change = before.learns(*pair), after.learns(*pair)
        if change == (Answer.YES, Answer.NO):
            lost += number
        elif change in {(Answer.YES, Answer.PERHAPS), (Answer.PERHAPS, Answer.NO)}:
            doubtful += number
    return LostPairs(lost, doubtful)


def _lost_by_class(before: Reachability, after: Reachability) -> LostPairs:
    """All learners of a class at once, as bits: few of many pairs change."""
    sizes = after.class_sizes
    lost = doubtful = 0
    for origin, size in enumerate(sizes):
        (learned, perhaps), (learned_then, perhaps_then) = before.learners(origin), after.learners(origin)
        missing_then = ~(learned_then | perhaps_then)
        lost_learners = learned & missing_then
        unsure = (learned & perhaps_then) | (perhaps & missing_then)
        lost += sum(size * (sizes[learner] - (learner == origin)) for learner in bits(lost_learners))
        doubtful += sum(size * (sizes[learner] - (learner == origin)) for learner in bits(unsure))
    return LostPairs(lost, doubtful)


def _pairs_alike(before: Reachability, after: Reachability) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], int]]:
    """(learners, origins, pairs) of the nodes that remain, alike before and afterwards."""
    number_of = class_numbers(before.classes)
    groups: dict[tuple[int, int], list[str]] = {}
    for number, names in enumerate(after.classes):
        for name in names:
            groups.setdefault((number_of[name], number), []).append(name)
    alike = [tuple(names) for names in groups.values()]
    for learners in alike:
        for origins in alike:
            number = len(learners) * (len(origins) - (learners == origins))
            if number:
                yield learners, origins, number
