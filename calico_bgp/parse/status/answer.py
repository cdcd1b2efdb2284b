"""The framed answer of the gather command: text to Answer, and back for servers that play a node. No I/O.

Every section begins with a line of its own, `<marker> <section> [<argument>...]`. The command prints a newline before
that line, which belongs to the frame, so that a body without a final newline survives. Whatever comes before `begin`
or after `end` is chatter of rc files and login shells, and is left out.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from calico_bgp.model.peer import Address, Family

#: A marker is this with 32 hexadecimal digits: no text on a node contains it by chance.
MARKER_PREFIX = "calico-bgp-"
_FAMILIES = frozenset(Family)
#: Sections whose body means something only when it is whole.
_ONE_LINE = frozenset({"node", "hostname", "clock", "processes", "version"})
#: Sections of tables, and whether they are the kernel's: as they were printed, and reduced.
_TABLES = {"table": False, "kernel": True, "rtable": False, "rkernel": True}
#: The last line of a table: so much came, and the program ended like this.
_ENDED = "ended "
_MARKER = re.compile(rf"{MARKER_PREFIX}[0-9a-f]{{32}}")

#: Interfaces whose addresses are the same on many nodes: kube-proxy's service addresses, the local DNS cache, Docker's
#: default bridge. They would make innocent nodes claim one address.
SHARED_INTERFACES = frozenset({"kube-ipvs0", "nodelocaldns", "docker0"})
#: Characters of the addresses that are read, enough for 4,000 of them. A machine has a few dozen.
_ADDRESS_TEXT = 200_000
_AFTER_INET = re.compile(r"\binet6?\s+(?:addr:\s*)?([0-9A-Fa-f.:]+)")


def new_marker() -> str:
    """A fresh random marker."""
    return MARKER_PREFIX + secrets.token_hex(16)


def marker_of(command: str) -> str | None:
    """The marker inside the text of a gather command, None when it holds none."""
    found = _MARKER.search(command)
    return found.group() if found else None


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


def parse_answer(text: str, marker: str) -> Answer | None:
    """Take the framed answer apart.

    Args:
        text: All that the node printed on its standard output.
        marker: The marker that the command was made with.

    Returns:
        The answer, as far as it goes; None when not even its beginning has come.
    """
    begun = False
    values: dict[str, str] = {}
    sockets: list[tuple[Family, str]] = []
    birds: list[BirdAnswer] = []
    details: dict[Family, BirdDetails] = {}
    tables: dict[tuple[bool, str], TableText] = {}
    exit_code: int | None = None
    complete = False
    for name, argument, body in _sections(text, marker):
        if name == "begin":
            begun = True
        elif name == "exit":
            exit_code = _number(argument)
        elif name == "socket":
            family, _, path = argument.partition(" ")
            if family in _FAMILIES:
                sockets.append((Family(family), path))
        elif name == "bird":
            family, tool, code = [*argument.split(), "", "", ""][:3]
            if family in _FAMILIES:
                birds.append(BirdAnswer(Family(family), tool, _number(code) or 0, body))
        elif name == "details":
            family, _, tool = argument.partition(" ")
            if family in _FAMILIES:
                details.setdefault(Family(family), BirdDetails(Family(family), tool, body))
        elif name in _TABLES:
            if argument in _FAMILIES:
                tables.setdefault((_TABLES[name], argument), _table(Family(argument), name, body))
        elif name == "end":
            complete = True
            break
        else:
            values[name] = argument if name in ("rights", "calicoctl") else body
    if not begun:
        return None
    return Answer(
        node=_line(values.get("node")),
        hostname=_line(values.get("hostname")),
        clock=_clock(values.get("clock")),
        addresses=parse_addresses(values.get("addresses", "")),
        rights=_line(values.get("rights")),
        processes=_processes(values.get("processes")),
        calicoctl=_line(values.get("calicoctl")),
        stdout=values.get("stdout"),
        stderr=values.get("stderr", ""),
        exit_code=exit_code,
        sockets=tuple(sockets),
        birds=tuple(birds),
        details=tuple(details.values()),
        tables=tuple(tables.values()),
        version=_version(values.get("version")),
        complete=complete,
        too_many_addresses=len(values.get("addresses", "")) > _ADDRESS_TEXT,
    )


def frame_answer(marker: str, answer: Answer) -> str:
    """Print an answer as a node would: the inverse of `parse_answer`, for servers that play a node.

    With `complete=False` the text ends where a cut connection would end it, before the last line.
    """

    def sections() -> Iterator[tuple[str, str]]:
        yield "begin 1", ""
        yield "node", answer.node or ""
        yield "hostname", answer.hostname or ""
        yield "clock", "" if answer.clock is None else answer.clock.strftime("%Y-%m-%dT%H:%M:%S%z")
        yield "addresses", "\n".join(f"{i}: eth0 inet {address}" for i, address in enumerate(answer.addresses, 1))
        yield f"rights {answer.rights or ''}", ""
        if answer.processes is not None:
            yield "processes", " ".join(["visible", *sorted(answer.processes)])
        if answer.calicoctl is not None:
            yield f"calicoctl {answer.calicoctl}", ""
        if answer.stdout is not None:
            yield "stdout", answer.stdout
        if answer.stderr:
            yield "stderr", answer.stderr
        if answer.exit_code is not None:
            yield f"exit {answer.exit_code}", ""
        for family, path in answer.sockets:
            yield f"socket {family} {path}", ""
        for bird in answer.birds:
            yield f"bird {bird.family} {bird.tool} {bird.exit_code}", bird.text
        for details in answer.details:
            yield f"details {details.family} {details.tool}", details.text
        if answer.version is not None:
            yield "version", f"Client Version:    {answer.version}"
        for table in answer.tables:
            ended = "" if table.exit_code is None else f"\n{_ENDED}{table.exit_code}\n"
            kind = "r" * table.is_reduced + ("kernel" if table.is_kernel else "table")
            yield f"{kind} {table.family}", table.text + ("" if table.is_reduced else ended)
        if answer.complete:
            yield "end", ""

    return "".join(f"\n{marker} {head}\n{body}" for head, body in sections())


def parse_addresses(text: str) -> tuple[Address, ...]:
    """The host's own addresses from `ip -o addr`, `ifconfig -a` or `hostname -I`.

    Loopback, link-local and unspecified addresses, and those of `SHARED_INTERFACES`, are left out; each is named once.
    Of a text that is too long the beginning is read.
    """
    if len(text) > _ADDRESS_TEXT:
        text = text[:_ADDRESS_TEXT].rpartition(" ")[0]  # half an address is a wrong address
    found: dict[Address, None] = {}
    shared = False
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if re.match(r"\d+:$", words[0]) and len(words) > 1:  # ip -o addr: "2: eth0    inet 192.0.2.1/24 ..."
            shared = words[1].partition("@")[0] in SHARED_INTERFACES
        elif not line[0].isspace() and ("inet" not in line):  # ifconfig: "eth0: flags=..." or "eth0  Link encap:..."
            shared = words[0].rstrip(":") in SHARED_INTERFACES
        if shared:
            continue
        # hostname -I prints nothing but addresses.
        for word in _AFTER_INET.findall(line) if "inet" in line else words:
            address = _address(word)
            if address is not None and not (
                address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
            ):
                found[address] = None
    return tuple(found)


def _sections(text: str, marker: str) -> Iterator[tuple[str, str, str]]:
    name = re.escape(marker)
    heads = list(re.finditer(rf"^{name} (?:([a-z]+)(?: ([^\r\n]*))?\r?\n|end\Z)", text, re.MULTILINE))
    for head, following in zip_longest(heads, heads[1:]):
        section = head.group(1) or "end"
        body = text[head.end() : following.start() if following else len(text)]
        if following is not None:
            body = body.removesuffix("\n").removesuffix("\r") if body.endswith("\r\n") else body.removesuffix("\n")
        elif section in _ONE_LINE:
            continue  # half a name is a wrong name
        else:
            body = _without_half_a_head(body, marker)
        yield section, (head.group(2) or "").strip(), body


def _without_half_a_head(body: str, marker: str) -> str:
    """The last body of a cut answer: the beginning of the next section's first line is the frame's, not the node's."""
    before, newline, last = body.rpartition("\n")
    if last and (f"{marker} ".startswith(last) or last.startswith(marker)):
        return before if newline else ""
    return body


def _table(family: Family, name: str, body: str) -> TableText:
    is_kernel = _TABLES[name]
    if name[0] == "r":
        return TableText(family, is_kernel, body, is_reduced=True)
    text, ended, code = body.rpartition(f"\n{_ENDED}")
    return TableText(family, is_kernel, text if ended else body, _number(code.strip()) if ended else None)


def _line(text: str | None) -> str | None:
    return (text or "").strip().partition("\n")[0].strip() or None


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _clock(text: str | None) -> datetime | None:
    try:
        clock = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return clock if clock.tzinfo is not None else None


def _processes(text: str | None) -> frozenset[str] | None:
    words = (text or "").split()
    return frozenset(words[1:]) if words and words[0] == "visible" else None


def _version(text: str | None) -> str | None:
    found = re.search(r"^(?:Client Version|Version):[ \t]*(\S+)", text or "", re.MULTILINE)
    return found.group(1) if found else None
