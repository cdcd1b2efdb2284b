"""A table that equals another one except at some networks: as mappings of networks to routes. Judges nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from calico_bgp.model.routes.kernel_route import KernelRoute
from calico_bgp.model.routes.table import TableRoute, leads_through_gateway
from calico_bgp.prefixes import Prefix

_RouteT = TypeVar("_RouteT", bound=TableRoute | KernelRoute)


class Overlay(Mapping[Prefix, tuple[_RouteT, ...]]):
    """A table that equals another one except at some networks."""

    def __init__(
        self, base: Mapping[Prefix, tuple[_RouteT, ...]], changed: Mapping[Prefix, tuple[_RouteT, ...]]
    ) -> None:
        self._base, self._changed = base, changed

    def __getitem__(self, prefix: Prefix) -> tuple[_RouteT, ...]:
        routes = self._changed.get(prefix)
        if routes is None:
            return self._base[prefix]
        if not routes:
            raise KeyError(prefix)
        return routes

    def __iter__(self) -> Iterator[Prefix]:
        yield from (prefix for prefix in self._base if self._changed.get(prefix) != ())
        yield from (prefix for prefix, routes in self._changed.items() if routes and prefix not in self._base)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def by_prefix(routes: Iterable[_RouteT]) -> dict[Prefix, tuple[_RouteT, ...]]:
    """The routes to each network, in their order."""
    routes_to: dict[Prefix, list[_RouteT]] = defaultdict(list)
    for route in routes:
        routes_to[route.prefix].append(route)
    return {prefix: tuple(each) for prefix, each in routes_to.items()}


def changed_at(
    base: Mapping[Prefix, tuple[_RouteT, ...]],
    not_shared: Collection[Prefix],
    own: Mapping[Prefix, tuple[_RouteT, ...]],
    without: Iterable[_RouteT],
) -> dict[Prefix, tuple[_RouteT, ...]]:
    """Network → its routes, of each network at which the two tables differ.

    Args:
        base: The other table.
        not_shared: The networks to which it has routes through no gateway, which are nobody else's.
        own: What is in no other table.
        without: What is in the other one's only.
    """
    removed = by_prefix(without)
    changed = {}
    for prefix in {*own, *removed, *not_shared}:
        remaining = [route for route in base.get(prefix, ()) if leads_through_gateway(route)]
        for route in removed.get(prefix, ()):
            remaining.remove(route)
        changed[prefix] = (*remaining, *own.get(prefix, ()))
    return changed
