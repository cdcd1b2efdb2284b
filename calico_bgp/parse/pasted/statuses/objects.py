"""Finds statuses in JSON and YAML: ansible's registered results, CalicoNodeStatus, salt's output. No text of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from calico_bgp.parse.pasted.hosts.headers import read_header
from calico_bgp.parse.pasted.hosts.names import Named, name_in
from calico_bgp.parse.pasted.hosts.reasons import read_reason
from calico_bgp.parse.pasted.lines.anchors import find_anchor
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.parse.pasted.lines.text import Line
from calico_bgp.parse.pasted.statuses.fields import (
    FAILED,
    TRUE,
    complaint_of,
    host_beside,
    is_field,
    reason_of,
    text_of,
)
from calico_bgp.parse.pasted.statuses.log_records import without_log_records
from calico_bgp.upstream import CALICO_GROUP, V3

if TYPE_CHECKING:
    from json import JSONDecoder

#: What a document may hold at most, aliases followed: deeper and larger ones are read line by line.
_MOST_VALUES, _DEEPEST = 200_000, 40
_MOST_TRIES = 500
_LARGEST = 20_000_000
_LONGEST_HEADER = 500
_LONGEST_REPR = 100_000
_NO_ANSWER = "it gave no answer"

_HINTS = ("stdout", "CalicoNodeStatus", "unreachable", "process is ", "BGP status", '"results"', '"msg"', "BIRD ")
_YAML_BEGINS = LinePattern(
    r"(?:- )?apiVersion: \S*calico\S*|kind: CalicoNodeStatus(?:List)?|"
    r"(?P<header>(?:(?:ok|changed|failed|fatal): \[|\S{1,255} \| ).*=>)\s*"
)
_YAML_ENDS = ("=>", "CalicoNodeStatus", "CalicoNodeStatusList", V3, f"{CALICO_GROUP}/v1")
_ABOVE = LinePattern(r"(?:apiVersion|metadata|items|spec|status):|\s+\S|- ")
_YAML_LINE = LinePattern(r"\s+\S.*|\s*|- .*|-|[A-Za-z_\"'][\w./\"'-]*:(?: .*)?|#.*|\.\.\.|---.*")


class Found(NamedTuple):
    """A status inside a document.

    Attributes:
        line: Where the document begins, from 1.
        names: Whose it is; empty where the document does not say.
        text: What the host printed; None for an object.
        reason: Why there may be nothing, in the document's words.
        node_status: A CalicoNodeStatus.
        is_complaint: Whether it only says that a host failed, which counts beside other hosts' answers.
    """

    line: int
    names: tuple[Named, ...]
    text: str | None = None
    reason: str | None = None
    node_status: dict[str, Any] | None = None
    is_complaint: bool = False


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
        objects += [status_object for value in _yaml_values(text) for status_object in _statuses(value, 1, ())]
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
            inside = list(_statuses(value, number, _names_of(text[at : at + opens])))
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
        inside = [each for value in _yaml_values(body) for each in _statuses(value, begin + 1, names)]
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


def _statuses(value: Any, line: int, names: tuple[Named, ...]) -> Iterator[Found]:
    budget = [_MOST_VALUES]
    try:
        found = list(_walk(value, line, names, budget, 0))
    except RecursionError:
        return
    if not all(each.is_complaint for each in found):
        yield from found


def _walk(value: Any, line: int, names: tuple[Named, ...], budget: list[int], depth: int) -> Iterator[Found]:
    budget[0] -= 1
    if budget[0] < 0 or depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield from _walk_mapping(value, line, names, budget, depth)
    elif isinstance(value, list):
        if any(isinstance(each, str) for each in value):
            text = "\n".join(each for each in value if isinstance(each, str))
            if _holds(text):
                yield Found(line, names, text)
            return
        inside = [list(_walk(each, line, names, budget, depth + 1)) for each in value]
        shapes = _shapes(value, inside)
        for each, found in zip(value, inside, strict=True):
            yield from found
            if not found and _shape(each) in shapes and (own := host_beside(each)):
                yield Found(line, own, reason=_NO_ANSWER)
    elif isinstance(value, str) and _holds(value):
        yield Found(line, names, value)
    elif isinstance(value, str) and any(read_reason(each) is not None for each in value.split("\n")):
        # A message of a chat that says why somebody could not be asked.
        yield Found(line, names, value, is_complaint=True)


def _walk_mapping(
    value: dict[Any, Any], line: int, names: tuple[Named, ...], budget: list[int], depth: int
) -> Iterator[Found]:
    if value.get("kind") == "CalicoNodeStatus" or ("spec" in value and _is_node_status(value.get("status"))):
        yield Found(line, (), node_status=value)
        return
    own = host_beside(value)
    names = own or names
    is_bad = any(str(value.get(key, "")).lower() in TRUE for key in ("failed", "unreachable"))
    is_bad = is_bad or str(value.get("rc", "0")) not in {"0", "None"}
    if "stdout" in value or "stdout_lines" in value or "stderr" in value or (is_bad and "msg" in value):
        text = "\n".join(filter(None, (text_of(value, "stdout"), text_of(value, "stderr"))))
        reason = reason_of(value) if is_bad else None
        if _holds(text) or reason is not None or names:
            yield Found(line, names, text, reason)
        return
    told: list[Found] = []
    silent: list[Found] = []
    is_by_host = False
    named_of = {key: name_in(key) if isinstance(key, str) and not is_field(key) else None for key in value}
    inside_of = {
        key: list(_walk(each, line, names if (named := named_of[key]) is None else (named,), budget, depth + 1))
        for key, each in value.items()
    }
    shapes = _shapes(value.values(), inside_of.values())
    for key, each in value.items():
        named, inside = named_of[key], inside_of[key]
        told += inside
        if named is None:
            continue
        is_by_host = is_by_host or any(found.names == (named,) for found in inside)
        if not inside and (_shape(each) in shapes or not isinstance(each, dict | list)):
            # salt's `"node3": false`, or a complaint in the place of an answer.
            said = each if isinstance(each, str) and each.lower() not in ("", "false", "null") else None
            silent.append(Found(line, (named,), said, None if said else _NO_ANSWER))
    if is_by_host:
        told += silent
    has_failed = str(value.get("status", value.get("Status", ""))).lower() in FAILED or value.get("error")
    if not told and own and has_failed:
        told.append(Found(line, own, reason=complaint_of(value) or "it failed", is_complaint=True))
    yield from told


def _shape(value: Any) -> frozenset[Any] | None:
    """What fields a result has; None for what is none."""
    return frozenset(value) if isinstance(value, dict) else None


def _shapes(values: Iterable[Any], found: Iterable[list[Found]]) -> set[frozenset[Any]]:
    """The shapes of the results that hold an answer: another one of such a shape is a host's that gave none."""
    return {
        shape for value, inside in zip(values, found, strict=True) if inside and (shape := _shape(value)) is not None
    }


def _holds(text: str) -> bool:
    """Whether a text of any number of lines holds a part of a status."""
    return any(find_anchor(line) for part in text.split("\n") for line in part.split("\\n"))


def _is_node_status(status: Any) -> bool:
    return isinstance(status, dict) and "bgp" in status and "agent" in status
