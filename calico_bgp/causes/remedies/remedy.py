"""A remedy: changes with what each does in words. Its commands, what it asks for and its trial come from the changes.

A restart or a firewall is no change of a resource; those are steps of their own, written where they are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calico_bgp.changes.change import Change
from calico_bgp.changes.commands import commands
from calico_bgp.errors import ChangeError
from calico_bgp.messages.words import count
from calico_bgp.model.reports.cause import Asked, Fix, FixStep, Risk
from calico_bgp.model.resources import Resources


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a remedy.

    Attributes:
        change: The change.
        what: What it does and why so, in words.
    """

    change: Change
    what: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What fixes a cause.

    Attributes:
        summary: One sentence.
        steps: In order.
        risk: What it does at least to what works: what the model cannot see. The trial says the rest.
        later: Steps that follow and change no resource that is known here.
    """

    summary: str
    steps: tuple[Step, ...]
    risk: Risk = Risk.NONE
    later: tuple[FixStep, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the model tries."""
        return tuple(step.change for step in self.steps)


def fix_of(remedy: Remedy, resources: Resources) -> Fix | None:
    """The remedy with its commands; None where it does not fit the resources, or changes nothing."""
    try:
        steps, to_ask = _steps(remedy.steps, resources)
    except ChangeError:
        return None
    if not steps:
        return None
    all_steps = (*steps, *remedy.later)
    return Fix(
        label=count(len(all_steps), "command"),
        summary=remedy.summary,
        risk=remedy.risk,
        steps=all_steps,
        asks=to_ask,
    )


def _steps(steps: Sequence[Step], resources: Resources) -> tuple[tuple[FixStep, ...], tuple[Asked, ...]]:
    """Each change on top of those before it, and what must be filled in."""
    fix_steps: list[FixStep] = []
    to_ask: list[Asked] = []
    for step in steps:
        for command in commands(step.change, resources):
            fix_steps.append(FixStep(what=step.what, kubectl=command.kubectl, calicoctl=command.calicoctl))
            to_ask += [asks.asked for asks in command.asks]
        resources = step.change.apply(resources)
    return tuple(fix_steps), tuple(_once(to_ask))


def _once(to_ask: Iterable[Asked]) -> list[Asked]:
    by_variable: dict[str, Asked] = {}
    for each in to_ask:
        by_variable.setdefault(each.variable, each)
    return list(by_variable.values())
