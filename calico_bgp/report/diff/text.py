"""A SnapshotDiff for people, in few lines, and as JSON. Finds no differences itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeVar

from rich.text import Text

from calico_bgp.messages.words import count
from calico_bgp.model.peer import Peer
from calico_bgp.model.reading import DaemonState
from calico_bgp.model.reports.diff import (
    Change,
    DaemonChange,
    FindingChange,
    NodeChange,
    NodeState,
    NotCompared,
    PeerChange,
    SnapshotDiff,
)
from calico_bgp.model.reports.severity import Severity
from calico_bgp.report.audit.groups import compress_subjects
from calico_bgp.report.diff.routes import route_lines
from calico_bgp.report.json.document import document_text
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain

#: Lines of a section, and entries of a list, that are shown unless everything is asked for.
_LINES = 20
_ENTRIES = 6
_CHARACTERS = 200
#: Green is better and red is worse, whatever came or went.
_STYLES = {True: "green", False: "red", None: "yellow"}
_T = TypeVar("_T")


class DiffLine(NamedTuple):
    """What happened to some things alike.

    Attributes:
        change: How they differ; None where nobody knows.
        text: What and where.
        better: Whether it is better so; None where it is neither.
    """

    change: Change | None
    text: str
    better: bool | None = None


def diff_to_json(diff: SnapshotDiff) -> str:
    """The difference as `calico-bgp/diff/1`; `SnapshotDiff.model_validate_json` reads it back."""
    return document_text(diff)


def diff_to_text(diff: SnapshotDiff, style: TextStyle | None = None) -> str:
    """The difference for a terminal or a pipe: what happened to many nodes alike takes one line."""
    style = style or TextStyle()
    arrow = "→" if style.unicode else "->"
    limit = None if style.verbose else _ENTRIES
    page = Page(style)
    word, what = diff_verdict(diff)
    between = ": " if not diff.is_empty else "; " if what else ""
    page.line(Text(word, "bold green" if diff.is_empty else "bold yellow"), Text(f"{between}{what}", "bold"), hang=2)
    page.line(Text(diff_times(diff, arrow), "dim"), indent=2)
    for title, lines in diff_sections(diff, arrow=arrow, limit=limit):
        _section(page, style, title, lines)
    return page.text()


def diff_sections(
    diff: SnapshotDiff, *, arrow: str = "→", limit: int | None = _ENTRIES
) -> Iterator[tuple[str, list[DiffLine]]]:
    """The sections that have something to say: a title, and lines of how something changed and what.

    Args:
        diff: All that differs.
        arrow: What stands between before and after.
        limit: Names in a line; None for all.
    """
    yield "Nodes", [_node_line(group, limit) for group in _alike(diff.nodes, _node_key)]
    yield "BIRD", list(_daemon_lines(diff.daemons, arrow, limit))
    yield "Peers", list(_peer_lines(diff.peers, arrow, limit))
    changed_routes = route_lines(diff.routes, lambda names: _names(names, limit=limit))
    yield "Routes", [DiffLine(change, text, change is Change.CAME) for change, text in changed_routes]
    yield "Findings", [_finding_line(group, arrow, limit) for group in _alike(diff.findings, _finding_key)]
    yield "Not compared", [_unknown_line(group, limit) for group in _alike(diff.not_compared, _unknown_key)]


def _daemon_key(change: DaemonChange) -> Hashable:
    return change.family, change.before, change.after


def _daemon_lines(changes: Iterable[DaemonChange], arrow: str, limit: int | None) -> Iterator[DiffLine]:
    """Families in which the same happened on the same nodes share a line."""
    by_nodes: dict[Hashable, list[list[DaemonChange]]] = {}
    for group in _alike(changes, _daemon_key):
        key = group[0].before, group[0].after, frozenset(change.node for change in group)
        by_nodes.setdefault(key, []).append(group)
    for groups in by_nodes.values():
        first = groups[0][0]
        families = " and ".join(group[0].family.label for group in groups)
        where = _names((change.node for change in groups[0]), limit=limit)
        yield DiffLine(
            Change.CHANGED,
            f"{families} {_words(first.before)} {arrow} {_words(first.after)} on {where}",
            first.after is DaemonState.RUNNING,
        )


def _unknown_key(entry: NotCompared) -> Hashable:
    return entry.family, entry.why, entry.what


def diff_verdict(diff: SnapshotDiff) -> tuple[str, str]:
    """`DIFFERENT` and how many of what, or `NO DIFFERENCE`."""
    counts = [
        count(number, word)
        for number, word in (
            (len(diff.nodes), "node"),
            (len(diff.daemons), "BIRD daemon"),
            (len(diff.peers), "peer"),
            (sum(len(change.origins) for change in diff.routes), "route"),
            (len(diff.findings), "finding"),
        )
        if number
    ]
    if counts:
        return "DIFFERENT", ", ".join(counts)
    return "NO DIFFERENCE", "not everything could be compared" if diff.not_compared else ""


def diff_times(diff: SnapshotDiff, arrow: str) -> str:
    """When the two were read."""
    return f"{_when(diff.before_at)} {arrow} {_when(diff.after_at)}"


def _when(moment: datetime | None) -> str:
    return "(no time)" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S %Z").strip()


def _words(value: str) -> str:
    return str(value).replace("_", " ")


def _names(names: Iterable[str], *, limit: int | None) -> str:
    """Many names in few characters; unless everything is asked for, also few where their numbers have no pattern."""
    text = compress_names(names, limit=limit)
    if limit is None or len(text) <= _CHARACTERS:
        return text
    return text[: text.rindex(",", 0, _CHARACTERS) if "," in text[:_CHARACTERS] else _CHARACTERS] + ",…"


def _alike(items: Iterable[_T], key: Callable[[_T], Hashable]) -> list[list[_T]]:
    groups: defaultdict[Hashable, list[_T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def _section(page: Page, style: TextStyle, title: str, lines: Iterable[DiffLine]) -> None:
    lines = list(lines)
    if not lines:
        return
    page.blank()
    page.line(Text(title, "bold"))
    most = len(lines) if style.verbose else _LINES
    for change, text, better in lines[:most]:
        mark = Text(f"{change.value:<8}", _STYLES[better]) if change else Text("")
        page.line(mark, Text(text), indent=2, hang=8 if change else 2)
    if len(lines) > most:
        page.line(f"... and {count(len(lines) - most, 'more line')}: --verbose or --format json", indent=2)


def _node_key(change: NodeChange) -> Hashable:
    return change.change, change.before, change.after, change.why


def _node_line(group: list[NodeChange], limit: int | None) -> DiffLine:
    first = group[0]
    names = _names((change.node for change in group), limit=limit)
    why = f" ({plain(first.why)})" if first.why else ""
    if first.change is not Change.CHANGED:
        return DiffLine(first.change, names + why)
    became = "not readable any more" if first.after is NodeState.UNREAD else "readable again"
    return DiffLine(first.change, f"{names} {became}{why}", first.after is NodeState.READ)


def _unknown_line(group: list[NotCompared], limit: int | None) -> DiffLine:
    family = group[0].family
    what = f"all {group[0].what}" if family is None else f"{family.label} {group[0].what}"
    return DiffLine(None, f"{what} of {_names((entry.node for entry in group), limit=limit)}: {plain(group[0].why)}")


def _finding_key(change: FindingChange) -> Hashable:
    before = None if change.before is None else change.before.severity
    return change.change, change.finding.rule, before, change.finding.severity


def _finding_line(group: list[FindingChange], arrow: str, limit: int | None) -> DiffLine:
    first = group[0]
    severity = first.finding.severity.value
    if first.change is Change.CHANGED and first.before is not None:
        severity = f"{first.before.severity.value} {arrow} {severity}"
    subjects = compress_subjects(change.finding for change in group)
    shown_subjects = subjects if limit is None else subjects[:limit]
    more = f"; and {len(subjects) - len(shown_subjects):,} more" if len(subjects) > len(shown_subjects) else ""
    text = f"{severity} {plain(first.finding.rule)}: {'; '.join(shown_subjects)}{more}"
    return DiffLine(first.change, text, _is_less(first))


def _is_less(change: FindingChange) -> bool | None:
    """Whether a finding is gone or less bad now; None of a remark, which is neither good nor bad."""
    before, after = (None if finding is None else finding.severity for finding in (change.before, change.after))
    if {before, after} <= {None, Severity.INFO}:
        return None
    return after is None or (before is not None and after.rank > before.rank)


def _peer_lines(changes: Iterable[PeerChange], arrow: str, limit: int | None) -> Iterator[DiffLine]:
    """Peers that did the same, by address where many nodes share it, else by node."""
    for group in _alike(changes, lambda c: (list(Change).index(c.change), c.family, _what(c, arrow))):
        for address, node, members in _covered(group):
            better = _is_better(members[0])
            what = f"({members[0].family.label}, {_what(members[0], arrow)})"
            if address is not None:
                on = _names((change.node for change in members), limit=limit)
                number = f"{count(len(members), 'node')}: " if len(members) > 1 else ""
                yield DiffLine(members[0].change, f"{plain(address)} {what} on {number}{on}", better)
            else:
                addresses = _names((change.address_text for change in members), limit=limit)
                yield DiffLine(members[0].change, f"{addresses} {what} on {plain(node or '')}", better)


def _is_better(change: PeerChange) -> bool | None:
    """Whether a session stands that did not; None where it stands, or does not, as before."""
    before, after = (peer is not None and peer.is_established for peer in (change.before, change.after))
    return None if before == after else after


def _covered(group: list[PeerChange]) -> Iterator[tuple[str | None, str | None, list[PeerChange]]]:
    """Rows of a grid (address by node) as few lines: each time the address or node of most rows that are left."""
    grid: dict[tuple[bool, str], dict[int, PeerChange]] = defaultdict(dict)
    for place, change in enumerate(group):
        grid[True, change.address_text][place] = change
        grid[False, change.node][place] = change
    # A heap of lengths that may be out of date: a line only ever gets shorter, so one look corrects it.
    # On a tie the address comes first: "whom did everybody lose" is the question.
    heap = [(-len(members), not by_address, name) for (by_address, name), members in grid.items()]
    heapify(heap)
    uncovered = len(group)
    while uncovered:
        length, by_node, name = heappop(heap)
        by_address = not by_node
        if len(grid[by_address, name]) != -length:
            heappush(heap, (-len(grid[by_address, name]), by_node, name))
            continue
        members = grid.pop((by_address, name))
        uncovered -= len(members)
        for place, change in members.items():
            crossing_line = (False, change.node) if by_address else (True, change.address_text)
            grid[crossing_line].pop(place, None)
        yield (name if by_address else None), (None if by_address else name), list(members.values())


def _what(change: PeerChange, arrow: str) -> str:
    if change.before is None or change.after is None:
        peer = change.after or change.before
        assert peer is not None
        return f"{_type(peer)}, {_state(peer)}"
    old, new = change.before, change.after
    if old.peer_type != new.peer_type:
        return f"{_type(old)}, {_state(old)} {arrow} {_type(new)}, {_state(new)}"
    return f"{_type(new)}: {_state(old)} {arrow} {_state(new)}"


def _type(peer: Peer) -> str:
    return plain(str(peer.peer_type))


def _state(peer: Peer) -> str:
    return plain(f"{peer.protocol_state} {peer.info}".strip(), limit=120)
