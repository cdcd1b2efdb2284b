"""Which key files are encrypted, told from the file alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from calico_bgp.model.inventory import Host
from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.login.key_files import any_encrypted, looks_encrypted
from calico_bgp.sources.ssh.options import SSHOptions


def write(path: Path, form: s.PrivateFormat, passphrase: bytes | None) -> Path:
    key = (
        ed25519.Ed25519PrivateKey.generate()
        if form is s.PrivateFormat.OpenSSH
        else ec.generate_private_key(ec.SECP256R1())
    )
    cipher = s.BestAvailableEncryption(passphrase) if passphrase else s.NoEncryption()
    path.write_bytes(key.private_bytes(s.Encoding.PEM, form, cipher))
    return path


@pytest.mark.parametrize("form", [s.PrivateFormat.OpenSSH, s.PrivateFormat.PKCS8, s.PrivateFormat.TraditionalOpenSSL])
def test_a_passphrase_shows_in_every_format(tmp_path: Path, form: s.PrivateFormat) -> None:
    assert looks_encrypted(write(tmp_path / "locked", form, b"secret"))
    assert not looks_encrypted(write(tmp_path / "open", form, None))


@pytest.mark.parametrize(
    "text", ["", "hello", "-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n", "-----BEGIN OPENSSH PRIVATE KEY-----"]
)
def test_what_is_no_key_is_not_encrypted(tmp_path: Path, text: str) -> None:
    (tmp_path / "k").write_text(text)
    assert not looks_encrypted(tmp_path / "k")
    assert not looks_encrypted(tmp_path / "missing")


def test_the_file_that_hosts_txt_names_counts_before_the_options(tmp_path: Path) -> None:
    locked = write(tmp_path / "locked", s.PrivateFormat.OpenSSH, b"secret")
    free = write(tmp_path / "open", s.PrivateFormat.OpenSSH, None)
    config = SSHConfig.load(Path("none"))
    host = Host(name="n1", identity=str(locked))
    assert any_encrypted([host], SSHOptions(identities=(free,)), config)
    assert not any_encrypted([Host(name="n1")], SSHOptions(identities=(free,)), config)
