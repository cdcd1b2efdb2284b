"""A node at odds with every other node, whose session with a switch stands: one cause, and no other node is named."""

import re

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import with_routes

CLUSTER = build_cluster(5, topology=Topology.MESH, switch=True)


def with_resources(fault):
    resources = lab_resources(CLUSTER, [parse_fault(fault, CLUSTER)])
    return audit(with_routes(CLUSTER, fault, roles=True).model_copy(update={"resources": resources}))


def by_tables(*faults):
    return audit(snapshot_of(CLUSTER, *faults))


def acted_on(cause):
    """The nodes that the commands of its fixes name."""
    commands = " ".join(step.kubectl or step.shell or "" for fix in cause.fixes for step in fix.steps)
    return set(re.findall(r"node\d", commands))


@pytest.mark.parametrize("answer", [with_resources, by_tables])
@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("disabled-peer", {"disabled-peer"}),
        ("wrong-as", {"as-mismatch"}),
        ("port-refused", {"port-refused"}),
        ("wrong-password", {"password-mismatch", "port-dropped"}),
    ],
)
def test_one_cause_at_the_one_node(fault, kinds, answer):
    (cause,) = answer(fault).causes
    assert cause.kind in kinds
    assert cause.where == ("node5",)
    assert cause.sessions == 4
    assert acted_on(cause) <= {"node5"}


def test_what_the_resources_tell_of_it():
    causes = {fault: with_resources(fault).causes[0] for fault in ("disabled-peer", "wrong-password")}
    assert causes["disabled-peer"].kind == "disabled-peer"
    assert causes["disabled-peer"].confidence is Confidence.CERTAIN
    assert len(causes["disabled-peer"].fixes[0].steps) == 4
    assert causes["wrong-password"].kind == "password-mismatch"


def test_silence_that_may_be_a_password_is_no_likely_firewall():
    (cause,) = by_tables("wrong-password").causes
    assert cause.confidence is Confidence.POSSIBLE
    assert any("MD5" in decision.command for decision in cause.decide)
    (cut,) = by_tables("port-dropped").causes  # a hold time ran out, so that the session stood once
    assert cut.confidence is Confidence.LIKELY
    assert not any("MD5" in decision.command for decision in cut.decide)


def test_where_a_node_dials_in_vain_it_is_the_one_to_ask_from():
    (cause,) = by_tables("port-dropped").causes
    (asked,) = [decision for decision in cause.decide if decision.command.startswith("nc ")]
    assert (asked.command, asked.on) == ("nc -vz -w 3 192.0.2.11 179", "node5")
    assert "from node5 to every peer" in cause.fixes[0].summary


def test_two_of_four_disabled_peers_are_one_cause():
    (cause,) = by_tables("disabled-peer:node5,node1", "disabled-peer:node5,node2").causes
    assert (cause.kind, cause.where, cause.sessions) == ("disabled-peer", ("node5",), 2)
    assert [step.what for step in cause.fixes[0].steps] == [
        "enable Mesh_192_0_2_11 again (IPv4)",
        "enable Mesh_192_0_2_12 again (IPv4)",
    ]


def test_a_peer_that_does_not_refuse_is_named():
    assert "all its peers but 192.0.2.1 are refused" in by_tables("port-refused").causes[0].title
