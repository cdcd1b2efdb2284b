"""What came of a case of the catalogue: values, and their JSON. Nothing here runs anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

#: (kind, names) of a cause.
Named = tuple[str, frozenset[str]]


@dataclass
class Outcome:
    """What came of a case.

    Attributes:
        title: Whose.
        causes: (kind, names) of all causes, in order.
        wanted: Those that there should be, the first one first.
        by_tables: Those without resources; None where it was not tried.
        tables_tell: Whether the tables alone tell as well.
        failed_before: Whether the audit failed while it was broken; None where nothing was to be fixed.
        failed_after_nothing: Likewise after commands that do nothing.
        healed: Whether it was clean after the fix; None where nothing was to be fixed.
        ran: The commands.
        harmed: Sessions that were up before the commands and are not after them.
        innocent: Nodes that causes name and that have nothing to do with it, with or without resources.
        missing: Routes that BIRDs lacked while it was broken: one for each node, family and other node.
        better: Which verdicts were better than the truth: `with resources: healthy, exit 0`.
        trouble: Why it is not as it should be, or what went wrong on the way.
        seconds: How long it took.
    """

    title: str
    causes: list[Named] = field(default_factory=list)
    wanted: list[Named] = field(default_factory=list)
    by_tables: list[Named] | None = None
    tables_tell: bool = False
    failed_before: bool | None = None
    failed_after_nothing: bool | None = None
    healed: bool | None = None
    ran: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    innocent: list[str] = field(default_factory=list)
    missing: int = 0
    better: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_first(self) -> bool:
        """Whether the injected fault is the first cause."""
        return bool(self.causes) and self.causes[0] in self.wanted

    @property
    def is_all(self) -> bool:
        """Whether every injected fault is named, and nothing else."""
        return _sorted(self.causes) == _sorted(self.wanted)

    @property
    def is_told_by_tables(self) -> bool:
        """Whether the tables alone told as well, where they can."""
        return not self.tables_tell or self.by_tables is None or _sorted(self.by_tables) == _sorted(self.wanted)

    @property
    def is_good(self) -> bool:
        """Whether everything is as it should be."""
        faults = (self.trouble, self.harmed, self.innocent, self.better)
        return self.is_all and self.is_told_by_tables and self.healed is not False and not any(faults)

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {key: _plain(getattr(self, key)) for key in ("causes", "wanted", "by_tables")}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        return cls(**dict(value) | {key: _named(value[key]) for key in ("causes", "wanted", "by_tables")})


def _sorted(causes: Iterable[Named]) -> list[tuple[str, list[str]]]:
    return sorted((kind, sorted(names)) for kind, names in causes)


def _plain(causes: Iterable[Named] | None) -> list[tuple[str, list[str]]] | None:
    return None if causes is None else [(kind, sorted(names)) for kind, names in causes]


def _named(causes: Iterable[tuple[str, Iterable[str]]] | None) -> list[Named] | None:
    return None if causes is None else [(kind, frozenset(names)) for kind, names in causes]
