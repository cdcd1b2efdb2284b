"""The rules of one step: what a node makes of a route for a neighbour, and whether the neighbour takes it.

BIRD 1.6 proto/bgp/attrs.c bgp_import_control, bgp_update_attrs, bgp_get_bucket (sending), bgp_decode_attrs (arrival)
and bgp_rte_better (choice); RFC 4271 section 9, RFC 4456 section 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from calico_bgp.routes.network.wiring import Port


class Refusal(StrEnum):
    """Why a route does not get from one node to the next."""

    SPLIT_HORIZON = "split horizon"
    """(a) It was learned over this very session."""
    CLUSTER_AT_SENDER = "cluster list at the sender"
    """(b) To a client goes nothing that has been in the sender's own cluster."""
    IBGP = "iBGP"
    """(c) Learned over iBGP from no client, and the neighbour is no client either."""
    NEXT_HOP = "next hop"
    """(d) Its next hop is the neighbour."""
    NOT_BEST = "not the best path"
    """Without add-paths only the best path is offered."""
    AS_PATH = "AS path"
    """The receiver's own AS stands in AS_PATH more often than allowed."""
    ORIGINATOR = "originator"
    """ORIGINATOR_ID is the receiver's router ID."""
    EXPORT = "export filter"
    """The sender's filters, or Calico's own export rules, hold it back."""
    IMPORT = "import filter"
    """The receiver's filters reject it."""
    CLUSTER_AT_RECEIVER = "cluster list at the receiver"
    """The sender is the receiver's client, and the receiver's cluster ID stands in CLUSTER_LIST."""


class Route:
    """A route for one node's block, as it stands in a node's table.

    Attributes:
        node: Whose table.
        port: Over which session it came; None for the node's own.
        as_bits: How often each AS number that some receiver looks for stands in AS_PATH (wiring.py).
        length: The length of AS_PATH; 0 where no one chooses a best path.
        clusters: The cluster IDs in CLUSTER_LIST.
        originator: ORIGINATOR_ID, None when unset.
        next_hop: NEXT_HOP; None for the node's own.
        parent: The route of the node that sent it.
    """

    __slots__ = ("as_bits", "clusters", "length", "next_hop", "node", "originator", "parent", "port")

    def __init__(
        self,
        node: str,
        port: Port | None = None,
        *,
        as_bits: int = 0,
        length: int = 0,
        clusters: int = 0,
        originator: object = None,
        next_hop: object = None,
        parent: Route | None = None,
    ) -> None:
        self.node = node
        self.port = port
        self.as_bits = as_bits
        self.length = length
        self.clusters = clusters
        self.originator = originator
        self.next_hop = next_hop
        self.parent = parent

    def way(self) -> tuple[Route, ...]:
        """The routes that it came from, the origin's own first, itself last."""
        chain: list[Route] = []
        visited: set[int] = set()
        route: Route | None = self
        # Without add-paths a ring that hides its AS numbers can keep a route alive that came from nowhere.
        while route is not None and id(route) not in visited:
            chain.append(route)
            visited.add(id(route))
            route = route.parent
        return tuple(reversed(chain))

    def same_as(self, other: Route) -> bool:
        """Whether no rule can tell the two apart."""
        return (
            self.as_bits == other.as_bits
            and self.clusters == other.clusters
            and self.length == other.length
            and self.originator == other.originator
            and self.next_hop == other.next_hop
            and self.port is other.port
        )

    def covers(self, other: Route) -> bool:
        """Whether this one gets everywhere the other gets and is no worse a choice there. Both came over one session.

        So the other need not be followed: this is what keeps the number of routes small where the paths multiply.
        """
        return (
            not self.as_bits & ~other.as_bits
            and not self.clusters & ~other.clusters
            and self.length <= other.length
            and self.originator == other.originator
            and self.next_hop == other.next_hop
        )


def pass_on(route: Route, out: Port, *, count_length: bool = False) -> Route | Refusal:
    """Send a route out of a port of the node that has it: the route at the far end, or why it does not get there.

    Args:
        route: In the table of `out.node`.
        out: The session.
        count_length: Whether the length of AS_PATH matters to someone.
    """
    source = route.port
    as_bits, length, clusters, originator = route.as_bits, route.length, route.clusters, route.originator
    if source is not None:
        if source is out:
            return Refusal.SPLIT_HORIZON
        if out.client and clusters & out.cluster:
            return Refusal.CLUSTER_AT_SENDER
        if source.internal and out.internal and source.local_as == out.local_as:
            if not source.client and not out.client:
                return Refusal.IBGP
            if originator is None:
                originator = source.opposite.router_id
            clusters |= source.cluster | out.cluster
    if not (out.sends_own if source is None else out.sends_learned):
        return Refusal.EXPORT
    next_hop = out.address if out.rewrites or source is None else route.next_hop
    arrival = out.opposite
    if next_hop == arrival.address:
        return Refusal.NEXT_HOP
    if not out.internal:
        # Prepended; neither attribute of reflection leaves the AS.
        counted = (as_bits >> out.as_shift) & out.as_full
        as_bits |= (((counted << 1) | 1) & out.as_full) << out.as_shift
        length += count_length
        clusters, originator = 0, None
    if as_bits & arrival.as_limit:
        return Refusal.AS_PATH
    if originator is not None and originator == arrival.router_id:
        return Refusal.ORIGINATOR
    if arrival.client and clusters & arrival.cluster:
        return Refusal.CLUSTER_AT_RECEIVER
    if not arrival.takes:
        return Refusal.IMPORT
    return Route(
        arrival.node,
        arrival,
        as_bits=as_bits,
        length=length,
        clusters=clusters,
        originator=originator,
        next_hop=next_hop,
        parent=route,
    )


def best_of(routes: Iterable[Route]) -> Route:
    """The path that a speaker without add-paths offers, to whomever.

    In BIRD's order: its own; the shorter AS_PATH; eBGP before iBGP; the lower ORIGINATOR_ID, or router ID of the
    neighbour; the shorter CLUSTER_LIST; the lower address of the neighbour. Local preference, origin and MED are equal
    on all that Calico announces, and all next hops are taken to resolve alike. What it chooses by is not always known:
    a node without a router ID comes last.
    """
    return min(routes, key=_preference)


def _preference(route: Route) -> tuple[object, ...]:
    port = route.port
    if port is None:
        return ()
    identity = port.opposite.router_id if route.originator is None else route.originator
    return (
        route.length,
        port.internal,
        _order(identity),
        route.clusters.bit_count(),
        _order(port.opposite.address),
    )


def _order(value: object) -> tuple[bool, str]:
    is_unknown = isinstance(value, tuple)
    return is_unknown, str(value) if is_unknown else f"{int(value):040d}"  # type: ignore[call-overload]
