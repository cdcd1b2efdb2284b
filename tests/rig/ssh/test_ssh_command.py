"""The command on a real login: rights, login shells, chatter, no calicoctl, hung and broken programs, floods."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState, Stage
from tests.rig.ssh.node_of_capture import CALICOCTL, SSHNode, make_node
from tests.rig.ssh.sshd import TemporaryUser, public_folder, script, temporary_user

pytestmark = pytest.mark.rig

BIRD_CAPTURE = Path(__file__).parents[2] / "fixtures/captures/birdc/mesh_ok_v4/node1.v4.txt"


@pytest.fixture(scope="module")
def node() -> Iterator[SSHNode]:
    with public_folder() as folder:
        node = make_node(folder, extra="Banner /etc/hostname")
        with node.sshd:
            yield node


@pytest.fixture(autouse=True)
def as_new(node: SSHNode) -> Iterator[None]:
    """Each test may change the stand-ins and the home."""
    yield
    for path in (node.folder / "home").iterdir():
        path.unlink()
    for path in (node.folder / "bin").iterdir():
        path.unlink()
    script(node.folder / "bin/calicoctl", CALICOCTL)


@pytest.fixture
def user(node: SSHNode) -> Iterator[Callable[..., TemporaryUser]]:
    """`user(sudoers=..., shell=...)`: a user without root rights, who logs in with the node's key."""
    import contextlib

    with contextlib.ExitStack() as stack:

        def make(**options: str | None) -> TemporaryUser:
            home = node.folder / "home"
            return stack.enter_context(temporary_user(home, **options))  # type: ignore[arg-type]

        yield make


def test_root_needs_no_sudo(node: SSHNode) -> None:
    script(node.folder / "bin/sudo", "#!/bin/sh\necho no >&2; exit 1\n")
    assert node.reading().peers


