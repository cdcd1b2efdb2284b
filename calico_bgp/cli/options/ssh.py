"""The options of every command that reads nodes over SSH. Passwords are asked for here, and only here.

```python
@click.command()
@ssh_options
def command(*, ssh: SSHOptions) -> int:
    with reading_progress(hosts) as on_result:
        snapshot = gather(hosts, SSHGatherer(ssh), on_result=on_result)
```

The decorated command receives one keyword, `ssh`. `gather()` raises GatherInterrupted on Ctrl-C; it carries what had
come in. No secret is an argument: it is asked for at the terminal or read from a file descriptor.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import click

from calico_bgp.cli.options.duration import parse_duration
from calico_bgp.sources.ssh.options import HostKeyPolicy, SSHOptions

__all__ = ["SSHOptions", "ssh_options"]

_FILE = click.Path(path_type=Path, dir_okay=False)


def ssh_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as one keyword `ssh`."""

    @click.option("-l", "--user", metavar="NAME", help="Log in as this user; hosts.txt's user@ comes first.")
    @click.option("-i", "--identity", metavar="FILE", type=_FILE, multiple=True, help="A private key. Repeatable.")
    @click.option("--agent/--no-agent", default=True, help="Use the keys of ssh-agent.  [default: agent]")
    @click.option("-J", "--jump", metavar="[USER@]HOST[:PORT]", help="Go through a jump host; several with commas.")
    @click.option(
        "--ssh-config", metavar="FILE|none", type=click.Path(path_type=Path), help="In place of ~/.ssh/config."
    )
    @click.option("--known-hosts", metavar="FILE", type=_FILE, multiple=True, help="Host keys, besides the user's own.")
    @click.option(
        "--host-keys",
        type=click.Choice([policy.value for policy in HostKeyPolicy]),
        default="strict",
        show_default=True,
        help="Refuse unknown host keys, or add them. Changed keys are always refused.",
    )
    @click.option("--ask-pass", is_flag=True, help="Ask for the password of the login.")
    @click.option(
        "--pass-fd", metavar="N", type=click.IntRange(min=0), help="Read it from this file descriptor, a line."
    )
    @click.option("--ask-sudo-pass", is_flag=True, help="Ask for sudo's password; empty: the same as the login's.")
    @click.option("--sudo-pass-fd", metavar="N", type=click.IntRange(min=0), help="Read it from this file descriptor.")
    @click.option("--calicoctl", metavar="PATH", help="Where calicoctl is on the nodes.")
    @click.option(
        "--timeout",
        metavar="DURATION",
        type=parse_duration,
        default="30s",
        help="For the command on a node.  [default: 30s; in a pod 20s]",
    )
    @click.option(
        "--connect-timeout",
        metavar="DURATION",
        type=parse_duration,
        default="10s",
        show_default=True,
        help="To connect, to a node or to the API server.",
    )
    @click.option("--run-timeout", metavar="DURATION", type=parse_duration, help="For all nodes, or pods, together.")
    @click.option("--workers", type=click.IntRange(1, 256), default=32, show_default=True, help="Nodes read at once.")
    @click.option("--processes", type=click.IntRange(1, 16), help="Worker processes; 2 for more than 200 nodes.")
    @wraps(command)
    def with_ssh(*args: Any, **kwargs: Any) -> Any:
        names = (
            *("user", "identity", "agent", "jump", "ssh_config", "known_hosts", "host_keys", "ask_pass", "pass_fd"),
            *("ask_sudo_pass", "sudo_pass_fd", "calicoctl", "timeout", "connect_timeout", "run_timeout", "workers"),
            "processes",
        )
        chosen = {name: kwargs.pop(name) for name in names}
        return command(*args, ssh=_options(chosen), **kwargs)

    return with_ssh


def _options(chosen: dict[str, Any]) -> SSHOptions:
    password = _secret(chosen, "pass", "Password")
    sudo_password = _secret(chosen, "sudo_pass", "sudo password (empty: the same)" if password else "sudo password")
    seconds = {name: chosen[name].total_seconds() for name in ("timeout", "connect_timeout")}
    run_timeout = chosen["run_timeout"]
    try:
        return SSHOptions(
            user=chosen["user"],
            identities=tuple(path.expanduser() for path in chosen["identity"]),
            agent=chosen["agent"],
            jump=chosen["jump"],
            ssh_config=chosen["ssh_config"],
            known_hosts=chosen["known_hosts"],
            host_keys=HostKeyPolicy(chosen["host_keys"]),
            password=password,
            sudo_password=(sudo_password or password) if sudo_password is not None else None,
            ask_passphrase=_ask_passphrase,
            calicoctl=chosen["calicoctl"],
            workers=chosen["workers"],
            connect_timeout=seconds["connect_timeout"],
            command_timeout=seconds["timeout"],
            run_timeout=run_timeout.total_seconds() if run_timeout is not None else None,
            processes=chosen["processes"],
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _secret(chosen: dict[str, Any], name: str, prompt: str) -> str | None:
    """A secret from the terminal or from a file descriptor, None when neither was asked for."""
    descriptor: int | None = chosen[f"{name}_fd"]
    option = name.replace("_", "-")
    if chosen[f"ask_{name}"] and descriptor is not None:
        raise click.UsageError(f"--ask-{option} or --{option}-fd, not both")
    if descriptor is not None:
        return _line_from(descriptor, f"--{option}-fd")
    if not chosen[f"ask_{name}"]:
        return None
    secret: str = click.prompt(prompt, hide_input=True, default="", show_default=False, err=True)
    return secret


def _line_from(descriptor: int, option: str) -> str:
    """One line, byte by byte, so that a second option may read the next line of the same descriptor."""
    line = bytearray()
    try:
        while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
            line += byte
    except OSError as error:
        raise click.UsageError(f"{option} {descriptor}: {error.strerror or error}") from error
    if not line:
        raise click.UsageError(f"{option} {descriptor}: nothing to read there")
    return line.decode("utf-8", "surrogateescape").removesuffix("\r")


@cache
def _ask_passphrase(path: str) -> str | None:
    """Asked once per key, also by commands that read the nodes again and again (`--wait`)."""
    if not os.isatty(0):
        return None
    secret: str = click.prompt(f"Passphrase of {path}", hide_input=True, default="", show_default=False, err=True)
    return secret or None
