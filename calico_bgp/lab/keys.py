"""Ed25519 keys for the lab, made when it starts. Nothing else."""

from __future__ import annotations

import io
import os
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def new_key() -> tuple[paramiko.Ed25519Key, str]:
    """A fresh key, and its text in OpenSSH's format (without a passphrase)."""
    text = (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
        .decode("ascii")
    )
    return paramiko.Ed25519Key.from_private_key(io.StringIO(text)), text


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read (mode 0600 from its first moment; OpenSSH insists on it)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
