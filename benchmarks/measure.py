"""Runs a program and says what it cost: wall time, CPU of the whole process tree, peak memory of the biggest."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds, and MiB."""

    wall: float
    cpu: float
    memory: float
    exit_code: int


def run(
    command: Sequence[str | Path],
    *,
    output: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 300,
) -> Cost:
    """Run to the end; CPU counts user and system time of the program and of everything that it waited for."""
    with open(output or os.devnull, "wb") as stdout:  # noqa: PTH123
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=None if env is None else dict(env),
        )
        limit = threading.Timer(seconds, process.kill)
        limit.start()
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        limit.cancel()
    wall = time.monotonic() - began
    process.returncode = code = os.waitstatus_to_exitcode(status)
    # 1 is also the code of a traceback: a bound that fails at once must not pass for a fast one.
    if code not in (0, 1, 3) or b"Traceback (most recent call last)" in errors:
        raise RuntimeError(f"{command[0]} ended with {code}: {errors.decode(errors='replace')[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, code)


def compile_package() -> None:
    """Compile calico_bgp to bytecode, as pip does with what it installs; what it depends on is compiled already."""
    compileall.compile_dir(Path(__file__).parents[1] / "calico_bgp", quiet=1)


def interleave(rounds: int, candidates: Mapping[str, Callable[[], Cost]]) -> dict[str, list[Cost]]:
    """Let each candidate run in turn, so that what else the machine does meets all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in candidates}
    for number in range(rounds):
        order = list(candidates)
        for name in order if number % 2 == 0 else reversed(order):
            costs[name].append(candidates[name]())
    return costs


def median(costs: Sequence[Cost], field: str) -> float:
    return statistics.median(getattr(cost, field) for cost in costs)
