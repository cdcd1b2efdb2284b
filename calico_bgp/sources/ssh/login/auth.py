"""Proving who we are: private keys, the agent, user certificates, a password. No connections are made here."""

from __future__ import annotations

import contextlib
import copy
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import paramiko
from paramiko.pkey import PublicBlob

from calico_bgp.errors import AuthenticationFailed
from calico_bgp.sources.attempt import Attempt
from calico_bgp.sources.ssh.login.agent import AgentClient

#: A server takes six tries (sshd_config(5), MaxAuthTries); we leave one for the password.
_MOST_KEYS = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key to offer, and what to call it in a message."""

    name: str
    key: paramiko.PKey
    blob: bytes


class KeyRing:
    """The keys of this run: every file is read once, every agent connected to once. Threads share it.

    Attributes:
        problems: Key files that cannot be used, and why.
    """

    def __init__(self, passphrases: Sequence[str] = ()) -> None:
        self.problems: dict[Path, str] = {}
        self._passphrases = list(passphrases)
        self._lock = threading.RLock()
        self._files: dict[Path, tuple[Candidate, ...]] = {}
        self._agents: dict[str, AgentClient | None] = {}
        self._winners: dict[str, bytes] = {}

    @property
    def passphrases(self) -> tuple[str, ...]:
        """What is tried on encrypted keys."""
        return tuple(self._passphrases)

    def add_passphrase(self, passphrase: str) -> None:
        """Another one to try; files that failed for want of it are read again."""
        with self._lock:
            self._passphrases.append(passphrase)
            for path in self.problems:
                self._files.pop(path, None)
            self.problems.clear()

    def file_keys(self, path: Path) -> tuple[Candidate, ...]:
        """The key of a file: with its certificate first (`<path>-cert.pub`), then plain. Empty when unusable."""
        with self._lock:
            if path not in self._files:
                self._files[path] = tuple(self._load(path))
            return self._files[path]

    def agent_keys(self, path: str | None) -> tuple[Candidate, ...]:
        """The agent's keys; empty where there is no agent."""
        path = path or os.environ.get("SSH_AUTH_SOCK")
        if not path:
            return ()
        with self._lock:
            if path not in self._agents:
                try:
                    self._agents[path] = AgentClient(path)
                except (OSError, paramiko.SSHException):
                    self._agents[path] = None
            agent = self._agents[path]
        keys = agent.keys if agent is not None else ()
        return tuple(Candidate(f"{key.comment or key.get_name()} (agent)", key, key.blob) for key in keys)

    def is_encrypted(self, path: Path) -> bool:
        """Whether a file holds a key that wants a passphrase which we do not have."""
        return not self.file_keys(path) and "passphrase" in self.problems.get(path, "")

    def public_part(self, path: Path) -> bytes:
        """The public key beside a private key that may be encrypted (`<path>.pub`); empty when there is none."""
        try:
            return PublicBlob.from_file(f"{path}.pub").key_blob
        except (OSError, ValueError):
            return b""

    def best_first(self, user: str, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Each key once, the one that the last host accepted first: a fleet has one key, and every miss costs a try."""
        unique = {candidate.blob: candidate for candidate in candidates}
        winner = unique.pop(self._winners.get(user, b""), None)
        return [*([winner] if winner else []), *unique.values()]

    def won(self, user: str, candidate: Candidate) -> None:
        """Remember what a host accepted."""
        self._winners[user] = candidate.blob

    def close(self) -> None:
        """Leave the agents. It does not wait for a thread that is still asking one."""
        for agent in list(self._agents.values()):
            if agent is not None:
                agent.close()

    def _load(self, path: Path) -> Iterable[Candidate]:
        key = self._private_key(path)
        if key is None:
            return
        plain = copy.copy(key)
        plain.public_blob = None
        certificate = key.public_blob
        if certificate is not None and certificate.key_type.endswith("-cert-v01@openssh.com"):
            yield Candidate(f"{path}-cert.pub", key, certificate.key_blob)
        yield Candidate(str(path), plain, plain.asbytes())

    def _private_key(self, path: Path) -> paramiko.PKey | None:
        problem = "its passphrase is not known"
        if path.exists() and not path.is_file():
            self.problems[path] = "it is no file"  # a pipe would hold the login up without end
            return None
        for passphrase in (None, *self._passphrases):
            try:
                return paramiko.PKey.from_path(path, passphrase.encode() if passphrase is not None else None)  # type: ignore[arg-type]
            except FileNotFoundError:
                problem = "there is no such file"
                break
            except OSError as error:
                problem = error.strerror or str(error)
                break
            except paramiko.PasswordRequiredException:
                continue
            except (TypeError, ValueError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
                # Libraries differ in how they say that a passphrase is missing or wrong.
                text = str(error) or type(error).__name__
                if passphrase is None and not any(word in text.lower() for word in ("password", "encrypted")):
                    problem = f"no private key that can be read: {text[:100]}"
                    break
        self.problems[path] = problem
        return None


def with_certificates(candidates: Sequence[Candidate], files: Sequence[Path]) -> list[Candidate]:
    """Put a key with its certificate before the plain key, for certificates that stand in files of their own.

    The certificate holds the public key, but at a place that depends on its type: looked for as bytes, which is enough
    to pair files; the server judges.
    """
    with_certificate = []
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            certificate = PublicBlob.from_file(str(file))
            for candidate in candidates:
                public = candidate.key.asbytes()
                if certificate.key_type.startswith(candidate.key.get_name()) and public[-32:] in certificate.key_blob:
                    key = copy.copy(candidate.key)
                    key.public_blob = certificate
                    with_certificate.append(Candidate(str(file), key, certificate.key_blob))
    return [*with_certificate, *candidates]


def authenticate(
    transport: paramiko.Transport,
    *,
    user: str,
    candidates: Sequence[Candidate],
    unusable: Sequence[str],
    password: str | None,
    attempt: Attempt,
    ring: KeyRing,
) -> None:
    """Log in.

    Args:
        transport: A connection whose host key has been checked.
        user: Who we say we are.
        candidates: The keys to offer, in this order.
        unusable: Keys that cannot be offered, and why, for the message.
        password: Tried after the keys; None for none.
        attempt: Its current step's time counts.
        ring: Remembers the key that won.

    Raises:
        AuthenticationFailed: The server refused everything that we have.
        GatherTimeout: It did not say so in time.
    """
    allowed: list[str] | None = None
    refused: list[str] = []
    for candidate in ring.best_first(user, candidates)[:_MOST_KEYS]:
        transport.auth_timeout = attempt.seconds_left()
        try:
            further = transport.auth_publickey(user, candidate.key)
        except paramiko.BadAuthenticationType as error:
            allowed = error.allowed_types
            if "publickey" not in allowed:
                break
            refused.append(candidate.name)
        except paramiko.AuthenticationException as error:
            attempt.seconds_left()
            refused.append(candidate.name)
            if not transport.is_active():
                raise _refusal((user, unusable), refused, "the server then closed the connection", None) from error
        else:
            ring.won(user, candidate)
            if not further:
                return
            allowed = further  # the server wants another proof as well (AuthenticationMethods)
            break
    if password is not None:
        transport.auth_timeout = attempt.seconds_left()
        try:
            further = transport.auth_password(user, password)
        except paramiko.BadAuthenticationType as error:
            raise _refusal((user, unusable), refused, "it takes no passwords", error.allowed_types) from error
        except (paramiko.AuthenticationException, paramiko.SSHException) as error:
            attempt.seconds_left()
            raise _refusal((user, unusable), [*refused, "the password"], None, allowed) from error
        if not further:
            return
        allowed = further
    raise _refusal((user, unusable), refused, None, allowed)


def _refusal(
    who: tuple[str, Sequence[str]], refused: list[str], why: str | None, allowed: Sequence[str] | None
) -> AuthenticationFailed:
    user, unusable = who
    message = f"login as {user} was refused"
    if refused:
        message += f": the server does not accept {', '.join(refused)}"
    else:
        message += ": we have no key to offer"
    if unusable:
        message += f"; not offered: {', '.join(unusable)}"
    if why:
        message += f"; {why}"
    methods = [method for method in allowed or () if method]
    if methods:
        message += f" (it allows {', '.join(methods)})"
    return AuthenticationFailed(
        message,
        "is it the right user (--user) and key (--identity)? --ask-pass for a password",
        remedy="the right --user or --identity; --ask-pass for a password",
    )
