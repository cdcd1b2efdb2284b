"""Is a change safe? What stands before, in between and after is compared; what cannot be known is never called safe."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from calico_bgp.changes.peer_changes import PeerChange
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import Block, blocks
from calico_bgp.routes.computed.losses import Group, Loss, explained, grouped
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.network import Network
from calico_bgp.whatif.risks import Removal, Risks, risks
from calico_bgp.whatif.scenario import Scenario


class Safety(StrEnum):
    """The answer."""

    SAFE = "safe"
    """No node that remains loses the routes of another, not even for a moment."""
    NOT_SAFE = "not safe"
    CANNOT_TELL = "cannot tell"
    """None is lost for certain, but not everything is known."""


class Basis(StrEnum):
    """What the answer rests on."""

    RESOURCES = "Calico's resources"
    OBSERVED = "what was observed"
    BOTH = "what was observed and Calico's resources"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Pairs of which it is not known whether they lose routes.

    Attributes:
        group: The pairs.
        why: Why, told by an example.
    """

    group: Group
    why: str


@dataclass(frozen=True, slots=True)
class NextFailure:
    """What the loss of one more node would do.

    Attributes:
        nodes: The nodes of which each alone would do it, sorted.
        pairs: How many pairs (learner, origin) that loss would cut off, of each.
        perhaps: How many more it would perhaps cut off.
        lonely: How many nodes would be cut off from everyone.
        is_new: Whether the same loss would cut nobody off before the change.
    """

    nodes: tuple[str, ...]
    pairs: int
    perhaps: int
    lonely: int
    is_new: bool


@dataclass(frozen=True)
class FamilyVerdict:
    """What a change does to one family.

    Attributes:
        family: The family.
        nodes: The nodes that are judged, sorted: those that speak before and are not removed.
        cut_already: How many pairs are cut off before, and stay so.
        gained: How many pairs learn afterwards that do not before.
        lost: The routes that are lost.
        meanwhile: The routes that are lost until the sessions that the change makes or starts again are up.
        doubts: The pairs of which nothing is certain.
        next_failures: The single nodes whose loss would then cut others off, worst first.
    """

    family: Family
    nodes: tuple[str, ...]
    cut_already: int
    gained: int
    lost: tuple[Loss, ...]
    meanwhile: tuple[Loss, ...]
    doubts: tuple[Doubt, ...]
    next_failures: tuple[NextFailure, ...]

    @property
    def pairs(self) -> int:
        """How many pairs (learner, origin) were judged."""
        return len(self.nodes) * (len(self.nodes) - 1)


@dataclass(frozen=True)
class WhatIf:
    """The answer to a what-if.

    Attributes:
        changes: What would be changed, in words, in the order given.
        removed: The nodes that would be removed, sorted.
        basis: What it rests on.
        families: A verdict each, of the families that anyone speaks.
        peers: Which peers appear, disappear and change; None where there are no resources to tell.
        unknown: What else keeps it from being certain, in sentences.
        assumptions: What it takes for granted, in sentences.
        broken: What pods surely lose although no node's BGP loses a route, in sentences.
    """

    changes: tuple[str, ...]
    removed: tuple[str, ...]
    basis: Basis
    families: tuple[FamilyVerdict, ...]
    peers: tuple[PeerChange, ...] | None
    unknown: tuple[str, ...]
    assumptions: tuple[str, ...]
    broken: tuple[str, ...] = ()

    @property
    def safety(self) -> Safety:
        """The answer: what is lost for certain counts more than what is not known."""
        if self.broken or any(family.lost or family.meanwhile for family in self.families):
            return Safety.NOT_SAFE
        if self.unknown or any(family.doubts for family in self.families) or not self.families:
            return Safety.CANNOT_TELL
        return Safety.SAFE

    @property
    def headline(self) -> str:
        """The answer with its number: `not safe: 34 routes lost`."""
        return f"{self.safety}: {self.found}"

    @property
    def found(self) -> str:
        """What the answer rests on: `34 routes lost`; a route is one node's way to another's pods."""
        lost = sum(loss.group.pairs for family in self.families for loss in family.lost)
        meanwhile = sum(loss.group.pairs for family in self.families for loss in family.meanwhile)
        doubtful = sum(doubt.group.pairs for family in self.families for doubt in family.doubts)
        parts = (
            f"{count(lost, 'route')} lost" if lost else "",
            f"{count(meanwhile, 'route')} lost until sessions are up again" if meanwhile else "",
            f"{count(doubtful, 'route')} perhaps lost" if doubtful else "",
            "pods lose their way" if self.broken else "",
        )
        nothing = "no route lost" if self.safety is Safety.SAFE else "not everything is known"
        return ", ".join(filter(None, parts)) or nothing


