"""Messages that say the same of different things, and one sentence for them. Works on templates and values only."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from calico_bgp.messages.formatter import SAME, Listed, fill_in, parts_of, render
from calico_bgp.model.reports.message import Message, Value
from calico_bgp.model.reports.report import Finding

#: Many names in few characters.
Shorten = Callable[[set[str]], str]


def likeness(*messages: Message) -> Hashable:
    """What messages have in common that say the same, whoever they are about.

    Which of their values are equal counts: "a and b: a ended it" is not like "a and b: b ended it". A second message
    (the next step) is compared with the names of the first.
    """
    numbers: dict[str, int] = {}
    return tuple(tuple(_shape(message, numbers)) for message in messages)


def _shape(message: Message, numbers: dict[str, int]) -> Iterator[Hashable]:
    yield message.template
    fixed = _fixed(message.template)
    for name, value in message.values:
        if isinstance(value, Message):
            yield tuple(_shape(value, numbers))
        elif value is None or name in fixed:
            yield value
        elif isinstance(value, str):
            yield numbers.setdefault(value, len(numbers))


def _fixed(template: str) -> set[str | None]:
    return {part.name for part in parts_of(template) if part.form == SAME}


def merged(messages: Sequence[Message], shorten: Shorten) -> str:
    """One sentence for messages of one likeness; the values that differ become lists.

    Args:
        messages: At least one.
        shorten: Writes names that differ between the messages.
    """
    first = messages[0]
    if all(message == first for message in messages):
        return render(first)
    joined = {part.name for part in parts_of(first.template) if part.form == "and"}
    columns = zip(*(message.values for message in messages), strict=True)
    values = {
        column[0][0]: _together([value for _, value in column], shorten, joined=column[0][0] in joined)
        for column in columns
    }
    return fill_in(first.template, values)


def _together(values: Sequence[Value], shorten: Shorten, *, joined: bool) -> Value | Listed:
    first = values[0]
    if all(value == first for value in values):
        return first
    numbers = [value for value in values if isinstance(value, int)]
    if numbers:
        return Listed(f"{min(numbers)}-{max(numbers)}", max(numbers))
    inner = [value for value in values if isinstance(value, Message)]
    if inner:
        return Listed(merged(inner, shorten), len(inner))
    names = {name for value in values for name in names_in(value)}
    return Listed(" and ".join(sorted(names)) if joined else shorten(names), len(names))


def names_in(value: Value) -> tuple[str, ...]:
    """The names that a value holds, of itself."""
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def sets_of_names(messages: Sequence[Message]) -> Iterator[frozenset[str]]:
    """For each place of messages of one likeness that holds names: those of all of them together."""
    for column in zip(*(message.values for message in messages), strict=True):
        values = [value for _, value in column]
        inner = [value for value in values if isinstance(value, Message)]
        if inner:
            yield from sets_of_names(inner)
        else:
            yield frozenset(name for value in values for name in names_in(value))


def names_of(finding: Finding) -> frozenset[str]:
    """The names that a finding's message says."""
    return frozenset() if finding.said is None else frozenset().union(*sets_of_names([finding.said]))
