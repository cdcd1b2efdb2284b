"""A Node is deleted and its machine runs on: real BIRDs keep its routes, and calico_bgp says whose they are."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from tests.rig.machines.cluster import Rig
from tests.rig.machines.datastore import document, node_document
from tests.rig.machines.operator import Operator
from tests.rig.machines.plan import CLUSTER_ID, DEFAULT_AS, NodePlan, reflectors
from tests.rig.machines.pods import add_pods
from tests.rig.routes.test_routes import SETTLED

pytestmark = pytest.mark.rig
DELETED = "node4"


def node(plan: NodePlan) -> dict[str, object]:
    reflects = str(CLUSTER_ID) if plan.cluster_id else None
    return node_document(plan.name, f"{plan.ipv4}/24", f"{plan.ipv6}/64", zone="a", cluster_id=reflects)


def resources(plans: dict[str, NodePlan]) -> str:
    """Without the deleted Node; reflectors peer with its addresses, and its blocks are its own still."""
    deleted = plans[DELETED]
    reflector = "has(route-reflector)"
    by_address = [
        document("BGPPeer", name, nodeSelector=reflector, peerIP=str(address), asNumber=DEFAULT_AS)
        for name, address in (("to-v4", deleted.ipv4), ("to-v6", deleted.ipv6))
    ]
    blocks = [
        document(
            "BlockAffinity", f"{plan.name}-{version}", node=plan.name, cidr=cidr, state="confirmed", deleted="false"
        )
        for plan in plans.values()
        for version, cidr in ((4, f"10.65.{plan.number}.0/26"), (6, f"fd65:0:0:{plan.number}::/122"))
    ]
    pools = [document("IPPool", "v4", cidr="10.65.0.0/16"), document("IPPool", "v6", cidr="fd65::/48")]
    peers = document("BGPPeer", "reflectors", peerSelector=reflector)
    mesh_off = document("BGPConfiguration", "default", nodeToNodeMeshEnabled=False, asNumber=DEFAULT_AS)
    nodes = [node(plan) for plan in plans.values() if plan is not deleted]
    return yaml.safe_dump_all([*nodes, peers, *by_address, mesh_off, *pools, *blocks])


def test_a_machine_whose_node_was_deleted_is_named_with_its_blocks(tmp_path: Path) -> None:
    with Rig(reflectors(1, 3), tmp_path) as rig:
        add_pods(rig)
        rig.wait_established(stands=2)
        time.sleep(SETTLED)
        (tmp_path / "home").mkdir()
        operator = Operator(rig, tmp_path / "home")
        file = tmp_path / "resources.yaml"
        file.write_text(resources(rig.plans))
        there = [one.ipv4 for name, one in rig.nodes.items() if name != DELETED]
        audit = operator.audit("--resources", file, hosts=there)
    assert audit.report is not None, audit.stderr
    causes = {(cause["kind"], subject["node"]) for cause in audit.report["causes"] for subject in cause["subjects"]}
    assert causes == {("deleted-node-announces", DELETED)}
    assert ("routes-to-gone-node", f"{DELETED} ipv4") in audit.findings
    assert audit.verdict == "warnings"
