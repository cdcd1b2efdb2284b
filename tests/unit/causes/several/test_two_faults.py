"""Two faults at once, which touch each other: both are named, and neither hides the other."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, Variant, build_cluster
from calico_bgp.lab.faults.catalogue import CATALOGUE
from calico_bgp.lab.faults.fault import FaultKind, parse_fault
from calico_bgp.lab.faults.kinds import Scope
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from tests.unit.auditing.conftest import snapshot_of
from tests.with_routes import with_routes

MESH = {"nodes": 6, "topology": Topology.MESH}
LARGER = {
    "mesh": build_cluster(6, topology=Topology.MESH, families=tuple(Family)),
    "reflectors": build_cluster(8, reflectors=2, families=tuple(Family)),
}
RACKS = {"nodes": 9, "topology": Topology.REFLECTORS, "reflectors": 3, "variant": Variant.ALL, "zones": 3}
SWITCH = MESH | {"switch": True}
TWO = {"nodes": 7, "topology": Topology.REFLECTORS, "reflectors": 2, "variant": Variant.ALL}

#: Cluster, two faults, (kind, one name among the subjects) of both causes.
PAIRS = [
    # A resource that BIRD refuses asks every node for one peer more, so that no session of the other fault is all.
    (MESH, "link-cut:node5", "refused-config", ("host-network-cut", "node5"), ("refused-configuration", "router")),
    (MESH, "wrong-as:node5", "refused-config", ("as-mismatch", "node5"), ("refused-configuration", "router")),
    (MESH, "restarting:node5", "refused-config", ("graceful-restart", "node5"), ("refused-configuration", "router")),
    # All of a node's peers are off, or do not hear it.
    (MESH, "rack-down", "one-way:node5", ("rack-down", "node2"), ("host-network-cut", "node5")),
    # Of its two peers one is gone.
    (TWO, "node-down:node1", "host-cut:node5", ("node-down", "node1"), ("host-network-cut", "node5")),
    (TWO, "bird-down:node1", "wrong-as:node5", ("bird-down", "node1"), ("as-mismatch", "node5")),
    # A node that cannot be read and whose sessions are up, but for one that is another's fault.
    (TWO, "wrong-as:node5", "host-key-changed:node1", ("as-mismatch", "node5"), ("node-unreadable-only", "node1")),
    # Nodes without any session, whose session with each other shows only one of the faults, or neither.
    (MESH, "port-refused:node6", "disabled-peer:node4", ("port-refused", "node6"), ("disabled-peer", "node4")),
    (MESH, "port-refused:node6", "wrong-password:node4", ("port-refused", "node6"), ("password-mismatch", "node4")),
    (MESH, "port-refused:node6", "port-dropped:node4", ("port-refused", "node6"), ("host-network-cut", "node4")),
    (MESH, "port-refused:node6", "calicoctl-hung:node4", ("port-refused", "node6"), ("node-unreadable-only", "node4")),
    (MESH, "port-refused:node4", "port-reset:node6", ("port-refused", "node4"), ("port-reset", "node6")),
    (MESH, "host-cut:node6", "port-taken:node4", ("host-network-cut", "node6"), ("port-taken", "node4")),
    (MESH, "port-reset:node4", "host-key-changed:node6", ("port-reset", "node4"), ("node-unreadable-only", "node6")),
    (MESH, "port-reset:node4", "felix-down:node6", ("port-reset", "node4"), ("felix-down", "node6")),
    # With a switch, which answers both.
    (SWITCH, "port-reset:node6", "port-dropped:node4", ("port-reset", "node6"), ("host-network-cut", "node4")),
    # One of eight peers lacks the reflector that all the others take for one of another AS.
    (RACKS, "wrong-as:node9", "confd-stuck:node7", ("as-mismatch", "node9"), ("as-mismatch", "node9")),
    (MESH, "port-reset:node4", "socket4-missing:node6", ("port-reset", "node4"), ("socket-gone", "node6")),
]


@pytest.mark.parametrize(("config", "one", "other", "first", "second"), PAIRS, ids=[f"{p[1]}+{p[2]}" for p in PAIRS])
def test_both_are_named(config, one, other, first, second):
    cluster = build_cluster(**config)
    asked = lab_resources(cluster, [parse_fault(text, cluster) for text in (one, other)])
    report = audit(snapshot_of(cluster, one, other).model_copy(update={"resources": asked}))
    told = {(cause.kind, " ".join(map(str, cause.subjects))) for cause in report.causes[:2]}
    for kind, name in (first, second):
        assert any(kind == what and name in subjects for what, subjects in told), told


@pytest.mark.parametrize(
    ("one", "other", "title"),
    [
        (
            # Of the two the unread one dials, and nobody knows what it was told.
            "port-refused:node4",
            "calicoctl-hung:node6",
            "connections between node4 and all its peers but node6 are refused: a firewall on node4 itself rejects BGP",
        ),
        (
            "host-cut:node6",
            "port-taken:node4",
            "node6 is up, but its network is cut from 4 of its 5 peers; the others have a fault of their own",
        ),
    ],
)
def test_not_all_peers_are_said_where_one_of_them_says_nothing_or_something_else(one, other, title):
    cluster = build_cluster(**MESH)
    asked = lab_resources(cluster, [parse_fault(text, cluster) for text in (one, other)])
    report = audit(snapshot_of(cluster, one, other).model_copy(update={"resources": asked}))
    assert title in [cause.title for cause in report.causes]


@pytest.mark.parametrize(
    ("one", "other", "causes"),
    [
        (
            "kernel-behind:node3",
            "node-down:node6",
            {("kernel-behind", "kernel-behind-bird"), ("isolated-node", "node-down"), ("node-unreadable", "node-down")},
        ),
        (
            "socket4-missing:node6",
            "disabled-peer:node4",
            {("daemon-unreachable", "socket-gone"), ("configuration-behind", "disabled-peer")},
        ),
        (
            "confd-stuck:node4",
            "port-reset:node6",
            {
                ("configuration-behind", "confd-stuck"),
                ("isolated-node", "port-reset"),
                ("no-working-reflector", "port-reset"),
            },
        ),
    ],
)
def test_what_is_wrong_with_a_node_itself_is_no_matter_of_its_only_session_that_is_down(one, other, causes):
    cluster = LARGER["mesh"]
    asked = lab_resources(cluster, [parse_fault(text, cluster) for text in (one, other)])
    report = audit(with_routes(cluster, one, other, roles=True).model_copy(update={"resources": asked}))
    kind_of = {cause.id: cause.kind for cause in report.causes}
    assert {(finding.rule, kind_of.get(finding.cause_id)) for finding in report.findings} == causes


#: By tables alone, what two nodes do not show as one does.
NOT_BY_TABLES = {
    # Which of two addresses is whose nobody says where neither node was read.
    *[("mesh", kind) for kind in (FaultKind.CALICOCTL_HUNG, FaultKind.NO_SUDO, FaultKind.HOST_KEY_CHANGED)],
    # The one node whose role changed differs from all others, that have followed and that have not.
    ("mesh", FaultKind.CONFD_STUCK),
    # Two nodes with one address: BIRD says only that their router IDs are the same.
    ("mesh", FaultKind.WRONG_ADDRESS),
}


def of_one_node(cluster):
    return [
        entry
        for entry in CATALOGUE
        if cluster.topology in entry.topologies and entry.scope in (Scope.NODES, Scope.PAIR) and entry.causes
    ]


@pytest.mark.parametrize(
    ("name", "entry", "by_resources"),
    [
        (name, entry, by_resources)
        for name, cluster in LARGER.items()
        for entry in of_one_node(cluster)
        for by_resources in (False, True)
        if by_resources or (name, entry.kind) not in NOT_BY_TABLES
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_the_same_fault_at_two_nodes_has_the_causes_that_it_has_at_one(name, entry, by_resources):
    """By name: a fault that hides the same one elsewhere would leave a node broken after the fix."""
    cluster, nodes = LARGER[name], [node.name for node in LARGER[name].nodes[-2:]]

    def told(*faults):
        asked = lab_resources(cluster, [parse_fault(text, cluster) for text in faults])
        made = with_routes(cluster, *faults, roles=True).model_copy(update={"resources": asked})
        return audit(made if by_resources else snapshot_of(cluster, *faults)).causes

    alone = {cause.kind for node in nodes for cause in told(f"{entry.kind}:{node}")}
    both = [f"{entry.kind}:{','.join(nodes)}"] if entry.scope is Scope.NODES else [f"{entry.kind}:{n}" for n in nodes]
    together = told(*both)
    assert {cause.kind for cause in together} == alone
    named = " ".join(cause.title for cause in together)
    assert not together or all(node in named for node in nodes), named


@pytest.mark.parametrize("other", ["bird-down:node4", "disabled-peer:node5,node1", "node-down:node6"])
def test_a_fault_at_the_only_reflector_left_is_not_why_there_is_only_one(other):
    cluster = build_cluster(nodes=8, topology=Topology.REFLECTORS)
    faults = ("lost-cluster-id:node2", other)
    asked = lab_resources(cluster, [parse_fault(text, cluster) for text in faults])
    report = audit(snapshot_of(cluster, *faults).model_copy(update={"resources": asked}))
    only = next(finding for finding in report.findings if finding.rule == "fewer-than-two-reflectors")
    blamed = next(cause for cause in report.causes if cause.id == only.cause_id)
    assert (blamed.kind, blamed.severity) == ("reflector-lost-cluster-id", Severity.WARNING)
