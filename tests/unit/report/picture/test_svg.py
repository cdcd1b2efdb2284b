"""The picture holds what the audit says: every node, every broken session, nothing from elsewhere, nothing to run."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.lab.cluster import Topology
from calico_bgp.model.peer import Family
from calico_bgp.report.picture.diagram import LinkState, NodeState, Spot
from calico_bgp.report.picture.facts import diagram_of
from calico_bgp.report.picture.geometry import text_width
from calico_bgp.report.picture.placing import _by_trouble, _middle_first, place
from calico_bgp.report.picture.svg import MOST_NAMED, picture, report_to_svg
from calico_bgp.report.text.markup import written

SVG = "{http://www.w3.org/2000/svg}"
SITUATIONS = {
    "healthy": ((), {"nodes": 6}),
    "outage": (("bird-down:node1", "link-cut:node2,node4"), {"nodes": 6}),
    "dual stack": (("bird6-down:node5",), {"nodes": 8, "families": tuple(Family), "zones": 3}),
    "mesh": (("link-cut:node2,node5",), {"nodes": 8, "topology": Topology.MESH}),
    "mesh of 60": (("bird-down:node7", "link-cut:node2,node5"), {"nodes": 60, "topology": Topology.MESH, "zones": 3}),
    "switch": (("tor-down",), {"nodes": 12, "switch": True}),
    "100 nodes": (("bird-down:node2", "bird-down:node77"), {"nodes": 100, "reflectors": 3, "zones": 3, "switch": True}),
    "no zones": (("bird-down:node2",), {"nodes": 30, "zones": 0}),
    "many zones": ((), {"nodes": 60, "zones": 11, "reflectors": 9}),
    "300 nodes": (("bird-down:node1", "node-down:node120"), {"nodes": 300, "reflectors": 4, "zones": 4}),
    "one node": ((), {"nodes": 1, "reflectors": 0, "topology": Topology.MESH}),
    "no BGP": ((), {"nodes": 6, "topology": Topology.NO_BGP}),
}
situations = pytest.mark.parametrize(("faults", "config"), SITUATIONS.values(), ids=SITUATIONS)


def titles(svg):
    return [title.text for title in ET.fromstring(svg).iter(f"{SVG}title")]


@situations
def test_every_node_is_there_and_nothing_from_elsewhere(audited, faults, config):
    report, snapshot = audited(*faults, **config)
    svg = report_to_svg(report, snapshot)
    said = titles(svg)
    for node in report.topology.nodes:
        assert any(re.match(rf"(route reflector )?{node.name}( \(.*\))?: ", title) for title in said), node.name
    assert not re.search(r"href|url\(|@import|<script|<image|<foreignObject|\son\w+=|style=", svg)
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]


@situations
def test_its_sessions_are_those_of_the_audit(audited, faults, config):
    report, snapshot = audited(*faults, **config)
    counts = diagram_of(report, snapshot).counts
    assert counts[LinkState.UP] == report.checked.sessions_established
    unseen = report.checked.sessions_unseen
    assert counts[LinkState.UNKNOWN] == unseen
    assert counts.total() - unseen == (report.checked.sessions_expected or 0)


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != "300 nodes"])
def test_no_node_lies_on_another_and_all_in_the_picture(audited, name):
    faults, config = SITUATIONS[name]
    diagram = diagram_of(*audited(*faults, **config))
    assert len(diagram.spots) <= MOST_NAMED
    placed = place(diagram)
    chips = list(placed.chips.values())
    assert len(chips) == len(diagram.spots) + len(diagram.externals)
    assert not [(a, b) for n, a in enumerate(chips) for b in chips[n + 1 :] if a.meets(b)]
    boxes = [box.rect for box in placed.boxes.values()]
    assert not [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if a.meets(b)]


def test_a_broken_session_is_drawn_and_the_healthy_ones_are_one_line(audited):
    report, snapshot = audited("bird-down:node1", "link-cut:node2,node4", nodes=6)
    said = titles(report_to_svg(report, snapshot))
    for pair in ("node3 \u2194 node1", "node1 \u2194 node2", "node2 \u2194 node4"):
        a, _, b = pair.partition(" \u2194 ")
        assert any(
            t in {f"{a} \u2194 {b}: IPv4 not Established", f"{b} \u2194 {a}: IPv4 not Established"} for t in said
        )
    assert "route reflectors \u2194 zone-1: 2 of 4 sessions Established" in said
    assert not [title for title in said if title.endswith("IPv4 Established")]


def test_words_say_all_for_who_does_not_see_it(audited):
    report, snapshot = audited("bird-down:node1", "link-cut:node2,node4", nodes=6)
    root = ET.fromstring(report_to_svg(report, snapshot))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert title.text == "UNHEALTHY: 3/9 sessions up, 18 of 30 routes missing, 2 errors, 1 warning"
    assert description.text.startswith(
        "6 nodes, 2 of them route reflectors. 3 sessions Established, 6 sessions not Established. "
        "no session Established: node1, node4. some sessions not Established: node2. "
        "3 nodes affected (lacks only sessions with numbered nodes). cause 1: BIRD"
    )


def test_states_differ_in_shape_as_well(audited):
    report, snapshot = audited("bird-down:node1", "link-cut:node2,node4", nodes=6)
    svg = report_to_svg(report, snapshot)
    shapes = {}
    for mark in ET.fromstring(svg).iter():
        css = mark.get("class", "")
        if css.startswith("mark "):
            shapes.setdefault(css, set()).add(mark.tag)
    assert shapes["mark part"] == shapes["mark affected"] == shapes["mark down"] == {f"{SVG}path"}
    assert {state.symbol for state in NodeState} == {"●", "▲", "△", "✗", "?", "○"}


def test_who_only_lacks_sessions_with_a_node_at_fault_is_no_trouble_of_its_own(audited):
    report, snapshot = audited("bird-down:node1", "link-cut:node2,node4", nodes=8)
    states = {spot.name: spot.state for spot in diagram_of(report, snapshot).spots}
    assert states.pop("node1") is states.pop("node4") is NodeState.DOWN
    assert states.pop("node2") is NodeState.PART
    assert set(states.values()) == {NodeState.AFFECTED}
    # With a cause that names nobody, nobody is at fault.
    nameless = [cause.model_copy(update={"subjects": ()}) for cause in report.causes]
    again = diagram_of(report.model_copy(update={"causes": tuple(nameless)}), snapshot)
    assert NodeState.AFFECTED not in {spot.state for spot in again.spots}


def test_sessions_not_known_make_nobody_affected(audited):
    """A node whose session with a dead one nobody saw: not known is no lack."""
    report, snapshot = audited("node-down:node1", "node-down:node11", nodes=12, zones=3, switch=True)
    states = {spot.name: spot.state for spot in diagram_of(report, snapshot).spots}
    assert states["node1"] is NodeState.DOWN
    assert states["node5"] is NodeState.AFFECTED
    external = diagram_of(report, snapshot).externals
    assert [spot.state for spot in external] == [NodeState.UNKNOWN]


def test_the_sessions_of_a_dead_node_are_one_line_per_zone(audited):
    report, snapshot = audited("bird-down:node1", nodes=12, zones=3)
    said = dict.fromkeys(titles(report_to_svg(report, snapshot)))
    # Three nodes in two zones, four in the third.
    assert [title for title in said if title.startswith("node1 \u2194 zone") or "\u2194 node1:" in title] == [
        "node1 \u2194 zone-1: 3 sessions not Established",
        "node1 \u2194 zone-2: 3 sessions not Established",
        "node1 \u2194 zone-3: 4 sessions not Established",
    ]


def test_without_resources_a_peer_that_nobody_named_is_not_called_external(audited):
    report, snapshot = audited("no-sudo:node5", nodes=6, resources=False)
    svg = report_to_svg(report, snapshot)
    assert "external" not in svg
    assert any(title.startswith("other peer 192.0.2.15: ") for title in titles(svg))


def test_named_nodes_below_stand_in_the_middle_of_the_first_row():
    spots = [Spot(f"n{n}", NodeState.UP, "", (1,) if n in {3, 9} else ()) for n in range(12)]
    order = _middle_first(_by_trouble(spots), 5)
    assert [spot.name for spot in order[:5]] == ["n0", "n3", "n9", "n1", "n2"]
    assert sorted(spot.name for spot in order) == sorted(spot.name for spot in spots)


def test_a_node_that_was_not_read_is_not_drawn_as_healthy(audited):
    report, snapshot = audited("no-sudo:node5", nodes=6)
    spot = next(spot for spot in diagram_of(report, snapshot).spots if spot.name == "node5")
    assert spot.state is NodeState.UNKNOWN
    assert spot.words == "2 of 2 sessions Established; not read"


def test_of_many_nodes_each_is_a_cell_and_zones_are_a_matrix(audited):
    report, snapshot = audited("bird-down:node1", "bird-down:node77", nodes=300, reflectors=4, zones=4)
    svg = report_to_svg(report, snapshot)
    assert "Sessions of each zone with each route reflector" in svg
    assert "zone-2 \u2194 node1 (zone-1): 0 of 74 sessions Established, 74 not Established" in titles(svg)
    assert "zone-2 \u2194 node2 (zone-2): 74 of 74 sessions Established" in titles(svg)
    assert ">74 nodes, 74 affected<" in svg
    assert ">▲ 73 of 74<" in svg
    assert ">✗ 0 of 74<" in svg
    assert len(svg) < 300 * 250


def test_a_mesh_of_many_has_a_matrix_of_zones(audited):
    report, snapshot = audited("link-cut:node2,node5", nodes=152, topology=Topology.MESH, zones=3)
    said = titles(report_to_svg(report, snapshot))
    assert "zone-2 \u2194 zone-2: 1,274 of 1,275 sessions Established, 1 not Established" in said
    assert "zone-1 \u2194 zone-3: 2,550 of 2,550 sessions Established" in said


def test_zones_above_a_dozen_are_put_together(audited):
    report, snapshot = audited("bird-down:node160", nodes=160, zones=40)
    said = titles(report_to_svg(report, snapshot))
    assert any(title.startswith("other zones \u2194 node1 (zone-1): ") for title in said)
    # The zone with the dead node keeps its own line.
    assert any(title.startswith("zone-40 \u2194 ") for title in said)


def test_it_has_colours_for_a_dark_page(audited):
    svg = report_to_svg(*audited(nodes=6))
    assert "@media screen and (prefers-color-scheme:dark)" in svg
    assert "var(" not in svg


def test_in_a_page_it_brings_neither_style_nor_verdict(audited):
    svg = written(picture(diagram_of(*audited(nodes=6)), styled=False, head=False))
    assert "<style" not in svg
    assert "HEALTHY" not in svg


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_hostile_names_are_only_text(name, zone):
    from calico_bgp.report.picture.diagram import Diagram, Group, Link

    spots = (Spot(name, NodeState.PART, zone, (1,), zone), Spot(name + "x", NodeState.DOWN, name))
    link = Link(name, name + "x", ((Family.IPV4, LinkState.DOWN),))
    kind = "explicit peers"
    diagram = Diagram(kind, name, "unhealthy", zone, (), (Group(zone, spots),), (), (link,))
    root = ET.fromstring(written(picture(diagram)))
    allowed = {"svg", "title", "desc", "style", "g", "rect", "circle", "path", "text"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    assert {attribute for element in root.iter() for attribute in element.attrib} <= {
        "viewBox", "width", "height", "class", "role", "aria-labelledby", "id", "x", "y", "rx", "r", "cx", "cy", "d",
        "text-anchor", "transform", "fill", "stroke-width", "font-size",
    }  # fmt: skip


def test_the_number_of_a_cause_stands_once_for_neighbours_and_hides_none_of_them(audited):
    """Beyond 150 nodes a number is as wide as two cells."""
    down = ",".join(f"node{number}" for number in range(100, 104))
    report, snapshot = audited(f"bird-down:{down}", nodes=200, reflectors=4, zones=1)
    svg = ET.fromstring(report_to_svg(report, snapshot))
    badges = [each for each in svg.iter(f"{SVG}circle") if each.get("class") == "badge"]
    assert len(badges) == 2, "one at the cells, one at the sentence below"


@pytest.mark.parametrize(
    ("reflectors", "zones"),
    [(3, 4), (3, 12), (9, 11), (4, 30)],
    ids=["few", "a dozen", "many reflectors", "many zones"],
)
def test_no_number_of_the_matrix_is_wider_than_its_square(audited, reflectors, zones):
    """Of 5,000 nodes in twelve zones the heads lay upon each other, and the signs beside their squares."""
    report, snapshot = audited(
        "bird-down:node40", "lost-cluster-id:node2", nodes=400, reflectors=reflectors, zones=zones
    )
    svg = ET.fromstring(report_to_svg(report, snapshot))
    squares = [
        (rect, group.find(f"{SVG}text"))
        for group in svg.iter(f"{SVG}g")
        for rect in group.findall(f"{SVG}rect")
        if rect.get("class", "").startswith("square")
    ]
    assert len(squares) > zones / 2
    for rect, text in squares:
        assert text_width(text.text, float(text.get("font-size"))) <= float(rect.get("width")), text.text
    columns = sorted({(float(rect.get("x")), float(rect.get("width"))) for rect, _ in squares})
    assert all(left + width <= right for (left, width), (right, _) in pairwise(columns))
    assert columns[-1][0] + columns[-1][1] <= 1180 + 1


def test_what_a_line_stands_for_is_counted_in_sessions_not_in_neighbours(audited):
    """A machine that is down lacks both families with each of its 19 neighbours."""
    report, snapshot = audited("node-down:node7", nodes=20, topology=Topology.MESH, families=tuple(Family))
    assert report.checked.sessions_expected == 2 * 20 * 19 // 2
    said = titles(report_to_svg(report, snapshot))
    assert "node7: 38 sessions not Established" in said
