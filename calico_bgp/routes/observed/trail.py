"""Where packets go, as forwarding.py finds it. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.model.routes.table import TableRoute
from calico_bgp.prefixes import Prefix


class Leads(IntEnum):
    """Whether packets arrive, the worst last."""

    THERE = 0
    OUTSIDE = 1
    """To something that is no node, of which no table was read."""
    NOWHERE = 2


class Why(NamedTuple):
    """Why it is not known whether packets arrive.

    Attributes:
        because: In words.
        gateway: What is outside, where that is why.
    """

    because: str
    gateway: Address | None = None


class Trail(NamedTuple):
    """Where packets go.

    Attributes:
        leads: Whether they arrive.
        at: The node at which they leave what is known; None where they arrive.
        gateway: What is outside.
        because: In words.
        by: The route that leads outside; wider than the block where the node has none of its own for it.
        is_open: Whether it may lead there for all that is known: by a wider route only to a machine that may have been
            told of the block.
        over: The nodes on the way, without the first one; where the way is a circle, some of them.
    """

    leads: Leads
    at: str | None = None
    gateway: Address | None = None
    because: str = ""
    by: Prefix | None = None
    is_open: bool = False
    over: tuple[str, ...] = ()

    @property
    def is_led(self) -> bool:
        """Whether packets are led on, or may be for all that is known, by a route beside BIRD's."""
        return self.leads is Leads.THERE or (self.leads is Leads.OUTSIDE and self.is_open)

    @property
    def doubt(self) -> Why | None:
        """Why it is not known whether packets arrive; None where it is."""
        if self.leads is not Leads.OUTSIDE:
            return None
        if self.gateway is None:
            return Why(self.because)
        because = f"packets go to {self.gateway}, which is no node: whether it leads on to the pods no table tells"
        return Why(because, self.gateway)


THERE = Trail(Leads.THERE)


def told_with(because: str, trail: Trail | None) -> str:
    """What tells where a route stops, and where packets go instead by a wider route."""
    more = "" if trail is None or trail.by is None else trail.because
    return "; ".join(filter(None, (because, more)))


def gateways_of(paths: Iterable[TableRoute]) -> set[Address]:
    """The next hops of paths."""
    return {gateway for path in paths for gateway in (path.gateway, *path.hops) if gateway is not None}
