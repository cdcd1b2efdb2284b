"""Where a route stops on its way: by what BIRD says of its sessions and by who has the route. One route of one family.

The way is taken as it is: from the owner over its sessions that stand, to the learner directly or through the nodes
that its sessions lead to. What no number tells is `untraced`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family, Peer
from calico_bgp.model.routes.bird_reading import ProtocolReading
from calico_bgp.model.routes.observed import Stop
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.observed.tables import NodeTables


class Place(NamedTuple):
    """Where a route stops, and what tells so.

    Attributes:
        stop: The kind of place.
        at: The node.
        because: What tells so.
        is_dead_end: Whether packets surely end there: nothing outside the cluster may lead them on.
    """

    stop: Stop
    at: str | None = None
    because: str = ""
    is_dead_end: bool = False


@dataclass
class Ways:
    """The sessions of one family that stand, with what BIRD says of both ends.

    Attributes:
        cluster: Who is who.
        family: The family.
        tables: The routes of the nodes that were read.
    """

    cluster: Cluster
    family: Family
    tables: Mapping[str, NodeTables]

    @cached_property
    def _ends(self) -> dict[str, dict[str, ProtocolReading | None]]:
        """Node → the nodes that it has a session with → what its BIRD says of that."""
        ends: dict[str, dict[str, ProtocolReading | None]] = defaultdict(dict)
        for session in self.cluster.in_order:
            if session.key.family is not self.family or not session.is_up:
                continue
            for end, far in zip(session.ends, (session.key.b, session.key.a), strict=True):
                if far in self.cluster.by_name and end.name in self.cluster.by_name:
                    row = next((row for row in end.rows if row.is_established), None)
                    ends[end.name][far] = self._protocol(end.name, row)
        return ends

    def _protocol(self, node: str, row: Peer | None) -> ProtocolReading | None:
        reading = self.cluster.by_name[node].reading
        return None if reading is None or row is None else reading.protocol_of(row)

    def where(self, learner: str, origin: str, block: Prefix) -> Place:
        """Where the route to a block of `origin` stops that `learner` has not."""
        own = self.tables.get(origin)
        if own is not None and own.bird_is_whole and block not in own.static and block not in own.paths:
            return Place(Stop.NOT_HELD, origin, f"{block} is not in BIRD's table on {origin}")
        announced = [end for end in self._ends[origin].values() if end is not None and end.exported is not None]
        if announced and len(announced) == len(self._ends[origin]) and not any(end.exported for end in announced):
            peers = "its one peer" if len(announced) == 1 else f"any of its {len(announced)} peers"
            return Place(Stop.NOT_ANNOUNCED, origin, f"{origin} exports no route to {peers}")
        if learner in self._ends[origin]:
            return self._over(origin, learner, block)
        between = [name for name in self._ends[learner] if name in self._ends[origin]]
        holders = [name for name in between if (tables := self.tables.get(name)) is not None and block in tables.paths]
        if holders:
            return _of_most_ways([self._over(holder, learner, block) for holder in holders])
        return _of_most_ways([self._over(origin, name, block) for name in between])

    def _over(self, sender: str, receiver: str, block: Prefix) -> Place:
        """The end of a session at which the route stops: the sender did not send it, or the receiver refused it."""
        sent, received = self._ends[sender].get(receiver), self._ends[receiver].get(sender)
        if received is not None:
            for limit in received.limits:
                if limit.is_hit and limit.kind in ("Import", "Receive"):
                    because = f"{limit.kind.lower()} limit {limit.number} of {received.name} on {receiver} is hit"
                    return Place(Stop.NOT_ACCEPTED, receiver, because)
            if received.imports_filtered:
                because = f"an import filter of {received.name} on {receiver} refused {received.imports_filtered}"
                return Place(Stop.NOT_ACCEPTED, receiver, f"{because} announcements")
        if sent is not None and sent.exported is not None:
            for limit in sent.limits:
                if limit.is_hit and limit.kind == "Export":
                    return Place(Stop.NOT_ANNOUNCED, sender, f"export limit {limit.number} of {sent.name} is hit")
            if sent.exported == 0 or (sent.exports_filtered and received is not None and not received.imports_filtered):
                because = f"{sender} exports {count(sent.exported, 'route')} over {sent.name}, and not {block}"
                sender_tables = self.tables.get(sender)
                is_own = sender_tables is not None and block in sender_tables.static
                return Place(Stop.NOT_ANNOUNCED if is_own else Stop.NOT_PASSED_ON, sender, because)
        return Place(Stop.UNTRACED, None, "")


def _of_most_ways(places: Sequence[Place]) -> Place:
    """What stops the route on most of its ways; of as many the one that is known. No node's name decides."""
    ways = Counter(place.stop for place in places)
    order = [Stop.UNTRACED, *(stop for stop in Stop if stop is not Stop.UNTRACED)]
    return max(places, key=lambda place: (ways[place.stop], order.index(place.stop)), default=Place(Stop.UNTRACED))
