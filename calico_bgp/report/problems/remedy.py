"""What mends that nodes were not read, as a command that runs as it stands where an option of ours does it."""

from __future__ import annotations

from typing import Final

#: Only these become part of a command: the remedies of a snapshot are whoever's text made it.
OPTIONS: Final = ("--host-keys accept-new", "--ask-sudo-pass")


def remedy_command(remedy: str, retry: str | None) -> tuple[str | None, str]:
    """The command with the option with which a remedy begins, and what else the remedy says.

    Args:
        remedy: `--ask-sudo-pass; or a sudoers line that needs none`.
        retry: The command that reads the same nodes again; None where there is none.

    Returns:
        No command, and the whole remedy, where it begins with no option that the command lacks.
    """
    for option in OPTIONS:
        if retry is not None and remedy.startswith(option) and f" {option}" not in retry:
            return f"{retry} {option}", remedy.removeprefix(option).lstrip("; ")
    return None, remedy
