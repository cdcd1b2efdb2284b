"""What is left of the routes at the worst moment of a step, and once everything has come up. No change, no command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calico_bgp.changes.surviving import SurvivingSessions
from calico_bgp.expect.engine import Expectation
from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import blocks
from calico_bgp.routes.computed.losses import Group, grouped
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.from_expected import expected_network


@dataclass(frozen=True, slots=True)
class Moment:
    """The routes of one family at the worst moment of a step, and once everything has come up.

    Attributes:
        family: The family.
        nodes: How many nodes speak it when the step begins, those that it takes away left out.
        lost: Who loses whose routes, if only for a moment; drained nodes left out.
        excused: How many pairs (learner, origin) with a drained node lose the route for a moment.
        gone: Who has lost whose routes afterwards; also those of drained nodes.
    """

    family: Family
    nodes: int
    lost: tuple[Group, ...]
    excused: int
    gone: tuple[Group, ...]

    @property
    def pairs(self) -> int:
        """How many pairs (learner, origin) there are."""
        return self.nodes * (self.nodes - 1)

    @property
    def loses_nothing(self) -> bool:
        """Whether every route stays, those of drained nodes apart."""
        return not self.lost and not self.gone


@dataclass(frozen=True)
class State:
    """An Expectation with its networks: worked out once, for a step ends where the next one begins.

    Attributes:
        expectation: What is configured.
        reaches: Who learns whose routes once everything has come up; one per family that is spoken.
    """

    expectation: Expectation
    reaches: tuple[Reachability, ...]

    @classmethod
    def of(cls, expectation: Expectation) -> State:
        """Work them out."""
        networks = (expected_network(expectation, family, filters=False) for family in Family)
        return cls(expectation, tuple(reachability(network) for network in networks if network.speakers))

    def between(self, running: SurvivingSessions) -> State:
        """What is left of it at the worst moment of a step, by what ran through the step."""
        kept = ((reach, running.network(reach.network)) for reach in self.reaches)
        reaches = tuple(reach if network is reach.network else reachability(network) for reach, network in kept)
        return State(self.expectation, reaches)


def moments(before: State, between: State, after: State, drained: frozenset[str]) -> Iterator[Moment]:
    """Every family with its losses: what is learned for certain now, and what is left of it.

    Only nodes that are there before and afterwards can lose or be lost.

    Args:
        before: What stands when the step begins; everything has come up.
        between: What is left of it meanwhile.
        after: What stands when everything has come up again.
        drained: Nodes without pods.
    """
    there = after.expectation.resources.nodes_by_name
    for was, meanwhile, then in zip(before.reaches, between.reaches, after.reaches, strict=True):
        stay = [name for name in was.nodes if name in there]
        yield _moment(was, meanwhile, then, stay, drained)


def _moment(
    before: Reachability,
    between: Reachability,
    after: Reachability,
    everyone: Sequence[str],
    drained: frozenset[str],
) -> Moment:
    learned = [block for block in blocks(before, between, after, everyone) if block.before is Answer.YES]
    lost_now = [block for block in learned if block.between is not Answer.YES]
    not_excused = [
        block._replace(
            learners=tuple(name for name in block.learners if name not in drained),
            origins=tuple(name for name in block.origins if name not in drained),
        )
        for block in lost_now
    ]
    not_excused = [block for block in not_excused if block.learners and block.origins and block.pairs]
    lost_after = [block for block in learned if block.after is not Answer.YES]
    return Moment(
        family=before.family,
        nodes=len(everyone),
        lost=grouped(not_excused, [block for block in learned if block.between is Answer.YES]),
        excused=sum(block.pairs for block in lost_now) - sum(block.pairs for block in not_excused),
        gone=grouped(lost_after, [block for block in learned if block.after is Answer.YES]),
    )
