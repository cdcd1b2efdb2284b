"""Facts of a cluster in which some things are so and others are not: what stands behind the first counts as well."""

from ipaddress import ip_address

import pytest

from calico_bgp.cluster.expected import is_version_told
from calico_bgp.cluster.held_elsewhere import exchanged, held_elsewhere
from calico_bgp.cluster.nodes.elimination import _left_for_a_silent_node
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.deviations import Deviation, Deviations, _deviation
from calico_bgp.cluster.sessions.mesh_rows import mesh_rows
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.expected import Because, PeerPass
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.reading import Daemon, DaemonState
from calico_bgp.model.topology import TopologyKind
from tests.clusters import cluster, config, node, peer
from tests.unit.cluster.test_who_is_who import GLOBAL, MESH, NODE, V4, reading, row, view


def listing(name, *rows, addresses):
    """A reading of a host that lists these addresses."""
    return reading(name, *rows).model_copy(update={"addresses": tuple(map(ip_address, addresses.split()))})


# Mesh rows at both ends


def compared(*readings):
    found = view(*readings)
    return mesh_rows(found.sessions, {each.node for each in readings})


def test_a_pair_with_a_mesh_row_at_one_end_stands_behind_a_peer_outside():
    """Keys are sorted: an address comes before the names."""
    made = compared(reading("n1", row(99, GLOBAL), row(2), own=1), reading("n2", row(1, NODE), own=2))
    assert made.at_one_end == {SessionKey.between(V4, "n1", "n2")}


def test_a_pair_of_which_one_end_was_not_read_is_not_compared():
    failed = reading("n2", own=2, complete=False)
    assert compared(reading("n1", row(2), own=1), failed).at_one_end == frozenset()


@pytest.mark.parametrize(
    ("rows_of_3", "is_on"),
    [
        # One pair is meshed, one is explicit.
        ([row(1, NODE)], False),
        # One pair is meshed; of another only one end has a row.
        ([], True),
    ],
)
def test_the_mesh_is_on_where_more_pairs_are_meshed_than_explicit(rows_of_3, is_on):
    made = compared(
        reading("n1", row(2), row(3, NODE), own=1), reading("n2", row(1), own=2), reading("n3", *rows_of_3, own=3)
    )
    assert made.is_on is is_on


def test_an_end_with_two_peers_has_the_other_in_the_mesh_where_one_of_them_is():
    made = compared(reading("n1", row(2, GLOBAL), row(2, MESH), own=1), reading("n2", row(1), own=2))
    assert (made.is_on, made.at_one_end) == (True, frozenset())


# Addresses at another host


@pytest.mark.parametrize("ipv4", [True, False])
def test_addresses_of_ipv6_that_are_exchanged_where_those_of_ipv4_are_not(ipv4):
    own = [f"192.0.2.{n}" if ipv4 else "" for n in (1, 2)]
    found = view(
        listing("n1", addresses=f"{own[0]} 2001:db8::2"),
        listing("n2", addresses=f"{own[1]} 2001:db8::1"),
        resources=cluster(*(node(f"n{n}", *own[n - 1].split(), f"2001:db8::{n}") for n in (1, 2))),
    )
    assert [(str(one.address), one.node, one.holder) for one in held_elsewhere(found)] == [
        ("2001:db8::1", "n1", "n2"),
        ("2001:db8::2", "n2", "n1"),
    ]
    (ring,) = exchanged(found)
    assert {one.node for one in ring} == {"n1", "n2"}


# Tables beside what resources ask for


def deviating(found):
    return {
        name: ([peer.far_node for peer in one.missing], [str(each.address) for each in one.unexpected])
        for name, one in found.judged.deviations.by_node.items()
    }


THREE = cluster(*(node(f"n{n}", f"192.0.2.{n}") for n in (1, 2, 3)))


def test_what_a_table_lacks_behind_a_node_that_was_not_read_and_a_host_that_is_none():
    found = view(
        reading("a", own=77), reading("n2", row(1), own=2), reading("n3", row(1), row(2), own=3), resources=THREE
    )
    assert [member.name for member in found.members] == ["a", "n1", "n2", "n3"]
    assert deviating(found) == {"n2": (["n3"], [])}
    assert found.judged.deviations.judged == 2


def test_a_pod_on_the_node_itself_is_no_row_too_many():
    found = view(reading("n1", row(9, PeerType.LOCAL_WORKLOAD), row(2), row(3), own=1), resources=THREE)
    assert deviating(found) == {}


def test_where_one_of_the_rows_is_masked_nothing_is_missing():
    found = view(reading("n1", row(2), row(3, masked=True), own=1), resources=THREE)
    assert deviating(found) == {}


