"""A fact that is a function of an object, worked out once for it. Knows no facts itself.

A room adds facts to what a room below it holds without that one knowing it: who learns whose routes is a function of
the cluster, in a room above the cluster's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar


class Remembers(Protocol):
    """What keeps facts that others worked out."""

    @property
    def memory(self) -> dict[object, Any]:
        """By the function that worked them out."""
        ...


HolderT = TypeVar("HolderT", bound=Remembers)
FactT = TypeVar("FactT")


def once(fact: Callable[[HolderT], FactT]) -> Callable[[HolderT], FactT]:
    """Make a function of an object remember in it what it gave, so that everybody may ask for it."""

    @wraps(fact)
    def remembered(holder: HolderT) -> FactT:
        if fact not in holder.memory:
            holder.memory[fact] = fact(holder)
        found: FactT = holder.memory[fact]
        return found

    return remembered
