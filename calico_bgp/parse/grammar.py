"""Runs a TextFSM template: stock textfsm, and a fast path derived from the same template.

The template is the only grammar. Nothing that knows what a line means may enter this file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from io import StringIO
from typing import NamedTuple

from textfsm import TextFSM

from calico_bgp._templates import template_text

#: What one line is: the values that its rule captured, without the empty ones. Empty for a line that says nothing.
Record = Mapping[str, str]

_NOTHING: Record = {}


class _Rule(NamedTuple):
    match: Callable[[str], re.Match[str] | None]
    names: tuple[str, ...]
    records: bool


class Grammar:
    """A template in which every line is a record of its own.

    For such a template what textfsm does to a line depends on that line alone: the first rule that matches, its
    captured values, one record. `read` does just that, about ten times as fast, and asks stock textfsm itself where
    the template uses more of the language than this. `read_with_textfsm` is the oracle of the property tests.
    The template is compiled when the first line is read.

    Args:
        template: The text of the template.
    """

    def __init__(self, template: str) -> None:
        self._template = template

    @cached_property
    def _rules(self) -> tuple[_Rule, ...] | None:
        return _simple_rules(TextFSM(StringIO(self._template)))

    @property
    def is_fast(self) -> bool:
        """Whether the template is simple enough for the fast path."""
        return self._rules is not None

    def read(self, line: str) -> Record:
        """What one line is.

        Args:
            line: The line, without line ends and trailing blanks.
        """
        if self._rules is None:
            return self.read_with_textfsm(line)
        for rule in self._rules:
            match = rule.match(line)
            if match is not None:
                if not rule.records:
                    return _NOTHING
                return {name: value for name, value in zip(rule.names, match.groups(), strict=True) if value}
        return _NOTHING

    def read_with_textfsm(self, line: str) -> Record:
        """The same by stock textfsm."""
        machine = TextFSM(StringIO(self._template))
        rows = machine.ParseTextToDicts(line)
        return {name: value for row in rows for name, value in row.items() if value}

    def first_rule(self, names: tuple[str, ...]) -> Callable[[str], re.Match[str] | None] | None:
        """The template's first rule, if it captures just these values in this order; else None.

        As the first rule wins over all others, whoever tries it alone gets what `read` would have got.
        """
        if not self._rules or not self._rules[0].records or self._rules[0].names != names:
            return None
        return self._rules[0].match


def _simple_rules(machine: TextFSM) -> tuple[_Rule, ...] | None:
    """The rules of the only state, or None where a line's record depends on more than the line."""
    if machine.state_list != ["Start"] or any(value.OptionNames() for value in machine.values):
        return None
    rules = []
    for rule in machine.states["Start"]:
        pattern = re.compile(rule.regex)
        named = tuple(sorted(pattern.groupindex, key=pattern.groupindex.__getitem__))
        is_plain = rule.line_op in ("", "Next") and rule.record_op in ("", "Record") and not rule.new_state
        is_plain = is_plain and len(named) == pattern.groups and bool(named) == (rule.record_op == "Record")
        if not is_plain:
            return None
        rules.append(_Rule(pattern.match, named, bool(named)))
    return tuple(rules)


@cache
def grammar(name: str) -> Grammar:
    """The grammar in `templates/<name>`."""
    return Grammar(template_text(name))
