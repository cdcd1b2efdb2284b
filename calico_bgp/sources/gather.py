"""gather(): ask a gatherer about all hosts and put what comes back into one Snapshot. No SSH and no threads here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Protocol, TypeAlias, runtime_checkable

from calico_bgp.errors import CommandFailed, GatherError
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Address
from calico_bgp.model.reading import GatherFailure, NodeReading, Silent, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.sources.rounds import with_routes, without_routes

_log = logging.getLogger(__name__)

Result: TypeAlias = NodeReading | GatherFailure


class Gatherer(Protocol):
    """Where readings come from. It works on the batch, so that one call to a cluster's API could serve all hosts."""

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        """Yield one result per host, in the order in which they come in. Never raises for what a node does.

        Closing the iterator early ends the work and closes every connection.
        """
        ...


@runtime_checkable
class AsksTwice(Protocol):
    """A gatherer that may yield hashes in the place of routes."""

    def read_whole(self, hosts: Sequence[Host]) -> Iterator[Result]:
        """As `read`, with all routes."""
        ...


class GatherInterrupted(KeyboardInterrupt):
    """Ctrl-C while gathering. It is a KeyboardInterrupt: whoever does not care need not know it.

    Attributes:
        snapshot: What had come in, with `complete=False`.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__("interrupted while gathering")
        self.snapshot = snapshot

    def __reduce__(self) -> tuple[type[GatherInterrupted], tuple[Snapshot]]:
        return type(self), (self.snapshot,)


def gather(
    hosts: Iterable[Host],
    gatherer: Gatherer,
    *,
    on_result: Callable[[Host, Result], object] | None = None,
    on_round: Callable[[Sequence[Host]], object] | None = None,
    now: datetime | None = None,
    cluster: str | None = None,
) -> Snapshot:
    """Read every host and return one snapshot.

    Synchronous: call it anywhere, also where an event loop runs (Jupyter).

    Args:
        hosts: The inventory, from `parse_hosts`.
        gatherer: For example `SSHGatherer(SSHOptions())`.
        on_result: Called with each result as it comes in, in this thread; for a progress bar.
        on_round: Called with the hosts that are asked once more, as their routes are nobody else's, before that;
            `on_result` is then called with them again.
        now: When the gathering began (aware); the clock when None.
        cluster: A name for the snapshot.

    Returns:
        A snapshot with a reading or a failure for every host, in the order of `hosts`.

    Raises:
        GatherInterrupted: Ctrl-C; it carries what had come in.
    """
    inventory = tuple(hosts)
    began = now or datetime.now(UTC)
    results: dict[str, Result] = {}
    interrupted = False
    try:
        _collect(inventory, results, gatherer, on_result)
        if isinstance(gatherer, AsksTwice):
            _complete(inventory, results, gatherer, on_result, on_round)
    except KeyboardInterrupt:
        interrupted = True
    for label, result in results.items():
        if isinstance(result, NodeReading):
            results[label] = without_routes(result, "the reading was ended")
    snapshot = _snapshot(inventory, results, began, cluster, complete=not interrupted)
    if interrupted:
        raise GatherInterrupted(snapshot)
    return snapshot


def _collect(
    inventory: Sequence[Host],
    results: dict[str, Result],
    gatherer: Gatherer,
    on_result: Callable[[Host, Result], object] | None,
) -> None:
    """Take one result after the other; where the gatherer fails, a host without one gets a failure."""
    by_label = {host.label: host for host in inventory}
    with _ended(gatherer.read(inventory)) as stream:
        while True:
            try:
                result = next(stream, None)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not cost what has come in
                _log.info("the gatherer failed", exc_info=True)
                results |= _failure_of_each(inventory, error) | results
                return
            if result is None:
                return
            results[result.host] = result
            if on_result is not None:
                on_result(by_label[result.host], result)  # what this raises is the caller's own


@contextmanager
def _ended(stream: Iterator[Result]) -> Iterator[Iterator[Result]]:
    """End the work of a stream that is left early, where it can be ended: any iterator will do as a stream."""
    try:
        yield stream
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()


def _complete(
    inventory: Sequence[Host],
    results: dict[str, Result],
    gatherer: AsksTwice,
    on_result: Callable[[Host, Result], object] | None,
    on_round: Callable[[Sequence[Host]], object] | None,
) -> None:
    """Put routes in the place of hashes."""
    by_label = {host.label: host for host in inventory}

    def ask(hosts: Sequence[Host]) -> Iterator[Result]:
        if on_round is not None:
            on_round(hosts)
        with _ended(gatherer.read_whole(hosts)) as stream:
            for result in stream:
                yield result
                if on_result is not None:
                    on_result(by_label[result.host], result)

    # In the order of the inventory, so that the same answers always give the same snapshot.
    in_order = (results.get(host.label) for host in inventory)
    readings = [result for result in in_order if isinstance(result, NodeReading)]
    try:
        with closing(with_routes(inventory, readings, ask)) as completed:
            for reading in completed:
                results[reading.host] = reading
    except Exception:  # noqa: BLE001 - a mistake of ours must not cost what has come in; what lacks routes says so
        _log.warning("routes could not be put in the place of hashes", exc_info=True)


def failure_of(host: Host, error: GatherError, *, raw: str = "", ssh_address: Address | None = None) -> GatherFailure:
    """What went wrong with a host, as a value."""
    return GatherFailure(
        host=host.label,
        node=host.node,
        stage=Stage(error.stage),
        message=error.message,
        hint=error.hint,
        reason=error.reason,
        option=error.option,
        remedy=error.remedy,
        ssh_address=ssh_address,
        silent=None if error.silent is None else Silent(error.silent),
        raw=raw,
    )


def _failure_of_each(inventory: Sequence[Host], error: Exception) -> dict[str, Result]:
    """A failure for every host."""
    why = CommandFailed(
        f"calico_bgp failed while it read the nodes: {type(error).__name__}: {error}", "please report it"
    )
    return {host.label: failure_of(host, why) for host in inventory}


def _snapshot(
    inventory: tuple[Host, ...], results: dict[str, Result], began: datetime, cluster: str | None, *, complete: bool
) -> Snapshot:
    in_order = [results[host.label] for host in inventory if host.label in results]
    return Snapshot(
        cluster=cluster,
        hosts=inventory,
        taken_at=began,
        complete=complete and len(in_order) == len(inventory),
        readings=tuple(result for result in in_order if isinstance(result, NodeReading)),
        failures=tuple(result for result in in_order if isinstance(result, GatherFailure)),
    )
