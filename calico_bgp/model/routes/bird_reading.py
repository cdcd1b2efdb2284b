"""What one BIRD says of itself and of each of its protocols, as a snapshot keeps it. Values only."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.peer import Address, Family, Peer, PeerType

#: How Calico names BIRD's protocols (confd/etc/calico/confd/templates/bird.cfg.template).
PROTOCOL_PREFIXES = {
    PeerType.GLOBAL: "Global_",
    PeerType.NODE: "Node_",
    PeerType.MESH: "Mesh_",
    PeerType.LOCAL_WORKLOAD: "Local_Workload_",
}


@dataclass(frozen=True, slots=True, config=VALUES)
class RouteLimit:
    """A limit of routes. Calico sets none: where one is, somebody edited the template.

    Attributes:
        kind: `Receive`, `Import` or `Export`.
        number: Of routes.
        is_hit: Whether it was reached.
        action: `warn`, `block`, `restart` or `disable`.
    """

    kind: str
    number: int
    is_hit: bool
    action: str | None = None


@dataclass(frozen=True, slots=True, config=VALUES)
class ProtocolReading:
    """One of BIRD's protocols. Numbers of routes are of paths, not of prefixes; None where BIRD gives none.

    Attributes:
        name: `static1`, `Mesh_192_0_2_11`.
        proto: `BGP`, `Kernel`, `Static`, `Direct`, `Device`.
        state: `up`, `start`, `down`, ...
        since: Verbatim.
        info: Verbatim.
        imported: Routes from it, in the table; None for a protocol that is down, and in the short answer.
        exported: Routes that go to it; likewise.
        preferred: Of the imported ones those that are best; likewise.
        imports_filtered: Announcements that the import filter refused since the protocol started.
        exports_filtered: Routes that the export filter kept back since then.
        input_filter: `ACCEPT`, `REJECT`, a filter's name, `(unnamed)`.
        output_filter: Likewise.
        limits: Those that are set.
        recovery: `pending` or `waiting` while BIRD recovers from a graceful restart.
        neighbor_address: Of BGP, as configured, like all that follow.
        neighbor_as: Likewise.
        neighbor_id: The peer's router ID.
        capabilities: What the peer can: `restart-able`, `add-path-rx`, `AS4`, ...; empty without a session.
        session: `internal` or `external`, `multihop`, `route-reflector`, ...; empty without a session.
        source_address: From which address BIRD speaks.
        hold_time: Negotiated, in seconds.
        keepalive_time: Likewise.
        is_restarting: Whether the peer restarts gracefully, so that its routes stand although the session does not.
        last_error: Verbatim, `BGP Error: Bad peer AS`.
    """

    name: str
    proto: str
    state: str
    since: str
    info: str = ""
    imported: int | None = None
    exported: int | None = None
    preferred: int | None = None
    imports_filtered: int | None = None
    exports_filtered: int | None = None
    input_filter: str | None = None
    output_filter: str | None = None
    limits: tuple[RouteLimit, ...] = ()
    recovery: str | None = None
    neighbor_address: Address | None = None
    neighbor_as: int | None = None
    neighbor_id: str | None = None
    capabilities: tuple[str, ...] = ()
    session: tuple[str, ...] = ()
    source_address: Address | None = None
    hold_time: int | None = None
    keepalive_time: int | None = None
    is_restarting: bool = False
    last_error: str | None = None

    @property
    def is_established(self) -> bool:
        """Whether it is BGP with a session that stands."""
        return self.proto == "BGP" and self.state == "up"


@dataclass(frozen=True, slots=True, config=VALUES)
class BirdReading:
    """One BIRD of a node. Times are verbatim: `2026-11-29 21:16:43`, in the zone that BIRD has.

    Attributes:
        family: Which BIRD.
        version: As it greets.
        router_id: Its router ID.
        server_time: Its clock when it answered.
        last_reboot: When it started.
        last_reconfiguration: When it last took a new configuration.
        is_recovering: Whether it waits for its peers after a graceful restart; None where it did not say.
        paths: Routes in its table, of which a prefix may have several.
        networks: Prefixes in its table.
        is_long: Whether the long answer was asked for; with more than 200 peers only the short one is.
        protocols: All of them, in BIRD's order.
        complete: Whether all that was asked was answered, to its end, and understood.
    """

    family: Family
    version: str | None = None
    router_id: str | None = None
    server_time: str | None = None
    last_reboot: str | None = None
    last_reconfiguration: str | None = None
    is_recovering: bool | None = None
    paths: int | None = None
    networks: int | None = None
    is_long: bool = False
    protocols: tuple[ProtocolReading, ...] = ()
    complete: bool = True

    def protocol(self, name: str) -> ProtocolReading | None:
        """The protocol of that name."""
        return next((protocol for protocol in self.protocols if protocol.name == name), None)

    def of_kind(self, proto: str) -> tuple[ProtocolReading, ...]:
        """The protocols of a kind: `Static`, `Kernel`, `BGP`."""
        return tuple(protocol for protocol in self.protocols if protocol.proto == proto)


def protocol_name(peer: Peer) -> str | None:
    """BIRD's protocol of a row: calicoctl prints its name with `_` as `.` or `:` (commands/node/status.go)."""
    prefix = next((text for kind, text in PROTOCOL_PREFIXES.items() if peer.peer_type == kind), None)
    return None if prefix is None else prefix + peer.address_text.replace(".", "_").replace(":", "_")
