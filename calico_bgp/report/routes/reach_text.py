"""Who learns whose routes, for people: a verdict a family, who is cut off and why, what it rests on. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from calico_bgp import shell_words
from calico_bgp.messages.words import count
from calico_bgp.report.audit.findings import FEW
from calico_bgp.report.audit.unknowns import NOTHING, Unknowns
from calico_bgp.report.routes.pair_lines import ANSWER_STYLES, VERBS, pair_blocks
from calico_bgp.report.routes.pool_text import pool_lines
from calico_bgp.report.text.names import SHORT, short_names
from calico_bgp.report.text.page import Page, TextStyle, labelled
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability
from calico_bgp.routes.network.pools import PoolFate

_WORDS = {Answer.YES: "COMPLETE", Answer.PERHAPS: "UNKNOWN", Answer.NO: "CUT OFF"}


@dataclass(frozen=True)
class ReachView:
    """What there is to show.

    Attributes:
        reaches: One per family in use.
        pools: What becomes of the IPPools; None when no resources are there.
        unknowns: Who was not read, and what else is not known.
        changed: What was taken away for the question: cut sessions, nodes that are down.
        again: The command that asks the same again; None where there is none.
    """

    reaches: tuple[Reachability, ...]
    pools: tuple[PoolFate, ...] | None = None
    unknowns: Unknowns = NOTHING
    changed: tuple[str, ...] = ()
    again: str | None = None


def verdict(reach: Reachability, unknowns: Unknowns = NOTHING) -> Answer:
    """The answer for a family.

    YES when everyone learns everyone, NO when a pair is cut off for certain; PERHAPS also when nodes were not read.
    """
    if reach.count(Answer.NO):
        return Answer.NO
    return Answer.PERHAPS if unknowns or reach.count(Answer.PERHAPS) else Answer.YES


def reach_line(reach: Reachability, unknowns: Unknowns = NOTHING) -> str:
    """The verdict in words: `all 42 nodes learn each other's routes over IPv4`."""
    number, over = len(reach.nodes), f"over {reach.family.label}"
    cut, unsure = reach.count(Answer.NO), reach.count(Answer.PERHAPS)
    missing = f"; {unknowns.words}" if unknowns else ""
    everyone = "both nodes" if number == 2 else f"all {number:,} nodes"
    if number < 2:
        sentence = f"{short_names(reach.nodes)} is the only node known {over}" if number else f"no node is left {over}"
    elif cut == number * (number - 1):
        sentence = f"{everyone} are cut off from each other {over}"
    elif cut:
        more = f", and of {unsure:,} more it is not known" if unsure else ""
        sentence = f"{count(cut, 'route')} {'is' if cut == 1 else 'are'} missing {over}{more}"
    elif unsure:
        sentence = (
            f"of {count(unsure, 'route')} it is not known whether {'it arrives' if unsure == 1 else 'they arrive'} "
            f"{over}; none is missing for certain"
        )
    else:
        sentence = f"{everyone} learn each other's routes {over}"
    return sentence + missing


def reach_to_text(view: ReachView, style: TextStyle | None = None) -> str:
    """All of it as text for a terminal or a pipe."""
    style = style or TextStyle()
    page = Page(style)
    for reach in view.reaches:
        answer = verdict(reach, view.unknowns)
        page.line(
            Text(_WORDS[answer], ANSWER_STYLES[answer]), Text(f": {reach_line(reach, view.unknowns)}", "bold"), hang=2
        )
    for reach in view.reaches:
        if verdict(reach) is not Answer.YES:
            page.blank()
            page.line(Text(reach.family.label, "bold"))
            _family(page, reach, style)
    page.blank()
    _basis(page, view, style)
    pair = _unsure_pair(view.reaches)
    if pair is not None and (view.again is not None or not style.verbose):
        page.blank()
        if view.again is not None:
            words = " ".join(map(shell_words.quote, pair))
            page.line(Text(f"Why: {view.again} --explain {words}", "dim"), wrap=False)
        if not style.verbose:
            page.line(Text("--verbose shows every line", "dim"))
    return page.text()


def _unsure_pair(reaches: Sequence[Reachability]) -> tuple[str, str] | None:
    """A pair whose route is missing, else one of whom it is not known."""
    for answer in (Answer.NO, Answer.PERHAPS):
        for reach in reaches:
            if reach.count(answer):
                return next(reach.pairs(answer))
    return None


def trouble_lines(reaches: Sequence[Reachability], unknowns: Unknowns) -> Iterator[str]:
    """What the form for programs cannot say: which routes arrive perhaps, and who was not read; one line each."""
    for reach in reaches:
        for block in pair_blocks(reach, Answer.PERHAPS):
            yield f"{reach.family.label}: {block.words(Answer.PERHAPS)}"
    for line in unknowns.node_lines():
        yield f"not read: {line}"


def _family(page: Page, reach: Reachability, style: TextStyle) -> None:
    """Who is cut off, from whom, and why."""
    number = len(reach.nodes)
    counts = [
        f"{reach.count(answer):,} {words}"
        for answer, words in ((Answer.YES, "learned"), (Answer.NO, "missing"), (Answer.PERHAPS, "not known"))
        if reach.count(answer)
    ]
    labelled(page, "routes", f"{number * (number - 1):,}: {', '.join(counts)}")
    isolated = reach.isolated
    if isolated:
        labelled(page, "isolated", f"{short_names(isolated, most=_most(style))}: cut off from everyone")
        labelled(page, "because", _why(reach, isolated[0], next(n for n in reach.nodes if n != isolated[0])))
    groups = [group for group in reach.groups if not set(isolated).issuperset(group)]
    if len(groups) > 1:
        for place, group in enumerate(groups if style.verbose else groups[:FEW]):
            labelled(
                page,
                "" if place else "groups",
                f"{short_names(group, most=_most(style))} ({count(len(group), 'node')})",
            )
        if len(groups) > FEW and not style.verbose:
            labelled(page, "", Text(f"and {count(len(groups) - FEW, 'more group')}", "dim"))
    for answer in (Answer.NO, Answer.PERHAPS):
        _blocks(page, reach, answer, style)


def _blocks(page: Page, reach: Reachability, answer: Answer, style: TextStyle) -> None:
    """The pairs with an answer; isolated nodes stand above."""
    blocks = pair_blocks(reach, answer, leave_out=reach.isolated)
    label = "cut off" if answer is Answer.NO else "not known"
    shown_blocks = blocks if style.verbose else blocks[:FEW]
    for block in shown_blocks:
        labelled(page, label, block.words(answer, most=_most(style)))
        labelled(page, "because", _why(reach, *block.example))
    if len(shown_blocks) < len(blocks):
        labelled(page, "", Text(f"and {count(len(blocks) - len(shown_blocks), 'more line')}", "dim"))


def _why(reach: Reachability, learner: str, origin: str) -> str:
    """The reason of one pair, which stands for those like it."""
    explanation = reach.explain(learner, origin)
    reason = explanation.reasons[0] if explanation.reasons else "the reason is not known"
    more = f"; and {count(len(explanation.reasons) - 1, 'more reason')}" if len(explanation.reasons) > 1 else ""
    path = f"{explanation.path}: " if explanation.path else ""
    return plain(f"{origin} to {learner}: {path}{reason}{more}")


def _most(style: TextStyle) -> int | None:
    """Characters for the names in a line."""
    return None if style.verbose else SHORT


def _basis(page: Page, view: ReachView, style: TextStyle) -> None:
    """What the answer rests on."""
    names = {name for reach in view.reaches for name in reach.nodes}
    labelled(page, "nodes", f"{len(names):,}")
    for place, text in enumerate(view.changed):
        labelled(page, "" if place else "taken away", plain(text))
    assumptions = list(dict.fromkeys(text for reach in view.reaches for text in reach.assumptions))
    for place, text in enumerate(assumptions):
        labelled(page, "" if place else "rests on", plain(text))
    for place, text in enumerate(view.unknowns.node_lines(most=_most(style))):
        labelled(page, "" if place else "not read", text)
    for place, text in enumerate(pool_lines(view.pools, [reach.family for reach in view.reaches])):
        labelled(page, "" if place else "pools", text)


def explanation_to_text(reaches: Sequence[Reachability], node: str, peer: str, style: TextStyle | None = None) -> str:
    """What becomes of the routes of two nodes on the way to each other, both ways."""
    page = Page(style or TextStyle())
    for reach in reaches:
        for learner, origin in ((node, peer), (peer, node)):
            if learner in reach.nodes and origin in reach.nodes:
                for line in _explained(reach, learner, origin):
                    page.line(*line[1:], indent=line[0], hang=2)
            else:
                missing = [plain(name) for name in (learner, origin) if name not in reach.nodes]
                verb = "does not speak" if len(missing) == 1 else "do not speak"
                page.line(f"{reach.family.label}: {' and '.join(missing)} {verb} BGP over it")
                break
    return page.text()


def _explained(reach: Reachability, learner: str, origin: str) -> Iterator[tuple[int, str | Text, str | Text]]:
    explanation = reach.explain(learner, origin)
    sentence = f": {plain(learner)} {VERBS[explanation.answer][0]} the routes of {plain(origin)}"
    yield 0, Text(reach.family.label, ANSWER_STYLES[explanation.answer]), Text(sentence, "bold")
    if explanation.path:
        yield 2, plain(explanation.path), ""
    for reason in explanation.reasons:
        yield 2, plain(reason), ""
    if explanation.answer is Answer.YES:
        yield 2, Text(_redundancy(reach, learner, origin), "dim"), ""


def _redundancy(reach: Reachability, learner: str, origin: str) -> str:
    redundancy = reach.redundancy(learner, origin)
    if redundancy.direct:
        return "they peer with each other: no other node's loss takes the route away"
    if redundancy.nodes is None:
        return f"it would take the loss of {redundancy.at_least} or more nodes to lose it"
    names = short_names(redundancy.nodes)
    if len(redundancy.nodes) == 1:
        return f"it hangs on {names} alone"
    return f"it would take the loss of {len(redundancy.nodes)} nodes to lose it, such as {names}"
