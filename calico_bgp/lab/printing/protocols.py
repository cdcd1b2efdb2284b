"""What one node's BIRDs hold: protocols as BIRD names them, and what calicoctl makes of them. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from calico_bgp.model.peer import Address, BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reading import Daemon, DaemonState, NodeStatus
from calico_bgp.upstream import DEFAULT_AS

#: calicoctl/calicoctl/commands/node/status.go: the prefixes it knows. Everything else is dropped without a word.
_TYPES = {"Global_": PeerType.GLOBAL, "Node_": PeerType.NODE, "Mesh_": PeerType.MESH}
#: BIRD prints no state word for these, and calicoctl drops lines of fewer than six words.
_WORDLESS = ("down", "flush")


@dataclass(frozen=True, slots=True)
class Protocol:
    """A BGP protocol as BIRD shows it.

    Attributes:
        name: `Mesh_192_0_2_12`.
        state: The protocol state: up, start, down, wait.
        since: `HH:MM:SS` or `YYYY-MM-DD`.
        bgp_state: None for a protocol that is down.
        error: The last error with its class, or the empty text.
        far: The machine at its other end; None outside the cluster.
        address: The neighbour's address; None for a protocol of which only the name is known.
        local_as: Its own AS.
        peer_as: The neighbour's.
        reflects: Whether it reflects to the neighbour.
        cluster_id: Its cluster ID where it does.
    """

    name: str
    state: str
    since: str
    bgp_state: BGPState | None
    error: str = ""
    far: str | None = None
    address: Address | None = None
    local_as: int = DEFAULT_AS
    peer_as: int = DEFAULT_AS
    reflects: bool = False
    cluster_id: str | None = None

    @property
    def info(self) -> str:
        """The INFO cell: state and error, separated by one blank."""
        return " ".join(part for part in (self.bgp_state, self.error) if part)

    @property
    def is_hidden(self) -> bool:
        """Whether `calicoctl node status` leaves it out."""
        return not self.name.startswith(tuple(_TYPES)) or (self.state in _WORDLESS and not self.error)

    def peer(self, family: Family) -> Peer | None:
        """The row that `calicoctl node status` shows, or None when it shows none."""
        if self.is_hidden:
            return None
        prefix, _, address_text = self.name.partition("_")
        address, _, port = address_text.partition("_port_")
        separator = "." if family is Family.IPV4 else ":"
        return Peer(
            family=family,
            address=ip_address(address.replace("_", separator)),
            address_text=address_text.replace("_", separator),
            port=int(port) if port else None,
            peer_type=_TYPES[f"{prefix}_"],
            protocol_state=self.state,
            bgp_state=self.bgp_state,
            since=self.since,
            info=self.info,
            error=_error(self.error),
        )


def _error(text: str) -> PeerError | None:
    if not text:
        return None
    error_class, _, message = text.partition(": ")
    return PeerError(ErrorClass(error_class), message)


@dataclass(frozen=True, slots=True)
class FamilyTable:
    """One family's BIRD on one node.

    Attributes:
        family: The family.
        state: What calicoctl can say about the daemon.
        protocols: All BGP protocols, hidden ones too, in BIRD's order. Kept when only the socket is missing.
        started: When this BIRD started, as its own protocols (device, kernel) say.
    """

    family: Family
    state: DaemonState
    protocols: tuple[Protocol, ...] = ()
    started: str = ""

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The rows that calicoctl shows: none when it cannot ask."""
        if self.state is not DaemonState.RUNNING:
            return ()
        return tuple(peer for protocol in self.protocols if (peer := protocol.peer(self.family)))

    @property
    def hidden(self) -> tuple[Protocol, ...]:
        """The protocols that calicoctl does not show and BIRD itself does."""
        return tuple(protocol for protocol in self.protocols if protocol.is_hidden)


@dataclass(frozen=True, slots=True)
class NodeTable:
    """Both BIRDs and the Felix of one node."""

    node: str
    felix_running: bool
    families: tuple[FamilyTable, ...]

    @property
    def peers(self) -> tuple[Peer, ...]:
        """All rows, IPv4 first."""
        return tuple(peer for table in self.families for peer in table.peers)

    def family(self, family: Family) -> FamilyTable:
        """The table of a family."""
        return next(table for table in self.families if table.family is family)

    @property
    def status(self) -> NodeStatus:
        """The same as a NodeStatus: what `calicoctl node status` says, ready for render.py."""
        if not self.felix_running:
            return NodeStatus(node=self.node, felix_running=False)
        return NodeStatus(
            node=self.node,
            felix_running=True,
            daemons=tuple(Daemon(table.family, table.state) for table in self.families),
            peers=self.peers,
        )
