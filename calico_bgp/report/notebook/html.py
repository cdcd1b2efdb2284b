"""Snapshot and report as HTML for notebooks: the sections of the page (report.html), with their style inside.

A fragment stands alone: its style is bound to its class. No script, no link, no image.
"""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.messages.words import count
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.html.audit import audit_sections
from calico_bgp.report.html.page import fragment
from calico_bgp.report.html.tables import MOST_ROWS, items, row, table
from calico_bgp.report.text.columns import PEER_COLUMNS, PeerRow, peer_rows
from calico_bgp.report.text.markup import Content, element

__all__ = ["MOST_ROWS", "report_to_html", "snapshot_to_html"]


def snapshot_to_html(snapshot: Snapshot) -> str:
    """The peers as a table, with the nodes that could not be read below it."""
    rows = peer_rows(snapshot)
    established = sum(row.peer.is_established for row in rows)
    heading = f"Nodes read: {len(snapshot.readings):,}, not read: {len(snapshot.failures):,}. "
    heading += f"{established:,} of {count(len(rows), 'peer')} Established"
    parts: list[Content] = [element("p", element("b", heading), "" if snapshot.complete else " (interrupted)")]
    if rows:
        parts += _peers(rows)
    if snapshot.failures:
        not_read = [f"{failure.node or failure.host}: {failure.message}" for failure in snapshot.failures]
        parts += [element("p", "Not read:"), items(not_read)]
    return fragment(parts)


def report_to_html(report: Report) -> str:
    """The verdict, the causes with the commands that fix them, the findings, and what was looked at."""
    word, what = verdict_line(report)
    head = element("p", element("b", word, class_=report.verdict.value), f": {what}")
    return fragment([head, *audit_sections(report, None)])


def _peers(rows: Sequence[PeerRow]) -> list[Content]:
    columns = [column for column in PEER_COLUMNS if column.in_table]
    heads = [column.heading for column in columns]
    shown_rows = []
    for peer_row in rows[:MOST_ROWS]:
        cells = ["" if (value := column.value(peer_row)) is None else str(value) for column in columns]
        shown_rows.append(row(cells, heads, classes=("good" if peer_row.peer.is_established else "bad",)))
    hidden = len(rows) - MOST_ROWS
    more = (
        element("p", f"and {count(hidden, 'more row')}; to_frame() has them all.", class_="dim") if hidden > 0 else None
    )
    return [table("Peers, as each node shows them", heads, shown_rows), more]
