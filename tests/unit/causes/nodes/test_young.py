"""Sessions that began a moment ago, and whether a node is new: its other sessions, two or more, began with these."""

from dataclasses import replace
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.nodes.young import is_newcomer, young_keys, young_sessions
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.peer import BGPState, ErrorClass, Family, PeerError
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.conftest import NOW, snapshot_of

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
CLUSTER = build_cluster(5, topology=Topology.MESH)
MISSING = SessionKey(Family.IPV4, "node1", "node5")


def seen(since, pending=("node1",)):
    """node5, some of whose sessions are not up; since when it says so of each other node that it has a row for."""
    own = {node.ipv4: node.name for node in CLUSTER.nodes}
    made = snapshot_of(CLUSTER)

    def rows(reading):
        for row in reading.peers:
            begun = since.get(own[row.address])
            if reading.node != "node5":
                yield row
            elif own[row.address] not in since:
                continue
            elif own[row.address] in pending:
                yield replace(row, protocol_state="start", bgp_state=BGPState.CONNECT, info="Connect", since=begun)
            else:
                yield replace(row, since=begun)

    return Case(observe(with_rows(made, rows)), ())


def with_rows(made, rows):
    """A snapshot with other rows: what `rows` makes of each reading."""
    readings = [
        reading.model_copy(update={"status": reading.status.model_copy(update={"peers": tuple(rows(reading))})})
        for reading in made.readings
    ]
    return made.model_copy(update={"readings": tuple(readings)})


def before(text):
    """`minutes:seconds` before now, as SINCE has it; anything else as it is, and nothing where it is empty."""
    if ":" not in text:
        return text or None
    minutes, seconds = map(int, text.split(":"))
    return f"{NOW - minutes * MINUTE - seconds * SECOND:%H:%M:%S}"


@pytest.mark.parametrize(
    ("since", "is_new"),
    [
        ({"node1": "0:50", "node2": "0:49", "node3": "0:49"}, True),
        ({"node1": "0:50", "node2": "0:49"}, False),
        ({"node1": "0:50", "node2": "0:49", "node3": "0:49", "node4": "0:49"}, True),
        # One is older, or came much later.
        ({"node1": "0:50", "node2": "0:49", "node3": "20:00"}, False),
        ({"node1": "20:00", "node2": "0:49", "node3": "0:49"}, False),
        # The last comes up 15 s after the first began, or 16.
        ({"node1": "0:50", "node2": "0:49", "node3": "0:35"}, True),
        ({"node1": "0:50", "node2": "0:49", "node3": "0:34"}, False),
        # One that began a second after another was up may be as old, by BIRD's two clocks; not one of two seconds.
        ({"node1": "0:48", "node2": "0:49", "node3": "0:40"}, True),
        ({"node1": "0:47", "node2": "0:49", "node3": "0:40"}, False),
        # Of one it is not known when it came up: a day tells nothing.
        ({"node1": "0:50", "node2": "0:49", "node3": "0:49", "node4": "2026-11-20"}, False),
        ({"node1": "2026-11-20", "node2": "0:49", "node3": "0:49"}, False),
        ({"node1": "2026-11-20", "node2": "2026-11-20", "node3": "2026-11-20"}, False),
        ({"node1": "0:50", "node2": "0:49", "node3": "0:49", "node4": "never"}, False),
        ({"node1": "0:50", "node2": "0:49", "node3": "0:49", "node4": ""}, False),
    ],
)
def test_a_new_node(since, is_new):
    case = seen({name: before(text) for name, text in since.items()})
    assert is_newcomer(case, "node5", [MISSING]) is is_new


@pytest.mark.parametrize(
    ("first", "second", "is_new"), [("0:50", "0:50", True), ("0:50", "0:40", False), ("0:50", "1:10", False)]
)
def test_of_several_that_wait_all_began_with_the_others(first, second, is_new):
    since = {"node1": first, "node2": second, "node3": "0:49", "node4": "0:49"}
    case = seen({name: before(text) for name, text in since.items()}, pending=("node1", "node2"))
    assert is_newcomer(case, "node5", case.bad_keys("node5")) is is_new


def test_without_a_clock_nobody_knows_what_is_new():
    case = seen({"node1": before("0:50"), "node2": before("0:49"), "node3": before("0:49")})
    made = case.cluster.snapshot
    readings = tuple(reading.model_copy(update={"clock": None, "taken_at": None}) for reading in made.readings)
    timeless = Case(observe(made.model_copy(update={"readings": readings, "taken_at": None})), ())
    assert is_newcomer(timeless, "node5", [MISSING]) is False


@pytest.mark.parametrize("name", ["node5", "192.0.2.200"])
def test_of_what_was_not_read_nobody_knows_whether_it_is_new(name):
    made = snapshot_of(CLUSTER, "node-down:node5")
    assert is_newcomer(Case(observe(made), ()), name, [MISSING]) is False


def begun(*pending, up_since=None, fresh=(), waiting_since="0:30", nodes=5, error=None):
    """The snapshot of a mesh in which some sessions, (node, node), are not up since half a minute.

    Args:
        pending: They.
        up_since: Since when all others are up, where it is not hours ago.
        fresh: Sessions that are up since 40 s.
        waiting_since: Since when those are not up, as minutes:seconds.
        nodes: How many nodes.
        error: Their rows' error.
    """
    cluster = build_cluster(nodes, topology=Topology.MESH)
    own = {node.ipv4: node.name for node in cluster.nodes}
    waiting, young = ({frozenset(f"node{n}" for n in pair) for pair in pairs} for pairs in (pending, fresh))
    state = {"protocol_state": "start", "bgp_state": BGPState.CONNECT, "info": "Connect", "error": error}

    def rows(reading):
        for row in reading.peers:
            pair = frozenset({reading.node, own[row.address]})
            if pair in waiting:
                yield replace(row, **state, since=before(waiting_since))
            else:
                yield replace(row, since=before("0:40") if pair in young else up_since or row.since)

    return with_rows(snapshot_of(cluster), rows)


