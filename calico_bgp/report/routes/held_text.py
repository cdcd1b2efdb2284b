"""What each node holds of the others' routes, for people: a line a node, and where routes stop. Judges nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase

from rich.text import Text

from calico_bgp.messages.words import count, some
from calico_bgp.model.routes.observed import ExternalSession, Missing, NodeRoutes, ObservedRoutes
from calico_bgp.report.text.grid import Cell, Heading, show_grid
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain

_HEADINGS = (
    Heading("NODE"),
    Heading("OWN", right=True),
    Heading("LEARNED", right=True),
    Heading("MISSING", right=True),
    Heading("UNREACHABLE", right=True),
    Heading("IN KERNEL", right=True),
    Heading("PATHS", right=True),
    Heading("REMARK"),
)
#: What BIRD does not say.
NONE = "-"
_FEW = 20
#: Nodes that others are like, of which each has a line.
_MOST_SAME = 5


def routes_to_text(
    families: Sequence[ObservedRoutes],
    style: TextStyle | None = None,
    *,
    nodes: Collection[str] = (),
    missing: bool = False,
) -> str:
    """A table a family, and below it what does not arrive and where it stops.

    Args:
        families: One per family.
        style: How text is written.
        nodes: Patterns of the nodes to show; all when empty.
        missing: Whether only nodes that lack something are shown.
    """
    style = style or TextStyle()
    page = Page(style)
    for place, family in enumerate(families):
        if place:
            page.blank()
        page.line(Text(routes_line(family), _style(family)), hang=2)
        doubts = [plain(f"{count(doubt.pairs, 'route')} not known: {doubt.because}") for doubt in family.doubts]
        _show_first(page, [Text(doubt, "dim") for doubt in doubts], style)
        for line in (*same_lines(family), *external_lines(family)):
            page.line(line, hang=2)
        shown_nodes = [n for n in family.nodes if _matches(n.node, nodes) and (not missing or lacks(n))]
        if shown_nodes:
            page.blank()
            show_grid(page, _HEADINGS, [_row(node) for node in shown_nodes], style)
        stops = list(stop_lines([m for m in family.missing if _matches(m.learner, nodes) or _matches(m.origin, nodes)]))
        if stops:
            page.blank()
            _show_first(page, stops, style)
    return page.text()


def _show_first(page: Page, lines: Sequence[str | Text], style: TextStyle) -> None:
    """The first few lines, and how many more there are; all where all are asked for."""
    for line in lines if style.verbose else lines[:_FEW]:
        page.line(line, hang=2)
    if len(lines) > _FEW and not style.verbose:
        page.line(Text(f"... and {len(lines) - _FEW:,} more; --verbose shows all", "dim"))


def routes_line(routes: ObservedRoutes) -> str:
    """The numbers of a family in words."""
    over = f"over {routes.family.label}"
    number = len(routes.nodes)
    total = routes.pairs
    if number < 2:
        return f"{'one node holds' if number else 'no node holds'} routes {over}"
    if routes.arrive == total:
        where = "in BIRD and in the kernel" if routes.kernels == number else "in BIRD"
        return f"all {number:,} nodes have each other's routes {over}, {where}"
    parts = [f"{routes.arrive:,} of {count(total, 'route')} arrive {over}"]
    if routes.missing:
        parts.append(f"{len(routes.missing):,} {'is' if len(routes.missing) == 1 else 'are'} missing")
    if routes.unknown:
        parts.append(f"of {routes.unknown:,} the tables do not tell")
    return ", ".join(parts)


def same_lines(routes: ObservedRoutes) -> Iterator[str]:
    """Which nodes hold the same routes by their hash; a line for each node that sent these routes, of the first few."""
    number_by_source = Counter(node.same_as for node in routes.nodes if node.same_as is not None)
    in_order = sorted(number_by_source.items(), key=lambda source: (-source[1], source[0]))
    for name, number in in_order[:_MOST_SAME]:
        hold = "holds" if number == 1 else "hold"
        yield plain(f"{count(number, 'node')} {hold} the same routes as {name} but for their own, by a hash of them")
    others = in_order[_MOST_SAME:]
    if others:
        rest = sum(number for _, number in others)
        source = "another one" if len(others) == 1 else f"one of {len(others):,} others"
        yield f"{count(rest, 'node')} likewise as {source}"
    if routes.sent_whole:
        names = some(routes.sent_whole)
        yield plain(f"{count(len(routes.sent_whole), 'node')} sent whole tables and no hash of them: {names}")


def external_lines(routes: ObservedRoutes) -> Iterator[str]:
    """What goes to each peer outside and comes from it: the range of its sessions, `0 to 4`, where they differ."""
    sessions: dict[str, list[ExternalSession]] = defaultdict(list)
    for session in routes.externals:
        sessions[session.peer].append(session)
    for peer, ends in sessions.items():
        refused = _range([end.refused for end in ends])
        numbers = [f"{_range([end.imported for end in ends])} in", f"{_range([end.exported for end in ends])} out"]
        numbers += [] if refused in {"0", NONE} else [f"{refused} refused"]
        nodes = ends[0].node if len(ends) == 1 else f"each of {count(len(ends), 'node')}"
        yield plain(f"{peer}, which is no node: routes of {nodes} with it: {', '.join(numbers)}")


def _range(numbers: Sequence[int | None]) -> str:
    known = [number for number in numbers if number is not None]
    if not known:
        return NONE
    least, most = min(known), max(known)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def stop_lines(missing: Sequence[Missing]) -> Iterator[str]:
    """Routes that do not arrive, put together by where they stop.

    `node3 to node1, node2: not announced at node3 (why)`; what stops at the learner is one line a learner.
    """
    places: dict[tuple[str, str, str], list[Missing]] = defaultdict(list)
    for one in missing:
        at_learner = one.at == one.learner
        places[one.stop, one.at or "", "" if at_learner else one.origin].append(one)
    for (stop, at, _), routes in sorted(places.items()):
        origins = some(sorted({one.origin for one in routes}))
        learners = some(sorted({one.learner for one in routes}))
        because = next((one.because for one in routes if one.because), "")
        line = f"the routes of {origins} to {learners}: {stop}" + (f" at {at}" if at else "")
        yield plain(f"{line} ({because})" if because else line)


def lacks(node: NodeRoutes) -> bool:
    """Whether anything is wrong with what a node holds, or not known."""
    return bool(
        node.lost or node.missing or node.unreachable or node.kernel_missing or node.why_unknown or node.learned is None
    )


def _matches(name: str, patterns: Collection[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _style(routes: ObservedRoutes) -> str:
    return "bold red" if routes.missing else "bold yellow" if routes.unknown else "bold green"


def _row(node: NodeRoutes) -> tuple[Cell, ...]:
    remarks = []
    if node.lost:
        remarks.append(f"lost: {some(node.lost)}")
    if node.kernel_missing:
        remarks.append(f"not in the kernel: {some(node.kernel_missing)}")
    if node.why_unknown:
        remarks.append(node.why_unknown)
    missing = None if node.missing is None else len(node.missing)
    return (
        (plain(node.node), ""),
        (f"{len(node.own):,}", "red" if node.lost else ""),
        _number(node.learned, node.owned_by_others),
        _bad(missing),
        _bad(node.unreachable),
        _number(node.in_kernel, node.learned),
        (_number_or_dash(node.paths), ""),
        (plain("; ".join(remarks)), ""),
    )


def _number_or_dash(number: int | None) -> str:
    return NONE if number is None else f"{number:,}"


def _number(number: int | None, of: int | None) -> Cell:
    return _number_or_dash(number), "red" if number is not None and of is not None and number < of else ""


def _bad(number: int | None) -> Cell:
    return _number_or_dash(number), "red" if number else ""
