"""Pipes and devices in the place of known_hosts, the ssh configuration and keys: refused, and nothing hangs."""

import os

import pytest

from calico_bgp.errors import ConfigError
from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.host_keys.known_hosts import HostKeys
from calico_bgp.sources.ssh.login.auth import KeyRing
from calico_bgp.sources.ssh.login.key_files import looks_encrypted
from calico_bgp.store import bounded


@pytest.fixture(params=["pipe", "device"])
def odd(request, tmp_path, monkeypatch):
    monkeypatch.setattr(bounded, "WRITER_WAIT", 0.1)
    path = tmp_path / "odd"
    if request.param == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    return path


def test_known_hosts(odd):
    (bad,) = HostKeys.load([odd]).bad_lines
    assert bad[2] in {"nobody writes into it", "it is a device, no file"}


def test_ssh_config(odd):
    with pytest.raises(ConfigError, match=r"nobody writes into it|it is a device"):
        SSHConfig.load(odd)


def test_keys(odd):
    assert not looks_encrypted(odd)
    ring = KeyRing(())
    assert ring._private_key(odd) is None
    assert ring.problems[odd] == "it is no file"
