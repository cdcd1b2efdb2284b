"""The command group and the one boundary where library errors become messages and exit codes.

Subcommands are imported when they are called, so that `calico-bgp parse` does not wait for paramiko.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from calico_bgp.errors import CalicoBGPError

#: Subcommand -> (module under calico_bgp.cli, one line of help). The order is the order of `--help`.
COMMANDS: dict[str, tuple[str, str]] = {
    "audit": ("audit", "Say whether the cluster's BGP is healthy, and if not, what is wrong and where."),
    "status": ("status", "Show all peers of all nodes as one table."),
    "gather": ("gather", "Read every node and save what they said as a snapshot."),
    "expect": ("expect", "Show the peers that Calico's resources mean, and why each is there."),
    "lint": ("lint", "Say which of Calico's resources will hurt, why, and what mends it."),
    "reach": ("reach", "Say whose routes each node's BIRD holds, and who is cut off from whom."),
    "risks": ("risks", "Say what hurts most when it fails, and name single points of failure."),
    "whatif": ("whatif", "Say whether a change is safe: who would lose whose routes, and what would remain."),
    "drain-check": ("drain_check", "Say in one line whether a node may be drained."),
    "plan": ("plan", "Plan the way from a mesh to route reflectors, or back, without losing a route."),
    "diff": ("diff", "Show what changed between two snapshots."),
    "parse": ("parse", "Turn the text of `calicoctl node status` into JSON."),
    "explain": ("explain_info", "Say in words what an INFO, a message, a rule or a cause means."),
    "hosts": ("hosts", "Write a hosts.txt from `kubectl get nodes -o json`."),
    "rbac": ("rbac", "Print the roles that reading through the Kubernetes API needs."),
    "lab": ("lab", "Start a simulated cluster on loopback."),
    "demo": ("demo", "Show the main job on a simulated cluster."),
}

EXIT_INPUT_ERROR = 2
EXIT_INTERRUPTED = 130


class _LazyGroup(click.Group):
    """A group that imports a subcommand's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"calico_bgp.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; an output that cannot be written is no verdict about a cluster."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader (head, less) has gone. Python would flush again at exit, so give it a place to.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(0) from None
        except OSError as error:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            what = f" {error.filename}" if error.filename else ""
            raise CalicoBGPError(f"cannot read or write{what}: {error.strerror or error}") from error
        return result

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn what goes wrong into one message and an exit code; no traceback for a user's mistake."""
        kwargs["standalone_mode"] = False
        try:
            result = super().main(*args, **kwargs)
        except click.exceptions.Exit as error:
            sys.exit(error.exit_code)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except CalicoBGPError as error:
            click.echo(f"calico-bgp: {error}", err=True)
            sys.exit(EXIT_INPUT_ERROR)
        except (KeyboardInterrupt, click.Abort):
            click.echo("calico-bgp: interrupted", err=True)
            sys.exit(EXIT_INTERRUPTED)
        sys.exit(result if isinstance(result, int) else 0)


EPILOG = """
\b
Examples:
  calico-bgp audit hosts.txt                 read every node over SSH and judge
  calico-bgp gather hosts.txt -o monday/     save what every node says
  calico-bgp audit --snapshot monday/        judge it later, offline
  calico-bgp audit --pasted ticket.txt       judge tables pasted into a ticket
  calico-bgp demo                            see it on a simulated cluster

\b
Exit codes: 0 healthy, 1 findings, 2 wrong usage or input, 3 some nodes
could not be read, 130 interrupted.
"""


@click.group(
    cls=_LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version("calico-bgp"), "-V", "--version", prog_name="calico-bgp")
def cli() -> None:
    """Tell whether the BGP of a Calico cluster is healthy, why not, and what mends it."""
