"""Standard input, output and error that no reader who leaves and no shell that closes them can turn into a failure.

What may not enter: words of a report, exit codes.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

#: The reader of a pipe has gone; the terminal has gone.
_GONE = frozenset({errno.EPIPE, errno.EIO})
_LONGEST_WAIT = 60.0
_STREAMS = ("stdin", "stdout", "stderr")


class _Output(io.FileIO):
    """A descriptor to write to; what nobody reads any more is dropped, so that the command still ends as it should.

    Args:
        descriptor: It stays open.
        drops_all: Whether to drop whatever cannot be written (standard error: a message never ends a run).
    """

    def __init__(self, descriptor: int, *, drops_all: bool = False) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._drops_all = drops_all
        self._is_gone = False

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write, or drop what nobody reads."""
        size = memoryview(data).nbytes
        if self._is_gone:
            return size
        try:
            while (written := super().write(data)) is None:
                # Whoever shares the terminal made it non-blocking.
                select.select([], [self], [], _LONGEST_WAIT)
        except OSError as error:
            # Python tries again when it ends; once is enough.
            self._is_gone = True
            if error.errno not in _GONE and not self._drops_all:
                raise
            return size
        return written


class _Closed(io.RawIOBase):
    """In the place of a standard stream that the caller has closed (`>&-`): using it says so."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def readable(self) -> bool:
        """As standard input."""
        return True

    def writable(self) -> bool:
        """As standard output."""
        return True

    def readinto(self, buffer: object) -> int:
        """Refuse."""
        del buffer
        raise self._error()

    def write(self, data: object) -> int:
        """Refuse."""
        del data
        raise self._error()

    def _error(self) -> OSError:
        return OSError(errno.EBADF, f"standard {self.name} is closed")


def is_ascii_asked_for() -> bool:
    """Whether nothing but ASCII is to be shown: by LC_ALL=C, of which Python says UTF-8 all the same (PEP 540)."""
    said_otherwise = {"PYTHONUTF8", "PYTHONIOENCODING"}.intersection(os.environ)
    return os.environ.get("LC_ALL") in {"C", "POSIX"} and not said_otherwise


@contextmanager
def steady_streams() -> Iterator[None]:
    """Within it the standard streams are there and behave. Those that somebody has replaced (a test) stay."""
    _occupy()
    before = {name: getattr(sys, name) for name in _STREAMS}
    for name in _STREAMS:
        stream = before[name]
        if stream is None or stream is getattr(sys, f"__{name}__"):
            setattr(sys, name, _steady(name, stream))
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        for name, stream in before.items():
            # Python flushes the old ones at its end; they hold nothing, for all was written through the new ones.
            setattr(sys, name, stream)


def _occupy() -> None:
    """Let no file of ours get the number of a stream that the caller has closed: a message would be written into it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != descriptor:
                os.dup2(null, descriptor)
                os.close(null)


def _steady(name: str, stream: TextIO | None) -> TextIO | None:
    if stream is None:
        if name == "stderr":
            return _text(_Output(2, drops_all=True), "utf-8", "backslashreplace")
        closed = _Closed("input" if name == "stdin" else "output")
        if name == "stdin":
            return io.TextIOWrapper(io.BufferedReader(closed), encoding="utf-8")
        return _text(closed, "utf-8", "strict")
    if name == "stdin":
        return stream
    with suppress(OSError, ValueError):
        stream.flush()
        output = _Output(stream.fileno(), drops_all=name == "stderr")
        # Of standard error rich asks what a bar may be made of. Messages keep every letter of a name: click sees to it.
        is_ascii = name == "stderr" and is_ascii_asked_for()
        return _text(output, "ascii" if is_ascii else stream.encoding, stream.errors or "strict")
    return stream


def _text(raw: io.RawIOBase, encoding: str, errors: str) -> TextIO:
    is_terminal = raw.isatty()
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=is_terminal or errors != "strict"
    )
