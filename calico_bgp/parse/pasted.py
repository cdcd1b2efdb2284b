"""Reads what people paste into tickets: some nodes' status among prompts, prose and decoration.

Nothing about daemons, tables and what they mean may enter this file: that is status_block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeStatus
from calico_bgp.parse.cleaning import clean_line, split_lines
from calico_bgp.parse.grammar import Record
from calico_bgp.parse.peer_cells import family_of, split_address
from calico_bgp.parse.prompt import CommandLine, read_command_line
from calico_bgp.parse.rows import GRAMMAR
from calico_bgp.parse.status_block import StatusBlock

# Markdown, Jira, BBCode and HTML around a quotation: they say nothing and do not end a block.
_TAG = (
    r"</?(?:pre|code|details|summary|p|blockquote|br)\b[^<>]{0,80}>"
    r"|\{(?:code|noformat|quote)[^{}]{0,80}\}"
    r"|\[/?(?:code|quote)\]"
)
_TAGS = re.compile(_TAG)
_FENCE = re.compile(rf"\s*+(?:(?:```|~~~)[`~]*+\s*+[\w.+-]*+|(?:{_TAG})++)\s*+")
# Quotation, comment and list marks before the line.
_MARKS = re.compile(r"(?:\s*+(?:>|#|//|;|%|!|\*|•|--(?!-)|REM\b))++\s?")
_AROUND = " \t`*_=#>~\"'"
# Markdown's emphasis in a cell; masked addresses (`**.**.**.12`) are none.
_EMPHASIS = re.compile(r"\*\*(\w[^*|]{0,80})\*\*")
_GLUED = re.compile(r"(?P<error>.*?(?:no such file or directory|connection refused|permission denied))\S.*", re.DOTALL)

# A line of the paste: number, text, what the template says.
_Line = tuple[int, str, Record]


def parse_pasted(text: str, *, source: str = "-", strict: bool = False) -> tuple[NodeStatus, ...]:
    """Read every node's status in a pasted text.

    Understood are: the command with its prompt (the host name in it names the node), `ssh node1 calicoctl node
    status`, ansible's headers; headings and remarks between tables; comment and quotation marks, indentation, Markdown
    fences and pipe tables; colour codes; borders missing, doubled or drawn with line characters; cells out of line;
    headings in any case; several nodes in one text, also without prompts; tables without a heading; rows without
    SINCE; masked addresses; the forms of 2015; a paste cut off anywhere.

    Args:
        text: The paste. Prose around the blocks is passed over.
        source: The file's name for errors and for `NodeStatus.source`.
        strict: Refuse a line inside a block that is not understood.

    Returns:
        One status per block, in the order of the text; empty when the text holds none.

    Raises:
        ParseError: Strict, and a line inside a block is not understood.
    """
    paste = _Paste(source)
    for number, raw in enumerate(split_lines(text), 1):
        line = clean_line(raw)
        if "|" in line and ("`" in line or "**" in line):
            line = _EMPHASIS.sub(r"\1", line).replace("`", "")
        record = GRAMMAR.read(line)
        if not record:
            continue
        command = read_command_line(line) if _may_be_command(record) else None
        if command is not None:
            paste.start(number, command)
        elif "UNRECOGNISED" not in record:
            paste.add(number, line, record)
        else:
            paste.add_decorated(number, line, record)
    paste.settle()
    return tuple(block.finish(strict=strict) for block in paste.blocks if not block.is_empty)


def _may_be_command(record: Record) -> bool:
    # `root@node1:~# calicoctl ...`, and `node1 | CHANGED | rc=0 >>`, which has the looks of a row.
    return "UNRECOGNISED" in record or "SHELL_MESSAGE" in record or "ADDRESS" in record


class _Paste:
    """The blocks of a paste, and where one ends and the next begins."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.blocks = [StatusBlock(source)]
        # Borders and column headings: whose they are, this block's or the next one's, the row below them shows.
        self._waiting: list[_Line] = []

    def start(self, number: int, command: CommandLine) -> None:
        """Begin the next node at its command line."""
        self.settle()
        self.blocks.append(StatusBlock(self._source, command.node, number))

    def add(self, number: int, line: str, record: Record) -> None:
        """Add a line that the template knows, to this block or, where it cannot belong there, to a new one."""
        if "BORDER" in record or "COLUMNS" in record:
            self._waiting.append((number, line, record))
            return
        if self._begins_another(record):
            above = self._table_above()
            self.settle()
            self.blocks.append(StatusBlock(self._source))
            self._waiting = above
        self.settle()
        glued = _GLUED.fullmatch(line) if "QUERY_ERROR" in record and "HEADING" not in record else None
        if glued is not None:
            line = glued["error"]
            record = GRAMMAR.read(line)
        self.blocks[-1].add(number, line, record)

    def add_decorated(self, number: int, line: str, record: Record) -> None:
        """Add a line that the template knows, if at all, once comment marks, tags and the like are off."""
        if _FENCE.fullmatch(line):
            return
        for variant in _undecorated(line):
            known = GRAMMAR.read(variant)
            if not known:
                return  # nothing but decoration
            command = read_command_line(variant) if "UNRECOGNISED" in known else None
            if command is not None:
                self.start(number, command)
                return
            if "UNRECOGNISED" not in known:
                self.add(number, variant, known)
                return
        self.settle()
        self.blocks[-1].add(number, line, record)

    def settle(self) -> None:
        """Give the lines that wait to the block."""
        for line in self._waiting:
            self.blocks[-1].add(*line)
        self._waiting = []

    def _table_above(self) -> list[_Line]:
        """Takes the beginning of the table that the next row belongs to from the lines that wait."""
        columns = next((index for index, (*_, record) in enumerate(self._waiting) if "COLUMNS" in record), None)
        if columns is None:
            return []
        # Of two borders above the columns the first closes the table before.
        begin = columns - 1 if columns >= 2 or (columns == 1 and not self.blocks[-1].has_open_table) else columns
        above, self._waiting = self._waiting[begin:], self._waiting[:begin]
        return above

    def _begins_another(self, record: Record) -> bool:
        """Whether a line says again what this block has said already."""
        block = self.blocks[-1]
        if "FELIX" in record:
            return block.felix_running is not None or bool(block.daemons)
        if "QUERY_ERROR" in record:
            return False
        if "ALL_STOPPED" in record:
            return bool(block.daemons)
        if "ADDRESS" in record:
            # A table with columns of its own, but without a heading.
            is_new_table = any("COLUMNS" in waiting for *_, waiting in self._waiting)
            address, _ = split_address(record["ADDRESS"])
            return is_new_table and address is not None and block.has_answer(family_of(address))
        for name in ("HEADING", "NO_PEERS", "STOPPED"):
            if name in record:
                family = Family.IPV6 if "6" in record[name] else Family.IPV4
                return block.has_answer(family) or (name == "HEADING" and block.mentions(family))
        return False


def _undecorated(line: str) -> Iterator[str]:
    bare = _TAGS.sub("", line).rstrip()
    yield bare
    marks = _MARKS.match(bare)
    if marks is not None:
        yield bare[marks.end() :]
    yield bare.strip(_AROUND)
    yield bare.replace("`", "").replace("**", "")
