"""Finds the `Host` lines that may match a name without trying all of them. Whether one does match, patterns.py says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence


class HostIndex:
    """`Host` lines by the plain text with which their patterns begin or, where they begin with a wildcard, end.

    Args:
        lines: The patterns of each line; None for what may apply to every name.
    """

    def __init__(self, lines: Sequence[Sequence[str] | None]) -> None:
        self._always: set[int] = set()
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_head: dict[str, list[int]] = defaultdict(list)
        self._by_tail: dict[str, list[int]] = defaultdict(list)
        for number, patterns in enumerate(lines):
            if patterns is None:
                self._always.add(number)
                continue
            for pattern in patterns:
                if not pattern.startswith("!"):  # alone, a negated pattern matches nothing
                    self._add(number, pattern)
        self._head_lengths = sorted(set(map(len, self._by_head)))
        self._tail_lengths = sorted(set(map(len, self._by_tail)))

    def _add(self, number: int, pattern: str) -> None:
        head, *others = pattern.replace("?", "*").split("*")
        if not others:
            self._by_name[head].append(number)
        elif head:
            self._by_head[head].append(number)
        elif others[-1]:
            self._by_tail[others[-1]].append(number)
        else:
            self._always.add(number)

    def candidates(self, name: str) -> list[int]:
        """The numbers of the lines that may match a name, in order; every line that does match is among them."""
        return sorted({*self._always, *self._by_name.get(name, ()), *self._by_ends_of(name)})

    def _by_ends_of(self, name: str) -> Iterator[int]:
        for length in self._head_lengths:
            yield from self._by_head.get(name[:length], ())
        for length in self._tail_lengths:
            yield from self._by_tail.get(name[-length:], ())
