"""What findings cost: whose routes are lost because of them, and how severe they are therefore."""

from __future__ import annotations

import pytest

from calico_bgp import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Report, Severity
from calico_bgp.report.audit.full import reachability_sentence
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.routes.consequences import NOTHING_LOST
from tests.unit.auditing.conftest import snapshot_of

MESH = build_cluster(5, topology=Topology.MESH)
REFLECTORS = build_cluster(6)
UNJOINED = build_cluster(6, variant=Variant.CLIENTS)


def judged(cluster, *faults: str, resources: bool = True) -> Report:
    snapshot = snapshot_of(cluster, *faults)
    if resources:
        snapshot = snapshot.model_copy(update={"resources": lab_resources(cluster)})
    return audit(snapshot)


def costs(report: Report, rule: str) -> set[tuple[str, Severity, str | None]]:
    return {(str(f.subject), f.severity, f.consequence) for f in report.findings if f.rule == rule}


def counts(report: Report) -> list[tuple[int, int, int, int]]:
    return [(f.nodes, f.pairs, f.pairs_cut_off, f.pairs_unknown) for f in report.reachability]


@pytest.mark.parametrize("resources", [True, False])
def test_all_learn_all(resources):
    report = judged(MESH, resources=resources)
    assert counts(report) == [(5, 20, 0, 0)]
    assert "no route missing" in report_to_text(report)


def test_redundancy_lost_is_a_warning():
    report = judged(REFLECTORS, "link-cut:node1,node4")
    assert costs(report, "session-not-established") == {
        ("node1 <-> node4 (IPv4)", Severity.WARNING, NOTHING_LOST),
    }
    assert (counts(report), report.exit_code()) == ([(6, 30, 0, 0)], 0)


def test_routes_lost_are_an_error_and_counted():
    """Both reflectors are out of reach: the client and every other node are cut off from each other."""
    report = judged(REFLECTORS, "link-cut:node1,node4", "link-cut:node2,node4")
    assert costs(report, "isolated-node") == {
        ("node4", Severity.ERROR, "10 routes are lost because of it"),
    }
    assert (counts(report), report.exit_code()) == ([(6, 20, 10, 0)], 1)


def test_each_of_two_faults_in_a_row_is_to_blame():
    """Clients of one reflector each: what joins the two is down, and so is one client's only session."""
    report = judged(UNJOINED, "link-cut:node1,node3", "link-cut:node2,node4")
    assert costs(report, "session-not-established") == {
        # node1 lost node3's routes, for nobody hands them on to it; node3 and node4 have no reflector in common.
        ("node1 <-> node3 (IPv4)", Severity.ERROR, "4 routes are lost because of it"),
        ("node2 <-> node4 (IPv4)", Severity.ERROR, "4 routes are lost because of it"),
    }


def test_a_session_of_the_mesh_costs_its_own_pair():
    report = judged(MESH, "link-cut:node1,node2", resources=False)
    assert costs(report, "session-not-established") == {
        (
            "node1 <-> node2 (IPv4)",
            Severity.ERROR,
            "2 routes are lost because of it",
        ),
    }
    assert counts(report) == [(5, 18, 2, 0)]


def test_a_dead_reflector_costs_its_own_routes_only():
    report = judged(REFLECTORS, "bird-down:node1")
    assert costs(report, "daemon-not-running") == {
        ("node1", Severity.ERROR, "10 routes are lost because of it"),
    }


def test_what_is_inferred_is_perhaps():
    """Whether two reflectors have one cluster ID is not known without resources: as severe as with them."""
    report = judged(REFLECTORS, "link-cut:node1,node4", resources=False)
    assert costs(report, "session-not-established") == {
        (
            "node1 <-> node4 (IPv4)",
            Severity.WARNING,
            "1 route is perhaps lost because of it",
        ),
    }
    # Both ends of eight sessions learn each other's; the rest is the reflectors' to pass on.
    assert counts(report) == [(6, 16, 0, 14)]
    assert report.exit_code() == 3
    assert report.reachability[0].assumptions


def test_a_part_of_a_cluster_does_not_show_what_is_lost():
    """The nodes that were left out may have no other way: the finding stays an error."""
    whole = snapshot_of(REFLECTORS, "link-cut:node1,node4").model_copy(update={"resources": lab_resources(REFLECTORS)})
    kept = {"node1.example", "node2.example", "node4.example"}
    part = whole.model_copy(
        update={
            "limited": True,
            "hosts": tuple(host for host in whole.hosts if host.label in kept),
            "readings": tuple(reading for reading in whole.readings if reading.host in kept),
        }
    )
    found = costs(audit(part), "session-not-established")
    assert found == {("node1 <-> node4 (IPv4)", Severity.ERROR, None)}


def test_nodes_that_were_not_read_leave_it_open():
    """Only one client was pasted: what the others have nobody knows, so nothing is said not to be lost."""
    whole = snapshot_of(REFLECTORS, "link-cut:node1,node4").model_copy(update={"resources": lab_resources(REFLECTORS)})
    pasted = whole.model_copy(update={"hosts": (), "readings": tuple(r for r in whole.readings if r.node == "node4")})
    report = audit(pasted)
    assert costs(report, "session-not-established") == {
        (
            "node1 <-> node4 (IPv4)",
            Severity.ERROR,
            "2 routes are perhaps lost because of it",
        ),
    }
    assert report.exit_code() == 1


def test_strangers_may_lose_more_than_is_seen():
    """Without resources, and with neighbours that hosts.txt lacks, nothing is said of what is lost."""
    whole = snapshot_of(MESH, "link-cut:node1,node2")
    part = whole.model_copy(update={"hosts": whole.hosts[:-1], "readings": whole.readings[:-1]})
    found = costs(audit(part), "session-not-established")
    assert ("node1 <-> node2 (IPv4)", Severity.ERROR, None) in found


def test_a_part_of_a_cluster_is_not_counted():
    snapshot = snapshot_of(MESH).model_copy(update={"limited": True})
    assert audit(snapshot).reachability == ()


def test_a_cluster_without_bgp_is_not_counted():
    assert judged(build_cluster(3, topology=Topology.NO_BGP)).reachability == ()


def test_the_outage():
    report = judged(REFLECTORS, "reinstalled:node1,node2")
    assert counts(report) == [(6, 0, 30, 0)]
    assert reachability_sentence(report.reachability[0]) == "30 of 30 routes missing over IPv4"


def test_each_family_has_a_sentence():
    report = judged(build_cluster(4, topology=Topology.MESH, families=tuple(Family)), "bird6-down:node4")
    assert [reachability_sentence(found) for found in report.reachability] == [
        "all 4 nodes learn each other's routes over IPv4 (computed from the sessions)",
        "6 of 12 routes missing over IPv6",
    ]
