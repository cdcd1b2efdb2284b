"""Finds statuses inside a document: ansible's registered results, CalicoNodeStatus, salt's output, records of chats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from calico_bgp.parse.pasted.hosts.names import Named, name_in
from calico_bgp.parse.pasted.hosts.reasons import read_reason
from calico_bgp.parse.pasted.lines.anchors import find_anchor
from calico_bgp.parse.pasted.statuses.fields import (
    FAILED,
    TRUE,
    complaint_of,
    host_beside,
    is_field,
    reason_of,
    text_of,
)

#: What a document may hold at most, aliases followed: deeper and larger ones are read line by line.
_MOST_VALUES, _DEEPEST = 200_000, 40
_NO_ANSWER = "it gave no answer"


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


def statuses_in(value: Any, line: int, names: tuple[Named, ...]) -> Iterator[Found]:
    """The statuses inside a document.

    Args:
        value: The document: mappings, lists and scalars.
        line: Where it begins, from 1.
        names: Whose it is by its header; empty where that does not say.
    """
    budget = [_MOST_VALUES]
    try:
        found = list(_walk(value, line, names, budget, 0))
    except RecursionError:
        return
    if not all(each.is_complaint for each in found):
        yield from found


def silent_among(results: Sequence[tuple[Any, int, Sequence[Found]]]) -> Iterator[Found]:
    """The hosts that gave no answer, of several results or documents of which others hold one.

    Args:
        results: Each with its line and the statuses in it.
    """
    shapes = _shapes((value for value, _, _ in results), (found for _, _, found in results))
    # salt prints a document for each minion: `{'node3': 'Minion did not return.'}`.
    is_by_host = any(len(value) == 1 for value, _, found in results if isinstance(value, dict) and found)
    for value, line, found in results:
        if found or not isinstance(value, dict):
            continue
        own = host_beside(value) if _shape(value) in shapes else ()
        key = next(iter(value), None)
        if not own and is_by_host and len(value) == 1 and isinstance(key, str) and not is_field(key):
            named = name_in(key)
            own = () if named is None else (named,)
        if own:
            said = next((each for each in value.values() if isinstance(each, str) and read_reason(each)), None)
            yield Found(line, own, reason=said or _NO_ANSWER)


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
        for found in inside:
            yield from found
        yield from silent_among([(each, line, found) for each, found in zip(value, inside, strict=True)])
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


def _shapes(values: Iterable[Any], found: Iterable[Sequence[Found]]) -> set[frozenset[Any]]:
    """The shapes of the results that hold an answer: another one of such a shape is a host's that gave none."""
    return {
        shape for value, inside in zip(values, found, strict=True) if inside and (shape := _shape(value)) is not None
    }


def _holds(text: str) -> bool:
    """Whether a text of any number of lines holds a part of a status."""
    return any(find_anchor(line) for part in text.split("\n") for line in part.split("\\n"))


def _is_node_status(status: Any) -> bool:
    return isinstance(status, dict) and "bgp" in status and "agent" in status
