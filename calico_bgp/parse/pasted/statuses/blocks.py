"""Groups the lines of one section into the statuses that they hold. What daemons and rows mean: status_block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calico_bgp.model.peer import Family, family_of
from calico_bgp.parse.grammar import Record
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line
from calico_bgp.parse.status.block import StatusBlock
from calico_bgp.parse.status.peer_cells import split_address
from calico_bgp.parse.status.rows import GRAMMAR

# Markdown, Jira, BBCode and HTML around a quotation: they say nothing and do not end a block.
_TAG = (
    r"</?(?:pre|code|details|summary|p|blockquote|br)\b[^<>]{0,80}>"
    r"|\{(?:code|noformat|quote)[^{}]{0,80}\}"
    r"|\[/?(?:code|quote)\]"
)
_TAGS = LinePattern(_TAG)
_FENCE = LinePattern(rf"\s*+(?:(?:```|~~~)[`~]*+\s*+[\w.+-]*+|(?:{_TAG})++)\s*+")
# Quotation, comment and list marks before the line.
_MARKS = LinePattern(r"(?:\s*+(?:>|#|//|;|%|!|\*|•|--(?!-)|REM\b))++\s?")
_AROUND = " \t`*_=#>~\"'"
# A shell's prompt with or without a command, behind which no answer goes on.
_PROMPT = LinePattern(
    r"\s*(?:[\w.+-]+@[\w.-]+[:\s][^#$%>|]{0,120}|\[[\w.+-]+@[\w.-]+ [^\]|]{0,120}\]|\[[\w.-]+ ~\])\s?[#$%>](?:\s.*)?"
)
_GLUED = LinePattern(r"(?P<error>.*?(?:no such file or directory|connection refused|permission denied))\S.*")

# A line of the paste: number, text, what the template says.
_Known = tuple[int, str, Record]


class Blocks:
    """The blocks of a section, and where one ends and the next begins."""

    def __init__(self, source: str, line: int | None = None) -> None:
        self._source = source
        self.blocks = [StatusBlock(source, None, line)]
        # Borders and column headings: whose they are, this block's or the next one's, the row below them shows.
        self._waiting: list[_Known] = []

    def read(self, lines: Iterable[Line]) -> list[StatusBlock]:
        """The statuses of a section's lines; the last ones may be empty."""
        for line in lines:
            record = GRAMMAR.read(line.text)
            if not record:
                continue
            if "UNRECOGNISED" not in record:
                self.add(line.number, line.text, record)
            else:
                self.add_decorated(line.number, line.text, record)
        self.settle()
        return self.blocks

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
            fields = GRAMMAR.read(variant)
            if not fields:
                return  # nothing but decoration
            if "UNRECOGNISED" not in fields:
                self.add(number, variant, fields)
                return
        self.settle()
        if not _PROMPT.fullmatch(line):
            self.blocks[-1].add(number, line, record)

    def settle(self) -> None:
        """Give the lines that wait to the block."""
        for line in self._waiting:
            self.blocks[-1].add(*line)
        self._waiting = []

    def _table_above(self) -> list[_Known]:
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
