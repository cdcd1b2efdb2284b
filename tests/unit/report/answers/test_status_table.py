import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from calico_bgp.model.peer import BGPState, ErrorClass, Family, PeerError, PeerType
from calico_bgp.model.reading import Daemon, DaemonState
from calico_bgp.model.routes.bird_reading import BirdReading, ProtocolReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.status.choice import PeerFilter, narrow, status_rows
from calico_bgp.report.status.csv import status_to_csv
from calico_bgp.report.status.json import status_to_json
from calico_bgp.report.status.table import status_to_text
from calico_bgp.report.text.columns import PEER_COLUMNS, PeerRow
from calico_bgp.report.text.page import TextStyle
from tests.unit.anonymising.every_field import full_snapshot

CLOCK = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def told(outage):
    """The outage as nodes tell it that also say what time it is: their peers have ages."""
    snapshot = outage[1]
    return snapshot.model_copy(
        update={"readings": tuple(r.model_copy(update={"clock": CLOCK}) for r in snapshot.readings)}
    )


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("60", TextStyle(width=60)),
        ("80", TextStyle(width=80)),
        ("120", TextStyle(width=120)),
        ("ascii", TextStyle(width=80, unicode=False)),
        ("pipe", TextStyle()),
        ("color", TextStyle(width=80, color=True)),
    ],
)
def test_golden(told, golden, name, style):
    golden(status_to_text(told, None, style), f"outage.{name}.txt")


def test_golden_wide(told, golden):
    """AS numbers and routes where BIRD itself was asked: on node1 and node3."""
    mesh = {1: (2, 3, 4, 5), 3: (1,)}
    readings = []
    for reading in told.readings:
        number = int(reading.name.removeprefix("node"))
        prefix = "Node_192_0_2_" if number == 1 else "Global_192_0_2_"
        protocols = tuple(
            ProtocolReading(
                f"{prefix}{far}",
                "BGP",
                "up" if far != 2 else "start",
                "06:50:56",
                neighbor_as=64512,
                imported=None if far == 2 else far,
                exported=None if far == 2 else 120,
            )
            for far in mesh.get(number, ())
        )
        readings.append(reading.model_copy(update={"birds": (BirdReading(Family.IPV4, protocols=protocols),)}))
    snapshot = told.model_copy(update={"readings": tuple(readings)})
    golden(status_to_text(snapshot, None, TextStyle(width=120), wide=True), "outage.wide.txt")


def test_a_line_per_peer_and_per_silent_node_and_no_prose(told):
    text = status_to_text(told, None, TextStyle(width=80))
    assert len(text.splitlines()) == 1 + 11 + 2 + 2  # headings, peers, node2 and node6, the last line and a blank one
    assert len(text.split()) <= 130
    assert max(map(len, text.splitlines())) <= 80


def test_the_narrow_page_holds_every_line(told):
    assert max(map(len, status_to_text(told, None, TextStyle(width=60)).splitlines())) <= 60


def test_peers_have_the_names_of_nodes_and_stand_as_people_count(outage):
    snapshot = outage[1]
    more = tuple(r.model_copy(update={"node": "node10"}) if r.node == "node1" else r for r in snapshot.readings)
    text = status_to_text(snapshot.model_copy(update={"readings": more}))
    nodes = [line.split()[0] for line in text.splitlines()[1:] if line and "Established on" not in line]
    assert list(dict.fromkeys(nodes)) == ["node2", "node3", "node4", "node5", "node6", "node10"]
    assert re.search(r"^node3 +node10 +192\.0\.2\.1 +global +Established", text, re.MULTILINE)


def test_a_filter_does_not_hide_whose_an_address_is(outage):
    text = status_to_text(outage[1], PeerFilter(nodes=("node3",)))
    assert re.search(r"^node3 +node1 +192\.0\.2\.1 ", text, re.MULTILINE)


def test_the_last_line_counts_what_is_shown(outage):
    last = status_to_text(outage[1], PeerFilter(states=("down",))).splitlines()[-1]
    assert last == "4 of 11 peers on 5 nodes, 0 of them Established; 1 node not read"


def test_an_address_of_nobody_has_no_name(outage):
    snapshot = outage[1]
    one = snapshot.readings[2]
    stranger = replace(one.peers[0], address=None, address_text="x.x.x.x")
    alone = one.model_copy(update={"status": one.status.model_copy(update={"peers": (stranger,)})})
    assert re.search(r"^node3 +- +x\.x\.x\.x ", status_to_text(Snapshot(readings=(alone,))), re.MULTILINE)


