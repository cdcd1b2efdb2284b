"""`--explain RULE` of the audit and of the lint: what a rule means. The words are the rules' own."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import click
from rich.text import Text

from calico_bgp.audit.all_rules import ALL_RULES
from calico_bgp.cli.show import text_style, write
from calico_bgp.report.findings import SEVERITY_STYLES
from calico_bgp.report.page import Page


def _explain(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    if not value or ctx.resilient_parsing:
        return
    rule = next((rule for rule in ALL_RULES if rule.id == value), None)
    if rule is None:
        known = [rule.id for rule in ALL_RULES]
        near = get_close_matches(value, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "the rules are: " + ", ".join(known)
        raise click.BadParameter(f"there is no rule {value!r}; {hint}")
    style = text_style(color=None, width=None)
    page = Page(style)
    page.line(
        Text(rule.id, "bold"), f": {rule.title} (", Text(rule.severity.value, SEVERITY_STYLES[rule.severity]), ")"
    )
    for heading, text in (
        ("What it means", rule.meaning),
        ("What it rests on", rule.evidence),
        ("What to do", rule.action),
    ):
        page.blank()
        page.line(Text(heading, "bold"))
        for paragraph in text.strip().split("\n\n"):
            page.line(" ".join(paragraph.split()), indent=2)
    write(page.text(), None, color=style.color)
    ctx.exit()


def explain_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--explain RULE`; it needs no source."""
    return click.option(
        "--explain",
        metavar="RULE",
        is_eager=True,
        expose_value=False,
        callback=_explain,
        help="Say what a rule means, what it rests on and what to do.",
    )(command)
