"""The framed answer of the gather command: text to Answer, and back for servers that play a node. No I/O.

Every section begins with a line of its own, `<marker> <section> [<argument>...]`. The command prints a newline before
that line, which belongs to the frame, so that a body without a final newline survives. Whatever comes before `begin`
or after `end` is chatter of rc files and login shells, and is left out.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest

from calico_bgp.model.peer import Family
from calico_bgp.parse.answer.addresses import MOST_CHARACTERS, parse_addresses
from calico_bgp.parse.answer.values import Answer, BirdAnswer, BirdDetails, TableText

#: A marker is this with 32 hexadecimal digits: no text on a node contains it by chance.
MARKER_PREFIX = "calico-bgp-"
_FAMILIES = frozenset(Family)
#: Sections whose body means something only when it is whole.
_ONE_LINE = frozenset({"node", "hostname", "clock", "processes", "version"})
#: Sections of tables, and whether they are the kernel's: as they were printed, and reduced.
_TABLES = {"table": False, "kernel": True, "rtable": False, "rkernel": True}
#: Sections of one BIRD, or of the routes of one family, which is the first word of their argument.
_OF_A_FAMILY = frozenset({"socket", "bird", "details", *_TABLES})
#: The last line of a table: so much came, and the program ended like this.
_ENDED = "ended "
_MARKER = re.compile(rf"{MARKER_PREFIX}[0-9a-f]{{32}}")


def new_marker() -> str:
    """A fresh random marker."""
    return MARKER_PREFIX + secrets.token_hex(16)


def marker_of(command: str) -> str | None:
    """The marker inside the text of a gather command, None when it holds none."""
    match = _MARKER.search(command)
    return match.group() if match else None


def parse_answer(text: str, marker: str) -> Answer | None:
    """Take the framed answer apart.

    Args:
        text: All that the node printed on its standard output.
        marker: The marker that the command was made with.

    Returns:
        The answer, as far as it goes; None when not even its beginning has come.
    """
    sections = _Sections()
    for name, argument, body in _sections(text, marker):
        sections.take(name, argument, body)
        if sections.complete:
            break
    return sections.answer() if sections.has_begun else None


class _Sections:
    """What the sections hold, taken in one after the other."""

    def __init__(self) -> None:
        self.has_begun = False
        self.complete = False
        self._texts: dict[str, str] = {}
        self._exit_code: int | None = None
        self._sockets: list[tuple[Family, str]] = []
        self._birds: list[BirdAnswer] = []
        self._details: dict[Family, BirdDetails] = {}
        self._tables: dict[tuple[bool, Family], TableText] = {}

    def take(self, name: str, argument: str, body: str) -> None:
        """One section."""
        if name == "begin":
            self.has_begun = True
        elif name == "end":
            self.complete = True
        elif name == "exit":
            self._exit_code = _number(argument)
        elif name in _OF_A_FAMILY:
            first, _, words = argument.partition(" ")
            if first in _FAMILIES:
                self._take_of_family(name, Family(first), words, body)
        else:
            self._texts[name] = argument if name in ("rights", "calicoctl") else body

    def _take_of_family(self, name: str, family: Family, words: str, body: str) -> None:
        if name == "socket":
            self._sockets.append((family, words))
        elif name == "bird":
            tool, code = [*words.split(), "", ""][:2]
            self._birds.append(BirdAnswer(family, tool, _number(code) or 0, body))
        elif name == "details":
            self._details.setdefault(family, BirdDetails(family, words, body))
        else:
            self._tables.setdefault((_TABLES[name], family), _table(family, name, body))

    def answer(self) -> Answer:
        """All of it."""
        texts = self._texts
        return Answer(
            node=_line(texts.get("node")),
            hostname=_line(texts.get("hostname")),
            clock=_clock(texts.get("clock")),
            addresses=parse_addresses(texts.get("addresses", "")),
            rights=_line(texts.get("rights")),
            processes=_processes(texts.get("processes")),
            calicoctl=_line(texts.get("calicoctl")),
            stdout=texts.get("stdout"),
            stderr=texts.get("stderr", ""),
            exit_code=self._exit_code,
            sockets=tuple(self._sockets),
            birds=tuple(self._birds),
            details=tuple(self._details.values()),
            tables=tuple(self._tables.values()),
            version=_version(texts.get("version")),
            complete=self.complete,
            too_many_addresses=len(texts.get("addresses", "")) > MOST_CHARACTERS,
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
    match = re.search(r"^(?:Client Version|Version):[ \t]*(\S+)", text or "", re.MULTILINE)
    return match.group(1) if match else None
