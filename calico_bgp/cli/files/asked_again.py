"""`gather --retry-failed`: which hosts of a snapshot are asked again, and how what they say joins it. Values only."""

from __future__ import annotations

from calico_bgp.model.inventory import Host
from calico_bgp.model.snapshot import Snapshot


def unread_hosts(snapshot: Snapshot) -> tuple[Host, ...]:
    """The hosts of a snapshot that have no reading: those that failed, and those that an interruption left out."""
    read = {reading.host for reading in snapshot.readings}
    return tuple(host for host in snapshot.hosts if host.label not in read)


def merge(before: Snapshot, after: Snapshot) -> Snapshot:
    """A snapshot with what is new in a later one: its readings and resources, its failures where nothing was there."""
    readings = {reading.host: reading for reading in (*before.readings, *after.readings)}
    failures = {failure.host: failure for failure in (*before.failures, *after.failures)}
    labels = [host.label for host in before.hosts]
    has_news = after.resources is not None or (after.resources_failure is not None and before.resources is None)
    newer = after if has_news else before
    return before.model_copy(
        update={
            "cluster": after.cluster or before.cluster,
            "readings": tuple(readings[label] for label in labels if label in readings),
            "failures": tuple(failures[label] for label in labels if label in failures and label not in readings),
            "complete": all(label in readings or label in failures for label in labels),
            "resources": newer.resources,
            "resources_failure": newer.resources_failure,
            "resources_raw": newer.resources_raw,
        }
    )
