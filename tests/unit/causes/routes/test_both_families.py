"""One fault that shows in both families, or at many sessions of one node, is one cause that counts its routes once."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from tests.with_routes import with_routes

REFLECTED = build_cluster(6, families=tuple(Family))
MESH = build_cluster(5, topology=Topology.MESH, switch=True)


def answer(cluster, fault):
    resources = lab_resources(cluster, [parse_fault(fault, cluster)])
    return audit(with_routes(cluster, fault, roles=True).model_copy(update={"resources": resources}))


def missing(report):
    return sum(numbers.observed.pairs_missing for numbers in report.reachability)


@pytest.mark.parametrize(
    ("fault", "kind", "where"),
    [
        ("import-limit:node6", "import-limit-hit", ("node6",)),
        ("kernel-behind:node6", "kernel-behind-bird", ("node6",)),
        ("export-rejected:node6", "filter-by-hand", ("node6",)),
        ("own-routes-lost:node6", "own-protocol-down", ("node6",)),
        ("block-twice:node3,node6", "block-announced-twice", ("node3", "node6")),
        ("node-deleted:node6", "deleted-node-announces", ("node6",)),
    ],
)
def test_one_fault_is_one_cause(fault, kind, where):
    report = answer(REFLECTED, fault)
    (cause,) = report.causes
    assert (cause.kind, cause.where) == (kind, where)
    assert (cause.routes_lost or 0) == missing(report)
    # Of every command for bird there is one for bird6.
    commands = [step.kubectl for fix in cause.fixes for step in fix.steps if "birdcl" in (step.kubectl or "")]
    assert len([text for text in commands if "bird6.ctl" in text]) * 2 == len(commands)


def test_a_limit_for_every_peer_counts_what_is_missing_once():
    report = answer(MESH, "import-limit:node5")
    (cause,) = report.causes
    assert cause.routes_lost == missing(report) == 4
    assert len(cause.findings) == 5  # one of each session, and one of the node


def test_a_limit_of_one_peer_is_of_that_session():
    (cause,) = answer(MESH, "import-limit:node5,node1").causes
    assert cause.where == ("node1 <-> node5",)
    assert "Mesh_192_0_2_11" in cause.fixes[0].steps[0].kubectl


def test_a_deleted_node_that_runs_is_not_just_to_be_taken_off_the_list():
    report = answer(REFLECTED, "node-deleted:node6")
    assert [finding.rule for finding in report.findings if finding.cause_id is None] == []


def test_whose_block_it_is_decides_which_node_is_restarted():
    fixes = answer(MESH, "block-twice:node1,node5").causes[0].fixes
    assert [fix.steps[0].kubectl.rpartition("=")[2] for fix in fixes] == ["node1", "node5"]
    assert all(fix.summary.startswith("where Calico's IPAM gives the block to another node") for fix in fixes)
