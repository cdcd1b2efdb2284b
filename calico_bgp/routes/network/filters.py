"""Which sessions go through a BGPFilter that may keep the pods' routes back: a route over one is "perhaps"."""

from __future__ import annotations

from collections.abc import Iterable

from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, Resources
from calico_bgp.model.routes.bgp_filter import Direction
from calico_bgp.routes.policy.bgp_filter import refused_by_bird
from calico_bgp.routes.policy.pod_routes import Passage, pod_routes_through

_SHOWN = 3


class RouteFilters:
    """The BGPFilters of a cluster, and what they do with the pods' routes; each list of them is judged once."""

    def __init__(self, resources: Resources) -> None:
        self._pools = resources.ip_pools
        self._filters = {bgp_filter.name: bgp_filter for bgp_filter in resources.bgp_filters}
        self._peers = {peer.name: peer for peer in resources.bgp_peers if peer.filters}
        # confd renders all filters on all nodes: with one that BIRD refuses, every node goes on with its old file.
        self._is_refused = any(any(refused_by_bird(bgp_filter)) for bgp_filter in resources.bgp_filters)
        self._known: dict[tuple[tuple[str, ...], Family, bool], bool] = {}

    def doubtful(self, peers: Iterable[ExpectedPeer]) -> tuple[str, ...]:
        """The BGPFilters that may keep pods' routes back, of the BGPPeers that made these peers; sorted.

        They apply at both ends: an automatically reversed peer has those of its BGPPeer
        (confd/pkg/backends/calico/bgp_processor.go). The mesh has none.

        Args:
            peers: The protocols of both ends.
        """
        if not self._peers:
            return ()
        names: set[str] = set()
        for peer in peers:
            for because in peer.because:
                made_by = self._peers.get(because.name) if because.kind == "BGPPeer" else None
                if made_by is not None and not self._is_open(made_by, peer):
                    names.update(made_by.filters)
        return tuple(sorted(names))

    def _is_open(self, made_by: BGPPeer, peer: ExpectedPeer) -> bool:
        """Whether all filters of a list are known, and let every pod's route through in both directions."""
        same_as = peer.local_as == peer.peer_as
        key = (made_by.filters, peer.family, same_as)
        if key not in self._known:
            listed = [self._filters.get(name) for name in made_by.filters]
            known = [bgp_filter for bgp_filter in listed if bgp_filter is not None]
            is_known = len(known) == len(listed) and not self._is_refused
            self._known[key] = is_known and all(
                pod_routes_through(known, direction, peer.family, self._pools, same_as=same_as) is Passage.OPEN
                for direction in Direction
            )
        return self._known[key]


def filters_doubt(names: Iterable[str]) -> str:
    """What depends on filters, in words."""
    every = tuple(names)
    shown = ", ".join(every[:_SHOWN]) + (f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else "")
    return f"BGPFilter {shown} may keep the pods' routes back; a route over such a session counts as perhaps"
