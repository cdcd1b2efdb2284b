"""JSON in pieces, for documents that no memory should hold: a mesh of 5,000 nodes has 25 million pairs.

pydantic writes a document whole, from a value that is held whole. So here the braces are ours; what stands between them
is the values' own JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from calico_bgp.report.text.sanitize import json_text

#: A whole JSON text, or its pieces.
JSONText = str | Iterable[str]


def object_in_pieces(fields: Iterable[tuple[str, JSONText]], depth: int = 0) -> Iterator[str]:
    """An object, a field on a line of its own.

    Args:
        fields: Names, and what each holds, as JSON.
        depth: How many objects it stands in.
    """
    line = "\n" + "  " * depth
    opening = "{"
    for name, value in fields:
        head = f"{opening}{line}  {text_json(name)}: "
        opening = ","
        if isinstance(value, str):
            yield head + value
        else:
            yield head
            yield from value
    yield "{}" if opening == "{" else f"{line}}}"


def text_json(text: str) -> str:
    """A text as JSON, also one that holds half a character."""
    return json_text(json.dumps(text, ensure_ascii=False))
