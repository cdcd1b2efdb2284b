import csv
import io
import json
from dataclasses import replace

import pytest

from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.status_json import status_to_json
from calico_bgp.report.audit.status_table import PeerFilter, narrow, status_rows, status_to_csv, status_to_text
from calico_bgp.report.text.columns import PEER_COLUMNS
from calico_bgp.report.text.page import TextStyle


@pytest.mark.parametrize(
    ("name", "style"),
    [("80", TextStyle(width=80)), ("ascii", TextStyle(width=80, unicode=False)), ("pipe", TextStyle())],
)
def test_golden(outage, golden, name, style):
    _, snapshot = outage
    golden(status_to_text(snapshot, status_rows(snapshot), style), f"outage.{name}.txt")


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


def test_no_peer_still_says_why(outage):
    shown = narrow(outage[1], PeerFilter(nodes=("node2",)))
    assert status_to_text(shown, status_rows(shown)) == (
        "0 of 0 peers Established on 1 node\nIPv4: BIRD is not running: node2\n"
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


def test_json(outage, golden):
    _, snapshot = outage
    text = status_to_json(snapshot, status_rows(snapshot, PeerFilter(nodes=("node1",))))
    golden(text, "outage.json")
    document = json.loads(text)
    assert document["schema"] == "calico-bgp/status/1"
    assert [p["node"] for p in document["peers"]] == ["node1"] * 5


def test_json_of_nothing():
    document = json.loads(status_to_json(Snapshot(), []))
    assert document["peers"] == document["nodes"] == document["failures"] == []
