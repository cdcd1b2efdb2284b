"""What the gather command printed, as values: section by section, each text as it came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from calico_bgp.model.peer import Address, Family


@dataclass(frozen=True, slots=True)
class BirdAnswer:
    """What one way of asking one BIRD gave.

    Attributes:
        family: Which BIRD.
        tool: The program that asked: birdcl, birdc, python3, socat, nc, crictl, nerdctl, docker.
        exit_code: Of that program.
        text: All that it printed, its error output included.
    """

    family: Family
    tool: str
    exit_code: int
    text: str

    @property
    def answered(self) -> bool:
        """Whether BIRD itself spoke: its greeting, as birdc shows it or as the bare socket sends it."""
        return bool(re.search(r"^(0001 )?BIRD\b.*\bready\.", self.text, re.MULTILINE))


@dataclass(frozen=True, slots=True)
class BirdDetails:
    """What one BIRD answered to further questions, asked once by the program that had got an answer from it."""

    family: Family
    tool: str
    text: str


@dataclass(frozen=True, slots=True)
class TableText:
    """A table of routes, BIRD's or the kernel's, as it was printed.

    Attributes:
        family: Of the routes.
        is_kernel: Whether it is the kernel's.
        text: What was printed; BIRD's tables without the attributes that nobody asks for.
        exit_code: Of the program that printed it; None where its end did not come.
        is_reduced: Whether the node made it comparable (parse/reduced_tables.py); the exit code is then in the text.
    """

    family: Family
    is_kernel: bool
    text: str
    exit_code: int | None = None
    is_reduced: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gather command printed, section by section. None: the section is not there, or is empty.

    Attributes:
        node: /var/lib/calico/nodename.
        hostname: The host's own name.
        clock: The node's clock, with its offset from UTC.
        addresses: Its own addresses; loopback, link-local and shared ones left out.
        rights: How the command became root: `root`, `sudo`, `sudo-password`, `none` (neither root nor sudo there), or
            `refused` (sudo did not take the password).
        processes: Which of `felix`, `bird`, `bird6` run; None when the process list cannot be seen.
        calicoctl: The program that was run; None when the host has none.
        stdout: Of `calicoctl node status`.
        stderr: Of the same; what sudo says is in it, too.
        exit_code: Of the same; None when it was not run or did not come back.
        sockets: BIRD's control sockets that are there; only looked for without calicoctl.
        birds: BIRD asked directly, every try.
        details: What else BIRD said, at most one per family: its answers one after the other (parse/bird/reading.py).
        tables: Tables of routes, at most one per family and kind.
        version: `Client Version:` of `calicoctl version`.
        complete: Whether the last line of the answer has come.
        too_many_addresses: Whether more addresses were sent than are read.
    """

    node: str | None = None
    hostname: str | None = None
    clock: datetime | None = None
    addresses: tuple[Address, ...] = ()
    rights: str | None = None
    processes: frozenset[str] | None = None
    calicoctl: str | None = None
    stdout: str | None = None
    stderr: str = ""
    exit_code: int | None = None
    sockets: tuple[tuple[Family, str], ...] = ()
    birds: tuple[BirdAnswer, ...] = ()
    details: tuple[BirdDetails, ...] = ()
    tables: tuple[TableText, ...] = ()
    version: str | None = None
    complete: bool = True
    too_many_addresses: bool = False
