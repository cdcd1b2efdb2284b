"""Tries mutants: most in a fork of one process that has imported all tests, others in one that imports them anew."""

from __future__ import annotations

import ast
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from types import CodeType

import pytest

from tests.mutants.child import OPTIONS, OneModule, Patient, Tried, bounded, try_tests
from tests.mutants.experience import Experience
from tests.mutants.in_place import changed, functions_in, put_in
from tests.mutants.mutant import PACKAGE, Mutant, in_order
from tests.mutants.mutations import mutated
from tests.mutants.results import BROKEN, NOTICED, SURVIVED, Results
from tests.mutants.seconds import seconds_of_tests

#: How many test files are imported anew for one fault, at most.
_FILES = 25
#: Without CPU time a process waits for nothing that will come.
_LONGEST = 3600.0


def try_in_place(todo: Sequence[Mutant], results: Results, seconds: float, jobs: int, deadline: float) -> None:
    """Those whose faults are in functions, each in a fork of one process that has imported everything."""
    parent, child = os.getpid(), os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit("the tests cannot be collected")
        return
    status = 1
    try:
        files = sorted({test.partition("::")[0] for mutant in todo for test in mutant.tests})
        loop = _InPlace(todo, results, seconds, jobs, lambda: time.monotonic() > deadline or os.getppid() != parent)
        pytest.main([*OPTIONS, *files], plugins=[Patient(), loop])
        status = 0 if loop.has_run else 1
    finally:
        sys.stdout.flush()
        os._exit(status)


def try_anew(todo: Sequence[Mutant], results: Results, seconds: float, jobs: int, deadline: float) -> None:
    """Those whose faults count when a module is imported."""

    def start(mutant: Mutant) -> int:
        child = os.fork()
        if not child:
            with bounded():
                sys.meta_path.insert(0, OneModule(mutant.module, mutant.file, _code(mutant)))
                one = _Anew(mutant, results, seconds)
                pytest.main([*OPTIONS, *mutant_files(mutant)], plugins=[Patient(), one])
                if not one.has_run:  # It cannot be imported.
                    results.add(mutant, NOTICED, Tried(), anew=True)
                os._exit(0)
        return child

    _each(todo, start, results, jobs, lambda: time.monotonic() > deadline, anew=True)


def mutant_files(mutant: Mutant) -> list[str]:
    """The test files that lie nearest."""
    return list(dict.fromkeys(t.partition("::")[0] for t in in_order(mutant, {})))[:_FILES]


class _InPlace:
    """A plugin of pytest: instead of running the tests, fork for each mutant."""

    def __init__(
        self, todo: Sequence[Mutant], results: Results, seconds: float, jobs: int, is_over: Callable[[], bool]
    ) -> None:
        self.todo, self.results, self.seconds, self.jobs, self.is_over = todo, results, seconds, jobs, is_over
        self.has_run = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        self.has_run = True
        items = {item.nodeid: item for item in session.items}
        seconds = seconds_of_tests(session.config)
        for module in {mutant.module for mutant in self.todo}:
            import_module(module)
        functions = functions_in(PACKAGE)
        experience = Experience()
        gc.freeze()

        def start(mutant: Mutant) -> int:
            for result in self.results.new():
                if result.failed:
                    experience.add(result.key[0], result.failed)
            child = os.fork()
            if not child:
                with bounded():
                    codes = _in_functions(mutant)
                    if not codes or not put_in(codes, functions):
                        self.results.add(mutant, BROKEN, Tried(), anew=False)
                        os._exit(0)
                    own = [items[test] for test in in_order(mutant, seconds, experience) if test in items]
                    _told(mutant, try_tests(session, own, seconds, self.seconds), self.results, anew=False)
            return child

        _each(self.todo, start, self.results, self.jobs, self.is_over, anew=False)
        noticed = {result.failed for result in self.results.of(list(self.todo)).values()}
        _tell_of_false_alarms([item for test, item in items.items() if test in noticed])
        return True


def _tell_of_false_alarms(items: Sequence[pytest.Item]) -> None:
    """What fails here without any fault has noticed none."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    for item in items:
        before = item.session.testsfailed
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if item.session.testsfailed > before:
            print(f"FAILS WITHOUT A FAULT {item.nodeid}", flush=True)
    os._exit(0)


class _Anew:
    """A plugin of pytest: run the tests of one mutant, in their order."""

    def __init__(self, mutant: Mutant, results: Results, seconds: float) -> None:
        self.mutant, self.results, self.seconds, self.has_run = mutant, results, seconds, False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:  # Some test file cannot be imported.
            return True
        self.has_run = True
        items = {item.nodeid: item for item in session.items}
        seconds = seconds_of_tests(session.config)
        own = [items[test] for test in in_order(self.mutant, seconds) if test in items]
        _told(self.mutant, try_tests(session, own, seconds, self.seconds), self.results, anew=True)
        return True


def _told(mutant: Mutant, tried: Tried, results: Results, *, anew: bool) -> None:
    results.add(mutant, NOTICED if tried.failed else SURVIVED, tried, anew=anew)
    os._exit(0)


def _each(
    todo: Iterable[Mutant],
    start: Callable[[Mutant], int],
    results: Results,
    jobs: int,
    is_over: Callable[[], bool],
    *,
    anew: bool,
) -> None:
    """Start each in a process of its own, never more than `jobs` at once, and none when it is over."""
    waiting, running = list(reversed(list(todo))), {}
    while waiting or running:
        while waiting and len(running) < jobs and not is_over():
            mutant = waiting.pop()
            running[start(mutant)] = mutant, time.monotonic()
        if not running:
            return
        for child, (mutant, began) in list(running.items()):
            if time.monotonic() > began + _LONGEST:
                os.kill(child, signal.SIGKILL)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                del running[child]
                if status:  # It ran on for ever, or took all memory: whoever runs the tests notices.
                    results.add(mutant, NOTICED if os.WIFSIGNALED(status) else BROKEN, Tried(), anew=anew)
        time.sleep(0.02)


def _in_functions(mutant: Mutant) -> dict[CodeType, CodeType] | None:
    """Which function's code becomes what; None where more changes than functions."""
    return changed(_compiled(ast.parse(mutant.file.read_text()), mutant.file), _code(mutant))


def _code(mutant: Mutant) -> CodeType:
    return _compiled(mutated(mutant.file.read_text(), mutant.mutation.number), mutant.file)


def _compiled(tree: ast.Module, file: Path) -> CodeType:
    # Without what is imported from __future__ here.
    return compile(tree, str(file), "exec", dont_inherit=True)
