"""What pastes of a whole cluster say of nodes whose BIRD is dead: these are the cause, and no external peers."""

from __future__ import annotations

import pytest

from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.render import render_node_status
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from tests.unit.auditing.conftest import BROKE, NOW, STARTED
from tests.unit.auditing.tables import pasted, told

REFLECTED = build_cluster(6, reflectors=2)
MESH = build_cluster(5, topology=Topology.MESH)


def texts(cluster, *faults, without=()):
    """Node → what its calicoctl prints below a prompt."""
    history = (Epoch(STARTED), Epoch(BROKE, tuple(parse_fault(fault, cluster) for fault in faults)))
    tables = lab_tables(cluster, history, NOW)
    printed = {table: render_node_status(table.status, Layout.LEFT).stdout for table in tables}
    return {
        node.name: f"root@{node.name}:~# calicoctl node status\n{printed[table]}\n"
        for node, table in zip(cluster.nodes, tables, strict=True)
        if node.name not in without
    }


@pytest.mark.parametrize(
    ("dead", "sessions"),
    [
        # A client has two sessions, a reflector one with each client and one with the other reflector.
        (["node4"], 2),
        (["node1"], 5),
        (["node4", "node5"], 4),
        # Of the session between two dead nodes nobody shows a row.
        (["node1", "node2"], 8),
        (["node2", "node4"], 5),
    ],
)
def test_dead_birds_are_the_one_cause_and_their_addresses_no_external_peers(dead, sessions):
    report = pasted(*texts(REFLECTED, *(f"bird-down:{name}" for name in dead)).values())
    assert sorted(about for kind, about in told(report) if kind == "bird-down") == [[name] for name in dead]
    assert {kind for kind, _ in told(report)} == {"bird-down"}
    assert report.unexplained == ()
    assert sum(cause.sessions for cause in report.causes) == sessions


def test_a_switch_that_is_down_as_well_is_told_beside_the_dead_bird():
    """Of two addresses and one dead node nobody knows which is its own."""
    made = texts(build_cluster(6, reflectors=2, switch=True), "bird-down:node4", "tor-down")
    kinds = [kind for kind, _ in told(pasted(*made.values()))]
    assert "bird-down" in kinds
    assert "external-peer-down" in kinds


@pytest.mark.parametrize(
    ("fault", "without", "said"),
    [
        ("node-down:node4", ["node4"], "192.0.2.14, an external peer or a node that was not pasted, is down for both"),
        (
            "link-cut:node2,node4",
            ["node1", "node2", "node6"],
            "192.0.2.12, an external peer or a node that was not pasted, has no session with node4",
        ),
    ],
)
def test_what_was_not_pasted_is_not_called_external(fault, without, said):
    (cause,) = pasted(*texts(REFLECTED, fault, without=without).values()).causes
    assert cause.title.startswith(said)
    assert "find out what 192.0.2.1" in cause.fixes[0].summary


def test_a_node_whose_prompt_once_has_its_domain_is_one_node():
    made = texts(MESH, "port-dropped:node3")
    twice = (*made.values(), made["node3"].replace("@node3:", "@node3.dc1.example.com:"))
    once = pasted(*made.values())
    report = pasted(*twice)
    assert report.checked.nodes_read == once.checked.nodes_read == 5
    assert [kind for kind, _ in told(report)] == [kind for kind, _ in told(once)]
    assert [about for _, about in told(report)] == [["node3.dc1.example.com"]]
