"""Several labs of the catalogue at once, each with a rig of its own: a rig mostly waits for BIRD's timers."""

from __future__ import annotations

import queue
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self, TypeVar

from tests.rig.catalogue.both_ways import THROUGH_API
from tests.rig.catalogue.lab import CatalogueLab
from tests.rig.machines.calico_rig import TOPOLOGIES

T = TypeVar("T")

#: Labs of each topology. Two cores keep up with as many: with more, nodes answer late and audits time out.
EACH = 2


class Worlds:
    """Labs that take work as it comes; a context manager.

    Args:
        folder: Empty.
        each: How many labs there are of each topology.
        topologies: Which.
        keep: Where labs leave a snapshot of what was explained wrongly.
        through_api: The faults that are audited through Kubernetes as well.
    """

    def __init__(
        self,
        folder: Path,
        *,
        each: int = EACH,
        topologies: tuple[str, ...] = TOPOLOGIES,
        keep: Path | None = None,
        through_api: Collection[str] = THROUGH_API,
    ) -> None:
        self._folder = folder
        self._each = each
        self._topologies = topologies
        self._keep = keep
        self._through_api = through_api
        self._free: dict[str, queue.SimpleQueue[CatalogueLab]] = {name: queue.SimpleQueue() for name in topologies}
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for topology in self._topologies:
                for number in range(1, self._each + 1):
                    folder = self._folder / f"{topology}-{number}"
                    self._free[topology].put(stack.enter_context(self._lab(topology, folder)))
            for topology in self._topologies:  # they end before the labs do
                threads = stack.enter_context(ThreadPoolExecutor(self._each, thread_name_prefix=topology))
                stack.callback(threads.shutdown, cancel_futures=True)
                self._threads[topology] = threads
            self._stack = stack.pop_all()
        return self

    def _lab(self, topology: str, folder: Path) -> CatalogueLab:
        return CatalogueLab(topology, folder, keep=self._keep, through_api=self._through_api)

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def submit(self, topology: str, work: Callable[[CatalogueLab], T]) -> Future[T]:
        """Let the next lab of the topology that is free do it."""

        def done() -> T:
            lab = self._free[topology].get()
            try:
                return work(lab)
            finally:
                self._free[topology].put(lab)

        return self._threads[topology].submit(done)
