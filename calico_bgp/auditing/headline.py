"""What a verdict rests on, in one line: `882 of 894 sessions Established; 2 errors`. Judges nothing."""

from __future__ import annotations

from calico_bgp.messages.words import count
from calico_bgp.model.report import BLIND_RULES, Report, Severity, Verdict
from calico_bgp.model.topology import TopologyKind

#: How many doubts the line has room for.
_DOUBTS = 2


def verdict_line(report: Report) -> tuple[str, str]:
    """The verdict as a word in capitals, and in words what it rests on."""
    return report.verdict.value.upper(), headline(report)


def headline(report: Report) -> str:
    """What the verdict rests on: only what was seen is claimed."""
    found = ", ".join(
        count(number, word)
        for severity, word in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"))
        if (number := sum(f.severity is severity and f.rule not in BLIND_RULES for f in report.findings))
    )
    unread = f"{count(len(report.unread), 'node')} {unread_word(report)}" if report.unread else ""
    # Beside an error, or nodes that were not read, they are no news; the report has them further down.
    doubts = ", ".join(report.doubts[:_DOUBTS]) if report.verdict is Verdict.UNKNOWN and not unread else ""
    rest = ", ".join(part for part in (found, unread, doubts) if part)
    sessions = _sessions_sentence(report, found=bool(found))
    return f"{sessions}; {rest}" if rest else sessions


def _sessions_sentence(report: Report, *, found: bool) -> str:
    checked = report.checked
    expected, established = checked.sessions_expected, checked.sessions_established
    if report.topology.kind is TopologyKind.NO_BGP:
        return "no node has a BGP session" if found else "BGP is not used (no node runs BIRD)"
    if _claims_rows_only(report):
        return _rows_sentence(report)
    if expected is None:
        return f"{count(established, 'session')} Established"
    unseen = f"; {count(checked.sessions_unseen, 'session')} could not be seen" if checked.sessions_unseen else ""
    if expected == 0 and established == 0:
        return f"there is no session at all{unseen}" if not unseen else f"no session was seen{unseen}"
    if established >= expected:
        return (
            f"all {expected} sessions are Established" if expected > 1 else "the one session is Established"
        ) + unseen
    return f"{established} of {count(expected, 'session')} Established{unseen}"


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
