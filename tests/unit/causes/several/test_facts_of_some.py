"""Facts that families of causes read, where some of several rows, BGPPeers or nodes are so and others are not."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.addresses.duplicates import duplicate_address
from calico_bgp.causes.addresses.odd_peers import mesh_addresses
from calico_bgp.causes.case import Case
from calico_bgp.causes.network.hosts import link_cut
from calico_bgp.causes.network.partial_cuts import partly_cut
from calico_bgp.causes.nodes.protocols import protocols_of_mesh
from calico_bgp.causes.peering.configuration import refused_configuration
from calico_bgp.causes.peering.password_facts import one_sided
from calico_bgp.causes.reflectors.facts import asks_for_reflectors
from calico_bgp.causes.reflectors.stray import stray_cluster_id
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import AddressSubject
from calico_bgp.model.resources import BGPPeer
from calico_bgp.model.topology import TopologyKind
from tests.unit.auditing.tables import NODE, cluster, gathered, table
from tests.unit.causes.several.two_things import (
    CLOSED,
    HELD,
    MESH,
    OFF,
    PEER,
    TIMED_OUT,
    UNREACHABLE,
    Birds,
    at_other_addresses,
    both,
    lacks,
    mesh,
    nodes,
    printing,
    with_resources,
)
from tests.unit.rules.observed.rule_snapshots import with_reading

TOR = BGPPeer(name="tor", node="n2", peer_ip="198.51.100.1", as_number=65001)
WITH_A_CLUSTER_ID = [replace(each, cluster_id="1.1.1.1") if each.name == "n1" else each for each in MESH.nodes]


def case_of(made) -> Case:
    return Case(observe(made), audit(made).findings)


def test_each_of_two_bgp_peers_that_a_node_refuses_names_the_node():
    peers = [BGPPeer(name=name, node="n1", peer_ip=f"198.51.100.{n}") for n, name in enumerate("xy")]
    found = refused_configuration(case_of(with_resources(mesh(6), *MESH.nodes, *peers)))
    told = [(str(candidate.subjects[0]), candidate.evidence[-1]) for candidate in found]
    assert told == [("BGPPeer x", "nodes: n1"), ("BGPPeer y", "nodes: n1")]


@pytest.mark.parametrize(("peers", "asks"), [((TOR,), False), ((TOR, PEER), True)])
def test_one_bgp_peer_of_two_asks_for_reflectors(peers, asks):
    case = case_of(Birds(cluster(*WITH_A_CLUSTER_ID, *peers)).snapshot())
    assert case.configured is not None
    assert asks_for_reflectors(case.configured) is asks
    # Where one does, the node may have lost its label rather than got the cluster ID by mistake.
    assert [candidate.kind for candidate in stray_cluster_id(case)] == ([] if asks else ["stray-cluster-id"])


@pytest.mark.parametrize(
    ("rows", "names"), [((), ["Mesh_192_0_2_2"]), ((f"global= 192.0.2.1 {CLOSED}",), [])], ids=["mesh", "both"]
)
def test_what_bird_calls_a_peer_is_known_where_the_mesh_alone_makes_it(rows, names):
    case = case_of(mesh(3, lacks("n1", "n2"), more={"n2": rows}))
    (key,) = case.cluster.judged.bad
    assert [protocol.name for protocol in protocols_of_mesh(case, "n2", [key])] == names


@pytest.mark.parametrize(
    ("one", "confidence"), [(UNREACHABLE, Confidence.LIKELY), (HELD, Confidence.POSSIBLE)], ids=["no way", "silent"]
)
def test_one_peer_to_which_the_kernel_has_no_way_tells_whose_network_it_is(one, confidence):
    (candidate,) = partly_cut(case_of(mesh(6, both("n4", "n3", "n5"), {("n4", "n3"): one})))
    assert candidate.confidence is confidence


@pytest.mark.parametrize(("info", "confidence"), [(HELD, Confidence.LIKELY), ("Active", Confidence.POSSIBLE)])
def test_two_ends_without_an_error_leave_a_doubt_what_lies_between(info, confidence):
    (candidate,) = link_cut(case_of(with_resources(mesh(4, both("n1", "n2", info=info)), *MESH.nodes[:4])))
    assert candidate.confidence is confidence


def test_an_end_alone_says_that_both_have_one_router_id():
    made = mesh(2, {("n1", "n2"): "Idle BGP Error: Bad BGP identifier", ("n2", "n1"): "Active"})
    assert [session.has_one_router_id for session in observe(made).sessions.values()] == [True]


@pytest.mark.parametrize(
    ("nodes", "kind"), [(MESH.nodes, TopologyKind.NO_BGP), (WITH_A_CLUSTER_ID, TopologyKind.MESH)], ids=["none", "one"]
)
def test_a_cluster_in_which_one_node_has_a_cluster_id_uses_bgp(nodes, kind):
    gone = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"
    made = printing(mesh(3), n1=gone, n2=gone, n3=gone)
    assert observe(with_resources(made, *nodes[:3])).shape.kind is kind


def test_an_address_that_a_bgp_peer_names_as_well_is_not_known_to_be_a_node_s():
    rows = {"n1": "", "n2": "global= ", "n3": ""}
    made = mesh(3, more={name: [f"{kind}192.0.2.90 {HELD}", f"192.0.2.91 {HELD}"] for name, kind in rows.items()})
    assert [str(address) for address in mesh_addresses(case_of(made))] == [
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
        "192.0.2.91",
    ]


def test_of_two_shared_addresses_one_is_accepted_and_the_other_is_told():
    shared = {"n1": "192.0.2.77", "n2": "192.0.2.77", "n4": "192.0.2.88", "n5": "192.0.2.88"}
    made = at_other_addresses(MESH, on_hosts=True, **shared).snapshot()
    accepted = AddressSubject(address=ip_address("192.0.2.77"))
    findings = tuple(finding for finding in audit(made).findings if finding.subject != accepted)
    (candidate,) = duplicate_address(Case(observe(made), findings))
    assert [str(subject) for subject in candidate.subjects] == ["n4", "n5"]


def test_of_two_sessions_with_a_password_at_one_end_the_one_that_stood_had_it_at_both():
    """A session that once was up ended for another reason."""

    def half(name: str, near: int, far: int, *, has_password: bool) -> BGPPeer:
        way = {"node": f"n{near}", "peer_ip": f"192.0.2.{far}", "reverse_peering": "Manual"}
        return BGPPeer(name=name, as_number=64512, has_password=has_password, **way)

    peers = [half(f"a{far}", 1, far, has_password=True) for far in (3, 4)]
    peers += [half(f"b{near}", near, 1, has_password=False) for near in (3, 4)]
    tables = {
        "n1": table("n1", f"192.0.2.3 {TIMED_OUT}", f"192.0.2.4 {HELD}", kind=NODE),
        "n3": table("n3", "192.0.2.1 Active", kind=NODE),
        "n4": table("n4", f"192.0.2.1 {HELD}", kind=NODE),
    }
    addresses = {name: f"192.0.2.{name[1:]}" for name in tables}
    case = case_of(gathered(tables, addresses=addresses, resources=cluster(*nodes(1, 3, 4), *peers, OFF)))
    key = SessionKey.between(Family.IPV4, "n1", "n3")
    assert one_sided(case) == {(("BGPPeer", "a3"), ("BGPPeer", "b3")): {key}}


def test_a_session_recovers_of_which_one_end_does_not_say_how_bgp_is():
    """A table without its column INFO says `up`, the far end that it is in graceful restart."""
    made = mesh(2)
    for place, fields in enumerate(({"bgp_state": None, "info": ""}, {"protocol_state": "wait"})):
        status = made.readings[place].status
        rows = tuple(replace(row, **fields) for row in status.peers)
        made = with_reading(made, place, status=status.model_copy(update={"peers": rows}))
    assert list(observe(made).judged.recovering) == [SessionKey.between(Family.IPV4, "n1", "n2")]
