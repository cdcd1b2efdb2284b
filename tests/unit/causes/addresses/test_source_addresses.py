"""Connections that come from another address than the node's own: who dials is turned away, who is dialled is not."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


MESH = cluster(*numbered(1, 2, 3, 4, 5, 6))
REFLECTED = cluster(*numbered(1, 2, labels="rr", cluster_id="1.1.1.1"), *numbered(3, 4, 5, 6), PEER, OFF)
NAT = "198.51.100.1"
FORMS = {"ssh": {}, "api": {"through_api": True}, "tables": {"resources": False}}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("names", [("n4",), ("n6",), ("n4", "n6")])
def test_a_node_that_its_peers_turn_away(names, form):
    """n6 has the greatest address and dials all; n4 is dialled by n5 and n6, which have it."""
    report = audit(Birds(MESH, seen_from=dict.fromkeys(names, NAT)).snapshot(**FORMS[form]))
    assert sorted(told(report)) == [("other-source-address", [name]) for name in names]
    assert all(not fix.steps for cause in report.causes for fix in cause.fixes), "nothing in Calico fixes a NAT"
    assert report.unexplained == ()


def test_one_that_dials_a_single_node_is_not_told_apart_from_it():
    assert "other-source-address" not in dict(told(audit(Birds(MESH, seen_from={"n2": NAT}).snapshot())))


def test_where_peers_dial_as_well_all_sessions_stand():
    assert audit(Birds(REFLECTED, seen_from={"n4": NAT}).snapshot()).exit_code() == 0


def test_a_peer_that_lacks_the_node_is_another_matter():
    """n6 joined later, and the confd of all others hangs."""
    others = frozenset(f"n{n}" for n in range(1, 6))
    report = audit(Birds(MESH, before=cluster(*numbered(1, 2, 3, 4, 5)), stuck=others).snapshot(resources=False))
    assert "other-source-address" not in dict(told(report))