def test_peers_of_a_family_whose_table_nobody_gave_are_not_missing():
    dual = cluster(*(node(f"n{n}", f"192.0.2.{n}", f"2001:db8::{n}") for n in (1, 2)))
    assert deviating(view(*(reading(f"n{n}", row(3 - n), own=n) for n in (1, 2)), resources=dual)) == {}


# Who is who


def test_peers_are_expected_of_the_nodes_behind_a_host_that_is_none():
    found = view(reading("a", own=77), reading("n1", own=1), resources=THREE)
    assert SessionKey.between(V4, "n2", "n3") in found.expected_peers


def test_a_text_behind_one_that_was_pasted_twice_is_read():
    found = view(reading("n1", row(2)), reading("n1", row(2), host="later"), reading("n2", row(1)), pasted=True)
    assert [member.name for member in found.members] == ["n1", "n2"]


def test_an_address_in_a_table_behind_one_that_is_in_none():
    bridge = listing("n1", addresses="172.17.0.1 192.0.2.1")
    found = view(bridge, reading("n2", row(1), own=2))
    assert found.identity.owner[ip_address("192.0.2.1")] == "n1"
    assert ip_address("172.17.0.1") not in found.identity.owner


def test_one_cluster_id_is_enough_for_a_cluster_to_use_bgp():
    off = [reading(f"n{n}", own=n, state=DaemonState.NOT_RUNNING) for n in (1, 2, 3)]
    assert view(*off, resources=THREE).shape.kind is TopologyKind.NO_BGP
    ids = cluster(node("n1", "192.0.2.1", cluster_id="1.1.1.1"), node("n2", "192.0.2.2"), node("n3", "192.0.2.3"))
    assert view(*off, resources=ids).shape.kind is not TopologyKind.NO_BGP
    named = cluster(*THREE.nodes, peer("tor", peer_ip="192.0.2.99", as_number=64512))
    assert view(*off, resources=named).shape.kind is not TopologyKind.NO_BGP


# What a deviation is


def expected(number, kind=MESH, *, because=("mesh",), family=V4):
    """A peer that the resources ask for: .number, of this kind, for these reasons."""
    address = ip_address(f"192.0.2.{number}" if family is V4 else f"2001:db8::{number}")
    reasons = tuple(Because("BGPConfiguration", name, PeerPass.MESH) for name in because)
    return _ONE._replace(address=address, peer_type=kind, family=family, because=reasons)


#: Some peer of n1.
_ONE = next(iter(view(*(reading(f"n{n}", own=n) for n in (1, 2)), resources=THREE).expectation.peers["n1"]))


def deviation(rows, peers):
    """(missing, too much, of another type), each by the last number of its address."""

    def last(address):
        return int(str(address).rpartition(".")[2])

    found = _deviation(Member("n1", reading=reading("n1", *rows)), tuple(peers))
    return (
        [last(peer.address) for peer in found.missing],
        [last(each.address) for each in found.unexpected],
        [(last(peer.address), each.peer_type) for peer, each in found.mistyped],
    )


@pytest.mark.parametrize(
    ("rows", "peers", "right"),
    [
        # Two peers at one address: each has the row of its own type, in whatever order they stand.
        ([row(2, NODE), row(2, MESH)], [expected(2, MESH), expected(2, NODE), expected(3)], ([3], [], [])),
        # A type in words that nobody knows is none other; the row of another type behind it is.
        ([row(2, GLOBAL), row(2, "of a new release")], [expected(2, MESH)], ([], [2], [])),
        ([row(2, GLOBAL), row(2, NODE)], [expected(2, MESH)], ([], [2], [(2, GLOBAL)])),
    ],
)
def test_how_a_table_deviates(rows, peers, right):
    assert deviation(rows, peers) == right


@pytest.mark.parametrize(
    ("shown", "gone"),
    [
        # Both peers of one resource are missing, of the other one is there.
        ((4,), True),
        # Of each one is there.
        ((2, 4), False),
        # Both of the other one are there, and so is one of the first.
        ((3, 4, 5), False),
    ],
)
def test_all_peers_of_one_resource_are_gone(shown, gone):
    peers = [expected(n, because=("one",)) for n in (2, 3)] + [expected(n, because=("other",)) for n in (4, 5)]
    found = _deviation(Member("n1", reading=reading("n1", *(row(n) for n in shown))), tuple(peers))
    assert found.groups_gone is gone


def test_one_peer_that_a_resource_asks_for_is_no_group():
    assert not _deviation(Member("n1", reading=reading("n1")), (expected(2),)).groups_gone


