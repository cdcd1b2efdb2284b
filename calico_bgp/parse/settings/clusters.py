"""`default_cluster`, `[clusters.NAME]` and `[output]` of calico-bgp.toml. Exceptions are in config.py."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from calico_bgp.model.settings.cluster_settings import ClusterSettings, Setting, SettingValue
from calico_bgp.parse.lines import Problems, did_you_mean


class Kind(Enum):
    """What the value of a key is, in the words of an error."""

    TEXT = 'a text, as in key = "..."'
    PATH = 'a path, as in key = "~/file"; it is relative to the folder of this file'
    PATHS = 'a path or several, as in key = ["a.yaml", "folder/"]; they are relative to the folder of this file'
    FLAG = "true or false"
    NUMBER = "a number without quotes"
    DURATION = 'a duration, as in key = "30s", "5m" or "1h"'
    HOST_KEYS = '"strict" or "accept-new"'


#: Keys of a cluster. What a file in or above the current folder may set of it is in FOLDER_KEYS.
CLUSTER_KEYS: dict[str, Kind] = {
    "hosts": Kind.PATH,
    "context": Kind.TEXT,
    "kubeconfig": Kind.PATH,
    "resources": Kind.PATHS,
    "resources_from": Kind.TEXT,
    "version": Kind.TEXT,
    "user": Kind.TEXT,
    "identity": Kind.PATHS,
    "agent": Kind.FLAG,
    "jump": Kind.TEXT,
    "ssh_config": Kind.PATH,
    "known_hosts": Kind.PATHS,
    "host_keys": Kind.HOST_KEYS,
    "calicoctl": Kind.TEXT,
    "timeout": Kind.DURATION,
    "connect_timeout": Kind.DURATION,
    "run_timeout": Kind.DURATION,
    "workers": Kind.NUMBER,
    "processes": Kind.NUMBER,
    "pods_at_once": Kind.NUMBER,
}
FOLDER_KEYS = ("hosts", "resources")
OUTPUT_KEYS: dict[str, Kind] = {
    "format": Kind.TEXT,
    "color": Kind.FLAG,
    "width": Kind.NUMBER,
    "verbose": Kind.FLAG,
}
MAINTENANCE = "maintenance"
DEFAULT_CLUSTER = "default_cluster"
TABLES = (DEFAULT_CLUSTER, "clusters", "output")
_EXAMPLE = '[clusters.prod-1] with context = "..." or hosts = "...", and more: docs/configuration.md'
_DURATION = re.compile(r"(?:\d{1,9}[dhms])+")
_NEVER = ("pass", "secret", "token")


class ClusterReader:
    """Reads the tables of one document.

    Args:
        lines: The file's lines, for the places of problems.
        problems: Where problems go.
        of_folder: Whether the file lies in or above the current folder, and so may not set everything.
    """

    def __init__(self, lines: list[str], problems: Problems, *, of_folder: bool) -> None:
        self._lines = lines
        self._problems = problems
        self._of_folder = of_folder

    def default_cluster(self, document: Mapping[str, Any]) -> Setting | None:
        """The name of the cluster that is meant when nothing is named."""
        settings = self._settings(document, {DEFAULT_CLUSTER: Kind.TEXT}, (), None, only_known=True)
        return settings[0] if settings else None

    def clusters(self, document: Mapping[str, Any]) -> tuple[ClusterSettings, ...]:
        """Every `[clusters.NAME]`."""
        tables = document.get("clusters", {})
        if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
            self._problems.add("clusters is no table of tables", self._heading(("clusters",)), None, _EXAMPLE)
            return ()
        allowed = FOLDER_KEYS if self._of_folder else None
        clusters = []
        for name, table in tables.items():
            path = ("clusters", name)
            if not name.strip() or not name.isprintable():
                self._problems.add(f"{name!r} is no name of a cluster", self._heading(path), None, _EXAMPLE)
                continue
            if "hosts" in table and ("context" in table or "kubeconfig" in table):
                line = self._line("hosts", path)
                self._problems.add(f"[clusters.{name}]: hosts and a cluster's API", line, None, "one of them")
            # Windows are config.py's, like those of all clusters.
            plain = {key: value for key, value in table.items() if key != MAINTENANCE}
            clusters.append(ClusterSettings(name, self._settings(plain, CLUSTER_KEYS, path, allowed)))
        return tuple(clusters)

    def output(self, document: Mapping[str, Any]) -> tuple[Setting, ...]:
        """`[output]`."""
        table = document.get("output", {})
        if not isinstance(table, dict):
            self._problems.add("output is no table", self._heading(("output",)), None, "[output] with format = ...")
            return ()
        return self._settings(table, OUTPUT_KEYS, ("output",), None)

    def _settings(
        self,
        table: Mapping[str, Any],
        keys: Mapping[str, Kind],
        path: tuple[str, ...],
        allowed: Collection[str] | None,
        *,
        only_known: bool = False,
    ) -> tuple[Setting, ...]:
        where = f"[{'.'.join(path)}]: " if path else ""
        settings = []
        for key, value_in_file in table.items():
            if key not in keys:
                if not only_known:
                    self._unknown(key, keys, path, where)
                continue
            line = self._line(key, path)
            if (allowed is not None and key not in allowed) or (self._of_folder and key == DEFAULT_CLUSTER):
                self._add(
                    f"{where}{key} does not count in a file of a folder",
                    line,
                    "it in calico-bgp.toml of your configuration folder, or in the file that --config names",
                )
                continue
            value = self._value(value_in_file, keys[key])
            if value is None:
                self._add(f"{where}{key} is {_named(value_in_file)}", line, keys[key].value.replace("key", key))
            else:
                settings.append(Setting(key, value, self._problems.source, line))
        return tuple(settings)

    def _unknown(self, key: str, keys: Mapping[str, Kind], path: tuple[str, ...], where: str) -> None:
        line = self._line(key, path)
        if any(word in key.lower() for word in _NEVER):
            expected = "no secret in a file: --ask-pass, --ask-sudo-pass and their --...-fd ask for them"
            self._problems.add(f"{where}unknown key {key!r}", line, None, expected)
            return
        near = did_you_mean(key.replace("-", "_"), keys)
        self._add(f"{where}unknown key {key!r}{near}", line, "one of " + ", ".join(keys))

    def _value(self, value: Any, kind: Kind) -> SettingValue | None:
        if kind is Kind.FLAG:
            return value if isinstance(value, bool) else None
        if kind is Kind.NUMBER:
            return value if isinstance(value, int) and not isinstance(value, bool) else None
        if kind is Kind.PATHS:
            paths = value if isinstance(value, list) else [value]
            right = bool(paths) and all(isinstance(path, str) and path.strip() for path in paths)
            return tuple(paths) if right else None
        if not isinstance(value, str) or not value.strip():
            return None
        if kind is Kind.DURATION:
            return value if _DURATION.fullmatch(value) else None
        if kind is Kind.HOST_KEYS:
            return value if value in ("strict", "accept-new") else None
        return value.strip()

    def _add(self, message: str, line: int | None, expected: str) -> None:
        self._problems.add(message, line, None if line is None else self._lines[line - 1], expected)

    def _heading(self, path: tuple[str, ...]) -> int | None:
        """The line of `[a.b]`, from 1."""
        return next((number for number, line in enumerate(self._lines, 1) if _heading(line) == path), None)

    def _line(self, key: str, path: tuple[str, ...]) -> int | None:
        """The line that sets a key of a table; None for one that is written inline."""
        start = self._heading(path) if path else 0
        if start is None:
            return None
        for number, line in enumerate(self._lines[start:], start + 1):
            if path and _heading(line) is not None:
                break
            if line.partition("=")[0].strip().strip("\"'") == key:
                return number
        return start or None


def _heading(line: str) -> tuple[str, ...] | None:
    """The names of a table's heading; None for any other line. TOML itself says what they are, quotes and all."""
    return None if line.lstrip().startswith("[[") else _names_of(line)


def list_heading(line: str) -> tuple[str, ...] | None:
    """The same of `[[a.b]]`."""
    return _names_of(line) if line.lstrip().startswith("[[") else None


def _names_of(line: str) -> tuple[str, ...] | None:
    line = line.strip()
    if not line.startswith("["):
        return None
    try:
        table: Any = tomllib.loads(line)
    except (ValueError, RecursionError):
        return None
    names = []
    while isinstance(table, dict) and len(table) == 1:
        ((name, table),) = table.items()
        names.append(name)
    return tuple(names)


def _named(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table", str: "a text"}
    return "empty" if value in ("", []) else f"{names.get(type(value), 'a time')} that cannot be"
