"""The audit by what BIRD and the kernel hold: sessions that all stand prove nothing, and what was not read neither."""

from ipaddress import ip_network

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.catalogue import CATALOGUE
from calico_bgp.lab.faults.fault import FaultError, parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.routes.kernel_route import KernelHop
from calico_bgp.report.audit.full import reachability_sentence
from calico_bgp.rules.observed import RULES
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import change_protocols, change_table, with_routes

MESH = build_cluster(5, topology=Topology.MESH)
CLIENTS = build_cluster(6)
#: The rules of the tables.
HELD = {rule.id for rule in RULES if "held_routes" in rule.check.__module__}
TROUBLES = {
    "own-routes-lost": Trouble(own_lost=frozenset({"node3"})),
    "routes-not-announced": Trouble(kept_back=frozenset({"node3"})),
    "routes-not-accepted": Trouble(limits=frozenset({("node3", "node1"), ("node3", "node2")})),
    "block-announced-twice": Trouble(shared_blocks=(("node3", "node4"),)),
    "kernel-behind": Trouble(kernel_behind=frozenset({"node3"})),
}
#: Faults of the catalogue that are the tables' own to tell.
FAULTS_OF_ROUTES = {
    "own-routes-lost",
    "import-limit",
    "block-twice",
    "kernel-behind",
    "pool-not-exported",
    "filter-rejects",
    "programmed-twice",
    "programmed-by-nobody",
    "export-rejected",
    "pool-deleted",
    "node-deleted",
    "tor-silent",
    "tor-untold",
    "no-graceful-restart",
}


def audited(cluster, *faults, trouble=None, resources=True, tables=True):
    made = with_routes(cluster, *faults, trouble=trouble) if tables else snapshot_of(cluster, *faults)
    if resources:
        given = lab_resources(cluster, [parse_fault(text, cluster) for text in faults])
        made = made.model_copy(update={"resources": given})
    return audit(made)


@pytest.mark.parametrize("resources", [True, False])
@pytest.mark.parametrize("cluster", [MESH, CLIENTS])
@pytest.mark.parametrize("rule", TROUBLES)
def test_all_sessions_stand_and_the_cluster_is_not_healthy(rule, cluster, resources):
    report = audited(cluster, trouble=TROUBLES[rule], resources=resources)
    assert report.checked.peers == report.checked.peers_established
    assert report.verdict == "unhealthy"
    assert rule in {finding.rule for finding in report.findings}
    named = {str(finding.subject) for finding in report.findings}
    assert all("node3" in name or name.startswith("cluster") for name in named), "no innocent node"


@pytest.mark.parametrize("cluster", [MESH, CLIENTS])
def test_what_all_tables_show_is_healthy(cluster):
    report = audited(cluster)
    assert (report.verdict, report.findings) == ("healthy", ())
    (numbers,) = report.reachability
    total = numbers.nodes * (numbers.nodes - 1)
    assert (numbers.observed.pairs, numbers.observed.pairs_missing, numbers.observed.kernels) == (
        total,
        0,
        numbers.nodes,
    )
    sentence = f"all {numbers.nodes} nodes have each other's routes over IPv4, in BIRD and in the kernel"
    assert reachability_sentence(numbers) == sentence


def test_what_only_sessions_say_is_called_computed():
    (numbers,) = audited(MESH, tables=False).reachability
    assert numbers.observed is None
    assert "(computed from the sessions)" in reachability_sentence(numbers)


def test_missing_routes_stand_in_the_line_of_routes():
    (numbers,) = audited(MESH, trouble=TROUBLES["routes-not-announced"]).reachability
    assert reachability_sentence(numbers) == "4 of 20 routes missing over IPv4, by the nodes' tables"


def test_a_node_whose_static_protocol_goes_down_while_it_is_read_is_told_once():
    """Its table still had the block, its protocols are read after it: that nothing is exported has one reason."""
    going = with_routes(MESH, trouble=TROUBLES["routes-not-announced"])
    going = change_protocols(going.model_copy(update={"resources": lab_resources(MESH)}), 2, "static1", state="down")
    findings = audit(going).findings
    assert [(finding.rule, str(finding.subject)) for finding in findings] == [("own-routes-lost", "node3 (IPv4)")]


def test_tables_that_prove_nothing_change_nothing():
    """A table of one node alone, or parts of tables: the verdict is as without any."""
    made = with_routes(MESH).model_copy(update={"resources": lab_resources(MESH)})
    cut = change_table(made, 0, bird=lambda routes: routes[:1], bird_is_whole=False, kernel=None, kernel_is_whole=False)
    assert audit(cut).verdict == audited(MESH, tables=False).verdict
    assert not audit(cut).findings


@pytest.mark.parametrize("topology", [Topology.MESH, Topology.REFLECTORS])
def test_a_missing_session_is_told_once_and_not_by_the_tables_too(topology):
    """Of all faults of the catalogue: what the tables lack then is what the sessions' own findings say."""
    cluster = build_cluster(6, topology=topology)
    for entry in CATALOGUE:
        if entry.kind in FAULTS_OF_ROUTES:
            continue
        try:
            report = audited(cluster, str(entry.kind))
        except FaultError:
            continue
        told = {finding.rule for finding in report.findings} & HELD
        assert told == set(), entry.kind


def _with_wireguard(made, *, read):
    """Every node has WireGuard; from v3.33 on `main` then has no route to other nodes."""

    def direct(routes):
        return (*routes, routes[0]._replace(prefix=ip_network("10.244.255.1/32"), interface="wireguard.cali"))

    def over(routes):
        hops = (KernelHop(None, "wireguard.cali"),)
        moved = (r._replace(protocol=80, hops=hops, table="1") for r in routes if r.protocol == 12 and r.hops)
        return (*(r for r in routes if r.protocol != 12 or not r.hops), *(moved if read else ()))

    for number in range(len(made.readings)):
        made = change_table(made, number, bird=direct, kernel=over, wireguard_is_read=read)
    return made


def test_a_cluster_with_wireguard_is_healthy():
    report = audit(_with_wireguard(with_routes(MESH), read=True))
    assert (report.verdict, report.findings, report.not_checked) == ("healthy", (), ())
    assert reachability_sentence(report.reachability[0]).endswith("in BIRD and in the kernel")


def test_kernels_that_cannot_be_judged_are_named():
    """A snapshot of old, or an `ip` that knows no tables: nothing is claimed of the kernel, and no route is missed."""
    report = audit(_with_wireguard(with_routes(MESH), read=False))
    assert report.findings == ()
    assert [(one.what, one.why) for one in report.not_checked] == [
        (
            "the kernel's IPv4 routes of 5 nodes: node1, node2, node3, node4, node5",
            "WireGuard's routes, in a table of their own, were not read",
        )
    ]
    assert "kernel" not in reachability_sentence(report.reachability[0])
