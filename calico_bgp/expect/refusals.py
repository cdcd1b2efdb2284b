"""What BIRD refuses when it checks a file: `bird -p`, proto/bgp/bgp.c bgp_check_config, proto/bgp/config.Y."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from calico_bgp.expect.trouble import Refusal, RefusalKind
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.parse.cluster_id import is_cluster_id

#: The first ten bits of fe80::/10 (RFC 4291 section 2.5.6).
_LINK_LOCAL = 0b1111111010


def refusals(peers: Sequence[ExpectedPeer], without_as: Collection[str]) -> Iterator[Refusal]:
    """Every protocol of one node and family for which BIRD refuses the whole file, with the reason.

    Args:
        peers: All of that node and family, sorted by name.
        without_as: The nodes whose AS number is 0.
    """
    before: ExpectedPeer | None = None
    for peer in peers:
        refusal = why_refused(peer, without_as)
        if refusal is None and before is not None and before.name == peer.name:
            refusal = _why_twice(peer)
        if refusal is not None:
            kind, why = refusal
            yield Refusal(peer.node, peer.family, peer.name, why, peer.because, kind, peer.address)
        before = peer


def _why_twice(peer: ExpectedPeer) -> tuple[RefusalKind, str]:
    start = f"two protocols are called {peer.name}, because"
    if peer.peer_type is PeerType.MESH:
        return RefusalKind.ADDRESS_TWICE, f"{start} two nodes have the address {peer.address}"
    return RefusalKind.NAME_TWICE, f"{start} Calico before v3.17 leaves the port out of their names"


def why_refused(peer: ExpectedPeer, without_as: Collection[str]) -> tuple[RefusalKind, str] | None:
    """Why BIRD does not take this protocol by itself, for programs and in words; None when it does."""
    if peer.local_as == 0:
        return RefusalKind.LOCAL_AS_ZERO, "`local as 0`: the node's asNumber is 0"
    if peer.peer_as == 0:
        of_node = peer.far_node in without_as
        why = f"the asNumber of {peer.far_node} is 0" if of_node else "the BGPPeer has no asNumber"
        return RefusalKind.AS_ZERO, f"`as 0`: {why}"
    # As numbers: the properties of `ipaddress` take ten times as long, and there may be a million peers.
    number = int(peer.address)
    if number == 0:
        return RefusalKind.NEIGHBOUR, f"`neighbor {peer.address}` is no address of a neighbour"
    if peer.family is Family.IPV6 and number >> 118 == _LINK_LOCAL:
        return RefusalKind.NEIGHBOUR, f"`neighbor {peer.address}` is a link-local address, which needs an interface"
    if peer.cluster_id is not None and not is_cluster_id(peer.cluster_id):
        return RefusalKind.CLUSTER_ID, f"`rr cluster id {peer.cluster_id}` is no dotted quad"
    return None
