"""How many routes arrive, are missing, or are not known, per family, and why they are not known. No finding here.

Pairs are counted: a node, and another one's routes. What only Calico's resources could tell is not known without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.expected import is_version_told
from calico_bgp.cluster.nodes.apart import apart
from calico_bgp.disjoint_sets import DisjointSets
from calico_bgp.failures import sheltered
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import FamilyReachability
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.consequences import FamilyRoutes, routes_over
from calico_bgp.routes.network.holding.filters import RouteFilters
from calico_bgp.routes.network.pools import pool_fates
from calico_bgp.routes.network.programming import BIRD_MAY_NOT
from calico_bgp.routes.network.sessions import EndSettings


def counted(cluster: Cluster, routes: Mapping[Family, FamilyRoutes]) -> Iterator[FamilyReachability]:
    """Each family's reachability in numbers; none where others are out of sight (a paste, `--limit`).

    Nor where it is not known whether the nodes are one cluster.
    """
    if apart(cluster):
        return
    for family, family_routes in routes.items():
        whole = cluster.snapshot.hosts or cluster.expectation is not None or not cluster.identity.unclaimed[family]
        if whole:
            with sheltered(routes_over(family), matters=True):
                yield _counted(cluster, family, family_routes)


def _counted(cluster: Cluster, family: Family, family_routes: FamilyRoutes) -> FamilyReachability:
    number = len(family_routes.now.nodes)
    total = number * (number - 1)
    learned, cut_off = family_routes.counts_now
    doubts: list[str] = []
    if cluster.expectation is None and _by_design(cluster):
        # Which routes a node passes on, nobody sees in a table of sessions.
        direct = min(
            learned, 2 * len({frozenset((one.node, other.node)) for one, other in family_routes.network.sessions})
        )
        apart = min(cut_off, total - _connected(family_routes))
        if direct < learned or apart < cut_off:
            doubts.append("who passes routes on (cluster IDs, AS numbers) only Calico's resources say")
        learned, cut_off = direct, apart
    filters = _doubtful_filters(cluster, family)
    unknown = total - learned - cut_off
    if unknown and filters:
        doubts.append(f"whether pods' routes pass {some(filters)} is not known")
    if unknown and family_routes.network.externals and family_routes.without_externals.count(Answer.NO) > cut_off:
        doubts.append("what external peers pass on is not known")
    return FamilyReachability(
        family=family,
        nodes=number,
        pairs=learned,
        pairs_cut_off=cut_off,
        pairs_unknown=unknown,
        assumptions=family_routes.now.assumptions,
        doubts=tuple(doubts),
    )


def suspected(cluster: Cluster, family: Family, family_routes: FamilyRoutes, numbers: FamilyReachability) -> bool:
    """Whether a route is missing or may be, for another reason than that it comes through a peer outside the cluster.

    What a top-of-rack switch passes on is the design of the cluster where Calico's resources name the switch; but it
    hands no node a route of the node's own AS unless somebody allows that (RFC 4271 section 9.1.2).
    """
    if not numbers.pairs_unknown and not numbers.pairs_cut_off:
        return False
    if not carries_pods(cluster, family):
        return False
    if cluster.expectation is None or not family_routes.network.externals:
        return True
    if _kept_back(cluster, family) or family_routes.now.count(Answer.NO):
        return True
    return bool(family_routes.without_externals.count(Answer.PERHAPS)) or _loops(family_routes)


def carries_pods(cluster: Cluster, family: Family) -> bool:
    """Whether pods may depend on the routes: not where Felix writes those of every enabled pool of the family.

    That is so with VXLAN, and with IPIP from v3.33 on. A release that no node told is taken for an older one as well.
    """
    resources = cluster.snapshot.resources
    used = {pool.name for pool in (() if resources is None else resources.ip_pools) if not pool.disabled}
    versions = {cluster.version} | (set() if is_version_told(cluster.snapshot) else {BIRD_MAY_NOT})
    fates = [
        fate
        for version in versions
        for fate in (() if resources is None else pool_fates(resources, version=version))
        if fate.name in used and fate.family is family
    ]
    return not fates or any(not fate.survives for fate in fates)


def _by_design(cluster: Cluster) -> bool:
    """Whether routes pass through nodes: with reflectors, or explicit peers of which nobody knows the AS."""
    return cluster.shape.kind not in {TopologyKind.MESH, TopologyKind.NO_BGP, TopologyKind.UNKNOWN}


def _connected(family_routes: FamilyRoutes) -> int:
    """Pairs that some chain of sessions joins: whether routes pass along it is another matter."""
    groups = DisjointSets(family_routes.now.nodes)
    for one, other in family_routes.network.sessions:
        groups.join(one.node, other.node)
    sizes = Counter(groups.root(name) for name in family_routes.now.nodes)
    return sum(size * (size - 1) for size in sizes.values())


def _kept_back(cluster: Cluster, family: Family) -> list[str]:
    """The IPPools in use whose blocks BIRD does not announce."""
    resources = cluster.snapshot.resources
    if resources is None:
        return []
    used = {pool.name for pool in resources.ip_pools if not pool.disabled}
    return [p.name for p in pool_fates(resources) if p.family is family and p.name in used and not p.exported]


def _doubtful_filters(cluster: Cluster, family: Family) -> tuple[str, ...]:
    if cluster.expectation is None:
        return ()
    peers = (peer for peers in cluster.expected_peers.values() for peer in peers if peer.family is family)
    expectation = cluster.expectation
    return RouteFilters(expectation.resources, family, expectation.version).doubtful(peers)


def _loops(family_routes: FamilyRoutes) -> bool:
    """Whether two nodes that only external peers join have one AS, so that each drops the other's routes."""
    ends: dict[str, list[EndSettings]] = {}
    for external in family_routes.network.externals:
        ends.setdefault(external.near.node, []).append(external.near.settings)
    numbers = {name: {settings.local_as for settings in of_node} for name, of_node in ends.items()}
    for learners, origins in family_routes.without_externals.classes_with(Answer.NO):
        # Their sessions with external peers do not tell the nodes of these classes apart: each is looked at.
        with_as: dict[int, list[str]] = {}
        for origin in origins:
            for number in numbers.get(origin, ()):
                with_as.setdefault(number, []).append(origin)
        for learner in learners:
            if learner not in ends or any(end.is_internal or end.allowed_local_as for end in ends[learner]):
                continue
            own = numbers[learner]
            if any(origin != learner and own <= numbers[origin] for origin in with_as.get(next(iter(own)), ())):
                return True
    return False


def in_words(numbers: FamilyReachability) -> str:
    """What of a family's routes keeps the cluster from being called healthy."""
    over = f"over {numbers.family.label}"
    if numbers.pairs_cut_off:
        verb = "is" if numbers.pairs_cut_off == 1 else "are"
        return f"{count(numbers.pairs_cut_off, 'route')} {verb} missing {over}"
    verb = "arrives" if numbers.pairs_unknown == 1 else "arrive"
    because = f" ({numbers.doubts[0]})" if numbers.doubts else ""
    return f"whether {count(numbers.pairs_unknown, 'route')} {verb} {over} is not known{because}"