@pytest.mark.parametrize(
    ("pending", "subjects"),
    [
        ([(1, 2)], ["node1 <-> node2 (IPv4)"]),
        ([(1, 2), (3, 4)], ["node1 <-> node2 (IPv4)", "node3 <-> node4 (IPv4)"]),
        ([(1, 2), (3, 4), (2, 5)], ["cluster"]),
    ],
)
def test_a_few_young_sessions_are_named(pending, subjects):
    (cause,) = audit(begun(*pending)).causes
    assert cause.kind == "young-sessions"
    assert [str(subject) for subject in cause.subjects] == subjects
    assert "began less than two minutes ago" in cause.title


def test_where_most_are_young_the_cluster_has_just_begun():
    (cause,) = audit(begun((1, 2), up_since=before("0:40"))).causes
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("young-sessions", ["cluster"])
    assert cause.title.startswith("BGP was restarted everywhere a moment ago, 1 session is still to come")


def test_where_none_is_missing_nothing_is_young():
    assert audit(begun(up_since=before("0:40"))).causes == ()


@pytest.mark.parametrize(
    ("waiting", "fresh", "is_everywhere"),
    [
        # Of eight that are up, half are no most.
        ([(1, 2), (3, 4)], [(1, 3), (1, 4), (1, 5), (2, 3)], False),
        ([(1, 2), (3, 4)], [(1, 3), (1, 4), (1, 5), (2, 3), (2, 4)], True),
    ],
)
def test_everywhere_is_where_more_than_half_are_young(waiting, fresh, is_everywhere):
    (cause,) = audit(begun(*waiting, fresh=fresh)).causes
    assert cause.kind == "young-sessions"
    assert cause.title.startswith("BGP was restarted everywhere") is is_everywhere
    assert cause.confidence is (Confidence.LIKELY if is_everywhere else Confidence.POSSIBLE)


@pytest.mark.parametrize(
    ("waiting", "fresh", "is_everywhere"),
    [([(1, 2), (1, 3)], [(2, 3)], False), ([(1, 2)], [(1, 3), (2, 3)], True)],
)
def test_one_young_session_is_no_restart_everywhere_and_two_are(waiting, fresh, is_everywhere):
    (cause,) = young_sessions(Case(observe(begun(*waiting, fresh=fresh, nodes=3)), ()))
    assert (cause.title.key == "everywhere") is is_everywhere


REFUSED = PeerError(ErrorClass.SOCKET, "Connection refused")
BAD_AS = PeerError(ErrorClass.BGP, "Bad peer AS")


@pytest.mark.parametrize(
    ("error", "all_young", "found"),
    [
        (None, True, True),
        (None, False, True),
        # While everything starts a port may refuse; a single one that refuses has another cause.
        (REFUSED, True, True),
        (REFUSED, False, False),
        (BAD_AS, True, False),
        (BAD_AS, False, False),
    ],
)
def test_what_a_session_may_say_that_is_still_to_come(error, all_young, found):
    case = Case(observe(begun((1, 2), error=error, up_since=before("0:40") if all_young else None)), ())
    assert [candidate.keys for candidate in young_sessions(case)] == [frozenset(case.cluster.judged.bad)] * found


@pytest.mark.parametrize(("since", "found"), [("1:58", True), ("2:30", False)])
def test_two_minutes_are_young(since, found):
    case = Case(observe(begun((1, 2), waiting_since=since)), ())
    assert bool(young_keys(case)) is found
    assert bool(list(young_sessions(case))) is found


def of_one_end(change):
    """A mesh in which node1 and node2 wait for each other, and `change` makes something of the row of node2."""

    def rows(reading):
        for row in reading.peers:
            yield from change(row) if reading.node == "node2" and not row.is_established else (row,)

    return Case(observe(with_rows(begun((1, 2)), rows)), ())


def test_a_session_is_as_old_as_its_older_end():
    assert young_keys(of_one_end(lambda row: (row,))) == {SessionKey(Family.IPV4, "node1", "node2")}
    assert young_keys(of_one_end(lambda row: (replace(row, since=before("30:00")),))) == frozenset()


def test_where_an_end_lacks_its_row_waiting_is_in_vain():
    assert young_keys(of_one_end(lambda row: ())) == frozenset()


def test_where_an_end_was_not_read_the_other_tells():
    made = begun((1, 2))
    unread = made.model_copy(update={"readings": tuple(one for one in made.readings if one.node != "node2")})
    assert young_keys(Case(observe(unread), ())) == {SessionKey(Family.IPV4, "node1", "node2")}


@pytest.mark.parametrize(("clock", "until"), [(NOW, "wait until 12:02:00 UTC"), (None, "wait two minutes")])
def test_how_long_to_wait(clock, until):
    (cause,) = young_sessions(Case(observe(begun((1, 2)).model_copy(update={"taken_at": clock})), ()))
    (fix,) = cause.fixes
    assert fix.summary == until
    assert fix.wait_until == (None if clock is None else NOW + 2 * MINUTE)
