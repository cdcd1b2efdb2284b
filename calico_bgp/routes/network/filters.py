"""Which sessions go through a BGPFilter: what it lets through is not evaluated, so a route over one is "perhaps"."""

from __future__ import annotations

from collections.abc import Iterable

from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.resources import Resources

_SHOWN = 3


def filters_of(peers: Iterable[ExpectedPeer], resources: Resources) -> tuple[str, ...]:
    """The BGPFilters of the BGPPeers that made these peers, sorted.

    They apply at both ends: an automatically reversed peer has those of its BGPPeer
    (confd/pkg/backends/calico/bgp_processor.go). The mesh has none.

    Args:
        peers: The protocols of both ends.
        resources: The BGPPeers.
    """
    made_by = {because.name for peer in peers for because in peer.because if because.kind == "BGPPeer"}
    return tuple(sorted({name for peer in resources.bgp_peers if peer.name in made_by for name in peer.filters}))


def filters_doubt(names: Iterable[str]) -> str:
    """What depends on filters, in words."""
    every = tuple(names)
    shown = ", ".join(every[:_SHOWN]) + (f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else "")
    return f"what BGPFilter {shown} lets through is not evaluated; a route over such a session counts as perhaps"
