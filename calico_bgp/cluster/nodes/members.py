"""A node that a snapshot knows of, read or not, and what its tables prove. Who they all are is in membership.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Address, Family, Peer
from calico_bgp.model.reading import DaemonState, GatherFailure, NodeReading
from calico_bgp.model.resources import CalicoNode
from calico_bgp.model.routes.bird_reading import BirdReading


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
        is_only_known: Whether its host is only named beside pasted texts: nobody was asked to read it.
        resource: Its Node among Calico's resources; None without resources, or where it is none of their nodes.
    """

    name: str
    host: Host | None = None
    reading: NodeReading | None = None
    failure: GatherFailure | None = None
    resource: CalicoNode | None = None
    is_only_known: bool = False
    _tables: dict[Family, Table] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for twice per session, of which a mesh of 1,000 nodes has half a million.
        object.__setattr__(self, "_tables", {family: self._table(family) for family in Family})

    @property
    def label(self) -> str:
        """Its line of the inventory; without one its name."""
        return self.name if self.host is None else self.host.label

    @property
    def own_addresses(self) -> tuple[Address, ...]:
        """The addresses of its machine by its own list; empty where it was not read, or gave none."""
        return () if self.reading is None else self.reading.addresses

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The rows of its table; none where it was not read."""
        return () if self.reading is None else self.reading.peers

    def bird(self, family: Family) -> BirdReading | None:
        """What its BIRD of a family said itself; None where nobody asked it."""
        return None if self.reading is None else self.reading.bird(family)

    @property
    def is_unlisted(self) -> bool:
        """Whether only Calico's resources, or hosts beside a paste, name it: nobody was asked to read it."""
        unasked = self.host is None or self.is_only_known
        return unasked and self.reading is None and self.failure is None

    @property
    def is_unreadable(self) -> bool:
        """Whether only Calico's resources name it, and no BIRD runs there (Windows): nobody could read it."""
        return self.is_unlisted and self.resource is not None and self.resource.without_bird is not None

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
        return tuple(peer for peer in self.peers if peer.family is family)
