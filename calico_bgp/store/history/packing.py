"""Values as the database holds them: JSON, compact and compressed, and texts."""

from __future__ import annotations

import json
import zlib
from typing import Any

_LEVEL = 6
#: Bytes of one value as JSON: a frame of 1,000 nodes in a mesh, with their routes, takes 100 MB.
_LONGEST = 1 << 30


def pack(value: Any) -> bytes:
    """A JSON value as bytes. Half a surrogate pair, which no decoder makes, is written as an escape.

    Raises:
        ValueError: It is longer than `unpack` reads.
    """
    data = json.dumps(value, separators=(",", ":")).encode()
    if len(data) > _LONGEST:
        raise ValueError(f"what was read takes {len(data):,} bytes, and {_LONGEST:,} is the most")
    return zlib.compress(data, _LEVEL)


def unpack(data: bytes) -> Any:
    """The value of `pack`.

    Raises:
        ValueError: It is damaged.
    """
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(data, _LONGEST)
        if not inflate.eof:
            raise ValueError(f"a value is cut, or has more than {_LONGEST:,} bytes")
        return json.loads(text)
    except (zlib.error, ValueError, RecursionError) as error:
        raise ValueError(f"it is damaged ({error}); move it away, and the watcher begins a new one") from error


def json_text(value: Any) -> str:
    """A JSON value as text that the database takes."""
    return utf8(json.dumps(value, ensure_ascii=False))


def utf8(text: str) -> str:
    """A text as the database takes it: in the place of half a surrogate pair, which UTF-8 cannot say, stands `?`."""
    return text.encode("utf-8", "replace").decode()
