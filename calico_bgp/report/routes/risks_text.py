"""What hurts most, for people: single points of failure by name, then every removal that hurts. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from calico_bgp.messages.words import count, some
from calico_bgp.report.audit.unknowns import NOTHING, Unknowns
from calico_bgp.report.routes.pair_lines import ANSWER_STYLES
from calico_bgp.report.routes.pool_text import pool_lines
from calico_bgp.report.routes.reach_text import reach_line
from calico_bgp.report.text.names import SHORT, short_names
from calico_bgp.report.text.page import Page, TextStyle, labelled
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.network.pools import PoolFate
from calico_bgp.upstream import ZONE_LABEL
from calico_bgp.whatif.risks import Removal, Risk, Risks

#: Rows of the ranking, unless everything is asked for.
_ROWS = 10
_TRIED = {
    Removal.NODE: ("node", "nodes"),
    Removal.ZONE: ("zone", "zones"),
    Removal.REFLECTORS: ("pair of reflectors", "pairs of reflectors"),
}


def risks_line(risks: Risks, unknowns: Unknowns = NOTHING) -> tuple[str, str]:
    """The verdict in capitals and in words; nodes that were not read may be what a single failure takes away."""
    over = f"over {risks.family.label}"
    single = risks.single_points
    if single:
        named = some([_what(risk) for risk in single], 3)
        is_one = len(single) == 1
        head = "SINGLE POINT OF FAILURE" if is_one else "SINGLE POINTS OF FAILURE"
        effect = "it takes" if is_one else "each takes"
        return head, f"{named}: {effect} routes from others {over}"
    if risks.before.count(Answer.NO):
        return "CUT OFF", f"{reach_line(risks.before)} before anything fails"
    if risks.answer is Answer.PERHAPS:
        return "UNKNOWN", f"it is not known whether a single failure takes routes from others {over}"
    zones = " and no zone" if risks.tried[Removal.ZONE] else ""
    sentence = f"no single node{zones} takes routes from others {over}"
    if unknowns:
        return "UNKNOWN", f"{sentence}, as far as is known; {unknowns.words}"
    return "REDUNDANT", sentence


def risks_to_text(
    risks: Sequence[Risks],
    pools: Sequence[PoolFate] | None = None,
    unknowns: Unknowns = NOTHING,
    style: TextStyle | None = None,
) -> str:
    """All of it as text for a terminal or a pipe.

    Args:
        risks: One per family.
        pools: What becomes of the IPPools; None when no resources are there.
        unknowns: Who was not read, and what else is not known.
        style: Width, colour and how much; by default plain text without a limit.
    """
    style = style or TextStyle()
    page = Page(style)
    for of_family in risks:
        word, what = risks_line(of_family, unknowns)
        answer = Answer.PERHAPS if unknowns and of_family.answer is Answer.YES else of_family.answer
        page.line(Text(word, ANSWER_STYLES[answer]), Text(f": {what}", "bold"), hang=2)
    for of_family in risks:
        page.blank()
        page.line(
            Text(f"{of_family.family.label}, worst first" if of_family.ranking else of_family.family.label, "bold")
        )
        _family(page, of_family, style)
    page.blank()
    for place, text in enumerate(dict.fromkeys(text for of_family in risks for text in of_family.before.assumptions)):
        labelled(page, "" if place else "rests on", plain(text))
    for place, text in enumerate(unknowns.node_lines(most=None if style.verbose else SHORT)):
        labelled(page, "" if place else "not read", text)
    for place, text in enumerate(pool_lines(pools, [of_family.family for of_family in risks])):
        labelled(page, "" if place else "pools", text)
    return page.text()


def _family(page: Page, risks: Risks, style: TextStyle) -> None:
    rows = list(risk_rows(risks.ranking, None if style.verbose else SHORT))
    shown_rows = rows if style.verbose else rows[:_ROWS]
    for number, row in enumerate(shown_rows, start=1):
        page.line(Text(f"{number:>3}. ", "dim"), f"{row[0]}: {row[1]}", indent=2, hang=5)
    if len(shown_rows) < len(rows):
        page.line(Text(f"and {len(rows) - len(shown_rows):,} more; --verbose shows them", "dim"), indent=7)
    if not rows:
        page.line(harmless(risks), indent=2)
    if risks.single_points and risks.before.count(Answer.NO):
        labelled(page, "already", f"{reach_line(risks.before)} before anything fails")
    tried = [f"{number:,} {_TRIED[kind][number != 1]}" for kind, number in risks.tried.items() if number]
    labelled(page, "tried", f"{', '.join(tried) or 'nothing'}, one at a time")
    if not risks.tried[Removal.ZONE]:
        labelled(page, "zones", f"none tried: no node with the label {ZONE_LABEL} is known")
    elif risks.zoneless:
        labelled(page, "zones", f"no label {ZONE_LABEL} on {short_names(risks.zoneless)}")


def harmless(risks: Risks) -> str:
    """Why no removal stands in the ranking."""
    if risks.before.count(Answer.YES) or len(risks.before.nodes) < 2:
        return "whatever was taken away, the others kept the routes they had"
    if risks.before.count(Answer.PERHAPS):
        return "no route is there for certain, so that none could be seen lost"
    return "whatever was taken away, there was no route to lose"


def risk_rows(ranking: Sequence[Risk], most: int | None) -> Iterator[tuple[str, str]]:
    """What is taken away, and what that does; what is alike is one row, unless everything is asked for."""
    alike: dict[object, list[Risk]] = {}
    for risk in ranking:
        key = risk.nodes if most is None else (risk.name, risk.lost, risk.doubtful, risk.pairs, len(risk.lonely))
        alike.setdefault((risk.removal, key), []).append(risk)
    for group in alike.values():
        risk = group[0]
        what = _what(risk, most)
        if len(group) > 1:
            what = f"each of {len(group):,} {_TRIED[risk.removal][1]}, such as {what}"
        yield what, _effect(risk, most, are_alike=len({one.lonely for one in group}) == 1)


def _what(risk: Risk, most: int | None = SHORT) -> str:
    names = short_names(risk.nodes, most=most)
    if risk.removal is Removal.ZONE:
        return f"zone {plain(risk.name or '')} ({names})"
    if risk.removal is Removal.REFLECTORS:
        return " and ".join(map(plain, risk.nodes)) + " together"
    return names


def _effect(risk: Risk, most: int | None, *, are_alike: bool) -> str:
    """What a removal does; `are_alike`: it cuts off the same nodes as those that it stands for."""
    parts = []
    if risk.lost:
        whole = "all" if risk.lost == risk.pairs else f"{risk.lost:,} of"
        parts.append(f"{whole} {count(risk.pairs, 'route')} among the others {'is' if risk.lost == 1 else 'are'} lost")
    if risk.doubtful:
        verb = "is" if risk.doubtful == 1 else "are"
        parts.append(f"{risk.doubtful:,} of {count(risk.pairs, 'route')} among the others {verb} perhaps lost")
    if risk.lonely:
        everyone = len(risk.lonely) == risk.left
        names = short_names(risk.lonely, most=most) if are_alike else count(len(risk.lonely), "node")
        who = "every node that remains" if everyone else names
        parts.append(f"{who} {'is' if everyone or len(risk.lonely) == 1 else 'are'} cut off from everyone")
    return "; ".join(parts)
