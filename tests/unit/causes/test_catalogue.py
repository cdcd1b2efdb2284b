"""Every fault of the lab's catalogue: the first cause is that fault and names who is to blame, and nothing else is."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.catalogue import CATALOGUE, ENTRIES
from calico_bgp.lab.faults.fault import kind_of, parse_fault
from calico_bgp.lab.faults.stage import stage_for
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Verdict
from tests.unit.auditing.conftest import snapshot_of

MESH, REFLECTORS = Topology.MESH, Topology.REFLECTORS
NODE6, BOTH = {"node6"}, {"node1", "node2"}
ZONE = {"node2", "node4", "node6"}


def everywhere(fault, kind, names=frozenset(NODE6)):
    return [(topology, fault, kind, names) for topology in (MESH, REFLECTORS)]


def in_order(value):
    """A test's name must not depend on the order of a set."""
    return ",".join(sorted(value)) if isinstance(value, (set, frozenset)) else str(value)


#: Topology, fault, the kind of the first cause, all that its subjects name.
TOLD = [
    *everywhere("node-down", "node-down"),
    *everywhere("rack-down", "rack-down", ZONE),
    *everywhere("bird-down", "bird-down"),
    *everywhere("bird4-down", "bird-down"),
    *everywhere("bird6-down", "bird-down"),
    *everywhere("socket-missing", "socket-gone"),
    *everywhere("socket4-missing", "socket-gone"),
    *everywhere("socket6-missing", "socket-gone"),
    *everywhere("felix-down", "felix-down"),
    *everywhere("restarting", "graceful-restart"),
    *everywhere("link-cut", "host-network-cut"),
    *everywhere("link-cut:node1,node5", "link-cut", {"node1", "node5"}),
    *everywhere("one-way", "host-network-cut"),
    # In which direction it is blocked two silent ends do not tell.
    *everywhere("one-way:node5,node1", "link-cut", {"node1", "node5"}),
    *everywhere("host-cut", "host-network-cut"),
    *everywhere("partition", "partition", ZONE),
    *everywhere("port-refused", "port-refused"),
    *everywhere("port-reset", "port-reset"),
    # Read over another network than BGP's, as here, a firewall that drops looks like a cut network.
    *everywhere("port-dropped", "host-network-cut"),
    *everywhere("port-taken", "port-taken"),
    *everywhere("disabled-peer:node1,node5", "disabled-peer", {"node1", "node5"}),
    *everywhere("missing-peer", "confd-stuck"),
    *everywhere("missing-peer:node5,node1", "confd-stuck", {"node5"}),
    *everywhere("wrong-as", "as-mismatch"),
    *everywhere("wrong-as:node1,node5", "as-mismatch", {"node1", "node5"}),
    *everywhere("wrong-password:node1,node5", "password-mismatch", {"node1", "node5"}),
    *everywhere("duplicate-router-id", "duplicate-router-id", {"node1", "node6"}),
    *everywhere("wrong-address", "wrong-address"),
    *everywhere("duplicate-address:node2,node5", "duplicate-address", {"node2", "node5"}),
    *everywhere("one-sided-config", "one-sided-configuration", {"one-way-peering"}),
    *everywhere("refused-config", "refused-configuration", {"router"}),
    *everywhere("confd-stuck", "confd-stuck"),
    *everywhere("tor-down", "external-peer-down", {"192.0.2.1"}),
    *everywhere("tor-silent", "external-peer-silent", {"192.0.2.1"}),
    *everywhere("tor-untold", "peer-told-nothing", {"keep-pods-inside"}),
    *everywhere("own-routes-lost", "own-protocol-down"),
    *everywhere("import-limit:node5,node1", "import-limit-hit", {"node1", "node5"}),
    *everywhere("import-limit:node1,node5", "import-limit-hit", {"node1", "node5"}),
    *everywhere("block-twice:node3,node4", "block-announced-twice", {"node3", "node4"}),
    *everywhere("kernel-behind", "kernel-behind-bird"),
    *everywhere("pool-not-exported", "pool-not-exported", {"default-ipv4-ippool"}),
    (REFLECTORS, "filter-rejects", "filter-rejects-routes", {"keep-pods-inside"}),
    *everywhere("export-rejected", "filter-by-hand"),
    *everywhere("export-rejected:node5,node1", "filter-by-hand", {"node5"}),
    *everywhere("pool-deleted", "pool-deleted", set()),
    (REFLECTORS, "node-deleted", "deleted-node-announces", {"node6"}),
    *everywhere("programmed-twice", "programmed-twice", {f"node{number}" for number in range(1, 7)}),
    *everywhere("programmed-by-nobody", "programmed-by-nobody", {"default"}),
    *everywhere("calicoctl-hung", "node-unreadable-only"),
    *everywhere("no-sudo", "node-unreadable-only"),
    *everywhere("host-key-changed", "node-unreadable-only"),
    (REFLECTORS, "reinstalled:node1", "reflector-reinstalled", {"node1"}),
    (REFLECTORS, "reinstalled", "no-reflector-left", BOTH),
    (REFLECTORS, "lost-label:node1", "reflector-lost-label", {"node1"}),
    (REFLECTORS, "lost-label", "reflector-lost-label", BOTH),
    (REFLECTORS, "lost-cluster-id:node2", "reflector-lost-cluster-id", {"node2"}),
    (REFLECTORS, "lost-cluster-id", "reflector-lost-cluster-id", BOTH),
    (REFLECTORS, "reflector-removed:node1", "reflector-removed", {"node1"}),
    (REFLECTORS, "replaced:node1", "reflector-reinstalled", {"node1-new"}),
    (REFLECTORS, "selector-narrow", "selector-matches-wrong-nodes", {"peer-with-reflectors"}),
    (REFLECTORS, "node-unlabelled", "node-lost-label", {"node6"}),
    (REFLECTORS, "node-unlabelled:node3,node4", "node-lost-label", {"node3", "node4"}),
    (REFLECTORS, "label-elsewhere:node1", "reflector-lost-label", {"node1"}),
    (REFLECTORS, "racks-apart", "reflectors-not-joined", BOTH),
    (REFLECTORS, "equal-ids", "reflectors-equal-ids", BOTH),
    (MESH, "mesh-off", "no-peers-configured", {"default"}),
    (REFLECTORS, "selector-stale", "selector-matches-nothing", {"peer-with-reflectors"}),
]


