"""The servers that the SSH benchmarks talk to, all on loopback, all ended with the context; and clients' files."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from calico_bgp.parse.answer.frame import frame_answer
from calico_bgp.parse.answer.values import Answer
from tests.sshd.cheap import HUNG

#: No server outlives this many seconds, whatever happens to the benchmark.
LIFETIME = 1500
CAPTURE = Path(__file__).parents[2] / "tests/fixtures/captures/v3.33/rr_ok_v4/node1.stdout.txt"


class Files:
    """Keys, known_hosts and hosts.txt in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.user_key, self.host_key = folder / "user_key", folder / "host_key"
        self.public = {path: _make_key(path) for path in (self.user_key, self.host_key)}
        self.status = CAPTURE.read_text(encoding="utf-8")

    def hosts(self, name: str, lines: list[str]) -> tuple[Path, Path]:
        """hosts.txt with these `host:port` lines, and known_hosts with the server's key for each."""
        hosts, known_hosts = self.folder / f"{name}.txt", self.folder / f"{name}.known_hosts"
        hosts.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        key = self.public[self.host_key]
        known_hosts.write_text(
            "".join("[{}]:{} {}\n".format(*line.split(":"), key) for line in lines), encoding="utf-8"
        )
        return hosts, known_hosts


def _make_key(path: Path) -> str:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    path.write_bytes(private)
    path.chmod(0o600)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    path.with_suffix(".pub").write_text(public + "\n", encoding="utf-8")
    return public


def addresses(count: int, second: int = 0) -> list[str]:
    """`count` different addresses 127.<second>.x.y."""
    return [f"127.{second}.{1 + i // 250}.{1 + i % 250}" for i in range(count)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def cheap_server(files: Files) -> Iterator[int]:
    """The cheap server (tests/sshd/cheap.py) on all of 127.0.0.0/8; gives its port."""
    answer = Answer(
        node="@HOST@", hostname="@HOST@", clock=datetime.now(UTC).replace(microsecond=0), rights="root",
        processes=frozenset({"felix", "bird"}), calicoctl="/usr/local/bin/calicoctl", stdout=files.status, exit_code=0,
        version="v3.33.0",
    )  # fmt: skip
    text = files.folder / "answer"
    text.write_text(frame_answer("@MARKER@", answer), encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "tests.sshd.cheap", str(port), str(files.host_key), str(text), str(LIFETIME)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield port
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def real_sshd(files: Files) -> Iterator[tuple[int, Path]]:
    """OpenSSH's sshd on 127.0.0.1, every login with an empty home (rc files can cost a minute); gives port and
    calicoctl.
    """
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if sshd is None or os.geteuid() != 0:
        raise RuntimeError("the comparison on real sshd needs root and openssh-server")
    bin_folder, home = files.folder / "bin", files.folder / "home"
    bin_folder.mkdir(exist_ok=True)
    home.mkdir(exist_ok=True)
    calicoctl = bin_folder / "calicoctl"
    (bin_folder / "status").write_text(files.status, encoding="utf-8")
    calicoctl.write_text(
        f'#!/bin/sh\nif [ "$1" = node ]; then cat {bin_folder}/status; else echo "Client Version:    v3.33.0"; fi\n'
    )
    calicoctl.chmod(0o755)
    authorized = files.folder / "authorized_keys"
    authorized.write_text(files.public[files.user_key] + "\n", encoding="utf-8")
    port = free_port()
    config = files.folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {files.host_key}\nPidFile {files.folder}/sshd.pid\n"
        f"AuthorizedKeysFile {authorized}\nStrictModes no\nPermitRootLogin prohibit-password\nUsePAM no\n"
        "MaxStartups 2000\nMaxSessions 10\nPrintMotd no\nUseDNS no\nLogLevel ERROR\n",
        encoding="utf-8",
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    # A mount namespace of its own hides the real home from the logins; nothing outside of it changes.
    script = f'mount --bind {home} /root && exec timeout {LIFETIME} "$0" -D -e -f {config}'
    with (files.folder / "sshd.log").open("w") as log:
        process = subprocess.Popen(["unshare", "-m", "sh", "-c", script, sshd], stderr=log, start_new_session=True)
    try:
        _wait_for("127.0.0.1", port)
        yield port, calicoctl
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def _wait_for(host: str, port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens at {host}:{port}")


@contextlib.contextmanager
def sick_hosts(count: int, port: int) -> Iterator[list[str]]:
    """`count` hosts of which 5 % are dead (half refuse, half swallow the connection), 2 % hung.

    Of the hung ones half never speak, half take the command and never answer.

    The healthy ones are the cheap server's at this port.
    """
    dead, hung = count // 20, count // 50
    with contextlib.ExitStack() as stack:
        mute = stack.enter_context(socket.socket())
        mute.setsockopt(socket.SOL_SOCKET, 25, b"lo\0")
        mute.bind(("0.0.0.0", 0))
        mute.listen(1024)
        closed = free_port()
        sick = [f"{address}:{closed}" for address in addresses(dead - dead // 2, 1)]
        holes = []
        for address in addresses(dead // 2, 2):
            listener = stack.enter_context(socket.socket())
            listener.bind((address, 0))
            listener.listen(0)
            # A full backlog makes the kernel drop every further SYN, as a firewall would.
            for _ in range(4):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            holes.append(f"{address}:{listener.getsockname()[1]}")
        sick += holes
        sick += [f"{address}:{mute.getsockname()[1]}" for address in addresses(hung - hung // 2, 3)]
        sick += [f"{address}:{port}" for address in addresses(hung // 2, HUNG)]
        healthy = [f"{address}:{port}" for address in addresses(count - len(sick))]
        # Spread them out: sick hosts do not come in one lump.
        step = len(healthy) // len(sick)
        mixed: list[str] = []
        for number, host in enumerate(sick):
            mixed += [host, *healthy[number * step : (number + 1) * step]]
        yield mixed + healthy[len(sick) * step :]
