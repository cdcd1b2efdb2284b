"""Paths in BIRD's table, as `show route` has them. Values only; `parse.bird.routes` reads them.

BIRD calls a path a route and a prefix a network; a network may have several paths, of which one is best.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.prefixes import Prefix


class Destination(StrEnum):
    """Where packets go."""

    GATEWAY = "via"
    INTERFACE = "dev"
    BLACKHOLE = "blackhole"
    UNREACHABLE = "unreachable"
    PROHIBITED = "prohibited"
    MULTIPATH = "multipath"


class NextHop(NamedTuple):
    """One of several ways: a gateway, its interface, and its weight, from 1."""

    gateway: Address
    interface: str
    weight: int


class BGPAttributes(NamedTuple):
    """What BGP says of a path (`show route all`).

    Attributes:
        as_path: Verbatim, as sets may stand in it; empty for one of the own AS.
        next_hops: One, or a global and a link-local address.
        local_pref: None where BGP carries none.
        med: Likewise.
        communities: Of two numbers, and of three.
        originator_id: The router ID of the node whose route a reflector passed on; None where none did.
        cluster_list: The cluster IDs of the reflectors that it came through, the last one first.
    """

    as_path: str = ""
    next_hops: tuple[Address, ...] = ()
    local_pref: int | None = None
    med: int | None = None
    communities: tuple[tuple[int, ...], ...] = ()
    originator_id: str | None = None
    cluster_list: tuple[str, ...] = ()


class BirdRoute(NamedTuple):
    """One path.

    Attributes:
        prefix: Where it leads.
        destination: How.
        gateway: For `via`; behind a reflector it is the client, not the peer.
        interface: For `via` and `dev`.
        next_hops: For `multipath`.
        protocol: BIRD's protocol that it came from, `static1` or `Mesh_192_0_2_11`.
        since: Verbatim.
        from_peer: The peer's address where it is not the gateway: a reflector's.
        is_best: Whether packets take it.
        not_in_kernel: Whether it is best, and the kernel took another writer's route in its place (BIRD's `!`).
        preference: BIRD's, larger is better.
        stale: Whether it is kept from before a restart.
        igp_metric: Of the next hop; None where there is none, or it cannot be resolved.
        is_resolved: False where the next hop cannot be resolved.
        origin_as: The last AS of its path.
        type: `BGP`, `static`, `device` or `inherit`; None without `all`.
        bgp: None for what is not BGP's, and without `all`.
        kernel_source: The kernel's protocol number: 12 BIRD, 80 Felix, 3 boot, 4 static; None where it does not say.
        kernel_metric: The kernel's metric.
    """

    prefix: Prefix
    destination: Destination
    protocol: str
    since: str
    preference: int
    gateway: Address | None = None
    interface: str | None = None
    next_hops: tuple[NextHop, ...] = ()
    from_peer: Address | None = None
    is_best: bool = False
    not_in_kernel: bool = False
    stale: bool = False
    igp_metric: int | None = None
    is_resolved: bool = True
    origin_as: int | None = None
    type: str | None = None
    bgp: BGPAttributes | None = None
    kernel_source: int | None = None
    kernel_metric: int | None = None


class RouteCount(NamedTuple):
    """`show route count`: paths that a filter let through, all paths, and the networks of these."""

    paths: int
    all_paths: int
    networks: int


class BirdRoutes(NamedTuple):
    """What BIRD answered.

    Attributes:
        version: As BIRD greets, or None.
        routes: In BIRD's order, which means nothing.
        counted: For `show route count`.
        is_answer: Whether the question was answered. An absent network is an answer; silence and a greeting are none.
        is_down: Whether the protocol that was asked about is down, so that nothing is known of its routes.
        complete: False where the answer stops in the middle. birdc does not show it.
        refusal: What was said instead of an answer, or None.
        unrecognised: Lines that no rule understood.
    """

    version: str | None
    routes: tuple[BirdRoute, ...]
    counted: RouteCount | None
    is_answer: bool
    is_down: bool
    complete: bool
    refusal: str | None
    unrecognised: tuple[UnrecognisedLine, ...]