def judged(topology, *texts):
    """The audit of a cluster with these faults, by its resources; the inventory tells who was a reflector."""
    cluster = stage_for(kind_of(texts[0]), topology)
    resources = lab_resources(cluster, [parse_fault(text, cluster) for text in texts])
    return audit(snapshot_of(cluster, *texts, roles=True).model_copy(update={"resources": resources}))


def names_of(cause):
    """All that the subjects of a cause name."""
    fields = ("node", "a", "b", "name", "address")
    return {str(value) for subject in cause.subjects for field in fields if (value := getattr(subject, field, None))}


@pytest.mark.parametrize(("topology", "fault", "kind", "names"), TOLD, ids=in_order)
def test_the_fault_is_the_first_cause(topology, fault, kind, names):
    report = judged(topology, fault)
    first = report.causes[0]
    assert (first.kind, names_of(first)) == (kind, names)
    assert kind in ENTRIES[kind_of(fault)].causes


@pytest.mark.parametrize(("topology", "fault", "kind", "names"), TOLD, ids=in_order)
def test_no_other_cause_is_named(topology, fault, kind, names):
    del names
    assert {cause.kind for cause in judged(topology, fault).causes} <= {kind}


def test_every_fault_that_an_audit_can_tell_is_here():
    assert {kind_of(fault) for _, fault, _, _ in TOLD} == {entry.kind for entry in CATALOGUE if entry.causes}


@pytest.mark.parametrize("topology", [MESH, REFLECTORS])
def test_what_is_not_broken_has_no_cause(topology):
    assert judged(topology, "calicoctl-missing").causes == ()


def test_a_cluster_without_bgp_is_healthy_and_has_no_cause():
    report = audit(snapshot_of(build_cluster(6, topology=Topology.NO_BGP)))
    assert (report.verdict, report.causes) == (Verdict.HEALTHY, ())


@pytest.mark.parametrize(
    ("topology", "faults"),
    [
        (MESH, {"bird-down:node3": "bird-down", "felix-down:node5": "felix-down"}),
        (MESH, {"node-down:node3": "node-down", "disabled-peer:node1,node5": "disabled-peer"}),
        (MESH, {"host-cut:node2": "host-network-cut", "socket-missing:node4": "socket-gone"}),
        (MESH, {"wrong-as:node2": "as-mismatch", "node-down:node4": "node-down"}),
        (MESH, {"link-cut:node1,node4": "link-cut", "no-sudo:node6": "node-unreadable-only"}),
        (REFLECTORS, {"lost-label:node1": "reflector-lost-label", "bird-down:node5": "bird-down"}),
        (REFLECTORS, {"node-down:node4": "node-down", "link-cut:node1,node5": "link-cut"}),
        (REFLECTORS, {"tor-down": "external-peer-down", "felix-down:node3": "felix-down"}),
        (REFLECTORS, {"lost-cluster-id:node2": "reflector-lost-cluster-id", "host-cut:node6": "host-network-cut"}),
    ],
)
def test_of_two_faults_both_are_named_and_nothing_else(topology, faults):
    assert sorted(cause.kind for cause in judged(topology, *faults).causes) == sorted(faults.values())


@pytest.mark.parametrize("fault", sorted({fault for _, fault, _, _ in TOLD}), ids=in_order)
def test_a_certain_cause_has_its_impact_and_its_fix(fault):
    topology = next(where for where, what, _, _ in TOLD if what == fault)
    cluster = stage_for(kind_of(fault), topology)
    asked = lab_resources(cluster, [parse_fault(fault, cluster)])
    for resources in (asked, None):
        report = audit(snapshot_of(cluster, fault, roles=True).model_copy(update={"resources": resources}))
        for cause in report.causes:
            if cause.confidence is Confidence.CERTAIN:
                assert cause.costs, cause.title
                assert cause.fixes, cause.title
