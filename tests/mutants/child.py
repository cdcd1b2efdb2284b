"""What a process with one fault has: the module, bounds, and tests that run until one fails. Chooses nothing."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

#: No timeout by the clock: others use the machine as well.
OPTIONS = ("-q", "-p", "no:xdist", "-p", "no:cov", "-o", "timeout=0")
_MEMORY = 3 << 30
#: A test may take so much longer with a fault than without, and some seconds.
_LONGER, _SECONDS = 10, 20


@dataclass(frozen=True)
class Tried:
    """How many tests ran, until one failed or the time was over, and which failed."""

    tests: int = 0
    failed: str | None = None


class OneModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module out of code instead of its file."""

    def __init__(self, name: str, file: Path, code: CodeType) -> None:
        self.name, self.file, self.code = name, file, code

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.file, loader=self)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


class Patient:
    """A plugin: nothing is too slow for hypothesis. Tests take their settings when they are imported: later."""

    def pytest_sessionstart(self) -> None:
        # pytest wants to import it first.
        from hypothesis import HealthCheck, settings

        slow = (HealthCheck.too_slow,)
        settings.register_profile("patient", settings.get_profile("calico_bgp"), suppress_health_check=slow)
        settings.load_profile("patient")


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """This process answers nobody, cannot eat all memory, and is gone afterwards."""
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        yield
    finally:
        os._exit(1)


def try_tests(
    session: pytest.Session, items: Sequence[pytest.Item], seconds: Mapping[str, float], all_seconds: float
) -> Tried:
    """Run tests until one fails. The kernel ends the process where a test runs on.

    Args:
        session: Theirs.
        items: The tests.
        seconds: What each takes.
        all_seconds: Of CPU time, after which no other test begins.
    """
    end = _cpu_seconds() + all_seconds
    for number, (item, following) in enumerate(zip(items, (*items[1:], None), strict=True)):
        if _cpu_seconds() > end:
            return Tried(number, None)
        limit = int(_cpu_seconds() + _SECONDS + _LONGER * seconds.get(item.nodeid, 1.0))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return Tried(number + 1, item.nodeid)
    return Tried(len(items), None)


def _cpu_seconds() -> float:
    times: Any = os.times()
    return times.user + times.system
