"""From an answer to a reading or to the right complaint: every way in which a node cannot be read has its own words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from calico_bgp.errors import CommandFailed, GatherError, GatherTimeout
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState, NodeReading, Silent
from calico_bgp.parse.answer.frame import frame_answer
from calico_bgp.parse.answer.values import Answer, BirdAnswer, BirdDetails
from calico_bgp.sources.node.interpret import reading_from

MARKER = "calico-bgp-0123456789abcdef0123456789abcdef"
CALICOCTL = "/usr/local/bin/calicoctl"
HOST = Host(name="n1", user="ann")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOCKETS = ((Family.IPV4, "/var/run/calico/bird.ctl"), (Family.IPV6, "/var/run/calico/bird6.ctl"))


@pytest.fixture(scope="module")
def table(fixtures: Path) -> str:
    return (fixtures / "captures/v3.33/mesh_ok_dual/node1.stdout.txt").read_text()


@pytest.fixture(scope="module")
def protocols(fixtures: Path) -> str:
    return (fixtures / "captures/birdc/mesh_ok_dual/node1.v4.txt").read_text()


def read(answer: Answer, *, cut: str | None = None) -> NodeReading:
    return reading_from(frame_answer(MARKER, answer), MARKER, HOST, taken_at=NOW, cut=cut)


def complaint(answer: Answer, *, cut: str | None = None) -> GatherError:
    with pytest.raises(GatherError) as caught:
        read(answer, cut=cut)
    assert caught.value.hint, "every complaint says what to do"
    return caught.value


def status(**changes: Any) -> Answer:
    values: dict[str, Any] = {"node": "w1", "rights": "sudo", "calicoctl": CALICOCTL, "stdout": "", "exit_code": 0}
    return Answer(**values | changes)


def test_a_reading(table: str) -> None:
    reading = read(status(stdout=table, version="v3.33.0"))
    assert (reading.host, reading.node, reading.calicoctl_version, len(reading.peers)) == ("n1", "w1", "v3.33.0", 6)
    assert reading.complete
    assert reading.taken_at == NOW


def test_the_name_is_calicos_then_the_users_then_the_hosts() -> None:
    text = "Calico process is running.\n\nIPv4 BGP status\nNo IPv4 peers found.\n"
    named = Host(name="n1", node="said")
    for answer, host, expected in (
        (status(stdout=text), named, "w1"),
        (status(stdout=text, node=None, hostname="h"), named, "said"),
        (status(stdout=text, node=None, hostname="h"), HOST, "h"),
    ):
        assert reading_from(frame_answer(MARKER, answer), MARKER, host, taken_at=NOW).node == expected


def test_what_calicoctl_says_on_stderr_counts() -> None:
    reading = read(status(stderr="Calico process is not running.", exit_code=1))
    assert reading.status.felix_running is False


def test_what_sudo_remarks_is_no_status(table: str) -> None:
    reading = read(status(stdout=table, stderr="sudo: unable to resolve host n1: Name or service not known"))
    assert reading.status.unrecognised == ()
    assert reading.complete


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        ("sudo: a password is required", "sudo wants a password"),
        ("sudo: interactive authentication is required", "sudo wants a password"),
        ("sudo: sorry, you must have a tty to run sudo", "sudo wants a terminal"),
        ("ann is not in the sudoers file.", f"sudo does not allow the user to run {CALICOCTL} node status"),
        (
            f"Sorry, user ann is not allowed to execute '{CALICOCTL} node status' as root on n1.",
            f"sudo does not allow the user to run {CALICOCTL} node status",
        ),
        (
            "sudo: unknown user root\nsudo: error initializing audit plugin",
            "sudo failed: error initializing audit plugin",
        ),
    ],
)
def test_what_sudo_refuses_is_told_apart(stderr: str, message: str) -> None:
    error = complaint(status(stderr=stderr, exit_code=1))
    assert isinstance(error, CommandFailed)
    assert error.message == message


def test_the_sudoers_line_is_named() -> None:
    error = complaint(status(stderr="sudo: a password is required", exit_code=1))
    assert f"ann ALL=(root) NOPASSWD: {CALICOCTL} node status" in str(error.hint)


def test_a_wrong_sudo_password() -> None:
    error = complaint(Answer(rights="refused", stderr="Sorry, try again.\nsudo: no password was provided"))
    assert error.message == "sudo did not take the password"


def test_neither_root_nor_sudo() -> None:
    error = complaint(
        status(rights="none", stdout="Need super user privileges: Operation not permitted\n", exit_code=1)
    )
    assert "not root and has no sudo" in error.message


@pytest.mark.parametrize("code", [124, 137, 143])
def test_a_hung_calicoctl(code: int) -> None:
    error = complaint(status(exit_code=code))
    assert isinstance(error, GatherTimeout)
    assert error.message == "calicoctl node status hung"
    assert error.silent is None


def test_a_calicoctl_that_our_own_deadline_ended() -> None:
    error = complaint(status(exit_code=None, complete=False), cut="nothing came for 30 s")
    assert isinstance(error, GatherTimeout)
    assert "nothing came for 30 s" in error.message


def test_half_a_table_is_kept_and_marked(table: str) -> None:
    reading = read(status(stdout=table[: len(table) // 2], exit_code=None, complete=False), cut="the connection broke")
    assert reading.peers
    assert not reading.complete
    assert "the answer was cut: the connection broke" in reading.status.messages


def test_a_version_that_did_not_come_leaves_the_reading_whole(table: str) -> None:
    assert read(status(stdout=table, complete=False), cut="nothing came for 30 s").complete


def test_something_else_called_calicoctl() -> None:
    error = complaint(status(stdout="Usage: calicoctl [flags]\n", exit_code=2))
    assert error.stage == "parse"
    assert "Usage: calicoctl [flags]" in error.message


def test_nothing_of_ours_ran() -> None:
    for text, words in (("This account is currently not available.\n", "This account"), ("", "nothing of ours")):
        with pytest.raises(CommandFailed, match=words):
            reading_from(text, MARKER, HOST, taken_at=NOW)


def test_rc_files_that_hang() -> None:
    with pytest.raises(GatherTimeout) as caught:
        reading_from("", MARKER, HOST, taken_at=NOW, cut="nothing came for 30 s")
    assert "rc files" in str(caught.value.hint)


def test_bird_answers_where_there_is_no_calicoctl(protocols: str) -> None:
    birds = (
        BirdAnswer(Family.IPV4, "birdcl", 1, "cannot run"),
        BirdAnswer(Family.IPV4, "crictl", 0, f"WARN[0000] default endpoints\n{protocols}"),
    )
    reading = read(
        Answer(node="w1", rights="root", processes=frozenset({"felix", "bird"}), sockets=SOCKETS[:1], birds=birds)
    )
    assert reading.status.origin == "birdc"
    assert [str(peer.address) for peer in reading.peers] == ["192.0.2.12", "192.0.2.13", "192.0.2.14"]
    assert reading.status.unrecognised == ()
    assert reading.status.felix_running is True
    assert [(d.family, d.state) for d in reading.status.daemons] == [
        (Family.IPV4, DaemonState.RUNNING),
        (Family.IPV6, DaemonState.NOT_RUNNING),
    ]


def test_bird_answers_where_calicoctl_cannot_run(protocols: str) -> None:
    birds = tuple(BirdAnswer(family, "birdcl", 0, protocols) for family in Family)
    assert read(status(exit_code=126, stderr="Exec format error", birds=birds)).peers


def test_a_frozen_bird_is_unreachable_not_empty(protocols: str) -> None:
    birds = (BirdAnswer(Family.IPV4, "birdcl", 0, protocols), BirdAnswer(Family.IPV6, "birdcl", 124, ""))
    reading = read(
        Answer(node="w1", rights="root", processes=frozenset({"bird", "bird6"}), sockets=SOCKETS, birds=birds)
    )
    ipv6 = reading.status.daemon(Family.IPV6)
    assert ipv6 is not None
    assert ipv6.state is DaemonState.UNREACHABLE


def test_a_calico_node_without_bird_is_a_reading() -> None:
    reading = read(Answer(node="w1", rights="root", processes=frozenset({"felix"})))
    assert {d.state for d in reading.status.daemons} == {DaemonState.NOT_RUNNING}
    assert reading.status.felix_running is True
    assert reading.peers == ()


def test_a_socket_that_nobody_listens_on_is_not_running() -> None:
    birds = tuple(BirdAnswer(family, "birdcl", 1, "Connection refused") for family in Family)
    reading = read(Answer(node="w1", rights="root", processes=frozenset({"felix"}), sockets=SOCKETS, birds=birds))
    assert {d.state for d in reading.status.daemons} == {DaemonState.NOT_RUNNING}


def test_not_a_calico_node() -> None:
    assert "does not look like a Calico node" in complaint(Answer(rights="root", processes=frozenset())).message


def test_nothing_to_ask_with() -> None:
    error = complaint(Answer(node="w1", rights="root", processes=frozenset({"felix", "bird"}), sockets=SOCKETS))
    assert "nothing to ask" in error.message
    assert "--calicoctl" in str(error.hint)


def test_bird_needs_root() -> None:
    birds = (BirdAnswer(Family.IPV4, "birdcl", 1, "Permission denied"),)
    error = complaint(Answer(node="w1", rights="none", processes=frozenset({"bird"}), sockets=SOCKETS, birds=birds))
    assert "needs root" in error.message


def test_sudo_refuses_to_ask_bird() -> None:
    birds = tuple(BirdAnswer(Family.IPV4, tool, 1, "sudo: a password is required") for tool in ("birdcl", "python3"))
    error = complaint(Answer(node="w1", rights="sudo", processes=frozenset({"bird"}), sockets=SOCKETS, birds=birds))
    assert error.message == "sudo wants a password"


@pytest.mark.parametrize("code", [124, 137, 143])
def test_a_bird_that_hangs_is_known_of_a_node_that_was_read(code: int) -> None:
    birds = tuple(BirdAnswer(family, "birdcl", code, "") for family in Family)
    asked = Answer(node="w1", rights="root", processes=frozenset({"bird", "felix"}), sockets=SOCKETS, birds=birds)
    reading = read(asked)
    assert [daemon.state for daemon in reading.status.daemons] == [DaemonState.UNREACHABLE] * 2
    assert all("timed out" in str(daemon.message) for daemon in reading.status.daemons)
    assert reading.complete
    assert reading.status.felix_running


def test_one_bird_hangs_and_the_other_answers(protocols: str) -> None:
    birds = (BirdAnswer(Family.IPV4, "birdcl", 0, protocols), BirdAnswer(Family.IPV6, "birdcl", 124, ""))
    asked = Answer(node="w1", rights="root", processes=frozenset({"bird", "bird6"}), sockets=SOCKETS, birds=birds)
    daemons = {daemon.family: daemon for daemon in read(asked).status.daemons}
    assert daemons[Family.IPV4].state is DaemonState.RUNNING
    assert daemons[Family.IPV6].state is DaemonState.UNREACHABLE
    assert "timed out" in str(daemons[Family.IPV6].message)


def test_a_bird_that_a_deadline_of_ours_cut_short() -> None:
    birds = (BirdAnswer(Family.IPV4, "birdcl", 124, ""),)
    asked = Answer(
        node="w1", rights="root", processes=frozenset({"bird"}), sockets=SOCKETS, birds=birds, complete=False
    )
    error = complaint(asked, cut="nothing came for 30 s")
    assert isinstance(error, GatherTimeout)
    assert error.silent == Silent.BIRD


def test_a_container_runtime_that_hangs_is_no_bird_that_hangs() -> None:
    birds = tuple(BirdAnswer(family, "crictl", 124, "") for family in Family)
    error = complaint(Answer(node="w1", rights="root", processes=frozenset({"bird"}), sockets=SOCKETS, birds=birds))
    assert isinstance(error, GatherTimeout)
    assert (error.silent, error.message) == (None, "crictl did not come back")


@pytest.mark.parametrize("rights", ["root", "sudo"])
def test_a_bird_whose_socket_is_gone_is_unreachable_as_calicoctl_says_it(rights: str) -> None:
    said = "Unable to connect to server control socket (/var/run/calico/bird.ctl): No such file or directory"
    birds = tuple(BirdAnswer(family, "birdcl", 1, said) for family in Family)
    running = frozenset({"felix", "bird", "bird6"})
    reading = read(Answer(node="w1", rights=rights, processes=running, birds=birds))
    assert {d.state for d in reading.status.daemons} == {DaemonState.UNREACHABLE}
    assert reading.status.felix_running is True


@pytest.mark.parametrize(
    ("rights", "processes", "said"),
    [
        ("root", None, "Unable to connect to server control socket"),
        ("none", frozenset({"bird"}), "Unable to connect to server control socket (bird.ctl): Permission denied"),
        ("root", frozenset({"bird"}), "birdcl: error while loading shared libraries"),
    ],
)
def test_where_it_is_not_known_that_bird_runs_or_could_be_asked_there_is_no_reading(rights, processes, said) -> None:
    birds = tuple(BirdAnswer(family, "birdcl", 1, said) for family in Family)
    assert complaint(Answer(node="w1", rights=rights, processes=processes, birds=birds))


def test_what_bird_said_of_itself_is_in_the_reading(fixtures: Path, table: str) -> None:
    folder = fixtures / "routes/v3.33"
    names = ("show_status", "show_route_count", "show_protocols_all")
    text = "".join((folder / f"a.{name}.txt").read_text() for name in names)
    details = (BirdDetails(Family.IPV4, "birdcl", text), BirdDetails(Family.IPV6, "birdcl", "Access denied\n"))
    reading = read(status(stdout=table, details=details))
    assert [bird.family for bird in reading.birds] == [Family.IPV4]
    bird = reading.bird(Family.IPV4)
    assert bird is not None
    assert (bird.paths, bird.router_id) == (39, "192.0.2.11")
    assert reading.bird(Family.IPV6) is None
    assert reading.complete, "that nothing more came makes the table no less whole"
    assert NodeReading.model_validate_json(reading.model_dump_json()).birds == reading.birds


def test_a_row_finds_what_bird_says_of_its_session(fixtures: Path) -> None:
    folder = fixtures / "routes/v3.33"
    rows, whole = ((folder / f"a.{name}.txt").read_text() for name in ("show_protocols", "show_protocols_all"))
    birds = (BirdAnswer(Family.IPV4, "birdcl", 0, rows),)
    reading = read(Answer(node="w1", birds=birds, details=(BirdDetails(Family.IPV4, "birdcl", whole),)))
    found = {peer.address_text: reading.protocol_of(peer) for peer in reading.peers}
    assert found["192.0.2.10"] is not None
    assert (found["192.0.2.10"].imported, found["192.0.2.10"].exported) == (11, 6)
    without = read(Answer(node="w1", birds=birds))
    assert [without.protocol_of(peer) for peer in without.peers] == [None] * len(without.peers)
