"""A path that a reflector passed on is its originator's: in both families, and where BIRD was not asked for `all`."""

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.model.peer import Family
from tests.with_routes import with_routes

CLUSTER = build_cluster(6, families=tuple(Family))


def short(reading):
    """Of the tables what `show route` prints without `all`: no ORIGINATOR_ID."""
    tables = tuple(
        replace(table, bird=tuple(row._replace(originator_id=None) for row in table.bird)) for table in reading.tables
    )
    return reading.model_copy(update={"tables": tables})


@pytest.mark.parametrize("form", [lambda reading: reading, short])
def test_a_kernel_that_leads_elsewhere_is_told_beside_birds_next_hop(form):
    snapshot = with_routes(CLUSTER, "kernel-behind:node6")
    snapshot = snapshot.model_copy(update={"readings": tuple(map(form, snapshot.readings))})
    lines = [line for finding in audit(snapshot).findings for line in finding.evidence if ", BIRD to " in line]
    others = [node for node in CLUSTER.nodes if node.name != "node6"]
    assert {line.rpartition(" ")[2] for line in lines} == {str(a) for node in others for a in (node.ipv4, node.ipv6)}


def test_routes_that_carry_a_nodes_own_router_id_do_not_arrive_there():
    """ORIGINATOR_ID (RFC 4456, section 8): of node1, and at node1 of node6, over the other reflector."""
    report = audit(with_routes(CLUSTER, "duplicate-router-id:node1,node6"))
    assert [numbers.observed.pairs_missing for numbers in report.reachability] == [2, 2]
    (cause,) = report.causes
    assert (cause.kind, cause.routes_lost) == ("duplicate-router-id", 4)
