"""Where a route stops between o, who has it, and l, who lacks it, with reflectors r and s: by what BIRD counts."""

from __future__ import annotations

from ipaddress import ip_network
from types import SimpleNamespace

import pytest

from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import ProtocolReading, RouteLimit
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.observed import Stop
from calico_bgp.model.routes.table import RouteTable, TableRoute
from calico_bgp.routes.observed.stops import Ways
from calico_bgp.routes.observed.tables import NodeTables

BLOCK, OTHER = ip_network("10.244.1.0/26"), ip_network("10.244.2.0/26")
STATIC = TableRoute(BLOCK, Destination.BLACKHOLE, "static1")
PATH = TableRoute(BLOCK, Destination.GATEWAY, "bgp1")


def limit(kind, *, is_hit=True):
    return RouteLimit(kind=kind, number=10, action="disable", is_hit=is_hit)


def where(sessions, said, tables=None, *, not_up=()):
    """Where it stops.

    Args:
        sessions: Pairs of nodes, `ol`.
        said: `ol` → what o's BIRD says of its session with l: fields of ProtocolReading; of others nothing was read.
        tables: Node → its paths; those of o are whole.
        not_up: Pairs whose sessions are down.
    """
    tables = {"o": [STATIC]} if tables is None else tables

    def reading(name):
        def protocol_of(row):
            fields = said.get(f"{name}{row.far}")
            return None if fields is None else ProtocolReading(f"to_{row.far}", "BGP", "up", "", **fields)

        return SimpleNamespace(protocol_of=protocol_of)

    def end(near, far):
        rows = [SimpleNamespace(is_established=False, far="nobody"), SimpleNamespace(is_established=True, far=far)]
        return SimpleNamespace(name=near, rows=rows)

    in_order = [
        SimpleNamespace(key=SessionKey(family, a, b), is_up=(a + b) not in not_up, ends=(end(a, b), end(b, a)))
        for a, b in sessions
        for family in (Family.IPV6, Family.IPV4)
    ]
    cluster = SimpleNamespace(
        in_order=in_order, by_name={name: SimpleNamespace(reading=reading(name)) for name in "olrst"}
    )
    read = {
        name: NodeTables(name, RouteTable(Family.IPV4, bird=tuple(paths), bird_is_whole=name == "o"))
        for name, paths in tables.items()
    }
    return Ways(cluster, Family.IPV4, read).where("l", "o", BLOCK)


SENT = {"exported": 5}
GOT = {"imported": 5}


@pytest.mark.parametrize(
    ("said", "stop", "at", "words"),
    [
        ({}, Stop.UNTRACED, None, ""),
        ({"ol": SENT, "lo": GOT}, Stop.UNTRACED, None, ""),
        # What the receiver refused.
        ({"lo": {"limits": (limit("Import"),)}}, Stop.NOT_ACCEPTED, "l", "import limit 10 of to_o on l is hit"),
        ({"lo": {"limits": (limit("Receive"),)}}, Stop.NOT_ACCEPTED, "l", "receive limit 10 of to_o on l is hit"),
        (
            {"lo": {"limits": (limit("Receive", is_hit=False), limit("Import"))}},
            Stop.NOT_ACCEPTED,
            "l",
            "import limit 10 of to_o on l is hit",
        ),
        ({"lo": {"limits": (limit("Import", is_hit=False), limit("Export"))}}, Stop.UNTRACED, None, ""),
        (
            {"lo": {"imports_filtered": 3}},
            Stop.NOT_ACCEPTED,
            "l",
            "an import filter of to_o on l refused 3 announcements",
        ),
        # What the sender kept.
        ({"ol": {**SENT, "limits": (limit("Export"),)}}, Stop.NOT_ANNOUNCED, "o", "export limit 10 of to_l is hit"),
        ({"ol": {**SENT, "limits": (limit("Import"), limit("Export", is_hit=False))}}, Stop.UNTRACED, None, ""),
        (
            {"ol": {**SENT, "exports_filtered": 2}, "lo": GOT},
            Stop.NOT_ANNOUNCED,
            "o",
            f"o exports 5 routes over to_l, and not {BLOCK}",
        ),
        ({"ol": {**SENT, "exports_filtered": 0}, "lo": GOT}, Stop.UNTRACED, None, ""),
        # Where the receiver was not asked, it may have refused it.
        ({"ol": {**SENT, "exports_filtered": 2}}, Stop.UNTRACED, None, ""),
        ({"ol": {"exports_filtered": 2}, "lo": GOT}, Stop.UNTRACED, None, ""),
    ],
)
def test_between_two_that_have_a_session_either_end_tells(said, stop, at, words):
    # With another session, over which o exports something.
    found = where(["ol", "or"], {**said, "or": SENT})
    assert (found.stop, found.at, found.because) == (stop, at, words)


