"""The first two lines of an audit: how bad, and what it rests on. No judging in this file."""

from __future__ import annotations

from rich.text import Text

from calico_bgp.auditing.headline import doubtful, seen, unread_word
from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import Report, Verdict
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import TopologyKind
from calico_bgp.report.audit.findings import VERDICT_STYLES
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain

_MARKS = {
    Verdict.HEALTHY: ("✓", "+"),
    Verdict.WARNINGS: ("!", "!"),
    Verdict.UNHEALTHY: ("✗", "x"),
    Verdict.UNKNOWN: ("?", "?"),
}
_TOPOLOGIES = {
    TopologyKind.MESH: "full mesh",
    TopologyKind.REFLECTORS: "route reflectors",
    TopologyKind.MIXED: "mesh and route reflectors",
}
_NAMES = 24


def header(page: Page, report: Report, snapshot: Snapshot | None, style: TextStyle, note: str | None = None) -> None:
    """Add both lines, and a third with a note where there is one."""
    mark = _MARKS[report.verdict][0 if style.unicode else 1]
    word = f"{mark} {report.verdict.value.upper()}  "
    name = f"{plain(report.cluster)}   " if report.cluster else ""
    claims = (" · " if style.unicode else ", ").join((*seen(report), *doubtful(report)))
    page.line(Text(word, VERDICT_STYLES[report.verdict]), Text(name, "bold"), plain(claims, limit=None), hang=len(word))
    room = None if style.width is None else style.width - len(word)
    page.line(Text(_facts(report, snapshot, room), "dim"), indent=len(word))
    if note is not None:
        page.line(plain(note, limit=None), indent=len(word))


def _facts(report: Report, snapshot: Snapshot | None, room: int | None) -> str:
    """What was read, when, and what kind of cluster it is: as much of it as one line holds; --verbose has the rest."""
    seconds = took(snapshot)
    first = _nodes_and_time(report)
    families = " and ".join(family.label for family in report.checked.families)
    others = [forms for forms in (_kind(report), (families,), (pods_of(snapshot),)) if any(forms)]
    whole = ", ".join([f"{first} in {seconds}" if seconds else first, *(forms[0] for forms in others)])
    if room is None or len(whole) <= room:
        return whole
    facts = first
    for forms in others:
        longer = (f"{facts}, {form}" for form in forms)
        facts = next((text for text in longer if len(text) <= room), facts)
    return facts


def _nodes_and_time(report: Report) -> str:
    checked = report.checked
    listed = "" if checked.nodes_listed is None else f" of {checked.nodes_listed:,}"
    noun = "node" if (checked.nodes_listed or checked.nodes_read) == 1 else "nodes"
    nodes = f"{checked.nodes_read:,}{listed} {noun}"
    short = report.unread and checked.nodes_read == checked.nodes_listed
    partly = f" ({len(report.unread):,} {unread_word(report)})" if short else ""
    at = "" if report.snapshot_at is None else f" at {report.snapshot_at:%Y-%m-%d %H:%M:%S %Z}".rstrip()
    return f"{nodes} read{partly}{at}"


def _kind(report: Report) -> tuple[str, ...]:
    """The topology, with its reflectors by name, and a shorter form with their number."""
    kind = _TOPOLOGIES.get(report.topology.kind)
    reflectors = report.checked.reflectors
    if kind is None or not report.checked.nodes_read:
        return ()
    if not reflectors:
        return (kind,)
    number = count(len(reflectors), "reflector")
    short = number if report.topology.kind is TopologyKind.REFLECTORS else f"mesh and {number}"
    return (f"{kind} {short_names(reflectors, most=_NAMES)}", short)


def took(snapshot: Snapshot | None) -> str:
    """How long the reading took, by our clock: `0.5 s`; empty where that is not known."""
    if snapshot is None or snapshot.taken_at is None:
        return ""
    ends = [reading.taken_at for reading in snapshot.readings if reading.taken_at is not None]
    seconds = (max(ends) - snapshot.taken_at).total_seconds() if ends else 0
    return f"{seconds:.1f} s" if 0.05 <= seconds < 3600 else ""


def pods_of(snapshot: Snapshot | None) -> str:
    """The namespaces of the pods through which nodes were read: `pods of calico-system`; empty over SSH."""
    if snapshot is None or snapshot.kubernetes is None:
        return ""
    spaces = ", ".join(sorted({plain(pod.namespace) for pod in snapshot.kubernetes.pods}))
    return f"pods of {spaces}" if spaces else ""
