import itertools

from calico_bgp.messages.steps import step
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Report, Severity, Verdict
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, SessionSubject
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
    findings = [
        make_finding("r", Severity.ERROR, NodeSubject(node=n), "{node}: refused {times} times.", node=n, times=3)
        for n in (f"n{i}" for i in range(5))
    ]
    (group,) = group_findings(report(*findings))
    assert group.message == "n[0-4]: refused 3 times."
    assert group.subjects == ("n[0-4]",)
    assert len(group.findings) == 5


def test_another_reason_another_severity_or_another_step_is_another_group(make_finding):
    a, b = NodeSubject(node="a"), NodeSubject(node="b")
    look = step("look at {node}", node="b")
    findings = [
        make_finding("r", Severity.ERROR, a, "{node}: refused.", node="a"),
        make_finding("r", Severity.ERROR, b, "{node}: timed out.", node="b"),
        make_finding("r", Severity.WARNING, b, "{node}: refused.", node="b"),
        make_finding("r", Severity.ERROR, b, "{node}: refused.", next_step=look, node="b"),
        make_finding("s", Severity.ERROR, b, "{node}: refused.", node="b"),
    ]
    assert [len(g.findings) for g in group_findings(report(*findings))] == [1] * 5


def test_what_a_step_is_about_is_compared_with_the_message(make_finding):
    a, b = NodeSubject(node="a"), NodeSubject(node="b")
    findings = [
        make_finding("r", Severity.ERROR, a, "{node}: refused.", next_step=step("look at {node}", node="a"), node="a"),
        make_finding("r", Severity.ERROR, b, "{node}: refused.", next_step=step("look at {node}", node="b"), node="b"),
        make_finding("r", Severity.ERROR, b, "{node}: refused.", next_step=step("look at {node}", node="a"), node="b"),
    ]
    assert [len(g.findings) for g in group_findings(report(*findings))] == [2, 1]


def test_without_a_template_only_equal_messages_are_one_group(make_finding):
    findings = [
        make_finding("r", Severity.ERROR, NodeSubject(node=n), m) for n, m in zip("abc", ("x", "x", "y"), strict=True)
    ]
    assert [(g.message, len(g.findings)) for g in group_findings(report(*findings))] == [("x", 2), ("y", 1)]


def test_no_finding_is_lost_and_the_order_is_kept(make_finding):
    findings = [
        make_finding(rule, Severity.ERROR, NodeSubject(node=n), "{node} is bad.", node=n)
        for n in "abc"
        for rule in ("r", "s")
    ]
    groups = group_findings(report(*findings))
    assert [g.rule for g in groups] == ["r", "s"]
    assert sorted(map(id, itertools.chain(*(g.findings for g in groups)))) == sorted(map(id, findings))


def test_numbers_and_families_that_differ(make_finding):
    findings = [
        make_finding(
            "r",
            Severity.INFO,
            NodeSubject(node="a", family=f),
            "{node}: {n:count peer} of {family:and}",
            node="a",
            n=n,
            family=f.label,
        )
        for n, f in ((1, V4), (7, V6))
    ]
    (group,) = group_findings(report(*findings))
    assert group.message == "a: 1-7 peers of IPv4 and IPv6"


# What the message does not say of the subjects


def down(make_finding, pairs, families=(V4,)):
    template = "{near} and {far} are down over {family:and}"
    findings = [
        make_finding(
            "r", Severity.ERROR, SessionSubject.between(a, b, family), template, near=a, far=b, family=family.label
        )
        for a, b in pairs
        for family in families
    ]
    (group,) = group_findings(report(*findings))
    return group


def test_a_line_that_the_message_says_is_left_out(make_finding):
    group = down(make_finding, [("rr1", f"n{i}") for i in range(1, 9)])
    assert group.message == "rr1 and n[1-8] are down over IPv4"
    assert group.unsaid_lines(one_family=False) == []


def test_who_belongs_to_whom_is_said_where_the_message_does_not(make_finding):
    group = down(make_finding, [("a", "b"), ("c", "d")])
    assert group.message == "a, c and b, d are down over IPv4"
    assert group.unsaid_lines(one_family=False) == ["a <-> b (IPv4)", "c <-> d (IPv4)"]


def test_names_that_the_message_cuts_short_are_shown(make_finding):
    group = down(make_finding, [("rr1", name) for name in "abc"])
    assert group.message == "rr1 and a, b and 1 more are down over IPv4"
    assert group.unsaid_lines(one_family=False) == ["rr1 <-> a, b, c (IPv4)"]


def test_a_name_in_another_name_does_not_say_it(make_finding):
    finding = make_finding("r", Severity.ERROR, NodeSubject(node="n1"), "{node} is down", node="n12")
    (group,) = group_findings(report(finding))
    assert group.unsaid_lines(one_family=True) == ["n1"]


def test_a_family_is_said_where_there_are_several(make_finding):
    findings = [make_finding("r", Severity.ERROR, NodeSubject(node="n1", family=V6), "{node} is down", node="n1")]
    (group,) = group_findings(report(*findings))
    assert group.unsaid_lines(one_family=False) == ["n1 (IPv6)"]
    assert group.unsaid_lines(one_family=True) == []


# Subjects in few lines


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
