"""A plan: from a mesh to route reflectors or back, in steps that are judged one by one. Values only.

reflectors.py and mesh.py make plans; report/ writes them with their commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from calico_bgp.changes.change import Change
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.plan.choice import Choice
from calico_bgp.plan.joining import StartNode
from calico_bgp.plan.moment import Moment


@dataclass(frozen=True, slots=True)
class Drain:
    """The pods leave a node, and no new ones come.

    Attributes:
        node: Its name.
    """

    node: str


@dataclass(frozen=True, slots=True)
class Uncordon:
    """Pods may come to a node again.

    Attributes:
        node: Its name.
    """

    node: str


Action: TypeAlias = Change | StartNode | Drain | Uncordon


def waiting(resources: Resources) -> tuple[str, ...]:
    """The Nodes that were made to become reflectors and have not started; an audit calls them reflectors in trouble."""
    return tuple(node.name for node in resources.nodes if node.cluster_id is not None and not node.addresses)


class Goal(StrEnum):
    """Where a plan leads."""

    REFLECTORS = "reflectors"
    MESH = "mesh"


class PlanVerdict(StrEnum):
    """What a plan costs."""

    NOTHING_TO_DO = "nothing to do"
    LOSES_NOTHING = "loses nothing"
    """Every node keeps every other node's routes at every moment."""
    DRAINED = "only routes of drained nodes"
    """Routes to and from nodes without pods go for a moment; no other does."""
    LOSES = "not without loss"


@dataclass(frozen=True, slots=True)
class Awaited:
    """Sessions to wait for.

    Attributes:
        family: The family.
        pairs: The two ends of each, sorted.
    """

    family: Family
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PlanStep:
    """What is done at once, and what must hold before the next step.

    Attributes:
        title: What is done.
        why: What it does and why now, in sentences for people.
        actions: In order; one command each.
        before: The resources before.
        after: The resources afterwards.
        drained: The nodes without pods meanwhile, sorted.
        moments: By family, the routes at the worst moment and afterwards.
        awaited: By family, the sessions that the step makes or starts again.
        doubts: Why the step does not mean one thing, in sentences; empty when it does.
    """

    title: str
    why: str
    actions: tuple[Action, ...]
    before: Resources
    after: Resources
    drained: tuple[str, ...]
    moments: tuple[Moment, ...]
    awaited: tuple[Awaited, ...]
    doubts: tuple[str, ...] = ()

    @property
    def loses_nothing(self) -> bool:
        """Whether every route stays, those of drained nodes apart."""
        return not self.doubts and all(moment.loses_nothing for moment in self.moments)

    @property
    def audited(self) -> bool:
        """Whether an audit must find no error before the next step: not while a Node waits for its machine."""
        return bool(self.moments) and not waiting(self.after)

    @property
    def excused(self) -> bool:
        """Whether drained nodes lose routes for a moment."""
        return any(moment.excused for moment in self.moments)


@dataclass(frozen=True)
class Plan:
    """Ordered steps; none when there is nothing to do.

    Attributes:
        goal: Where it leads.
        choices: The reflectors in the order in which they become so; empty on the way back.
        label: The reflectors' label, key and value.
        cluster_id: What new reflectors get.
        steps: In order.
        before: The resources now.
        after: The resources at the end.
        reflectors: The reflectors at the end.
        single_points: Of those, the ones whose loss would cut off others, sorted.
        problems: Why there is no plan, in sentences.
    """

    goal: Goal
    choices: tuple[Choice, ...]
    label: tuple[str, str] | None
    cluster_id: str | None
    steps: tuple[PlanStep, ...]
    before: Resources
    after: Resources
    reflectors: tuple[str, ...] = ()
    single_points: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def verdict(self) -> PlanVerdict:
        """The one word."""
        if self.problems or not all(step.loses_nothing for step in self.steps):
            return PlanVerdict.LOSES
        if not self.steps:
            return PlanVerdict.NOTHING_TO_DO
        excused = any(step.excused for step in self.steps)
        return PlanVerdict.DRAINED if excused else PlanVerdict.LOSES_NOTHING

    @property
    def drains(self) -> int:
        """How many nodes must be drained."""
        return sum(isinstance(action, Drain) for step in self.steps for action in step.actions)

    @property
    def avoidable(self) -> tuple[str, ...]:
        """The nodes that need not be drained if new ones join as reflectors in their place."""
        new = [choice.node for choice in self.choices if not choice.already]
        drained = {name for step in self.steps if step.excused for name in step.drained}
        return tuple(name for name in new if name in drained)

    @property
    def joined(self) -> tuple[str, ...]:
        """The nodes that join on the way, in order."""
        actions = (action for step in self.steps for action in step.actions)
        return tuple(action.joining.name for action in actions if isinstance(action, StartNode))
