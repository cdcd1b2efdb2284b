"""Measures whether twice the input costs at most three times as much.

Robust on a busy machine: CPU time, the least of several runs, tried again, and nothing is judged below a floor that no
noise reaches and nothing quadratic stays under.
"""

import gc
import time
from collections.abc import Callable

#: Seconds of CPU. What is quadratic takes seconds for 40,000 characters, and more than ten for 200,000.
FLOOR = 0.06
FULL = 200_000
_MOST = 3.0
_TRIES = 4


def assert_linear(run: Callable[[str], object], make: Callable[[int], str], full: int = FULL) -> None:
    """`run(make(size))` takes at most three times as long for twice the size.

    Small sizes come first: what is quadratic is found before it costs minutes.
    """
    size = full // 16
    while size < full:
        _assert_doubles(run, make, size)
        size *= 2


def _assert_doubles(run: Callable[[str], object], make: Callable[[int], str], size: int) -> None:
    half, whole = make(size), make(2 * size)
    ratios = []
    for attempt in range(_TRIES):
        runs = 1 + attempt // 2
        cost = min(_seconds(run, whole) for _ in range(runs))
        if cost < FLOOR:
            return
        least = min(_seconds(run, half) for _ in range(runs))
        ratios.append(cost / least)
        if ratios[-1] <= _MOST:
            return
    raise AssertionError(f"{2 * size:,} characters cost {min(ratios):.1f} times what {size:,} do, {cost:.2f} s of CPU")


def _seconds(run: Callable[[str], object], text: str) -> float:
    gc.disable()
    try:
        before = time.thread_time()
        run(text)
        return time.thread_time() - before
    finally:
        gc.enable()


def repeated(before: str, part: str, behind: str) -> Callable[[int], str]:
    """Makes texts of a size: `part` again and again between the two others."""
    return lambda size: before + part * ((size - len(before) - len(behind)) // len(part)) + behind
