"""Machines and Nodes that no longer belong together: one that was renamed, one whose Node is gone."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, commands, node, told


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


HEIR = "n5.example.com"


def renamed(**old):
    """n5 is called n5.example.com now, and its old Node is still there."""
    left = replace(numbered(5)[0], **old)
    return cluster(*numbered(1, 2, 3, 4, 6), left, replace(left, name=HEIR, internal_ips=(ip_address("192.0.2.5"),)))


@pytest.mark.parametrize("through_api", [False, True])
@pytest.mark.parametrize("old", [{}, {"internal_ips": ()}, {"name": "other"}])
def test_the_old_node_of_a_machine_that_was_renamed(through_api, old):
    """Nothing is set in the DaemonSet, and nothing restarted, for one stale Node."""
    resources = renamed(**old)
    name = old.get("name", "n5")
    report = audit(Birds(resources, off=frozenset({name}), hosts={name: ()}).snapshot(through_api=through_api))
    assert told(report) == [("stale-address", [name])]
    assert report.causes[0].title == (
        f"the Node {name} has the address of {HEIR}, 192.0.2.5, and nothing is heard of it: its machine is {HEIR} now"
    )
    assert commands(report) == []
    assert report.causes[0].fixes[0].summary.startswith(f"delete the Node {name}: ")
    assert {finding.rule for finding in report.unexplained} == set()


def test_another_machine_that_is_off_has_its_address_by_mistake():
    """Its name is another one, and so is the address that Kubernetes knows: no leftover."""
    other = replace(numbered(7)[0], name="other", ipv4=ip_address("192.0.2.5"))
    birds = Birds(cluster(*numbered(1, 2, 3, 4, 5, 6), other), off=frozenset({"other"}), hosts={"other": ()})
    assert "duplicate-address" in {kind for kind, _ in told(audit(birds.snapshot()))}


OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def reflected(*reflectors: int):
    return cluster(
        *numbered(*reflectors, labels="rr", cluster_id="1.1.1.1"),
        *(one for one in numbered(3, 4, 5, 6)),
        PEER,
        OFF,
    )


def test_a_host_that_was_a_node_is_not_to_be_brought_back():
    """n2 was replaced by n7, and three clients did not follow: they are at fault, not the machine that is off."""
    birds = Birds(reflected(1, 7), reflected(1, 2), stuck=frozenset({"n3", "n4", "n5"}), off=frozenset({"n2"}))
    report = audit(birds.snapshot())
    assert told(report) == [("confd-stuck", ["n3"]), ("confd-stuck", ["n4"]), ("confd-stuck", ["n5"])]
    assert [(f.rule, str(f.subject)) for f in report.unexplained] == [("node-unreadable", "n2"), ("not-a-node", "n2")]


def test_a_reflector_that_is_off_and_is_a_node_is_off():
    birds = Birds(reflected(1, 2), off=frozenset({"n2"}))
    assert told(audit(birds.snapshot())) == [("node-down", ["n2"])]
