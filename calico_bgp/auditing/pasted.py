"""A snapshot from pasted texts, which have no inventory and therefore lack no nodes but those that they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.pasted.hosts.reasons import explain_silence
from calico_bgp.parse.pasted.reader import says_something
from calico_bgp.parse.pasted.same_names import names_of_several


def _without_names_of_several(statuses: tuple[NodeStatus, ...], known_names: Container[str]) -> Iterator[NodeStatus]:
    """The statuses; a name that several machines give themselves, such as `ubuntu`, is no node's."""
    several = names_of_several(
        status for status in statuses if status.node not in known_names and says_something(status)
    )
    count: Counter[str] = Counter()
    for status in statuses:
        if status.node not in several:
            yield status
            continue
        count[status.node] += 1
        yield status.model_copy(update={"node": None, "host": f"{status.node} ({count[status.node]})"})


def snapshot_from_pasted(
    statuses: Iterable[NodeStatus], *, cluster: str | None = None, known: Iterable[Host] = ()
) -> Snapshot:
    """Each status becomes the reading of a node; one that only says why there is no answer becomes a failure.

    A node is called by its name, else by what the text calls it, else by `file:line` where its text begins; where
    several begin in one line, as side by side in a terminal or in one line of JSON, with a number behind.

    Args:
        statuses: From `parse_pasted()`.
        cluster: A name for the cluster.
        known: Hosts that an inventory or the text names beside the tables: they give names, roles and addresses.
    """
    known = tuple(known)
    readings: list[NodeReading] = []
    failures: list[GatherFailure] = []
    nameless: Counter[str] = Counter()
    for status in _without_names_of_several(tuple(statuses), {host.node or host.label for host in known}):
        label = status.host
        if label is None:
            place = f"{'stdin' if status.source == '-' else status.source}:{status.line}"
            nameless[place] += 1
            label = place if nameless[place] == 1 else f"{place} ({nameless[place]})"
        address = next(iter(status.addresses), None)
        if says_something(status):
            reading = NodeReading(
                host=label,
                node=status.node,
                status=status,
                addresses=status.addresses,
                complete=status.complete,
            )
            readings.append(reading)
            continue
        stage, hint = explain_silence(status.messages)
        message = "; ".join(status.messages) or "it said nothing"
        failure = GatherFailure(
            host=label, node=status.node, stage=stage, message=message, hint=hint, ssh_address=address
        )
        failures.append(failure)
    return Snapshot(cluster=cluster, readings=tuple(readings), failures=tuple(failures), known=known)
