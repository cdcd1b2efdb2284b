"""Every rule of the audit has an example in which it speaks and a near miss in which it does not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.rules import RULES
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults import parse_fault
from calico_bgp.lab.resources import lab_resources
from calico_bgp.model.peer import BGPState, Family
from tests.unit.auditing.conftest import snapshot_of

MESH, REFLECTORS = Topology.MESH, Topology.REFLECTORS


def seen(topology, *faults, resources=False, **fields):
    """Six nodes over both families and their switch, with these faults."""
    cluster = build_cluster(6, topology=topology, families=tuple(Family), switch=True)
    made = snapshot_of(cluster, *faults, roles=True, **fields)
    if resources:
        given = lab_resources(cluster, [parse_fault(text, cluster) for text in faults])
        made = made.model_copy(update={"resources": given})
    return made


def of_nodes(number, **config):
    return snapshot_of(build_cluster(number, topology=MESH, **config))


def without_daemon(made, family):
    return with_status(made, lambda status: {"daemons": tuple(d for d in status.daemons if d.family is not family)})


def with_status(made, change):
    """The first node's status changed."""
    first, *rest = made.readings
    status = first.status.model_copy(update=change(first.status))
    return made.model_copy(update={"readings": (first.model_copy(update={"status": status}), *rest)})


def with_row(made, change):
    """The first node with one row more, made of its first one."""
    return with_status(made, lambda status: {"peers": (*status.peers, change(status.peers[0]))})


def own_row(made):
    own = made.readings[0].addresses[0]
    return with_row(made, lambda row: replace(row, address=own, address_text=str(own)))


def idle_twin(made):
    return with_row(made, lambda row: replace(row, protocol_state="start", bgp_state=BGPState.IDLE, info="Idle"))


def unlisted(made):
    return made.model_copy(update={"hosts": made.hosts[:-1], "readings": made.readings[:-1]})


def plain(*faults):
    """Six nodes with two reflectors and no switch."""
    return snapshot_of(build_cluster(6), *faults, roles=True)


def plain_healthy():
    return plain()


#: Rule → (topology, fault, whether by resources): the near miss is the same cluster without the fault.
OF_THE_LAB = {
    "isolated-node": (MESH, "node-down", False),
    "node-unreadable": (MESH, "node-down", False),
    "daemon-not-running": (MESH, "bird-down", False),
    "daemon-unreachable": (MESH, "socket-missing", False),
    "felix-not-running": (MESH, "felix-down", False),
    "graceful-restart": (MESH, "restarting", False),
    "session-not-established": (MESH, "link-cut:node1,node5", False),
    "one-sided-session": (MESH, "disabled-peer:node1,node5", False),
    "configuration-behind": (MESH, "confd-stuck", True),
    "mixed-mesh-and-reflectors": (MESH, "one-sided-config", False),
    "unexpected-peer": (MESH, "confd-stuck", False),
    "external-peer-down": (MESH, "tor-down", False),
    "client-single-reflector": (REFLECTORS, "link-cut:node1,node5", False),
    "fewer-than-two-reflectors": (REFLECTORS, "bird-down:node1", False),
    "reflector-missing-client": (REFLECTORS, "reinstalled:node1", False),
    "reflector-role-lost": (REFLECTORS, "reinstalled:node1", True),
    "not-a-node": (REFLECTORS, "reflector-removed:node1", True),
    "duplicate-address": (REFLECTORS, "wrong-address:node1,node5", False),
    "peer-missing": (MESH, "wrong-address:node1,node5", False),
    "client-with-non-reflector": (REFLECTORS, "label-elsewhere", False),
    "wrong-peer-type": (REFLECTORS, "label-elsewhere", False),
    "family-without-peers": (REFLECTORS, "selector-narrow", False),
    "partitioned": (REFLECTORS, "racks-apart", False),
    "roles-unclear": (REFLECTORS, "racks-apart", False),
}

#: Rule → (example, near miss).
BY_HAND = {
    "no-bgp": (lambda: snapshot_of(build_cluster(4, topology=Topology.NO_BGP)), lambda: of_nodes(4)),
    "node-not-listed": (lambda: unlisted(seen(MESH, resources=True)), lambda: seen(MESH, resources=True)),
    "unknown-peers": (lambda: unlisted(of_nodes(4)), lambda: of_nodes(4)),
    "answer-incomplete": (
        lambda: with_status(of_nodes(4), lambda _: {"complete": False}),
        lambda: of_nodes(4),
    ),
    "own-address-peer": (lambda: own_row(of_nodes(4)), lambda: of_nodes(4)),
    "duplicate-peer": (lambda: idle_twin(of_nodes(4)), lambda: of_nodes(4)),
    "mesh-too-large": (lambda: of_nodes(101), lambda: of_nodes(100)),
    "no-peers-anywhere": (lambda: plain("selector-stale"), plain_healthy),
    "no-working-reflector": (lambda: plain("bird-down:node1,node2"), plain_healthy),
}


@cache
def rules_of(topology, fault, by_resources):
    return spoken(seen(topology, *([fault] if fault else []), resources=by_resources))


def spoken(made):
    return {finding.rule for finding in audit(made).findings}


@pytest.mark.parametrize("rule", OF_THE_LAB)
def test_a_fault_and_the_cluster_without_it(rule):
    topology, fault, by_resources = OF_THE_LAB[rule]
    assert rule in rules_of(topology, fault, by_resources)
    assert rule not in rules_of(topology, None, by_resources)


@pytest.mark.parametrize("rule", BY_HAND)
def test_an_example_and_a_near_miss(rule):
    example, near_miss = BY_HAND[rule]
    assert rule in spoken(example())
    assert rule not in spoken(near_miss())


def test_no_rule_is_here_that_is_none():
    assert {*OF_THE_LAB, *BY_HAND} <= {rule.id for rule in RULES}
