"""What the two ends of a session do with one route: BGPFilters and Calico's own export rules, as far as they are known.

What cannot be known from resources is None: a filter that was not given, or a rule by an interface that only the node
knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.model.routes.bgp_filter import BGPFilter, Direction
from calico_bgp.prefixes import Prefix, prefixes_of
from calico_bgp.routes.network.programming import PoolClass, writers_of
from calico_bgp.routes.path.hop import Verdict
from calico_bgp.routes.policy.bgp_filter import decide, refused_by_bird
from calico_bgp.routes.policy.export import IN_NO_POOL, ExportPolicy, decide_export
from calico_bgp.routes.policy.route import Route, Source

_UNMATCHED = "\0"


@dataclass(frozen=True)
class RoutePolicy:
    """The filters and rules of a cluster.

    Attributes:
        expectation: What Calico would configure; its peers may be those of some nodes only.
        family: Of the route.
        nodes: The nodes whose peers are wanted.
        assumed: (node, block) that is taken for the node's, whatever BlockAffinities say.
    """

    expectation: Expectation
    family: Family
    nodes: frozenset[str]
    assumed: tuple[str, Prefix] | None = None

    @property
    def resources(self) -> Resources:
        """Of the cluster."""
        return self.expectation.resources

    @cached_property
    def _peers(self) -> dict[tuple[str, str], list[ExpectedPeer]]:
        by_ends: dict[tuple[str, str], list[ExpectedPeer]] = {}
        whole = expect(self.resources, version=self.expectation.version, only=self.nodes)
        for name, peers in whole.peers.items():
            for peer in peers:
                if peer.family is self.family:
                    by_ends.setdefault((name, peer.far_node or str(peer.address)), []).append(peer)
        return by_ends

    @cached_property
    def _filters(self) -> dict[str, BGPFilter]:
        return {bgp_filter.name: bgp_filter for bgp_filter in self.resources.bgp_filters}

    @cached_property
    def _refused(self) -> str | None:
        """The filter that BIRD refuses, so that every node goes on with an older file."""
        refused = (each.name for each in self.resources.bgp_filters if any(refused_by_bird(each)))
        return next(refused, None)

    def filters_of(self, near: str, far: str, *, local_as: int) -> tuple[BGPFilter, ...] | str:
        """The filters at one end of a session, in order; or in words why they are not known."""
        by_name = {peer.name: peer.filters for peer in self.resources.bgp_peers}
        lists = {
            next((by_name[b.name] for b in peer.because if b.kind == "BGPPeer"), ())
            for peer in self._peers.get((near, far), ())
            if peer.local_as == local_as
        }
        if len(lists) > 1:
            return f"BGPPeers of {near} for {far} name different BGPFilters"
        names = lists.pop() if lists else ()
        missing = next((name for name in names if name not in self._filters), None)
        if missing is not None:
            return f"BGPFilter {missing} was not given"
        if names and self._refused is not None:
            return f"BIRD refuses BGPFilter {self._refused}, so that an older configuration is in force"
        return tuple(self._filters[name] for name in names)

    def export(self, near: str, far: str, route: Route, *, local_as: int, peer_as: int) -> tuple[Verdict, Route]:
        """What the exporting end does, and the route as it is sent."""
        filters = self.filters_of(near, far, local_as=local_as)
        same_as = local_as == peer_as
        policy = replace(self._policy(near), local_as=local_as)
        if isinstance(filters, str):
            return Verdict(None, filters), decide_export(policy, (), self.family, route, same_as=same_as).route
        outcomes = [
            decide_export(policy, filters, self.family, each, same_as=same_as)
            for each in self._may_be(route, filters, Direction.EXPORT)
        ]
        first = outcomes[0]
        sent = replace(first.route, interface=route.interface)
        if len({each.because for each in outcomes}) > 1:
            return Verdict(None, _depends(each.because for each in outcomes)), sent
        if first.because == IN_NO_POOL and not self.resources.ip_pools:
            return Verdict(None, "no IPPool was given: it is passed on only if one holds it"), sent
        return Verdict(first.accepted, first.because), sent

    def incoming(self, near: str, far: str, route: Route, *, local_as: int, peer_as: int) -> tuple[Verdict, Route]:
        """What the importing end, `near`, does with what comes from `far`, and the route as it stands then."""
        filters = self.filters_of(near, far, local_as=local_as)
        if isinstance(filters, str):
            return Verdict(None, filters), route
        outcomes: list[tuple[bool, str, Route]] = []
        for each in self._may_be(route, filters, Direction.IMPORT):
            decision = decide(filters, Direction.IMPORT, self.family, each, same_as=local_as == peer_as)
            if decision is None:
                no_rule = "no rule of its BGPFilters matches" if filters else "it has no BGPFilter"
                outcomes.append((True, no_rule, each))
            else:
                why = "cannot be computed by BIRD" if decision.runtime_error else "matches"
                rule = f"rule {decision.rule} of BGPFilter {decision.filter} {why}"
                outcomes.append((decision.accepted, rule, decision.route))
        accepted, first_because, first_route = outcomes[0]
        arrived = replace(first_route, interface=route.interface)
        if len({because for _, because, _ in outcomes}) > 1:
            return Verdict(None, _depends(because for _, because, _ in outcomes)), arrived
        return Verdict(accepted, first_because), arrived

    def _may_be(self, route: Route, filters: Iterable[BGPFilter], direction: Direction) -> list[Route]:
        """The route with every interface that a rule tells from others: a learned one's is not known."""
        if route.source is not Source.BGP:
            return [route]
        patterns = [
            rule.interface
            for bgp_filter in filters
            for rule in bgp_filter.rules(direction, self.family)
            if rule.interface is not None and rule.interface.strip("*")
        ]
        names = [_UNMATCHED, *(pattern.replace("*", "x").replace("?", "x") for pattern in patterns)]
        return [replace(route, interface=name) for name in dict.fromkeys(names)]

    @cached_property
    def _common(self) -> ExportPolicy:
        resources, version = self.resources, self.expectation.version
        config = resources.global_config
        return ExportPolicy(
            (version.major, version.minor),
            0,
            pools=prefixes_of(pool.cidr for pool in resources.ip_pools if not pool.disable_bgp_export),
            unexported=prefixes_of(pool.cidr for pool in resources.ip_pools if pool.disable_bgp_export),
            services=prefixes_of(() if config is None else config.service_ranges),
            load_balancers=prefixes_of(() if config is None else config.service_load_balancer_ips),
            bird_programs_ipip=writers_of(resources, version)[PoolClass.IPIP].bird,
            communities=tuple(
                (network, advertised.communities)
                for advertised in (() if config is None else config.prefix_advertisements)
                for network in prefixes_of([advertised.cidr])
            ),
        )

    def _policy(self, node: str) -> ExportPolicy:
        own = [a.cidr for a in self.resources.block_affinities if a.node == node and a.is_confirmed]
        resource = self.resources.nodes_by_name.get(node)
        return replace(
            self._common,
            blocks=(*prefixes_of(own), *((self.assumed[1],) if self.assumed and self.assumed[0] == node else ())),
            is_reflector=resource is not None and resource.cluster_id is not None,
        )


def _depends(rules: Iterable[str]) -> str:
    return "by which interface the route leads is not known: " + ", or ".join(dict.fromkeys(rules))
