"""The answer to a what-if for people: safe or not, who loses whom and why, what remains. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypeVar

from rich.text import Text

from calico_bgp.changes.peer_changes import PeerChange, PeerFate
from calico_bgp.messages.words import count
from calico_bgp.report.audit.findings import FEW
from calico_bgp.report.routes.pair_lines import pair_words
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.computed.losses import Group, Loss
from calico_bgp.whatif.verdict import FamilyVerdict, NextFailure, Safety, WhatIf

_Thing = TypeVar("_Thing")
_STYLES = {Safety.SAFE: "bold green", Safety.NOT_SAFE: "bold red", Safety.CANNOT_TELL: "bold yellow"}
_ALREADY = "missing already"
_WHY_ALREADY = "why routes are missing now"
NO_BGP = "no node speaks BGP"
_UNTIL = "until the sessions are up that the change makes or starts again"
#: Names on each side of a line, unless everything is asked for.
_NAMES = 6


def whatif_to_text(answer: WhatIf, style: TextStyle | None = None, *, reach: str | None = None) -> str:
    """The whole answer.

    Args:
        answer: The answer.
        style: Width, colour and how much.
        reach: The command that says why routes are missing before; None where there is none.
    """
    style = style or TextStyle()
    page = Page(style)
    changes = "; ".join(map(plain, answer.changes)) or "change nothing"
    page.line(Text(str(answer.safety).upper(), _STYLES[answer.safety]), f"  {changes}", hang=2)
    if answer.broken:
        page.blank()
        for sentence in answer.broken:
            page.line(Text("kernel: ", "bold red"), plain(sentence), hang=2)
    for family in answer.families:
        page.blank()
        _family(page, family, answer, style)
    if not answer.families:
        page.blank()
        page.line(NO_BGP)
    if answer.peers:
        page.blank()
        page.line(Text("peers", "bold"))
        for change in _few(answer.peers, style):
            page.line(plain(peer_words(change)), indent=2, hang=2)
        _and_more(page, len(answer.peers), style, indent=2)
    if answer.unknown:
        page.blank()
        page.line(Text("not known", "bold yellow"))
        for sentence in answer.unknown:
            page.line(plain(sentence), indent=2, hang=2)
    page.blank()
    page.line(Text("rests on", "bold"), f" {answer.basis}")
    for sentence in answer.assumptions:
        page.line(plain(sentence), indent=2, hang=2)
    if reach is not None and any(family.cut_already for family in answer.families):
        page.blank()
        page.line(Text(f"{_WHY_ALREADY}: {reach}", "dim"), wrap=False)
    return page.text()


def whatif_line(answer: WhatIf, *, reach: str | None = None) -> str:
    """The answer in one line: `not safe: remove node r1: 17 clients lose everyone: r1 is the only reflector ...`.

    Args:
        answer: The answer.
        reach: The command that says why routes are missing before, put last; None where there is none.
    """
    reasons = "; ".join(_reasons(answer))
    why = f"; {_WHY_ALREADY}: {reach}" if reach is not None and _ALREADY in reasons else ""
    return f"{answer.safety}: {'; '.join(map(plain, answer.changes))}: {reasons}{why}"


def _reasons(answer: WhatIf) -> Iterator[str]:
    if answer.safety is Safety.NOT_SAFE:
        yield from map(plain, answer.broken)
        for family in answer.families:
            for loss in (*family.lost, *family.meanwhile)[:1]:
                when = "" if family.lost else f"in between, {_UNTIL}, "
                yield f"{_over(family, answer)}{when}{loss_words(loss, family, _NAMES)}"
        return
    if answer.safety is Safety.CANNOT_TELL:
        yield from map(plain, answer.unknown)
        for family in answer.families:
            for doubt in family.doubts[:1]:
                yield f"{_over(family, answer)}perhaps {doubt_words(doubt.group, _NAMES)}: {plain(doubt.why)}"
        if not answer.families:
            yield NO_BGP
        return
    for family in answer.families:
        yield f"{_over(family, answer)}{_kept_words(family, answer)}"
        for failure in family.next_failures[:1]:
            yield next_words(failure, _NAMES)


def _over(family: FamilyVerdict, answer: WhatIf) -> str:
    return f"{family.family.label}: " if len(answer.families) > 1 else ""


# One family


def _family(page: Page, family: FamilyVerdict, answer: WhatIf, style: TextStyle) -> None:
    limit = None if style.verbose else _NAMES
    label = Text(family.family.label, "bold")
    page.line(label, f": {outcome(family, answer)}", hang=2)
    for loss in _few(family.lost, style):
        _loss(page, loss, loss_words(loss, family, limit))
    _and_more(page, len(family.lost), style, indent=2)
    if family.meanwhile:
        page.line(f"in between, {_UNTIL}:", indent=2, hang=2)
    for loss in _few(family.meanwhile, style):
        _loss(page, loss, loss_words(loss, family, limit))
    _and_more(page, len(family.meanwhile), style, indent=2)
    for doubt in _few(family.doubts, style):
        page.line(Text("perhaps: ", "yellow"), doubt_words(doubt.group, limit), indent=2, hang=2)
        if doubt.why:
            page.line(plain(doubt.why), indent=6, hang=2)
    _and_more(page, len(family.doubts), style, indent=2)
    if family.cut_already and (family.lost or family.meanwhile or family.doubts):
        page.line(cut_already(family), indent=2, hang=2)
    for failure in _few(family.next_failures, style):
        page.line(next_words(failure, limit), indent=2, hang=2)
    _and_more(page, len(family.next_failures), style, indent=2)
    routes_lost = sum(loss.group.pairs for loss in family.lost)
    if not family.next_failures and routes_lost + family.cut_already < family.pairs:
        page.line(
            "then there is no single point of failure: the loss of one more node cuts no others off", indent=2, hang=2
        )


def outcome(family: FamilyVerdict, answer: WhatIf) -> str:
    """One family in one line."""
    routes_lost = sum(loss.group.pairs for loss in family.lost)
    meanwhile = sum(loss.group.pairs for loss in family.meanwhile)
    if routes_lost:
        return f"{_of(routes_lost, family)} {'is' if routes_lost == 1 else 'are'} lost"
    if meanwhile:
        verb = "is" if meanwhile == 1 else "are"
        return f"no route is lost in the end, but in between {meanwhile:,} of {family.pairs:,} {verb}"
    return "no route is lost for certain" if family.doubts else _kept_words(family, answer)


def _of(number: int, family: FamilyVerdict) -> str:
    return f"{number:,} of {count(family.pairs, 'route')}"


def _loss(page: Page, loss: Loss, words: str) -> None:
    page.line(Text("lost: ", "red"), words, indent=2, hang=2)
    if loss.way and not loss.only:
        page.line(f"now: {plain(loss.way)}", indent=6, hang=2)
    if loss.why and not loss.only:
        page.line(f"then: {plain(loss.why)}", indent=6, hang=2)


def _kept_words(family: FamilyVerdict, answer: WhatIf) -> str:
    number = len(family.nodes)
    if number == 0:
        return f"no node{' remains' if answer.removed else ''}"
    if number == 1:
        return f"one node{' that remains' if answer.removed else ''}, with nobody to learn from"
    nodes = f"the {count(number, 'node')}{' that remain' if answer.removed else ''}"
    if family.cut_already == family.pairs:
        return f"no node learns another's routes before, so none is lost; {cut_already(family)}"
    sentence = f"{nodes} keep each other's routes"
    if family.cut_already:
        sentence = f"{nodes} keep what they have, but {cut_already(family)}"
    more = f"; {count(family.gained, 'more route')} {'arrives' if family.gained == 1 else 'arrive'}"
    return sentence + (more if family.gained else "")


def cut_already(family: FamilyVerdict) -> str:
    """How many routes were missing before."""
    verb = "is" if family.cut_already == 1 else "are"
    return f"{_of(family.cut_already, family)} {verb} {_ALREADY}"


def loss_words(loss: Loss, family: FamilyVerdict, limit: int | None) -> str:
    """`17 clients (node[03-19]) lose everyone, 442 routes: node1 is the only reflector left to them`."""
    group = loss.group
    names = compress_names(group.learners, limit=limit)
    number = len(group.learners)
    clients = loss.clients == number
    if group.everyone:
        everyone = "all " if number == len(family.nodes) and number > 1 else ""
        who = names if number == 1 else f"{everyone}{count(number, 'client' if clients else 'node')} ({names})"
        words = f"{who} {'loses' if number == 1 else 'lose'} everyone"
    else:
        words = pair_words(group, ("loses", "lose"), partial(compress_names, limit=limit))
    words += f", {count(group.pairs, 'route')}"
    if not loss.only:
        return words
    only = " and ".join(map(plain, loss.only)) if len(loss.only) < 3 else compress_names(loss.only)
    what = "reflector" if loss.reflectors else "way"
    if len(loss.only) == 1:
        return f"{words}: {only} is the only {what} left to {'it' if number == 1 else 'them'}"
    return f"{words}: {only} are the only {what}s left to {'it' if number == 1 else 'them'}"


def doubt_words(group: Group, limit: int | None) -> str:
    """Who perhaps loses whose routes."""
    if group.everyone:
        verb = "loses" if len(group.learners) == 1 else "lose"
        words = f"{compress_names(group.learners, limit=limit)} {verb} everyone"
    else:
        words = pair_words(group, ("loses", "lose"), partial(compress_names, limit=limit))
    return f"{words}, {count(group.pairs, 'route')}"


def next_words(failure: NextFailure, limit: int | None) -> str:
    """What would be a single point of failure then."""
    names = compress_names(failure.nodes, limit=limit)
    one = len(failure.nodes) == 1
    if failure.lonely:
        effect = f"would cut {count(failure.lonely, 'node')} off from everyone"
    elif failure.pairs:
        effect = f"would cost {count(failure.pairs, 'route')}"
    else:
        effect = f"would perhaps cost {count(failure.perhaps, 'route')}"
    point = "is a single point of failure" if one else "are single points of failure"
    now = "" if not failure.is_new else f" ({'it is none' if one else 'they are none'} now)"
    return f"then {names} {point}{now}: losing {'it' if one else 'any one of them'} {effect}"


# Peers and lists


def peer_words(change: PeerChange) -> str:
    """Which peers appear, disappear or start again, by what makes them."""
    made_by = "the mesh" if change.kind == "BGPConfiguration" else f"BGPPeer {change.name}"
    what = {
        PeerFate.APPEARS: "new",
        PeerFate.DISAPPEARS: "gone",
        PeerFate.CHANGES: f"configured differently, so that BIRD starts {'it' if change.peers == 1 else 'them'} again",
    }
    names = compress_names(change.nodes, limit=_NAMES)
    return f"{count(change.peers, f'{change.family.label} peer')} of {made_by} {what[change.fate]}: on {names}"


def _few(things: Sequence[_Thing], style: TextStyle) -> Sequence[_Thing]:
    return things if style.verbose else things[:FEW]


def _and_more(page: Page, number: int, style: TextStyle, *, indent: int) -> None:
    if not style.verbose and number > FEW:
        page.line(Text(f"and {number - FEW:,} more (--verbose shows all)", "dim"), indent=indent)
