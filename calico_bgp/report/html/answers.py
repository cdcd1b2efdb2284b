"""The pages of what-if questions and of risks. Their words are those of the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from calico_bgp.report.audit.unknowns import NOTHING, Unknowns
from calico_bgp.report.html.page import page, section
from calico_bgp.report.html.tables import items, text_table
from calico_bgp.report.routes.pool_text import pool_lines
from calico_bgp.report.routes.risks_text import harmless, risk_rows, risks_line
from calico_bgp.report.routes.whatif_text import (
    NO_BGP,
    cut_already,
    doubt_words,
    loss_words,
    next_words,
    outcome,
    peer_words,
)
from calico_bgp.report.text.markup import Content, element
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.network.pools import PoolFate
from calico_bgp.whatif.risks import Risks
from calico_bgp.whatif.verdict import FamilyVerdict, Safety, WhatIf

_CSS = {Safety.SAFE: "good", Safety.NOT_SAFE: "bad", Safety.CANNOT_TELL: "odd"}
_ANSWERS = {Answer.YES: "good", Answer.PERHAPS: "odd", Answer.NO: "bad"}
_NAMES = 30


def whatif_to_html(answer: WhatIf) -> str:
    """One self-contained file: safe or not, who loses whom and why, what remains."""
    head = [
        element("h1", element("span", str(answer.safety).upper(), class_=_CSS[answer.safety])),
        element("p", answer.found),
    ]
    parts: list[Content] = [section("The change", items(answer.changes or ("nothing",)))]
    parts += (_family(family, answer) for family in answer.families)
    if not answer.families:
        parts.append(element("p", NO_BGP))
    if answer.peers:
        parts.append(section("Peers", items([peer_words(change) for change in answer.peers])))
    if answer.unknown:
        parts.append(section("Not known", items(answer.unknown)))
    parts.append(section("What it rests on", items([str(answer.basis), *answer.assumptions])))
    return page(f"{str(answer.safety).upper()}: a change of BGP", head, parts)


def _family(family: FamilyVerdict, answer: WhatIf) -> Element:
    rows = list(_losses(family))
    table = text_table("Routes lost", ("When", "What", "Way now", "Why then"), rows, narrow=True) if rows else []
    after = [next_words(failure, _NAMES) for failure in family.next_failures]
    if family.cut_already:
        after.append(cut_already(family))
    return section(family.family.label, element("p", outcome(family, answer)), *table, items(after) if after else None)


def _losses(family: FamilyVerdict) -> Iterator[tuple[str, str, str, str]]:
    for when, losses in (("in the end", family.lost), ("in between", family.meanwhile)):
        for loss in losses:
            yield when, loss_words(loss, family, _NAMES), loss.way or "", loss.why or ""
    for doubt in family.doubts:
        yield "perhaps", doubt_words(doubt.group, _NAMES), "", doubt.why


def risks_to_html(risks: Sequence[Risks], pools: Sequence[PoolFate] | None = None, unknowns: Unknowns = NOTHING) -> str:
    """One self-contained file: what hurts most when it fails.

    Args:
        risks: One per family.
        pools: What becomes of the IPPools; None when no resources are there.
        unknowns: Who was not read, and what else is not known.
    """
    head: list[Content] = []
    for of_family in risks:
        word, what = risks_line(of_family, unknowns)
        answer = Answer.PERHAPS if unknowns and of_family.answer is Answer.YES else of_family.answer
        # A page has one heading of the first order.
        head.append(element("p" if head else "h1", element("span", word, class_=_ANSWERS[answer])))
        head.append(element("p", what))
    if not risks:
        head.append(element("h1", "no node speaks BGP: there is no session, and none is missing"))
    parts: list[Content] = []
    for of_family in risks:
        rows = list(risk_rows(of_family.ranking, None))
        ranked = [(str(place), what, effect) for place, (what, effect) in enumerate(rows, start=1)]
        heads = ("No.", "What fails", "What that does")
        content = (
            text_table("Worst first", heads, ranked, narrow=True) if ranked else [element("p", harmless(of_family))]
        )
        parts.append(section(of_family.family.label, *content))
    rests = list(dict.fromkeys(text for of_family in risks for text in of_family.before.assumptions))
    for title, lines in (
        ("What it rests on", rests),
        ("Not read", list(unknowns.node_lines())),
        ("Pools", list(pool_lines(pools, [of_family.family for of_family in risks]))),
    ):
        if lines:
            parts.append(section(title, items(lines)))
    return page("Risks of BGP", head, parts)
