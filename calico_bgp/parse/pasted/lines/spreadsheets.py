"""Takes lines out of the rows in which a log's viewer exports them: a line a row, and a column that names its host."""

from __future__ import annotations

import csv

from calico_bgp.parse.pasted.hosts.names import is_common_word, name_in
from calico_bgp.parse.pasted.lines.anchors import find_anchor

#: How viewers of logs call the column of the host, in small letters.
_HOSTS = frozenset(
    [
        *("host", "hostname", "host.name", "node", "node_name", "nodename", "node name", "kubernetes.node.name"),
        *("kubernetes_host", "server", "machine", "instance", "computer", "source", "system", "name"),
    ]
)
_DELIMITERS = (",", ";", "\t")
#: Fewer are rows that somebody wrote, each with a whole answer.
_FEWEST = 3
_LONGEST = 2_000


def without_columns(text: str) -> str:
    """The text with the line that each row holds in the row's place, behind its host; any other text as it is.

    Args:
        text: Lines separated by LF alone.
    """
    heading, _, body = text.lstrip("\n").partition("\n")
    if len(heading) > _LONGEST or body.count("\n") < _FEWEST:
        return text
    for delimiter in _DELIMITERS:
        columns = [cell.strip().strip('"').lower() for cell in heading.split(delimiter)]
        host = next((place for place, column in enumerate(columns) if column in _HOSTS), None)
        if host is not None and len(columns) > 1:
            lines = _lines_of(body.split("\n"), delimiter, len(columns), host)
            if lines is not None:
                return "\n".join([*[""] * (text.count("\n") - len(lines) + 1), *lines])
    return text


def _lines_of(rows: list[str], delimiter: str, width: int, host: int) -> list[str] | None:
    """What each row holds, behind its host; None where rows are none, or hold more than a line."""
    cells_of: list[list[str]] = []
    for row in rows:
        try:
            cells = next(csv.reader([row], delimiter=delimiter, strict=True), []) if len(row) <= _LONGEST else []
        except csv.Error:
            return None
        named = name_in(cells[host]) if len(cells) == width else None
        if row.strip() and (named is None or is_common_word(named.host)):
            return None
        cells_of.append(cells)
    anchors = [
        sum(len(cells) > place and find_anchor(cells[place]) is not None for cells in cells_of)
        for place in range(width)
    ]
    said = max(range(width), key=anchors.__getitem__)
    if anchors[said] < _FEWEST or said == host:
        return None
    return [f"{cells[host]}: {cells[said]}" if cells else "" for cells in cells_of]
