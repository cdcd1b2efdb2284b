"""Nothing but BIRDs: cells on one wire in which daemons run with whatever configuration a test gives them.

Lighter than a whole Rig: no sshd, no logins, no calicoctl. The cells stay; the daemons come and go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple, Self

from tests.rig.bird_socket import ask
from tests.rig.machines.cell import Cell, RigError, configure, join, wait_for
from tests.rig.requirements import program

DAEMONS = {4: "bird", 6: "bird6"}
_PREFIX_LENGTH = {4: 24, 6: 64}
#: Established, in /proc/net/tcp (include/net/tcp_states.h).
_TCP_ESTABLISHED = "01"


class Protocol(NamedTuple):
    """A BGP protocol as `show protocols all` has it."""

    name: str
    state: str
    neighbour: str
    neighbour_as: int
    is_client: bool
    is_internal: bool


class Birds:
    """Cells by name, each with its addresses on one wire; a context manager that takes everything away again.

    Args:
        addresses: Name → its addresses.
        folder: For the logs.
    """

    def __init__(self, addresses: Mapping[str, Sequence[str]], folder: Path) -> None:
        self.addresses = addresses
        self.folder = folder
        self.cells: dict[str, Cell] = {}
        self._stack = ExitStack()
        self._running: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            wire = Cell("wire", "", self.folder / "wire.log")
            stack.callback(wire.close)
            wire.run("ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0")
            configure(wire, "br0", [])
            for number, (name, addresses) in enumerate(self.addresses.items(), start=1):
                cell = Cell(name, "mount -t tmpfs tmpfs /run", self.folder / f"{name}.log")
                stack.callback(cell.close)
                long = [f"{address}/{_PREFIX_LENGTH[ip_address(address).version]}" for address in addresses]
                join(wire, cell, f"port{number}", long)
                self.cells[name] = cell
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, name: str, version: int, configuration: str) -> None:
        """Start one daemon.

        Raises:
            RigError: It does not take the configuration, or does not answer.
        """
        cell, daemon = self.cells[name], DAEMONS[version]
        cell.path(f"/run/{daemon}.cfg").write_text(configuration)
        log = self.folder / f"{name}.{daemon}.log"
        arguments = f"-d -c /run/{daemon}.cfg -s /run/{daemon}.ctl -P /run/{daemon}.pid"
        cell.start(f"exec {program(daemon)} {arguments}", str(log))
        self._running.append((name, version))
        try:
            wait_for(f"{name}: {daemon} answers", lambda: self._answers(name, version), seconds=10)
        except RigError as error:
            raise RigError(f"{error}\n{log.read_text()[-2000:]}\n{configuration}") from error

    def stop_all(self) -> None:
        """End every daemon."""
        running, self._running = self._running, []
        for name, version in running:
            self.cells[name].run("sh", "-c", f"kill -9 $(cat /run/{DAEMONS[version]}.pid)", check=False)
            self.cells[name].run("sh", "-c", f"rm -f /run/{DAEMONS[version]}.*")

    def protocols(self, name: str, version: int) -> dict[str, Protocol]:
        """The BGP protocols of a daemon by name."""
        return {protocol.name: protocol for protocol in _protocols(self.ask(name, version, "show protocols all"))}

    def ask(self, name: str, version: int, command: str) -> str:
        """BIRD's answer to a command.

        Raises:
            RigError: BIRD does not answer, or refuses the command.
        """
        path = self.cells[name].path(f"/run/{DAEMONS[version]}.ctl")
        return ask(path, command, who=f"{name}: {DAEMONS[version]}")

    def _answers(self, name: str, version: int) -> bool:
        try:
            self.ask(name, version, "show status")
        except RigError:
            return False
        return True

    def ends(self, name: str, version: int) -> dict[str, set[tuple[int, int]]]:
        """Neighbour → (own port, its port) of the TCP connections that stand; who dialled has the odd port."""
        table = Path(f"/proc/{self.cells[name].pid}/net/{'tcp' if version == 4 else 'tcp6'}").read_text()
        found: dict[str, set[tuple[int, int]]] = {}
        for line in table.splitlines()[1:]:
            _, local, remote, state = line.split()[:4]
            if state == _TCP_ESTABLISHED:
                address, port = _endpoint(remote)
                found.setdefault(address, set()).add((_endpoint(local)[1], port))
        return found


def _endpoint(text: str) -> tuple[str, int]:
    """`0900090A:00B3`: the address as 32-bit words of this machine's (little-endian) order, and the port."""
    words, port = text.split(":")
    raw = b"".join(bytes.fromhex(words[i : i + 8])[::-1] for i in range(0, len(words), 8))
    return str(IPv4Address(raw) if len(raw) == 4 else IPv6Address(raw)), int(port, 16)


def _protocols(answer: str) -> Iterator[Protocol]:
    """Take `show protocols all` apart: a row that begins with 1002, then lines of details."""
    for part in re.split(r"^1002-", answer, flags=re.MULTILINE)[1:]:
        words = part.splitlines()[0].split()
        if words[1] != "BGP":
            continue
        fields = dict(re.findall(r"^ *(?:1006-)? +([A-Z][A-Za-z ]+): +(.*)$", part, flags=re.MULTILINE))
        session = fields.get("Session", "")
        yield Protocol(
            words[0],
            f"{words[3]} {' '.join(words[5:])}".strip(),
            fields["Neighbor address"],
            int(fields["Neighbor AS"]),
            "route-reflector" in session,
            session.startswith("internal"),
        )
