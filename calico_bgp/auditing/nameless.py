"""`NODE` for a node that nothing names, in what is to be run: `ticket.txt:12` is a place, which no shell knows.

What is said about a node in words keeps the place, which tells the texts of a paste apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.messages.steps import as_line
from calico_bgp.model.reports.cause import Cause, Decision, FixStep
from calico_bgp.model.reports.message import Message, Value
from calico_bgp.model.reports.report import Finding
from calico_bgp.shell_words import NODE, is_place, quote

_Run = TypeVar("_Run", Decision, FixStep)


def nameless(members: Iterable[Member]) -> frozenset[str]:
    """What the members are called that nothing names: the places of their texts."""
    return frozenset(member.name for member in members if _is_nameless(member))


def _is_nameless(member: Member) -> bool:
    source = member.reading or member.failure
    if source is None or source.node is not None or member.host is not None or member.resource is not None:
        return False
    return is_place(source.host)


def without_places(
    causes: tuple[Cause, ...], findings: tuple[Finding, ...], places: frozenset[str]
) -> tuple[tuple[Cause, ...], tuple[Finding, ...]]:
    """The same with `NODE` for each place, in the next steps and commands."""
    if not places:
        return causes, findings
    spellings = {spelling for place in places for spelling in (place, quote(place))}
    return (
        tuple(_run_on_a_node(cause, places) for cause in causes),
        tuple(_without_spellings(finding, spellings) for finding in findings),
    )


def _run_on_a_node(cause: Cause, places: frozenset[str]) -> Cause:
    """The cause with `NODE` for where to run a command; what is in the command is a word of shell_words already."""
    decide = tuple(_on_a_node(decision, places) for decision in cause.decide)
    fixes = tuple(
        fix.model_copy(update={"steps": tuple(_on_a_node(step, places) for step in fix.steps)}) for fix in cause.fixes
    )
    return cause.model_copy(update={"decide": decide, "fixes": fixes})


def _on_a_node(part: _Run, places: frozenset[str]) -> _Run:
    return part.model_copy(update={"on": NODE}) if part.on in places else part


def _without_spellings(finding: Finding, spellings: set[str]) -> Finding:
    """The finding with `NODE` for each value of a next step that is a place."""
    steps = tuple(_named(step, spellings) for step in finding.next_steps)
    if steps == finding.next_steps:
        return finding
    return replace(finding, next_steps=steps, next_step=as_line(steps))


def _named(step: Message, spellings: set[str]) -> Message:
    return Message(step.template, tuple((name, _value(value, spellings)) for name, value in step.values))


def _value(value: Value, spellings: set[str]) -> Value:
    match value:
        case Message():
            return _named(value, spellings)
        case str():
            return NODE if value in spellings else value
        case tuple():
            # Several nodes that nothing names are one `NODE`.
            return tuple(dict.fromkeys(NODE if each in spellings else each for each in value))
    return value
