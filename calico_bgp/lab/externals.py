"""What peers outside the cluster do, and what BIRD's row says about it. Data only.

Each row was seen with real BIRD 1.6.8 (tests/fixtures/captures: fake_peers, odd_peers); the texts are those of
proto/bgp/packets.c bgp_error_dsc.
"""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.model.peer import BGPState


class Row(NamedTuple):
    """The part of a row that the far end decides.

    Attributes:
        state: BIRD's protocol state.
        bgp_state: BIRD's BGP state; None for a protocol that is down.
        error: The last error with its class, or the empty text.
    """

    state: str
    bgp_state: BGPState | None
    error: str = ""


ESTABLISHED = Row("up", BGPState.ESTABLISHED)
TIMED_OUT = "Socket: Connection timed out"
NO_ROUTE = "Socket: No route to host"
REFUSED = "Socket: Connection refused"
CLOSED = "Socket: Connection closed"
NO_NETWORK = "Socket: Network is unreachable"
RESET = "Socket: Connection reset by peer"

#: The C library's words (facts §1): captures were taken with glibc, the calico/node image has musl.
MUSL_WORDS = {
    "Socket: No route to host": "Socket: Host is unreachable",
    "Socket: Connection timed out": "Socket: Operation timed out",
    "Socket: Network is unreachable": "Socket: Network unreachable",
    "Socket: Cannot assign requested address": "Socket: Address not available",
}

#: What the far end does -> what our row says.
BEHAVIOURS: dict[str, Row] = {
    "established": ESTABLISHED,
    "nobody-there": Row("start", BGPState.ACTIVE, TIMED_OUT),
    "no-route": Row("start", BGPState.ACTIVE, NO_NETWORK),
    "refuses": Row("start", BGPState.ACTIVE, REFUSED),
    "resets": Row("start", BGPState.ACTIVE, RESET),
    "not-direct": Row("start", BGPState.IDLE),
    "never-dials": Row("start", BGPState.PASSIVE),
    "disabled-here": Row("down", None),
    "too-many-routes": Row("down", None, "Automatic shutdown: Route limit exceeded"),
    "silent": Row("start", BGPState.OPEN_SENT),
    "no-keepalives": Row("start", BGPState.IDLE, "BGP Error: Hold timer expired"),
    "garbage": Row("start", BGPState.IDLE, "BGP Error: Connection not synchronized"),
    "old-version": Row("start", BGPState.IDLE, "BGP Error: Unsupported version number"),
    "same-router-id": Row("start", BGPState.IDLE, "BGP Error: Bad BGP identifier"),
    "short-hold-time": Row("start", BGPState.IDLE, "BGP Error: Unacceptable hold time"),
    "says-bad-as": Row("start", BGPState.IDLE, "Received: Bad peer AS"),
    "says-capability-missing": Row("start", BGPState.IDLE, "Received: Required capability missing"),
    "says-hold-timer-expired": Row("start", BGPState.IDLE, "Received: Hold timer expired"),
    "says-prefix-limit": Row("start", BGPState.ACTIVE, "Received: Maximum number of prefixes reached"),
    "says-shutdown": Row("start", BGPState.ACTIVE, "Received: Administrative shutdown"),
    "says-deconfigured": Row("start", BGPState.ACTIVE, "Received: Peer de-configured"),
    "says-reset": Row("start", BGPState.ACTIVE, "Received: Administrative reset"),
    "says-rejected": Row("start", BGPState.ACTIVE, "Received: Connection rejected"),
    "says-config-change": Row("start", BGPState.ACTIVE, "Received: Other configuration change"),
    "says-collision": Row("start", BGPState.ACTIVE, "Received: Connection collision resolution"),
    "says-unknown": Row("start", BGPState.ACTIVE, "Received: Unknown error 6.9"),
}
