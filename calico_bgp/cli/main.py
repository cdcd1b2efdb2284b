"""The command group and the one boundary where library errors become messages and exit codes.

Subcommands are imported when they are called, so that `calico-bgp parse` does not wait for paramiko.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from calico_bgp import __version__
from calico_bgp.cli.running.signals import EXIT_INTERRUPTED, ending_signals
from calico_bgp.cli.running.streams import steady_streams
from calico_bgp.errors import CalicoBGPError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: Heading of `--help` -> subcommand -> (module under calico_bgp.cli, one line of help). The order is that of `--help`.
GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "Look": {
        "audit": ("look.audit", "Say whether BGP is healthy, and if not, what is wrong and where."),
        "status": ("look.status", "Show all peers of all nodes as one table."),
        "routes": ("look.routes", "Show what each node holds of the others' routes, in BIRD and in the kernel."),
        "reach": ("look.reach", "Say whose routes each node holds, and who is cut off from whom."),
        "diff": ("look.diff", "Show what changed between two snapshots."),
    },
    "Watch": {
        "monitor": ("watch.monitor", "Watch a cluster: read again and again, tell what changed."),
        "history": ("watch.history", "Show what happened in a watched cluster."),
        "flaps": ("watch.flaps", "Show which sessions and nodes change most."),
    },
    "Before a change": {
        "whatif": ("change.whatif", "Say whether a change is safe: who would lose whose routes."),
        "drain-check": ("change.drain_check", "Say in one line whether a node may be drained."),
        "route": ("change.route", "Say what every session does with one route, and which rule stops it."),
        "risks": ("change.risks", "Say what hurts most when it fails."),
        "plan": ("change.plan", "Plan the way from a mesh to route reflectors, or back."),
        "lint": ("change.lint", "Say which of Calico's resources will hurt, and what fixes it."),
    },
    "Understand": {
        "explain": ("understand.explain_info", "Say what an INFO, a message, a rule or a cause means."),
        "expect": ("understand.expect", "Show the peers that Calico's resources mean, and why."),
    },
    "Files": {
        "gather": ("files.gather", "Read every node and save what they said as a snapshot."),
        "anonymise": ("files.anonymise", "Copy a snapshot with other names and addresses, to show to strangers."),
        "parse": ("files.parse", "Turn the text of `calicoctl node status` into JSON."),
        "hosts": ("files.hosts", "Write a hosts.txt from `kubectl get nodes -o json`."),
        "rbac": ("files.rbac", "Print the roles that reading through the API needs."),
        "completion": ("files.completion", "Print the completion script of bash, zsh or fish."),
    },
    "Try": {
        "demo": ("simulated.demo", "Show the main job on a simulated cluster."),
        "lab": ("simulated.lab", "Start a simulated cluster on loopback."),
    },
}
COMMANDS: dict[str, tuple[str, str]] = {name: entry for group in GROUPS.values() for name, entry in group.items()}
#: What `calico-bgp` alone does.
DEFAULT = "audit"

EXIT_INPUT_ERROR = 2
EXIT_FAILURE = 4


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
        for heading, commands in GROUPS.items():
            with formatter.section(heading):
                # A column of one width in all sections.
                formatter.write_dl([(f"{name:<11}", text) for name, (_, text) in commands.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Nothing is the audit of the default source; `help COMMAND` is `COMMAND --help`; there is no more to show."""
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        elif args[:1] == ["--help-all"]:
            args = ["--help"]
        # A shell that completes asks for what may follow: then nothing is nothing.
        return super().parse_args(ctx, args if args or ctx.resilient_parsing else [DEFAULT])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find it, or say which one was perhaps meant."""
        if args[0] not in COMMANDS:
            from calico_bgp.cli.help.suggest import no_such_command  # noqa: PLC0415 - most command lines are right

            ctx.fail(no_such_command(args, list(COMMANDS), ctx.command_path))
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The subcommands, without importing them, and the options of the group."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell that completes needs it

        names = [name for name in COMMANDS if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=COMMANDS[name][1]) for name in names]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn what goes wrong into one message and an exit code (docs/exit-codes.md); never a traceback."""
        kwargs["standalone_mode"] = False
        arguments = args[0] if args else kwargs.get("args")
        with steady_streams(), ending_signals() as interrupted_code:
            code = self._code(
                list(sys.argv[1:] if arguments is None else arguments),
                lambda: super(_LazyGroup, self).main(*args, **kwargs),
            )
            sys.exit(interrupted_code() if code == EXIT_INTERRUPTED else code)

    def _code(self, arguments: list[str], run: Callable[[], Any]) -> int:
        try:
            try:
                result = run()
            except click.exceptions.Exit as error:
                result = error.exit_code
            sys.stdout.flush()
        except click.ClickException as error:
            _show(error)
            return error.exit_code
        except CalicoBGPError as error:
            _say(str(error))
            return EXIT_INPUT_ERROR
        except OSError as error:
            what = f" {error.filename}" if error.filename else ""
            _say(f"cannot read or write{what}: {error.strerror or error}")
            return EXIT_INPUT_ERROR
        except (KeyboardInterrupt, click.Abort):
            _say("interrupted")
            return EXIT_INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the one place where nothing may escape
            from calico_bgp.cli.running.failure import failure_text  # noqa: PLC0415 - it waits for the models

            names = [name.partition("=")[0] for name in arguments if name in COMMANDS or name.startswith("--")]
            _say(failure_text(error, names))
            return EXIT_FAILURE
        return result if isinstance(result, int) else 0


def _say(message: str) -> None:
    """A message on standard error. A text out of a file may stand in it, so that nothing in it moves the cursor."""
    click.echo(f"calico-bgp: {_harmless(message)}", err=True)


def _show(error: click.ClickException) -> None:
    message = _harmless(error.format_message())
    harmless = (
        click.UsageError(message, error.ctx) if isinstance(error, click.UsageError) else click.ClickException(message)
    )
    harmless.show()


def _harmless(message: str) -> str:
    from calico_bgp.report.text.sanitize import plain  # noqa: PLC0415 - most runs have nothing to say

    lines = [(line, line.lstrip(" ")) for line in message.split("\n")]
    return "\n".join(" " * (len(line) - len(bare)) + plain(bare) for line, bare in lines)


EPILOG = """
\b
Examples:
  calico-bgp                        the cluster of kubectl's current context
  calico-bgp audit hosts.txt        read every node over SSH and judge
  calico-bgp gather hosts.txt -o monday/    save what every node says
  calico-bgp audit --snapshot monday/       judge it later, offline
  calico-bgp audit --pasted ticket.txt      judge tables pasted into a ticket
  calico-bgp demo                   see it on a simulated cluster

\b
Exit codes: 0 healthy, 1 findings, 2 wrong usage or input, 3 some nodes
could not be read, 4 calico_bgp itself failed, 130 interrupted.
"""


@click.group(
    cls=_LazyGroup,
    epilog=EPILOG,
    options_metavar="",
    subcommand_metavar="[COMMAND] [OPTIONS] [HOSTS]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", prog_name="calico-bgp")
def cli() -> None:
    """Tell whether the BGP of a Calico cluster is healthy, why not, and what fixes it.

    Without a command: audit. `calico-bgp COMMAND --help` shows its options.
    """
