"""Reads kubeconfig files as kubectl does (client-go/tools/clientcmd/loader.go). Nothing is connected, no plugin is run.

Several files are one: the first that sets a value wins; a relative path counts from the folder of its file.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from calico_bgp.errors import ConfigError, ParseError
from calico_bgp.parse.yaml_depth import check_depth
from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.store.bounded import read_bounded

#: More is no kubeconfig.
_MAX_BYTES = 4_000_000
_HIDDEN = ("DATA+OMITTED", "REDACTED")
_EXPECTED = "a kubeconfig, as `kubectl config view` shows it"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A cluster, user or context, and the file that names it."""

    values: Mapping[str, Any]
    file: Path


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """What the files say.

    Attributes:
        files: The files, in order.
        contexts: Names of the contexts.
        current: The current context, or None.
    """

    files: tuple[Path, ...]
    current: str | None
    _contexts: Mapping[str, _Entry]
    _clusters: Mapping[str, _Entry]
    _users: Mapping[str, _Entry]

    @property
    def contexts(self) -> tuple[str, ...]:
        """The names of the contexts, sorted."""
        return tuple(sorted(self._contexts))

    def access(self, context: str | None = None) -> Access:
        """How to reach the cluster of a context; the current one by default.

        Raises:
            ConfigError: There is no such context, cluster or user, or a value is not what it should be.
        """
        name = context or self.current
        if name is None:
            contexts = f"; it has {_listed(self.contexts)}" if self.contexts else " and no context at all"
            raise self._error(
                f"there is no current context{contexts}", "--context NAME, or `kubectl config use-context`"
            )
        chosen = self._contexts.get(name)
        if chosen is None:
            has = f"it has {_listed(self.contexts)}" if self.contexts else "it has none"
            raise self._error(f"no context is called {name!r}; {has}", "the name of a context")
        cluster = self._named(self._clusters, chosen, "cluster", name)
        user = self._named(self._users, chosen, "user", name) if chosen.values.get("user") else _Entry({}, chosen.file)
        server = _text(cluster.values, "server")
        if server is None or not _is_address(server):
            raise self._error(f"the cluster of context {name!r} has no server", "server: https://HOST:PORT")
        proxy = _text(cluster.values, "proxy-url")
        if proxy is not None and not _is_proxy(proxy):
            raise self._error(f"the proxy-url of context {name!r} is no address", "proxy-url: http://HOST:PORT")
        return Access(
            context=name,
            server=server.rstrip("/"),
            kubeconfig=self.files,
            ca_file=_path(cluster, "certificate-authority"),
            ca_data=self._data(cluster, "certificate-authority-data"),
            tls_server_name=_text(cluster.values, "tls-server-name"),
            insecure=cluster.values.get("insecure-skip-tls-verify") is True,
            proxy_url=proxy,
            # client-go/plugin: a token file is read again and again, and wins over the token beside it.
            token=self._shown(user, "token"),
            token_file=_path(user, "tokenFile"),
            certificate_file=_path(user, "client-certificate"),
            certificate_data=self._data(user, "client-certificate-data"),
            key_file=_path(user, "client-key"),
            key_data=self._data(user, "client-key-data"),
            needs_kubectl=_needs_kubectl(cluster.values, user.values),
        )

    def _named(self, entries: Mapping[str, _Entry], context: _Entry, kind: str, name: str) -> _Entry:
        entry_name = _text(context.values, kind)
        if entry_name is None or entry_name not in entries:
            raise self._error(
                f"context {name!r} names the {kind} {entry_name!r}, which is not there", f"a {kind} of it"
            )
        return entries[entry_name]

    def _shown(self, entry: _Entry, key: str) -> str | None:
        """A text that `kubectl config view` hides unless it is called with --raw."""
        text = _text(entry.values, key)
        if text in _HIDDEN:
            why = f"{key} is {text}: this is what `kubectl config view` prints, without secrets"
            raise ConfigError((ParseError(why, str(entry.file), expected="kubectl config view --raw"),))
        return text

    def _data(self, entry: _Entry, key: str) -> bytes | None:
        text = self._shown(entry, key)
        if text is None:
            return None
        try:
            # Go passes over line ends in it, and nothing else.
            return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
        except (binascii.Error, ValueError):
            raise ConfigError(
                (ParseError(f"{key} is not base64", str(entry.file), expected="PEM in base64"),)
            ) from None

    def _error(self, message: str, expected: str) -> ConfigError:
        source = os.pathsep.join(str(file) for file in self.files)
        return ConfigError((ParseError(message, source, expected=expected),))


