"""What a rule or a kind of cause means, on a terminal. The words are those that it declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from calico_bgp.report.audit.findings import SEVERITY_STYLES
from calico_bgp.report.text.page import Page, TextStyle

if TYPE_CHECKING:
    from calico_bgp.causes.cause import CauseKind
    from calico_bgp.rules.rule import Rule


def topics_to_text(causes: Sequence[CauseKind], rules: Sequence[Rule], style: TextStyle | None = None) -> str:
    """Kinds of causes, then rules. A cause and a rule may share a name: both are shown."""
    page = Page(style or TextStyle())
    for number, cause in enumerate(causes):
        if number:
            page.blank()
        page.line(Text(cause.id, "bold"), f": {cause.title} (", Text("cause", "bold"), ")")
        _sections(
            page,
            ("What it means", cause.meaning),
            ("What speaks for it", cause.evidence),
            ("What looks like it", cause.look_alikes),
            ("What fixes it", cause.mending),
        )
    for number, rule in enumerate(rules):
        if number or causes:
            page.blank()
        severity = Text(rule.severity.value, SEVERITY_STYLES[rule.severity])
        page.line(Text(rule.id, "bold"), f": {rule.title} (", severity, ")")
        _sections(
            page,
            ("What it means", rule.meaning),
            ("What it rests on", rule.evidence),
            ("What to do", rule.action),
        )
    return page.text()


def _sections(page: Page, *sections: tuple[str, str]) -> None:
    for heading, text in sections:
        if not text.strip():
            continue
        page.blank()
        page.line(Text(heading, "bold"))
        for paragraph in text.strip().split("\n\n"):
            page.line(" ".join(paragraph.split()), indent=2)
