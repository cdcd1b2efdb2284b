"""calico-bgp.toml: text in, Config out; every error of the file at once. Knows no rules: the caller names them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from calico_bgp.errors import ConfigError
from calico_bgp.model.settings.config import Config, Ignore
from calico_bgp.model.settings.maintenance import MaintenanceWindow
from calico_bgp.parse.lines import Problems, did_you_mean, split_lines
from calico_bgp.parse.settings.clusters import TABLES as CLUSTER_TABLES
from calico_bgp.parse.settings.clusters import ClusterReader, list_heading
from calico_bgp.parse.settings.maintenance import MAINTENANCE_EXAMPLE, read_window

_TABLES = ("ignore", "monitor", *CLUSTER_TABLES)
_KEYS = ("rule", "subject", "reason", "until")
_EXAMPLE = '[[ignore]] with rule = "...", reason = "...", and if you like subject = "..." and until = 2027-01-31'
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_HEADING = re.compile(r"\s*\[\[\s*(?:ignore|\"ignore\"|'ignore')\s*\]\]")
_WINDOW = re.compile(r"\s*\[\[\s*monitor\s*\.\s*maintenance\s*\]\]")


def parse_config(
    text: str,
    *,
    source: str = "calico-bgp.toml",
    known_rules: Collection[str] | None = None,
    of_folder: bool = False,
) -> Config:
    """Read the configuration.

    Args:
        text: The file, TOML 1.0. An empty one is fine.
        source: Its name, for the errors.
        known_rules: The ids that `rule` may have; None to accept any.
        of_folder: Whether the file lies in a folder of which nobody said that it is trusted: then it may set only
            exceptions, output, and hosts and resources of clusters.

    Raises:
        ConfigError: Its `problems` hold every error of the file, with the line where it is known.
    """
    problems = Problems(source)
    lines = split_lines(text)
    document = _toml("\n".join(lines), lines, problems)
    for key in document:
        if key not in _TABLES:
            near = did_you_mean(key, _TABLES)
            problems.add(f"unknown key {key!r}{near}", _line_of(lines, key), None, _EXAMPLE)
    entries = document.get("ignore", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.add("ignore is no list of tables", _line_of(lines, "ignore"), None, _EXAMPLE)
        entries = []
    # A heading inside a multi-line string would shift the numbers: then rather none than wrong ones.
    headings = [number for number, line in enumerate(lines, start=1) if _HEADING.match(line)]
    starts: list[int | None] = [*headings] if len(headings) == len(entries) else [None] * len(entries)
    exceptions = []
    for entry, start in zip(entries, starts, strict=True):
        following = next((number for number in headings if start is not None and number > start), len(lines) + 1)
        exceptions.append(_Entry(entry, start, lines[: following - 1], problems, known_rules).ignore())
    reader = ClusterReader(lines, problems, of_folder=of_folder)
    clusters, default = reader.clusters(document), reader.default_cluster(document)
    output = reader.output(document)
    windows = _windows(document.get("monitor", {}), lines, problems)
    windows += _windows_of_clusters(document.get("clusters"), lines, problems)
    if problems.found:
        raise ConfigError(tuple(sorted(problems.found, key=lambda problem: problem.line or 0)))
    accepted = tuple(entry for entry in exceptions if entry is not None)
    return Config(ignore=accepted, clusters=clusters, default_cluster=default, output=output, maintenance=windows)


def _windows(monitor: Any, lines: list[str], problems: Problems) -> tuple[MaintenanceWindow, ...]:
    """`[[monitor.maintenance]]`."""
    tables = monitor.get("maintenance", []) if isinstance(monitor, dict) else None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.add("monitor.maintenance is no list of tables", _line_of(lines, "monitor"), None, MAINTENANCE_EXAMPLE)
        return ()
    for key in monitor:
        if key != "maintenance":
            near = did_you_mean(key, ("maintenance",))
            problems.add(f"[monitor]: unknown key {key!r}{near}", _line_of(lines, key), None, MAINTENANCE_EXAMPLE)
    starts = [number for number, line in enumerate(lines, start=1) if _WINDOW.match(line)]
    return _read_windows(tables, "[[monitor.maintenance]]", starts, lines, problems)


def _windows_of_clusters(clusters: Any, lines: list[str], problems: Problems) -> tuple[MaintenanceWindow, ...]:
    """`[[clusters.NAME.maintenance]]`: the same tables, of that cluster alone."""
    windows: list[MaintenanceWindow] = []
    for name, cluster in clusters.items() if isinstance(clusters, dict) else ():
        tables = cluster.get("maintenance", []) if isinstance(cluster, dict) else []
        label = f"[[clusters.{name}.maintenance]]"
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            problems.add(f"{label} is no list of tables", _line_of(lines, "maintenance"), None, MAINTENANCE_EXAMPLE)
            continue
        named = [table for table in tables if "cluster" in table]
        if named:
            problems.add(f"{label}: cluster is said twice", _line_of(lines, "cluster"), None, "no key cluster here")
            continue
        path = ("clusters", name, "maintenance")
        starts = [number for number, line in enumerate(lines, start=1) if list_heading(line) == path]
        windows += (replace(w, cluster=name) for w in _read_windows(tables, label, starts, lines, problems))
    return tuple(windows)


def _read_windows(
    tables: list[dict[str, Any]], label: str, starts: list[int], lines: list[str], problems: Problems
) -> tuple[MaintenanceWindow, ...]:
    windows = []
    for place, table in enumerate(tables):
        start = starts[place] if len(starts) == len(tables) else None

        def wrong(message: str, key: str | None, expected: str | None, start: int | None = start) -> None:
            number = start if start is None or key is None else _line_of(lines, key, start) or start
            line = None if number is None else lines[number - 1]
            problems.add(f"{label}: {message}", number, line, expected)

        windows.append(read_window(table, wrong))
    return tuple(window for window in windows if window is not None)


def _toml(text: str, lines: list[str], problems: Problems) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        number = int(at[1]) if at else None
        line = lines[number - 1] if number is not None and number <= len(lines) else None
        problems.add(f"not TOML: {_AT_LINE.sub('', str(error))}", number, line)
    except RecursionError:
        problems.add("not TOML: nested too deeply")
    except ValueError:
        # Python reads no number of more than 4,300 digits.
        problems.add("not TOML: a number has too many digits")
    raise ConfigError(tuple(problems.found))


def _line_of(lines: list[str], key: str, start: int = 1) -> int | None:
    """The line, at or behind `start`, that sets `key` or has it as its heading."""
    bare = re.escape(key)
    pattern = re.compile(rf"\s*(?:\[\[?\s*)?[\"']?{bare}[\"']?\s*(?:[\]=.])")
    return next((number for number, line in enumerate(lines[start - 1 :], start) if pattern.match(line)), None)


class _Entry:
    """One `[[ignore]]` table on its way to an Ignore."""

    def __init__(
        self,
        table: dict[str, Any],
        start: int | None,
        lines: list[str],
        problems: Problems,
        known_rules: Collection[str] | None,
    ) -> None:
        self.table = table
        self.start = start
        self.lines = lines
        self.problems = problems
        self.known_rules = known_rules

    def ignore(self) -> Ignore | None:
        """The exception, None when something in it is wrong; what is wrong is noted."""
        before = len(self.problems.found)
        for key in self.table:
            if key not in _KEYS:
                self._wrong(f"unknown key {key!r}{did_you_mean(key, _KEYS)}", key, "one of " + ", ".join(_KEYS))
        rule = self._text("rule", required="the id of a rule, as the report shows it")
        reason = self._text("reason", required="why this is accepted, for whoever reads the report")
        subject = self._text("subject")
        until = self._date("until")
        if rule is not None and self.known_rules is not None and rule not in self.known_rules:
            near = did_you_mean(rule, self.known_rules)
            self._wrong(f"unknown rule {rule!r}{near}", "rule", "the id of a rule, as the report shows it")
        if len(self.problems.found) > before or rule is None or reason is None:
            return None
        return Ignore(
            rule=rule, reason=reason, subject=subject, until=until, source=self.problems.source, line=self.start
        )

    def _wrong(self, message: str, key: str | None = None, expected: str | None = None) -> None:
        number = self.start
        if number is not None and key is not None:
            number = _line_of(self.lines, key, number) or number
        line = None if number is None else self.lines[number - 1]
        self.problems.add(f"[[ignore]]: {message}", number, line, expected)

    def _text(self, key: str, *, required: str | None = None) -> str | None:
        value = self.table.get(key)
        if value is None and required is None:
            return None
        if value is None:
            self._wrong(f"{key} is missing", None, required)
            return None
        if not isinstance(value, str):
            self._wrong(f"{key} is no text", key, f'{key} = "..."')
            return None
        if not value.strip():
            self._wrong(f"{key} is empty", key, required or "a name or a glob; leave it out for every subject")
            return None
        return value.strip()

    def _date(self, key: str) -> date | None:
        value = self.table.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        expected = f"a date without quotes, such as {key} = 2027-01-31; it is the last day that counts"
        self._wrong(f"{key} is no date", key, expected)
        return None
