"""Sessions that only one end has, by the resources: the far node has no peer for the near one. Facts only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.expect.configured import Configured
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.resources import BGPPeer


class OneSided(NamedTuple):
    """A session that only its near end has, made by one BGPPeer."""

    peer: ExpectedPeer
    bgp_peer: BGPPeer


def one_sided(configured: Configured) -> Iterator[OneSided]:
    """Explicit peers whose far node has no peer for the near one."""
    for (near, far, family), peers in sorted(configured.explicit_ends.items()):
        has_other_end = (far, near, family) in configured.explicit_ends or configured.in_mesh(near, far, family)
        # A node has one address of a family: all these peers are for it.
        owners = configured.expectation.nodes_by_address.get(peers[0].address, ())
        if not has_other_end and len(owners) <= 1:
            for peer in peers:
                yield OneSided(peer, configured.peers_by_name[peer.because[0].name])
