"""Times functions of this process against one another: in turns, outputs checked equal first.

The time is CPU time of the process: nothing here waits, and what else the machine does must not count.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Target(NamedTuple):
    """`of` takes so much of the time of `than`: `at_most` of it, or `times_as_fast` at least."""

    of: str
    than: str
    at_most: float | None = None
    times_as_fast: float | None = None


def compare(
    title: str,
    candidates: Mapping[str, Callable[[], Any]],
    *,
    equal: Mapping[str, Callable[[Any], Any]],
    targets: tuple[Target, ...] = (),
    rounds: int = 7,
) -> bool:
    """Time the candidates and print a table.

    Args:
        title: What the corpus is.
        candidates: Name and function; each call does the whole work.
        equal: Per candidate how its output is brought into the form in which all must be equal. A candidate that is not
            named here (a bare pass that makes no values) is not compared.
        targets: What must hold; the median over the rounds counts.
        rounds: How often each runs; in every other round they run in reverse.

    Returns:
        Whether all targets are met.
    """
    forms = {name: form(candidates[name]()) for name, form in equal.items()}
    names = list(forms)
    for name in names[1:]:
        assert forms[name] == forms[names[0]], f"{name} and {names[0]} say different things"
    del forms
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(rounds):
        for name in list(candidates) if number % 2 == 0 else reversed(candidates):
            gc.collect()
            began = time.process_time()
            result = candidates[name]()
            times[name].append(time.process_time() - began)
            del result
    print(f"\n{title}")
    for name, taken in times.items():
        print(f"  {name:44}{statistics.median(taken) * 1000:10.1f} ms   from {min(taken) * 1000:.1f}")
    return all([_judge(target, times) for target in targets])  # noqa: C419 - each prints, so each must run


def _judge(target: Target, times: Mapping[str, list[float]]) -> bool:
    ratio = statistics.median(a / b for a, b in zip(times[target.of], times[target.than], strict=True))
    if target.at_most is not None:
        met, words = (
            ratio <= target.at_most,
            f"{ratio:.2f} times the time of {target.than} (at most {target.at_most:g})",
        )
    else:
        limit = target.times_as_fast or 0
        met, words = 1 / ratio >= limit, f"{1 / ratio:.2f} times as fast as {target.than} (at least {limit:g})"
    print(f"  {'ok  ' if met else 'MISS'} {target.of}: {words}", flush=True)
    return met
