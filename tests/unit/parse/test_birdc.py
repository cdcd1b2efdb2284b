"""BIRD's own answers: the socket's numbered replies, birdc's text, BIRD 1.6 and 2, refusals and halves."""

from __future__ import annotations

import pytest

from calico_bgp.model.peer import BGPState, Family, PeerType
from calico_bgp.model.reading import DaemonState
from calico_bgp.parse.bird.birdc import node_status_from_bird, parse_bird_protocols

ROWS = """\
static1  Static   master   up     06:58:10    {end}
Mesh_192_0_2_12 BGP      master   up     06:58:12    Established   {end}
Global_192_0_2_13_port_500 BGP      master   start  06:58:10    Active        Socket: Connection refused{end}
Node_192_0_2_14 BGP      master   down   06:58:10    {end}
Mesh_192_0_2_15 BGP      master   down   06:58:12    Automatic shutdown: Route limit exceeded{end}
Local_Workload_192_0_2_16 BGP      master   start  06:58:10    Passive       {end}
uplink1  BGP      master   start  06:58:10    Connect       Socket: Connection timed out{end}
"""
HEADING = "name     proto    table    state  since       info"
BIRDC = f"BIRD v0.3.3+birdv1.6.8 ready.\n{HEADING}\n{ROWS.format(end='')}"


def numbered() -> str:
    first, *rest = ROWS.format(end="").splitlines()
    lines = [
        "0001 BIRD v0.3.3+birdv1.6.8 ready.",
        f"2002-{HEADING}",
        f"1002-{first}",
        *(f" {row}" for row in rest),
        "0000 ",
    ]
    return "\n".join(lines) + "\n"


def status_of(text: str | None):
    return node_status_from_bird({Family.IPV4: text})


def test_protocols():
    answer = parse_bird_protocols(BIRDC)
    assert (answer.version, answer.is_answer, answer.complete) == ("v0.3.3+birdv1.6.8", True, True)
    assert [protocol.name for protocol in answer.protocols][:2] == ["static1", "Mesh_192_0_2_12"]
    assert answer.protocols[2]._asdict() == {
        "name": "Global_192_0_2_13_port_500",
        "proto": "BGP",
        "table": "master",
        "state": "start",
        "since": "06:58:10",
        "info": "Active Socket: Connection refused",
        "line": 5,
    }
    assert answer.unrecognised == ()


def test_numbered_replies_say_the_same():
    plain, socket = parse_bird_protocols(BIRDC), parse_bird_protocols(numbered())
    assert [protocol[:6] for protocol in plain.protocols] == [protocol[:6] for protocol in socket.protocols]
    assert socket.complete
    assert status_of(numbered()).peers == status_of(BIRDC).peers


@pytest.mark.parametrize(
    "text",
    [numbered().replace("\n", "\r\n"), BIRDC.replace(HEADING, f"bird> {HEADING}") + "bird> \n", BIRDC.rstrip()],
    ids=["CR LF", "birdc's prompt", "no last line end"],
)
def test_forms(text):
    status = status_of(text)
    assert status.peers == status_of(BIRDC).peers
    assert status.complete
    assert [line.text for line in status.unrecognised] == []


def test_status():
    status = node_status_from_bird({Family.IPV4: BIRDC}, node="node1", felix_running=True)
    assert (status.node, status.felix_running, status.origin) == ("node1", True, "birdc")
    assert [(peer.address_text, peer.peer_type, peer.protocol_state, peer.bgp_state) for peer in status.peers] == [
        ("192.0.2.12", PeerType.MESH, "up", BGPState.ESTABLISHED),
        ("192.0.2.13.port.500", PeerType.GLOBAL, "start", BGPState.ACTIVE),
        ("192.0.2.14", PeerType.NODE, "down", None),
        ("192.0.2.15", PeerType.MESH, "down", None),
        ("192.0.2.16", PeerType.LOCAL_WORKLOAD, "start", BGPState.PASSIVE),
    ]
    assert [daemon.family for daemon in status.daemons] == [Family.IPV4]
    (message,) = status.messages
    assert message == (
        "BIRD (IPv4) has a BGP protocol of another name: uplink1 start 06:58:10 Connect Socket: Connection timed out"
    )


def test_ipv6_names():
    text = f"{HEADING}\nMesh_2001_db8_77__12 BGP master up 06:58:12 Established\n"
    (peer,) = node_status_from_bird({Family.IPV6: text}).peers
    assert (peer.address_text, str(peer.address), peer.family) == ("2001:db8:77::12", "2001:db8:77::12", Family.IPV6)


def test_bird_2():
    text = (
        "BIRD 2.0.12 ready.\nName       Proto      Table      State  Since         Info\n"
        "Mesh_192_0_2_12 BGP        ---        up     07:13:23.456  Established   \n"
        "Mesh_192_0_2_13 BGP        ---        start  2026-11-20 07:13:23.456  Idle          BGP Error: Bad peer AS\n"
    )
    first, second = status_of(text).peers
    assert (first.since, first.bgp_state) == ("07:13:23.456", BGPState.ESTABLISHED)
    assert (second.since, second.info) == ("2026-11-20 07:13:23.456", "Idle BGP Error: Bad peer AS")


class TestUnknownIsNotEmpty:
    def test_running_without_peers(self):
        for text in (
            f"{HEADING}\n",
            f"0001 BIRD 1.6 ready.\n2002-{HEADING}\n0000 \n",
            "8003 No protocols match\n0000 \n",
        ):
            status = status_of(text)
            assert (status.daemon(Family.IPV4).state, status.peers, status.complete) == (DaemonState.RUNNING, (), True)

    def test_could_not_be_asked(self):
        status = status_of(None)
        assert (status.daemon(Family.IPV4).state, status.complete) == (DaemonState.UNREACHABLE, True)

    @pytest.mark.parametrize("text", ["", "\n", "0001 BIRD v1.6.8 ready.\n"])
    def test_silence(self, text):
        status = status_of(text)
        assert (status.daemon(Family.IPV4).state, status.complete) == (DaemonState.UNREACHABLE, False)

    @pytest.mark.parametrize(
        "refusal",
        [
            "Unable to connect to server control socket (/var/run/calico/bird.ctl): No such file or directory",
            "9001 syntax error",
            "8007 Access denied",
        ],
    )
    def test_refusal(self, refusal):
        daemon = status_of(f"{refusal}\n").daemon(Family.IPV4)
        assert daemon.state is DaemonState.UNREACHABLE
        assert daemon.message == refusal.removeprefix("9001 ").removeprefix("8007 ")

    def test_family_that_was_not_asked_is_not_mentioned(self):
        assert status_of(BIRDC).daemon(Family.IPV6) is None


def test_half_an_answer():
    whole = numbered()
    end = whole.index("0000")
    for length in range(whole.index("Mesh_"), end + 3):
        answer = parse_bird_protocols(whole[:length])
        assert not answer.complete
        known = parse_bird_protocols(whole).protocols
        assert answer.protocols == known[: len(answer.protocols)]


def test_line_not_understood_is_kept():
    status = status_of(f"{BIRDC}something else\n")
    assert [(line.line, line.text) for line in status.unrecognised] == [(10, "something else")]
