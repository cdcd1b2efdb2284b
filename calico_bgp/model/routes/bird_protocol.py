"""All that BIRD says of one of its protocols (`show protocols all`). Values only; `parse.bird.protocols` reads them."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.model.routes.bird_reading import RouteLimit
from calico_bgp.model.unrecognised import UnrecognisedLine


class RouteNumbers(NamedTuple):
    """Paths, not prefixes, that came from a protocol and went to it.

    Attributes:
        imported: From it, in the table.
        exported: To it.
        preferred: Of the imported ones those that are best.
        filtered: Refused and kept (`import keep filtered`); None where refused ones are not kept, as Calico has it.
    """

    imported: int
    exported: int
    preferred: int
    filtered: int | None = None


class RouteChanges(NamedTuple):
    """What became of the changes of one kind since BIRD started; None where there is no such number."""

    kind: str
    received: int | None
    rejected: int | None
    filtered: int | None
    ignored: int | None
    accepted: int | None


class BGPDetails(NamedTuple):
    """What only BGP's protocols say; what needs an Established session is None or empty without one.

    Attributes:
        state: `Established`, `Active`, ...
        neighbor_address: As configured.
        neighbor_as: Likewise.
        neighbor_id: The peer's router ID.
        capabilities: What the peer can: `restart-able`, `add-path-rx`, `AS4`, ...
        session: What the session is: `internal` or `external`, `multihop`, `route-reflector`, `add-path-tx`, ...
        source_address: From which address we speak.
        hold_time: Negotiated, in seconds.
        keepalive_time: Likewise.
        is_restarting: Whether the peer restarts gracefully, so that its routes stand although the session does not.
        last_error: Verbatim, `BGP Error: Bad peer AS`.
    """

    state: str
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


class BirdProtocolDetails(NamedTuple):
    """One protocol.

    Attributes:
        name: `static1`, `Mesh_192_0_2_11`.
        proto: `BGP`, `Kernel`, `Static`, `Direct`, `Device`.
        state: `up`, `start`, `down`, ...
        since: Verbatim.
        info: Verbatim.
        input_filter: `ACCEPT`, `REJECT`, a filter's name, `(unnamed)`; None where the answer does not say.
        output_filter: Likewise.
        routes: None for a protocol that is down.
        limits: Those that are set.
        changes: Per kind (`Import updates`, ...).
        recovery: `pending` or `waiting` while BIRD recovers from a graceful restart.
        bgp: None for what is not BGP.
    """

    name: str
    proto: str
    state: str
    since: str
    info: str
    input_filter: str | None = None
    output_filter: str | None = None
    routes: RouteNumbers | None = None
    limits: tuple[RouteLimit, ...] = ()
    changes: tuple[RouteChanges, ...] = ()
    recovery: str | None = None
    bgp: BGPDetails | None = None


class BirdDetails(NamedTuple):
    """What BIRD answered.

    Attributes:
        version: As BIRD greets, or None.
        protocols: In BIRD's order.
        is_answer: Whether the question was answered.
        complete: False where the answer stops in the middle. birdc does not show it.
        refusal: What was said instead of an answer, or None.
        unrecognised: Lines that no rule understood.
    """

    version: str | None
    protocols: tuple[BirdProtocolDetails, ...]
    is_answer: bool
    complete: bool
    refusal: str | None
    unrecognised: tuple[UnrecognisedLine, ...]
