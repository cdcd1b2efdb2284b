"""Why a node learns another's routes, or why not, in words for people. Decides nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.arrivals import bring_in, ways_out
from calico_bgp.routes.computed.rules import Refusal, Route, pass_on
from calico_bgp.routes.computed.spread import Spread, offered, spread
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.wiring import Port, Wiring

#: So many reasons are told at most.
_REASONS = 8


@dataclass(frozen=True, slots=True)
class Explanation:
    """What becomes of one node's routes on the way to another.

    Attributes:
        learner: Who learns, or does not.
        origin: Whose routes.
        family: The family.
        answer: Whether it learns them.
        way: The nodes along the shortest way, `origin` first and `learner` last; empty where there is none. Where it
            leads through unknowns, they are called by their addresses.
        path: The same in words, `c1 → reflector r2 (client → client) → c3`; empty where there is none.
        reasons: What stops the routes nearest to the learner, or why it is only perhaps; sorted.
    """

    learner: str
    origin: str
    family: Family
    answer: Answer
    way: tuple[str, ...]
    path: str
    reasons: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it in a line: the path, else the reasons."""
        reasons = "; ".join(self.reasons)
        return f"{self.path} ({reasons})" if self.path and reasons else self.path or reasons


def explain(
    network: Network,
    certain: Wiring,
    possible: Wiring,
    *,
    learner: str,
    origin: str,
    answer: Answer,
    kind: int,
) -> Explanation:
    """Follow the routes of `origin` again and tell what happens to them.

    Args:
        network: The sessions.
        certain: What is certain, with both nodes among its nodes.
        possible: What is possible, likewise.
        learner: Who learns, or does not.
        origin: Whose routes.
        answer: The answer to be explained.
        kind: The kind of blocks that is followed, for which both wirings are.
    """

    def explained(way: tuple[str, ...] = (), path: str = "", *reasons: str) -> Explanation:
        return Explanation(learner, origin, network.family, answer, way, path, reasons)

    if learner == origin:
        return explained((origin,), origin, "its own routes")
    followed = spread(certain if answer is Answer.YES else possible, [Route(origin)])
    arrived = followed.first.get(learner)
    if answer is not Answer.NO and arrived is not None:
        way = arrived.way()
        unsure = () if answer is Answer.YES else _doubts(followed, certain, way, kind)
        return explained(_nodes(way), _path(way), *unsure)
    if answer is Answer.PERHAPS:
        return explained(*_through_unknowns(possible, followed, learner))
    return explained((), "", *_reasons(possible, followed, learner, kind))


def _nodes(way: tuple[Route, ...]) -> tuple[str, ...]:
    return tuple(route.node for route in way)


def _path(way: tuple[Route, ...]) -> str:
    return " → ".join(_stop(route, after) for route, after in zip(way, (*way[1:], None), strict=True))


def _stop(route: Route, after: Route | None) -> str:
    """A node on the way; one in between with the part that it plays."""
    arrived = route.port
    if arrived is None or after is None or after.port is None:
        return route.node
    out = after.port.opposite
    if arrived.internal and out.internal and arrived.local_as == out.local_as:
        return f"reflector {route.node} ({_side(arrived)} → {_side(out)})"
    return f"{route.node} ({_kind(arrived)} → {_kind(out)})"


def _side(port: Port) -> str:
    return "client" if port.client else "peer"


def _kind(port: Port) -> str:
    return "iBGP" if port.internal else f"eBGP AS {port.end.settings.peer_as}"


def _doubts(followed: Spread, certain: Wiring, way: tuple[Route, ...], kind: int) -> tuple[str, ...]:
    if not followed.settled:
        return ("the nodes without add-paths do not come to one choice",)
    return _held_perhaps(certain, way, kind) or ("rests on sessions or settings that are not known for certain",)


def _held_perhaps(certain: Wiring, way: tuple[Route, ...], kind: int) -> tuple[str, ...]:
    """What of the sessions on a way may hold the route back."""
    texts: dict[str, None] = {}
    for route, after in pairwise(way):
        for out in certain.ports[route.node]:
            if out.far != after.node:
                continue
            step = "own" if route.port is None else "learned"
            for port, name in ((out, step), (out.opposite, "incoming")):
                held = port.end.settings.held
                if held is not None and (text := held.why(name, kind)):
                    texts[f"{text} may hold it back between {route.node} and {after.node}"] = None
    return tuple(texts)


