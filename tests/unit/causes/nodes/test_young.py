"""Sessions that began a moment ago, and whether a node is new: its other sessions, two or more, began with these."""

from dataclasses import replace
from datetime import timedelta

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.nodes.young import is_newcomer
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.peer import BGPState, Family
from tests.unit.auditing.conftest import NOW, snapshot_of

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
CLUSTER = build_cluster(5, topology=Topology.MESH)
MISSING = SessionKey(Family.IPV4, "node1", "node5")


def seen(since):
    """node5, whose session with node1 is not up; since when it says so of each other node, None without a row."""
    own = {node.ipv4: node.name for node in CLUSTER.nodes}
    made = snapshot_of(CLUSTER)

    def rows(reading):
        for row in reading.peers:
            begun = since.get(own[row.address])
            if reading.node != "node5":
                yield row
            elif begun is None:
                continue
            elif own[row.address] == "node1":
                yield replace(row, protocol_state="start", bgp_state=BGPState.CONNECT, info="Connect", since=begun)
            else:
                yield replace(row, since=begun)

    readings = [
        reading.model_copy(update={"status": reading.status.model_copy(update={"peers": tuple(rows(reading))})})
        for reading in made.readings
    ]
    return Case(observe(made.model_copy(update={"readings": tuple(readings)})), ())


@pytest.mark.parametrize(
    ("since", "is_new"),
    [
        ({"node1": "0:50", "node2": "0:49", "node3": "0:49"}, True),
        ({"node1": "0:50", "node2": "0:49"}, False),
        ({"node1": "0:50", "node2": "0:49", "node3": "0:49", "node4": "0:49"}, True),
        # One is older, or came much later.
        ({"node1": "0:50", "node2": "0:49", "node3": "20:00"}, False),
        ({"node1": "20:00", "node2": "0:49", "node3": "0:49"}, False),
    ],
)
def test_a_new_node(since, is_new):
    def before(text):
        minutes, seconds = map(int, text.split(":"))
        return f"{NOW - minutes * MINUTE - seconds * SECOND:%H:%M:%S}"

    assert is_newcomer(seen({name: before(text) for name, text in since.items()}), "node5", [MISSING]) is is_new


def begun(*pending, up_since=None):
    """The audit of a mesh in which some sessions, (node, node), are not up since half a minute."""
    own = {node.ipv4: node.name for node in CLUSTER.nodes}
    made = snapshot_of(CLUSTER)
    waiting = [frozenset(f"node{number}" for number in pair) for pair in pending]
    state = {"protocol_state": "start", "bgp_state": BGPState.CONNECT, "info": "Connect"}
    readings = []
    for reading in made.readings:
        rows = [
            replace(row, **state, since=f"{NOW - 30 * SECOND:%H:%M:%S}")
            if {reading.node, own[row.address]} in waiting
            else replace(row, since=up_since or row.since)
            for row in reading.peers
        ]
        readings.append(reading.model_copy(update={"status": reading.status.model_copy(update={"peers": tuple(rows)})}))
    return audit(made.model_copy(update={"readings": tuple(readings)}))


@pytest.mark.parametrize(
    ("pending", "subjects"),
    [
        ([(1, 2)], ["node1 <-> node2 (IPv4)"]),
        ([(1, 2), (3, 4)], ["node1 <-> node2 (IPv4)", "node3 <-> node4 (IPv4)"]),
        ([(1, 2), (3, 4), (2, 5)], ["cluster"]),
    ],
)
def test_a_few_young_sessions_are_named(pending, subjects):
    (cause,) = begun(*pending).causes
    assert cause.kind == "young-sessions"
    assert [str(subject) for subject in cause.subjects] == subjects
    assert "began less than two minutes ago" in cause.title


def test_where_most_are_young_the_cluster_has_just_begun():
    (cause,) = begun((1, 2), up_since=f"{NOW - 40 * SECOND:%H:%M:%S}").causes
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("young-sessions", ["cluster"])
    assert cause.title.startswith("BGP was restarted everywhere a moment ago, 1 session is still to come")


def test_where_none_is_missing_nothing_is_young():
    assert begun(up_since=f"{NOW - 40 * SECOND:%H:%M:%S}").causes == ()
