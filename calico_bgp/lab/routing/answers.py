"""What a simulated node says of its routes, as sections of a framed answer. Pure; the texts are printed.py's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from calico_bgp.lab.printing.protocols import FamilyTable, NodeTable
from calico_bgp.lab.printing.render import render_show_protocols
from calico_bgp.lab.routing.printed import ip_route_show, show_protocols_all, show_route, show_route_count, show_status
from calico_bgp.lab.routing.spread import Held
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState
from calico_bgp.parse.answer.values import BirdDetails, TableText
from calico_bgp.parse.reduced_tables import reduce_table
from calico_bgp.sources.node.questions import MANY_PEERS
from calico_bgp.sources.node.route_scripts import Wanted


@dataclass(frozen=True, slots=True)
class RoutesState:
    """All that a node's words about its routes depend on.

    Attributes:
        held: What it has of each family whose BIRD runs.
        started: When its BIRDs started.
        router_id: The router ID of its BIRDs.
        static_is_down: Whether BIRD's static protocol is disabled.
        limited: The names of protocols whose import limit is hit.
        plain: The names of protocols whose far end offers no graceful restart.
    """

    held: dict[Family, Held]
    started: datetime
    router_id: str
    static_is_down: bool = False
    limited: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()


def details_of(table: NodeTable, routes: RoutesState, now: datetime) -> Iterator[BirdDetails]:
    """What BIRD says of itself, of each family whose socket is there."""
    for bird in table.families:
        held = routes.held.get(bird.family)
        if held is not None and bird.state is DaemonState.RUNNING:
            yield BirdDetails(bird.family, "birdcl", _details(bird, held, routes, now))


def _details(bird: FamilyTable, held: Held, routes: RoutesState, now: datetime) -> str:
    if len(bird.protocols) > MANY_PEERS:
        return show_status(routes.router_id, now, routes.started) + show_route_count(held) + render_show_protocols(bird)
    protocols = show_protocols_all(
        bird, held, static_is_down=routes.static_is_down, limited=routes.limited, plain=routes.plain
    )
    return show_status(routes.router_id, now, routes.started) + show_route_count(held) + protocols


def tables_of(table: NodeTable, routes: RoutesState) -> Iterator[TableText]:
    """BIRD's tables, where its socket is there, and the kernel's of both families."""
    for bird in table.families:
        held = routes.held.get(bird.family)
        if held is not None and bird.state is DaemonState.RUNNING:
            yield TableText(bird.family, is_kernel=False, text=show_route(held, bird.family), exit_code=0)
    for family in Family:
        held = routes.held.get(family)
        if held is not None:
            yield TableText(family, is_kernel=True, text=ip_route_show(held, family), exit_code=0)


def as_reduced(table: TableText, wanted: Wanted) -> TableText:
    """A table as a node of a large cluster sends it."""
    text = reduce_table(table.text, is_kernel=table.is_kernel, exit_code=table.exit_code, with_gateways=wanted.gateways)
    return TableText(table.family, table.is_kernel, text, is_reduced=True)
