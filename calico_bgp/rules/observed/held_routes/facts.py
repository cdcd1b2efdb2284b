"""What several rules of the tables ask for. Facts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.message import Message
from calico_bgp.model.routes.observed import Missing, Stop
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.consequences import routes_of
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.tables import NodeTables, node_tables

#: What several lines of evidence show at most.
SHOWN = 8
#: Stops at which the route is in the learner's BIRD: no session has to do with them.
_AFTER_BIRD = frozenset({Stop.UNREACHABLE, Stop.NOT_IN_KERNEL, Stop.KERNEL_ELSEWHERE, Stop.NOT_HELD})


def tables_of(cluster: Cluster, family: Family) -> Iterator[NodeTables]:
    """What was read of each node's routes."""
    yield from node_tables(cluster, family).values()


def missing_at(cluster: Cluster, *stops: Stop) -> Iterator[tuple[Family, Missing]]:
    """The routes that stop there, but for those that a session is missing for: its own finding says that.

    What may come by other sessions or settings than those that are known is missing where the kernels prove it.
    """
    for family, observed in observed_of(cluster).items():
        computed = routes_of(cluster).get(family)
        nodes = frozenset() if computed is None else frozenset(computed.now.nodes)
        hurt = _with_a_session_down(cluster, family)
        for missing in observed.missing:
            if missing.stop not in stops:
                continue
            if missing.stop in _AFTER_BIRD:
                yield family, missing
            elif computed is not None and {missing.learner, missing.origin} <= nodes:
                pair = missing.learner, missing.origin
                answer = computed.now.learns(*pair)
                is_proven = missing.pods_cut_off and hurt.isdisjoint(pair)
                stop_is_known = missing.stop is not Stop.UNTRACED
                if answer is Answer.YES or (answer is Answer.PERHAPS and (stop_is_known or is_proven)):
                    yield family, missing


def _with_a_session_down(cluster: Cluster, family: Family) -> frozenset[str]:
    """The nodes of which a session does not stand: one that restarts, too, whose routes its peers may still have."""
    down = (session.key for session in cluster.in_order if session.key.family is family and not session.is_up)
    return frozenset(name for key in down for name in (key.a, key.b))


def by_place(missing_routes: Iterable[tuple[Family, Missing]]) -> Iterator[tuple[Family, str, list[Missing]]]:
    """Missing routes by the node at which they stop, sorted."""
    places: dict[tuple[str, str], list[Missing]] = defaultdict(list)
    for family, missing in missing_routes:
        places[missing.at or missing.learner, family].append(missing)
    for (at, name), routes in sorted(places.items()):
        yield Family(name), at, routes


def evidence_of(routes: Iterable[Missing]) -> tuple[str, ...]:
    """Why the routes are missing, each reason once."""
    lines = list(dict.fromkeys(one.because or f"{one.learner} lacks {some(one.blocks)}" for one in routes))
    more = (f"and {len(lines) - SHOWN} more",) if len(lines) > SHOWN else ()
    return (*lines[:SHOWN], *more)


def look_at_routes(cluster: Cluster, node: str, family: Family, command: str) -> Message:
    """Ask a node's BIRD."""
    return Message("{command}", (("command", cluster.pods.birdcl(node, family, command)),))