def _through_unknowns(possible: Wiring, followed: Spread, learner: str) -> tuple[tuple[str, ...], str, str]:
    """(way, path, reason) where only what passes through unknowns can arrive."""
    out = next(ways_out(possible, followed)).way()
    into = bring_in(possible).first[learner].way()
    giver = next(p.far for p in possible.exits[out[-1].node] if not isinstance(pass_on(out[-1], p), Refusal))
    entry = into[0].port
    assert entry is not None
    outside = (giver,) if giver == entry.far else (giver, entry.far)
    path = f"{_path(out)} → {' ⋯ '.join(outside)} → {_path(into)}"
    reason = (
        f"{' and '.join(outside)} {'is no node' if len(outside) == 1 else 'are no nodes'}: what passes is not known"
    )
    return (*_nodes(out), *outside, *_nodes(into)), path, reason


def _reasons(wiring: Wiring, followed: Spread, learner: str, kind: int) -> tuple[str, ...]:
    """What stops the route, told at the place that is nearest to the learner."""
    near = _distances(wiring, learner)
    refused: dict[int, set[str]] = {}
    for node in followed.first:
        for port in wiring.ports[node]:
            if port.far not in followed.first and port.far in near:
                refused.setdefault(near[port.far], set()).update(_refusals(followed, node, port, kind))
    if refused:
        return tuple(sorted(refused[min(refused)])[:_REASONS])
    for name in (learner, *followed.first):
        if not wiring.ports[name]:
            return (f"{name} has no session",)
    return (f"no chain of sessions leads to {learner}",)


def _distances(wiring: Wiring, learner: str) -> dict[str, int]:
    distance, waiting = {learner: 0}, deque([learner])
    while waiting:
        node = waiting.popleft()
        for port in wiring.ports[node]:
            if port.far not in distance:
                distance[port.far] = distance[node] + 1
                waiting.append(port.far)
    return distance


def _refusals(followed: Spread, node: str, out: Port, kind: int) -> Iterator[str]:
    routes = list(followed.routes(node))
    best = offered(routes, out)
    for route in routes:
        refusal = pass_on(route, out)
        if not isinstance(refusal, Refusal):
            yield refusal_words(Refusal.NOT_BEST, best[0], out, kind)
        elif route in best:
            yield refusal_words(refusal, route, out, kind)


def refusal_words(refusal: Refusal, route: Route, out: Port, kind: int) -> str:
    """One refusal as a sentence: who stops the route, and why.

    Args:
        refusal: Why the route is not passed on.
        route: In the table of the node that has it.
        out: The session.
        kind: The kind of blocks that is followed.
    """
    node, far, arrival = route.node, out.far, out.opposite
    giver = route.port.far if route.port is not None else node
    if refusal is Refusal.IBGP:
        return f"{node} does not pass it on to {far}: it has it over iBGP from {giver}, and neither is its client"
    if refusal is Refusal.CLUSTER_AT_SENDER:
        return f"{node} does not pass it on to {far}: {_own_id(out)} in CLUSTER_LIST"
    if refusal is Refusal.NEXT_HOP:
        return f"{node} does not pass it on to {far}: {far} is its next hop"
    if refusal is Refusal.SPLIT_HORIZON:
        return f"{node} does not give it back to {far}"
    if refusal is Refusal.NOT_BEST:
        return f"{node} offers {far} its best path only (no add-paths), and that is the one over {giver}"
    if refusal is Refusal.CLUSTER_AT_RECEIVER:
        return f"{far} drops it: {_own_id(arrival)} in CLUSTER_LIST (from {node})"
    if refusal is Refusal.ORIGINATOR:
        return f"{far} drops it: own router ID in ORIGINATOR_ID (from {node})"
    if refusal is Refusal.EXPORT:
        return (
            f"{node} does not announce it to {far}: {_held_by(out, 'own' if route.port is None else 'learned', kind)}"
        )
    if refusal is Refusal.IMPORT:
        return f"{far} rejects it (from {node}): {_held_by(arrival, 'incoming', kind)}"
    often = arrival.end.settings.allowed_local_as
    limit = f" more than {often} times (numAllowedLocalASNumbers)" if often else ""
    return f"{far} drops it: own AS {arrival.local_as} in AS_PATH{limit} (from {node})"


def _held_by(port: Port, step: str, kind: int) -> str:
    held = port.end.settings.held
    assert held is not None
    return held.why(step, kind)


def _own_id(port: Port) -> str:
    cluster_id = port.end.settings.cluster_id
    return "own cluster ID" if cluster_id is None else f"own cluster ID {cluster_id}"
