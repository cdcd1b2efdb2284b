"""`show protocols all` as BIRD printed it in many states."""

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from calico_bgp.model.routes.bird_protocol import RouteNumbers
from calico_bgp.model.routes.bird_reading import RouteLimit
from calico_bgp.parse.bird.birdc import parse_bird_protocols
from calico_bgp.parse.bird.protocols import GRAMMAR, parse_bird_details
from calico_bgp.parse.cleaning import clean_line

FIXTURES = Path("tests/fixtures/routes")
ANSWERS = sorted((*FIXTURES.rglob("*show_protocols_all*"), FIXTURES / "misc/b.password_mismatch.txt"))


def read(name):
    answer = parse_bird_details((FIXTURES / name).read_text())
    assert answer.complete
    return answer.protocols


def test_the_template_is_read_line_by_line():
    assert GRAMMAR.is_fast


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_line_is_understood(path):
    answer = parse_bird_details(path.read_text())
    assert (answer.unrecognised, answer.complete) == ((), True)
    for protocol in answer.protocols:
        assert (protocol.bgp is not None) is (protocol.proto == "BGP")
        # "Routes:" is absent for a protocol that is down.
        assert (protocol.routes is None) is (protocol.state == "down")


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_rows_are_those_of_the_short_answer(path):
    text = path.read_text()
    rows = "\n".join(line for line in text.splitlines() if line[:1].strip())
    if "0001" in text:
        rows = rows.replace("1006-", "") + "\n"
    short = {(p.name, p.proto, p.state, p.since, p.info) for p in parse_bird_protocols(rows).protocols}
    long = {(p.name, p.proto, p.state, p.since, p.info) for p in parse_bird_details(text).protocols}
    assert long == short
    assert long


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_textfsm_itself_reads_it_the_same(path):
    for line in map(clean_line, path.read_text().splitlines()):
        assert GRAMMAR.read(line) == GRAMMAR.read_with_textfsm(line)


def test_the_socket_says_what_birdc_says():
    (socket,) = read("v3.33/a.socket.show_protocols_all_one.txt")
    (birdc,) = read("v3.33/a.show_protocols_all_one.txt")
    assert socket == birdc


def test_an_established_session():
    (found,) = read("v3.33/a.show_protocols_all_one.txt")
    assert found.routes == RouteNumbers(imported=11, exported=6, preferred=1)
    assert found.limits == ()
    updates = {change.kind: change for change in found.changes}
    assert updates["Export updates"][1:] == (49, 16, 27, None, 6)
    bgp = found.bgp
    assert (bgp.neighbor_address, bgp.neighbor_as, bgp.neighbor_id) == (IPv4Address("192.0.2.10"), 64512, "192.0.2.10")
    assert (bgp.source_address, bgp.hold_time, bgp.keepalive_time) == (IPv4Address("192.0.2.11"), 240, 80)
    assert "restart-able" in bgp.capabilities
    assert bgp.session == ("internal", "multihop", "AS4", "add-path-rx", "add-path-tx")


def test_a_peer_that_died_leaves_its_routes_standing():
    (found,) = read("v3.33/a.gr_peer_killed.show_protocols_all_one.txt")
    assert found.routes.imported == 3
    assert (found.bgp.is_restarting, found.bgp.state) == (True, "Active")
    assert found.bgp.last_error == "Socket: Connection refused"


def test_a_session_that_was_shut_down_seen_from_both_ends():
    (here,) = read("v3.33/a.after_disable.show_protocols_all_one.txt")
    (there,) = read("v3.33/rr.after_disable.show_protocols_all_one.txt")
    assert (here.state, here.routes, here.bgp.state) == ("down", None, "Down")
    assert there.bgp.last_error == "Received: Administrative shutdown"


def test_limits():
    limits = {protocol.name: protocol.limits for protocol in read("v3.33/a.show_protocols_all.txt") if protocol.limits}
    assert limits == {
        "Node_192_0_2_2": (RouteLimit("Import", 5, is_hit=True, action="restart"),),
        "Node_192_0_2_20": (
            RouteLimit("Receive", 10, is_hit=False, action="warn"),
            RouteLimit("Import", 3, is_hit=True, action="block"),
            RouteLimit("Export", 2, is_hit=True, action="warn"),
        ),
    }


def test_recovery():
    states = {protocol.recovery for protocol in read("recovering/a.show_protocols_all.txt")}
    assert states == {None, "waiting", "pending"}


def test_an_answer_that_stops_anywhere_is_never_whole():
    text = (FIXTURES / "v3.33/a.socket.show_protocols_all_one.txt").read_text()
    for end in range(len(text) - len("0000 \n")):
        assert not parse_bird_details(text[:end]).complete


@pytest.mark.parametrize(
    "line", ["  Routes:         10 imported", "    Action:       warn", "  Import limit:   many", "nonsense !"]
)
@pytest.mark.parametrize("row", ["m BGP master up 21:16:24 Established", "m BGP master down 21:16:24"])
def test_what_makes_no_sense_is_kept_and_the_answer_is_not_whole(line, row):
    """No numbers of routes mean that a protocol is down; numbers that are not understood do not."""
    answer = parse_bird_details(f"BIRD 1.6.8 ready.\n{row}\n{line}\n")
    assert [unknown.text for unknown in answer.unrecognised] == [line]
    assert not answer.complete


def test_details_without_a_protocol_are_kept():
    answer = parse_bird_details("BIRD 1.6.8 ready.\n  Preference:     100\n")
    assert [unknown.text for unknown in answer.unrecognised] == ["  Preference:     100"]
