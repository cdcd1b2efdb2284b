"""Laws of causes: every one rests on findings, no name and no order matters, and two faults far apart stay two."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import BLIND_RULES, Severity, Verdict
from tests.lab_faults import faults_of
from tests.property.test_audit import clusters, snapshot_of


@st.composite
def broken_snapshots(draw):
    cluster = draw(clusters)
    faults = draw(faults_of(cluster, most=3))
    snapshot = snapshot_of(cluster, faults)
    if draw(st.booleans()):
        snapshot = snapshot.model_copy(update={"resources": lab_resources(cluster, faults)})
    return snapshot


def told(report):
    return [(cause.kind, [str(subject) for subject in cause.subjects], cause.confidence) for cause in report.causes]


@given(broken_snapshots())
@settings(max_examples=60, deadline=None)
def test_causes_and_findings_name_each_other(snapshot):
    report = audit(snapshot)
    assert all(cause.findings for cause in report.causes)
    of = Counter(finding.cause_id for finding in report.findings if finding.cause_id is not None)
    assert {cause.id: len(cause.findings) for cause in report.causes} == of
    assert {cause.kind for cause in report.causes} <= CAUSE_KINDS.keys()
    assert len({cause.id for cause in report.causes}) == len(report.causes)
    for cause in report.causes:
        assert set(cause.findings) == {f.id for f in report.findings if f.cause_id == cause.id}
        assert all((cause.title, cause.explanation, cause.evidence))


@given(broken_snapshots())
@settings(max_examples=60, deadline=None)
def test_looking_for_causes_changes_no_verdict(snapshot):
    report, plain = audit(snapshot), audit(snapshot, cause_families=())
    bare = tuple(replace(finding, cause_id=None) for finding in report.findings)
    assert (report.exit_code(), plain.causes) == (plain.exit_code(), ())
    if plain.verdict is Verdict.HEALTHY and report.causes:
        # What has a cause is no mere remark, and a cluster with a cause is not called healthy.
        caused = {finding.id for finding in report.findings if finding.cause_id is not None}
        assert report.verdict is Verdict.WARNINGS
        assert {f.id for f in report.findings if f.severity is not Severity.INFO} == caused
        bare = tuple(replace(f, severity=Severity.INFO) if f.id in caused else f for f in bare)
    else:
        assert report.verdict is plain.verdict
    assert bare == plain.findings


@given(broken_snapshots(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_hosts_and_rows_changes_nothing(snapshot, random):
    readings = []
    for reading in random.sample(snapshot.readings, len(snapshot.readings)):
        peers = tuple(random.sample(reading.status.peers, len(reading.status.peers)))
        readings.append(reading.model_copy(update={"status": reading.status.model_copy(update={"peers": peers})}))
    shuffled = snapshot.model_copy(update={"readings": tuple(readings)})
    assert told(audit(shuffled)) == told(audit(snapshot))


@given(broken_snapshots())
@settings(max_examples=40, deadline=None)
def test_a_certain_cause_leaves_nothing_to_decide_and_a_guess_says_what_would(snapshot):
    for cause in audit(snapshot).causes:
        if cause.confidence.value == "possible" and cause.kind != "young-sessions":
            assert cause.decide
        for decision in cause.decide:
            assert decision.command
            assert "\n" not in decision.command


@given(clusters)
@settings(max_examples=40, deadline=None)
def test_a_healthy_cluster_has_no_cause(cluster):
    for resources in (None, lab_resources(cluster)):
        assert audit(snapshot_of(cluster).model_copy(update={"resources": resources})).causes == ()


APART = [FaultKind.BIRD_DOWN, FaultKind.LINK_CUT, FaultKind.FELIX_DOWN, FaultKind.SOCKET_MISSING, FaultKind.WRONG_AS]


@given(st.permutations(APART), st.booleans(), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_two_faults_far_apart_are_two_causes(kinds, with_resources, offset):
    cluster = build_cluster(9, topology=Topology.MESH)
    names = [f"node{(offset + n) % 9 + 1}" for n in range(9)]
    places = [names[0], f"{names[3]},{names[4]}"]
    faults = []
    for kind, pair in zip(kinds[:2], places, strict=True):
        nodes = pair if kind in {FaultKind.LINK_CUT, FaultKind.WRONG_AS} else pair.split(",")[0]
        faults.append(
            parse_fault(
                f"{kind}:{nodes}"
                if kind is not FaultKind.LINK_CUT or "," in nodes
                else f"{kind}:{names[0]},{names[1]}",
                cluster,
            )
        )

    def causes(some):
        resources = lab_resources(cluster, some) if with_resources else None
        return told(audit(snapshot_of(cluster, tuple(some)).model_copy(update={"resources": resources})))

    assert sorted(causes(faults)) == sorted(causes(faults[:1]) + causes(faults[1:]))


@given(clusters, st.data())
@settings(max_examples=40, deadline=None)
def test_names_do_not_matter(cluster, data):
    faults = data.draw(faults_of(cluster, most=2, but=(FaultKind.CALICOCTL_MISSING,)))
    names = {node.name: f"m{9 - number}" for number, node in enumerate(cluster.nodes)}
    renamed = replace(cluster, nodes=tuple(replace(node, name=names[node.name]) for node in cluster.nodes))
    other = tuple(replace(fault, nodes=tuple(names[n] for n in fault.nodes)) for fault in faults)
    one, two = audit(snapshot_of(cluster, faults)), audit(snapshot_of(renamed, other))
    assert sorted((c.kind, c.confidence, len(c.subjects)) for c in one.causes) == sorted(
        (c.kind, c.confidence, len(c.subjects)) for c in two.causes
    )


def test_every_error_of_a_known_fault_is_explained():
    """Of faults that come alone, in a cluster whose resources are known, no error is left over."""
    cluster = build_cluster(6, topology=Topology.MESH)
    for text in (
        "bird-down:node3",
        "link-cut:node2,node5",
        "wrong-as:node4",
        "host-cut:node4",
        "partition:node1,node2",
    ):
        fault = parse_fault(text, cluster)
        snapshot = snapshot_of(cluster, (fault,)).model_copy(update={"resources": lab_resources(cluster, [fault])})
        report = audit(snapshot)
        left = [f for f in report.unexplained if f.severity is Severity.ERROR and f.rule not in BLIND_RULES]
        assert left == [], text
