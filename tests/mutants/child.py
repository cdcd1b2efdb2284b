"""One mutant: a process of its own in which one module has one fault, and pytest runs. Chooses nothing."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import resource
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

import pytest

#: pytest's own: a test failed, collection failed.
_KILLED = (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
SURVIVED, KILLED, BROKEN = 0, 1, 2
_MEMORY = 2 << 30


class _Mutant(importlib.abc.MetaPathFinder, importlib.abc.Loader):
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


def start(name: str, file: Path, code: Callable[[], CodeType], tests: Sequence[str], seconds: int) -> int:
    """Fork; the child's number, whose exit code is one of the three above.

    Args:
        name: The module.
        file: Its file.
        code: Makes what it is to be.
        tests: Node ids of pytest.
        seconds: CPU time for it.
    """
    child = os.fork()
    if child:
        return child
    code_of_exit = BROKEN
    try:
        # It reads and answers nothing, and can neither run on nor eat all memory: faults make endless loops.
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        sys.meta_path.insert(0, _Mutant(name, file, code()))
        options = ["-x", "-q", "-p", "no:cacheprovider", "-o", "timeout=0", "-p", "no:xdist"]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            ended = pytest.main([*options, *tests])
        code_of_exit = KILLED if ended in _KILLED else SURVIVED if ended == pytest.ExitCode.OK else BROKEN
    finally:
        os._exit(code_of_exit)
