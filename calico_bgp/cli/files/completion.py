"""`calico-bgp completion`: the script by which a shell completes commands, options, nodes, rules and faults."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from calico_bgp.cli.help.help import Command

SHELLS = ("bash", "zsh", "fish")
_NAME = "calico-bgp"
_VARIABLE = "_CALICO_BGP_COMPLETE"

EPILOG = """
\b
For this shell only:
  source <(calico-bgp completion bash)
  source <(calico-bgp completion zsh)        # behind compinit
  calico-bgp completion fish | source

\b
For all shells to come:
  calico-bgp completion bash >> ~/.bash_completion
  calico-bgp completion zsh > ~/.zfunc/_calico-bgp    # ~/.zfunc is in fpath
  calico-bgp completion fish > ~/.config/fish/completions/calico-bgp.fish
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the completion script of a shell.

    It completes commands and options; states, rules, causes and faults; and the nodes of the snapshot, the hosts.txt or
    the resources that the command line names. Nothing is read from a cluster for it.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root().command
    # The shell's own version is not asked: the script may be for another machine.
    script = ShellComplete.source(kind(root, {}, _NAME, _VARIABLE))
    click.echo(script.strip())
    return 0
