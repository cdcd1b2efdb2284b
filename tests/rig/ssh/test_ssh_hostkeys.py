"""Is it the right server? Host keys of a real sshd: known, unknown, changed, revoked, new, hashed, certified."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import Stage
from calico_bgp.sources.ssh.options import HostKeyPolicy
from tests.rig.ssh.node_of_capture import SSHNode, make_node
from tests.rig.ssh.sshd import keygen

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHNode]:
    node = make_node(tmp_path_factory.mktemp("hostkeys"), host_key_types=("ed25519", "ecdsa", "rsa"))
    with node.sshd:
        yield node


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's own known_hosts gets in."""
    home = tmp_path / "operator"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


def test_an_unknown_host_is_refused_and_the_fingerprint_shown(node: SSHNode, tmp_path: Path) -> None:
    failure = node.failure(known_hosts=())
    assert failure.stage is Stage.HOST_KEY
    shown = subprocess.run(
        ["ssh-keygen", "-lf", f"{node.sshd.host_key()}.pub"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.split()[1] in failure.message
    assert f"[127.0.0.1]:{node.sshd.port}" in failure.message
    assert failure.hint is not None
    assert f"ssh-keyscan -p {node.sshd.port} 127.0.0.1" in failure.hint


def test_nobody_logs_in_to_an_unknown_host(node: SSHNode) -> None:
    before = node.sshd.log.count("Accepted")
    node.failure(known_hosts=())
    assert node.sshd.log.count("Accepted") == before


def test_the_users_own_known_hosts_is_read(node: SSHNode, home: Path) -> None:
    (home / ".ssh").mkdir()
    (home / ".ssh/known_hosts").write_text(node.sshd.known_hosts_line())
    assert node.reading(known_hosts=()).peers


def test_accept_new_writes_the_key_and_knows_it_afterwards(node: SSHNode, tmp_path: Path) -> None:
    file = tmp_path / "new" / "known_hosts"
    assert node.reading(known_hosts=(file,), host_keys=HostKeyPolicy.ACCEPT_NEW).peers
    assert file.read_text() == node.sshd.known_hosts_line()
    assert node.reading(known_hosts=(file,)).peers


@pytest.mark.parametrize("policy", list(HostKeyPolicy))
def test_a_changed_key_is_refused_and_the_line_named(node: SSHNode, tmp_path: Path, policy: HostKeyPolicy) -> None:
    other = Path(f"{keygen(tmp_path / 'other')}.pub").read_text()
    file = tmp_path / "known_hosts"
    file.write_text(f"# mine\n\n[127.0.0.1]:{node.sshd.port} {other}")
    before = file.read_text()
    failure = node.failure(known_hosts=(file,), host_keys=policy)
    assert failure.stage is Stage.HOST_KEY
    assert f"{file}:3" in failure.message
    assert failure.hint is not None
    assert "ssh-keygen -R" in failure.hint
    assert file.read_text() == before


@pytest.mark.parametrize("policy", list(HostKeyPolicy))
def test_a_revoked_key_is_refused(node: SSHNode, tmp_path: Path, policy: HostKeyPolicy) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(node.sshd.known_hosts_line() + f"@revoked * {node.sshd.public_key()}\n")
    failure = node.failure(known_hosts=(file,), host_keys=policy)
    assert failure.stage is Stage.HOST_KEY
    assert f"revoked by {file}:2" in failure.message


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("hashed", [False, True])
def test_the_server_is_asked_for_the_key_that_is_known(
    node: SSHNode, tmp_path: Path, kind: str, *, hashed: bool
) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(node.sshd.known_hosts_line(kind))
    if hashed:
        subprocess.run(["ssh-keygen", "-H", "-f", str(file)], check=True, capture_output=True)
        assert file.read_text().startswith("|1|")
    assert node.reading(known_hosts=(file,)).peers


def test_an_alias_of_the_ssh_configuration_is_looked_up(node: SSHNode, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(node.sshd.known_hosts_line(name="rack7"))
    config = tmp_path / "config"
    config.write_text(
        f"Host n1\n HostName 127.0.0.1\n Port {node.sshd.port}\n User root\n IdentityFile {node.key}\n"
        f" HostKeyAlias rack7\n UserKnownHostsFile {file}\n"
    )
    result = node.reading(host=Host(name="n1"), user=None, identities=(), known_hosts=(), ssh_config=config)
    assert result.host == "n1"


# A fleet whose host keys an authority signs: one @cert-authority line for all.


@pytest.fixture(scope="module", params=["ed25519", "ecdsa", "rsa"])
def certified(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[SSHNode]:
    kind = request.param
    folder = tmp_path_factory.mktemp(kind)
    authority = keygen(folder / "hosts_ca", kind)
    node = make_node(folder, host_key_types=(kind,), certify=(authority, ["127.0.0.1", "*.dc1"]))
    with node.sshd:
        yield node


def line(node: SSHNode, pattern: str = "*", name: str = "hosts_ca") -> str:
    return f"@cert-authority {pattern} {(node.folder / name).with_suffix('.pub').read_text()}"


def test_the_authority_vouches_for_the_host(certified: SSHNode, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(line(certified))
    assert certified.reading(known_hosts=(file,)).peers


def test_another_authority_does_not(certified: SSHNode, tmp_path: Path) -> None:
    keygen(tmp_path / "other_ca")
    file = tmp_path / "known_hosts"
    file.write_text(f"@cert-authority * {(tmp_path / 'other_ca.pub').read_text()}")
    failure = certified.failure(known_hosts=(file,))
    assert failure.stage is Stage.HOST_KEY
    assert "another authority" in failure.message


def test_a_revoked_authority_does_not(certified: SSHNode, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    signed = line(certified)
    file.write_text(signed + signed.replace("@cert-authority", "@revoked"))
    failure = certified.failure(known_hosts=(file,))
    assert failure.stage is Stage.HOST_KEY
    assert "revokes" in failure.message


def test_the_certificate_is_for_its_names_only(certified: SSHNode, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(line(certified))
    config = tmp_path / "config"
    config.write_text("Host *\n HostKeyAlias node1.dc2\n")
    failure = certified.failure(known_hosts=(file,), ssh_config=config)
    assert "it is for 127.0.0.1, *.dc1, not for node1.dc2" in failure.message
    config.write_text("Host *\n HostKeyAlias node1.dc1\n")
    assert certified.reading(known_hosts=(file,), ssh_config=config).peers


def test_an_authority_without_a_certificate_on_the_host_is_told(node: SSHNode, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"@cert-authority * {keygen(tmp_path / 'ca').with_suffix('.pub').read_text()}")
    failure = node.failure(known_hosts=(file,))
    assert failure.stage is Stage.HOST_KEY
    assert f"{file}:1" in failure.message
    assert "no certificate" in failure.message
