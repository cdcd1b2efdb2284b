"""Follow one route from the node that announces it, session by session, to a node or to a peer outside.

The sessions and BGP's own rules are those of the model of propagation (routes.computed); what filters and export rules
do is worked out for this very route, with the attributes that it has at each step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.explanation import refusal_words
from calico_bgp.routes.computed.propagation import Reachability
from calico_bgp.routes.computed.rules import Refusal, pass_on
from calico_bgp.routes.computed.rules import Route as Path
from calico_bgp.routes.network.holding.filters import FILTERS_DOUBT, IN_PART
from calico_bgp.routes.network.holding.held import NO_KIND
from calico_bgp.routes.network.wiring import Port, Wiring
from calico_bgp.routes.path.hop import Hop, Trace, Verdict
from calico_bgp.routes.path.origin import Origin
from calico_bgp.routes.path.policy import RoutePolicy
from calico_bgp.routes.policy.route import DEFAULT_PREFERENCE, Route, Source

#: So many paths of one route are followed at most; beyond it, what did not arrive yet is not known.
_MOST_PATHS = 5_000
_MOST_STOPS = 8


@dataclass(frozen=True)
class _At:
    """The route at a node.

    Attributes:
        path: As BGP's rules look at it.
        route: As filters do.
        hops: How it came.
        is_certain: Whether it is there for certain.
    """

    path: Path
    route: Route
    hops: tuple[Hop, ...]
    is_certain: bool

    @property
    def key(self) -> object:
        path = self.path
        return path.node, path.port, path.as_bits, path.clusters, path.originator, path.next_hop, self.route


def trace(reach: Reachability, policy: RoutePolicy, origin: Origin, node: str, target: str) -> Trace:
    """Follow a route.

    Args:
        reach: The sessions.
        policy: What their ends do.
        origin: The route, as it is where it begins.
        node: Where it begins.
        target: A node, or an external peer's address.
    """
    nodes = [name for name in (node, target) if name in reach.nodes]
    certain, possible = reach.wirings(*nodes, kind=NO_KIND)
    search = _Search(certain, possible, policy, target)
    search.run(_At(Path(node), origin.route, (), is_certain=True))
    stops = () if search.arrived is not None else tuple(search.stops())
    return Trace(
        prefix=origin.route.prefix,
        family=reach.family,
        origin=node,
        target=target,
        source=origin.source,
        answer=search.answer,
        way=search.arrived.hops if search.arrived is not None else search.nearest,
        stops=stops,
        notes=(*origin.notes, *search.notes(stops), *_notes(reach)),
    )


def _notes(reach: Reachability) -> Iterator[str]:
    """What the sessions rest on; what filters do is worked out here anew."""
    for note in reach.assumptions:
        if note != IN_PART and not note.startswith(FILTERS_DOUBT):
            yield note


class _Search:
    """The walk: every node's routes go out of all its sessions, the shortest ways first."""

    def __init__(self, certain: Wiring, possible: Wiring, policy: RoutePolicy, target: str) -> None:
        self._standing = {(p.node, p.far, p.end.settings.local_as) for ports in certain.ports.values() for p in ports}
        self._wiring = possible
        self._policy = policy
        self._target = target
        self._refused: list[tuple[_At, Hop]] = []
        self._is_cut_short = False
        self.arrived: _At | None = None
        self.nearest: tuple[Hop, ...] = ()

    @property
    def answer(self) -> Answer:
        """Whether the route arrives."""
        if self.arrived is None:
            return Answer.PERHAPS if self._is_cut_short else Answer.NO
        return Answer.YES if self.arrived.is_certain else Answer.PERHAPS

    def run(self, start: _At) -> None:
        """Walk until the route is at the target for certain, or everywhere where it gets."""
        queue, met = deque([start]), {start.key}
        if start.path.node == self._target:
            self.arrived = start
            return
        while queue:
            at = queue.popleft()
            for port in self._ports(at.path.node):
                new = self._offer(at, port)
                if new is None or new.key in met:
                    continue
                met.add(new.key)
                if port.far == self._target:
                    if self.arrived is None or new.is_certain:
                        self.arrived = new
                    if new.is_certain:
                        return
                else:
                    queue.append(new)
            if len(met) > _MOST_PATHS:
                self._is_cut_short = True
                return

    def _ports(self, node: str) -> Iterator[Port]:
        yield from self._wiring.ports[node]
        for port in self._wiring.exits.get(node, ()):
            if port.far == self._target:
                yield port

    def _offer(self, at: _At, out: Port) -> _At | None:
        """The route at the far end of a session, None where it does not get there."""
        passed = pass_on(at.path, out)
        settings, arrival = out.end.settings, out.opposite.end.settings
        stands = out.far not in self._wiring.ports or (out.node, out.far, settings.local_as) in self._standing
        if isinstance(passed, Refusal):
            words = refusal_words(passed, at.path, out, NO_KIND)
            self._refuse(at, Hop(out.node, out.far, words, False, None, None, stands, False, None))
            return None
        offered = _why_offered(at.path, out)
        export, route = self._policy.export(
            out.node, out.far, at.route, local_as=settings.local_as, peer_as=settings.peer_as
        )
        if export.accepted is False:
            self._refuse(at, Hop(out.node, out.far, offered, True, export, None, stands, False, None))
            return None
        route = replace(route, source=Source.BGP, interface="", metric=None)
        if not out.internal:
            route = replace(route, local_pref=DEFAULT_PREFERENCE)
        incoming: Verdict | None = None
        if out.far in self._wiring.ports:
            incoming, route = self._policy.incoming(
                out.far, out.node, route, local_as=arrival.local_as, peer_as=arrival.peer_as
            )
            if incoming.accepted is False:
                self._refuse(at, Hop(out.node, out.far, offered, True, export, incoming, stands, False, None))
                return None
        is_known = export.accepted is True and (incoming is None or incoming.accepted is True) and stands
        is_certain = at.is_certain and is_known
        arrives = True if is_certain else None
        hop = Hop(out.node, out.far, offered, True, export, incoming, stands, arrives, route)
        return _At(passed, route, (*at.hops, hop), is_certain)

    def _refuse(self, at: _At, hop: Hop) -> None:
        self._refused.append((at, hop))

    def stops(self) -> Iterator[Hop]:
        """Where the route stops nearest to the target; `nearest` is then the way to the first of them."""
        near = self._distances()
        # Whoever has the route refuses to give it back.
        reached = {at.path.node for at, _ in self._refused}
        ends = [(at, hop) for at, hop in self._refused if hop.far in near and hop.far not in reached]
        if not ends:
            return
        least = min(near[hop.far] for _, hop in ends)
        reported: dict[object, None] = {}
        for at, hop in ends:
            if near[hop.far] == least and len(reported) < _MOST_STOPS and hop not in reported:
                if not reported:
                    self.nearest = at.hops
                reported[hop] = None
                yield hop

    def notes(self, stops: Collection[Hop]) -> Iterator[str]:
        """What else is to be said of the answer."""
        if self.arrived is None and self._is_cut_short:
            yield f"more than {_MOST_PATHS} paths were found, and the rest was not followed"
        elif self.arrived is None and not stops:
            yield f"no chain of sessions leads to {self._target}"

    def _distances(self) -> dict[str, int]:
        distance, waiting = {self._target: 0}, deque([self._target])
        neighbours: dict[str, list[str]] = {}
        for node, ports in self._wiring.ports.items():
            for port in (*ports, *self._wiring.exits.get(node, ())):
                neighbours.setdefault(port.far, []).append(node)
        while waiting:
            name = waiting.popleft()
            for other in neighbours.get(name, ()):
                if other not in distance:
                    distance[other] = distance[name] + 1
                    waiting.append(other)
        return distance


def _why_offered(path: Path, out: Port) -> str:
    """Why BGP lets a node pass a route on."""
    source = path.port
    if source is None:
        return "it is its own"
    if source.internal and out.internal and source.local_as == out.local_as:
        if source.client:
            return f"as a reflector, for it came from its client {source.far}"
        return f"as a reflector, for {out.far} is its client"
    if not source.internal:
        return f"it came over eBGP from {source.far}"
    return f"over eBGP, where it came from {source.far}"