def test_a_table_of_ipv6_behind_one_of_ipv4_that_nobody_gave():
    made = reading("n1")
    daemons = (Daemon(V4, DaemonState.UNKNOWN), Daemon(Family.IPV6, DaemonState.RUNNING))
    made = made.model_copy(update={"status": made.status.model_copy(update={"daemons": daemons})})
    found = _deviation(Member("n1", reading=made), (expected(2), expected(3, family=Family.IPV6)))
    assert [str(peer.address) for peer in found.missing] == ["2001:db8::3"]


def of_node(name, *, stranger=None, unexpected=1, missing=0):
    """A deviation of so many rows too many and so many that are missing."""
    return Deviation(name, (expected(2),) * missing, (row(9),) * unexpected, (), False, 3, False, stranger)


@pytest.mark.parametrize(
    ("strangers", "judged", "is_general"),
    [
        ([None, None], 3, True),
        # Half of the nodes are not most, and one node is none.
        ([None, None], 4, False),
        ([None], 1, False),
        # One far end is all that is too much; two are not.
        (["192.0.2.9", "192.0.2.9"], 3, False),
        (["192.0.2.9", "192.0.2.8"], 3, True),
        (["192.0.2.9", None], 3, True),
    ],
)
def test_most_nodes_deviate(strangers, judged, is_general):
    by_node = {f"n{n}": of_node(f"n{n}", stranger=stranger) for n, stranger in enumerate(strangers)}
    assert Deviations(by_node, judged, frozenset()).is_general is is_general


def test_a_node_that_only_lacks_rows_is_not_behind_for_sure():
    lacking, behind = of_node("n1", unexpected=0, missing=1), of_node("n2")
    assert Deviations({"n1": lacking, "n2": behind}, 2, frozenset()).behind == (behind,)
    assert (lacking.summary(), behind.summary()) == ("1 peer missing", "1 not asked for")


# What the resources ask for


RR = [node(f"rr{n}", f"192.0.2.20{n}", labels=f"rr={n}", cluster_id="1.1.1.1") for n in (1, 2)]
CLIENTS = [node(f"c{n}", f"192.0.2.{n}", labels=f"c={n}") for n in (1, 2)]
EACH = peer("rr", node_selector="has(c)", peer_selector="has(rr)")


@pytest.mark.parametrize(
    ("parts", "kind", "uniform"),
    [
        ([EACH, config(mesh=False)], TopologyKind.REFLECTORS, True),
        # The clients are in the mesh as well, with peers of another kind beside it.
        ([EACH], TopologyKind.MIXED, True),
        # One client has both reflectors, the other one of them.
        (
            [
                peer("a", node_selector="c == '1'", peer_selector="has(rr)"),
                peer("b", node_selector="c == '2'", peer_selector="rr == '1'"),
                config(mesh=False),
            ],
            TopologyKind.REFLECTORS,
            False,
        ),
        # The reflectors peer with each other: none of them is a client for that.
        (
            [EACH, peer("among", node_selector="has(rr)", peer_selector="has(rr)"), config(mesh=False)],
            "reflectors",
            True,
        ),
    ],
)
def test_the_shape_that_resources_ask_for(parts, kind, uniform):
    found = view(*(reading(each.name) for each in CLIENTS), resources=cluster(*RR, *CLIENTS, *parts))
    assert (found.shape.kind, found.shape.uniform) == (kind, uniform)
    assert {name for name, role in found.shape.roles.items() if role is Role.CLIENT} == {"c1", "c2"}


def test_a_version_that_one_of_two_nodes_prints_is_told():
    told, untold = reading("n1").model_copy(update={"calicoctl_version": "v3.29.1"}), reading("n2")
    assert is_version_told(view(told, untold).snapshot)
    assert not is_version_told(view(untold).snapshot)


@pytest.mark.parametrize(("candidates", "left"), [((3,), (3,)), ((3, 5), ())])
def test_the_one_address_that_is_left_is_the_silent_nodes_also_where_some_nodes_have_explicit_peers(candidates, left):
    """Of two, one may be an explicit peer as well."""
    near = Member("n1", reading=reading("n1", row(2), row(4, NODE), *map(row, candidates)))
    addresses = {number: ip_address(f"192.0.2.{number}") for number in (2, 3, 4, 5)}
    owner = {addresses[2]: "n2", addresses[4]: "n4"}
    found = _left_for_a_silent_node(V4, (near,), {addresses[number] for number in candidates}, owner)
    assert found == [addresses[number] for number in left]
