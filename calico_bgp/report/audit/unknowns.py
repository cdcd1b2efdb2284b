"""What an answer about all nodes does not know, in words: nodes not read, and what resources leave open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.messages.words import count
from calico_bgp.report.text.names import short_names
from calico_bgp.report.text.sanitize import plain


class Unknowns(NamedTuple):
    """What is not known; false when that is nothing.

    Attributes:
        nodes: (node, why) of those that could not be read, or only in part.
        doubts: Why even what was read may not be how it is, a few words each.
    """

    nodes: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.doubts)

    @property
    def words(self) -> str:
        """All of it in short: `3 nodes not read; BIRD refuses a configuration`."""
        unread = (f"{count(len(self.nodes), 'node')} not read",) if self.nodes else ()
        return "; ".join((*unread, *map(plain, self.doubts)))

    def node_lines(self, *, most: int | None = None) -> Iterator[str]:
        """Who was not read, a line a reason.

        Args:
            most: Characters for the names in a line; None for any number.
        """
        reasons: dict[str, list[str]] = {}
        for node, why in self.nodes:
            reasons.setdefault(plain(why), []).append(node)
        for why, nodes in reasons.items():
            yield f"{short_names(nodes, most=most)}: {why}"


#: Nothing is unknown.
NOTHING = Unknowns()
