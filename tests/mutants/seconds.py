"""A plugin of pytest for `make coverage`: how long each test takes, kept in pytest's cache. Chooses nothing."""

from __future__ import annotations

from collections import defaultdict

import pytest

_KEY = "mutants/seconds"


class _Seconds:
    """Adds up setup, call and teardown of each test."""

    def __init__(self) -> None:
        self.of_test: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.of_test[report.nodeid] += report.duration

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        session.config.cache.set(_KEY, {test: round(seconds, 3) for test, seconds in self.of_test.items()})


def pytest_configure(config: pytest.Config) -> None:
    """Workers of pytest-xdist tell the process that started them, which keeps it."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Seconds())


def seconds_of_tests(config: pytest.Config) -> dict[str, float]:
    """Node id → seconds, as the last `make coverage` saw them."""
    return config.cache.get(_KEY, {})
