"""Routes in a node's kernel, table `main`, and those over WireGuard in a table of their own. Values only.

`parse.kernel_routes` reads them.
"""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.prefixes import Prefix

#: Kernel protocol numbers that matter (linux/rtnetlink.h; 80 is Felix's `deviceRouteProtocol` for routes to nodes).
BIRD, FELIX, BOOT, STATIC, KERNEL = 12, 80, 3, 4, 2


class KernelHop(NamedTuple):
    """One way: a gateway, an interface, or both."""

    gateway: Address | None
    interface: str | None
    weight: int = 1


class KernelRoute(NamedTuple):
    """One route.

    Attributes:
        prefix: Where it leads.
        type: `unicast`, `blackhole`, `unreachable`, `prohibit`, ...
        protocol: Who wrote it, as the kernel's number; 3 (boot) where `ip` does not say.
        metric: 0 where `ip` says none.
        hops: Its ways; several for ECMP, none for a blackhole.
        is_onlink: Whether the gateway counts as reachable without a look (tunnels).
        table: The table that a rule leads to before `main`; None for `main`.
    """

    prefix: Prefix
    type: str
    protocol: int
    metric: int
    hops: tuple[KernelHop, ...]
    is_onlink: bool = False
    table: str | None = None


class KernelRoutes(NamedTuple):
    """What `ip route show` printed.

    Attributes:
        routes: In its order.
        complete: Whether something was said and all of it understood: then a route that is not there is not in the
            kernel.
        unrecognised: What was not: lines, or elements of the JSON, counted from 1.
        has_wireguard: Whether the node has WireGuard's interface and its routes were read.
    """

    routes: tuple[KernelRoute, ...]
    complete: bool
    unrecognised: tuple[UnrecognisedLine, ...]
    has_wireguard: bool = False
