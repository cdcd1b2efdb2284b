"""Of a paste nobody says which address is whose: no pasted node is an external peer, and no fault has two causes.

Seven nodes, two of them reflectors: what each client shows of its sessions is alike, so that only what differs tells
whose an address is. What is right is what was broken.
"""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.nodes import elimination
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.peer import Family
from tests.unit.auditing.conftest import snapshot_of

FAMILIES = {"IPv4": (Family.IPV4,), "IPv6": (Family.IPV6,), "both": (Family.IPV4, Family.IPV6)}


def pasted(fault, families=(Family.IPV4,), nodes=7, **lab):
    cluster = build_cluster(nodes, topology=Topology.REFLECTORS, families=families, **lab)
    snapshot = snapshot_of(cluster, fault, addresses=False)
    return snapshot.model_copy(update={"hosts": ()})


def told(report):
    return sorted((cause.kind, subject.node) for cause in report.causes for subject in cause.subjects)


@pytest.mark.parametrize("families", FAMILIES)
@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("host-cut", "host-network-cut"),
        ("port-dropped", "host-network-cut"),
        ("port-refused", "port-refused"),
        ("port-taken", "port-taken"),
        ("own-routes-lost", "own-protocol-down"),
    ],
)
@pytest.mark.parametrize("nodes", [("node7",), ("node6", "node7"), ("node3", "node6")])
def test_each_node_is_named_once_and_no_external_peer(kind, cause, nodes, families):
    report = audit(pasted(f"{kind}:{','.join(nodes)}", FAMILIES[families]))
    assert told(report) == sorted((cause, node) for node in nodes)


@pytest.mark.parametrize("families", FAMILIES)
def test_who_gives_no_route_to_anybody_is_no_external_peer_that_is_silent(families):
    report = audit(pasted("export-rejected:node7", FAMILIES[families]))
    assert told(report) == [("own-blocks-kept-in", "node7")]


@pytest.mark.parametrize("fault", ["disabled-peer:node7", "missing-peer:node7"])
def test_a_node_without_peers_has_the_address_that_ended_its_sessions(fault):
    report = audit(pasted(fault))
    assert told(report) == [("no-peer-given", "node7")]
    (cause,) = report.causes
    assert "192.0.2.17, with which nobody has a session, is probably its" in cause.title
    assert report.unexplained == ()


def test_an_address_that_resets_as_its_node_is_reset_is_its():
    assert told(audit(pasted("port-reset:node7"))) == [("port-reset", "node7")]


def test_where_only_one_end_has_the_session_the_far_end_is_one_of_those_pasted():
    (cause,) = audit(pasted("one-sided-config:node6,node7")).causes
    assert "192.0.2.17, an external peer or one of node3, node4, node5, node7" in cause.title


def test_a_node_that_reaches_none_of_several_is_not_said_to_be_several_faults():
    assert not [cause for cause in audit(pasted("node-deleted:node2")).causes if "external" in cause.kind]


def test_a_switch_stays_an_external_peer():
    # One address more than there are nodes without one: it is nobody's.
    snapshot = pasted("tor-down", switch=True)
    (cause,) = audit(snapshot).causes
    assert cause.kind == "external-peer-down"


def test_those_that_are_up_have_the_addresses_that_are_up():
    identity = observe(pasted("host-cut:node7")).identity
    (address,) = identity.addresses["node7"]
    assert str(address) == "192.0.2.17"
    assert identity.unplaced[Family.IPV4] == ("node3", "node4", "node5", "node6")


def test_thousands_of_clients_whose_tables_are_alike_are_looked_at_once(monkeypatch):
    calls = []

    def counted(*args, possible=elimination._possible):
        calls.append(args)
        return possible(*args)

    monkeypatch.setattr(elimination, "_possible", counted)
    numbers = []
    for nodes in (20, 40):
        calls.clear()
        assert observe(pasted("host-cut:node7", nodes=nodes)).identity.addresses["node7"]
        numbers.append(len(calls))
    assert numbers[0] == numbers[1] > 0
