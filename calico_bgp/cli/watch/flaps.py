"""`calico-bgp flaps`: which sessions and nodes of a watched cluster change most. Reads and shows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click

from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.options.history import default_history, history_option
from calico_bgp.cli.options.moment import parse_moment
from calico_bgp.cli.running.show import write
from calico_bgp.cli.watch.nothing import nothing
from calico_bgp.report.history.flaps import Flapping, flaps, flaps_to_json, flaps_to_text
from calico_bgp.store.history.reader import HistoryReader

EPILOG = """
\b
Examples:
  calico-bgp flaps                    of the last 24 hours
  calico-bgp flaps --since 7d --most 50

\b
Changes between two polls count as well: SINCE shows them.
Exit codes: 0; 2 wrong usage, or there is no history.
"""


class _Content(NamedTuple):
    """What is written, and how many rows people want."""

    nodes_and_sessions: tuple[list[Flapping], list[Flapping]]
    most: int


FORMATS: Formats[_Content] = Formats(
    text=Format(
        "a table of nodes and one of sessions",
        lambda content, _: flaps_to_text(content.nodes_and_sessions, most=content.most),
    ),
    json=Format("all of them, as `calico-bgp/flaps/1`", lambda content, _: flaps_to_json(content.nodes_and_sessions)),
)


@click.command(cls=Command, epilog=EPILOG)
@history_option
@click.option("--since", type=parse_moment, metavar="TIME", default="24h", show_default=True, help="From when on.")
@click.option("--most", type=click.IntRange(min=1), default=20, show_default=True, help="How many of each.")
@FORMATS.option("answer")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead.")
def command(*, history: Path | None, since: datetime, most: int, form: str, output: Path | None) -> int:
    """Show which sessions and nodes went up and down most often."""
    with HistoryReader(history or default_history()) as reader:
        nodes_and_sessions = flaps(reader.changes(since))
        span = reader.span()
    if form == "text" and not any(nodes_and_sessions):
        write(f"{nothing('no session went up or down', since, span)}\n", output)
    else:
        write(FORMATS.render(form, _Content(nodes_and_sessions, most)), output)
    return 0
