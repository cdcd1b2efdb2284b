"""Mermaid that Mermaid can render: few enough boxes and edges, and labels that cannot be taken for its words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.lab.cluster import Topology
from calico_bgp.model.peer import Family
from calico_bgp.report.picture.mermaid import _quoted, report_to_mermaid
from tests.unit.report.picture.test_svg import SITUATIONS


def test_the_outage_says_who_and_which(audited):
    report, snapshot = audited("bird-down:node1", "link-cut:node2,node4", nodes=6)
    text = report_to_mermaid(report, snapshot)
    assert text.startswith(
        "flowchart TB\n  accTitle: UNHEALTHY: 3/9 sessions up, 18 of 30 routes missing, 2 errors, 1 warning\n"
        '  subgraph reflectors["route reflectors"]\n    n0{{"#10007; node1 (1)"}}:::down\n'
    )
    assert '  n0 -.-x|"not Established"| n1\n' in text
    assert "classDef down fill:" in text


@pytest.mark.parametrize(("faults", "config"), SITUATIONS.values(), ids=SITUATIONS)
def test_it_stays_below_the_limits_of_mermaid(audited, faults, config):
    text = report_to_mermaid(*audited(*faults, **config))
    edges = [line for line in text.splitlines() if re.match(r"  \w+ (---|-\.-)", line)]
    boxes = [line for line in text.splitlines() if ":::" in line]
    assert len(edges) <= 300
    assert len(boxes) <= 80
    assert len(text) < 50_000
    named = set(re.findall(r"^    (\w+)[({\[]", text, re.MULTILINE))
    red = re.findall(r"linkStyle ([\d,]+) ", text)
    assert all(int(place) < len(edges) for places in red for place in places.split(","))
    for line in edges:
        near, *_, far = line.split()
        assert {near, far} <= named


def test_a_mesh_of_many_is_bundled(audited):
    report, snapshot = audited("bird-down:node7", nodes=60, topology=Topology.MESH, zones=3)
    text = report_to_mermaid(report, snapshot)
    assert '"#10007; node7 (1)"' in text
    assert '|"400 Established"|' in text


@given(st.text(max_size=100))
def test_a_label_is_one_quoted_text(name):
    assert re.fullmatch(r'"([\w .,:()/-]|#\d+;)+"', _quoted(name), re.ASCII)
    assert _quoted(name).strip('" ')


@pytest.mark.parametrize("name", ["", " ", "\u202e", "\n"])
def test_a_label_is_never_empty(name):
    """The real Mermaid (11.17) refuses `subgraph g[""]`, as it refuses nothing else of names that were tried."""
    assert _quoted(name) == '"-"'


def test_lines_of_sessions_that_are_down_are_red(audited):
    text = report_to_mermaid(*audited("bird-down:node1", "link-cut:node2,node4", nodes=6))
    edges = re.findall(r"^  \w+ (-\S+)", text, re.MULTILINE)
    assert [place for place, arrow in enumerate(edges) if arrow.startswith("-.-x")] == [0, 1, 2, 3, 4, 5]
    assert "  linkStyle 0,1,2,3,4,5 stroke:#b3261e\n" in text
    assert "linkStyle" not in report_to_mermaid(*audited(nodes=6))


def test_a_line_between_boxes_says_how_many_sessions_not_neighbours(audited):
    report, snapshot = audited("node-down:node7", nodes=30, topology=Topology.MESH, families=tuple(Family), zones=0)
    text = report_to_mermaid(report, snapshot)
    assert '|"58 not Established"|' in text
