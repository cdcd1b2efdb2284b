"""Reads what people paste into tickets: the steps in their order. What each of them knows stands in its own file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from calico_bgp.errors import ParseError
from calico_bgp.model.status import NodeStatus
from calico_bgp.parse.pasted.hosts.beside import with_names_above
from calico_bgp.parse.pasted.hosts.header import Strength
from calico_bgp.parse.pasted.hosts.kubectl import read_tables
from calico_bgp.parse.pasted.hosts.names import Named, name_in
from calico_bgp.parse.pasted.hosts.reasons import explain_silence
from calico_bgp.parse.pasted.lines.anchors import worth_a_look
from calico_bgp.parse.pasted.lines.mending import mended, rejoined
from calico_bgp.parse.pasted.lines.panes import unpaned
from calico_bgp.parse.pasted.lines.prefixes import by_host, without_prefixes
from calico_bgp.parse.pasted.lines.records import without_records
from calico_bgp.parse.pasted.lines.spreadsheets import without_columns
from calico_bgp.parse.pasted.lines.text import Line, decode, normal
from calico_bgp.parse.pasted.same_names import names_of_several
from calico_bgp.parse.pasted.sections import UNREACHED, Section, sections_of
from calico_bgp.parse.pasted.statuses.bird import take_bird
from calico_bgp.parse.pasted.statuses.blocks import Blocks
from calico_bgp.parse.pasted.statuses.combine import combined
from calico_bgp.parse.pasted.statuses.node_status_object import status_of_object
from calico_bgp.parse.pasted.statuses.objects import take_objects
from calico_bgp.parse.pasted.statuses.results import Found

if TYPE_CHECKING:
    from calico_bgp.model.inventory import Host

NOTHING_BELOW = "nothing of a status stands below its name"


class Paste(NamedTuple):
    """What a pasted text holds.

    Attributes:
        statuses: One per node, in the order of the text. A node that the text names without a status of it has one
            without daemons and peers; its messages say why.
        nodes: The nodes that `kubectl get nodes -o wide` names in the same text.
    """

    statuses: tuple[NodeStatus, ...]
    nodes: tuple[Host, ...] = ()


def parse_pasted(text: str, *, source: str = "-", strict: bool = False) -> tuple[NodeStatus, ...]:
    """Read every node's status in a pasted text.

    Understood are: what `calicoctl node status`, `birdcl show protocols` (also `all`) and `calico-node -show-status`
    print, and CalicoNodeStatus objects; with the command and its prompt, with what ansible, pssh, pdsh, clush, salt,
    kubectl, stern, loops and logs put around and before the lines; as JSON, YAML, HTML, Markdown or mail; damaged:
    borders missing or doubled, cells out of line, lines wrapped, remarks beside rows, a paste cut off anywhere.

    Args:
        text: The paste. Prose around the answers is passed over.
        source: The file's name for errors and for `NodeStatus.source`.
        strict: Refuse a line inside an answer that is not understood.

    Returns:
        One status per node that the text names, in the order of the text; one without daemons and peers for a node
        that could not be read, with the reason in its messages. Empty when the text holds no answer at all.

    Raises:
        ParseError: Strict, and a line inside an answer is not understood.
    """
    return read_paste(text, source=source, strict=strict).statuses


def read_paste(text: str, *, source: str = "-", strict: bool = False) -> Paste:
    """Read all that a pasted text says of nodes; arguments and errors as `parse_pasted`."""
    objects, remaining = take_objects(without_columns(without_records(normal(text))))
    lines = without_prefixes(_lines(remaining))
    tables = read_tables(lines, source)
    lines = [line for line in lines if line.number not in tables.lines]
    sections = _sections(lines)
    if not any(section.names and section.has_answer for section in sections):
        sections = _sections(with_names_above(lines) or ()) or sections
    statuses = [status for section in sections for status in _of_section(section, source, strict=strict)]
    statuses += [status for status_object in objects for status in _of_object(status_object, source, strict=strict)]
    statuses = _without_idle(sorted(statuses, key=lambda status: status.line))
    return Paste(tuple(_on_its_node(status, tables.pods) for status in statuses), tables.nodes)


def _sections(lines: Iterable[Line]) -> list[Section]:
    return [
        section
        for host, group in by_host(lines)
        for section in sections_of(rejoined(group), None if host is None else name_in(host))
    ]


def _lines(text: str) -> list[Line]:
    raw = text.split("\n")
    regions = worth_a_look(text)
    return decode(unpaned([(number + 1, raw[number]) for first, last in regions for number in range(first, last + 1)]))


def _of_section(section: Section, source: str, *, strict: bool) -> Iterator[NodeStatus]:
    """The statuses of a section, for each host that its header names; else why there is none."""
    birds, lines = take_bird(section.lines, section.title, source)
    blocks = Blocks(source, section.line if section.has_header else None).read(mended(lines))
    tables = [block.finish(strict=strict) for block in blocks if not block.is_empty]
    answers = [status for status in tables if says_something(status)]
    if strict and birds:
        _refuse(birds)
    for place, status in enumerate(combined(answers, birds)):
        is_named = place == 0 or section.strength is Strength.TOOL
        update = {"line": section.line} if place == 0 and section.has_header and section.line else {}
        for named in section.names if is_named and section.names else (None,):
            yield _named(status.model_copy(update=update), named)
    if answers or birds:
        return
    messages_without_answer = [message for status in tables for message in status.messages]
    messages = tuple(dict.fromkeys((*section.reasons, *messages_without_answer)))
    if section.has_header and (section.names or messages):
        for named in section.names or (None,):
            yield _named(_silent(messages or (NOTHING_BELOW,), source, section.line), named)
    elif tables:
        yield from tables


def _refuse(birds: Iterable[NodeStatus]) -> None:
    for status in birds:
        for line in status.unrecognised:
            raise ParseError("a line that BIRD does not print", status.source, line.line, line.text)


def _of_object(status_object: Found, source: str, *, strict: bool) -> Iterator[NodeStatus]:
    if status_object.node_status is not None:
        yield status_of_object(status_object.node_status, source=source, line=status_object.line)
        return
    lines = decode((status_object.line, raw) for raw in normal(status_object.text or "").split("\n"))
    for named in status_object.names or (None,):
        has_answer = False
        silent: list[NodeStatus] = []
        for section in sections_of(lines, named):
            section.line = section.line or status_object.line
            section.strength = Strength.TOOL
            for status in _of_section(section, source, strict=strict):
                if says_something(status):
                    has_answer = True
                    yield status.model_copy(update={"line": status_object.line})
                elif status.node is not None or status.host is not None:
                    silent.append(status.model_copy(update={"line": status_object.line}))
        if not has_answer and named is None and status_object.reason is None:
            yield from silent
        if not has_answer and (named is not None or status_object.reason is not None):
            reasons = [line.text for line in lines if line.text.strip()]
            yield _named(
                _silent(
                    (*([status_object.reason] if status_object.reason else []), *reasons[:5]) or (NOTHING_BELOW,),
                    source,
                    status_object.line,
                ),
                named,
            )


def says_something(status: NodeStatus) -> bool:
    """Whether it tells of Felix, of BIRD or of a peer; else its messages say why the node is not read."""
    return bool(status.daemons or status.peers or status.unrecognised) or status.felix_running is not None


def _silent(messages: tuple[str, ...], source: str, line: int | None) -> NodeStatus:
    return NodeStatus.model_construct(messages=messages, complete=False, source=source, line=line or 1)


def _named(status: NodeStatus, named: Named | None) -> NodeStatus:
    if named is None:
        return status
    own = (named.address,) if named.address is not None and named.address not in status.addresses else ()
    return status.model_copy(update={"node": named.node, "host": named.host, "addresses": (*status.addresses, *own)})


def _without_idle(statuses: list[NodeStatus]) -> list[NodeStatus]:
    """Without what names a node whose status, or whose reason for having none, stands elsewhere in the text."""
    # Where a name is several machines', that one of them answered says nothing of another one; of two clusters in one
    # text it may be so with any name.
    several = names_of_several(status for status in statuses if says_something(status))
    answering = {name for status in statuses if says_something(status) for name in _names(status)} - several
    answered: set[str] = set()
    statuses_kept: list[NodeStatus] = []
    silent: dict[str, int] = {}
    for status in statuses:
        if says_something(status):
            statuses_kept.append(status)
            answered |= _names(status)
            continue
        names = _names(status)
        # Who answered and was not reached later may be off by now, or be another cluster's node of that name.
        is_lost = bool(answered & names) and explain_silence(status.messages)[0] in UNREACHED
        if answering & names and not is_lost and not (several and status.messages != (NOTHING_BELOW,)):
            continue
        place = next((silent[name] for name in names if name in silent), None)
        if place is None:
            silent |= dict.fromkeys(names, len(statuses_kept))
            statuses_kept.append(status)
            continue
        messages = tuple(dict.fromkeys((*statuses_kept[place].messages, *status.messages)))
        statuses_kept[place] = statuses_kept[place].model_copy(
            update={"messages": tuple(m for m in messages if m != NOTHING_BELOW) or messages}
        )
    if all(not says_something(status) and status.messages == (NOTHING_BELOW,) for status in statuses_kept):
        return []
    return statuses_kept


def _names(status: NodeStatus) -> set[str]:
    return {name for name in (status.node, status.host, *map(str, status.addresses)) if name is not None}


def _on_its_node(status: NodeStatus, pods: dict[str, str]) -> NodeStatus:
    node = pods.get(status.host or "") if status.node is None else None
    return status if node is None else status.model_copy(update={"node": node})
