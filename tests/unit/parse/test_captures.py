"""Every capture of the real programs parses strictly, with the rows that its truth.json says."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path

import pytest

from calico_bgp.model.peer import BGPState, Family, PeerType
from calico_bgp.model.reading import DaemonState, NodeStatus
from calico_bgp.parse.bird.birdc import node_status_from_bird
from calico_bgp.parse.pasted.reader import parse_pasted
from calico_bgp.parse.status.node import parse_node_status

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"
KINDS = {"Mesh": PeerType.MESH, "Global": PeerType.GLOBAL, "Node": PeerType.NODE}
# link_down_t15/node3 could not be reached; its output was taken on the machine itself, in node3.local.stdout.txt.
ANSWERS = sorted(path for path in CAPTURES.glob("v*/*/*.stdout.txt") if path.stat().st_size)
# Between its two calls the node's attempt to dial failed anew, so the error is another.
CHANGED_MEANWHILE = CAPTURES / "v3.32" / "link_down_t15" / "node4.stdout.txt"
CENTRED = [path for path in ANSWERS if path.parts[-3] == "v3.32" and path != CHANGED_MEANWHILE]
TRYING = {BGPState.CONNECT, BGPState.ACTIVE, BGPState.IDLE}
RELEASES = ("v3.32", "v3.33")
PEER_SCENARIOS = sorted({path.parent.name for path in CAPTURES.glob("v3.33/*/truth.json")})


def read(path: Path) -> str:
    return path.read_bytes().decode()


def answer_of(release: str, scenario: str, node: str) -> str:
    """Stdout and stderr of a node, as a terminal shows them."""
    folder = CAPTURES / release / scenario
    paths = [folder / f"{node}.{stream}.txt" for stream in ("stdout", "stderr")]
    return "".join(read(path) for path in paths if path.exists())


def rows(status: NodeStatus):
    return [(peer.family, peer.address, peer.port, peer.peer_type) for peer in status.peers]


def test_captures_are_there():
    assert len(ANSWERS) > 150
    assert len(PEER_SCENARIOS) > 20


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_answer_parses_strictly(path):
    status = parse_node_status(read(path), source=path.name, strict=True)
    assert status.unrecognised == ()
    assert status.complete is (path.parent.name != "nonroot")
    assert all(peer.address is not None and peer.since for peer in status.peers)
    assert all(peer.bgp_state is not None or peer.error is not None for peer in status.peers)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_plain_answer_is_a_paste_of_one(path):
    assert parse_pasted(read(path), strict=True) == (parse_node_status(read(path)),)


@pytest.mark.parametrize("path", CENTRED, ids=lambda path: "/".join(path.parts[-2:]))
def test_both_layouts_say_the_same(path):
    other = CAPTURES / "v3.33" / path.parent.name / path.name
    centred, left = parse_node_status(read(path)), parse_node_status(read(other))
    assert rows_as_shown(centred.peers) == rows_as_shown(left.peers)
    assert (centred.daemons, centred.felix_running) == (left.daemons, left.felix_running)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("scenario", PEER_SCENARIOS)
def test_rows_are_those_configured(release, scenario):
    truth = json.loads(read(CAPTURES / release / scenario / "truth.json"))
    for node, configured in truth["nodes"].items():
        answer = answer_of(release, scenario, node)
        status = parse_node_status(answer)
        expected = []
        for digit, family in (("4", Family.IPV4), ("6", Family.IPV6)):
            daemon = status.daemon(family)
            if daemon is None or daemon.state is not DaemonState.RUNNING:
                continue
            for peer in configured["peers"]:
                kind, _, address = peer["names"].get(digit, "").partition("_")
                if kind in KINDS:
                    expected.append((family, *address_in(address, digit), KINDS[kind]))
        shown = set(rows(status))
        assert shown <= set(expected), (node, "shows a peer that was not configured")
        # Disabled protocols are missing from calicoctl's table: only these scenarios have them, see truth.json.
        if scenario not in {"proto_disabled", "peer_missing_one_side", "odd_peers_t09"}:
            assert sorted(rows(status), key=str) == sorted(expected, key=str), node


def address_in(name: str, digit: str):
    text, _, port = name.partition("_port_")
    return ip_address(text.replace("_", "." if digit == "4" else ":")), int(port) if port else None


@pytest.mark.parametrize("folder", sorted((CAPTURES / "birdc").iterdir()), ids=lambda path: path.name)
def test_bird_says_what_calicoctl_says_and_more(folder):
    for node in sorted({path.name.split(".")[0] for path in folder.iterdir()}):
        files = {Family.IPV4: folder / f"{node}.v4.txt", Family.IPV6: folder / f"{node}.v6.txt"}
        answers = {family: read(path) or None for family, path in files.items() if path.exists()}
        shown = parse_node_status(answer_of("v3.33", folder.name, node))
        told = node_status_from_bird(answers)
        assert told.origin == "birdc"
        assert told.complete
        if not shown.daemons:
            continue  # Felix down or the node cut off: calicoctl said nothing, BIRD did
        for daemon in shown.daemons:
            if daemon.family in answers:
                running = told.daemon(daemon.family).state is DaemonState.RUNNING
                assert running is (daemon.state is DaemonState.RUNNING)
        # calicoctl drops what has no INFO, and types it does not know.
        kept = [peer for peer in told.peers if peer.info and peer.peer_type is not PeerType.LOCAL_WORKLOAD]
        assert rows_as_shown(kept) == rows_as_shown(shown.peers)


def rows_as_shown(peers):
    """What two calls at one moment agree on: SINCE may differ by a second, and Connect, Active and Idle take turns."""
    return [
        (
            peer.family,
            peer.address,
            peer.address_text,
            peer.port,
            peer.peer_type,
            peer.protocol_state,
            "trying" if peer.bgp_state in TRYING else peer.bgp_state,
            peer.error,
        )
        for peer in peers
    ]


def test_bird_shows_what_calicoctl_drops():
    texts = {Family.IPV4: read(CAPTURES / "birdc" / "odd_peers_t09" / "node1.v4.txt")}
    status = node_status_from_bird(texts)
    disabled = [peer for peer in status.peers if peer.address_text == "192.0.2.195"]
    assert [(peer.protocol_state, peer.bgp_state, peer.info) for peer in disabled] == [("down", None, "")]
    workloads = [(peer.address_text, peer.port) for peer in status.peers if peer.peer_type is PeerType.LOCAL_WORKLOAD]
    assert workloads == [("192.0.2.12.port.1791", 1791), ("192.0.2.13", None)]
    # `uplink1` and `Nodeless_...` are nobody's that Calico configured: no peer of ours, and not lost.
    assert not any("196" in peer.address_text for peer in status.peers)
    assert [message.split(": ")[1].split()[0] for message in status.messages] == ["uplink1", "Nodeless_192_0_2_196"]
