"""A cell: a machine of the rig, that is, one process holding namespaces of its own. Nothing about Calico may enter it.

The process holds the namespaces open and waits on its standard input. When this end of the pipe closes, in whatever way
the test run ends, it exits; the kernel then kills everything in its process list and takes its links, mounts and
addresses away. Nothing has a name outside, so nothing can be left behind or be mistaken for somebody else's.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.rig.requirements import program

Command = Sequence[str | Path]

COMMAND_TIMEOUT = 30.0  # seconds
START_TIMEOUT = 20.0


class RigError(Exception):
    """The rig itself is broken: not a finding, not a failed assertion."""


def wait_for(what: str, condition: Callable[[], bool], *, seconds: float, every: float = 0.1) -> None:
    """Ask again and again until `condition` holds.

    Raises:
        RigError: It did not hold within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RigError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(every)


class Cell:
    """A process with a network, a process list, mounts and a host name of its own.

    Args:
        name: The host name.
        setup: Shell commands that it runs first, in its namespaces; its mounts are seen nowhere else.
        log: Where its standard error goes.
    """

    def __init__(self, name: str, setup: str, log: Path) -> None:
        self.name = name
        unshare = [program("unshare"), "--net", "--mount", "--uts", "--ipc", "--pid", "--mount-proc"]
        script = f"set -e; hostname {name}; ip link set lo up; {setup}\necho ready; cat >/dev/null"
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [*unshare, "--fork", "--kill-child", "sh", "-c", script],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd="/",
            )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            self.close()
            raise RigError(f"{name} did not start: {log.read_text()}")

    @property
    def pid(self) -> int:
        """A process inside all its namespaces except the process list."""
        return self._process.pid

    def path(self, inside: str) -> Path:
        """A file of the cell, as seen from outside."""
        return Path(f"/proc/{self.pid}/root") / inside.lstrip("/")

    def enter(self, command: Command, *, only_network: bool = False) -> list[str]:
        """The command line that runs `command` inside.

        Args:
            command: The program and its arguments.
            only_network: Keep this machine's files and processes.
        """
        proc = f"/proc/{self.pid}/ns"
        entry = [program("nsenter"), f"--net={proc}/net"]
        if not only_network:
            entry += [f"--mount={proc}/mnt", f"--uts={proc}/uts", f"--ipc={proc}/ipc", f"--pid={proc}/pid_for_children"]
        return [*entry, "--", *map(str, command)]

    def run(self, *command: str | Path, only_network: bool = False, check: bool = True) -> str:
        """Run a command inside and give its output.

        Raises:
            RigError: It failed, and `check` is set.
        """
        done = subprocess.run(
            self.enter(command, only_network=only_network),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
            cwd="/",
        )
        if check and done.returncode != 0:
            raise RigError(f"{self.name}: {' '.join(map(str, command))}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, command: str, log: str) -> None:
        """Start a daemon inside: a shell command line that stays in the foreground."""
        self.run("sh", "-c", f"{{ {command}; }} </dev/null >>{log} 2>&1 &")

    def close(self) -> None:
        """End everything that runs inside."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()  # takes the whole process list with it (--kill-child)
            process.wait(timeout=5)
        process.stdout.close()


def join(
    wire: Cell, cell: Cell, link: str, addresses: Sequence[str], *, bridge: str = "br0", inside: str = "eth0"
) -> None:
    """Plug a cell into the bridge of `wire`.

    Args:
        wire: The cell with the bridge.
        cell: The other one.
        link: The name of the bridge's end.
        addresses: With their prefix length, `192.0.2.11/24`.
        bridge: The bridge's name.
        inside: The name of the cell's end.
    """
    # Only the network is entered, so that the other cell's process number is the one known here.
    peer = ["peer", "name", inside, "netns", str(cell.pid)]
    wire.run(program("ip"), "link", "add", link, "type", "veth", *peer, only_network=True)
    wire.run("ip", "link", "set", link, "master", bridge, "up", only_network=True)
    configure(cell, inside, addresses)


def configure(cell: Cell, device: str, addresses: Sequence[str]) -> None:
    """Give a device its addresses and bring it up; IPv6 without the second of duplicate address detection."""
    for address in addresses:
        options = ["nodad"] if ":" in address else []
        cell.run("ip", "address", "add", address, "dev", device, *options, only_network=True)
    cell.run("ip", "link", "set", device, "up", only_network=True)