@pytest.mark.parametrize(
    ("said", "stop", "words"),
    [
        (
            {"or": {"exported": 0}, "os": {"exported": 0}},
            Stop.NOT_ANNOUNCED,
            "o exports no route to any of its 2 peers",
        ),
        # One that exports something, or tells nothing, is enough.
        (
            {"or": {"exported": 0}, "os": {"exported": 1}},
            Stop.NOT_ANNOUNCED,
            f"o exports 0 routes over to_r, and not {BLOCK}",
        ),
        (
            {"or": {"exported": 1}, "os": {"exported": 0}},
            Stop.NOT_ANNOUNCED,
            f"o exports 0 routes over to_s, and not {BLOCK}",
        ),
        ({"or": {"exported": 0}, "os": {}}, Stop.NOT_ANNOUNCED, f"o exports 0 routes over to_r, and not {BLOCK}"),
        ({"or": {"exported": 0}}, Stop.NOT_ANNOUNCED, f"o exports 0 routes over to_r, and not {BLOCK}"),
        ({}, Stop.UNTRACED, ""),
    ],
)
def test_the_owner_announces_nothing_where_it_exports_nothing_to_anybody(said, stop, words):
    found = where(["or", "os", "lr", "ls"], said)
    assert (found.stop, found.because) == (stop, words)


@pytest.mark.parametrize("first", ["rst", "srt", "tsr"])
@pytest.mark.parametrize(("silent", "stop"), [(1, Stop.UNTRACED), (2, Stop.NOT_ANNOUNCED)])
def test_of_several_ways_most_tell_where_it_stops(first, silent, stop):
    """A route that the others do not pass on either would be missing without what keeps it from one of them."""
    said = {f"o{name}": {"exported": 0} if place < silent else SENT for place, name in enumerate(first)}
    found = where([f"{end}{name}" for end in "ol" for name in "rst"], said)
    assert found.stop is stop


@pytest.mark.parametrize(
    ("paths", "stop"),
    [
        ([], Stop.NOT_HELD),
        ([STATIC._replace(prefix=OTHER)], Stop.NOT_HELD),
        ([PATH], Stop.UNTRACED),
        ([STATIC], Stop.UNTRACED),
    ],
)
def test_what_the_owners_bird_has_not_it_cannot_announce(paths, stop):
    found = where(["ol"], {}, {"o": paths})
    assert (found.stop, found.at) == (stop, "o" if stop is Stop.NOT_HELD else None)


@pytest.mark.parametrize(
    ("tables", "said", "stop", "at"),
    [
        # The first of the reflectors that hold it did not pass it on.
        ({"o": [STATIC], "s": [PATH]}, {"sl": {"exported": 0}, "rl": SENT}, Stop.NOT_PASSED_ON, "s"),
        ({"o": [STATIC], "r": [PATH], "s": [PATH]}, {"rl": {"exported": 0}, "sl": SENT}, Stop.NOT_PASSED_ON, "r"),
        ({"o": [STATIC], "r": [], "s": [PATH]}, {"lr": {"imports_filtered": 1}, "sl": SENT}, Stop.UNTRACED, None),
        # None holds it: o did not send it, or one of them did not take it.
        ({"o": [STATIC], "r": []}, {"ro": {"imports_filtered": 1}}, Stop.NOT_ACCEPTED, "r"),
        ({"o": [STATIC], "r": []}, {"so": {"imports_filtered": 1}}, Stop.NOT_ACCEPTED, "s"),
    ],
)
def test_behind_reflectors_it_stops_before_or_after_them(tables, said, stop, at):
    found = where(["or", "os", "lr", "ls"], said, tables)
    assert (found.stop, found.at) == (stop, at)


def test_sessions_that_are_down_and_those_of_strangers_are_no_ways():
    said = {"ol": {"exported": 0}, "or": SENT}
    assert where(["ol", "or"], said, not_up=["ol"]).stop is Stop.UNTRACED
    assert where([("203.0.113.1", "o"), "ol", "or"], said).stop is Stop.NOT_ANNOUNCED
