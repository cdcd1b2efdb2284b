"""`calico-bgp history`: what a watched cluster went through, as a time line. Reads and shows; nothing here judges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click

from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, with_output
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.options.history import default_history, history_option
from calico_bgp.cli.options.moment import parse_moment
from calico_bgp.cli.running.show import show_options
from calico_bgp.cli.watch.nothing import nothing
from calico_bgp.report.history.timeline import Choice, Entry, timeline, timeline_to_json, timeline_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.store.history.reader import HistoryReader

EPILOG = """
\b
Examples:
  calico-bgp history                           the last 24 hours
  calico-bgp history --since 7d --node 'rr*'   what befell the reflectors
  calico-bgp history --since 14:00 --peer 10.0.0.4
  calico-bgp history --cause node-down --format json
  calico-bgp status --at 2h                    the tables of two hours ago
  calico-bgp audit --at 2026-11-30T03:00       the verdict of that night
  calico-bgp diff --at 03:00 --at 04:00        what changed in that hour

\b
Exit codes: 0; 2 wrong usage, or there is no history.
"""
_COLORS = {"opened": "red", "flapping": "yellow", "gap": "yellow", "source-unreadable": "yellow", "resolved": "green"}


class _Content(NamedTuple):
    """What is written: the entries, and from when until when the history reaches."""

    entries: list[Entry]
    span: tuple[datetime, datetime] | None


def _text(content: _Content, style: TextStyle) -> Iterator[str]:
    paint = (lambda line, kind: click.style(line, fg=_COLORS.get(kind))) if style.color else None
    return timeline_to_text(content.entries, paint)


FORMATS: Formats[_Content] = Formats(
    text=Format("a line for each change", _text),
    json=Format(
        "the same, as `calico-bgp/history/1`", lambda content, _: timeline_to_json(content.entries, content.span)
    ),
)


@click.command(cls=Command, epilog=EPILOG)
@history_option
@click.option("--since", type=parse_moment, metavar="TIME", default="24h", show_default=True, help="From when on.")
@click.option("--node", metavar="PATTERN", multiple=True, help="Only of these nodes: node1, 'rr*'. Repeatable.")
@click.option("--peer", metavar="PATTERN", multiple=True, help="Only sessions with these addresses. Repeatable.")
@click.option("--cause", metavar="KIND", multiple=True, help="Only causes of this kind, or this rule. Repeatable.")
@click.option("--told", is_flag=True, help="Only what the watcher told, not each session.")
@FORMATS.option("time line")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead.")
@show_options
@with_output(FORMATS)
def command(
    *,
    history: Path | None,
    since: datetime,
    node: tuple[str, ...],
    peer: tuple[str, ...],
    cause: tuple[str, ...],
    told: bool,
    output: Output[_Content],
) -> int:
    """Show what happened in a cluster that `calico-bgp monitor` watches, as a time line."""
    choice = Choice(node, peer, cause)
    with HistoryReader(history or default_history()) as reader:
        changes = () if told else reader.changes(since)
        all_entries = timeline(reader.events(since), changes, reader.coverage(since), reader.polls(since))
        span = reader.span()
    entries = [entry for entry in all_entries if choice.holds(entry)]
    output.write(_Content(entries, span))
    if not entries and output.is_text:
        what = "nothing of that is known" if any((node, peer, cause, told)) else "nothing changed"
        click.echo(f"calico-bgp: {nothing(what, since, span)}", err=True)
    return 0
