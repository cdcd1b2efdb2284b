"""Finds the command line in a paste and the node that its prompt or its ssh names. Nothing about its output."""

from __future__ import annotations

import re
from typing import NamedTuple

# Longer lines are no command lines.
_LONGEST = 400

# Words are taken whole and options counted: a line is untrusted, and no part of it may be tried again and again.
_COMMAND = re.compile(r"(?<!\S)(?=\S*?\bcalicoctl)\S++\s++(?:-\S++\s++){0,20}+(?:node\s++)?status\b", re.IGNORECASE)
# What may stand between the prompt and the command: sudo and its like with their options, and assignments.
_BEFORE_COMMAND = re.compile(
    r"(?<!\s)\s*+(?:(?:sudo|doas|env|time|watch|exec|nohup)\b(?:\s++-\S++)*+|(?<![A-Z_])[A-Z_]++=\S*+)"
)
_MARK = r"[#$%>\u276f\u279c\u00bb\u03bb]"  # the last four are fashionable
_PROMPT_END = re.compile(_MARK + r"\s*$")
_SSH = re.compile(
    r"\bssh\s++(?:-[bcDEeFIiJLlmOopQRSWw](?:\S++|\s++\S++)\s++|-\S++\s++){0,30}+"
    r"(?:[^\s@]++@)?(?P<host>\[?[A-Za-z0-9][\w.:-]*+)\]?(?=\s|$)"
)
_HOST = (
    re.compile(r"(?<![\w.+-])[\w.+-]++@(?P<host>[A-Za-z0-9][\w.-]*)"),  # root@node1:~#
    re.compile(r"^\W{0,3}\[(?P<host>[A-Za-z0-9][\w.-]*)(?:\s[^\]]*)?\]"),  # [node1 ~]#
    re.compile(r"^\s*(?P<host>[A-Za-z0-9][\w.-]*)(?::\S*)?\s*" + _MARK),  # node1:~ #
)
# `node1 | CHANGED | rc=0 >>` of ansible, `==> node1 <==` of tail and salt.
_HEADERS = (
    re.compile(r"^\s*(?P<host>[A-Za-z0-9][\w.-]*) \| (?:CHANGED|SUCCESS|FAILED!?)\b.*$"),
    re.compile(r"^\s*==> ?(?P<host>[A-Za-z0-9][\w.-]*) ?<==$"),
)
# Shells that do not say where they run (`sh-4.2#`, `bash-5.1$`), and names that are every machine's.
_NO_NAME = re.compile(r"(?:ba|da|k|z)?sh(?:-[\d.]+)?|localhost(?:\.localdomain)?|calicoctl|root|\d+", re.IGNORECASE)


class CommandLine(NamedTuple):
    """A line that begins a node's output; `node` is None where it does not name the node."""

    node: str | None


def read_command_line(line: str) -> CommandLine | None:
    """The command line `... calicoctl node status`, or a tool's header above a host's output.

    Returns:
        None for every other line, prose that mentions the command included.
    """
    if len(line) > _LONGEST:
        return None
    for header in _HEADERS:
        if (found := header.match(line)) is not None:
            return CommandLine(_name(found["host"]))
    command = _COMMAND.search(line)
    if command is None:
        return None
    before = line[: command.start()]
    if (ssh := _SSH.search(before)) is not None:
        return CommandLine(_name(ssh["host"].strip("[]")))
    if "--" in before.split():
        return CommandLine(None)  # kubectl exec, docker exec: the prompt is not the node's
    before = _without_sudo(before)
    if not before:
        return CommandLine(None)
    if _PROMPT_END.search(before) is None and not before.endswith("]"):
        return None
    for pattern in _HOST:
        if (found := pattern.search(before)) is not None:
            return CommandLine(_name(found["host"]))
    return CommandLine(None)


def _without_sudo(before: str) -> str:
    """What stands before the command, without the words of `_BEFORE_COMMAND` at its end."""
    before = before.rstrip()
    begin = end = len(before)
    for found in _BEFORE_COMMAND.finditer(before):
        begin = begin if found.start() == end else found.start()
        end = found.end()
    return before[:begin].rstrip() if end == len(before) else before


def _name(host: str) -> str | None:
    return None if _NO_NAME.fullmatch(host) else host
