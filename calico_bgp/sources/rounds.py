"""The second round: whose routes are whose by their hashes, and who is asked once more. No connections here.

Nothing is sampled: in the end each node's routes are proven to be those of one that sent them, or came from itself, or
count as not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import replace

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading

#: Nodes that differ and are asked at once: so many, or this part of all.
_FEW, _PART = 64, 20
#: Rounds in which nodes of each kind are asked, twice as many each time, before all are that are left.
_MOST_ROUNDS = 5


def with_routes(
    hosts: Sequence[Host],
    readings: Sequence[NodeReading],
    ask: Callable[[Sequence[Host]], Iterable[NodeReading | GatherFailure]],
) -> Generator[NodeReading, None, None]:
    """The readings of which hashes stood for routes, with these; those that were asked again are new ones.

    Args:
        hosts: All that were read.
        readings: What they said, in whatever order.
        ask: Asks some once more, with all of their routes.

    Yields:
        Each reading that changed, as soon as it is known; what is not yielded stands as it is.
    """
    by_label = {host.label: host for host in hosts}
    lacking = [reading for reading in readings if reading.lacks_routes]
    if not lacking:
        return
    from calico_bgp.sources.node.table_classes import TableClasses  # noqa: PLC0415 - few runs need it

    classes = TableClasses()
    for reading in readings:
        classes.add(reading)
    few = max(_FEW, len(readings) // _PART)
    for number in range(_MOST_ROUNDS + 1):
        left = []
        for reading in classes.explained(lacking):
            if reading.lacks_routes:
                left.append(reading)
            else:
                yield reading
        lacking = left
        chosen = lacking if len(lacking) <= few or number == _MOST_ROUNDS else _of_each_kind(lacking, 2 ** (number + 1))
        waiting = {reading.host: reading for reading in chosen}
        results = ask([by_label[label] for label in waiting]) if waiting else ()
        for result in results:
            before = waiting.pop(result.host, None)
            if before is None:
                continue
            if isinstance(result, NodeReading) and not result.lacks_routes:
                classes.add(result)
                yield result
            else:
                why = result.message if isinstance(result, GatherFailure) else "it sent a hash again"
                yield without_routes(before, why)
        for reading in waiting.values():
            yield without_routes(reading, "it gave no answer")
        again = {reading.host for reading in chosen}
        lacking = [reading for reading in lacking if reading.host not in again]
        if not lacking:
            return


def without_routes(reading: NodeReading, why: str) -> NodeReading:
    """The reading of a node whose routes through gateways did not come: its tables are parts, and say why.

    One that lacks none stays as it is.
    """
    if not reading.lacks_routes:
        return reading

    not_sent = "its routes through gateways were not sent, as no other node's are the same"
    reason = f"{not_sent}, and could not be asked for: {why}"
    tables = tuple(
        replace(table, bird_hash=None, kernel_hash=None, not_read="; ".join(filter(None, (table.not_read, reason))))
        if table.lacks_routes
        else table
        for table in reading.tables
    )
    return reading.model_copy(update={"tables": tables})


def _of_each_kind(readings: Sequence[NodeReading], number: int) -> list[NodeReading]:
    """Some of those that stand alike, spread over the inventory, two neighbours at a time."""
    kinds: dict[tuple[str, ...], list[NodeReading]] = defaultdict(list)
    for reading in readings:
        hashes = (each for table in reading.tables for each in (table.bird_hash, table.kernel_hash))
        kinds[tuple(each.shape for each in hashes if each is not None)].append(reading)
    chosen: list[NodeReading] = []
    for alike in kinds.values():
        step = max(2, len(alike) * 2 // number)
        chosen += [reading for place, reading in enumerate(alike) if place % step < 2]
    return chosen
