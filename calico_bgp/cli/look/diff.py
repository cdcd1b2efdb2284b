"""`calico-bgp diff`: what changed between two snapshots. Loads, audits both, shows; auditing/diff.py compares."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from calico_bgp.auditing.diff import diff_snapshots
from calico_bgp.auditing.engine import audit
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.answer import Output, with_output
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.options.history import history_option
from calico_bgp.cli.options.moment import parse_moment
from calico_bgp.cli.running.show import show_options
from calico_bgp.cli.sources.source import snapshot_then
from calico_bgp.model.reports.diff import SnapshotDiff
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.diff.text import diff_to_json, diff_to_text
from calico_bgp.report.html.diff import diff_to_html
from calico_bgp.store.snapshot_folder import load_snapshot

EPILOG = """
\b
Examples:
  calico-bgp diff monday/ tuesday/                what changed, in few lines
  calico-bgp diff monday/ tuesday/ --format json  every change, for a program
  calico-bgp diff monday/ tuesday/ --format html -o diff.html
  calico-bgp diff --at 03:00 --at 04:00           of a cluster that is watched
  calico-bgp diff --at 2h                         from then to its last poll

\b
Exit codes: 0 no difference, 1 differences, 2 wrong usage or input.
What could not be read in one of the two is unknown, not a difference.
"""


FORMATS: Formats[SnapshotDiff] = Formats(
    text=Format("what came, went and changed", diff_to_text),
    json=Format("the same, as `calico-bgp/diff/1`", lambda diff, _: diff_to_json(diff)),
    html=Format("a page to send", lambda diff, _: diff_to_html(diff)),
)


@click.command(cls=Command, epilog=EPILOG)
@click.argument("before", type=click.Path(), required=False)
@click.argument("after", type=click.Path(), required=False)
@click.option(
    "--at",
    type=parse_moment,
    metavar="TIME",
    multiple=True,
    help="In the place of a snapshot: what a watched cluster was then. Once: from then to its last poll.",
)
@history_option
@FORMATS.option("difference")
@click.option("-v", "--verbose", is_flag=True, help="Show everything, however long.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead of printing."
)
@show_options
@with_output(FORMATS)
def command(
    *,
    before: str | None,
    after: str | None,
    at: tuple[datetime, ...],
    history: Path | None,
    output: Output[SnapshotDiff],
) -> int:
    """Show which nodes, peers and findings came, went or changed between two snapshots (folders of `gather -o`)."""
    old, new = _two_snapshots([path for path in (before, after) if path is not None], at, history)
    diff = diff_snapshots(old, new, reports=(audit(old), audit(new)))
    output.write(diff)
    return 0 if diff.is_empty else 1


def _two_snapshots(folders: list[str], times: tuple[datetime, ...], history: Path | None) -> tuple[Snapshot, Snapshot]:
    """The earlier and the later one: of two folders, of two times, of a time and the last poll.

    Raises:
        click.UsageError: It is neither of these.
    """
    match folders, times:
        case [before, after], ():
            return load_snapshot(before), load_snapshot(after)
        case [], (earlier,):
            return snapshot_then(history, earlier), snapshot_then(history, datetime.now(UTC))
        case [], (earlier, later):
            return snapshot_then(history, earlier), snapshot_then(history, later)
    raise click.UsageError("name two snapshots, BEFORE and AFTER, or times of a watched cluster, --at TIME --at TIME.")
