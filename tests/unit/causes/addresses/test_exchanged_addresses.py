"""Nodes that have each other's addresses: which session stands says nothing, the hosts' own lists say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, Resources
from calico_bgp.model.snapshot import Snapshot
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


MESH = cluster(*numbered(1, 2, 3, 4, 5, 6))
REFLECTED = cluster(*numbered(1, 2, labels="rr", cluster_id="1.1.1.1"), *numbered(3, 4, 5, 6), PEER, OFF)


def moved_round(base: Resources, *names: str) -> Birds:
    """Calico has for each node the address of the next one; the hosts have what they had."""
    ipv4 = {name: base.nodes_by_name[name].ipv4 for name in names}
    next_one = dict(zip(names, names[1:] + names[:1], strict=True))
    nodes = tuple(replace(n, ipv4=ipv4[next_one[n.name]]) if n.name in ipv4 else n for n in base.nodes)
    hosts = {name: (str(address),) for name, address in ipv4.items()}
    return Birds(base.model_copy(update={"nodes": nodes}), hosts=hosts)


def fixed(report) -> list[str]:
    return sorted(step.kubectl for step in report.causes[0].fixes[0].steps)


@pytest.mark.parametrize("names", [("n2", "n4"), ("n2", "n4", "n6"), ("n1", "n4"), ("n3", "n4")])
@pytest.mark.parametrize("base", [MESH, REFLECTED], ids=["mesh", "reflectors"])
@pytest.mark.parametrize("through_api", [False, True])
@pytest.mark.parametrize("listed", [True, False])
def test_all_are_named_and_get_their_own(base, names, through_api, listed):
    """Also two clients, whose sessions all stand. Without a host's list Kubernetes knows whose address it is."""
    report = audit(moved_round(base, *names).snapshot(through_api=through_api, addresses=listed))
    assert told(report) == [("wrong-address", sorted(names))]
    assert report.causes[0].confidence is (Confidence.CERTAIN if listed else Confidence.LIKELY)
    assert report.exit_code() == 1
    assert fixed(report) == [
        f"kubectl annotate node {name} projectcalico.org/IPv4Address=192.0.2.{name[1:]}/24 --overwrite"
        for name in sorted(names)
    ]
    assert len(report.causes[0].fixes) == 1, "nothing of other nodes is touched"


@pytest.mark.parametrize("names", [("n2", "n4"), ("n2", "n4", "n6")])
def test_by_the_tables_of_a_mesh(names):
    """Each has a peer at its own address, and none at the one that Calico takes for its own."""
    report = audit(moved_round(MESH, *names).snapshot(resources=False))
    assert told(report) == [("wrong-address", sorted(names))]
    assert [step.kubectl.rpartition("=")[2] for step in report.causes[0].fixes[0].steps] == sorted(names)


def test_one_alone_that_has_another_ones_address():
    """n4's host has two addresses; its Node has the second one, and n2's Node the first."""
    nodes = {"n2": "192.0.2.4/24", "n4": "198.51.100.4/24"}
    changed = cluster(
        *(node(n.name, nodes.get(n.name, f"{n.ipv4}/24"), internal=str(n.internal_ips[0])) for n in MESH.nodes)
    )
    hosts = {"n2": ("192.0.2.2",), "n4": ("192.0.2.4", "198.51.100.4")}
    report = audit(Birds(changed, hosts=hosts).snapshot())
    assert told(report) == [("wrong-address", ["n2"])]
    assert fixed(report) == ["kubectl annotate node n2 projectcalico.org/IPv4Address=192.0.2.2/24 --overwrite"]


def test_an_address_that_its_own_host_has_as_well_is_right():
    """A virtual address that two hosts list, and one-to-one NAT, where no host lists what the others dial."""
    whole = Birds(MESH).snapshot()
    two = ("192.0.2.2", "192.0.2.4")
    assert audit(with_lists(whole, lambda own: two if own == "192.0.2.2" else (own,))).exit_code() == 0
    assert audit(with_lists(whole, lambda own: (own.replace("192.0.2", "198.51.100"),))).exit_code() == 0


def with_lists(made: Snapshot, listed: Callable[[str], Sequence[str]]) -> Snapshot:
    readings = tuple(
        r.model_copy(update={"addresses": tuple(map(ip_address, listed(str(r.addresses[0]))))}) for r in made.readings
    )
    return made.model_copy(update={"readings": readings})
