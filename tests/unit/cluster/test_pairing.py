"""Tables without names, paired by what both ends say of their session - or left open where several pairings fit."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from calico_bgp.cluster.cluster import observe
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.snapshot import Snapshot

V4 = Family.IPV4
SENT = PeerError(ErrorClass.BGP, "Bad peer AS")
CAME_IN = PeerError(ErrorClass.RECEIVED, "Bad peer AS")
REFUSED = PeerError(ErrorClass.SOCKET, "Connection refused")
OFF = PeerError(ErrorClass.SOCKET, "Host is unreachable")
UP = "up"
#: Down, for no reason that is shown.
BARE = None


def row(number, told, peer_type=PeerType.NODE):
    address = f"10.0.0.{number}"
    if told is UP:
        return Peer(V4, ip_address(address), address, None, peer_type, "up", BGPState.ESTABLISHED, None, "Established")
    return Peer(V4, ip_address(address), address, None, peer_type, "start", BGPState.ACTIVE, None, "Active", told)


def table(line, told, *, peer_type=PeerType.NODE, state=DaemonState.RUNNING, own=None, complete=True):
    """A text without a name, by its line: the last number of a peer → what it shows of it."""
    status = NodeStatus(
        daemons=(Daemon(V4, state),),
        peers=tuple(row(number, error, peer_type) for number, error in told.items()),
        complete=complete,
    )
    addresses = () if own is None else (ip_address(f"10.0.0.{own}"),)
    return NodeReading(host=f"t:{line}", status=status, addresses=addresses)


def stopped(line):
    return table(line, {}, state=DaemonState.NOT_RUNNING)


def owners(*readings):
    found = observe(Snapshot(readings=readings)).identity
    return {int(str(address).rpartition(".")[2]): name.removeprefix("t:") for address, name in found.owner.items()}


def mesh(line, told, **fields):
    return table(line, told, peer_type=PeerType.MESH, **fields)


# NOTIFICATIONs


@pytest.mark.parametrize(("here", "there"), [(SENT, CAME_IN), (CAME_IN, SENT)])
def test_what_one_end_sent_the_other_got(here, there):
    reflector = table(1, {2: here, 3: REFUSED})
    assert owners(reflector, table(2, {1: there}), table(3, {1: BARE})) == {1: "1", 2: "2", 3: "3"}


def test_the_order_of_the_texts_does_not_matter():
    texts = table(1, {3: BARE}), table(2, {3: CAME_IN}), table(3, {1: REFUSED, 2: SENT})
    assert owners(*texts) == owners(*reversed(texts)) == {1: "1", 2: "2", 3: "3"}


def test_the_evidence_says_so():
    identity = observe(
        Snapshot(readings=(table(1, {2: SENT, 3: REFUSED}), table(2, {1: CAME_IN}), table(3, {1: BARE})))
    ).identity
    assert identity.evidence[ip_address("10.0.0.2")].startswith("what both ends say")
    assert identity.evidence[ip_address("10.0.0.3")].startswith("elimination")


def test_of_two_that_got_it_none_is_guessed():
    reflector = table(1, {2: SENT, 3: SENT})
    assert owners(reflector, table(2, {1: CAME_IN}), table(3, {1: CAME_IN})) == {1: "1"}


def test_of_two_that_it_was_sent_to_none_is_guessed():
    assert owners(table(1, {2: SENT, 3: SENT, 4: BARE}, own=1), table(2, {1: CAME_IN}), table(3, {1: BARE})) == {1: "1"}


def test_two_texts_that_want_one_address_get_none():
    reflector = table(1, {2: SENT, 3: BARE, 4: BARE}, own=1)
    assert owners(reflector, table(2, {1: CAME_IN}), table(3, {1: CAME_IN})) == {1: "1"}


def test_the_same_complaint_at_both_ends_is_no_answer():
    assert owners(table(1, {2: SENT, 3: BARE}, own=1), table(2, {1: SENT}), table(3, {1: BARE})) == {1: "1"}


def test_another_message_is_no_answer():
    other = PeerError(ErrorClass.RECEIVED, "Hold timer expired")
    assert owners(table(1, {2: SENT, 3: BARE}, own=1), table(2, {1: other}), table(3, {1: BARE})) == {1: "1"}


def test_two_texts_of_which_nothing_is_known_pair_by_themselves():
    assert owners(table(1, {9: SENT}), table(2, {7: CAME_IN}), table(3, {5: UP})) == {7: "1", 9: "2"}


def test_an_address_that_a_text_shows_itself_is_not_its_own():
    assert owners(table(1, {2: SENT, 3: BARE, 4: BARE}, own=1), table(2, {1: CAME_IN, 2: UP})) == {1: "1"}


def test_an_answer_that_another_node_contradicts_is_none():
    """The second reflector has a session with .2 that is up; the text that would be .2 says it is down."""
    first = table(1, {2: SENT, 3: BARE}, own=1)
    second = table(2, {2: UP, 3: BARE}, own=4)
    contradicts = table(3, {1: CAME_IN, 4: BARE})
    assert owners(first, second, contradicts, table(4, {1: BARE, 4: BARE})) == {1: "1", 4: "2"}
    agrees = table(3, {1: CAME_IN, 4: UP})
    assert owners(first, second, agrees, table(4, {1: BARE, 4: BARE})) == {1: "1", 2: "3", 3: "4", 4: "2"}


def test_a_row_that_is_up_tells_of_no_error():
    reflector = table(1, {2: SENT, 3: UP}, own=1)
    healed = replace(row(1, UP), error=CAME_IN)
    healthy = NodeReading(host="t:3", status=NodeStatus(daemons=(Daemon(V4, DaemonState.RUNNING),), peers=(healed,)))
    assert owners(reflector, table(2, {1: BARE}), healthy) == {1: "1", 2: "2", 3: "3"}


# BIRD not running there


def test_who_refuses_is_the_node_without_bird():
    assert owners(mesh(1, {2: UP, 3: REFUSED, 4: UP}), stopped(2)) == {3: "2"}


def test_one_that_says_so_is_enough_where_another_says_nothing():
    assert owners(mesh(1, {2: UP, 3: REFUSED, 4: UP}), mesh(4, {1: UP, 2: UP, 3: BARE}, own=4), stopped(2))[3] == "2"


def test_who_is_off_is_not_the_node_without_bird():
    assert owners(mesh(1, {2: UP, 3: REFUSED, 4: OFF}), stopped(2)) == {3: "2"}


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([mesh(1, {2: UP, 3: REFUSED, 4: REFUSED}), stopped(2)], id="two refuse"),
        pytest.param([mesh(1, {2: UP, 3: REFUSED, 4: BARE}), stopped(2)], id="another may refuse as well"),
        pytest.param([mesh(1, {2: UP, 3: BARE, 4: UP}), stopped(2)], id="none refuses"),
        pytest.param([mesh(1, {2: UP, 3: OFF, 4: UP}), stopped(2)], id="its host is off"),
        pytest.param([mesh(1, {2: UP, 3: REFUSED, 4: UP}), stopped(2), stopped(3)], id="two without BIRD"),
        pytest.param([table(1, {2: UP, 3: REFUSED, 4: UP}), stopped(2)], id="it may be a router"),
        pytest.param([mesh(1, {2: UP, 3: REFUSED, 4: UP}, complete=False), stopped(2)], id="the table was cut"),
        pytest.param(
            [mesh(1, {2: UP, 3: REFUSED, 4: UP}), table(4, {1: UP, 2: UP, 3: BARE}, own=4), stopped(2)],
            id="another node has it as no peer of the mesh",
        ),
        pytest.param(
            [mesh(1, {2: UP, 3: REFUSED, 4: UP}), stopped(2), mesh(3, {8: BARE})], id="another text may be that node"
        ),
        pytest.param(
            [mesh(1, {2: UP, 3: REFUSED, 4: UP}, own=1), mesh(5, {1: UP, 3: UP, 4: UP}, own=2), stopped(2)],
            id="another node has it up",
        ),
    ],
)
def test_where_several_pairings_fit_the_node_without_bird_has_no_address(texts):
    assert 3 not in owners(*texts)


def test_of_two_texts_that_may_be_one_node_neither_is():
    found = owners(mesh(1, {1: UP, 2: UP}), mesh(2, {1: UP, 2: UP}), mesh(3, {2: UP, 3: UP}, own=1))
    assert 3 not in found
    assert owners(mesh(1, {1: UP, 2: UP}), mesh(3, {2: UP, 3: UP}, own=1))[3] == "1"


@pytest.mark.parametrize(("own", "found"), [(2, {1: "1", 2: "2"}), (5, {5: "2"})])
def test_what_was_sent_to_another_node_is_no_answer(own, found):
    """A text complains to .2, and of what .1 sent a node complains whose address is known: it need not be .2."""
    sent = table(1, {2: SENT, 3: BARE, 4: BARE, 5: BARE}), table(2, {1: CAME_IN, 3: BARE, 4: BARE}, own=own)
    assert owners(*sent, table(3, {6: BARE})) == found
