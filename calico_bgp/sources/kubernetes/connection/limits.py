"""How long a reading through the API may take, and how much may come. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take, in seconds, and how much may come.

    Attributes:
        connect: To connect and log in.
        request: For one answer; also for the start of an exec.
        list: For all pages of one list together.
        exec: For one command in a pod.
        output: Bytes of output of one command.
    """

    connect: float = 10.0
    request: float = 30.0
    list: float = 120.0
    exec: float = 20.0
    output: int = 8 * 2**20
