"""What several rules of the tables ask for. Facts only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import first_lines, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.message import Message
from calico_bgp.model.routes.observed import Missing
from calico_bgp.routes.observed.tables import NodeTables, node_tables

#: What several lines of evidence show at most.
SHOWN = 8


def tables_of(cluster: Cluster, family: Family) -> Iterator[NodeTables]:
    """What was read of each node's routes."""
    yield from node_tables(cluster, family).values()


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
    return first_lines(lines, SHOWN)


def look_at_routes(cluster: Cluster, node: str, family: Family, command: str) -> Message:
    """Ask a node's BIRD."""
    return Message("{command}", (("command", cluster.pods.birdcl(node, family, command)),))
