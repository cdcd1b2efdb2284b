"""`calico-bgp whatif`: is a change safe? whatif/ works it out, report/ writes it."""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from calico_bgp.cli.options.answer import Output, answer_options
from calico_bgp.cli.options.change import OrderedCommand, change_options, read_changes
from calico_bgp.cli.options.formats import Format, Formats
from calico_bgp.cli.running.again import at_same_source
from calico_bgp.cli.running.signals import tell_interrupted
from calico_bgp.cli.sources.source import Source, source_options
from calico_bgp.cli.sources.whatif import EXIT_CODES, ask
from calico_bgp.errors import ChangeError
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.report.html.answers import whatif_to_html
from calico_bgp.report.routes.whatif_json import whatif_to_json
from calico_bgp.report.routes.whatif_text import whatif_line, whatif_to_text
from calico_bgp.report.text.sanitize import plain
from calico_bgp.whatif.verdict import WhatIf

EPILOG = """
\b
Examples:
  calico-bgp whatif --remove node1 hosts.txt --resources calico/
  calico-bgp whatif --remove node1,node2 --snapshot monday/
  calico-bgp whatif --resources calico/ --unlabel node1 route-reflector \\
      --cluster-id node1 none
  calico-bgp whatif --resources calico/ --cluster-id node4 244.0.0.1 \\
      --label node4 route-reflector=true
  calico-bgp whatif --apply reflectors.yaml --mesh off --resources calico/
  calico-bgp whatif --delete bgppeer/peer-with-reflectors --resources calico/

\b
The changes add up, in the order given. Without Calico's resources (beside
HOSTS, in the snapshot, or alone) only --remove can be answered.

\b
Exit codes: 0 safe; 1 not safe: nodes that remain lose routes, if only for a
moment; 2 wrong usage or input; 3 cannot tell, and why; 130 interrupted.
"""


class _Content(NamedTuple):
    """What is written, and the command that says why routes are missing already."""

    answer: WhatIf
    reach: str


FORMATS: Formats[_Content] = Formats(
    text=Format(
        "who would lose whose routes, and why",
        lambda content, style: whatif_to_text(content.answer, style, reach=content.reach),
    ),
    json=Format("the same, as `calico-bgp/whatif/1`", lambda content, _: whatif_to_json(content.answer)),
    html=Format("a page to send", lambda content, _: whatif_to_html(content.answer)),
)


@click.command(
    cls=OrderedCommand,
    also_rare=(
        *("--pasted", "--limit", "--cluster", "--at"),
        *("--cluster-id", "--brief", "--format", "--output"),
    ),
    epilog=EPILOG,
)
@change_options
@source_options
@click.option("--brief", is_flag=True, help="Answer in one line, as drain-check does.")
@answer_options("answer", everything="every line and every name", formats=FORMATS)
def command(
    source: Source,
    *,
    brief: bool,
    output: Output[_Content],
    calico_version: CalicoVersion | None,
    **options: Any,
) -> int:
    """Say whether a change is safe: who would lose whose routes, why, and what would remain.

    HOSTS is a file with one host a line; every node is read over SSH. With --resources alone nothing is read, and every
    session that Calico's resources mean is taken as Established.
    """
    if brief and not output.is_text:
        raise click.UsageError("--brief answers in text; leave out --format.")
    try:
        changes = read_changes(options)
        if not changes:
            raise click.UsageError("say what would change: --remove NODE, or another change (see --help).")
        answered = ask(source, changes, calico_version)
    except ChangeError as error:
        raise click.UsageError(plain(str(error))) from error
    reach = at_same_source("reach")
    line = whatif_line(answered.answer, reach=reach)
    text = f"{line}\n" if brief else output.render(_Content(answered.answer, reach))
    output.write_text(text)
    if output.is_file or not output.is_text:
        click.echo(f"calico-bgp: {line}", err=True)
    if answered.interrupted:
        return tell_interrupted()
    return EXIT_CODES[answered.answer.safety]
