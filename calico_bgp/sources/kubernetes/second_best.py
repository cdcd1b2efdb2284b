"""What a CalicoNodeStatus says of a node whose pod did not answer: a reading where it is of now, else a remark.

calico-node writes its status anew only when something in it has changed (node/pkg/status/reporter.go): `lastUpdated`
says since when nothing changed, or when calico-node wrote last. So one of just now is as good as an answer but for
error texts; of an older one nobody knows whether it still holds. The node then stays unread, and the object is told
beside the failure.
Upstream: api/pkg/apis/projectcalico/v3/nodestatus.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from calico_bgp.errors import CalicoBGPError
from calico_bgp.model.reading import DaemonState, GatherFailure, NodeReading, NodeStatus, SecondHand
from calico_bgp.parse.pasted.statuses.node_status_object import status_of_object

#: In seconds: up to this age it counts. Reading many nodes one by one takes as long.
OF_NOW = 60
#: In seconds: the node's clock may be so much ahead of ours.
_AHEAD = 5
_MOST_NAMED = 3


def second_best(
    failures: Iterable[GatherFailure],
    objects: Iterable[Mapping[str, Any]],
    read_at: datetime,
    may_be_of_now: Callable[[str], bool],
) -> tuple[tuple[NodeReading, ...], tuple[GatherFailure, ...]]:
    """What the newest CalicoNodeStatus of each node gives, and the failures that are left.

    Args:
        failures: Nodes that could not be read.
        objects: CalicoNodeStatus objects, of any nodes.
        read_at: Our clock when they were listed (aware), up to which their age counts.
        may_be_of_now: Whether a node's calico-node may be running: else its status is what it said last.
    """
    newest: dict[str, tuple[datetime, Mapping[str, Any]]] = {}
    for item in objects:
        spec, status = item.get("spec"), item.get("status")
        node = spec.get("node") if isinstance(spec, dict) else None
        at = _time(status.get("lastUpdated")) if isinstance(status, dict) else None
        if isinstance(node, str) and at is not None and (node not in newest or newest[node][0] < at):
            newest[node] = (at, item)
    readings, failures_left = [], []
    for failure in failures:
        node = failure.node or failure.host
        at, item = newest.get(node, (read_at, {}))
        status = _status(item)
        age = round((read_at - at).total_seconds())
        if status is None:
            failures_left.append(failure)
        elif -_AHEAD <= age <= OF_NOW and may_be_of_now(node):
            readings.append(
                NodeReading(
                    host=failure.host,
                    node=failure.node,
                    status=status,
                    taken_at=read_at,
                    clock=at,
                    complete=status.complete,
                    second_hand=SecondHand(max(0, age), failure.message),
                )
            )
        else:
            last_known = f"its CalicoNodeStatus of {at:%Y-%m-%d %H:%M:%S%z} ({_age(age)}) {_words(status)}"
            failures_left.append(failure.model_copy(update={"last_known": last_known}))
    return tuple(readings), tuple(failures_left)


def _status(item: Mapping[str, Any]) -> NodeStatus | None:
    """What it says of peers; None where it says nothing: an empty `status.bgp` is not "no peers"."""
    try:
        status = status_of_object(dict(item), source="CalicoNodeStatus", line=1)
    except (CalicoBGPError, ValueError):
        return None
    knows = any(daemon.state is not DaemonState.UNKNOWN for daemon in status.daemons)
    return status if knows or status.peers else None


def _age(seconds: int) -> str:
    return f"{seconds} s before" if seconds >= 0 else "by the node's clock, which is ahead of ours"


def _words(status: NodeStatus) -> str:
    if not status.peers:
        return "shows no peers"
    down = [peer.address_text for peer in status.peers if peer.info != "Established"]
    up = len(status.peers) - len(down)
    more = f" and {len(down) - _MOST_NAMED} more" if len(down) > _MOST_NAMED else ""
    names = f"; not {', '.join(down[:_MOST_NAMED])}{more}" if down else ""
    return f"shows {up} of {len(status.peers)} peers Established{names}"


def _time(value: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time is not None and time.tzinfo is not None and 1970 <= time.year < 9000 else None
