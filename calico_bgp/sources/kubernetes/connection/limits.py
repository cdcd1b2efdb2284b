"""How long a reading through the API may take, and how much may come. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass

_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class KubernetesLimits:
    """How long things may take, in seconds, and how much may come.

    Attributes:
        connect: To connect and log in.
        request: For one answer; also for the start of an exec.
        list: For all pages of one list together.
        exec: For one command in a pod.
        run: For all pods together; None for no limit. The lists, which come before, are not counted.
        output: Bytes of output of one command.
    """

    connect: float = 10.0
    request: float = 30.0
    list: float = 120.0
    exec: float = 20.0
    run: float | None = None
    output: int = 8 * 2**20

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: A number is out of its range.
        """
        for name in ("connect", "request", "list", "exec", "run"):
            seconds = getattr(self, name)
            if seconds is not None and not 0 < seconds <= _A_DAY:
                raise ValueError(f"{name} is more than 0 and at most {_A_DAY} seconds, not {seconds}")
        if self.output < 1:
            raise ValueError(f"output is at least 1 byte, not {self.output}")
