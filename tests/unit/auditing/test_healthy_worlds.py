"""Healthy clusters of many kinds, by what their nodes hold: none is called broken, and nothing is said above info."""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.severity import Severity
from calico_bgp.model.resources import BGPConfiguration, FelixConfiguration, IPPool
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BIRD, BOOT, FELIX, KernelHop, KernelRoute
from tests.with_routes import change_table, with_routes

MESH = build_cluster(4, topology=Topology.MESH)
REFLECTORS = build_cluster(5)
SWITCHED = build_cluster(4, topology=Topology.MESH, switch=True)
PLAIN = IPPool(name="pods", cidr="10.244.0.0/16", ipip_mode="Never", vxlan_mode="Never")


def every(made, *, bird=None, kernel=None, **fields):
    """Another table on every node; each function takes the routes and the number of the node."""
    for number in range(len(made.readings)):
        changes = dict(fields)
        if bird is not None:
            changes["bird"] = lambda routes, n=number: bird(routes, n)
        if kernel is not None:
            changes["kernel"] = lambda routes, n=number: kernel(routes, n)
        made = change_table(made, number, **changes)
    return made


def world(cluster, made=None, *, pool=PLAIN, bird=None, felix=None, wireguard=None, **config):
    made = with_routes(cluster) if made is None else made
    given = lab_resources(cluster)
    default = replace(given.bgp_configurations[0], program_cluster_routes=bird, **config)
    settings = FelixConfiguration("default", program_cluster_routes=felix, wireguard_enabled=wireguard)
    assert isinstance(default, BGPConfiguration)
    update = {"ip_pools": (pool,), "bgp_configurations": (default,), "felix": (settings,)}
    return made.model_copy(update={"resources": given.model_copy(update=update)})


def borrowed():
    """A pod of node1 with an address of node2's block: on node1, and as every other node has learned it."""
    lent = ip_network("10.244.0.140/32")

    def bird(routes, number):
        if number == 0:
            pod = next(one for one in routes if one.protocol == "kernel1")
            return (*routes, pod._replace(prefix=lent))
        path = next(one for one in routes if str(one.prefix) == "10.244.0.64/26" and one.gateway is not None)
        return (*routes, path._replace(prefix=lent))

    def kernel(routes, number):
        if number == 0:
            return (*routes, KernelRoute(lent, "unicast", BOOT, 1024, (KernelHop(None, "cali77"),)))
        path = next(one for one in routes if str(one.prefix) == "10.244.0.64/26" and one.hops)
        return (*routes, path._replace(prefix=lent))

    return world(MESH, every(with_routes(MESH), bird=bird, kernel=kernel))


def services():
    """Addresses of load balancers, and their range: BIRD sends them nowhere, on every node, and so does the kernel."""
    single, range_ = ip_network("203.0.113.7/32"), ip_network("203.0.113.0/28")

    def bird(routes, _):
        own = next(one for one in routes if one.destination is Destination.BLACKHOLE)
        return (*routes, own._replace(prefix=single), own._replace(prefix=range_))

    def kernel(routes, _):
        return (*routes, KernelRoute(single, "blackhole", BIRD, 0, ()))

    ranges = {"service_load_balancer_ips": ("203.0.113.0/28", "203.0.113.7/32")}
    return world(MESH, every(with_routes(MESH), bird=bird, kernel=kernel), **ranges)


def felix_writes(routes, _):
    """BIRD writes none of the routes to other nodes, and Felix all; own blocks as well."""
    return tuple(one._replace(protocol=FELIX) if one.protocol == BIRD else one for one in routes)


def over(interface, protocol):
    """Routes into a tunnel, and Felix's blackholes, which BIRD learns beside its own."""

    def kernel(routes, _):
        return tuple(
            one._replace(
                protocol=protocol if one.hops else FELIX,
                hops=tuple(hop._replace(interface=interface) for hop in one.hops),
                is_onlink=bool(one.hops),
            )
            if one.protocol == BIRD
            else one
            for one in routes
        )

    return kernel


def wireguard():
    def bird(routes, number):
        address = ip_network(f"10.244.255.{number}/32")
        return (*routes, routes[0]._replace(prefix=address, interface="wireguard.cali"))

    def kernel(routes, _):
        hops = (KernelHop(None, "wireguard.cali"),)
        moved = (
            one._replace(protocol=FELIX, hops=hops, table="1") for one in routes if one.protocol == BIRD and one.hops
        )
        return (*(one for one in routes if one.protocol != BIRD or not one.hops), *moved)

    return every(with_routes(MESH), bird=bird, kernel=kernel, wireguard_is_read=True)


