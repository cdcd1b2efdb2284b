"""What a reading of a simulated node has of its routes, by way of what the node would print. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from calico_bgp.lab.routing.answers import details_of, tables_of
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.parse.bird.reading import bird_reading
from calico_bgp.sources.node.route_tables import route_tables


def read_back(routes: LabRoutes, machine: str, now: datetime) -> dict[str, Any]:
    """The `birds` and the `tables` of the machine's `NodeReading`.

    Args:
        routes: Those of the lab.
        machine: The node.
        now: Its clock.
    """
    table, state = routes.table(machine), routes.of(machine)
    details = details_of(table, state, now)
    birds = (bird_reading(text.text, text.family) for text in details)
    return {
        "birds": tuple(bird for bird in birds if bird is not None),
        "tables": route_tables(tables_of(table, state)),
    }
