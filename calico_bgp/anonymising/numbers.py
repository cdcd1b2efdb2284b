"""Public AS numbers that become such for documentation (RFC 5398). Private ones (RFC 6996) name nobody and stay."""

from __future__ import annotations

from itertools import chain, count

_EXAMPLES = (range(64496, 64511 + 1), range(65536, 65552))


class ASNumbers:
    """AS number → AS number, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._new: dict[int, int] = {}
        # Where one cluster has more than 32 public ones, private ones that nobody gives follow.
        self._free = chain(*_EXAMPLES, count(4_294_900_000))

    def number(self, number: int) -> int:
        """Its new one; the same number always becomes the same."""
        if not _is_public(number):
            return number
        if number not in self._new:
            self._new[number] = next(self._free)
        return self._new[number]


def _is_public(number: int) -> bool:
    return 0 < number < 64496 or 65552 <= number < 4_200_000_000
