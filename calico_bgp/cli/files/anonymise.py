"""`calico-bgp anonymise`: a copy of a snapshot in which nothing names the cluster. anonymising/ makes it."""

from __future__ import annotations

from pathlib import Path

import click

from calico_bgp.anonymising.snapshot import anonymise
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.running.signals import EXIT_INTERRUPTED
from calico_bgp.cli.sources.source import Source, require_one, source_options
from calico_bgp.sources.gather import GatherInterrupted
from calico_bgp.store.snapshot_folder import check_folder, save_snapshot

EPILOG = """
\b
Examples:
  calico-bgp anonymise --snapshot monday/ -o public/
  calico-bgp audit --snapshot public/ --format html -o report.html
  calico-bgp anonymise --pasted ticket.txt -o public/
  calico-bgp anonymise hosts.txt --resources calico/ -o public/

\b
Every form follows from the copy: text, JSON, HTML, pictures, tickets. Names,
addresses, public AS numbers, label values and files become others, equal ones
equal others; the verdict and the causes stay. Read it before you publish it:
what it keeps is in docs/privacy.md.
"""


@click.command(cls=Command, epilog=EPILOG)
@source_options
@click.option(
    "-o", "--output", metavar="DIR", required=True, type=click.Path(path_type=Path), help="A new folder for the copy."
)
def command(source: Source, *, output: Path) -> int:
    """Save a copy of a snapshot with other names and addresses, to show to strangers."""
    require_one(source)
    check_folder(output, replace=False)
    interrupted = False
    try:
        snapshot = source.read()
    except GatherInterrupted as stop:
        snapshot, interrupted = stop.snapshot, True
    save_snapshot(anonymise(snapshot), output, replace=False)
    number = len(snapshot.readings)
    saved = f"{number} reading{'' if number == 1 else 's'} saved in {output} under other names and addresses"
    click.echo(f"{saved}; look through it before you publish it", err=True)
    if interrupted:
        click.echo("calico-bgp: interrupted; the snapshot is incomplete", err=True)
        return EXIT_INTERRUPTED
    return 0
