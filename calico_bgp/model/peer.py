"""One end's view of a neighbour: a row of `calicoctl node status`. Values only; parsing is in parse/."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Annotated, Any, NamedTuple, TypeAlias

from pydantic import Field, PlainSerializer, WrapValidator, with_config

from calico_bgp.model.frozen import VALUES
from calico_bgp.upstream import BIRD6_SOCKET, BIRD_SOCKET

#: Of the nodes of a cluster each stands in many rows: it is read once.
_REMEMBERED = 16_384


@lru_cache(_REMEMBERED)
def _read(text: str) -> IPv4Address | IPv6Address:
    return ip_address(text)


def _address(value: Any, handler: Any) -> Any:
    """A text, or an address as it is: pydantic would try each as IPv4 and as IPv6."""
    if isinstance(value, str):
        return _read(value)
    return value if isinstance(value, IPv4Address | IPv6Address) else handler(value)


Address: TypeAlias = Annotated[IPv4Address | IPv6Address, WrapValidator(_address)]


class Family(StrEnum):
    """An address family, as JSON spells it."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"

    @property
    def label(self) -> str:
        """``IPv4`` or ``IPv6``, as people write it."""
        return "IPv4" if self is Family.IPV4 else "IPv6"

    @property
    def process(self) -> str:
        """What BIRD of the family is called among a node's processes."""
        return "bird" if self is Family.IPV4 else "bird6"

    @property
    def socket(self) -> str:
        """The path of that BIRD's control socket, on the node as in calico-node."""
        return BIRD_SOCKET if self is Family.IPV4 else BIRD6_SOCKET

    @property
    def version(self) -> int:
        """4 or 6, as addresses and networks have it."""
        return 4 if self is Family.IPV4 else 6


def family_of(address: IPv4Address | IPv6Address | IPv4Network | IPv6Network) -> Family:
    """The family of an address or a network."""
    return Family.IPV4 if address.version == 4 else Family.IPV6


def only_family(families: Collection[Family | None]) -> Family | None:
    """The family of which alone something is said; None where it is said of both, or of none."""
    return next(iter(families)) if len(families) == 1 else None


class PeerType(StrEnum):
    """The PEER TYPE column (calicoctl/calicoctl/commands/node/status.go) and BIRD's Local_Workload."""

    MESH = "node-to-node mesh"
    GLOBAL = "global"
    NODE = "node specific"
    LOCAL_WORKLOAD = "local workload"


class BGPState(StrEnum):
    """BIRD's BGP state, the first word of INFO (proto/bgp/bgp.c bgp_state_dsc)."""

    IDLE = "Idle"
    CONNECT = "Connect"
    ACTIVE = "Active"
    OPEN_SENT = "OpenSent"
    OPEN_CONFIRM = "OpenConfirm"
    ESTABLISHED = "Established"
    CLOSE = "Close"
    PASSIVE = "Passive"
    DOWN = "Down"


class ErrorClass(StrEnum):
    """Whose complaint an error in INFO is (proto/bgp/bgp.c bgp_last_errmsg)."""

    LOCAL = "Error"
    BGP = "BGP Error"
    RECEIVED = "Received"
    AUTOMATIC = "Automatic shutdown"
    SOCKET = "Socket"


class PeerError(NamedTuple):
    """The last error of a peer. It is sticky: BIRD keeps showing it until the session is Established."""

    error_class: ErrorClass | str
    message: str


def _error_from_json(value: Any, handler: Any) -> Any:
    if isinstance(value, PeerError):
        return value
    if isinstance(value, dict):
        return PeerError(_error_class(value["class"]), value["message"])
    return handler(value)


def _error_class(text: str) -> ErrorClass | str:
    try:
        return ErrorClass(text)
    except ValueError:
        return text


def _error_to_json(error: PeerError) -> dict[str, str]:
    return {"class": str(error.error_class), "message": error.message}


@with_config(VALUES)
@dataclass(frozen=True, slots=True)
class Peer:
    """One row of the table. The node it stands on is the reading that holds it.

    Attributes:
        family: The address family of the table.
        address: The neighbour's address; None where the text is masked or is no address.
        address_text: The address as it stood, port included.
        port: The port in the name (`.port.500`); None when the name carries none, which says nothing about the port
            dialled.
        peer_type: A PeerType, or the text as it stood.
        protocol_state: BIRD's protocol state: start, up, wait, feed, stop, down, flush.
        bgp_state: BIRD's BGP state; None when BIRD printed none.
        since: The SINCE cell verbatim (`HH:MM:SS` or `YYYY-MM-DD`), None when missing. See parse.since.
        info: The INFO cell; wrapped lines joined by one blank.
        error: The last error in INFO, or None.
    """

    family: Family
    address: Address | None
    address_text: str
    port: int | None
    peer_type: Annotated[PeerType | str, Field(union_mode="left_to_right")]
    protocol_state: str
    bgp_state: BGPState | None
    since: str | None
    info: str
    error: Annotated[PeerError, WrapValidator(_error_from_json), PlainSerializer(_error_to_json)] | None = None

    @property
    def is_established(self) -> bool:
        """Whether routes flow now: protocol `up` with `Established` (not `wait`: graceful restart is going on).

        BIRD's protocol is `up` while BGP is Established, and only then (proto/bgp/bgp.c
        bgp_conn_enter_established_state), so a table without an INFO column says it by the state.
        """
        if self.protocol_state != "up":
            return False
        return self.bgp_state is BGPState.ESTABLISHED or (self.bgp_state is None and not self.info)


class PeerKey(NamedTuple):
    """What expectation and observation meet on. `port` is the one *in the name* of BIRD's protocol.

    Two peers with one key exist (a mesh peer and an explicit peer to one address): compare as multisets.
    """

    node: str
    address: Address
    port: int | None
