"""What keeps Calico's resources from meaning one thing: conflicts, overlaps, files that BIRD refuses. Values only."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.model.expected import Because, PeerPass
from calico_bgp.model.peer import Address, Family


class Conflict(NamedTuple):
    """BGPPeers that define one peer differently in one pass: which of them wins is not determined.

    Attributes:
        node: The node that gets the peer; None when it is global, so that every node does.
        family: The address family.
        address: The far end.
        port: The port in the peer's name, None for none.
        made_by: The pass.
        bgp_peers: The names of the BGPPeers, sorted; one alone where two nodes at its far end have one address.
        fields: What differs, in Calico's words, sorted.
    """

    node: str | None
    family: Family
    address: Address
    port: int | None
    made_by: PeerPass
    bgp_peers: tuple[str, ...]
    fields: tuple[str, ...]


class Overlap(NamedTuple):
    """Two protocols of one node for one neighbour and port: BIRD runs one, the other stays `start Idle` for good.

    Attributes:
        node: The node.
        family: The address family.
        address: The neighbour.
        names: BIRD's names of the protocols, sorted.
        because: The resources that made them.
    """

    node: str
    family: Family
    address: Address
    names: tuple[str, ...]
    because: tuple[Because, ...]


class RefusalKind(StrEnum):
    """What of a protocol BIRD does not take."""

    AS_ZERO = "as-zero"
    LOCAL_AS_ZERO = "local-as-zero"
    NEIGHBOUR = "neighbour"
    CLUSTER_ID = "cluster-id"
    ADDRESS_TWICE = "address-twice"
    """Two protocols of one name, because two nodes have one address."""
    NAME_TWICE = "name-twice"


class Refusal(NamedTuple):
    """A bird.cfg that BIRD refuses as a whole: confd keeps the old file, and every later change on that node is lost.

    Attributes:
        node: The node.
        family: Of bird.cfg or bird6.cfg.
        name: The protocol that is refused.
        why: What BIRD does not take, in words.
        because: The resources that made it.
        kind: The same for programs.
        address: The far end.
    """

    node: str
    family: Family
    name: str
    why: str
    because: tuple[Because, ...]
    kind: RefusalKind
    address: Address

    def is_twice(self, address: Address) -> bool:
        """Whether two nodes have this address, which is why."""
        return self.kind is RefusalKind.ADDRESS_TWICE and self.address == address


class BadSelector(NamedTuple):
    """A selector that does not parse: to Calico it matches nothing."""

    bgp_peer: str
    field: str
    error: SelectorSyntaxError


class Skipped(NamedTuple):
    """A BGPPeer that Calico makes no peers of, except perhaps by automatic reverse peering, and why.

    Attributes:
        bgp_peer: Its name.
        why: In words.
        field: The field that is wrong or missing.
    """

    bgp_peer: str
    why: str
    field: str


class WorkloadPeering(NamedTuple):
    """A BGPPeer towards pods on its own nodes: `Local_Workload_<ip>` in BIRD, never in calicoctl's table."""

    bgp_peer: str
    nodes: tuple[str, ...]
