"""Where the routes of one class of nodes arrive, over what is certain, over what is possible and through unknowns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from calico_bgp.routes.computed.rules import Refusal, Route, pass_on
from calico_bgp.routes.computed.spread import Spread, spread
from calico_bgp.routes.network.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Where the routes of one class arrive: bit n is class n. Its own bit is about the others of the class.

    Attributes:
        yes: Over what is certain.
        possible: Over what is possible.
        leaves: Whether they are given to an unknown, which may bring them back anywhere.
        relies_on: The classes through which the ways lead.
    """

    yes: int
    possible: int
    leaves: bool
    relies_on: frozenset[int]


def arrivals_of(certain: Wiring, possible: Wiring, origin: str, class_of: Mapping[str, int]) -> Arrivals:
    """Follow the routes of one node to wherever they get."""
    on_certain = follow(certain, origin)
    on_possible = on_certain if possible is certain else follow(possible, origin)
    relies_on = on_certain.transit() | on_possible.transit()
    leaving = next(ways_out(possible, on_possible), None)
    if leaving is None and possible.exits and possible.monotone:
        # What was followed is enough to say who learns the route, perhaps not enough to say where else it goes.
        leaving = next(ways_out(possible, spread(possible, [Route(origin)])), None)
    if leaving is not None:
        relies_on |= {route.node for route in leaving.way()}
    everyone = (1 << (max(class_of.values()) + 1)) - 1
    return Arrivals(
        yes=_mask(on_certain.first, class_of, origin) if on_certain.settled else 0,
        possible=_mask(on_possible.first, class_of, origin) if on_possible.settled else everyone,
        leaves=leaving is not None,
        relies_on=frozenset(class_of[node] for node in relies_on),
    )


def brought_in(wiring: Wiring, class_of: Mapping[str, int]) -> int:
    """The classes that learn what unknowns may bring."""
    return _mask(bring_in(wiring).first, class_of)


def follow(wiring: Wiring, origin: str) -> Spread:
    """Follow one node's own route until every node has it that any chain of sessions leads to."""
    return spread(wiring, [Route(origin)], enough=_connected(wiring, origin))


def bring_in(wiring: Wiring) -> Spread:
    """Follow what unknowns may bring, all of them at once, from wherever it comes."""
    exits = [port for ports in wiring.exits.values() for port in ports if port.takes]
    return spread(wiring, [Route(port.node, port, next_hop=port.opposite.address) for port in exits])


def ways_out(wiring: Wiring, followed: Spread) -> Iterator[Route]:
    """The routes that are given to unknowns."""
    for node, ports in wiring.exits.items():
        for route in followed.routes(node):
            if any(not isinstance(pass_on(route, port), Refusal) for port in ports):
                yield route


def _connected(wiring: Wiring, origin: str) -> set[str]:
    connected, waiting = {origin}, [origin]
    while waiting:
        for port in wiring.ports[waiting.pop()]:
            if port.far not in connected:
                connected.add(port.far)
                waiting.append(port.far)
    return connected


def _mask(nodes: Iterable[str], class_of: Mapping[str, int], origin: str | None = None) -> int:
    mask = 0
    for node in nodes:
        if node != origin:
            mask |= 1 << class_of[node]
    return mask
