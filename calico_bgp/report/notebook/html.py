"""Snapshot and report as HTML fragments for notebooks and tickets. Every text is escaped here, once, by `_text`.

A fragment stands alone: its style is inside it and bound to its class, and works on light and dark pages because text
and lines take the page's own colour. No script, no link, no image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeVar

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.model.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.text.columns import CAUSE_COLUMNS, FINDING_COLUMNS, PEER_COLUMNS, Column, peer_rows
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.sanitize import plain

RowT = TypeVar("RowT")

#: A notebook with a hundred thousand rows hangs the browser; the frame has them all.
MOST_ROWS = 500

_STYLE = """<style>
.calico-bgp { font-size: 0.9em; }
.calico-bgp table { border-collapse: collapse; }
.calico-bgp th, .calico-bgp td { text-align: left; padding: 0.2em 0.8em; border-bottom: 1px solid rgba(128,128,128,.4);
  vertical-align: top; }
.calico-bgp .good { color: #1a9850; }
.calico-bgp .odd { color: #d08700; }
.calico-bgp .bad { color: #e0443e; }
.calico-bgp .dim { opacity: 0.7; }
</style>"""
_VERDICT_CLASS = {"healthy": "good", "warnings": "odd", "unknown": "odd", "unhealthy": "bad"}
_SEVERITY_CLASS = {"error": "bad", "warning": "odd", "info": "dim"}


def snapshot_to_html(snapshot: Snapshot) -> str:
    """The peers as a table, with the nodes that could not be read below it."""
    rows = peer_rows(snapshot)
    established = sum(row.peer.is_established for row in rows)
    heading = f"Nodes read: {len(snapshot.readings)}, not read: {len(snapshot.failures)}. "
    heading += f"{established} of {len(rows)} peers Established"
    parts = [f"<p><b>{_text(heading)}</b>{'' if snapshot.complete else ' (interrupted)'}</p>"]
    if rows:
        parts.append(_table(PEER_COLUMNS, rows, ("good" if row.peer.is_established else "bad" for row in rows)))
    if snapshot.failures:
        items = "".join(
            f"<li>{_text(failure.node or failure.host)}: {_text(failure.message)}</li>"
            for failure in snapshot.failures[:MOST_ROWS]
        )
        parts.append(f"<p>Not read:</p><ul>{items}</ul>")
    return _fragment(parts)


def report_to_html(report: Report) -> str:
    """The verdict, the counts, the causes with the commands that mend them, and the findings, as tables."""
    word, what = verdict_line(report)
    parts = [f'<p><b class="{_VERDICT_CLASS[report.verdict]}">{_text(word)}</b>: {_text(what)}</p>']
    topology = f"Topology: {report.topology.kind}: {report.topology.evidence}"
    if report.checked.reflectors:
        topology += f". Reflectors: {compress_names(report.checked.reflectors)}"
    parts.append(f'<p class="dim">{_text(topology)}</p>')
    if report.causes:
        parts.append("<p>Causes:</p>")
        parts.append(_table(CAUSE_COLUMNS, report.causes, ("bad" for _ in report.causes)))
        parts.append("<p>Findings:</p>")
    if report.findings:
        parts.append(_table(FINDING_COLUMNS, report.findings, (_SEVERITY_CLASS[f.severity] for f in report.findings)))
    if report.not_checked:
        items = "".join(f"<li>{_text(n.what)}: {_text(n.why)}</li>" for n in report.not_checked[:MOST_ROWS])
        parts.append(f"<p>Not checked:</p><ul>{items}</ul>")
    if report.ignored:
        items = "".join(
            f"<li>{_text(i.finding.rule)}: {_text(str(i.finding.subject))} ({_text(i.reason)})</li>"
            for i in report.ignored[:MOST_ROWS]
        )
        parts.append(f"<p>Ignored:</p><ul>{items}</ul>")
    return _fragment(parts)


def _text(text: str) -> str:
    return escape(plain(text), quote=True)


def _fragment(parts: Iterable[str]) -> str:
    return f'<div class="calico-bgp">{_STYLE}\n' + "\n".join(parts) + "\n</div>"


def _table(columns: Sequence[Column[RowT]], rows: Sequence[RowT], classes: Iterable[str]) -> str:
    """The columns meant for people; the first one carries the row's class."""
    shown = [column for column in columns if column.in_table]
    head = "".join(f"<th>{_text(column.heading)}</th>" for column in shown)
    body = []
    for row, css in zip(rows[:MOST_ROWS], classes, strict=False):
        cells = [_text("" if (value := column.value(row)) is None else str(value)) for column in shown]
        body.append(
            f'<tr><td class="{css}">{cells[0]}</td>' + "".join(f"<td>{cell}</td>" for cell in cells[1:]) + "</tr>"
        )
    more = ""
    if len(rows) > MOST_ROWS:
        more = f'\n<p class="dim">{len(rows) - MOST_ROWS} rows more; to_frame() has them all.</p>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(body) + f"\n</tbody></table>{more}"
