"""What fails while it judges costs itself and nothing else, and is told at the end of the report. Judges nothing.

A fix is tried deep inside a family of causes, and a consequence inside a finding: what collects is therefore found by
a context variable, as `warnings.catch_warnings` does, and not handed through every signature between.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import PurePath
from traceback import extract_tb

from calico_bgp.model.reports.report import NotChecked

_log = logging.getLogger(__name__)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that could not be done: because of a mistake of ours, or for want of what it needs.

    Attributes:
        what: What it was.
        why: The error, and where.
        matters: Whether a report without it may not say that all is well.
    """

    what: str
    why: str
    matters: bool

    def as_not_checked(self) -> NotChecked:
        """As the report says it."""
        return NotChecked(what=self.what, why=self.why)


class Lacking(Exception):
    """What is asked for was not read: no mistake, and no answer. Who asks ends there, and the report says why."""


_collected: ContextVar[list[Failure] | None] = ContextVar("calico_bgp failures", default=None)


@contextmanager
def collecting() -> Iterator[list[Failure]]:
    """Within it `sheltered` keeps failures, in the list that this gives; each is there once."""
    found: list[Failure] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


@contextmanager
def sheltered(what: str, *, matters: bool = False) -> Iterator[None]:
    """A failure within it ends only this block. Where nobody collects, it is raised as ever: a test wants to see it."""
    failures = _collected.get()
    try:
        yield
    except Lacking as lacking:
        if failures is None:
            raise
        _keep(failures, Failure(what, str(lacking), matters=False))
    except Exception as error:
        if failures is None:
            raise
        _log.info("%s failed", what, exc_info=True)
        _keep(failures, Failure(what, _why(error), matters))


def _keep(failures: list[Failure], failure: Failure) -> None:
    if failure not in failures:
        failures.append(failure)


def _why(error: Exception) -> str:
    """`calico_bgp failed: KeyError: 'node1' (rules/nodes.py:63); please report it`."""
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "calico_bgp" in PurePath(frame.filename).parts] or list(frames)
    place = ours[-1]
    where = "/".join(PurePath(place.filename).parts[-2:])
    message = f"{type(error).__name__}: {error}"[:_LONGEST]
    return f"calico_bgp failed: {message} ({where}:{place.lineno}); please report it"
