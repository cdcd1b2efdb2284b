"""A session with the settings of its two ends, as route propagation looks at it. Values only."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Literal, NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.routes.network.holding.held import ONE_KIND, Held, OwnKinds


class Speaker(NamedTuple):
    """A node that speaks BGP in one family.

    Attributes:
        name: The node's name.
        router_id: What it puts into ORIGINATOR_ID; None when not known, which is taken for one of its own.
        blocks: Which kinds of blocks it announces.
    """

    name: str
    router_id: IPv4Address | None = None
    blocks: OwnKinds = ONE_KIND


class EndSettings(NamedTuple):
    """How one end of a session is configured. Share the values: a mesh of 1,000 nodes has a million ends.

    Attributes:
        local_as: The AS that it speaks as on this session (`local as`).
        peer_as: The AS of the far end; equal to `local_as` is iBGP.
        client: Whether it reflects to the far end (`rr client`).
        cluster_id: What it puts into CLUSTER_LIST where it is a `client` end (`rr cluster id`).
        add_paths: Whether it speaks add-paths, as Calico lets all nodes. Counts where both ends do.
        allowed_local_as: How often its own AS may stand in a received AS_PATH (`allow local as`).
        next_hop: `self` or `keep` where configured, None for BIRD's own rule.
        held: The routes that it holds back, at import or export; None where that is none.
    """

    local_as: int
    peer_as: int
    client: bool = False
    cluster_id: str | None = None
    add_paths: bool = True
    allowed_local_as: int = 0
    next_hop: Literal["self", "keep"] | None = None
    held: Held | None = None

    @property
    def is_internal(self) -> bool:
        """Whether it takes the session for iBGP."""
        return self.local_as == self.peer_as


class SessionEnd(NamedTuple):
    """One end of a session.

    Attributes:
        node: Whose.
        address: Its address on the session, which it announces as next hop; None when not known.
        settings: How it is configured.
    """

    node: str
    address: Address | None
    settings: EndSettings


class BGPSession(NamedTuple):
    """An Established session between two nodes."""

    a: SessionEnd
    b: SessionEnd


class ExternalSession(NamedTuple):
    """An Established session with something that is no node: a top-of-rack switch, of which nothing is known.

    Attributes:
        near: The node's end.
        far: The neighbour's address as text.
    """

    near: SessionEnd
    far: str
