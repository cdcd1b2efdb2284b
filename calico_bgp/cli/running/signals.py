"""SIGTERM and SIGHUP end a run as Ctrl-C does: what came in is kept, and the exit code says which signal it was."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

EXIT_INTERRUPTED = 128 + signal.SIGINT


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP came. Who keeps what came in at Ctrl-C keeps it now."""


@contextmanager
def ending_signals() -> Iterator[Callable[[], int]]:
    """Within it these signals interrupt.

    Yields:
        A function: the exit code of an interrupted run, 128 and the number of the last signal (130 for Ctrl-C).
    """
    # One that is ignored (nohup) or is somebody else's stays so.
    ours = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    with _interrupting(ours) as caught:
        yield lambda: 128 + caught[-1] if caught else EXIT_INTERRUPTED


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM is how a service is ended, and no failure; what is under way is given up. Ctrl-C stays what it is."""
    with _interrupting([signal.SIGTERM]) as caught:
        try:
            yield
        except KeyboardInterrupt:
            if not caught:
                raise
            click.echo("calico-bgp: ended by SIGTERM", err=True)


@contextmanager
def _interrupting(numbers: Iterable[signal.Signals]) -> Iterator[list[int]]:
    """Within it these signals interrupt, where they can: in the main thread.

    Yields:
        The numbers of those that came, in their order.
    """
    caught: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        caught.append(number)
        raise Terminated(signal.Signals(number).name)

    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, interrupt) for number in numbers} if is_main else {}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell_interrupted() -> int:
    """Say that an answer is of what had been read when Ctrl-C came; the exit code of such an end."""
    click.echo("calico-bgp: interrupted; this is what had been read so far", err=True)
    return EXIT_INTERRUPTED