def judge_family(scenario: Scenario, removed: Collection[str] = (), now: Risks | None = None) -> FamilyVerdict:
    """Compare the moments of a change in one family.

    Args:
        scenario: The moments.
        removed: The nodes that are removed.
        now: The risks before the change, where they were worked out already.
    """
    before, after = reachability(scenario.before) if now is None else now.before, reachability(scenario.after)
    between = after if scenario.between is scenario.after else reachability(scenario.between)
    everything = tuple(blocks(before, between, after, scenario.nodes))
    lost_blocks = [block for block in everything if block.before is Answer.YES and block.after is Answer.NO]
    meanwhile = [
        block
        for block in everything
        if block.before is Answer.YES and block.between is Answer.NO and block.after is not Answer.NO
    ]
    lost_groups = grouped(lost_blocks, (block for block in everything if _goes_on(block.before, block.after)))
    # Who is cut off from everyone for certain need not be told again for what is not.
    lonely = {name for group in lost_groups if group.everyone for name in group.learners}
    unsure = [b for b in everything if _is_unsure(b) and lonely.isdisjoint((b.learners[0], b.origins[0]))]
    kept_between = (block for block in everything if _goes_on(block.before, block.between))
    settled = (b for b in everything if b.before is not Answer.NO and not _is_unsure(b))
    return FamilyVerdict(
        family=scenario.before.family,
        nodes=scenario.nodes,
        cut_already=sum(b.pairs for b in everything if b.before is Answer.NO and b.after is Answer.NO),
        gained=sum(b.pairs for b in everything if b.before is Answer.NO and b.after is Answer.YES),
        lost=tuple(explained(group, before, after, removed) for group in lost_groups),
        meanwhile=tuple(explained(group, before, between, removed) for group in grouped(meanwhile, kept_between)),
        doubts=tuple(Doubt(group, _why_unsure(group, after, between, before)) for group in grouped(unsure, settled)),
        next_failures=_next_failures(scenario.before, scenario.after, now),
    )


def _goes_on(before: Answer, after: Answer) -> bool:
    """Whether a pair that learns, perhaps, goes on to do so, perhaps."""
    return before is not Answer.NO and after is not Answer.NO


def _is_unsure(block: Block) -> bool:
    """Whether a pair may lose something and is not known to."""
    if block.before is Answer.NO:
        return False
    certain = block.before is Answer.YES and Answer.NO in (block.after, block.between)
    return not certain and not (block.after is Answer.YES and block.between is Answer.YES)


def _why_unsure(group: Group, *moments: Reachability) -> str:
    learner, origin = group.example
    for answer in (Answer.PERHAPS, Answer.NO):
        for reach in moments:
            if {learner, origin} <= set(reach.nodes) and reach.learns(learner, origin) is answer:
                return reach.explain(learner, origin).text
    return ""


def _next_failures(before: Network, after: Network, risks_now: Risks | None) -> tuple[NextFailure, ...]:
    then = [risk for risk in risks(after).ranking if risk.removal is Removal.NODE]
    now = {risk.nodes for risk in (risks_now or risks(before)).ranking} if then else set()
    alike: dict[tuple[int, int, int, bool], list[str]] = {}
    for risk in then:
        key = (risk.lost, risk.doubtful, len(risk.lonely), risk.nodes not in now)
        alike.setdefault(key, []).extend(risk.nodes)
    return tuple(NextFailure(tuple(sorted(nodes)), *key) for key, nodes in alike.items())


def assumptions_of(scenarios: Collection[Scenario]) -> tuple[str, ...]:
    """What the networks take for granted, each once."""
    networks = (network for scenario in scenarios for network in (scenario.before, scenario.after))
    return tuple(dict.fromkeys(assumption for network in networks for assumption in network.assumptions))
