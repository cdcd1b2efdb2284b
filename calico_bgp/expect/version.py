"""Which Calico: what it configures changed with its releases. The numbers only; who uses them says why."""

from __future__ import annotations

import re
from typing import NamedTuple

_FORM = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})(?:\.\S*)?")


class CalicoVersion(NamedTuple):
    """A release, as far as it matters: `v3.32.1` is 3.32."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}"


#: What is assumed where nobody says another.
NEWEST = CalicoVersion(3, 33)


def parse_version(text: str) -> CalicoVersion:
    """Read `v3.32.1`, `3.32` or `v3.31.0-rc1`.

    Raises:
        ValueError: It is no version; the message says what was expected.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no Calico version; expected one like v3.32 or v3.32.1")
    return CalicoVersion(int(match[1]), int(match[2]))
