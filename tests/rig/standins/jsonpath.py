"""The little of kubectl's JSONPath that commands use: texts, fields, indices, `*`, and `range` to `end`.

k8s.io/client-go/util/jsonpath. No code of calico_bgp may enter it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_PIECE = re.compile(r"\{([^}]*)\}|([^{]+)")
_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+|\*)\]|\['([^']+)'\]|\.([A-Za-z_](?:[\w-]|\\\.)*)")


class PathError(Exception):
    """A template that kubectl would refuse, or that this does not know."""


def evaluate(template: str, value: object) -> str:
    """What `-o jsonpath=TEMPLATE` prints.

    Raises:
        PathError: It does not parse.
    """
    text = template if "{" in template else f"{{{template if template.startswith('.') else '.' + template}}}"
    pieces = [(m[1], m[2]) for m in _PIECE.finditer(text)]
    if "".join(f"{{{inner}}}" if inner is not None else outer for inner, outer in pieces) != text:
        raise PathError(f"unclosed action in {template}")
    printed, rest = _run(pieces, value, nested=False)
    assert not rest
    return printed


_Pieces = list[tuple[str | None, str | None]]


def _run(pieces: _Pieces, value: object, *, nested: bool) -> tuple[str, _Pieces]:
    printed = ""
    while pieces:
        (inner, outer), pieces = pieces[0], pieces[1:]
        if inner is None:
            printed += outer or ""
        elif inner.strip() == "end":
            if not nested:
                raise PathError("not in range")
            return printed, pieces
        elif inner.startswith("range"):
            items = list(_find(inner.removeprefix("range").strip(), value))
            for item in items:
                printed += _run(pieces, item, nested=True)[0]
            pieces = _behind(pieces)
        elif inner.startswith('"') and inner.endswith('"'):
            printed += inner[1:-1].replace("\\n", "\n").replace("\\t", "\t")
        else:
            printed += " ".join(str(found) for found in _find(inner, value))
    if nested:
        raise PathError("unterminated range")
    return printed, []


def _behind(pieces: _Pieces) -> _Pieces:
    depth = 1
    for place, (inner, _) in enumerate(pieces):
        depth += (inner or "").startswith("range") - ((inner or "").strip() == "end")
        if depth == 0:
            return pieces[place + 1 :]
    raise PathError("unterminated range")


def _find(path: str, value: object) -> Iterator[Any]:
    path = path.removeprefix("$").removeprefix("@")
    found, place = [value], 0
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            raise PathError(f"unrecognized character in action: {path[place:]}")
        place = step.end()
        found = list(_step(found, step[1] or step[3], step[2]))
    yield from found


def _step(values: list[Any], name: str | None, index: str | None) -> Iterator[Any]:
    for value in values:
        if name is not None and isinstance(value, dict) and name in value:
            yield value[name]
        elif index == "*" and isinstance(value, list):
            yield from value
        elif index not in {None, "*"} and isinstance(value, list):
            if int(str(index)) >= len(value):
                raise PathError(f"array index out of bounds: index {index}, length {len(value)}")
            yield value[int(str(index))]
