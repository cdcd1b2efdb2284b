"""What every simulated node says of its routes at one moment: the walk over the sessions, node by node. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from ipaddress import IPv4Address

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.printing.protocols import NodeTable
from calico_bgp.lab.routing.answers import RoutesState
from calico_bgp.lab.routing.spread import Spread
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState

#: A router ID is any number of four bytes (RFC 6286); printed as an address.
_FIRST = int(IPv4Address("198.51.100.1"))


@dataclass
class LabRoutes:
    """The routes of a lab at one moment.

    Attributes:
        cluster: As it was meant.
        tables: The nodes' tables, in the order of the nodes.
        started: When the cluster was started.
        trouble: What goes wrong with routes.
    """

    cluster: LabCluster
    tables: Sequence[NodeTable]
    started: datetime
    trouble: Trouble = field(default_factory=Trouble)

    @cached_property
    def _spreads(self) -> dict[Family, Spread]:
        return {family: Spread(self.cluster, family, self.tables, self.trouble) for family in self.cluster.families}

    @cached_property
    def _table_of(self) -> dict[str, NodeTable]:
        return {node.name: table for node, table in zip(self.cluster.nodes, self.tables, strict=True)}

    def table(self, machine: str) -> NodeTable:
        """One node's table of sessions."""
        return self._table_of[machine]

    @cached_property
    def _router_ids(self) -> dict[str, str]:
        """Machine → BIRD's router ID: its IPv4 address; without one a number of its own, as CALICO_ROUTER_ID=hash."""
        ids = {
            node.name: str(node.ipv4 or IPv4Address(number)) for number, node in enumerate(self.cluster.nodes, _FIRST)
        }
        for first, second in self.trouble.shared_ids:
            ids[second] = ids[first]
        return ids

    def of(self, machine: str) -> RoutesState:
        """One node's."""
        table = self.table(machine)
        limited = {
            protocol.name
            for bird in table.families
            for protocol in bird.protocols
            if (machine, protocol.far) in self.trouble.limits
        }
        plain = {
            protocol.name
            for bird in table.families
            for protocol in bird.protocols
            if protocol.far in self.trouble.plain
        }
        return RoutesState(
            held={
                family: spread.held(machine)
                for family, spread in self._spreads.items()
                if table.family(family).state is not DaemonState.NOT_RUNNING
            },
            started=self.started,
            router_id=self._router_ids[machine],
            static_is_down=machine in self.trouble.own_lost,
            limited=frozenset(limited),
            plain=frozenset(plain),
        )
