"""Sets that have nothing in common, put together two by two until all that hangs together is one. Of no one room."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT", bound=Hashable)


class DisjointSets(Generic[ItemT]):
    """Sets of one item each, to begin with (union-find, with the paths halved).

    Args:
        items: All of them.
    """

    def __init__(self, items: Iterable[ItemT]) -> None:
        self._parent = {item: item for item in items}

    def root(self, item: ItemT) -> ItemT:
        """The item that stands for the whole set of one."""
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(self, one: ItemT, other: ItemT) -> None:
        """Put the sets of two items together."""
        self._parent[self.root(one)] = self.root(other)
