"""Servers on loopback that need neither root nor sshd: healthy ones, and ones that do not keep to the protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from calico_bgp.model.inventory import Host
from calico_bgp.parse.answer.frame import frame_answer
from calico_bgp.parse.answer.values import Answer
from calico_bgp.sources.ssh.options import SSHOptions

ROOT = Path(__file__).parents[4]
CAPTURE = ROOT / "tests/fixtures/captures/v3.33/rr_ok_v4/node1.stdout.txt"
_SECONDS = 600


def _key(path: Path) -> str:
    key = Ed25519PrivateKey.generate()
    encoding = serialization.Encoding
    path.write_bytes(key.private_bytes(encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()))
    path.chmod(0o600)
    return key.public_key().public_bytes(encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


@dataclass
class Servers:
    """All behaviours of tests/sshd/hostile.py, by name; every address of 127.0.0.0/8 has them all."""

    folder: Path
    ports: dict[str, int]

    def hosts(self, count: int, behaviour: str = "healthy", *, net: int = 1) -> list[Host]:
        """Different addresses with one behaviour."""
        port = self.ports[behaviour]
        return [Host(name=f"127.0.{net + i // 250}.{1 + i % 250}", port=port) for i in range(count)]

    def options(self, **changes: Any) -> SSHOptions:
        """Options that work for all of them."""
        values: dict[str, Any] = {
            "user": "root",
            "identities": (self.folder / "user_key",),
            "known_hosts": (self.folder / "known_hosts",),
            "agent": False,
            "ssh_config": Path("none"),
        }
        return SSHOptions(**values | changes)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("servers")
    _key(folder / "user_key")
    public = _key(folder / "host_key")
    answer = Answer(
        node="@HOST@", hostname="@HOST@", clock=datetime.now(UTC).replace(microsecond=0), rights="root",
        processes=frozenset({"felix", "bird"}), calicoctl="/usr/local/bin/calicoctl", stdout=CAPTURE.read_text(),
        exit_code=0, version="v3.33.0",
    )  # fmt: skip
    (folder / "answer").write_text(frame_answer("@MARKER@", answer))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.sshd.hostile", folder / "host_key", folder / "answer", str(_SECONDS)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            ports = json.loads(process.stdout.readline())
            (folder / "known_hosts").write_text("".join(f"[127.*.*.*]:{port} {public}\n" for port in ports.values()))
            yield Servers(folder, ports)
        finally:
            process.terminate()
            process.wait(10)
