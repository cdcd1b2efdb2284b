"""JSON in the database: compact and compressed."""

from __future__ import annotations

import json
import zlib
from typing import Any

_LEVEL = 6


def pack(value: Any) -> bytes:
    """A JSON value as bytes. Half a surrogate pair, which no decoder makes, is written as an escape."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), _LEVEL)


def unpack(data: bytes) -> Any:
    """The value of `pack`."""
    return json.loads(zlib.decompress(data))
