"""Faults of routes: every session stands, and the tables say what is wrong, over SSH and through the API alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cli.demonstration.lab import read_lab, read_lab_cluster, resources_of
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.effects.routes import trouble_of
from calico_bgp.lab.faults.fault import FaultError, parse_fault
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.reports.severity import Severity
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.sources.node import questions
from calico_bgp.sources.node.questions import Questions

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
CLIENTS = build_cluster(6)
ALL = frozenset(f"node{number}" for number in range(1, 7))
#: Fault → cause.
CAUSES = {
    "own-routes-lost:node4": "own-protocol-down",
    "import-limit:node5,node1": "import-limit-hit",
    "block-twice:node3,node4": "block-announced-twice",
    "kernel-behind:node4": "kernel-behind-bird",
    "pool-not-exported": "pool-not-exported",
    "filter-rejects": "filter-rejects-routes",
    "export-rejected:node5": "filter-by-hand",
    "export-rejected:node5,node1": "filter-by-hand",
    "pool-deleted": "pool-deleted",
    "programmed-twice": "programmed-twice",
    "programmed-by-nobody": "programmed-by-nobody",
}


def trouble(*texts, cluster=CLIENTS):
    return trouble_of(cluster, [parse_fault(text, cluster) for text in texts])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), Trouble()),
        (("bird-down", "link-cut"), Trouble()),
        (("own-routes-lost:node2,node3",), Trouble(own_lost=frozenset({"node2", "node3"}))),
        (("import-limit:node5,node1",), Trouble(limits=frozenset({("node5", "node1")}))),
        (("import-limit:node5",), Trouble(limits=frozenset(("node5", far) for far in ALL))),
        (("block-twice", "block-twice:node1,node6"), Trouble(shared_blocks=(("node1", "node6"),))),
        (("kernel-behind",), Trouble(kernel_behind=frozenset({"node6"}))),
        (("pool-not-exported",), Trouble(hidden=ALL)),
        (("programmed-twice",), Trouble(written_twice=ALL)),
        (("programmed-by-nobody", "confd-stuck:node4"), Trouble(unwritten=ALL - {"node4"})),
        (("programmed-by-nobody", "refused-config"), Trouble()),
        (("export-rejected:node5,node1",), Trouble(mute=frozenset({("node5", "node1")}))),
        (("export-rejected:node5",), Trouble(mute=frozenset(("node5", far) for far in ALL))),
        (("pool-deleted", "confd-stuck:node1"), Trouble(poolless=ALL - {"node1"})),
        # The machine of a deleted Node keeps its file, with the pools of that time.
        (("pool-deleted", "node-deleted:node4"), Trouble(poolless=ALL - {"node4"}, deleted=frozenset({"node4"}))),
        (("no-graceful-restart:node2",), Trouble(plain=frozenset({"node2"}))),
        (("filter-rejects",), Trouble(kept_back=ALL)),
        # A BIRD that follows no resources goes on announcing; and BGPPeers that another fault put there name no filter.
        (("filter-rejects", "confd-stuck:node4"), Trouble(kept_back=ALL - {"node4"})),
        (("pool-not-exported", "refused-config"), Trouble()),
        (("filter-rejects", "racks-apart"), Trouble()),
    ],
)
def test_what_goes_wrong(texts, expected):
    assert trouble(*texts) == expected


def test_a_pool_is_hidden_from_the_switch_and_a_filter_of_nodes_is_not():
    cluster = build_cluster(6, switch=True)
    exported = {}
    for text in ("pool-not-exported", "filter-rejects"):
        fault = parse_fault(text, cluster)
        tables = lab_tables(cluster, (Epoch(NOW, (fault,)),), NOW)
        held = LabRoutes(cluster, tables, NOW, trouble_of(cluster, [fault])).of("node4").held[Family.IPV4]
        exported[text] = sorted(held.exported.values())
    assert exported == {"pool-not-exported": [0, 0, 0], "filter-rejects": [0, 0, 1]}


@pytest.mark.parametrize(
    ("text", "node", "passing", "kept"),
    [
        # node1 reflects: its own block and those of five others, of which BIRD keeps a client's from itself.
        ("pool-deleted", "node1", {"Node_192_0_2_14": 1}, {"Node_192_0_2_14": 4}),
        ("pool-deleted", "node4", {"Global_192_0_2_11": 1}, {"Global_192_0_2_11": 0}),
        ("export-rejected:node4,node1", "node4", {"Global_192_0_2_11": 0}, {"Global_192_0_2_11": 1}),
        ("export-rejected:node4,node1", "node4", {"Global_192_0_2_12": 1}, {"Global_192_0_2_12": 0}),
    ],
)
def test_what_an_export_filter_keeps_back_is_counted(text, node, passing, kept):
    fault = parse_fault(text, CLIENTS)
    tables = lab_tables(CLIENTS, (Epoch(NOW, (fault,)),), NOW)
    held = LabRoutes(CLIENTS, tables, NOW, trouble_of(CLIENTS, [fault])).of(node).held[Family.IPV4]
    assert passing.items() <= held.exported.items()
    assert kept.items() <= held.filtered.items()


def test_what_lies_in_no_pool_a_reflector_keeps_from_its_clients():
    fault = parse_fault("pool-deleted", CLIENTS)
    tables = lab_tables(CLIENTS, (Epoch(NOW, (fault,)),), NOW)
    routes = LabRoutes(CLIENTS, tables, NOW, trouble_of(CLIENTS, [fault]))
    learned = {name: {path.origin for path in routes.of(name).held[Family.IPV4].paths} for name in ("node1", "node4")}
    assert learned == {"node1": ALL - {"node1"}, "node4": {"node1", "node2"}}


def test_the_machine_of_a_deleted_node_is_in_the_tables_and_not_among_the_nodes():
    with Lab(CLIENTS) as lab:
        lab.set_faults(["node-deleted:node4"])
        over_ssh = audit(read_lab(lab).model_copy(update={"resources": resources_of(lab)}))
        through_api = audit(read_lab_cluster(lab))
    assert [node.name for node in resources_after("node-deleted:node4").nodes] == sorted(ALL - {"node4"})
    for report in (over_ssh, through_api):
        assert ("routes-to-gone-node", "node4 (IPv4)") in [(one.rule, str(one.subject)) for one in report.findings]
        assert "deleted-node-announces" in {one.kind for one in report.causes}
    assert [one.kind for one in through_api.causes] == ["deleted-node-announces"]
    assert through_api.verdict is Verdict.WARNINGS


def resources_after(text):
    return lab_resources(CLIENTS, [parse_fault(text, CLIENTS)])


@pytest.mark.parametrize("fault", ["pool-not-exported", "filter-rejects"])
def test_pools_and_filters_read_back(fault):
    cluster = build_cluster(6, families=tuple(Family))
    resources = lab_resources(cluster, [parse_fault(fault, cluster)])
    read = parse_resources([("resources.yaml", resources_to_yaml(resources))])
    assert [(p.name, p.cidr, p.disable_bgp_export) for p in read.ip_pools] == [
        (f"default-{family}-ippool", cidr, fault == "pool-not-exported")
        for family, cidr in (("ipv4", "10.244.0.0/16"), ("ipv6", "fd00:10:244::/112"))
    ]
    rules = [(one.name, one.export_v4, one.export_v6) for one in resources.bgp_filters]
    assert [(one.name, one.export_v4, one.export_v6) for one in read.bgp_filters] == rules
    assert [peer.filters for peer in read.bgp_peers] == [peer.filters for peer in resources.bgp_peers]


#: Faults that cost no route → the one finding, its severity and whom it names.
QUIET = {
    "tor-silent": ("external-peer-gives-nothing", Severity.WARNING, "192.0.2.1 (IPv4)"),
    "no-graceful-restart:node4": ("graceful-restart-lacking", Severity.INFO, "node4 (IPv4)"),
}


@pytest.mark.parametrize("topology", [Topology.MESH, Topology.REFLECTORS])
def test_what_costs_no_route_is_told_by_one_finding(topology):
    with Lab(build_cluster(6, topology=topology, switch=True)) as lab:
        for fault, expected in QUIET.items():
            lab.set_faults([fault])
            over_ssh = audit(read_lab(lab).model_copy(update={"resources": resources_of(lab)}))
            through_api = audit(read_lab_cluster(lab))
            for report in (over_ssh, through_api):
                assert [(one.rule, one.severity, str(one.subject)) for one in report.findings] == [expected], fault
                assert [cause.kind for cause in report.causes] == ["external-peer-silent"] * (fault == "tor-silent")
                assert report.verdict is (Verdict.WARNINGS if fault == "tor-silent" else Verdict.HEALTHY)
                assert report.reachability[0].observed.pairs_missing == 0


@pytest.mark.parametrize("topology", [Topology.MESH, Topology.REFLECTORS])
def test_a_switch_that_is_told_of_no_pod(topology):
    cluster = build_cluster(6, topology=topology, switch=True)
    with Lab(cluster) as lab:
        lab.set_faults(["tor-untold"])
        report = audit(read_lab_cluster(lab))
    told = [(one.rule, one.severity, str(one.subject)) for one in report.findings]
    assert told == [("nothing-exported", Severity.WARNING, f"192.0.2.1 <-> {name} (IPv4)") for name in sorted(ALL)]
    assert [cause.kind for cause in report.causes] == ["peer-told-nothing"]
    assert (report.verdict, report.reachability[0].observed.pairs_missing) == (Verdict.WARNINGS, 0)


@pytest.mark.parametrize("text", ["tor-silent", "tor-untold", "tor-down"])
def test_a_fault_of_the_switch_needs_one(text):
    with pytest.raises(FaultError, match="--switch"):
        parse_fault(text, CLIENTS)


def test_a_mesh_has_no_bgp_peer_to_name_a_filter():
    with pytest.raises(FaultError, match="no reflectors"):
        parse_fault("filter-rejects", build_cluster(4, topology=Topology.MESH))


def test_over_ssh_and_through_the_api_the_same_is_told():
    with Lab(CLIENTS) as lab:
        for fault, cause in CAUSES.items():
            lab.set_faults([fault])
            over_ssh = audit(read_lab(lab).model_copy(update={"resources": resources_of(lab)}))
            through_api = audit(read_lab_cluster(lab))
            for report in (over_ssh, through_api):
                assert report.checked.peers_established == report.checked.peers > 0, fault
                assert {one.kind for one in report.causes} == {cause}, fault
                assert [one.rule for one in report.unexplained if one.severity is not Severity.INFO] == [], fault
        lab.set_faults([])
        assert audit(read_lab_cluster(lab)).causes == ()


@pytest.mark.parametrize("read", [read_lab, read_lab_cluster])
def test_nodes_of_a_large_cluster_send_hashes(monkeypatch, read):
    """As over 300 nodes, over SSH and through the API: one that differs is asked once more, and judged by its own."""
    monkeypatch.setattr(questions, "MANY_NODES", 4)
    asked = Questions(routes=True)
    cluster = build_cluster(7, topology=Topology.MESH)
    with Lab(cluster) as lab:
        healthy = read(lab, asked)
        lab.set_faults(["kernel-behind:node6"])
        behind = read(lab, asked)
    same = {reading.node: reading.tables[0].same_as.host for reading in healthy.readings if reading.tables[0].same_as}
    assert set(same) == {f"node{number}" for number in range(3, 8)}
    assert set(same.values()) == {healthy.readings[0].host}
    report = audit(healthy)
    assert report.reachability[0].observed.pairs == 42
    assert report.reachability[0].observed.by_hash == 5
    assert {reading.node for reading in behind.readings if reading.tables[0].same_as is None} == {
        "node1",
        "node2",
        "node6",
    }
    assert [cause.kind for cause in audit(behind).causes] == ["kernel-behind-bird"]
