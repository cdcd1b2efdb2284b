"""Asks a BIRD at its socket, as birdc does. It knows no cluster."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.rig.machines.cell import RigError


def ask(path: Path, command: str, *, who: str, may_refuse: bool = False) -> str:
    """BIRD's answer to a command, with the reply codes of the bare socket.

    Args:
        path: The socket, as seen from here.
        command: The command.
        who: What an error calls this BIRD.
        may_refuse: Whether the answer ends where BIRD refuses: of a network that is in no table, for example.

    Raises:
        RigError: BIRD does not answer within seconds, or refuses the command.
    """
    lines = []
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(path))
            connection.sendall(f"{command}\n".encode())
            for line in connection.makefile("r"):
                if line[:1] in "89" and not may_refuse:
                    raise RigError(f"{who}: {command}: {line.strip()}")
                # 0001 is the greeting; other codes that begin with 0 end the answer (doc/reply_codes).
                if line[:1] in "089" and not line.startswith("0001"):
                    break
                lines.append(line)
    except OSError as error:
        raise RigError(f"{who}: {command}: {error}") from error
    return "".join(lines)


def ask_lines(path: Path, command: str, *, who: str) -> list[str]:
    """The lines of an answer without the reply codes, up to where BIRD refuses."""
    answer = ask(path, command, who=who, may_refuse=True)
    return [line[5:].rstrip() if line[:4].isdigit() else line.strip() for line in answer.splitlines()]
