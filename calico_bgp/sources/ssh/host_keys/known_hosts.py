"""An index of OpenSSH known_hosts files: which keys does a host have? No network, no paramiko, no policy.

The rules are those of OpenSSH's hostfile.c and sshconnect.c (`check_host_key`); the format is in sshd(8),
"SSH_KNOWN_HOSTS FILE FORMAT". Two of them surprise people, and ssh itself behaves so:

- a host that is known with *any* other key is `changed`, even when that key is of another type. Ask for a type that
  is known (`known_key_types`) before connecting, as ssh does;
- a host on another port is `[host]:port`; the plain name vouches for it, but never makes it `changed`.

Why it is fast: loading only splits lines. A check looks first for lines that hold the very key that was presented, so
that a known host costs a dictionary look-up and, with hashed names, one or two HMACs. Only a host that is *not* known
with that key is compared with every hashed line, about 1 µs each.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from calico_bgp.sources.ssh.host_keys.file import add_host_key, key_type_of
from calico_bgp.sources.ssh.host_keys.line import (
    KnownHostsLine,
    is_for,
    is_hash_of,
    is_plain,
    is_whole_key,
    line_problem,
)
from calico_bgp.store.bounded import MEGABYTE, read_bounded

Status = Literal["known", "unknown", "changed", "revoked", "authority"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the files say about one key of one host.

    Attributes:
        status: `known`: this is the host's key. `unknown`: nothing is known about the host. `changed`: the host has
            other keys, not this one. `revoked`: this key must not be trusted. `authority`: no key is known, but an
            authority that signs the host's keys is: the server has to be asked for its certificate
            (`HostKeys.authorities`).
        file: The file that says so, as given to `HostKeys.load`; None when unknown.
        line: Its line, from 1.
        known_types: The types of the keys that the host is known with, such as `ssh-ed25519`.
    """

    status: Status
    file: str | None = None
    line: int | None = None
    known_types: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`file:line`, or an empty text."""
        return "" if self.file is None else f"{self.file}:{self.line}"


class BadLine(NamedTuple):
    """A line that was skipped, and why."""

    file: str
    line: int
    reason: str


def host_key_names(host: str, port: int = 22, alias: str | None = None) -> tuple[str, ...]:
    """The names to look a host up by, as ssh does: HostKeyAlias alone, else `[host]:port` before the plain name."""
    if alias is not None:
        return (alias.lower(),)
    host = host.lower()
    return (host,) if port == 22 else (f"[{host}]:{port}", host)


class HostKeys:
    """The lines of known_hosts files, indexed by name and by key. Make one with `load`; safe to share among threads."""

    def __init__(self) -> None:
        self.bad_lines: list[BadLine] = []
        self._by_name: dict[str, list[KnownHostsLine]] = {}
        self._by_key: dict[str, list[KnownHostsLine]] = {}
        self._patterns: list[KnownHostsLine] = []
        self._hashed: list[KnownHostsLine] = []
        self._revoked: dict[str, list[KnownHostsLine]] = {}
        self._authorities: list[KnownHostsLine] = []

    @classmethod
    def load(cls, paths: Sequence[Path]) -> HostKeys:
        """Read files in this order. A missing file is an empty one; an unreadable one is line 0 of `bad_lines`."""
        self = cls()
        for path in paths:
            try:
                text = read_bounded(path, limit=64 * MEGABYTE).decode("utf-8", "surrogateescape")
            except FileNotFoundError:
                continue
            except OSError as error:
                self.bad_lines.append(BadLine(str(path), 0, error.strerror or str(error)))
                continue
            self._index(str(path), text)
        return self

    def check(self, names: Sequence[str], key_type: str, key_blob: bytes) -> Verdict:
        """Judge the key that a host presented.

        Args:
            names: What the host is called, from `host_key_names`. All can say `known` or `revoked`; only the first
            `changed`.
            key_type: The key's type, or the signature algorithm it was negotiated by; the type in the blob counts.
            key_blob: The public key as it goes over the wire (RFC 4253 section 6.6).
        """
        del key_type  # rsa-sha2-256 and ssh-rsa are one key
        names = [name.lower() for name in names]
        key = base64.b64encode(key_blob).decode("ascii")
        for line in self._revoked.get(key, ()):
            if any(is_for(line, name) for name in names):
                return Verdict("revoked", line.file, line.number)
        same_key = self._by_key.get(key, ())
        for name in names:
            # Plain names by dictionary: a fleet made from one image has one key on every line.
            for line in self._by_name.get(name, ()):
                if line.key == key:
                    return Verdict("known", line.file, line.number, (line.key_type,))
            for line in same_key:
                if not is_plain(line) and is_for(line, name):
                    return Verdict("known", line.file, line.number, (line.key_type,))
        others = [line for line in self._lines_of(names[0]) if is_whole_key(line.key)]
        if others:
            presented = key_type_of(key_blob)
            worst = next((line for line in others if line.key_type == presented), others[0])
            return Verdict("changed", worst.file, worst.number, _types(others))
        for name in names:
            for line in self._authorities:
                if is_for(line, name):
                    return Verdict("authority", line.file, line.number)
        return Verdict("unknown")

    def known_key_types(self, names: Sequence[str], *, search_hashed: bool = False) -> tuple[str, ...]:
        """The types of the keys that a host is known with, to ask the server for one of them; empty when unknown.

        Hashed lines are left out unless asked for: finding a host among them costs an HMAC per line, 6 ms for 5,000
        lines, for every host. It is cheaper to connect, and to ask only for hosts whose key turns out not to be known
        (`Verdict.known_types`).
        """
        for name in names:
            lines = self._lines_of(name.lower(), search_hashed=search_hashed)
            if lines:
                return _types(lines)
        return ()

    def authorities(self, names: Sequence[str]) -> tuple[bytes, ...]:
        """The public keys (wire format) of the authorities that may sign certificates of this host."""
        keys = dict.fromkeys(line.key for name in names for line in self._authorities if is_for(line, name.lower()))
        return tuple(base64.b64decode(key) for key in keys if is_whole_key(key))

    def is_revoked(self, names: Sequence[str], key_blob: bytes) -> bool:
        """Whether this key (an authority's, too) must not be trusted for this host."""
        lines = self._revoked.get(base64.b64encode(key_blob).decode("ascii"), ())
        return any(is_for(line, name.lower()) for line in lines for name in names)

    def accept(self, path: Path, name: str, key_type: str, key_blob: bytes, *, hashed: bool = False) -> None:
        """Trust an unknown host from now on: write its key to a file (`add_host_key`) and know it in this run.

        Raises:
            OSError: The file cannot be written.
        """
        add_host_key(path, name, key_type, key_blob, hashed=hashed)
        line = KnownHostsLine(
            str(path), 0, name.lower(), key_type_of(key_blob), base64.b64encode(key_blob).decode("ascii")
        )
        self._by_key.setdefault(line.key, []).append(line)
        self._by_name.setdefault(line.names, []).append(line)

    def _index(self, file: str, text: str) -> None:
        for number, raw in enumerate(text.split("\n"), 1):
            fields = raw.split(None, 4)
            if not fields or fields[0][0] == "#":
                continue
            marker = fields.pop(0) if fields[0][0] == "@" else ""
            problem = line_problem(marker, fields)
            if problem is not None:
                self.bad_lines.append(BadLine(file, number, problem))
                continue
            line = KnownHostsLine(
                file, number, fields[0].lower() if fields[0][0] != "|" else fields[0], fields[1], fields[2]
            )
            if marker == "@cert-authority":
                self._authorities.append(line)
            elif marker:
                self._revoked.setdefault(line.key, []).append(line)
            else:
                self._by_key.setdefault(line.key, []).append(line)
                if line.is_hashed:
                    self._hashed.append(line)
                elif is_plain(line):
                    for name in line.names.split(","):
                        self._by_name.setdefault(name, []).append(line)
                else:
                    self._patterns.append(line)

    def _lines_of(self, name: str, *, search_hashed: bool = True) -> list[KnownHostsLine]:
        """Every unmarked line for this name; all hashed lines are tried, unless told not to."""
        lines = [*self._by_name.get(name, ()), *(line for line in self._patterns if is_for(line, name))]
        if search_hashed:
            lines += [line for line in self._hashed if is_hash_of(line.names, name)]
        return lines


def _types(lines: Sequence[KnownHostsLine]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.key_type for line in lines))
