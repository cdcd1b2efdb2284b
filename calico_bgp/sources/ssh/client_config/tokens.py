"""Tokens (`%h`), `~` and `${VARIABLE}` in values of an OpenSSH configuration (ssh_config(5), TOKENS). Nothing else."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha1
from pathlib import Path


class Expander:
    """Expands the values of one host. A token that is not known stays as it stands."""

    def __init__(self, tokens: Mapping[str, str], home: Path | None = None) -> None:
        self._tokens = {"%": "%", **tokens}
        self._home = home

    @classmethod
    def for_host(
        cls,
        *,
        host: str,
        hostname: str,
        port: int,
        user: str,
        local_user: str,
        home: Path,
        host_key_alias: str | None,
    ) -> Expander:
        """All tokens that ssh knows for files and jump hosts: `%C %d %h %i %k %L %l %n %p %r %u`."""
        this_host = _this_host()
        return cls(
            {
                "d": str(home),
                "h": hostname,
                "i": str(os.getuid()),
                "k": host_key_alias or host,
                "L": this_host.split(".", 1)[0],
                "l": this_host,
                "n": host,
                "p": str(port),
                "r": user,
                "u": local_user,
            },
            home,
        )

    def expand(self, text: str) -> str:
        """Replace the tokens."""
        if "%" not in text:
            return text
        return re.sub(r"%(.)", lambda match: self._token(match[1]) or match[0], text)

    def _token(self, letter: str) -> str | None:
        if letter == "C" and "l" in self._tokens:  # the hash of the connection; dear, and seldom wanted
            parts = "".join(self._tokens[part] for part in "lhpr")
            return sha1(parts.encode()).hexdigest()  # noqa: S324  # ssh defines it so
        return self._tokens.get(letter)

    def path(self, text: str) -> Path:
        """A file: `~`, tokens and `${VARIABLE}` replaced; a variable that is not set stays, so the file is missing."""
        text = re.sub(r"\$\{(\w+)\}", lambda match: os.environ.get(match[1], match[0]), self.expand(text))
        return _path(text, self._home)

    def paths(self, texts: Iterable[str]) -> tuple[Path, ...]:
        """Several files; `none` is no file."""
        return tuple(self.path(text) for text in texts if text.lower() != "none")

    def agent(self, text: str | None) -> str | None:
        """IdentityAgent: a socket, `none`, or None for the usual one. `$VARIABLE` names an environment variable."""
        if text is None or text == "SSH_AUTH_SOCK":
            return None
        if text.lower() == "none":
            return "none"
        if re.fullmatch(r"\$\w+", text):
            return os.environ.get(text[1:], "none")
        return str(self.path(text))


@lru_cache(maxsize=1024)
def _path(text: str, home: Path | None) -> Path:
    """Kept, because thousands of hosts share a few files."""
    if home is not None and (text == "~" or text.startswith("~/")):
        return Path(str(home) + text[1:])
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~nobody-of-that-name
        return Path(text)


@lru_cache(maxsize=1)
def _this_host() -> str:
    return socket.gethostname()
