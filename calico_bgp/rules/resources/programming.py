"""Rules about who writes the kernel's routes to other nodes: BIRD and Felix both, or neither, by Calico's resources."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.expected import is_version_told
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, step
from calico_bgp.model.reports.about import about_configuration
from calico_bgp.model.reports.severity import Severity
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.model.resources import Resources
from calico_bgp.model.routes.observed import Stop
from calico_bgp.prefixes import contains, is_within, prefixes_of
from calico_bgp.routes.network.pools import pool_fates
from calico_bgp.routes.network.programming import BIRD_MAY_NOT, Conflict, conflicts_of
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.rules.rule import Draft, rule

_KIND = "FelixConfiguration"
_UNSET = "not set"


@rule(
    "cluster-routes-programmed-twice",
    Severity.WARNING,
    title="BIRD and Felix both write the kernel's routes to other nodes",
    meaning="programClusterRoutes of BGPConfiguration and of FelixConfiguration must complement each other, and "
    "nothing checks that. Where both write, the kernel has each route twice, BIRD learns Felix's copy and may announce "
    "another node's block, and a route of Felix stays when the node is gone. VXLAN's routes are Felix's alone. Source: "
    "felix/config/config_params.go and confd/pkg/backends/calico/bgp_processor.go of each release.",
    evidence="Both settings and their meaning in this release of Calico, and the IPPools.",
    action="Let one of both write each class of routes: change programClusterRoutes of one.",
    messages={
        "twice": "BIRD and Felix both write the kernel's routes of {pools:count IPPool} ({kind}): {pools}",
    },
)
def cluster_routes_programmed_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per FelixConfiguration by which it is so."""
    for conflict in _conflicts(cluster):
        if conflict.writers.are_both:
            yield _draft(cluster, conflict, "twice")


@rule(
    "cluster-routes-programmed-by-nobody",
    Severity.ERROR,
    title="Neither BIRD nor Felix writes the kernel's routes to other nodes",
    meaning="BIRD learns every route and Felix knows every block, and by programClusterRoutes of BGPConfiguration and "
    "of FelixConfiguration each leaves the kernel's routes to the other: pods reach those of their own node only. It "
    "comes of an upgrade to v3.32 or v3.33, which change what the values mean and what holds where none is set. Up to "
    "v3.32 Felix writes plain routes only where no IPPool has IPIP or VXLAN and WireGuard is off. Source: "
    "felix/config/config_params.go, felix/dataplane/linux/int_dataplane.go and "
    "confd/pkg/backends/calico/bgp_processor.go of each release.",
    evidence="Both settings and their meaning in this release of Calico, and the IPPools. Silent where the nodes' "
    "kernels have the routes all the same.",
    action="Let one of both write each class of routes: change programClusterRoutes of one.",
    messages={
        "nobody": "neither BIRD nor Felix writes the kernel's routes of {pools:count IPPool} ({kind}): {pools}",
    },
)
def cluster_routes_programmed_by_nobody(cluster: Cluster) -> Iterator[Draft]:
    """One finding per FelixConfiguration by which it is so."""
    if cluster.has_snapshot and _kernels_have_them(cluster):
        return
    for conflict in _conflicts(cluster):
        if conflict.writers.is_nobody:
            yield _draft(cluster, conflict, "nobody")


def _conflicts(cluster: Cluster) -> Iterator[Conflict]:
    """Those of the cluster's release; where nobody told that, those which the last ones have in common."""
    resources = cluster.configured.resources
    conflicts = conflicts_of(resources, cluster.version)
    if cluster.has_snapshot and cluster.version == NEWEST and not is_version_told(cluster.snapshot):
        before = list(conflicts_of(resources, BIRD_MAY_NOT))
        conflicts = (conflict for conflict in conflicts if conflict in before)
    yield from conflicts


def _draft(cluster: Cluster, conflict: Conflict, key: str) -> Draft:
    resources = cluster.configured.resources
    place = next((one.place for one in resources.felix if one.name == conflict.felix), None)
    subject = ResourceSubject(
        resource=_KIND,
        name=conflict.felix,
        file=None if place is None else place.source,
        line=None if place is None else place.line,
    )
    evidence = tuple(_settings(resources, conflict.felix, cluster.version))
    return Draft(subject, key, evidence, LOOK_AT_RESOURCES, pools=conflict.pools, kind=str(conflict.kind))


def _settings(resources: Resources, felix: str, version: CalicoVersion) -> Iterator[str]:
    """What is set, and for which release it is judged."""
    config = resources.global_config
    bird = None if config is None else config.program_cluster_routes
    by_name = {one.name: one.program_cluster_routes for one in resources.felix}
    yield f"BGPConfiguration default: programClusterRoutes {bird or _UNSET}"
    yield f"{_KIND} {felix}: programClusterRoutes {by_name.get(felix) or _UNSET}"
    yield f"judged as Calico {version}"


def _kernels_have_them(cluster: Cluster) -> bool:
    """Whether kernels were read, and each route that BIRD has is there: then somebody writes them."""
    observed = observed_of(cluster).values()
    missing = any(route.stop is Stop.NOT_IN_KERNEL for routes in observed for route in routes.missing)
    return not missing and any(node.in_kernel for routes in observed for node in routes.nodes)


@rule(
    "services-over-pool",
    Severity.ERROR,
    title="A range of Services holds addresses of pods",
    meaning="BIRD writes no route into the kernel that lies in a range of serviceClusterIPs, serviceExternalIPs or "
    "serviceLoadBalancerIPs, on no node. Of an IPPool in such a range, or around it, all BIRDs have the routes and no "
    "kernel has, unless Felix programs them. Source: confd/etc/calico/confd/templates/bird_ipam.cfg.template.",
    evidence="The ranges of the BGPConfiguration, the IPPool, and who programs its routes.",
    action="Let the BGPConfiguration name the Services' range alone, as kube-apiserver has it "
    "(--service-cluster-ip-range), or make a pool beside it.",
    messages={
        "over": "the Services' {ranges:count range} {ranges:and} and IPPool {pool} ({cidr}) overlap: no kernel "
        "gets the routes of pods there"
    },
)
def services_over_pool(cluster: Cluster) -> Iterator[Draft]:
    """One finding per pool."""
    configured = cluster.configured
    config = configured.resources.global_config
    if config is None:
        return
    pools = {pool.name: pool for pool in configured.resources.ip_pools}
    # BIRD writes the routes of single addresses.
    ranges = [each for each in prefixes_of(config.service_ranges) if each.prefixlen < each.max_prefixlen]
    for fate in pool_fates(configured.resources, version=configured.expectation.version):
        pool = pools[fate.name]
        own = prefixes_of([pool.cidr])
        over = [str(each) for each in ranges for network in own if is_within(each, own) or contains(each, network)]
        if over and not fate.survives and pool.is_for_pods:
            yield Draft(
                about_configuration(config),
                "over",
                (f"{pool.cidr}, {fate.encapsulation}", fate.because, f"ranges of Services: {', '.join(over)}"),
                step("kubectl get bgpconfigurations default -o yaml"),
                ranges=over,
                pool=pool.name,
                cidr=pool.cidr,
            )
