"""One line of a known_hosts file: its fields, and whether it is for a host. Nothing about several lines or files.

The format is in sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; OpenSSH reads it in hostfile.c.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha1
from typing import NamedTuple

from calico_bgp.parse.openssh.patterns import is_pattern, matches_patterns

_MARKERS = ("@cert-authority", "@revoked")
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


class KnownHostsLine(NamedTuple):
    """A good line: where it stands, whom it is for, and the key in base64, as it stands."""

    file: str
    number: int
    names: str
    key_type: str
    key: str

    @property
    def is_hashed(self) -> bool:
        """Whether the name is hidden: `|1|salt|hash`. Such a line has one name."""
        return self.names.startswith("|")


def line_problem(marker: str, fields: Sequence[str]) -> str | None:
    """Why a line is skipped; None when it is good as far as can be told without decoding its key."""
    if marker and marker not in _MARKERS:
        return f"unknown marker {marker}"
    if len(fields) < 3:
        return "expected: names, key type, key"
    names, key_type, key = fields[:3]
    if key_type.isdigit():
        return "a key of SSH protocol 1"
    if names[0] == "|" and not re.fullmatch(r"\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=", names):
        return "a hashed name must be |1|salt|hash"
    if not key.isascii():
        return "the key is not base64"
    if not key.startswith(_key_prefix(key_type)):
        return f"the key is not of type {key_type}"
    return None


@lru_cache(maxsize=64)
def _key_prefix(key_type: str) -> str:
    """How the base64 text of every key of a type begins: its type, as far as it fills whole groups of three bytes."""
    name = key_type.encode("utf-8", "surrogateescape")
    head = len(name).to_bytes(4, "big") + name
    return base64.b64encode(head[: len(head) // 3 * 3]).decode("ascii")


@lru_cache(maxsize=4096)
def is_whole_key(key: str) -> bool:
    """Whether the base64 text decodes to complete fields; ssh ignores a line whose key was cut off."""
    try:
        blob = base64.b64decode(key, validate=True)
    except ValueError:  # binascii.Error is one; a text that is not ASCII raises the plain one
        return False
    position = fields = 0
    while position < len(blob):
        position += 4 + int.from_bytes(blob[position : position + 4], "big")
        fields += 1
    return position == len(blob) and fields >= 2


def is_plain(line: KnownHostsLine) -> bool:
    """Whether its names can be looked up as they stand."""
    return not (line.is_hashed or is_pattern(line.names))


@lru_cache(maxsize=16384)
def _salt(names: str) -> tuple[bytes, bytes, bytes]:
    """HMAC's two padded keys (RFC 2104), kept because making them costs more than using them, and the digest."""
    salt, digest = (base64.b64decode(part) for part in names.split("|")[2:4])
    key = salt.ljust(64, b"\0")
    return key.translate(_INNER), key.translate(_OUTER), digest


def is_hash_of(names: str, name: str) -> bool:
    """Whether `|1|salt|hash` hides this name. HMAC written out: twice as fast as `hmac.digest`; nothing is secret."""
    inner, outer, digest = _salt(names)
    encoded = name.encode("utf-8", "surrogateescape")
    return sha1(outer + sha1(inner + encoded).digest()).digest() == digest  # noqa: S324  # the format's own hash


def is_for(line: KnownHostsLine, name: str) -> bool:
    """Whether a line is for this name (OpenSSH match.c, match_pattern_list: one negated match excludes)."""
    if line.is_hashed:
        return is_hash_of(line.names, name)
    return matches_patterns(name, line.names.split(","))
