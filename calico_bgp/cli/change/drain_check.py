"""`calico-bgp drain-check`: may this node go? One line and an exit code, for scripts. whatif/ works it out."""

from __future__ import annotations

import click

from calico_bgp.changes.change import RemoveNode
from calico_bgp.cli.help.completing import complete_nodes
from calico_bgp.cli.help.help import Command
from calico_bgp.cli.options.version import version_option
from calico_bgp.cli.running.again import at_same_source
from calico_bgp.cli.running.show import write
from calico_bgp.cli.running.signals import tell_interrupted
from calico_bgp.cli.sources.source import Source, source_options
from calico_bgp.cli.sources.whatif import EXIT_CODES, ask
from calico_bgp.errors import ChangeError
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.report.routes.whatif_text import whatif_line
from calico_bgp.report.text.sanitize import plain

EPILOG = """
\b
Examples:
  calico-bgp drain-check node1 hosts.txt --resources calico/
  calico-bgp drain-check node1 --resources calico/ && kubectl drain node1
  calico-bgp drain-check node1 --snapshot monday/

\b
`calico-bgp whatif --remove NODE` says more; with --brief the same.

\b
Exit codes: 0 safe; 1 not safe; 2 wrong usage or input; 3 cannot tell, and
why; 130 interrupted.
"""


@click.command(cls=Command, also_rare=("--pasted", "--limit", "--cluster"), epilog=EPILOG)
@click.argument("node", shell_complete=complete_nodes)
@source_options
@version_option
def command(source: Source, *, node: str, calico_version: CalicoVersion | None) -> int:
    """Say in one line whether a node may be drained, replaced or switched off without others losing routes.

    HOSTS is a file with one host a line; every node is read over SSH. Without a source kubectl's current context
    is read. With --resources alone nothing is read, and every session that Calico's resources mean is taken as
    Established.
    """
    try:
        answered = ask(source, (RemoveNode(node),), calico_version)
    except ChangeError as error:
        raise click.UsageError(plain(str(error))) from error
    write(f"{whatif_line(answered.answer, reach=at_same_source('reach'))}\n", None)
    if answered.interrupted:
        return tell_interrupted()
    return EXIT_CODES[answered.answer.safety]
