"""Gives the readings of a lab's snapshot the routes that its nodes would hold, by way of what they would print."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.effects.routes import trouble_of
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.read_back import read_back
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.routes.table import RouteTable
from calico_bgp.model.snapshot import Snapshot
from tests.unit.auditing.conftest import BROKE, NOW, STARTED, snapshot_of


def with_routes(
    cluster: LabCluster, *faults: str, trouble: Trouble | None = None, broke: datetime = BROKE, **options: object
) -> Snapshot:
    """A snapshot of a lab under faults, with what BIRD and the kernel of every node that was read hold.

    Args:
        cluster: The lab.
        faults: As for `lab up --fault`.
        trouble: What goes wrong with routes, in the place of what the faults say.
        broke: When the faults came.
        options: Of `snapshot_of`.
    """
    snapshot = snapshot_of(cluster, *faults, broke=broke, **options)
    parsed = tuple(parse_fault(text, cluster) for text in faults)
    tables = lab_tables(cluster, (Epoch(STARTED), Epoch(broke, parsed)), NOW)
    routes = LabRoutes(cluster, tables, STARTED, trouble or trouble_of(cluster, parsed))
    of_label = {f"{node.name}.example": node.name for node in cluster.nodes}
    found = [reading.model_copy(update=read_back(routes, of_label[reading.host], NOW)) for reading in snapshot.readings]
    return snapshot.model_copy(update={"readings": tuple(found)})


def change_table(snapshot: Snapshot, number: int, **changes: object) -> Snapshot:
    """The snapshot with another table of IPv4 on one node; `bird` and `kernel` may be functions of the old ones."""
    reading = snapshot.readings[number]
    first, *others = reading.tables
    given = {name: value(getattr(first, name)) if callable(value) else value for name, value in changes.items()}
    return _with(snapshot, number, reading.model_copy(update={"tables": (_changed(first, given), *others)}))


def _changed(table: RouteTable, given: dict[str, object]) -> RouteTable:
    return replace(table, **given)  # type: ignore[arg-type]


def _with(snapshot: Snapshot, number: int, reading: NodeReading) -> Snapshot:
    readings = (*snapshot.readings[:number], reading, *snapshot.readings[number + 1 :])
    return snapshot.model_copy(update={"readings": readings})


def change_protocols(snapshot: Snapshot, number: int, prefix: str, **changes: object) -> Snapshot:
    """The snapshot with something else in what one node's BIRD of IPv4 says of the protocols whose names begin so."""
    reading = snapshot.readings[number]
    first, *others = reading.birds
    protocols = tuple(
        replace(one, **changes) if one.name.startswith(prefix) else one  # type: ignore[arg-type]
        for one in first.protocols
    )
    return _with(snapshot, number, reading.model_copy(update={"birds": (replace(first, protocols=protocols), *others)}))
