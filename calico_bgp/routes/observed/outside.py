"""What nodes tell peers that are no nodes, top-of-rack switches mostly, of their own blocks. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Address, Family
from calico_bgp.parse.addresses import read_address
from calico_bgp.routes.network.holding.filters import RouteFilters


@dataclass
class Outside:
    """The sessions of one family that stand with something that is no node; looked for when they are asked for.

    Attributes:
        cluster: What was seen.
        family: The family.
    """

    cluster: Cluster
    family: Family

    @cached_property
    def _sessions(self) -> tuple[tuple[str, SessionKey], ...]:
        """(node, session)."""
        nodes = self.cluster.by_name
        return tuple(
            (session.key.a if session.key.a in nodes else session.key.b, session.key)
            for session in self.cluster.in_order
            if session.key.family is self.family
            and session.is_up
            and (session.key.a in nodes) is not (session.key.b in nodes)
        )

    @cached_property
    def addresses(self) -> frozenset[Address]:
        """The peers' addresses, but for those that no table names."""
        ends = (read_address(key.far(node)) for node, key in self._sessions)
        return frozenset(address for address in ends if address is not None)

    @cached_property
    def nodes(self) -> frozenset[str]:
        """The nodes that have such a session."""
        return frozenset(node for node, _ in self._sessions)

    @cached_property
    def _telling(self) -> frozenset[str]:
        """The nodes that tell something outside all their blocks: nothing holds one back, not even perhaps."""
        expectation = self.cluster.expectation
        if expectation is None:
            return frozenset()  # what filters there are is not known
        filters = RouteFilters(expectation.resources, self.family, expectation.version)
        telling = set()
        for node, key in self._sessions:
            peers = self.cluster.expected_peers.get(key, ())
            holds = [filters.held(peer, certain=True) for peer in peers]
            kinds = filters.of_node(node).kinds
            if peers and not any(hold is not None and hold.own & kinds for hold in holds):
                telling.add(node)
        return frozenset(telling)

    def is_told_by(self, node: str) -> bool:
        """Whether a node tells something outside of its blocks, as far as Calico's resources say."""
        return node in self._telling
