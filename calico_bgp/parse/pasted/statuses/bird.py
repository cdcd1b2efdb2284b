"""Finds the answers of BIRD's own client in the lines of a section and reads them. What a protocol is: birdc.py's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from calico_bgp.model.peer import Address, Family
from calico_bgp.model.status import NodeStatus
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.pasted.lines.patterns import LONGEST, LinePattern
from calico_bgp.parse.pasted.lines.text import Line

_CODE = r"(?:\d{4}[- ])?"
_GREETING = LinePattern(rf"\s*+{_CODE}BIRD v?\d\S* ready\.?", re.IGNORECASE)
_COLUMNS = LinePattern(rf"\s*+{_CODE}\s*+name\s+proto\s+table\s+state\s+since(?:\s+info)?", re.IGNORECASE)
_PROTOCOL = LinePattern(
    rf"\s?{_CODE}\s*+(?P<name>[A-Za-z_]\w*)\s+(?P<proto>BGP|Static|Kernel|Device|Direct|Pipe|BFD|RIP|OSPF|RAdv|Babel|RPKI)\s+"
    r"(?P<table>[\w-]+)\s+(?:start|up|wait|feed|stop|down|flush)\s+\S+.*"
)
_CALICOS = LinePattern(r"(?:Mesh|Node|Global|Local_Workload)_(?P<address>\w+)")
_DETAIL = LinePattern(rf"\s{{0,4}}{_CODE}\s{{2,}}+(?P<key>[A-Z][A-Za-z .]*):(?:\s++(?P<value>.*))?")
_OTHER = LinePattern(r"\s*+(?:0000|Access restricted|\d{4}-?)?\s*+|\s*+bird>.*", re.IGNORECASE)
_REFUSED = LinePattern(rf"\s*+{_CODE}\s*+(?:Unable to connect to server control socket.*)", re.IGNORECASE)
_PROMPT = LinePattern(r"^\s*bird>\s?")
#: No terminal is narrower that shows the columns up to INFO.
_NARROWEST = 40
_IPV4_NAME = LinePattern(r"\d+_\d+_\d+_\d+(?:_port_\d+)?")


@dataclass(slots=True)
class _Answer:
    """The lines of one answer."""

    lines: list[Line] = field(default_factory=list)
    own: list[Address] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    has_columns: bool = False
    has_protocols: bool = False
    refused: str | None = None

    @property
    def is_table(self) -> bool:
        return self.has_columns or self.has_protocols


def take_bird(lines: Sequence[Line], title: str, source: str) -> tuple[list[NodeStatus], list[Line]]:
    """The answers to `show protocols` among the lines, and the lines that are none of it.

    Args:
        lines: Of one section.
        title: Its header, which may name the socket: `birdcl -s /var/run/calico/bird6.ctl show protocols`.
        source: The file's name.
    """
    answers: list[_Answer] = []
    others: list[Line] = []
    current: _Answer | None = None
    for line in _rejoined(lines):
        text = _PROMPT.sub("", line.text) if len(line.text) <= LONGEST else ""
        begins = bool(_GREETING.fullmatch(text))
        protocol = None if begins else _PROTOCOL.fullmatch(text)
        is_calicos = protocol is not None and protocol["proto"] == "BGP"
        if (
            begins
            or (_COLUMNS.fullmatch(text) and (current is None or current.is_table))
            or (current is None and is_calicos)
        ):
            current = _Answer()
            answers.append(current)
        if current is None:
            if _REFUSED.fullmatch(text):
                answers.append(_Answer(lines=[line], refused=text.strip()))
            else:
                others.append(line)
            continue
        if not _is_part(current, text, protocol):
            current = None
            others.append(line)
            continue
        current.lines.append(Line(line.number, text, line.host))
    statuses = [_status(answer, title, source) for answer in answers if answer.is_table or answer.refused]
    return statuses, others


def _rejoined(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines, those of a table in one piece again that a terminal cut at its width."""
    place = 0
    while place < len(lines):
        line, more = lines[place], lines[place + 1 : place + 3]
        is_row = len(line.text) >= _NARROWEST and _PROTOCOL.fullmatch(line.text) is not None
        if is_row and len(more) == 2 and _goes_on(line.text, more[0].text) and _PROTOCOL.fullmatch(more[1].text):
            yield Line(line.number, line.text + more[0].text, line.host)
            place += 2
            continue
        yield line
        place += 1


def _goes_on(row: str, text: str) -> bool:
    """Whether a line below a row may be its end: it is shorter, and nothing that BIRD prints on a line of its own."""
    is_own = any(each.fullmatch(text) for each in (_PROTOCOL, _DETAIL, _OTHER, _COLUMNS, _GREETING))
    return bool(text.strip()) and len(text) < len(row) and not is_own


def _is_part(answer: _Answer, text: str, protocol: re.Match[str] | None) -> bool:
    """Whether a line belongs to the answer; what it tells is noted."""
    if protocol is not None:
        answer.has_protocols = True
        named = _CALICOS.fullmatch(protocol["name"])
        if named is not None and protocol["proto"] == "BGP":
            answer.families.append(Family.IPV4 if _IPV4_NAME.fullmatch(named["address"]) else Family.IPV6)
        return True
    if _COLUMNS.fullmatch(text):
        answer.has_columns = True
        return True
    detail = _DETAIL.fullmatch(text)
    if detail is not None and answer.is_table:
        address = read_address((detail["value"] or "").strip()) if detail["key"] == "Source address" else None
        if address is not None and address not in answer.own:
            answer.own.append(address)
        return True
    return bool(_GREETING.fullmatch(text) or _OTHER.fullmatch(text))


def _status(answer: _Answer, title: str, source: str) -> NodeStatus:
    from calico_bgp.parse.bird.birdc import node_status_from_bird  # noqa: PLC0415 - most pastes hold no such answer

    family = (
        answer.families[0] if answer.families else Family.IPV6 if "bird6" in title or "cl6" in title else Family.IPV4
    )
    table_lines = [
        line.text for line in answer.lines if not _DETAIL.fullmatch(line.text) or _PROTOCOL.fullmatch(line.text)
    ]
    table_lines = [text for text in table_lines if text.strip()]
    status = node_status_from_bird({family: "\n".join([*table_lines, ""])}, source=source)
    complete = status.complete and (answer.has_columns or answer.refused is not None)
    own = tuple(address for address in answer.own if (address.version == 6) == (family is Family.IPV6))
    line = next((line.number for line in answer.lines if line.text.strip()), 1)
    return status.model_copy(update={"complete": complete, "addresses": own, "line": line})
