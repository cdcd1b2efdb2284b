"""Snapshots of simulated clusters: configuration and faults in, a Snapshot as a gathering would give it out."""

from datetime import UTC, datetime, timedelta

import pytest

from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.effects.machines import OFF, own_addresses, told_name
from calico_bgp.lab.effects.routes import trouble_of
from calico_bgp.lab.faults.fault import FaultKind, parse_fault
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.read_back import read_back
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, Stage
from calico_bgp.model.snapshot import Snapshot

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STARTED = NOW - timedelta(hours=3)
BROKE = NOW - timedelta(hours=1)

#: Faults because of which a node cannot be read.
_UNREAD = {
    **dict.fromkeys(OFF, (Stage.CONNECT, "nothing answers")),
    FaultKind.CALICOCTL_HUNG: (Stage.TIMEOUT, "no answer within 30 s"),
    FaultKind.NO_SUDO: (Stage.COMMAND, "no right to ask"),
    FaultKind.HOST_KEY_CHANGED: (Stage.HOST_KEY, "the host key changed"),
}


def snapshot_of(cluster, *faults, broke=BROKE, roles=False, addresses=True, names=True):
    """A snapshot of a lab cluster in which `faults` (texts as for `lab up --fault`) came at `broke`."""
    parsed = tuple(parse_fault(text, cluster) for text in faults)
    tables = lab_tables(cluster, (Epoch(STARTED), Epoch(broke, parsed)), NOW)
    trouble = trouble_of(cluster, parsed)
    routes = LabRoutes(cluster, tables, STARTED, trouble)
    readings, failures, hosts = [], [], []
    for node, table in zip(cluster.nodes, tables, strict=True):
        name = node.name if names else None
        known = own_addresses(node, parsed) if addresses else ()
        hosts.append(Host(name=f"{node.name}.example", node=name, role=node.role if roles else None))
        label = hosts[-1].label
        reason = next((_UNREAD[f.kind] for f in parsed if f.kind in _UNREAD and node.name in f.nodes), None)
        if reason is not None:
            failures.append(GatherFailure(host=label, node=name, stage=reason[0], message=reason[1]))
            continue
        readings.append(
            NodeReading(
                host=label,
                node=name and told_name(name, parsed),
                status=table.status,
                addresses=known,
                taken_at=NOW,
                clock=NOW,
                # Of what sessions tell alone, tests look at the sessions alone.
                **(read_back(routes, node.name, NOW) if trouble.only_routes_tell else {}),
            )
        )
    return Snapshot(hosts=tuple(hosts), taken_at=NOW, readings=tuple(readings), failures=tuple(failures))


@pytest.fixture
def lab():
    """`lab("link-cut:node1,node2", nodes=6, topology=...)`: the snapshot of a simulated cluster with these faults."""

    def make(*faults, snapshot=None, **config):
        return snapshot_of(build_cluster(**config), *faults, **(snapshot or {}))

    return make
