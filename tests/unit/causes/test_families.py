"""Every family of causes by itself: what was not read makes none of them fail."""

from __future__ import annotations

from functools import cache

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.families import CAUSE_FAMILIES
from calico_bgp.cluster.cluster import observe
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.snapshot import Snapshot
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import with_routes

MESH, REFLECTED = build_cluster(6, topology=Topology.MESH), build_cluster(6, reflectors=2)
SWITCHED = build_cluster(5, topology=Topology.MESH, switch=True)


def tables(cluster, *faults):
    return snapshot_of(cluster, *faults, roles=True)


def resources_of(cluster, *faults):
    return lab_resources(cluster, [parse_fault(fault, cluster) for fault in faults])


def with_both(made, cluster, *faults):
    return made.model_copy(update={"resources": resources_of(cluster, *faults)})


#: What was read: tables, resources, both, or neither.
READ = {
    "nothing": Snapshot,
    "a whole mesh": lambda: tables(MESH),
    "a mesh with trouble": lambda: tables(MESH, "node-down:node2", "wrong-as:node5,node1", "disabled-peer:node4"),
    "a mesh whose links are cut": lambda: tables(MESH, "link-cut:node5,node1", "bird-down:node3"),
    "reflectors that reflect no more": lambda: tables(REFLECTED, "reinstalled"),
    "reflectors with trouble": lambda: tables(REFLECTED, "reinstalled:node1", "wrong-address:node5"),
    "tables of routes": lambda: with_routes(SWITCHED, "export-rejected:node3", "tor-untold"),
    "resources alone": lambda: Snapshot(resources=resources_of(REFLECTED, "reinstalled:node1")),
    "resources without reflectors": lambda: Snapshot(resources=resources_of(REFLECTED, "reinstalled")),
    "resources of a mesh": lambda: Snapshot(resources=resources_of(MESH, "refused-config")),
    "routes and resources": lambda: with_both(with_routes(SWITCHED, "tor-untold"), SWITCHED, "tor-untold"),
    "a mesh and resources": lambda: with_both(tables(MESH, "wrong-as:node5"), MESH, "wrong-as:node5"),
}


@cache
def case_of(read):
    snapshot = READ[read]()
    return Case(observe(snapshot), audit(snapshot).findings)


@pytest.mark.parametrize("family", CAUSE_FAMILIES, ids=lambda family: family.name.rpartition(".")[2])
def test_none_fails_where_something_was_not_read(family):
    for read in READ:
        for candidate in family(case_of(read)):
            whole = candidate.in_full()
            assert (whole.explanation, whole.subjects) > ("", ()), read
