"""Real nodes audited against Calico's resources: what is right by them, what is down, and what lags behind."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from calico_bgp.lab.faults.fault import FaultKind
from calico_bgp.lab.printing.resources import LABEL, resources_to_yaml
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources
from tests.rig.faults import broken
from tests.rig.machines.cluster import Rig
from tests.rig.machines.operator import Audit, Operator, of_node, of_session

pytestmark = pytest.mark.rig

PEER = BGPPeer(name="peer-with-reflectors", peer_selector=f"has({LABEL})")
MESH_OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)


def resources_of(rig: Rig) -> Resources:
    """The resources from which confd would write what the rig's nodes run (tests/rig/machines/plan.py)."""
    nodes = tuple(
        CalicoNode(
            name=plan.name,
            labels=((LABEL, "true"),) if plan.cluster_id else (),
            ipv4=plan.ipv4,
            ipv6=plan.ipv6,
            cluster_id=str(plan.cluster_id) if plan.cluster_id else None,
        )
        for plan in rig.plans.values()
    )
    if any(neighbour.kind == "Mesh" for plan in rig.plans.values() for neighbour in plan.neighbours):
        return Resources(nodes=nodes)
    return Resources(nodes=nodes, bgp_peers=(PEER,), bgp_configurations=(MESH_OFF,))


def audit(operator: Operator, resources: Resources, *arguments: str) -> Audit:
    path: Path = operator.home / "resources.yaml"
    path.write_text(resources_to_yaml(resources))
    return operator.audit("--resources", path, *arguments)


def test_a_mesh_is_what_its_resources_ask_for(mesh_operator: Operator):
    found = audit(mesh_operator, resources_of(mesh_operator.rig))
    assert (found.exit_code, found.findings) == (0, set())
    assert found.report is not None
    checked = found.report["checked"]
    assert (checked["sessions_established"], checked["sessions_expected"]) == (12, 12)


def test_reflectors_are_what_their_resources_ask_for(reflector_operator: Operator):
    found = audit(reflector_operator, resources_of(reflector_operator.rig))
    assert (found.exit_code, found.findings) == (0, set())
    assert found.report is not None
    checked = found.report["checked"]
    assert checked["reflectors"] == ["node1", "node2"]
    assert (checked["sessions_established"], checked["sessions_expected"]) == (18, 18)


def test_the_resources_name_a_node_that_is_off(mesh_operator: Operator):
    """hosts.txt gives only addresses; the resources know whose they are."""
    resources = resources_of(mesh_operator.rig)
    with broken(mesh_operator.rig, FaultKind.NODE_DOWN, "node3"):
        found = audit(mesh_operator, resources, "--connect-timeout", "4s")
    assert found.findings == of_node("node-unreadable", "node3") | of_node("isolated-node", "node3")
    assert found.exit_code == 1


def test_a_session_that_is_down_is_no_configuration_that_lags(reflector_operator: Operator):
    resources = resources_of(reflector_operator.rig)
    with broken(reflector_operator.rig, FaultKind.LINK_CUT, "node1", "node4"):
        found = audit(reflector_operator, resources)
    assert found.findings == of_session("session-not-established", "node1", "node4") | of_node(
        "client-single-reflector", "node4", ["ipv4", "ipv6"]
    )
    assert "BGPPeer peer-with-reflectors (global)" in found.told("session-not-established")


def test_a_configuration_that_lags_is_no_session_that_is_down(reflector_operator: Operator):
    """The datastore has a third reflector; no confd has followed yet."""
    resources = resources_of(reflector_operator.rig)
    more = resources.model_copy(
        update={
            "nodes": tuple(
                replace(node, labels=((LABEL, "true"),), cluster_id=str(IPv4Address("244.0.0.1")))
                if node.name == "node6"
                else node
                for node in resources.nodes
            )
        }
    )
    found = audit(reflector_operator, more)
    # The reflectors show it as `node specific`, and it has none of its clients.
    assert found.findings == {("configuration-behind", node) for node in ("node1", "node2", "node6")}
    assert "node6 lacks 192.0.2.13 (node specific)" in found.told("configuration-behind")
    assert found.exit_code == 1


def test_labels_lost_in_datastore_and_on_nodes(reflector_operator: Operator):
    """The outage this project began with: nothing is down, nothing lags, and no pod reaches another node's."""
    resources = resources_of(reflector_operator.rig)
    lost = resources.model_copy(
        update={"nodes": tuple(replace(node, labels=(), cluster_id=None) for node in resources.nodes)}
    )
    with broken(reflector_operator.rig, FaultKind.REINSTALLED, "node1", "node2"):
        found = audit(reflector_operator, lost)
    rules = {rule for rule, _ in found.findings}
    assert {"no-peers-anywhere", "selector-matches-nothing"} <= rules
    assert "configuration-behind" not in rules
    assert found.exit_code == 1
