"""The person on the bastion: a home with an SSH configuration, a hosts.txt, and the real command line run there."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rig.machines.cell import Cell
from tests.rig.machines.cluster import Rig

#: A command that takes longer is stuck. Seconds.
TIMEOUT = 100.0
#: All sessions of a rig are young; a scenario healed a minute ago must not show in the next one.
NO_FLAPS = ("--flap-window", "1s")


@dataclass(frozen=True)
class Audit:
    """What `calico-bgp audit --format json` said.

    Attributes:
        exit_code: The command's.
        report: The JSON, None when there was none.
        stderr: What stood on standard error.
        seconds: How long it took.
    """

    exit_code: int
    report: dict[str, Any] | None
    stderr: str
    seconds: float

    @property
    def findings(self) -> set[tuple[str, str]]:
        """(rule, subject) of every finding above info."""
        assert self.report is not None, self.stderr
        return findings_of(self.report)

    @property
    def verdict(self) -> str:
        """The one word."""
        assert self.report is not None, self.stderr
        return str(self.report["verdict"])

    def told(self, rule: str) -> str:
        """All that the report says in the findings of a rule: message, evidence and next step."""
        assert self.report is not None, self.stderr
        found = [f for f in self.report["findings"] if f["rule"] == rule]
        return "\n".join([text for f in found for text in (f["message"], *f["evidence"], f["next_step"] or "")])


def findings_of(report: dict[str, Any]) -> set[tuple[str, str]]:
    """(rule, subject) of every finding above info."""
    return {(f["rule"], subject(f["subject"])) for f in report["findings"] if f["severity"] != "info"}


def subject(value: dict[str, Any]) -> str:
    """A subject as people read it: `node3`, `node3 ipv4`, `node2-node3 ipv4`."""
    family = f" {value['family']}" if value.get("family") else ""
    names = {
        "cluster": lambda: "cluster",
        "node": lambda: value["node"],
        "session": lambda: f"{value['a']}-{value['b']}",
        "address": lambda: value["address"],
        "resource": lambda: f"{value['resource']} {value['name']}",
    }
    return f"{names[value['kind']]()}{family}"


def of_node(rule: str, node: str, families: Iterable[str] = ()) -> set[tuple[str, str]]:
    """The findings of a rule about a node, for each family if any are named."""
    return {(rule, f"{node} {family}") for family in families} or {(rule, node)}


def of_session(rule: str, a: str, b: str) -> set[tuple[str, str]]:
    """The findings of a rule about a session in both families."""
    return {(rule, f"{a}-{b} {family}") for family in ("ipv4", "ipv6")}


@dataclass
class Operator:
    """Runs calico-bgp beside the rig's bridge.

    Attributes:
        rig: The cluster.
        home: The operator's, with an SSH configuration that names a login and a key.
        cell: Whose network the command uses; the bastion's.
        environment: Added to the command's.
    """

    rig: Rig
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    cell: Cell = field(init=False)

    def __post_init__(self) -> None:
        self.cell = self.rig.wire
        (self.home / ".ssh").mkdir(mode=0o700)
        self.configure_ssh(f"User root\nIdentityFile {self.rig.keys.path('plain')}\n")
        self.trust_hosts()

    def trust_hosts(self) -> None:
        """Write the host keys that the nodes have now into ~/.ssh/known_hosts."""
        self.known_hosts.write_text(self.rig.known_hosts().read_text())

    def trust_new_hosts(self) -> None:
        """Add the keys of nodes that have come since; those of others stay, also where they have changed."""
        known = self.known_hosts.read_text()
        lines = self.rig.known_hosts().read_text().splitlines(keepends=True)
        self.known_hosts.write_text(known + "".join(line for line in lines if f"{line.split()[0]} " not in known))

    @property
    def known_hosts(self) -> Path:
        """~/.ssh/known_hosts."""
        return self.home / ".ssh" / "known_hosts"

    def configure_ssh(self, text: str) -> None:
        """Write ~/.ssh/config."""
        (self.home / ".ssh" / "config").write_text(text)

    def hosts(self, *lines: str) -> Path:
        """A hosts.txt with these lines, or with the address of every node."""
        path = self.home / "hosts.txt"
        path.write_text("\n".join(lines or [node.ipv4 for node in self.rig.nodes.values()]) + "\n")
        return path

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line that runs calico-bgp on the bastion."""
        return self.cell.enter([sys.executable, "-m", "calico_bgp", *arguments], only_network=True)

    def run(
        self, *arguments: str | Path, command: Sequence[str] | None = None, pass_fds: Sequence[int] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run calico-bgp, or a whole command line."""
        return subprocess.run(
            command or self.command(*arguments),
            env=self.env(),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
            pass_fds=pass_fds,
        )

    def env(self) -> dict[str, str]:
        """The environment of the command: this machine's, with another home and no agent."""
        unwanted = {"SSH_AUTH_SOCK", "NO_COLOR", "FORCE_COLOR", "COLUMNS"}
        mine = {key: value for key, value in os.environ.items() if key not in unwanted}
        return mine | {"HOME": str(self.home)} | self.environment

    def audit_kubernetes(self, kubeconfig: Path, *arguments: str | Path) -> Audit:
        """Run `calico-bgp audit --kubeconfig FILE`: from this machine, where the API server listens."""
        began = time.monotonic()
        line = ("audit", "--kubeconfig", kubeconfig, "--format", "json", *NO_FLAPS, *arguments)
        done = self.run(command=[sys.executable, "-m", "calico_bgp", *map(str, line)])
        report = json.loads(done.stdout) if done.stdout.strip() else None
        return Audit(done.returncode, report, done.stderr, time.monotonic() - began)

    def audit(self, *arguments: str | Path, hosts: Sequence[str] = (), pass_fds: Sequence[int] = ()) -> Audit:
        """Run `calico-bgp audit hosts.txt --format json`.

        Args:
            arguments: Further options.
            hosts: The lines of hosts.txt; every node's address if none are given.
            pass_fds: File descriptors that the command may read.
        """
        began = time.monotonic()
        line = ("audit", self.hosts(*hosts), "--format", "json", *NO_FLAPS, *arguments)
        done = self.run(*line, pass_fds=pass_fds)
        report = json.loads(done.stdout) if done.stdout.strip() else None
        return Audit(done.returncode, report, done.stderr, time.monotonic() - began)

    def audit_at_terminal(self, answer: str, *arguments: str | Path) -> tuple[Audit, str]:
        """Run the audit at a terminal and answer its first question; gives also what stood on the terminal."""
        began = time.monotonic()
        report = self.home / "report.json"
        line = self.command("audit", self.hosts(), "--format", "json", "-o", report, *NO_FLAPS, *arguments)
        process, master = pty.fork()
        if process == 0:
            os.chdir(self.home)
            os.execvpe(line[0], line, self.env())
        shown = b""
        answered = False
        while True:
            ready, _, _ = select.select([master], [], [], TIMEOUT)
            assert ready, f"nothing happened on the terminal after {shown!r}"
            try:
                data = os.read(master, 4096)
            except OSError:  # Linux: the other end has closed
                break
            shown += data
            if not answered and shown.rstrip().endswith(b":"):
                os.write(master, f"{answer}\n".encode())
                answered = True
        os.close(master)
        _, status = os.waitpid(process, 0)
        terminal = shown.decode(errors="replace")
        found = json.loads(report.read_text()) if report.exists() else None
        return Audit(os.waitstatus_to_exitcode(status), found, terminal, time.monotonic() - began), terminal
