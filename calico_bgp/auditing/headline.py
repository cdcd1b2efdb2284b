"""What a verdict rests on, in a few words: `882/894 sessions up, 2,380 of 89,700 routes missing`. Judges nothing."""

from __future__ import annotations

from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import BLIND_RULES, Report, Severity, Verdict
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.counts import in_words

#: How many doubts there is room for.
_DOUBTS = 2
#: By the sessions, where no table of routes was read.
_NONE_MISSING = "no route missing"


def verdict_line(report: Report) -> tuple[str, str]:
    """The verdict as a word in capitals, and in words what it rests on."""
    return report.verdict.value.upper(), headline(report)


def headline(report: Report) -> str:
    """What the verdict rests on, in one line: only what was seen is claimed."""
    problems = ", ".join(
        count(number, word)
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
        if (number := sum(f.severity is severity and f.rule not in BLIND_RULES for f in report.findings))
    )
    nothing = report.checked.nodes_read == 0 and bool(report.unread)
    unread = f"{count(len(report.unread), 'node')} {unread_word(report)}" if report.unread and not nothing else ""
    return ", ".join(part for part in (*seen(report), problems, unread, *_doubts(report, unread)) if part)


def seen(report: Report) -> tuple[str, ...]:
    """What was seen of sessions and of routes, a few words each; of nothing that was read, only that."""
    if report.checked.nodes_read == 0 and report.unread:
        number = len(report.unread)
        none = "the one node was not" if number == 1 else f"none of {number:,} nodes was"
        return (f"{none} read: nothing is known of {_their(number)} BGP",)
    return tuple(part for part in (_sessions(report), routes(report)) if part)


def _their(number: int) -> str:
    return "its" if number == 1 else "their"


def doubtful(report: Report) -> tuple[str, ...]:
    """Why the verdict is `unknown` although every node was read; empty for another verdict."""
    if report.verdict is not Verdict.UNKNOWN or report.unread:
        return ()
    counted = {in_words(numbers) for numbers in report.reachability}  # said with the routes
    return tuple(doubt for doubt in report.doubts if doubt not in counted)


def _doubts(report: Report, unread: str) -> tuple[str, ...]:
    return () if unread else doubtful(report)[:_DOUBTS]


def routes(report: Report) -> str:
    """`2,380 of 89,700 routes missing`; a route is one node's way to another's pods. Empty where none can be told.

    The one place that counts them for the first line: what BIRD and the kernel hold where that was read, else what the
    sessions let through.
    """
    total = sum(numbers.nodes * (numbers.nodes - 1) for numbers in report.reachability)
    missing = sum(numbers.missing for numbers in report.reachability)
    unknown = sum(numbers.unknown for numbers in report.reachability)
    parts = []
    if missing:
        parts.append(f"{missing:,} of {total:,} routes missing")
    if unknown:
        parts.append(f"{unknown:,} of {total:,} routes not known" if not missing else f"{unknown:,} not known")
    if total and not parts:
        return (
            f"all {total:,} routes there" if all(numbers.observed for numbers in report.reachability) else _NONE_MISSING
        )
    return ", ".join(parts)


def _sessions(report: Report) -> str:
    checked = report.checked
    expected, up = checked.sessions_expected, checked.sessions_established
    if report.topology.kind is TopologyKind.NO_BGP:
        is_trouble = any(f.severity is not Severity.INFO and f.rule not in BLIND_RULES for f in report.findings)
        return "no node has a BGP session" if is_trouble else "BGP is not used (no node runs BIRD)"
    if _claims_rows_only(report):
        return _rows_sentence(report)
    if expected is None:
        return f"{count(up, 'session')} up"
    unseen = f", {count(checked.sessions_unseen, 'session')} could not be seen" if checked.sessions_unseen else ""
    if expected == 0 and up == 0:
        return f"there is no session at all{unseen}" if not unseen else f"no session was seen{unseen}"
    if up >= expected:
        others = checked.peers - checked.peers_established  # with whom is no session that must be there
        down = f", {count(others, 'row')} of other peers down" if others > 0 else ""
        return (f"all {expected:,} sessions up" if expected > 1 else "the one session up") + down + unseen
    return f"{up:,}/{expected:,} sessions up{unseen}"


def _claims_rows_only(report: Report) -> bool:
    """Whether a paste without resources is all well and lacks neighbours: what sessions those have, nobody knows."""
    checked = report.checked
    is_paste = checked.nodes_listed is None and not checked.has_resources and checked.neighbours_unseen > 0
    return is_paste and 0 < checked.peers == checked.peers_established


def _rows_sentence(report: Report) -> str:
    """`all 7 rows of the 2 nodes pasted are Established; 4 neighbours were not pasted`."""
    checked = report.checked
    rows = "the one row" if checked.peers == 1 else f"all {checked.peers} rows"
    nodes = "the one node" if checked.nodes_read == 1 else f"the {checked.nodes_read} nodes"
    verb = "was" if checked.neighbours_unseen == 1 else "were"
    return (
        f"{rows} of {nodes} pasted {'is' if checked.peers == 1 else 'are'} Established; "
        f"{count(checked.neighbours_unseen, 'neighbour')} {verb} not pasted"
    )


def unread_word(report: Report) -> str:
    """`not read` where none of them said anything, else weaker."""
    unread = {node.name for node in report.topology.nodes if not node.read}
    return "not read" if unread.issuperset(report.unread) else "not fully read"
