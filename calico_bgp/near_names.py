"""Which name was probably meant where nothing has the one that was given, or which names there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from calico_bgp.natural_order import natural_key

_DIGITS = re.compile(r"[0-9]+")
#: How alike a slip and what was meant are at least; difflib's own 0.6 takes `master` for `worker`.
_ALIKE = 0.75
#: As many names fit a line.
_MOST_LISTED = 6
#: Of a longer text no name is a slip, and difflib's time grows with its square.
_LONGEST = 253


def near_name(name: str, names: Iterable[str]) -> str | None:
    """The one name that was probably meant; None where no one is near enough.

    node7 is no slip for node1: both are names somebody chose, so that the numbers in a name must be those given. A name
    may come without its domain, or with another one.
    """
    numbers, short = _numbers(name), name.partition(".")[0].casefold()
    alike = [other for other in names if _numbers(other.partition(".")[0]) == _numbers(name.partition(".")[0])]
    same = [other for other in alike if other.partition(".")[0].casefold() == short]
    if len(same) == 1:
        return same[0]
    alike = [other for other in alike if _numbers(other) == numbers]
    return next(iter(get_close_matches(name[:_LONGEST], alike, n=1, cutoff=_ALIKE)), None)


def or_which(name: str, names: Iterable[str]) -> str:
    """What follows `no node is called 'x'`: `; did you mean node1?`, else how many names there are, and which."""
    ordered = sorted(set(names), key=natural_key)
    near = near_name(name, ordered)
    if near is not None:
        return f"; did you mean {near}?"
    if not ordered:
        return "; there is none."
    listed = ", ".join(ordered[:_MOST_LISTED])
    if len(ordered) > _MOST_LISTED:
        return f"; there are {len(ordered):,}: {listed}, ..."
    return f"; there {'is' if len(ordered) == 1 else 'are'} {listed}."


def _numbers(name: str) -> list[str]:
    """01 and 1 are one number: leaving a zero out is a slip."""
    return [digits.lstrip("0") for digits in _DIGITS.findall(name)]
