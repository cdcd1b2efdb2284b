"""An event loop in a thread of its own, so that callers need none and may have one (Jupyter). It knows no API."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from calico_bgp.model import validators

T = TypeVar("T")
#: How long the loop may take to end its tasks before it is left to end with the process.
_PATIENCE = 2.0


class BackgroundLoop:
    """Runs coroutines for synchronous callers. Use it in a `with` block; leaving it cancels what still runs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="calico-bgp-kubernetes", daemon=True)

    def __enter__(self) -> Self:
        validators.make_all()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(_PATIENCE)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result. An interrupt (Ctrl-C) cancels it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stream(self, values: AsyncIterator[T]) -> Iterator[T]:
        """The values as they come. Closing the iterator early cancels what makes them."""
        came: queue.SimpleQueue[tuple[T] | None] = queue.SimpleQueue()

        async def pump() -> None:
            try:
                async for value in values:
                    came.put((value,))
            finally:
                came.put(None)

        future = asyncio.run_coroutine_threadsafe(pump(), self._loop)
        try:
            while (value := came.get()) is not None:
                yield value[0]
            future.result()
        finally:
            future.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            with suppress(RuntimeError):
                self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
                self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _stop(self) -> None:
        self._loop.stop()
