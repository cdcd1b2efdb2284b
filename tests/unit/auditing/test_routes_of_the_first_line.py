"""The first line counts routes by the nodes' tables, and by the sessions where a table could not be read."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.routing.trouble import Trouble
from tests.with_routes import with_routes

SIX = build_cluster(6, topology=Topology.MESH)


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [
        (with_routes(SIX), "all 30 routes there"),
        # Its tables are not there; its five peers cannot have its routes, nor it theirs.
        (with_routes(SIX, "bird-down:node4"), "10 of 30 routes missing"),
        (with_routes(SIX, trouble=Trouble(own_lost=frozenset({"node3"}))), "5 of 30 routes missing"),
        # Both: some routes may be missing for either reason, and count as missing once.
        (
            with_routes(SIX, "bird-down:node4", trouble=Trouble(own_lost=frozenset({"node3"}))),
            "10 of 30 routes missing, 4 not known",
        ),
        (with_routes(SIX, "no-sudo:node4"), "10 of 30 routes not known"),
    ],
    ids=["healthy", "bird-down", "own-lost", "both", "unread"],
)
def test_what_is_said_of_routes(snapshot, said):
    assert said in audit(snapshot).headline, audit(snapshot).headline
