"""The first two lines of an audit: how bad, and what it rests on. No judging in this file."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from calico_bgp.auditing.headline import doubtful, seen, unread_word
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
    page.line(Text(", ".join(_facts(report, snapshot)), "dim"), indent=len(word))
    if note is not None:
        page.line(plain(note, limit=None), indent=len(word))


def _facts(report: Report, snapshot: Snapshot | None) -> Iterator[str]:
    """What was read, when, and what kind of cluster it is."""
    checked = report.checked
    listed = "" if checked.nodes_listed is None else f" of {checked.nodes_listed}"
    noun = "node" if (checked.nodes_listed or checked.nodes_read) == 1 else "nodes"
    nodes = f"{checked.nodes_read}{listed} {noun}"
    short = report.unread and checked.nodes_read == checked.nodes_listed
    partly = f" ({len(report.unread)} {unread_word(report)})" if short else ""
    at = "" if report.snapshot_at is None else f" at {report.snapshot_at:%Y-%m-%d %H:%M:%S %Z}".rstrip()
    yield f"{nodes} read{partly}{at}{_took(snapshot)}"
    kind = _TOPOLOGIES.get(report.topology.kind)
    if kind is not None and checked.nodes_read:
        yield f"{kind} {short_names(checked.reflectors, most=_NAMES)}" if checked.reflectors else kind
    if checked.families:
        yield " and ".join(family.label for family in checked.families)
    spaces = _namespaces(snapshot)
    if spaces:
        yield f"pods of {spaces}"


def _took(snapshot: Snapshot | None) -> str:
    """How long the reading took, by our clock."""
    if snapshot is None or snapshot.taken_at is None:
        return ""
    ends = [reading.taken_at for reading in snapshot.readings if reading.taken_at is not None]
    seconds = (max(ends) - snapshot.taken_at).total_seconds() if ends else 0
    return f" in {seconds:.1f} s" if 0.05 <= seconds < 3600 else ""


def _namespaces(snapshot: Snapshot | None) -> str:
    """The namespaces of the pods through which nodes were read."""
    if snapshot is None or snapshot.kubernetes is None:
        return ""
    return ", ".join(sorted({plain(pod.namespace) for pod in snapshot.kubernetes.pods}))