def test_sudo_without_a_password(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    assert node.reading(user=user(sudoers="ALL=(root) NOPASSWD: ALL").name).peers


def test_the_sudoers_line_of_the_docs_is_enough(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    """docs/ssh.md: USER ALL=(root) NOPASSWD: /usr/local/bin/calicoctl node status."""
    line = f"ALL=(root) NOPASSWD: {node.folder}/bin/calicoctl node status"
    assert node.reading(user=user(sudoers=line).name).peers


def test_no_sudo_right_is_told(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    name = user().name
    failure = node.failure(user=name)
    assert failure.stage is Stage.COMMAND
    # Which of the two sudo says depends on its version: it may ask before it refuses.
    assert failure.message in (
        "sudo wants a password",
        f"sudo does not allow the user to run {node.folder}/bin/calicoctl node status",
    )
    assert failure.hint is not None
    assert f"ALL=(root) NOPASSWD: {node.folder}/bin/calicoctl node status" in failure.hint


def test_another_sudo_right_is_not_this_one(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    failure = node.failure(user=user(sudoers="ALL=(root) NOPASSWD: /bin/true").name)
    assert failure.stage is Stage.COMMAND
    assert "sudo" in failure.message


def test_sudo_wants_a_password(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    failure = node.failure(user=user(sudoers="ALL=(root) ALL").name)
    assert failure.message == "sudo wants a password"
    assert failure.hint is not None
    assert "--ask-sudo-pass" in failure.hint


def test_sudo_gets_its_password(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    someone = user(sudoers="ALL=(root) ALL")
    assert node.reading(user=someone.name, sudo_password=someone.password).peers
    assert someone.password not in node.sshd.log


def test_sudo_gets_a_wrong_password_once(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    failure = node.failure(user=user(sudoers="ALL=(root) ALL").name, sudo_password="wrong")
    assert failure.stage is Stage.COMMAND
    assert failure.message == "sudo did not take the password"


def test_a_password_that_sudo_does_not_want_harms_nobody(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    assert node.reading(user=user(sudoers="ALL=(root) NOPASSWD: ALL").name, sudo_password="unused").peers
    assert node.reading(sudo_password="unused").peers  # root


@pytest.mark.parametrize("shell", ["bash", "dash", "tcsh", "fish", "zsh", "mksh"])
def test_login_shells(node: SSHNode, user: Callable[..., TemporaryUser], shell: str) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"needs {shell}")
    assert node.reading(user=user(sudoers="ALL=(root) NOPASSWD: ALL", shell=path).name).peers


def test_a_login_shell_that_refuses_is_told(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    failure = node.failure(user=user(shell="/usr/sbin/nologin").name)
    assert failure.stage is Stage.COMMAND
    assert "This account is currently not available" in failure.message


def test_chatter_of_rc_files_is_left_out(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    chatter = "echo '+---+'; echo '| PEER ADDRESS |'; echo oops >&2; printf 'no newline'\n"
    (node.folder / "home/.bashrc").write_text(f"{chatter} trap \"echo 'IPv4 BGP status'; echo bye\" EXIT\n")
    reading = node.reading(user=user(sudoers="ALL=(root) NOPASSWD: ALL", shell="/bin/bash").name)
    assert "no newline" in reading.raw
    assert len(reading.peers) == 6
    assert reading.status.unrecognised == ()
    assert reading.complete


def test_stderr_and_exit_code_stay_apart(node: SSHNode) -> None:
    script(node.folder / "bin/calicoctl", "#!/bin/sh\necho 'Calico process is not running.' >&2\nexit 1\n")
    reading = node.reading()
    assert reading.exit_code == 1
    assert reading.status.felix_running is False
    assert reading.peers == ()


def test_another_program_called_calicoctl(node: SSHNode) -> None:
    script(node.folder / "bin/calicoctl", "#!/bin/sh\necho 'cannot reach the registry' >&2\nexit 125\n")
    failure = node.failure()
    assert failure.stage is Stage.PARSE
    assert "cannot reach the registry" in failure.message


def test_calicoctl_elsewhere(node: SSHNode) -> None:
    (node.folder / "bin/calicoctl").rename(node.folder / "bin/calicoctl-v3.33")
    assert node.failure().message.startswith("127.0.0.1 does not look like a Calico node")
    assert node.reading(calicoctl=f"{node.folder}/bin/calicoctl-v3.33").peers


def test_a_hung_calicoctl_is_told(node: SSHNode) -> None:
    script(node.folder / "bin/calicoctl", "#!/bin/sh\nexec sleep 60\n")
    failure = node.failure(command_timeout=3.0)
    assert failure.stage is Stage.TIMEOUT
    assert "calicoctl node status hung" in failure.message


def test_a_hung_login_is_told(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    (node.folder / "home/.bashrc").write_text("sleep 60\n")
    failure = node.failure(user=user(shell="/bin/bash").name, command_timeout=1.0)
    assert failure.stage is Stage.TIMEOUT
    assert failure.hint is not None
    assert "rc files" in failure.hint


def test_half_a_table_before_it_hangs_is_kept_and_marked(node: SSHNode) -> None:
    text = CALICOCTL.rstrip() + "\nexec sleep 60\n"
    script(node.folder / "bin/calicoctl", text)
    reading = node.reading(command_timeout=3.0)
    assert len(reading.peers) == 6
    assert not reading.complete
    assert any("stopped" in message for message in reading.status.messages)


def test_a_version_that_hangs_costs_nothing_but_the_version(node: SSHNode) -> None:
    script(node.folder / "bin/calicoctl", CALICOCTL.replace("version) ", "version) exec sleep 60; "))
    reading = node.reading()
    assert reading.calicoctl_version is None
    assert len(reading.peers) == 6
    assert reading.complete


def test_a_flood_is_cut_off(node: SSHNode) -> None:
    script(node.folder / "bin/calicoctl", "#!/bin/sh\nexec yes calico\n")
    result = node.read(output_limit=1_000_000)
    assert len(result.raw) <= 1_000_000
    assert result.stage in (Stage.TIMEOUT, Stage.PARSE)  # type: ignore[union-attr]
    assert "976 KiB" in result.message  # type: ignore[union-attr]


def test_no_calicoctl_asks_birds_socket(node: SSHNode, tmp_path: Path) -> None:
    """The real socket of a stand-in BIRD; each program that the host has is tried by itself in tests/unit."""
    (node.folder / "bin/calicoctl").unlink()
    run = Path("/var/run/calico")
    if run.exists():
        pytest.skip("this machine has a /var/run/calico")
    import socket

    run.mkdir()
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(run / "bird.ctl"))
            script(node.folder / "bin/birdcl", f"#!/bin/sh\ncat {BIRD_CAPTURE}\n")
            reading = node.reading()
    finally:
        (run / "bird.ctl").unlink(missing_ok=True)
        run.rmdir()
    assert [str(peer.address) for peer in reading.peers] == ["192.0.2.12", "192.0.2.13", "192.0.2.14"]
    assert reading.status.origin == "birdc"
    ipv6 = reading.status.daemon(Family.IPV6)
    assert ipv6 is not None
    assert ipv6.state in (DaemonState.NOT_RUNNING, DaemonState.UNKNOWN, DaemonState.UNREACHABLE)


def test_nothing_is_left_behind(node: SSHNode) -> None:
    before = threading.active_count()
    node.reading()
    assert threading.active_count() == before
