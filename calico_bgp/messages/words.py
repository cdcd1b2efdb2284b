"""Small words of messages: numbers with their nouns, and long lists cut short."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 5


def count(number: int, noun: str) -> str:
    """`1 node`, `2 nodes`, `3 addresses`."""
    return f"{number:,} {noun if number == 1 else several_of(noun)}"


def every(number: str | int, noun: str = "") -> str:
    """`both`, `all 3`, with a noun `the one peer`, `both peers`, `all 3 peers`; of `its peer` `all its 3 peers`."""
    its, noun = ("its ", noun.removeprefix("its ")) if noun.startswith("its ") else ("", noun)
    if number == 1:
        return f"{its or 'the '}one {noun}".rstrip()
    figure = f"{number:,}" if isinstance(number, int) else number
    which = f"both {its}" if number == 2 else f"all {its}{figure} "
    return f"{which}{several_of(noun) if noun else ''}".rstrip()


def routes_lost(number: int, *, certain: bool = True) -> str:
    """`2 routes are lost because of it`, `no route is ...`; a route is one node's way to another's pods."""
    if number == 0:
        return "no route is lost because of it"
    perhaps = "" if certain else "perhaps "
    return f"{number:,} {'route is' if number == 1 else 'routes are'} {perhaps}lost because of it"


def several_of(noun: str) -> str:
    """`nodes`, `addresses`."""
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def some(names: Sequence[object], most: int = _SHOWN) -> str:
    """The first few names, and how many more there are: `a, b and 7 more`."""
    first = ", ".join(map(str, names[:most]))
    return first if len(names) <= most else f"{first} and {len(names) - most:,} more"


def first_lines(lines: Sequence[str], most: int) -> tuple[str, ...]:
    """The first few lines, and one that says how many more there are."""
    return tuple(lines) if len(lines) <= most else (*lines[:most], f"and {len(lines) - most:,} more")


def listed(names: Sequence[str]) -> str:
    """All names: `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def plural(names: Sequence[object]) -> str:
    """The `s` of several."""
    return "" if len(names) == 1 else "s"
