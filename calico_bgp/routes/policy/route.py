"""A route as a filter of BIRD sees it. Values only; what is done with it is in bgp_filter.py and export.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from calico_bgp.prefixes import Prefix

#: What a priority and BGP's local preference add up to (confd's bird templates, from v3.32).
LARGEST_PREFERENCE = 2_147_483_647
#: The priority of a route that has none (`ipv4NormalRoutePriority`, v3.32).
NORMAL_PRIORITY = 1024
#: BGP's own default (RFC 4277 names none; BIRD's `default bgp_local_pref`), and Calico's up to v3.31.
DEFAULT_PREFERENCE = 100


class Source(StrEnum):
    """Which of BIRD's protocols a route comes from."""

    BGP = "bgp"
    STATIC = "static"
    KERNEL = "kernel"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Route:
    """One path to a prefix.

    Attributes:
        prefix: What it leads to.
        source: Where BIRD has it from.
        interface: The outgoing interface; empty for a blackhole.
        metric: The kernel's metric of a kernel route; None when it has none.
        local_pref: BGP's local preference.
        as_path: AS numbers, the nearest first; empty for an own route.
        communities: Of two and of three numbers, as they stand on the route.
    """

    prefix: Prefix
    source: Source = Source.BGP
    interface: str = ""
    metric: int | None = None
    local_pref: int = DEFAULT_PREFERENCE
    as_path: tuple[int, ...] = ()
    communities: tuple[tuple[int, ...], ...] = ()

    @property
    def priority(self) -> int:
        """Calico's priority; lower is better."""
        return LARGEST_PREFERENCE - self.local_pref

    def with_priority(self, priority: int) -> Route:
        """The same with another priority."""
        return replace(self, local_pref=LARGEST_PREFERENCE - priority)
