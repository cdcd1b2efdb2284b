r"""Makes sentences of templates and values: numbers, plurals and lists of names. The only place that does.

A place of a template is `{value}` or `{value:form}`. The forms:

| form | what it makes of the value |
|---|---|
| (none) | the text itself; the first few of several names, and how many more there are |
| `all` | all of several names |
| `and`, `or` | all of them, with this word before the last |
| `count NOUN` | the number with its noun: `1 node`, `2 addresses` |
| `every NOUN`, `every` | all of a number: `both addresses`, `all 3 addresses`; `both`, `all 3` |
| `,` | the number with commas between the thousands |
| `one\|several` | the first word for one, the second for several: `{nodes:has\|have}` |
| `same` | the text; messages are only put together (messages.merging) where it is the same |

`{value!r}` shows a text in quotes, with what cannot be seen escaped. A value that is None is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import Formatter
from typing import NamedTuple

from calico_bgp.messages.words import every, several_of, some
from calico_bgp.model.reports.message import Message, Value

#: The form of a value by which messages are told apart.
SAME = "same"
_COUNT = "count "
_EVERY = "every"


class Listed(NamedTuple):
    """Values of several messages as one text.

    Attributes:
        text: `node[1-3]`, `2-5`.
        number: How many they are, for plurals.
    """

    text: str
    number: int


class Part(NamedTuple):
    """A piece of a template: some text, and the place behind it.

    Attributes:
        text: As it stands.
        name: The value that follows; None at the end of the template.
        form: How it is shown.
        quoted: Whether it is shown in quotes.
    """

    text: str
    name: str | None
    form: str
    quoted: bool


@lru_cache(maxsize=2048)
def parts_of(template: str) -> tuple[Part, ...]:
    """A template taken apart."""
    return tuple(
        Part(text, name, form or "", conversion == "r") for text, name, form, conversion in Formatter().parse(template)
    )


def render(message: Message) -> str:
    """The sentence."""
    return fill_in(message.template, dict(message.values))


def fill_in(template: str, values: Mapping[str, Value | Listed]) -> str:
    """A template with its values filled in.

    Raises:
        KeyError: The template names a value that is not there.
    """
    return "".join(
        [part.text if part.name is None else part.text + _shown(values[part.name], part) for part in parts_of(template)]
    )


def outline(template: str) -> str:
    """A template for people to read: `{node} have {number} peers`."""
    return "".join(part.text if part.name is None else part.text + _outlined(part) for part in parts_of(template))


def _outlined(part: Part) -> str:
    if "|" in part.form:
        one, _, several = part.form.partition("|")
        return several if (part.name or "").endswith("s") else one
    if part.form.startswith(_EVERY):
        return f"all {{{part.name}}} {several_of(part.form.removeprefix(_EVERY).strip())}"
    noun = f" {several_of(part.form.removeprefix(_COUNT))}" if part.form.startswith(_COUNT) else ""
    return f"{{{part.name}}}{noun}"


def _shown(value: Value | Listed, part: Part) -> str:
    form = part.form
    if not form and isinstance(value, str):  # most places, by far
        return repr(value) if part.quoted else value
    if value is None:
        return ""
    if isinstance(value, Message):
        return render(value)
    if form.startswith(_COUNT):
        return _counted(value, form.removeprefix(_COUNT))
    if form.startswith(_EVERY):
        number = value.text if isinstance(value, Listed) else _number(value)
        return every(number, form.removeprefix(_EVERY).strip())
    if "|" in form:
        one, _, several = form.partition("|")
        return one if _number(value) == 1 else several
    if isinstance(value, Listed):
        return value.text
    if isinstance(value, int):
        return f"{value:,}" if form == "," else str(value)
    if isinstance(value, str):
        return repr(value) if part.quoted else value
    return _names(tuple(map(repr, value)) if part.quoted else value, form)


def _names(names: Sequence[str], form: str) -> str:
    if form in {"and", "or"} and names:
        *others, last = names
        return f"{', '.join(others)} {form} {last}" if others else last
    return ", ".join(names) if form == "all" else some(names)


def _number(value: Value | Listed) -> int:
    """How many: a number itself, else how many names."""
    if isinstance(value, Listed):
        return value.number
    if isinstance(value, int):
        return value
    return len(value) if isinstance(value, tuple) else 1


def _counted(value: Value | Listed, noun: str) -> str:
    """`1 node`, `2 nodes`, `3 addresses`; `2-5 nodes` of several messages."""
    number = _number(value)
    text = value.text if isinstance(value, Listed) else f"{number:,}"
    return f"{text} {noun if number == 1 else several_of(noun)}"
