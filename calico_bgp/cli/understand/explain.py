"""`--explain NAME`: what a rule or a kind of cause means, and all about one cause or finding of a report."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from calico_bgp.cli.help.completing import complete_rules, complete_topics
from calico_bgp.cli.running.show import text_style, write
from calico_bgp.cli.running.topics import installed_topics, nearest_topic, topics
from calico_bgp.messages.words import some
from calico_bgp.model.reports.report import Report
from calico_bgp.report.audit.details import details_to_text, find_by_id, id_of
from calico_bgp.report.explain.topics import topics_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.rules.catalogue import ALL_RULES

#: An id, or how it begins. Names of rules and causes are longer words.
_ID = re.compile(r"[0-9a-f]{3,12}", re.IGNORECASE)
_SHOWN = 5


def _explain_name(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Show what a name means and end; an id is handed on, where the command takes ids."""
    if not value or ctx.resilient_parsing:
        return None
    takes_ids = parameter.expose_value
    causes_and_rules = topics(value)
    is_id = takes_ids and _ID.fullmatch(value)
    if not any(causes_and_rules) and not is_id:
        causes_and_rules = installed_topics(value)
    if any(causes_and_rules):
        style = text_style(color=None, width=None)
        write(topics_to_text(*causes_and_rules, style), None, color=style.color)
        ctx.exit()
    if is_id:
        return value.lower()
    near = nearest_topic(value)
    hint = f"did you mean {near}?" if near else "the rules are: " + ", ".join(rule.id for rule in ALL_RULES)
    raise click.BadParameter(f"there is no rule {'or cause ' if takes_ids else ''}{value!r}; {hint}")


def explain_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--explain RULE`; it needs no source."""
    return click.option(
        "--explain",
        shell_complete=complete_rules,
        metavar="RULE",
        is_eager=True,
        expose_value=False,
        callback=_explain_name,
        help="Say what a rule means, what it rests on and what to do.",
    )(command)


def explain_id_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--explain NAME`: a rule or a cause, which needs no source; or an id of the report, as keyword `explain`."""
    return click.option(
        "--explain",
        shell_complete=complete_topics,
        metavar="NAME",
        is_eager=True,
        callback=_explain_name,
        help="Say what a rule or a kind of cause means; with a source also an id: all about one cause or finding.",
    )(command)


def explain_id(report: Report, prefix: str, style: TextStyle) -> str:
    """All about the cause or the finding of an id, or of the beginning of one.

    Raises:
        click.BadParameter: Nothing has it, or several things do.
    """
    entries = find_by_id(report, prefix)
    if not entries:
        raise click.BadParameter(
            f"no cause and no finding of this report has the id {prefix!r}; --verbose shows the ids",
            param_hint="--explain",
        )
    ids = list(dict.fromkeys(map(id_of, entries)))
    if len(ids) > 1:
        raise click.BadParameter(f"{prefix!r} begins several ids: {some(ids, _SHOWN)}", param_hint="--explain")
    return "\n".join(details_to_text(entry, report, style) for entry in entries)