def test_a_session_that_restarts_is_neither_up_nor_down(outage):
    snapshot = outage[1]
    one = snapshot.readings[2]
    waiting = replace(one.peers[0], protocol_state="wait", bgp_state=BGPState.ESTABLISHED, error=None)
    alone = one.model_copy(update={"status": one.status.model_copy(update={"peers": (waiting,)})})
    text = status_to_text(Snapshot(readings=(alone,)), style=TextStyle(color=True))
    assert "\x1b[33mrestarting" in text


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (PeerFilter(), 11),
        (PeerFilter(nodes=("node3",)), 2),
        (PeerFilter(nodes=("node[34]*",)), 4),
        (PeerFilter(nodes=("node3.example", "node1")), 7),
        (PeerFilter(states=("down",)), 4),
        (PeerFilter(states=("ESTABLISHED",)), 7),
        (PeerFilter(states=("start", "up")), 11),
        (PeerFilter(types=(PeerType.GLOBAL,)), 6),
        (PeerFilter(types=(PeerType.MESH,)), 0),
        (PeerFilter(families=(Family.IPV6,)), 0),
        (PeerFilter(states=("active",), types=(PeerType.NODE,)), 1),
    ],
)
def test_filter(outage, which, expected):
    assert len(status_rows(outage[1], which)) == expected


def test_a_family_that_no_node_uses_is_not_missed(outage):
    snapshot = outage[1]
    dead = Daemon(Family.IPV6, DaemonState.NOT_RUNNING)

    def with_it(reading):
        return reading.model_copy(
            update={"status": reading.status.model_copy(update={"daemons": (*reading.status.daemons, dead)})}
        )

    readings = tuple(with_it(reading) for reading in snapshot.readings)
    assert "IPv6" not in status_to_text(snapshot.model_copy(update={"readings": readings}))
    alone = status_to_text(Snapshot(readings=(readings[1],)))
    assert alone.count("BIRD is not running") == 1


@pytest.mark.parametrize(
    ("which", "silent"),
    [
        (PeerFilter(), True),
        (PeerFilter(states=("down",)), True),
        (PeerFilter(states=("established",)), False),
        (PeerFilter(types=(PeerType.GLOBAL,)), False),
        (PeerFilter(families=(Family.IPV6,)), False),
    ],
)
def test_a_node_without_peers_has_a_row_where_it_belongs_to_what_is_asked(outage, which, silent):
    text = status_to_text(outage[1], which)
    assert bool(re.search(r"^node2 +- +- +- +BIRD down +- +BIRD is not running$", text, re.MULTILINE)) == silent


def test_no_peer_still_says_why(outage):
    assert status_to_text(outage[1], PeerFilter(nodes=("node2",))) == (
        "NODE   PEER  ADDRESS  TYPE  STATE      AGE  LAST ERROR\n"
        "node2  -     -        -     BIRD down  -    BIRD is not running\n"
        "\n0 of 0 peers Established on 1 node\n"
    )


def test_csv(outage, golden):
    golden(status_to_csv(status_rows(outage[1])), "outage.csv")


def test_csv_keeps_its_header_when_empty():
    assert list(csv.reader(io.StringIO(status_to_csv([])))) == [[column.key for column in PEER_COLUMNS]]


def test_csv_runs_no_formula(outage):
    (row, *_) = status_rows(outage[1])
    evil = row._replace(peer=replace(row.peer, info="=HYPERLINK(0)", since="+1\n2", peer_type='@x",y'))
    _, cells = csv.reader(io.StringIO(status_to_csv([evil])))
    assert [c for c in cells if c.startswith(("=", "+", "-", "@"))] == []
    assert "'=HYPERLINK(0)" in cells


@pytest.mark.parametrize(
    "start", ["=1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\n-1", "\uff1d1", "a;=1", "a; @x", ";\t+1"]
)
def test_no_cell_of_a_csv_begins_a_formula_in_any_column(start):
    """Not even where a semicolon ends a cell: in Excel where the decimal sign is a comma."""
    full = full_snapshot().readings[0]
    error = PeerError(ErrorClass.SOCKET, start)
    peer = replace(
        full.peers[0], **dict.fromkeys(("address_text", "peer_type", "protocol_state", "since", "info"), start)
    )
    reading = full.model_copy(update={"host": start, "node": start})
    row = PeerRow(reading, replace(peer, error=error))
    assert {"node", "host", "error_message", "info", "since"} <= {
        column.key for column in PEER_COLUMNS if column.value(row) == start
    }
    text = status_to_csv([row])
    for comma in ",;":
        for cells in csv.reader(io.StringIO(text), delimiter=comma, quoting=csv.QUOTE_NONE):
            for cell in cells:
                assert not cell.strip().strip('"').strip().startswith(("=", "+", "-", "@", "\uff1d")), (comma, cell)


def test_json(outage, golden):
    _, snapshot = outage
    text = status_to_json(narrow(snapshot, PeerFilter()), status_rows(snapshot, PeerFilter(nodes=("node1",))))
    golden(text, "outage.json")
    document = json.loads(text)
    assert document["schema"] == "calico-bgp/status/1"
    assert [p["node"] for p in document["peers"]] == ["node1"] * 5


def test_json_of_nothing():
    document = json.loads(status_to_json(Snapshot(), []))
    assert document["peers"] == document["nodes"] == document["failures"] == []
