"""Many small BIRDs in one cell, each with an address of its own on the loopback device: networks without nodes.

No sshd, no kernel routes, no links: only what decides who learns whose routes. Every BIRD announces one block.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Self

from tests.rig.bird_socket import ask_lines
from tests.rig.machines.cell import Cell, RigError, wait_for
from tests.rig.requirements import program

CONFIG = """\
log "/run/crowd/{name}.log" all;
router id {router_id};
listen bgp address {address} port 179;
protocol device {{ scan time 60; }}
protocol static {{ route {block} blackhole; }}
template bgp calico {{
  multihop;
  gateway recursive;
  import all;
  export all;
  source address {address};
  connect delay time 1;
  connect retry time 1;
  error wait time 1,2;
  hold time 240;
}}
{protocols}
"""


_TIME = re.compile(r" \d\d:\d\d:\d\d")


@dataclass(frozen=True)
class Speaker:
    """One BIRD.

    Attributes:
        name: Unique in the crowd; a file name.
        address: Where it is; also its router ID, where it is an IPv4 address.
        block: The route that it announces.
        protocols: Its `protocol bgp` blocks, `from calico`.
    """

    name: str
    address: IPv4Address | IPv6Address
    block: str
    protocols: str

    @property
    def daemon(self) -> str:
        """The program: BIRD 1.6 has one for each family."""
        return "bird" if self.address.version == 4 else "bird6"

    @property
    def config(self) -> str:
        """Its bird.conf."""
        return CONFIG.format(
            name=self.name, router_id=self.address, address=self.address, block=self.block, protocols=self.protocols
        )


#: Of a BIRD whose protocols have filters of their own; `more` is of the template.
HEAD = """\
log "/run/crowd/{name}.log" all;
router id {router_id};
listen bgp address {address} port 179;
protocol device {{ scan time 60; }}
template bgp calico {{{more}
  multihop;
  gateway recursive;
  source address {address};
  add paths on;
  connect delay time 1;
  connect retry time 1;
  error wait time 1,2;
  hold time 240;
}}
"""


@dataclass(frozen=True)
class WrittenSpeaker(Speaker):
    """A BIRD with its whole configuration."""

    text: str = ""

    @property
    def config(self) -> str:
        return self.text


class Crowd:
    """Running BIRDs; a context manager that takes all of them away again.

    Args:
        speakers: All of them.
        folder: For the log of the cell.
    """

    def __init__(self, speakers: tuple[Speaker, ...], folder: Path) -> None:
        self.speakers = {speaker.name: speaker for speaker in speakers}
        self.cell = Cell("crowd", "mount -t tmpfs tmpfs /run; mkdir /run/crowd", folder / "crowd.log")

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.cell.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.cell.close()

    def _start(self) -> None:
        run = self.cell.path("/run/crowd")
        addresses = "".join(
            f"address add {s.address}/{s.address.max_prefixlen} dev lo\n" for s in self.speakers.values()
        )
        (run / "addresses").write_text(addresses)
        self.cell.run("ip", "-batch", "/run/crowd/addresses")
        for speaker in self.speakers.values():
            (run / f"{speaker.name}.conf").write_text(speaker.config)
        for daemon in sorted({speaker.daemon for speaker in self.speakers.values()}):
            names = " ".join(speaker.name for speaker in self.speakers.values() if speaker.daemon == daemon)
            start = f"{program(daemon)} -c $f.conf -s $f.ctl -P $f.pid"
            self.cell.run("sh", "-c", f"cd /run/crowd; for f in {names}; do {start} || echo $f; done >&2")
        wait_for("all BIRDs answer", lambda: all((run / f"{name}.ctl").exists() for name in self.speakers), seconds=15)

    def add(self, speaker: Speaker) -> None:
        """One more BIRD, started as calico-node starts it: it recovers first, as if it had run before (`-R`)."""
        run = self.cell.path("/run/crowd")
        base = f"/run/crowd/{speaker.name}"
        (run / f"{speaker.name}.conf").write_text(speaker.config)
        self.cell.run("ip", "address", "add", f"{speaker.address}/32", "dev", "lo")
        self.cell.run(program("bird"), "-R", "-c", f"{base}.conf", "-s", f"{base}.ctl", "-P", f"{base}.pid")
        wait_for(f"{speaker.name} answers", (run / f"{speaker.name}.ctl").exists, seconds=15)
        self.speakers = {**self.speakers, speaker.name: speaker}

    def remove(self, name: str) -> None:
        """A BIRD is switched off with its machine: killed, its address gone, so that nothing answers for it."""
        speaker = self.speakers[name]
        self.speakers = {other: one for other, one in self.speakers.items() if other != name}
        pid = self.cell.path(f"/run/crowd/{name}.pid").read_text().strip()
        self.cell.run("ip", "address", "del", f"{speaker.address}/32", "dev", "lo")
        self.cell.run("kill", "-KILL", pid)

    def ask(self, name: str, command: str) -> list[str]:
        """The lines of a BIRD's answer, without the reply codes.

        Raises:
            RigError: It does not answer.
        """
        return ask_lines(self.cell.path(f"/run/crowd/{name}.ctl"), command, who=name)

    def wait_established(self, *, seconds: float) -> None:
        """Wait until every BGP session of every BIRD stands."""
        waiting = dict.fromkeys(self.speakers)
        deadline = time.monotonic() + seconds
        while waiting:
            waiting = {name: down for name in waiting if (down := self._down(name))}
            if waiting and time.monotonic() > deadline:
                raise RigError(f"not Established after {seconds:g} s: {waiting}")
            time.sleep(0.2)

    def _down(self, name: str) -> list[str]:
        rows = [line.split() for line in self.ask(name, "show protocols")]
        return [row[0] for row in rows if row[1:2] == ["BGP"] and "Established" not in row]

    def settled_tables(self, *, seconds: float, quiet: float = 2.0) -> dict[str, frozenset[str]]:
        """Name → the blocks in its table, once no table has changed for `quiet` seconds."""
        deadline = time.monotonic() + seconds
        before = self._tables()
        since = time.monotonic()
        while time.monotonic() - since < quiet:
            if time.monotonic() > deadline:
                raise RigError(f"the tables still change after {seconds:g} s")
            time.sleep(0.3)
            now = self._tables()
            if now != before:
                before, since = now, time.monotonic()
        return {name: frozenset(_blocks(lines)) for name, lines in before.items()}

    def _tables(self) -> Mapping[str, tuple[str, ...]]:
        # `primary` would do for who has what, but says nothing of paths that are still coming and going.
        # Its times differ by a second from one call to the next, though nothing changes.
        return {name: tuple(_TIME.sub("", line) for line in self.ask(name, "show route")) for name in self.speakers}


def configure(crowd: Crowd, speakers: Iterable[Speaker]) -> None:
    """Give BIRDs of a crowd another configuration, and wait until all sessions stand."""
    for speaker in speakers:
        path = f"/run/crowd/{speaker.name}.conf"
        crowd.cell.path(path).write_text(speaker.config)
        # A file that BIRD refuses would leave the former one, and only look like a wrong answer.
        crowd.cell.run(program(speaker.daemon), "-p", "-c", path)
        crowd.ask(speaker.name, "configure")
    time.sleep(0.5)
    crowd.wait_established(seconds=30)


def _blocks(lines: tuple[str, ...]) -> list[str]:
    return [line.split()[0] for line in lines if "/" in line.split()[0]]
