"""Who is who: members, whose an address is, both ends of a session, and the shape that the sessions make."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import BGPState, Family, Peer, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, GatherFailure, NodeReading, NodeStatus, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import TopologyKind
from tests.clusters import cluster, config, node

V4 = Family.IPV4
MESH, NODE, GLOBAL = PeerType.MESH, PeerType.NODE, PeerType.GLOBAL


def row(number, peer_type=MESH, *, up=True, masked=False):
    text = "192.0.2.x" if masked else f"192.0.2.{number}"
    state = BGPState.ESTABLISHED if up else BGPState.ACTIVE
    address = None if masked else ip_address(text)
    return Peer(V4, address, text, None, peer_type, "up" if up else "start", state, None, state.value)


def reading(name, *rows, state=DaemonState.RUNNING, own=None, complete=True, host=None):
    status = NodeStatus(felix_running=True, daemons=(Daemon(V4, state),), peers=rows, complete=complete)
    addresses = () if own is None else (ip_address(f"192.0.2.{own}"),)
    return NodeReading(host=host or str(name), node=name, status=status, addresses=addresses, complete=complete)


def view(*readings, roles=(), failures=(), resources=None, pasted=False, **fields):
    hosts = (
        ()
        if pasted
        else tuple(Host(name=r.host, role=Role.REFLECTOR if r.node in roles else None) for r in (*readings, *failures))
    )
    return observe(Snapshot(hosts=hosts, readings=readings, failures=failures, resources=resources, **fields))


def mesh(*numbers):
    return [reading(f"n{n}", *(row(m) for m in numbers if m != n), own=n) for n in numbers]


# Members


def test_every_host_is_a_member_read_or_not():
    failure = GatherFailure(host="n4", stage=Stage.CONNECT, message="no")
    found = view(*mesh(1, 2), failures=(failure,))
    assert [(m.name, m.reading is None, m.table(V4)) for m in found.members] == [
        ("n1", False, Table.WHOLE),
        ("n2", False, Table.WHOLE),
        ("n4", True, Table.UNKNOWN),
    ]


def test_two_hosts_with_one_node_name_stay_two():
    found = view(reading("n1", own=1, host="a"), reading("n1", own=2, host="b"))
    assert [member.name for member in found.members] == ["n1 (a)", "n1 (b)"]


def test_of_two_pastes_of_one_node_the_later_counts():
    found = view(reading("n1", row(2)), reading("n1", row(3), host="later"), pasted=True)
    assert [member.reading.host for member in found.members] == ["later"]
    assert [old.host for old in found.membership.superseded] == ["n1"]


def test_nodes_of_the_resources_are_members():
    resources = cluster(node("n1", "192.0.2.1"), node("n2", "192.0.2.2"), node("n3", "192.0.2.3"))
    found = view(*mesh(1, 2), resources=resources)
    assert [(m.name, m.is_unlisted) for m in found.members] == [("n1", False), ("n2", False), ("n3", True)]


def test_nodes_without_any_address_are_none():
    found = view(*mesh(1, 2), resources=cluster(node("n1"), node("n2"), node("n3"), config()))
    assert (found.expectation, [m.name for m in found.members]) == (None, ["n1", "n2"])


@pytest.mark.parametrize(
    ("state", "complete", "table"),
    [
        (DaemonState.RUNNING, True, Table.WHOLE),
        (DaemonState.RUNNING, False, Table.PART),
        (DaemonState.NOT_RUNNING, True, Table.NOT_RUNNING),
        (DaemonState.UNREACHABLE, True, Table.UNREACHABLE),
        (DaemonState.UNKNOWN, True, Table.UNKNOWN),
    ],
)
def test_what_a_table_proves(state, complete, table):
    (member,) = view(reading("n1", state=state, complete=complete)).members
    assert member.table(V4) is table


def test_rows_without_a_word_about_bird_are_a_part():
    made = reading("n1", row(2), row(3))
    made = made.model_copy(update={"status": made.status.model_copy(update={"daemons": ()})})
    (member,) = view(made).members
    assert [member.table(family) for family in Family] == [Table.PART, Table.UNKNOWN]


def test_a_pod_on_the_node_itself_is_no_session_and_hides_none():
    (found,) = view(reading("n1", row(9, PeerType.LOCAL_WORKLOAD), row(2), own=1)).sessions
    assert found == SessionKey.between(V4, "n1", "192.0.2.2")


# Whose an address is


def test_an_address_is_the_node_that_has_it():
    found = view(*mesh(1, 2, 3))
    assert found.identity.owner[ip_address("192.0.2.2")] == "n2"
    assert found.identity.unclaimed[V4] == ()


def test_an_address_of_two_nodes_is_neithers():
    found = view(reading("n1", row(3), own=1), reading("n2", own=3), reading("n4", own=3))
    assert found.identity.claimed_twice == {ip_address("192.0.2.3"): ("n2", "n4")}


def test_a_node_does_not_peer_with_itself():
    """Of two that claim an address it is the one whose table lacks it."""
    found = view(reading("n1", row(3), own=3), reading("n2", row(1), own=3))
    assert found.identity.owner[ip_address("192.0.2.3")] == "n2"


def test_what_is_left_belongs_to_the_node_that_is_left():
    known = [reading("n1", row(2), row(3), own=1), reading("n2", row(1), row(3), own=2)]
    found = view(*known, reading("n3", row(1), row(2)))
    assert found.identity.owner[ip_address("192.0.2.3")] == "n3"
    assert found.identity.evidence[ip_address("192.0.2.3")].startswith("elimination")


SWITCH = row(9, GLOBAL)
UNREAD = GatherFailure(host="n3", node="n3", stage=Stage.CONNECT, message="nothing answers")


@pytest.mark.parametrize("up", [True, False])
def test_a_peer_of_the_mesh_is_the_node_that_is_left_and_the_switch_is_not(up):
    known = [reading("n1", row(2), row(3, up=up), SWITCH, own=1), reading("n2", row(1), row(3, up=up), SWITCH, own=2)]
    found = view(*known, failures=(UNREAD,))
    assert found.identity.owner[ip_address("192.0.2.3")] == "n3"
    assert found.identity.unclaimed[V4] == (ip_address("192.0.2.9"),)


def test_of_two_peers_of_the_mesh_none_is_guessed():
    known = [reading("n1", row(2), row(3), row(4), own=1), reading("n2", row(1), row(3), row(4), own=2)]
    assert view(*known, failures=(UNREAD,)).identity.unplaced[V4] == ("n3",)


def test_where_nodes_have_explicit_peers_the_one_that_is_left_may_be_one():
    known = [
        reading("n1", row(2, NODE), row(3), row(9, NODE), own=1),
        reading("n2", row(1, NODE), row(3), row(9, NODE), own=2),
    ]
    assert view(*known, failures=(UNREAD,)).identity.unplaced[V4] == ("n3",)


def test_of_two_that_fit_none_is_guessed():
    known = reading("n1", row(2), row(3), own=1)
    found = view(known, reading("n2", row(1)), reading("n3", row(1)))
    assert found.identity.unplaced[V4] == ("n2", "n3")
    assert set(map(str, found.identity.possible[V4])) == {"192.0.2.2", "192.0.2.3"}


# Sessions


def key(one, other):
    return SessionKey.between(V4, one, other)


def test_both_ends_are_one_session():
    session = view(*mesh(1, 2)).sessions[key("n1", "n2")]
    assert (session.is_up, [end.name for end in session.ends], [len(end.rows) for end in session.ends]) == (
        True,
        ["n1", "n2"],
        [1, 1],
    )


def test_one_end_that_is_down_is_enough():
    found = view(reading("n1", row(2), own=1), reading("n2", row(1, up=False), own=2))
    assert not found.sessions[key("n1", "n2")].is_up


def test_an_end_without_a_row_provably_lacks_it_only_with_a_whole_table():
    whole = view(reading("n1", row(2), own=1), reading("n2", own=2)).sessions[key("n1", "n2")]
    part = view(reading("n1", row(2), own=1), reading("n2", own=2, complete=False)).sessions[key("n1", "n2")]
    assert (whole.b.lacks_row, part.b.lacks_row) == (True, False)


def test_a_masked_row_may_be_the_one():
    found = view(reading("n1", row(2), own=1), reading("n2", row(0, masked=True), own=2))
    assert not found.sessions[key("n1", "n2")].b.lacks_row


# Shape


def star(*clients, peer_type=NODE):
    hub = reading("n1", *(row(n, peer_type) for n in clients), own=1)
    return [hub, *(reading(f"n{n}", row(1, peer_type), own=n) for n in clients)]


def test_a_mesh():
    assert view(*mesh(1, 2, 3)).shape.kind is TopologyKind.MESH


def test_who_stands_between_the_others_is_the_reflector():
    found = view(*star(2, 3, 4))
    assert (found.shape.kind, found.reflectors) == (TopologyKind.REFLECTORS, ("n1",))


def test_told_roles_win():
    assert view(*star(2, 3, 4), roles={"n2"}).reflectors == ("n2",)


def test_two_nodes_that_peer_explicitly_show_no_reflector():
    found = view(*star(2))
    assert (found.shape.kind, found.reflectors) == (TopologyKind.EXPLICIT, ())


def test_bird_on_no_node_is_no_bgp_and_roles_say_otherwise():
    dead = [reading(f"n{n}", state=DaemonState.NOT_RUNNING) for n in (1, 2)]
    assert view(*dead).shape.kind is TopologyKind.NO_BGP
    assert view(*dead, roles={"n1"}).shape.kind is TopologyKind.REFLECTORS


def test_resources_say_the_shape():
    nodes = [node(f"n{n}", f"192.0.2.{n}") for n in (1, 2, 3)]
    found = view(*star(2, 3), resources=cluster(*nodes))
    assert (found.shape.kind, found.reflectors) == (TopologyKind.MESH, ())


def test_hosts_behind_one_to_one_nat_list_none_of_the_addresses_by_which_they_are_known():
    """Their sessions are up, so somebody has each as a peer, at an address that its list lacks."""
    found = view(
        *(reading(f"n{n}", *(row(m) for m in (1, 2, 3, 4) if m != n), own=100 + n) for n in (1, 2, 3, 4))
    ).identity
    assert {str(address): name for address, name in found.owner.items()} == {
        f"192.0.2.{n}": f"n{n}" for n in (1, 2, 3, 4)
    }


@pytest.mark.parametrize("rows", [[row(2, up=False)], [row(9, GLOBAL)]])
def test_a_host_whose_address_nobody_dials_and_that_has_no_session_with_a_node_is_known_to_have_another_one(rows):
    found = view(
        reading("n1", *rows, own=101), reading("n2", row(1), row(3), own=2), reading("n3", row(2), own=3)
    ).identity
    assert found.owner.get(ip_address("192.0.2.1")) is None
    assert found.unplaced[V4] == ()


def nat(name, *rows, **fields):
    return reading(f"n{name}", *rows, own=100 + name, **fields)


def test_behind_nat_a_host_without_any_session_is_found_by_what_is_left():
    ups = [nat(n, *(row(m, up=m != 3) for m in (1, 2, 3, 4) if m != n)) for n in (1, 2, 4)]
    found = view(*ups, nat(3, *(row(m, up=False) for m in (1, 2, 4)))).identity
    assert found.owner[ip_address("192.0.2.3")] == "n3"
    assert found.unclaimed[V4] == ()


def test_behind_nat_reflectors_are_found_and_clients_that_nothing_tells_are_not_called_missing():
    reflectors = [nat(n, *(row(m, NODE) for m in (1, 2, 3, 4) if m != n)) for n in (1, 2)]
    clients = [nat(n, row(1, NODE), row(2, NODE)) for n in (3, 4)]
    found = view(*reflectors, *clients, roles=("n1", "n2")).identity
    assert {str(address): name for address, name in found.owner.items()} == {"192.0.2.1": "n1", "192.0.2.2": "n2"}
    assert found.unplaced[V4] == ("n3", "n4")


def test_two_hosts_of_one_name_that_said_nothing_are_told_apart():
    hosts = (Host(name="a.example", node="n1"), Host(name="b.example", node="n1"))
    members = observe(Snapshot(hosts=hosts)).members
    assert [member.name for member in members] == [f"n1 ({host.label})" for host in hosts]


# Which Node a member is


def node_of(*readings, resources):
    """The Node of each text."""
    found = view(*readings, resources=cluster(*resources), pasted=True)
    return [member.resource and member.resource.name for member in found.members if member.reading is not None]


ALONE = [node("n1", "192.0.2.1")]


@pytest.mark.parametrize(
    ("readings", "nodes"),
    [
        # A single table without a name and a single Node are meant for each other.
        ([reading(None, row(9, GLOBAL), host="a")], ["n1"]),
        # With a name it is another one's.
        ([reading("other", row(9, GLOBAL), host="a")], [None]),
        # Of two tables nothing tells which is the Node's.
        ([reading(None, row(9, GLOBAL), host="a"), reading(None, row(8, GLOBAL), host="b")], [None, None]),
    ],
)
def test_tables_beside_a_single_node(readings, nodes):
    assert node_of(*readings, resources=ALONE) == nodes


@pytest.mark.parametrize(
    ("nodes", "right"),
    [
        (["n1", "n1.other.example"], "n1"),
        (["n1.other.example"], "n1.other.example"),
        (["n1.other.example", "n1.another.example"], None),
    ],
)
def test_a_full_name_is_the_node_of_that_short_name_before_one_that_only_begins_so(nodes, right):
    made = [node(name, f"192.0.2.{number}") for number, name in enumerate(nodes, 1)]
    assert node_of(reading("n1.example.org", row(9, GLOBAL)), resources=made) == [right]