def ebpf():
    """eBPF's own routes to services."""
    hop = KernelHop(ip_address("169.254.1.1"), "bpfin.cali")
    extra = tuple(
        KernelRoute(ip_network(text), "unicast", FELIX, 0, (hop,)) for text in ("10.96.0.1/32", "10.96.0.10/32")
    )
    return every(with_routes(MESH), kernel=lambda routes, _: (*routes, *extra))


VXLAN = replace(PLAIN, vxlan_mode="CrossSubnet")
IPIP = replace(PLAIN, ipip_mode="Always")


def holding(kernel, cluster=MESH):
    """A cluster whose kernels have the routes in another way."""
    return every(with_routes(cluster), kernel=kernel)


BY_FELIX = {"bird": "Disabled", "felix": "Enabled"}
BY_BIRD = {"bird": "Enabled", "felix": "Disabled"}
OVER_IPIP = holding(over("tunl0", FELIX))
REFLECTED = world(REFLECTORS, holding(over("tunl0", FELIX), REFLECTORS), pool=IPIP)
WORLDS = {
    "borrowed addresses": (borrowed(), (3, 33)),
    "load balancers": (services(), (3, 33)),
    "Felix alone, v3.32": (world(MESH, holding(felix_writes), **BY_FELIX), (3, 32)),
    "Felix alone, v3.33": (world(MESH, holding(felix_writes), **BY_FELIX), (3, 33)),
    "BIRD alone, v3.32": (world(MESH, **BY_BIRD), (3, 32)),
    "BIRD alone, v3.33": (world(MESH, **BY_BIRD), (3, 33)),
    "neither set, v3.33": (world(MESH), (3, 33)),
    "neither set, v3.26": (world(MESH, pool=IPIP), (3, 26)),
    "IPIP by BIRD": (world(MESH, holding(over("tunl0", BIRD)), pool=IPIP), (3, 31)),
    "IPIP by Felix": (world(MESH, OVER_IPIP, pool=IPIP), (3, 33)),
    "IPIP and reflectors": (REFLECTED, (3, 33)),
    "VXLAN": (world(MESH, holding(over("vxlan.calico", BOOT)), pool=VXLAN), (3, 31)),
    "WireGuard": (world(MESH, wireguard(), wireguard=True), (3, 33)),
    "eBPF": (world(MESH, ebpf()), (3, 33)),
    "a switch": (world(SWITCHED), (3, 33)),
}


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_is_wrong(name):
    snapshot, version = WORLDS[name]
    report = audit(snapshot, calico_version=CalicoVersion(*version))
    assert [finding.message for finding in report.findings if finding.severity is not Severity.INFO] == []
    assert (report.verdict, report.causes) == ("healthy", ())


def test_borrowed_addresses_are_told_as_what_they_are():
    (finding,) = audit(borrowed()).findings
    assert (finding.rule, finding.severity, finding.message) == (
        "addresses-outside-blocks",
        Severity.INFO,
        "node1 has 1 address borrowed from node2",
    )
    assert finding.evidence == ("10.244.0.140/32 in a block of node2",)


@pytest.mark.parametrize(
    ("bird", "felix", "told"),
    [("Disabled", "Disabled", True), ("Disabled", None, True), (None, "Disabled", False)],
)
def test_of_a_release_that_nobody_told_only_what_all_have_in_common_is_wrong(bird, felix, told):
    """Through the API no node may print its version: what only v3.33 means by it is not claimed."""
    pool = IPIP if bird is None else PLAIN
    made = world(MESH, pool=pool, bird=bird, felix=felix)
    without = made.model_copy(
        update={
            "readings": tuple(one.model_copy(update={"calicoctl_version": None, "tables": ()}) for one in made.readings)
        }
    )
    found = {finding.rule for finding in audit(without).findings}
    assert ("cluster-routes-programmed-by-nobody" in found) is told


def test_what_the_kernels_show_counts_more_than_settings():
    """Felix's environment may say otherwise than its resource (felix/config/config_params.go)."""
    made = world(MESH, bird="Disabled", felix="Disabled")
    report = audit(made)
    assert (report.verdict, report.findings) == ("healthy", ())
    first, *others = made.readings
    # Of one node no table was read.
    silent = made.model_copy(update={"readings": (first.model_copy(update={"tables": ()}), *others)})
    assert "cluster-routes-programmed-by-nobody" not in {finding.rule for finding in audit(silent).findings}
    # One kernel lacks a route.
    lacking = change_table(made, 0, kernel=lambda there: tuple(r for r in there if str(r.prefix) != "10.244.0.128/26"))
    assert "cluster-routes-programmed-by-nobody" in {finding.rule for finding in audit(lacking).findings}
