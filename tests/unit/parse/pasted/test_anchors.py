"""Whether a few words may hold a row of a peer, told without reading them."""

from pathlib import Path

import pytest

from calico_bgp.parse.pasted.lines.anchors import may_hold_a_row
from calico_bgp.parse.pasted.reader import parse_pasted

PASTES = sorted((Path(__file__).parents[3] / "fixtures/cases/pastes").glob("*/paste.txt"))


@pytest.mark.parametrize(
    "text", ["Active Socket: Connection refused", "Passive BGP Error: Bad peer AS", "No IPv4 peers found.", ""]
)
def test_a_cell_or_a_message_holds_none(text):
    assert not may_hold_a_row(text)


@pytest.mark.parametrize(
    "text",
    [
        "| 10.0.0.2 | node specific | start | 10:20:30 | Idle |",
        "10.0.0.2  global  up  10:20:30  Established",
        "Mesh_10_0_0_1 BGP master up 10:20:30 Established",
        "Node_10_0_0_1 BGP master start 10:20:30 Idle",
        "Local_Workload_10_0_0_1 BGP master down 10:20:30",
        "two\nlines",
    ],
)
def test_a_row_and_a_longer_text_may(text):
    assert may_hold_a_row(text)


def test_of_the_lines_of_all_pastes_those_may_that_hold_a_peer():
    lines = {line for paste in PASTES for line in paste.read_text(errors="replace").splitlines()[:60]}
    unlikely = sorted(line for line in lines if not may_hold_a_row(line))
    assert len(unlikely) > 100
    assert [line for line in unlikely if any(status.peers for status in parse_pasted(line))] == []
