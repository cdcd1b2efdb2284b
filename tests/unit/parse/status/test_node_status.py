"""What `calicoctl node status` prints, message by message, and what is known of each BIRD then."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from calico_bgp.errors import ParseError
from calico_bgp.model.peer import BGPState, ErrorClass, Family, PeerType
from calico_bgp.model.reading import DaemonState
from calico_bgp.parse.status.node import parse_node_status

NO_SOCKET = "unable to connect to BIRDv4 socket: dial unix /var/run/bird/bird.ctl: connect: no such file or directory"
TABLE = """\
+--------------+-------------------+-------+----------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |
+--------------+-------------------+-------+----------+-------------+
| 192.0.2.12   | node-to-node mesh | up    | 07:13:23 | Established |
+--------------+-------------------+-------+----------+-------------+
"""
WHOLE = f"Calico process is running.\n\nIPv4 BGP status\n{TABLE}\nIPv6 BGP status\nNo IPv6 peers found.\n\n"


def states(text: str) -> dict[str, str]:
    return {daemon.family.value: daemon.state.value for daemon in parse_node_status(text).daemons}


def row(info: str, *, address: str = "192.0.2.12", state: str = "start", since: str = "07:13:23"):
    status = parse_node_status(f"IPv4 BGP status\n| {address} | global | {state} | {since} | {info} |\n")
    assert status.unrecognised == ()
    return status.peers[0]


def test_whole_answer():
    status = parse_node_status(WHOLE, source="node1.txt", strict=True)
    assert status.felix_running is True
    assert states(WHOLE) == {"ipv4": "running", "ipv6": "running"}
    assert status.daemon(Family.IPV4).message is None
    assert status.daemon(Family.IPV6).message == "No IPv6 peers found."
    assert (status.messages, status.complete, status.source, status.line) == ((), True, "node1.txt", 1)
    (peer,) = status.peers
    assert peer.address == ip_address("192.0.2.12")
    assert (peer.peer_type, peer.bgp_state, peer.is_established) == (PeerType.MESH, BGPState.ESTABLISHED, True)


class TestFourKindsOfUnknown:
    def test_running_without_peers(self):
        assert states("IPv4 BGP status\nNo IPv4 peers found.\n") == {"ipv4": "running"}

    def test_one_family_not_running(self):
        text = f"IPv4 BGP status\n{TABLE}\nINFO: BIRDv6 process: 'bird6' is not running.\n"
        status = parse_node_status(text)
        assert states(text) == {"ipv4": "running", "ipv6": "not_running"}
        assert status.daemon(Family.IPV6).message == "INFO: BIRDv6 process: 'bird6' is not running."

    @pytest.mark.parametrize(
        "message",
        [
            "The BGP backend process (BIRD) is not running.",
            "None of the BGP backend processes (BIRD or GoBGP) are running.",
        ],
    )
    def test_no_daemon_running(self, message):
        text = f"Calico process is running.\n\n{message}\n\n"
        assert states(text) == {"ipv4": "not_running", "ipv6": "not_running"}
        assert parse_node_status(text).complete

    def test_could_not_be_asked(self):
        # No newline after the error: the next heading follows on the next line, without a blank one.
        table = TABLE.replace("192.0.2.", "2001:db8::")
        text = f"IPv4 BGP status\nError querying BIRD: {NO_SOCKET}\nIPv6 BGP status\n{table}"
        assert states(text) == {"ipv4": "unreachable", "ipv6": "running"}
        assert parse_node_status(text).daemon(Family.IPV4).message == f"Error querying BIRD: {NO_SOCKET}"

    def test_heading_right_behind_the_error(self):
        text = f"IPv4 BGP status\nError querying BIRD: {NO_SOCKET}IPv6 BGP status\nNo IPv6 peers found.\n"
        assert states(text) == {"ipv4": "unreachable", "ipv6": "running"}
        assert parse_node_status(text).daemon(Family.IPV4).message == f"Error querying BIRD: {NO_SOCKET}"

    def test_not_mentioned(self):
        status = parse_node_status("Calico process is not running.\n")
        assert (status.felix_running, status.daemons, status.complete) == (False, (), True)

    def test_heading_without_an_answer(self):
        status = parse_node_status("Calico process is running.\n\nIPv4 BGP status\n")
        assert status.daemon(Family.IPV4).state is DaemonState.UNKNOWN
        assert not status.complete

    @pytest.mark.parametrize(
        "silence", ["", "\n\n", "Welcome to node1\n", "Need super user privileges: Operation not permitted\n"]
    )
    def test_nothing_known(self, silence):
        status = parse_node_status(silence)
        assert (status.felix_running, status.daemons, status.peers, status.complete) == (None, (), (), False)


class TestMixtures:
    @pytest.mark.parametrize("word", ["Error", "error"])
    def test_frozen_bird(self, word):
        text = (
            "Calico process is running.\n\nIPv4 BGP status\n"
            f"{word} executing command: read unix @->/var/run/calico/bird.ctl: i/o timeout\n"
        )
        status = parse_node_status(text)
        assert states(text) == {"ipv4": "unreachable"}
        assert "i/o timeout" in status.daemon(Family.IPV4).message
        assert not status.complete

    def test_stderr_before_stdout(self):
        stderr = "error executing command: read unix @->/var/run/calico/bird.ctl: i/o timeout\n"
        text = f"{stderr}Calico process is running.\n\nIPv4 BGP status\n"
        assert states(text) == {"ipv4": "unreachable"}
        assert not parse_node_status(text).complete

    def test_frozen_bird6_leaves_the_first_table(self):
        text = f"IPv4 BGP status\n{TABLE}\nIPv6 BGP status\nerror executing command: i/o timeout\n"
        status = parse_node_status(text)
        assert states(text) == {"ipv4": "running", "ipv6": "unreachable"}
        assert len(status.peers) == 1
        assert not status.complete

    def test_messages_are_kept(self):
        status = parse_node_status("Need super user privileges: Operation not permitted\n")
        assert status.messages == ("Need super user privileges: Operation not permitted",)
        assert parse_node_status("sudo: a password is required\n").messages == ("sudo: a password is required",)

    def test_crlf(self):
        assert parse_node_status(WHOLE.replace("\n", "\r\n")) == parse_node_status(WHOLE)
        assert parse_node_status(WHOLE.replace("\n", "\r\r\n")) == parse_node_status(WHOLE)

    def test_banner_and_farewell_are_not_unrecognised(self):
        status = parse_node_status(f"Welcome!\n| motd |\n{WHOLE}logout\n", strict=True)
        assert (status.unrecognised, status.line) == ((), 3)

    def test_line_inside_is_kept(self):
        text = WHOLE.replace("IPv6 BGP", "calicoctl says hello\nIPv6 BGP")
        assert [(line.line, line.text) for line in parse_node_status(text).unrecognised] == [
            (10, "calicoctl says hello")
        ]
        with pytest.raises(ParseError) as caught:
            parse_node_status(text, source="x.txt", strict=True)
        assert (caught.value.source, caught.value.line, caught.value.text) == ("x.txt", 10, "calicoctl says hello")
        assert "expected a line of `calicoctl node status`" in str(caught.value)

    def test_row_that_is_none_makes_it_incomplete(self):
        status = parse_node_status(WHOLE.replace("| 192.0.2.12   | node-to-node mesh ", "| 192.0.2.12   "))
        assert [line.line for line in status.unrecognised] == [7]
        assert not status.complete

    def test_strict_refuses_a_text_without_status(self):
        with pytest.raises(ParseError, match="no status of a node"):
            parse_node_status("hello\n", strict=True)


class TestCells:
    @pytest.mark.parametrize(
        ("text", "address", "port"),
        [
            ("192.0.2.12.port.500", "192.0.2.12", 500),
            ("2001:db8::3:port:500", "2001:db8::3", 500),
            ("fd5f::3", "fd5f::3", None),
            ("192.0.2.12", "192.0.2.12", None),
        ],
    )
    def test_address(self, text, address, port):
        peer = row("Established", address=text)
        assert (peer.address, peer.port, peer.address_text) == (ip_address(address), port, text)
        assert peer.family is (Family.IPV6 if ":" in address else Family.IPV4)

    @pytest.mark.parametrize("text", ["x.x.x.218", "10.*.*.3", "<hidden>", "192.0.2.999", "192.0.2.12.port.70000"])
    def test_masked_address(self, text):
        peer = row("Established", address=text)
        assert (peer.address, peer.port, peer.address_text, peer.family) == (None, None, text, Family.IPV4)

    @pytest.mark.parametrize(
        ("info", "state", "error_class", "message"),
        [
            ("Established", BGPState.ESTABLISHED, None, None),
            ("Passive", BGPState.PASSIVE, None, None),
            ("Passive BGP Error: Bad peer AS", BGPState.PASSIVE, ErrorClass.BGP, "Bad peer AS"),
            ("Idle Received: Cease", BGPState.IDLE, ErrorClass.RECEIVED, "Cease"),
            ("Active Socket: Connection refused", BGPState.ACTIVE, ErrorClass.SOCKET, "Connection refused"),
            ("Close Error: Neighbor lost", BGPState.CLOSE, ErrorClass.LOCAL, "Neighbor lost"),
            ("Error: No listening socket", None, ErrorClass.LOCAL, "No listening socket"),
            ("Automatic shutdown: Route limit exceeded", None, ErrorClass.AUTOMATIC, "Route limit exceeded"),
            ("Active Received: Unknown error 6.9", BGPState.ACTIVE, ErrorClass.RECEIVED, "Unknown error 6.9"),
            ("Something new", None, None, None),
        ],
    )
    def test_info(self, info, state, error_class, message):
        peer = row(info)
        assert peer.info == info
        assert peer.bgp_state is state
        assert peer.error == (None if error_class is None else (error_class, message))

    @pytest.mark.parametrize(
        "since", ["07:13:23", "2026-11-22", "07:13:23.456", "2026-11-22 07:13:23.456", "3d 04:05:06", "never"]
    )
    def test_since_is_verbatim(self, since):
        assert row("Established", since=since).since == since

    def test_time_that_calicoctl_put_into_info(self):
        # calicoctl counts words, and BIRD 2 prints two for SINCE.
        peer = row("07:13:23.456 Active Socket: Connection refused", since="2026-11-22")
        assert (peer.since, peer.info) == ("2026-11-22 07:13:23.456", "Active Socket: Connection refused")
        assert peer.bgp_state is BGPState.ACTIVE

    def test_established_while_waiting_is_not_established(self):
        assert not row("Established", state="wait").is_established

    def test_wrapped_info_is_joined_with_one_blank(self):
        text = (
            "IPv4 BGP status\n"
            "| 192.0.2.17   | node specific | start | 07:11:17 | Active Received: Unexpected     |\n"
            "|              |               |       |          | message in OpenConfirm state   |\n"
            "|              |               |       |          |                            6.9 |\n"
        )
        (peer,) = parse_node_status(text, strict=True).peers
        assert peer.info == "Active Received: Unexpected message in OpenConfirm state 6.9"

    def test_unknown_type_stays_as_it_stood(self):
        text = "IPv4 BGP status\n| 192.0.2.12 | Quantum peer | up | 07:13:23 | Established |\n"
        assert parse_node_status(text).peers[0].peer_type == "Quantum peer"

    def test_equal_rows_share_one_object(self):
        first, second = parse_node_status(WHOLE).peers[0], parse_node_status(WHOLE).peers[0]
        assert first is second