def kubeconfig_files(chosen: Path | None, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The files that kubectl would read: the chosen one, else those of KUBECONFIG, else ~/.kube/config.

    Args:
        chosen: `--kubeconfig`, or None.
        environment: Usually `os.environ`.
    """
    if chosen is not None:
        return (chosen.expanduser(),)
    named = [Path(name) for name in environment.get("KUBECONFIG", "").split(os.pathsep) if name]
    return tuple(dict.fromkeys(named)) or (Path("~/.kube/config").expanduser(),)


def load_kubeconfig(files: Sequence[Path], *, must_exist: bool = True) -> Kubeconfig:
    """Read kubeconfig files and put them together.

    Args:
        files: From `kubeconfig_files`. One that is missing is passed over while another is there, as kubectl does.
        must_exist: Whether it is an error when none of them is there.

    Raises:
        ConfigError: None is there, or one cannot be read; it says which and what was expected.
    """
    contexts: dict[str, _Entry] = {}
    clusters: dict[str, _Entry] = {}
    users: dict[str, _Entry] = {}
    current: str | None = None
    existing = [file for file in files if _is_there(file)]
    if not existing and must_exist:
        names = ", ".join(str(file) for file in files)
        raise ConfigError((ParseError("there is no kubeconfig", names, expected="--kubeconfig FILE, or HOSTS"),))
    for file in existing:
        document = _document(file)
        current = current or _text(document, "current-context")
        for key, inner, entries in (
            ("contexts", "context", contexts),
            ("clusters", "cluster", clusters),
            ("users", "user", users),
        ):
            for entry in _list(document, key):
                name, values = _text(entry, "name"), entry.get(inner)
                if name is not None and isinstance(values, dict):
                    entries.setdefault(name, _Entry(values, file))
    return Kubeconfig(tuple(existing), current, contexts, clusters, users)


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError as error:  # a folder that the user may not enter, a name that is too long
        why = f"cannot be read: {error.strerror or error}"
        raise ConfigError((ParseError(why, str(file)[:300], expected=_EXPECTED),)) from error


def _is_address(server: str) -> bool:
    try:
        parts = urlsplit(server)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not fit, a port that is none
        return False


def _is_proxy(proxy: str) -> bool:
    try:
        parts = urlsplit(proxy)
        return bool(parts.scheme and parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _document(file: Path) -> Mapping[str, Any]:
    try:
        content = read_bounded(file, limit=_MAX_BYTES)
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
        raise ConfigError((ParseError(why, str(file), expected=_EXPECTED),)) from error
    try:
        check_depth(content)
        document = yaml.load(content, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        line = None if mark is None else mark.line + 1
        raise ConfigError((ParseError(f"not YAML: {what}", str(file), line, expected=_EXPECTED),)) from None
    if document is None:
        return {}
    if not isinstance(document, dict) or document.get("kind", "Config") != "Config":
        raise ConfigError((ParseError("this is no kubeconfig", str(file), expected=_EXPECTED),))
    return document


def _needs_kubectl(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> str | None:
    """Why we cannot log in by ourselves: everything but tokens, certificates and plain HTTP proxies is kubectl's."""
    if isinstance(user.get("exec"), dict):
        command = _text(user["exec"], "command") or "a program"
        return f"the user logs in with the plugin {Path(command).name}"
    provider = user.get("auth-provider")
    if isinstance(provider, dict):
        return f"the user logs in with {_text(provider, 'name') or 'an auth provider'}"
    if user.get("username") or user.get("password"):
        return "the user logs in with a name and a password"
    if any(user.get(key) for key in ("as", "as-uid", "as-groups", "as-user-extra")):
        return "the user acts as somebody else"
    proxy = _text(cluster, "proxy-url")
    if proxy is not None and not proxy.startswith("http://"):
        return f"the cluster is behind a proxy that is not plain HTTP ({proxy.partition('://')[0]})"
    return None


def _text(values: Mapping[str, Any], key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) and value else None


def _path(entry: _Entry, key: str) -> Path | None:
    text = _text(entry.values, key)
    return None if text is None else entry.file.absolute().parent / text


def _list(values: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    entries = values.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _listed(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
