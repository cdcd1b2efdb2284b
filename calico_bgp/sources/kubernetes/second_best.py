"""What a CalicoNodeStatus says of a node whose pod did not answer. It is told beside the failure, and proves nothing.

It may be older than the failure, and knows neither error texts nor disabled peers: the node stays unread.
Upstream: api/pkg/apis/projectcalico/v3/nodestatus.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from calico_bgp.errors import CalicoBGPError
from calico_bgp.model.reading import GatherFailure
from calico_bgp.parse.pasted.node_status_object import status_of_object

_MOST_NAMED = 3


def with_second_best(
    failures: Iterable[GatherFailure], objects: Iterable[Mapping[str, Any]], now: datetime
) -> tuple[GatherFailure, ...]:
    """The failures, each with what the newest CalicoNodeStatus of its node says.

    Args:
        failures: Nodes that could not be read.
        objects: CalicoNodeStatus objects, of any nodes.
        now: Our clock (aware), from which their age counts.
    """
    newest: dict[str, tuple[datetime, Mapping[str, Any]]] = {}
    for item in objects:
        spec, status = item.get("spec"), item.get("status")
        node = spec.get("node") if isinstance(spec, dict) else None
        at = _time(status.get("lastUpdated")) if isinstance(status, dict) else None
        if isinstance(node, str) and at is not None and (node not in newest or newest[node][0] < at):
            newest[node] = (at, item)
    return tuple(_told(failure, newest.get(failure.node or failure.host), now) for failure in failures)


def _told(failure: GatherFailure, found: tuple[datetime, Mapping[str, Any]] | None, now: datetime) -> GatherFailure:
    words = None if found is None else _words(found[1])
    if found is None or words is None:
        return failure
    at = found[0]
    seconds = round((now - at).total_seconds())
    age = f"{seconds} s before" if seconds >= 0 else "by the node's clock, which is ahead of ours"
    said = f"{failure.message}; its CalicoNodeStatus of {at:%Y-%m-%d %H:%M:%S%z} ({age}) {words}"
    return failure.model_copy(update={"message": said})


def _words(item: Mapping[str, Any]) -> str | None:
    """What it says of peers; None where it says nothing: an empty `status.bgp` is not "no peers"."""
    try:
        status = status_of_object(dict(item), source="CalicoNodeStatus", line=1)
    except (CalicoBGPError, ValueError):
        return None
    if not status.peers:
        return None
    down = [peer.address_text for peer in status.peers if peer.info != "Established"]
    up = len(status.peers) - len(down)
    more = f" and {len(down) - _MOST_NAMED} more" if len(down) > _MOST_NAMED else ""
    which = f"; not {', '.join(down[:_MOST_NAMED])}{more}" if down else ""
    return f"shows {up} of {len(status.peers)} peers Established{which}"


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None and 1970 <= time.year < 9000 else None
