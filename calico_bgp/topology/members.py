"""The nodes that a snapshot knows of, read or not, each with one name, and what its tables prove. No addresses here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family, Peer
from calico_bgp.model.reading import DaemonState, GatherFailure, NodeReading, Snapshot


class Table(StrEnum):
    """What one node's table of one family can prove."""

    WHOLE = "whole"
    """Every row is there: a row that is absent is absent from the table (a disabled peer is, too)."""
    PART = "part"
    """The rows that are there count; absence proves nothing."""
    NOT_RUNNING = "not running"
    """BIRD of that family does not run: there are no peers."""
    UNREACHABLE = "unreachable"
    """BIRD could not be asked: its peers are unknown."""
    UNKNOWN = "unknown"
    """The node was not read, or did not mention the family."""


@dataclass(frozen=True, slots=True)
class Member:
    """One node of the cluster, or a host that should be one.

    Attributes:
        name: Unique in the snapshot: the node's name, else the host's.
        host: Its entry in the inventory, None for a pasted text.
        reading: What it said, None when it was not read.
        failure: Why it could not be read, None when it was read or not asked.
    """

    name: str
    host: Host | None = None
    reading: NodeReading | None = None
    failure: GatherFailure | None = None
    _tables: dict[Family, Table] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for twice per session, of which a mesh of 1,000 nodes has half a million.
        object.__setattr__(self, "_tables", {family: self._table(family) for family in Family})

    def table(self, family: Family) -> Table:
        """What the table of a family can prove."""
        return self._tables[family]

    def _table(self, family: Family) -> Table:
        if self.reading is None:
            return Table.UNKNOWN
        status = self.reading.status
        daemon = status.daemon(family)
        if daemon is None or daemon.state is DaemonState.UNKNOWN:
            return Table.PART if any(peer.family is family for peer in status.peers) else Table.UNKNOWN
        if daemon.state is DaemonState.NOT_RUNNING:
            return Table.NOT_RUNNING
        if daemon.state is DaemonState.UNREACHABLE:
            return Table.UNREACHABLE
        whole = self.reading.complete and status.complete
        return Table.WHOLE if whole else Table.PART

    def rows(self, family: Family) -> tuple[Peer, ...]:
        """Its rows of a family, in the order of the text."""
        return () if self.reading is None else tuple(peer for peer in self.reading.peers if peer.family is family)


@dataclass(frozen=True, slots=True)
class Membership:
    """All members, sorted by name, and the readings that had to give way.

    Attributes:
        members: Sorted by name.
        superseded: Readings of a node that was read (pasted) again later; the later one counts.
    """

    members: tuple[Member, ...]
    superseded: tuple[NodeReading, ...] = ()


def members_of(snapshot: Snapshot) -> Membership:
    """Join inventory, readings and failures into members with unique names.

    Two *hosts* with one node name stay two members, called `node (host)`: they are two machines. Two *pasted* texts
    with one
    node name are one node seen twice, and the later text counts.
    """
    hosts = {host.label: host for host in snapshot.hosts}
    raw: list[Member] = []
    superseded: list[NodeReading] = []
    pasted: dict[str, int] = {}
    for reading in snapshot.readings:
        host = hosts.get(reading.host)
        member = Member(reading.node or (host.node if host else None) or reading.host, host, reading)
        if not snapshot.hosts and reading.node is not None:
            earlier = pasted.get(reading.node)
            if earlier is not None:
                superseded.append(_reading_of(raw[earlier]))
                raw[earlier] = member
                continue
            pasted[reading.node] = len(raw)
        raw.append(member)
    for failure in snapshot.failures:
        host = hosts.get(failure.host)
        raw.append(Member(failure.node or (host.node if host else None) or failure.host, host, failure=failure))
    met = {reading.host for reading in snapshot.readings} | {failure.host for failure in snapshot.failures}
    raw.extend(Member(host.node or host.label, host) for host in snapshot.hosts if host.label not in met)
    return Membership(tuple(sorted(_unique(raw), key=lambda member: member.name)), tuple(superseded))


def _reading_of(member: Member) -> NodeReading:
    assert member.reading is not None
    return member.reading


def _unique(members: list[Member]) -> list[Member]:
    count = Counter(member.name for member in members)
    return [
        member if count[member.name] == 1 else Member(f"{member.name} ({_host_of(member)})", *_rest(member))
        for member in members
    ]


def _host_of(member: Member) -> str:
    source = member.reading or member.failure
    return source.host if source is not None else str(member.host and member.host.label)


def _rest(member: Member) -> tuple[Host | None, NodeReading | None, GatherFailure | None]:
    return member.host, member.reading, member.failure
