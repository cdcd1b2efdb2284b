"""Writes one line to a known_hosts file, for `--host-keys accept-new`. No look-ups: those are in known_hosts.py."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from hashlib import sha1
from hmac import digest
from pathlib import Path


def add_host_key(path: Path, name: str, key_type: str, key_blob: bytes, *, hashed: bool = False) -> bool:
    """Append a host's key, as ssh does with `StrictHostKeyChecking accept-new`.

    Safe against other calico_bgp processes and threads that write the same file (an advisory lock, one write). A file
    without a final newline gets one first. The file is made with mode 0600, its folder with 0700.

    Args:
        path: The file, usually `~/.ssh/known_hosts`.
        name: The first of `host_key_names`: `host`, or `[host]:port`.
        key_type: Ignored in favour of the type in the blob, where the two differ (rsa-sha2-512 is a signature's name).
        key_blob: The public key as it goes over the wire.
        hashed: Write the name hashed, as ssh does with `HashKnownHosts yes`.

    Returns:
        False when the file held the very line already (several connections may learn one jump host at once).

    Raises:
        OSError: The file cannot be written.
    """
    key = f"{key_type_of(key_blob) or key_type} {base64.b64encode(key_blob).decode('ascii')}"
    name = name.lower()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # released when the file closes
        before = file.read()
        if f"\n{name} {key}\n".encode("utf-8", "surrogateescape") in b"\n" + before + b"\n":
            return False
        line = f"{_hashed(name) if hashed else name} {key}\n".encode("utf-8", "surrogateescape")
        file.write(line if not before or before.endswith(b"\n") else b"\n" + line)
    return True


def key_type_of(key_blob: bytes) -> str:
    """The type that a public key names in its first field (RFC 4253 section 6.6); empty when there is none."""
    length = int.from_bytes(key_blob[:4], "big")
    return key_blob[4 : 4 + length].decode("ascii", "replace") if length <= 64 else ""


def _hashed(name: str) -> str:
    salt = secrets.token_bytes(20)
    parts = (salt, digest(salt, name.encode("utf-8", "surrogateescape"), sha1))
    return "|1|" + "|".join(base64.b64encode(part).decode("ascii") for part in parts)
