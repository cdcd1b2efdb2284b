"""Several answers of one BIRD, as one text: what birdc printed one after the other, and what one connection gave."""

from pathlib import Path

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bird_reading import BirdReading, ProtocolReading, protocol_name
from calico_bgp.parse.bird.birdc import node_status_from_bird
from calico_bgp.parse.bird.reading import bird_reading
from calico_bgp.parse.bird.status import GRAMMAR, parse_bird_status
from calico_bgp.parse.cleaning import clean_line

FIXTURES = Path("tests/fixtures/routes")
STATUSES = sorted(FIXTURES.rglob("*show_status*"))
V333 = FIXTURES / "v3.33"


def birdc(node="a", folder=V333):
    names = ("show_status", "show_route_count", "show_protocols_all")
    return "".join((folder / f"{node}.{name}.txt").read_text() for name in names)


@pytest.mark.parametrize("path", STATUSES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_line_of_show_status_is_understood(path):
    found = parse_bird_status(path.read_text())
    assert found.complete
    assert found.router_id is not None
    assert found.is_recovering is ("recovery in progress" in path.read_text())
    assert GRAMMAR.is_fast
    for line in map(clean_line, path.read_text().splitlines()):
        assert GRAMMAR.read(line) == GRAMMAR.read_with_textfsm(line)


def test_what_birdc_said_one_after_the_other():
    found = bird_reading(birdc(), Family.IPV4)
    assert (found.version, found.router_id, found.last_reboot) == ("1.6.8", "192.0.2.11", "2026-11-29 21:16:22")
    assert (found.paths, found.networks, found.is_recovering) == (39, 26, False)
    assert (found.is_long, found.complete) == (True, True)
    reflector = found.protocol("Node_192_0_2_10")
    assert (reflector.imported, reflector.exported, reflector.preferred) == (11, 6, 1)
    assert (reflector.hold_time, reflector.neighbor_as, reflector.is_established) == (240, 64512, True)
    assert "restart-able" in reflector.capabilities
    assert [protocol.name for protocol in found.of_kind("Static")] == ["static1"]


def test_the_order_does_not_matter():
    status, count, table = (
        (V333 / f"a.{name}.txt").read_text() for name in ("show_status", "show_route_count", "show_protocols_all")
    )
    assert bird_reading(table + count + status, Family.IPV4) == bird_reading(status + count + table, Family.IPV4)


def test_one_connection_to_the_socket_gives_the_same():
    """The greeting comes once there, and each answer ends with its number and a blank."""
    parts = ("show_status", "show_route_count", "show_protocols_all_one")
    greeting = "0001 BIRD 1.6.8 ready.\n"
    texts = [(V333 / f"a.socket.{name}.txt").read_text().removeprefix(greeting) for name in parts]
    on_socket = bird_reading(greeting + "".join(texts), Family.IPV4)
    by_birdc = bird_reading("".join((V333 / f"a.{name}.txt").read_text() for name in parts), Family.IPV4)
    assert on_socket == by_birdc
    assert on_socket.complete


def test_the_short_answer_has_no_numbers():
    short = "".join((V333 / f"a.{name}.txt").read_text() for name in ("show_status", "show_protocols"))
    found = bird_reading(short, Family.IPV4)
    assert found.is_long is False
    assert {protocol.imported for protocol in found.protocols} == {None}
    assert found.paths is None
    assert not found.complete, "the number of routes was not told"


def test_an_answer_that_ends_early_is_not_complete():
    text = (V333 / "a.socket.show_status.txt").read_text() + (V333 / "a.socket.show_protocols.txt").read_text()[:400]
    assert not bird_reading(text, Family.IPV4).complete


@pytest.mark.parametrize("text", ["", "sudo: a password is required\n", "BIRD 1.6.8 ready.\nAccess denied\n"])
def test_a_refusal_is_no_reading(text):
    assert bird_reading(text, Family.IPV4) is None


def test_every_row_finds_its_protocol():
    text = (V333 / "a.show_protocols.txt").read_text()
    names = {protocol.name for protocol in bird_reading(birdc(), Family.IPV4).protocols}
    peers = node_status_from_bird({Family.IPV4: text}).peers
    assert peers
    assert {protocol_name(peer) for peer in peers} == {name for name in names if "_" in name}


def test_only_a_session_that_stands_is_established():
    assert ProtocolReading("Mesh_1", "BGP", "up", "").is_established
    assert not ProtocolReading("Mesh_1", "BGP", "start", "").is_established
    assert not ProtocolReading("static1", "Static", "up", "").is_established
    assert BirdReading(Family.IPV4).protocol("static1") is None
