"""How nodes that were not read can be read: an option of ours as a command that runs as it stands, and other ways."""

from __future__ import annotations

from typing import Final

from calico_bgp.model.reports.report import NotRead
from calico_bgp.report.text.sanitize import plain

#: Only these become part of a command: what a snapshot says is whoever's text made it.
OPTIONS: Final = ("--host-keys accept-new", "--ask-sudo-pass")


def remedy_lines(group: NotRead, retry: str | None) -> tuple[str | None, str]:
    """The command with the option of ours that lets the nodes be read, and what else can be done.

    Args:
        group: Nodes that were not read for one reason.
        retry: The command that reads the same nodes again; None where there is none.

    Returns:
        No command where no option of ours helps, or the command has it; the option is among the words then.
    """
    words = "" if group.remedy is None else plain(group.remedy)
    if group.option is None:
        return None, words
    if retry is not None and group.option in OPTIONS and f" {group.option}" not in retry:
        return f"{retry} {group.option}", words and f"or {words}"
    option = plain(group.option)
    return None, f"{option}; or {words}" if words else option
