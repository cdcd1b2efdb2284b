"""Calico's own export rules, which follow where no BGPFilter decides: what a node tells a peer. Resources' values in.

Source: confd's bird_ipam.cfg and bird.cfg templates (up to v3.32), `bgp_processor.go` (v3.33); each rule was tried on
BIRD 1.6.8. The numbers of the rules are those of docs/routes.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import BGPFilter, Direction
from calico_bgp.prefixes import Prefix, contains, is_within
from calico_bgp.routes.policy.bgp_filter import decide
from calico_bgp.routes.policy.route import NORMAL_PRIORITY, Route, Source

#: The releases in which the rules changed.
TUNNELS_HELD_BACK = (3, 27)
BPF_HELD_BACK = (3, 28)
PRIORITIES = (3, 32)
FELIX_PROGRAMS_IPIP = (3, 33)

Release = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ExportPolicy:
    """What decides on one node about what it tells, beside the filters.

    Attributes:
        release: Calico's, (3, 31).
        local_as: The session's own AS.
        blocks: Blocks whose affinity to this node is confirmed; those that are being given back are not among them.
        pools: The prefixes of all pools but those in `unexported`.
        unexported: The prefixes of pools with `disableBGPExport`.
        services: What this node advertises of services: ranges and addresses.
        load_balancers: `serviceLoadBalancerIPs` of the BGPConfiguration; external IPs too from v3.33.
        is_reflector: Whether it has a cluster ID.
        bird_programs_ipip: Whether BIRD writes the routes of IPIP pools; Felix does from v3.33 by default.
        communities: Per prefix what `prefixAdvertisements` adds to routes within it.
    """

    release: Release
    local_as: int
    blocks: tuple[Prefix, ...] = ()
    pools: tuple[Prefix, ...] = ()
    unexported: tuple[Prefix, ...] = ()
    services: tuple[Prefix, ...] = ()
    load_balancers: tuple[Prefix, ...] = ()
    is_reflector: bool = False
    bird_programs_ipip: bool = False
    communities: tuple[tuple[Prefix, tuple[tuple[int, ...], ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ExportDecision:
    """What becomes of a route at one session.

    Attributes:
        accepted: Whether it is sent.
        because: The rule that decided.
        route: As it is sent.
    """

    accepted: bool
    because: str
    route: Route


def prepared(policy: ExportPolicy, route: Route, *, same_as: bool) -> Route:
    """A route before any filter: BIRD 1.6 has put the own AS before the path, Calico has set its priority (rule 0)."""
    if not same_as:
        route = replace(route, as_path=(policy.local_as, *route.as_path))
    if policy.release >= PRIORITIES and route.source is not Source.BGP:
        return route.with_priority(NORMAL_PRIORITY if route.metric is None else route.metric)
    return route


#: Why a route stays that is nothing else.
IN_NO_POOL = "it lies in no pool"


def decide_export(
    policy: ExportPolicy, filters: tuple[BGPFilter, ...], family: Family, route: Route, *, same_as: bool
) -> ExportDecision:
    """Whether a node sends a route to a peer.

    Args:
        policy: The node's.
        filters: The peer's BGPFilters, in order; none for a peer of the mesh.
        family: The session's.
        route: As it stands in BIRD's table.
        same_as: Whether the peer's AS is the session's own (iBGP).
    """
    route = prepared(policy, route, same_as=same_as)
    decision = decide(filters, Direction.EXPORT, family, route, same_as=same_as)
    if decision is not None:
        why = "cannot be computed by BIRD" if decision.runtime_error else "matches"
        return ExportDecision(
            decision.accepted, f"rule {decision.rule} of BGPFilter {decision.filter} {why}", decision.route
        )
    for rule in _OWN_RULES:
        answer = rule(policy, route, same_as)
        if answer is not None:
            accepted, because = answer
            return ExportDecision(accepted, because, _with_communities(policy, route) if accepted else route)
    return ExportDecision(False, IN_NO_POOL, route)


_Answer = tuple[bool, str] | None


def _pool_is_held_back(policy: ExportPolicy, route: Route, same_as: bool) -> _Answer:
    del same_as
    return (False, "its pool has disableBGPExport") if is_within(route.prefix, policy.unexported) else None


def _tunnel_is_held_back(policy: ExportPolicy, route: Route, same_as: bool) -> _Answer:
    """Felix's routes over VXLAN, WireGuard and, from v3.33, IPIP: every node of the cluster has its own."""
    if not same_as or policy.release < TUNNELS_HELD_BACK:
        return None
    felix_ipip = policy.release >= FELIX_PROGRAMS_IPIP and not policy.bird_programs_ipip
    tunnel = route.interface.endswith((".cali", ".calico")) or (felix_ipip and route.interface == "tunl0")
    return (False, f"it leads over {route.interface}, and iBGP peers have their own such routes") if tunnel else None


def _bpf_is_held_back(policy: ExportPolicy, route: Route, same_as: bool) -> _Answer:
    del same_as
    bpf = route.interface.startswith("bpf") and route.interface.endswith(".cali")
    return (False, "it is Felix's own, for eBPF") if bpf and policy.release >= BPF_HELD_BACK else None


def _own_block(policy: ExportPolicy, route: Route, same_as: bool) -> _Answer:
    del same_as
    if route.prefix in policy.blocks:
        return True, "it is the node's own block"
    if not is_within(route.prefix, policy.blocks):
        return None
    if policy.release >= PRIORITIES and route.priority < NORMAL_PRIORITY:
        return True, "it is in the node's own block, with a priority of its own"
    return False, "it is in the node's own block, which is announced as a whole"


def _service(policy: ExportPolicy, route: Route, same_as: bool) -> _Answer:
    del same_as
    return (True, "it is a service's address") if is_within(route.prefix, policy.services) else None


def _reflected_service(policy: ExportPolicy, route: Route, same_as: bool) -> _Answer:
    del same_as
    passes = policy.is_reflector and policy.release >= TUNNELS_HELD_BACK
    within = passes and is_within(route.prefix, policy.load_balancers)
    return (True, "a reflector passes on addresses of load balancers") if within else None


def _pool(policy: ExportPolicy, route: Route, same_as: bool) -> _Answer:
    del same_as
    return (True, "it lies in a pool") if is_within(route.prefix, policy.pools) else None


_OWN_RULES: tuple[Callable[[ExportPolicy, Route, bool], _Answer], ...] = (
    _pool_is_held_back,
    _tunnel_is_held_back,
    _bpf_is_held_back,
    _own_block,
    _service,
    _reflected_service,
    _pool,
)


def _with_communities(policy: ExportPolicy, route: Route) -> Route:
    added = [
        community
        for network, communities in policy.communities
        if contains(network, route.prefix)
        for community in communities
        if community not in route.communities
    ]
    return replace(route, communities=(*route.communities, *added)) if added else route
