"""One fault of the resources that several rules see: its cause explains what each of them says."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
NODES = (
    *(node(f"n{n}", f"192.0.2.{n}/24", labels="rr", cluster_id="1.1.1.1") for n in (1, 2)),
    *(node(f"n{n}", f"192.0.2.{n}/24") for n in (3, 4, 5)),
)


@pytest.mark.parametrize(
    ("peer", "kind"),
    [
        (BGPPeer(name="rr", node_selector="!has(rr)", peer_selector="has(rr)", reverse_peering="Manual"), "one-sided"),
        (BGPPeer(name="rr", node_selector="all( )x", peer_selector="has(rr)"), "selector-matches-nothing"),
    ],
)
def test_nothing_is_left_over(peer, kind):
    report = audit(Birds(cluster(*NODES, OFF, peer)).snapshot())
    assert told(report)[0][0].startswith(kind)
    assert report.unexplained == ()
