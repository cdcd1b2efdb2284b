"""Finds JSON and YAML documents in a text, with the statuses in them, and leaves the rest to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calico_bgp.parse.pasted.hosts.headers import read_header
from calico_bgp.parse.pasted.hosts.names import Named
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line
from calico_bgp.parse.pasted.statuses.log_records import without_log_records
from calico_bgp.parse.pasted.statuses.results import Found, silent_among, statuses_in
from calico_bgp.upstream import CALICO_GROUP, V3

if TYPE_CHECKING:
    from json import JSONDecoder

_MOST_TRIES = 500
_LARGEST = 20_000_000
_LONGEST_HEADER = 500
_LONGEST_REPR = 100_000

_HINTS = ("stdout", "CalicoNodeStatus", "unreachable", "process is ", "BGP status", '"results"', '"msg"', "BIRD ")
_YAML_BEGINS = LinePattern(
    r"(?:- )?apiVersion: \S*calico\S*|kind: CalicoNodeStatus(?:List)?|"
    r"(?P<header>(?:(?:ok|changed|failed|fatal): \[|\S{1,255} \| ).*=>)\s*"
)
_YAML_ENDS = ("=>", "CalicoNodeStatus", "CalicoNodeStatusList", V3, f"{CALICO_GROUP}/v1")
_ABOVE = LinePattern(r"(?:apiVersion|metadata|items|spec|status):|\s+\S|- ")
_YAML_LINE = LinePattern(r"\s+\S.*|\s*|- .*|-|[A-Za-z_\"'][\w./\"'-]*:(?: .*)?|#.*|\.\.\.|---.*")


def take_objects(text: str) -> tuple[list[Found], str]:
    """The statuses in the JSON and YAML documents of a text, and the text without those documents.

    The lines of a document become empty, so that all others keep their numbers.
    """
    if len(text) > _LARGEST or not any(hint in text for hint in _HINTS):
        return [], text
    text = without_log_records(text)
    objects: list[Found] = []
    if "stdout" in text and all(_YAML_LINE.fullmatch(line) is not None for line in text.split("\n")):
        # One document from the first line to the last, as `ansible ... | to_nice_yaml` writes it.
        objects += [status_object for value in _yaml_values(text) for status_object in statuses_in(value, 1, ())]
        if objects:
            return objects, ""
    # YAML first: its annotations hold JSON.
    text = _take_yaml(text, objects)
    return objects, _take_json(text, objects)


def _take_json(text: str, objects: list[Found]) -> str:
    if "{" not in text and "[" not in text:
        return text
    import json  # noqa: PLC0415 - most pastes hold no object

    decoder = json.JSONDecoder()
    pieces: list[str] = []
    documents: list[tuple[Any, int, list[Found]]] = []
    at = tries = number = 0
    end_of_last = 0
    while at < len(text) and tries < _MOST_TRIES:
        end_of_line = text.find("\n", at)
        end_of_line = len(text) if end_of_line < 0 else end_of_line
        number += 1
        opens = _json_opens(text[at : min(end_of_line, at + _LONGEST_HEADER)])
        if opens is None:
            at = end_of_line + 1
            continue
        tries += 1
        try:
            value, end = _decoded(decoder, text, at + opens, end_of_line)
            inside = list(statuses_in(value, number, _names_of(text[at : at + opens])))
            documents.append((value, number, inside))
        except (ValueError, RecursionError):
            inside, end = [], at
        if not inside:
            at = end_of_line + 1
            continue
        objects += inside
        lines = text.count("\n", at, end)
        pieces += [text[end_of_last:at], "\n" * lines]
        number += lines - 1
        while end < len(text) and text[end] in " \t,":
            end += 1
        at = end_of_last = end
    objects += silent_among(documents)
    return "".join((*pieces, text[end_of_last:]))


def _decoded(decoder: JSONDecoder, text: str, at: int, end_of_line: int) -> tuple[Any, int]:
    """The document that begins at a place, and where it ends: JSON, or what Python prints of a dict on one line.

    Raises:
        ValueError: It is neither.
    """
    if text[at + 1 : at + 2] != "'" or end_of_line - at > _LONGEST_REPR:
        return decoder.raw_decode(text, at)
    import ast  # noqa: PLC0415 - few pastes are a dict of Python's

    try:
        return ast.literal_eval(text[at:end_of_line]), end_of_line
    except (SyntaxError, MemoryError, TypeError) as error:
        raise ValueError("no literal") from error


def _json_opens(line: str) -> int | None:
    """Where a document may begin in a line: at its beginning, or behind a tool's arrow."""
    begin = len(line) - len(line.lstrip())
    if line[begin : begin + 1] in ("{", "["):
        return begin
    arrow = line.find("=> ")
    if arrow >= 0 and line[arrow + 3 : arrow + 4] in ("{", "["):
        return arrow + 3
    return None


def _take_yaml(text: str, found: list[Found]) -> str:
    lines = text.split("\n")
    place = tries = 0
    for first, line in enumerate(lines):
        begins = _YAML_BEGINS.fullmatch(line) if first >= place and line.rstrip().endswith(_YAML_ENDS) else None
        tries += begins is not None
        if begins is None or tries > _MOST_TRIES:
            continue
        header = begins["header"]
        # What stands above `kind:` of one object: its other keys.
        begin = first
        while header is None and begin > place and _is_above(lines[begin - 1]):
            begin -= 1
        last = first + 1
        while last < len(lines) and _goes_on(lines[last], has_header=header is not None):
            last += 1
        body = "\n".join(lines[first + 1 : last] if header is not None else lines[begin:last])
        names = () if header is None else _names_of(header)
        inside = [each for value in _yaml_values(body) for each in statuses_in(value, begin + 1, names)]
        if inside:
            found += inside
            lines[begin:last] = [""] * (last - begin)
            place = last
    return "\n".join(lines)


def _is_above(line: str) -> bool:
    return bool(_ABOVE.match(line))


def _goes_on(line: str, *, has_header: bool) -> bool:
    if has_header:
        return line.startswith((" ", "\t")) or not line.strip()
    return _YAML_LINE.fullmatch(line) is not None


def _yaml_values(text: str) -> list[Any]:
    """The documents of a YAML text, every scalar as text; none where it is no YAML."""
    import yaml  # noqa: PLC0415 - few pastes hold YAML

    from calico_bgp.parse.yaml_depth import check_depth  # noqa: PLC0415

    # The base loader makes texts, lists and mappings, nothing else.
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    values: list[Any] = []
    try:
        check_depth(text)
        values.extend(yaml.load_all(text, Loader=loader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return values
    return values


def _names_of(header: str) -> tuple[Named, ...]:
    header = header.strip()
    read = read_header([Line(1, header)], 0) if header else None
    return () if read is None else read.names
