"""How many nodes must be lost before one node no longer learns another's routes."""

from __future__ import annotations

from dataclasses import dataclass

from calico_bgp.routes.computed.rules import Route
from calico_bgp.routes.computed.spread import spread
from calico_bgp.routes.network.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Redundancy:
    """What stands between a pair and its loss.

    Attributes:
        learner: Who learns.
        origin: Whose routes.
        direct: Whether the two peer with one another, so that the loss of no other node cuts them off.
        at_least: So many nodes must be lost; 0 when the pair is cut off already. Of no meaning when `direct`.
        nodes: One smallest set of nodes whose loss cuts the pair off, sorted; None when it is larger than was looked
            for, or `direct`.
    """

    learner: str
    origin: str
    direct: bool
    at_least: int
    nodes: tuple[str, ...] | None


def redundancy(wiring: Wiring, learner: str, origin: str, limit: int) -> Redundancy:
    """Find the fewest nodes whose loss cuts a pair off, looking for at most `limit`."""
    if learner == origin:
        return Redundancy(learner, origin, direct=True, at_least=0, nodes=None)
    for number in range(limit + 1):
        cut = _cut(wiring, learner, origin, frozenset(), number)
        if cut is not None:
            return Redundancy(learner, origin, direct=False, at_least=number, nodes=tuple(sorted(cut)))
        if number == 0 and _way(wiring, learner, origin, frozenset()) == ():
            return Redundancy(learner, origin, direct=True, at_least=0, nodes=None)
    return Redundancy(learner, origin, direct=False, at_least=limit + 1, nodes=None)


def _cut(wiring: Wiring, learner: str, origin: str, gone: frozenset[str], number: int) -> frozenset[str] | None:
    """The nodes to lose, at most `number` more of them; every cut has a node of every way."""
    way = _way(wiring, learner, origin, gone)
    if way is None:
        return gone
    if number == 0:
        return None
    for node in way:
        cut = _cut(wiring, learner, origin, gone | {node}, number - 1)
        if cut is not None:
            return cut
    return None


def _way(wiring: Wiring, learner: str, origin: str, gone: frozenset[str]) -> tuple[str, ...] | None:
    """The nodes between the two on one way; None when there is none."""
    followed = spread(wiring, [Route(origin)], enough=[learner], gone=gone)
    if learner not in followed.first:
        return None
    return tuple(route.node for route in followed.first[learner].way()[1:-1])
