"""Rules of others: what installed packages offer by entry points. Never what lies in the current folder.

A package names them in its pyproject.toml:

    [project.entry-points."calico_bgp.rules"]
    releases-differ = "our_rules:releases_differ"

An entry point is a Rule (`calico_bgp.rule`) or several in a list. Rules of the audit have the group `calico_bgp.rules`,
those of the lint `calico_bgp.lint_rules`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import EntryPoint, distributions
from itertools import chain
from typing import Any, NamedTuple

from calico_bgp.rules.catalogue import ALL_IDS
from calico_bgp.rules.rule import Rule

AUDIT_GROUP = "calico_bgp.rules"
LINT_GROUP = "calico_bgp.lint_rules"


class Installed(NamedTuple):
    """What was found.

    Attributes:
        rules: In order of the entry points' names.
        problems: What could not be used and why, a sentence each. It costs nothing else.
    """

    rules: tuple[Rule, ...]
    problems: tuple[str, ...]


def installed_rules(group: str = AUDIT_GROUP) -> Installed:
    """The rules that installed packages offer.

    Args:
        group: AUDIT_GROUP or LINT_GROUP.
    """
    rules: dict[str, Rule] = {}
    problems = []
    with _without_the_current_folder():
        for point in (point for point in _entry_points(tuple(sys.path)) if point.group == group):
            where = f"{point.name} ({point.value}, of {point.dist.name if point.dist else 'a package'})"
            try:
                own_rules = list(_rules(point.load()))
            except Exception as error:  # noqa: BLE001 - the code of others must not cost the audit
                problems.append(f"own rule {where} cannot be used: {type(error).__name__}: {error}")
                continue
            for rule in own_rules:
                if rule.id in ALL_IDS or rule.id in rules:
                    problems.append(f"own rule {where} cannot be used: there is a rule {rule.id} already")
                else:
                    rules[rule.id] = rule
    return Installed(tuple(rules.values()), tuple(problems))


@lru_cache(maxsize=1)
def _entry_points(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """In order of their names; of a package that is there twice, the first, which is the one that is imported.

    All packages are looked through: once for both groups, and for their names, which takes ten times as long, only
    where one of them offers rules.
    """
    packages = list(distributions(path=list(path)))
    offered = [[point for point in each.entry_points if point.group in (AUDIT_GROUP, LINT_GROUP)] for each in packages]
    if not any(offered):
        return ()
    first: dict[str, list[EntryPoint]] = {}
    for package, points in zip(packages, offered, strict=True):
        first.setdefault(package.name, points)
    return tuple(sorted(chain(*first.values()), key=lambda point: (point.name, point.value)))


def _rules(loaded: Any) -> Iterator[Rule]:
    for each in (loaded,) if isinstance(loaded, Rule) or not isinstance(loaded, Iterable) else loaded:
        if not isinstance(each, Rule):
            raise TypeError(f"{type(each).__name__} is no Rule; make one with calico_bgp.rule")
        yield each


class _without_the_current_folder:  # noqa: N801 - reads as the statement that it is
    """Takes off sys.path what Python itself puts there for `-c` and at a prompt: the folder one happens to be in."""

    def __enter__(self) -> None:
        self._path = sys.path
        sys.path = [entry for entry in sys.path if entry not in ("", ".")]

    def __exit__(self, *_: object) -> None:
        sys.path = self._path
