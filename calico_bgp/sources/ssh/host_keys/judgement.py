"""Is this the right server? The judgement of a host key by known_hosts, in words. No connections are made here."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from calico_bgp.errors import HostKeyMismatch
from calico_bgp.shell_words import quote
from calico_bgp.sources.ssh.client_config.settings import SSHHostSettings
from calico_bgp.sources.ssh.host_keys.certificate import CertificateRefused, check_host_certificate
from calico_bgp.sources.ssh.host_keys.known_hosts import HostKeys, Verdict, host_key_names
from calico_bgp.sources.ssh.options import HostKeyPolicy

_CERTIFICATE = "-cert-v01@openssh.com"


class WrongKeyType(HostKeyMismatch):
    """The host is known by keys of other types: ask the server for one of them before judging.

    Attributes:
        known_types: Those types.
    """

    def __init__(self, message: str, hint: str | None, known_types: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.known_types = known_types

    def __reduce__(self) -> tuple[type[WrongKeyType], tuple[str, str | None, tuple[str, ...]]]:
        return type(self), (self.message, self.hint, self.known_types)


class HostKeyCheck:
    """The known_hosts files of this run, read once each, and the policy. Threads share it."""

    def __init__(self, policy: HostKeyPolicy, extra_files: Sequence[Path] = ()) -> None:
        self._policy = policy
        self._extra_files = tuple(extra_files)
        self._indexes: dict[tuple[Path, ...], HostKeys] = {}
        self._lock = threading.Lock()

    def key_types(self, settings: SSHHostSettings) -> tuple[str, ...]:
        """The types of the keys that this host is known with, so far as they are cheap to find."""
        return self._index(settings).known_key_types(_names(settings))

    def wants_certificate(self, settings: SSHHostSettings) -> bool:
        """Whether an authority is known that signs this host's keys."""
        return bool(self._index(settings).authorities(_names(settings)))

    def check(self, settings: SSHHostSettings, key_type: str, key: bytes) -> None:
        """Accept a key, or raise.

        Raises:
            WrongKeyType: The host is known by other types of keys only.
            HostKeyMismatch: The key is unknown (under `strict`), changed or revoked, or its certificate is no good.
        """
        index = self._index(settings)
        names = _names(settings)
        if key_type.endswith(_CERTIFICATE):
            try:
                check_host_certificate(
                    key,
                    settings.host_key_alias or settings.hostname.lower(),
                    authorities=index.authorities(names),
                    is_revoked=lambda blob: index.is_revoked(names, blob),
                    now=time.time(),
                )
            except CertificateRefused as error:
                raise HostKeyMismatch(f"the host's certificate is no good: {error}", error.hint) from error
            return
        verdict = index.check(names, key_type, key)
        if verdict.status == "known":
            return
        if verdict.status == "unknown" and self._policy is HostKeyPolicy.ACCEPT_NEW:
            self._accept(index, settings, names[0], key_type, key)
            return
        raise _mismatch(verdict, names[0], settings, key_type, key)

    def _accept(self, index: HostKeys, settings: SSHHostSettings, name: str, key_type: str, key: bytes) -> None:
        files = (*self._extra_files, *settings.user_known_hosts_files)
        if not files:
            return
        with self._lock:
            try:
                index.accept(files[0], name, key_type, key, hashed=settings.hash_known_hosts)
            except OSError as error:
                raise HostKeyMismatch(
                    f"the new host key cannot be written to {files[0]}: {error.strerror or error}",
                    "--known-hosts names another file",
                ) from error

    def _index(self, settings: SSHHostSettings) -> HostKeys:
        files = (*self._extra_files, *settings.user_known_hosts_files, *settings.global_known_hosts_files)
        index = self._indexes.get(files)
        if index is None:
            with self._lock:
                index = self._indexes.get(files) or HostKeys.load(files)
                self._indexes[files] = index
        return index


def fingerprint(key: bytes) -> str:
    """As ssh shows it: SHA256 in base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode("ascii").rstrip("=")


def _names(settings: SSHHostSettings) -> tuple[str, ...]:
    return host_key_names(settings.hostname, settings.port, settings.host_key_alias)


def _mismatch(verdict: Verdict, name: str, settings: SSHHostSettings, key_type: str, key: bytes) -> HostKeyMismatch:
    shown_key = f"{key_type} {fingerprint(key)}"
    if verdict.status == "revoked":
        return HostKeyMismatch(
            f"the host key is revoked by {verdict.place}: {shown_key}", "the host needs a new key; do not log in to it"
        )
    if verdict.status == "authority":
        return HostKeyMismatch(
            f"{verdict.place} names an authority for this host, but the host showed no certificate: {shown_key}",
            "sign its key and set HostCertificate in its sshd_config, or add its key to known_hosts",
        )
    if verdict.status == "changed":
        message = f"the host key is not the one in {verdict.place}; the server showed {shown_key}"
        hint = (
            f"somebody may be in between. If the host was installed anew: "
            f"ssh-keygen -R {quote(name)} -f {quote(str(verdict.file))}, "
            "then add the new key"
        )
        if key_type not in verdict.known_types:
            return WrongKeyType(message, hint, verdict.known_types)
        return HostKeyMismatch(message, hint, reason="host key changed")
    port = "" if settings.port == 22 else f"-p {settings.port} "
    return HostKeyMismatch(
        f"the host key is unknown: no known_hosts file has {name}; the server showed {shown_key}",
        f"compare the fingerprint, then: ssh-keyscan {port}{settings.hostname} >> ~/.ssh/known_hosts; "
        "or --host-keys accept-new",
        reason="host key unknown",
        option="--host-keys accept-new",
        remedy="add them with ssh-keyscan, and compare: accept-new takes them as they are",
    )
