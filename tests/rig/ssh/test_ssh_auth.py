"""Proving who we are to a real sshd: keys, passphrases, the agent, certificates, passwords, and every refusal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import Stage
from tests.rig.ssh.node_of_capture import SSHNode, make_node
from tests.rig.ssh.sshd import TemporaryUser, keygen, public_folder, sign, temporary_user

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with public_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def node(folder: Path) -> Iterator[SSHNode]:
    keys = [keygen(folder / f"id_{kind}", kind) for kind in ("ecdsa", "rsa")]
    keys.append(keygen(folder / "id_secret", passphrase="open sesame"))
    authority = keygen(folder / "users_ca")
    node = make_node(
        folder,
        authorized=[Path(f"{key}.pub") for key in keys],
        extra=f"TrustedUserCAKeys {authority}.pub\nMaxAuthTries 4",
    )
    with node.sshd:
        yield node


@pytest.fixture(scope="module")
def user(folder: Path, node: SSHNode) -> Iterator[TemporaryUser]:
    with temporary_user(folder / "home", sudoers="ALL=(root) NOPASSWD: ALL") as user:
        yield user


@contextlib.contextmanager
def agent(folder: Path, *keys: Path) -> Iterator[str]:
    path = folder / "agent.sock"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        environment = os.environ | {"SSH_AUTH_SOCK": str(path)}
        for _ in range(100):
            if path.exists():
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        for key in keys:
            subprocess.run(["ssh-add", "-q", str(key)], env=environment, check=True, timeout=10, capture_output=True)
        yield str(path)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(5)
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["id", "id_ecdsa", "id_rsa"])
def test_a_key_of_every_type_logs_in(node: SSHNode, folder: Path, name: str) -> None:
    reading = node.reading(identities=(folder / name,))
    assert len(reading.peers) == 6
    assert reading.complete
    assert reading.calicoctl_version == "v3.33.0"
    assert str(reading.ssh_address) == "127.0.0.1"
    assert reading.clock is not None
    assert reading.clock.tzinfo is not None


def test_a_key_named_in_hosts_txt_comes_before_the_options(node: SSHNode, folder: Path) -> None:
    host = Host(name="127.0.0.1", port=node.sshd.port, identity=str(folder / "id_ecdsa"))
    assert node.reading(host=host, identities=(folder / "nothing",)).peers


def test_the_passphrase_is_asked_for_once_for_all_hosts(node: SSHNode, folder: Path) -> None:
    asked: list[str] = []

    def ask(path: str) -> str:
        asked.append(path)
        return "open sesame"

    assert node.reading(identities=(folder / "id_secret",), ask_passphrase=ask).peers
    assert asked == [str(folder / "id_secret")]


@pytest.mark.parametrize("passphrases", [(), ("wrong",)])
def test_without_the_passphrase_the_login_fails_and_says_so(
    node: SSHNode, folder: Path, passphrases: tuple[str, ...]
) -> None:
    failure = node.failure(identities=(folder / "id_secret",), passphrases=passphrases)
    assert failure.stage is Stage.AUTHENTICATE
    assert "id_secret: its passphrase is not known" in failure.message


def test_the_agent_signs_for_a_key_that_we_cannot_read(node: SSHNode, folder: Path, tmp_path: Path) -> None:
    with agent(tmp_path, node.key) as path, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSH_AUTH_SOCK", path)
        assert node.reading(identities=(folder / "nothing",), agent=True).peers
        assert node.failure(identities=(folder / "nothing",), agent=False).stage is Stage.AUTHENTICATE


def test_a_dead_agent_is_no_agent(node: SSHNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    assert node.reading(agent=True).peers


def test_a_user_certificate_beside_the_key_logs_in(node: SSHNode, folder: Path, tmp_path: Path) -> None:
    key = keygen(tmp_path / "certified")
    assert node.failure(identities=(key,)).stage is Stage.AUTHENTICATE
    sign(key, folder / "users_ca", principals=["root"])
    assert node.reading(identities=(key,)).peers
    assert "ED25519-CERT" in node.sshd.log


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_certificate_file_of_the_ssh_configuration_logs_in(
    node: SSHNode, folder: Path, tmp_path: Path, kind: str
) -> None:
    key = keygen(tmp_path / "k", kind)
    certificate = sign(key, folder / "users_ca", principals=["root"]).rename(tmp_path / "elsewhere.pub")
    config = tmp_path / "config"
    config.write_text(f"Host *\n IdentityFile {key}\n CertificateFile {certificate}\n")
    assert node.reading(identities=(), ssh_config=config).peers


def test_an_expired_certificate_is_refused(node: SSHNode, folder: Path, tmp_path: Path) -> None:
    key = keygen(tmp_path / "old")
    sign(key, folder / "users_ca", principals=["root"], validity="20200101:20200102")
    assert node.failure(identities=(key,)).stage is Stage.AUTHENTICATE


def test_a_password_logs_in(node: SSHNode, user: TemporaryUser) -> None:
    reading = node.reading(user=user.name, identities=(), password=user.password)
    assert len(reading.peers) == 6


def test_a_wrong_password_is_not_tried_twice(node: SSHNode, user: TemporaryUser) -> None:
    failure = node.failure(user=user.name, identities=(), password="wrong")
    assert failure.stage is Stage.AUTHENTICATE
    assert "the password" in failure.message
    assert node.sshd.log.count(f"Failed password for {user.name}") == 1


def test_the_message_names_what_was_offered_and_what_is_allowed(node: SSHNode, tmp_path: Path) -> None:
    failure = node.failure(identities=(keygen(tmp_path / "stranger"),))
    assert failure.stage is Stage.AUTHENTICATE
    assert "login as root was refused" in failure.message
    assert "stranger" in failure.message
    assert failure.hint is not None
    assert "--identity" in failure.hint


def test_too_many_keys_end_with_a_message(node: SSHNode, tmp_path: Path) -> None:
    keys = tuple(keygen(tmp_path / f"k{number}") for number in range(8))
    failure = node.failure(identities=keys)
    assert failure.stage is Stage.AUTHENTICATE
    assert "closed the connection" in failure.message


def test_no_key_at_all_is_told(node: SSHNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    failure = node.failure(identities=())
    assert failure.stage is Stage.AUTHENTICATE
    assert "no key to offer" in failure.message


def test_keyboard_interactive_takes_the_password(folder: Path) -> None:
    extra = "UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes"
    node = make_node(folder / "kbd", extra=extra)
    with (
        node.sshd,
        temporary_user(folder / "home", sudoers="ALL=(root) NOPASSWD: ALL") as user,
    ):
        assert node.reading(user=user.name, identities=(), password=user.password).peers


def test_a_key_and_a_password_where_the_server_wants_both(folder: Path, node: SSHNode) -> None:
    node = make_node(folder / "both", extra="AuthenticationMethods publickey,password")
    with (
        node.sshd,
        temporary_user(folder / "home", sudoers="ALL=(root) NOPASSWD: ALL") as user,
    ):
        assert node.reading(user=user.name, password=user.password).peers
        assert "password" in node.failure(user=user.name).message
