"""The clients that are compared, each as one command that asks a whole fleet: calico_bgp, OpenSSH's ssh, asyncssh."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Cost, run
from benchmarks.ssh.servers import Files
from calico_bgp.parse.answer.frame import parse_answer
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.sources.node.command import gather_command, new_marker
from calico_bgp.store.snapshot_folder import load_snapshot

#: What each host said: its node name, and its peers. Clients must agree on all of it.
Said = dict[str, tuple[object, ...]]


class Fleet(NamedTuple):
    """Hosts to ask. `targets` are `host:port`; `config`, if any, gives those targets the names in `hosts`."""

    files: Files
    targets: list[str]
    hosts: Path
    known_hosts: Path
    config: Path | None = None
    calicoctl: Path | None = None

    def file(self, name: str) -> Path:
        return self.files.folder / name


class Calico:
    """`calico-bgp gather`, which also parses every table and writes the snapshot."""

    def __init__(self, fleet: Fleet, *options: str) -> None:
        self._fleet = fleet
        self._folder = fleet.file("snapshot")
        self._command: list[str | Path] = [
            sys.executable, "-m", "calico_bgp", "gather", fleet.hosts, "-o", self._folder, "-l", "root", "--no-agent",
            "-i", fleet.files.user_key, "--known-hosts", fleet.known_hosts, "--ssh-config", fleet.config or "none",
            *(["--calicoctl", fleet.calicoctl] if fleet.calicoctl else []), *options,
        ]  # fmt: skip

    def __call__(self) -> Cost:
        shutil.rmtree(self._folder, ignore_errors=True)
        return run(self._command)

    def said(self) -> Said:
        snapshot = load_snapshot(self._folder)
        return {reading.host: (reading.node, _peers(reading.status.peers)) for reading in snapshot.readings}


class AsyncSSH:
    """One process and one event loop; it parses nothing."""

    def __init__(self, fleet: Fleet, width: int = 64) -> None:
        names = fleet.hosts.read_text(encoding="utf-8").split()
        lines = fleet.file("asyncssh.hosts")
        lines.write_text(
            "".join(f"{name}={target}\n" for name, target in zip(names, fleet.targets, strict=True)), encoding="utf-8"
        )
        command = fleet.file("asyncssh.command")
        self._marker = new_marker()
        command.write_text(_command(self._marker, fleet), encoding="utf-8")
        self._output = fleet.file("asyncssh.json")
        self._command: Sequence[str | Path] = [
            sys.executable, "-m", "benchmarks.ssh.asyncssh_client", lines, fleet.files.user_key, fleet.known_hosts,
            command, self._output, str(width),
        ]  # fmt: skip

    def __call__(self) -> Cost:
        return run(self._command)

    def said(self) -> Said:
        answers = json.loads(self._output.read_text(encoding="utf-8"))
        return {line.partition("=")[0]: _said(text, self._marker) for line, text in answers.items() if text}


class OpenSSH:
    """`xargs -P 16 ssh`, with a curve for the key exchange; all output goes into one file, in no order."""

    def __init__(self, fleet: Fleet, parallel: int = 16) -> None:
        assert fleet.config is not None
        self._marker = new_marker()
        self._names = fleet.hosts.read_text(encoding="utf-8").split()
        self._ssh: list[str | Path] = ["ssh", "-F", fleet.config]
        self._remote = _command(self._marker, fleet)
        self._all: list[str | Path] = [
            "xargs", "-a", fleet.hosts, "-P", str(parallel), "-I{}", *self._ssh, "{}", self._remote
        ]  # fmt: skip
        self._output = fleet.file("openssh.output")

    def __call__(self) -> Cost:
        cost = run(self._all, output=self._output)
        answers = self._output.read_text(encoding="utf-8").count(f"{self._marker} end")
        if answers != len(self._names):
            raise RuntimeError(f"ssh: {answers} answers from {len(self._names)} hosts")
        return cost

    def said(self) -> Said:
        """Asked again, one by one, because the outputs of parallel clients run into each other."""
        said = {}
        for name in self._names[:10]:
            run([*self._ssh, name, self._remote], output=self._output)
            said[name] = _said(self._output.read_text(encoding="utf-8"), self._marker)
        return said


def _command(marker: str, fleet: Fleet) -> str:
    return gather_command(marker, calicoctl=str(fleet.calicoctl) if fleet.calicoctl else None)


def _said(text: str, marker: str) -> tuple[object, ...]:
    answer = parse_answer(text, marker)
    assert answer is not None
    assert answer.complete
    return (answer.node or answer.hostname, _peers(parse_node_status(answer.stdout or "").peers))


def _peers(peers: Sequence[object]) -> tuple[str, ...]:
    return tuple(sorted(str(peer) for peer in peers))
