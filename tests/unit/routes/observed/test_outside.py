"""What stands with peers that are no nodes, and what BIRD says of both ends of a session."""

from __future__ import annotations

from ipaddress import ip_address
from types import SimpleNamespace

import pytest

from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule
from calico_bgp.model.routes.bird_reading import ProtocolReading
from calico_bgp.routes.observed.outside import Outside
from calico_bgp.routes.observed.session_readings import external_sessions, session_readings
from tests.clusters import cluster, config, node, peer

V4, V6 = Family.IPV4, Family.IPV6
REJECT, ACCEPT = FilterAction.REJECT, FilterAction.ACCEPT


def sessions_of(*pairs, is_up=True, family=V4):
    return [SimpleNamespace(key=SessionKey.between(family, one, other), is_up=is_up, ends=()) for one, other in pairs]


def seen(*sessions, **more):
    return SimpleNamespace(by_name={"a": None, "b": None, "c": None}, in_order=sessions, memory={}, **more)


TOR, OTHER = "203.0.113.1", "203.0.113.2"


def test_peers_outside_are_those_of_sessions_that_stand_with_one_node():
    made = seen(
        *sessions_of(("a", "b")),
        *sessions_of(("a", OTHER), is_up=False),
        *sessions_of(("c", "fd00::1"), family=V6),
        *sessions_of((TOR, "b"), ("c", "nonsense"), (OTHER, TOR)),
    )
    outside = Outside(made, V4)
    assert outside.addresses == {ip_address(TOR)}
    assert outside.nodes == {"b", "c"}
    assert Outside(made, V6).nodes == {"c"}


def test_what_filters_there_are_nobody_knows_without_resources():
    assert not Outside(seen(*sessions_of(("a", TOR)), expectation=None), V4).is_told_by("a")


@pytest.mark.parametrize(
    ("rules", "is_told"),
    [
        (None, True),
        ((FilterRule(ACCEPT),), True),
        ((FilterRule(REJECT),), False),
        # A filter that was not given may hold back anything.
        ((), False),
        ((FilterRule(REJECT, remote_peers_only=True),), True),
    ],
)
def test_a_node_tells_a_switch_its_blocks_where_nothing_may_hold_them_back(rules, is_told):
    names = () if rules is None else ("f",)
    resources = cluster(
        node("a", "192.0.2.1"),
        node("b", "192.0.2.2"),
        peer("tor", node="a", peer_ip=TOR, as_number=65000, filters=names),
        config(mesh=False),
    ).model_copy(
        update={
            "ip_pools": (IPPool("pods", "10.244.0.0/16"),),
            "bgp_filters": (BGPFilter("f", export_v4=rules),) if rules else (),
        }
    )
    expectation = expect(resources)
    asked = {SessionKey.between(V4, "a", TOR): tuple(expectation.peers["a"])}
    made = seen(*sessions_of(("a", TOR), ("b", TOR)), expectation=expectation, expected_peers=asked)
    outside = Outside(made, V4)
    assert outside.is_told_by("a") is is_told
    assert not outside.is_told_by("b")  # no resource asks for it


# What BIRD's long answer says


class Reading(SimpleNamespace):
    """A node's reading, with what its BIRD says of each row."""

    def protocol_of(self, row):
        return self.said.get(row.name)


def row(name, *, is_established=True):
    return SimpleNamespace(name=name, is_established=is_established)


def protocol(name, imported=5, **more):
    return ProtocolReading(name, "BGP", "up", "", imported=imported, **more)


def test_each_end_of_a_session_that_stands_is_told_by_its_bird():
    def end(name, *rows):
        return SimpleNamespace(name=name, rows=rows)

    down = SimpleNamespace(
        key=SessionKey.between(V4, "a", "b"), is_up=False, ends=(end("a", row("p1")), end("b", row("p2")))
    )
    silent = SimpleNamespace(key=SessionKey(V4, "b", "c"), is_up=True, ends=(end("b", row("p2")), end("c", row("p1"))))
    outside = SimpleNamespace(
        key=SessionKey(V4, TOR, "b"), is_up=True, ends=(end(TOR), end("b", row("old", is_established=False), row("p3")))
    )
    unasked = SimpleNamespace(
        key=SessionKey(V4, "a", "c"), is_up=True, ends=(end("a", row("short")), end("c", row("p1")))
    )
    said = {
        "a": {"p1": protocol("p1"), "short": protocol("short", None)},
        "b": {"p2": protocol("p2"), "p3": protocol("p3", 7, imports_filtered=2, exported=3), "old": protocol("old")},
    }
    members = [
        SimpleNamespace(name=name, reading=None if name == "c" else Reading(birds=(1,), said=said[name]))
        for name in "cab"
    ]
    strangers = SimpleNamespace(has_strangers=lambda family: family is V4)
    made = seen(down, silent, outside, unasked, members=members, identity=strangers)
    found = session_readings(made)
    assert [(one.node, one.far, one.protocol.name, one.is_external) for one in found] == [
        ("b", "c", "p2", False),
        ("b", TOR, "p3", True),
    ]
    assert [(x.peer, x.node, x.imported, x.refused, x.exported) for x in external_sessions(made, V4)] == [
        (TOR, "b", 7, 2, 3)
    ]
    assert list(external_sessions(made, V6)) == []
    # An address that may be of a node whose address nobody says.
    none = seen(outside, members=members, identity=SimpleNamespace(has_strangers=lambda family: family is V6))
    assert [(one.far, one.is_external) for one in session_readings(none)] == [(TOR, False)]
