import itertools

from calico_bgp.model.peer import Family
from calico_bgp.model.report import Report, Severity, Verdict
from calico_bgp.model.subject import ClusterSubject, NodeSubject, SessionSubject
from calico_bgp.model.topology import Topology, TopologyKind
from calico_bgp.report.audit.groups import compress_subjects, group_findings

V4, V6 = Family.IPV4, Family.IPV6


def report(*findings):
    return Report(
        verdict=Verdict.UNHEALTHY, topology=Topology(kind=TopologyKind.MESH, evidence=""), findings=tuple(findings)
    )


def sessions(make_finding, pairs, families=(V4,)):
    return [
        make_finding("r", Severity.ERROR, SessionSubject.between(a, b, family), f"{a} and {b}")
        for a, b in pairs
        for family in families
    ]


def test_one_reason_is_one_group(make_finding):
    nodes = [f"n{i}" for i in range(5)]
    findings = [make_finding("r", Severity.ERROR, NodeSubject(node=n), f"{n}: refused 3 times.") for n in nodes]
    (group,) = group_findings(report(*findings))
    assert group.message == "n[0-4]: refused 3 times."
    assert group.subjects == ("n[0-4]",)
    assert len(group.findings) == 5


def test_another_reason_another_severity_or_another_step_is_another_group(make_finding):
    a, b = NodeSubject(node="a"), NodeSubject(node="b")
    findings = [
        make_finding("r", Severity.ERROR, a, "a: refused."),
        make_finding("r", Severity.ERROR, b, "b: timed out."),
        make_finding("r", Severity.WARNING, b, "b: refused."),
        make_finding("r", Severity.ERROR, b, "b: refused.", next_step="Look at b"),
        make_finding("s", Severity.ERROR, b, "b: refused."),
    ]
    assert [len(g.findings) for g in group_findings(report(*findings))] == [1] * 5


def test_no_finding_is_lost_and_the_order_is_kept(make_finding):
    nodes = ["a", "b", "c"]
    findings = [
        make_finding(rule, Severity.ERROR, NodeSubject(node=n), f"{n} is bad.") for n in nodes for rule in ("r", "s")
    ]
    groups = group_findings(report(*findings))
    assert [g.rule for g in groups] == ["r", "s"]
    assert sorted(map(id, itertools.chain(*(g.findings for g in groups)))) == sorted(map(id, findings))


def test_numbers_and_families_that_differ(make_finding):
    findings = [
        make_finding("r", Severity.INFO, NodeSubject(node="a", family=f), f"a: {n} peers of {f.label} at 06:5{n}:00")
        for n, f in ((1, V4), (7, V6))
    ]
    (group,) = group_findings(report(*findings))
    assert group.message == "a: 1-7 peers of IPv4 and IPv6 at (various)"


def test_numbers_that_python_makes_no_int_of(make_finding):
    findings = [make_finding("r", Severity.INFO, NodeSubject(node="a"), f"a: {n} peers") for n in ("9" * 5000, "7")]
    (group,) = group_findings(report(*findings))
    assert group.message.startswith("a: 7-999")


def test_a_star_is_a_line(make_finding):
    found = sessions(make_finding, [("rr1", f"n{i}") for i in range(1, 9)], (V4, V6))
    assert compress_subjects(found) == ["rr1 <-> n[1-8] (IPv4 and IPv6)"]


def test_two_reflectors_share_a_line(make_finding):
    pairs = [(rr, f"n{i}") for rr in ("rr1", "rr2") for i in range(1, 9)]
    assert compress_subjects(sessions(make_finding, pairs)) == ["rr1, rr2 <-> n[1-8] (IPv4)"]


def test_a_mesh_is_a_line(make_finding):
    pairs = itertools.combinations([f"n{i}" for i in range(1, 9)], 2)
    assert compress_subjects(sessions(make_finding, pairs)) == ["every two of n[1-8] (IPv4)"]


def test_single_sessions_stay(make_finding):
    assert compress_subjects(sessions(make_finding, [("a", "b"), ("c", "d")])) == ["a <-> b (IPv4)", "c <-> d (IPv4)"]


def test_clusters_have_no_name(make_finding):
    assert compress_subjects([make_finding("r", Severity.INFO, ClusterSubject(), "x")]) == ["the cluster"]
