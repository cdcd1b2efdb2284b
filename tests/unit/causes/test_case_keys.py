"""Of which sessions a finding speaks, and which findings some sessions explain."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.signals import Signal
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import (
    AddressSubject,
    ClusterSubject,
    NodeSubject,
    ResourceSubject,
    SessionSubject,
)
from calico_bgp.model.resources import ResourceKind
from tests.unit.auditing.tables import UP, gathered, table

DOWN, REFUSED = "Active BGP Error: Hold timer expired", "Active Socket: Connection refused"
IPV4, IPV6 = Family.IPV4, Family.IPV6


def key(a, b, family=IPV4):
    return SessionKey.between(family, a, b)


def case_of(*subjects, reflectors=()):
    """n1 and n2 are at odds, n1 and n3 over IPv6; n2 has no session with a device, n3 has one with another.

    Nobody has one with n4, which was not read. Each (rule, subject) is a finding, its place its id.
    """
    down = {(1, 2, 4), (1, 3, 6)}
    form = {4: "192.0.2.{}", 6: "2001:db8::{}"}
    tables = {}
    for n in (1, 2, 3):
        rows = {
            version: [
                f"{form[version].format(m)} {DOWN if (min(n, m), max(n, m), version) in down else UP}"
                for m in (1, 2, 3)
                if m != n
            ]
            for version in (4, 6)
        }
        rows[4].append(f"192.0.2.4 {DOWN}")
        device = {2: [f"global= 203.0.113.1 {DOWN}"], 3: [f"global= 203.0.113.2 {UP}"]}.get(n, [])
        if n == 2:
            rows[4][0] = f"192.0.2.1 {REFUSED}"
        tables[f"n{n}"] = table(f"n{n}", *rows[4], *device, ipv6=rows[6])
    addresses = {f"n{n}": f"192.0.2.{n} 2001:db8::{n}" for n in (1, 2, 3)}
    made = gathered(tables, addresses=addresses, unread=["n4"], reflectors=reflectors)
    findings = [
        Finding(str(place), rule, Severity.ERROR, subject, message="") for place, (rule, subject) in enumerate(subjects)
    ]
    return Case(observe(made), tuple(findings))


N1_N2, N1_N3, N1_N4, N2_N4, N3_N4 = key("n1", "n2"), key("n1", "n3", IPV6), *(key(f"n{n}", "n4") for n in (1, 2, 3))
N1, N4 = {N1_N2, N1_N3, N1_N4}, {N1_N4, N2_N4, N3_N4}
DEVICE = key("n2", "203.0.113.1")


@pytest.mark.parametrize(
    ("rule", "subject", "sessions"),
    [
        ("session-not-established", SessionSubject.between("n1", "n2", IPV4), {N1_N2}),
        # One that is up is none of the sessions that are down, whatever is said of it.
        ("session-duplicate", SessionSubject.between("n2", "n3", IPV4), set()),
        ("session-duplicate", SessionSubject.between("n1", "n2", IPV6), set()),
        ("family-without-peers", NodeSubject(node="n1"), N1),
        ("family-without-peers", NodeSubject(node="n1", family=IPV6), {N1_N3}),
        # What is wrong with the node itself is no matter of its sessions, whoever explains these.
        ("daemon-unreachable", NodeSubject(node="n1"), set()),
        ("kernel-behind", NodeSubject(node="n1", family=IPV6), set()),
        ("configuration-behind", NodeSubject(node="n1"), set()),
        ("felix-not-running", NodeSubject(node="n1"), set()),
        ("external-peer-down", AddressSubject(address="203.0.113.1"), {DEVICE}),
        ("external-peer-down", AddressSubject(address="203.0.113.2"), set()),
        ("no-peers-anywhere", ClusterSubject(), set()),
        ("isolated-node", NodeSubject(node="n4"), N4),
    ],
)
def test_of_which_sessions_a_finding_speaks(rule, subject, sessions):
    assert case_of((rule, subject)).keys_of["0"] == sessions


@pytest.mark.parametrize(
    ("rule", "reflectors", "sessions"),
    [
        ("no-working-reflector", ("n1", "n4"), N1 | N4),
        ("no-working-reflector", ("n1",), N1),
        # Too few: those without any session are to blame; of a single one nobody is.
        ("fewer-than-two-reflectors", ("n1", "n4"), N4),
        ("fewer-than-two-reflectors", ("n1", "n2"), set()),
        ("fewer-than-two-reflectors", ("n4",), set()),
    ],
)
def test_of_which_sessions_of_reflectors_a_finding_speaks(rule, reflectors, sessions):
    assert case_of((rule, ClusterSubject()), reflectors=reflectors).keys_of["0"] == sessions


def test_a_finding_is_explained_where_all_its_sessions_are():
    case = case_of(
        ("session-not-established", SessionSubject.between("n1", "n2", IPV4)),
        ("family-without-peers", NodeSubject(node="n1")),
        ("no-working-reflector", ClusterSubject()),
        ("node-unreadable", NodeSubject(node="n1", family=IPV6)),
        reflectors=("n1",),
    )
    assert case.explained_by({N1_N2}) == {"0"}
    assert case.explained_by({*N1, DEVICE}) == {"0", "1"}
    assert case.explained_by({N1_N3, DEVICE}) == set()


def test_the_sessions_of_an_end():
    case = case_of()
    assert case.bad_keys("n1") == N1
    assert case.bad_keys("n1", IPV6) == {N1_N3}
    assert case.up_keys("n1", IPV4) == {key("n1", "n3")}
    assert case.bad_keys("203.0.113.1") == {DEVICE}
    assert case.up_keys("n3", IPV4) == {key("n1", "n3"), key("n2", "n3"), key("n3", "203.0.113.2")}
    assert case.joined_keys("n3", IPV4) == {key("n1", "n3"), key("n2", "n3")}
    assert case.joined_keys("n2") == {key("n2", "n3"), key("n1", "n2", IPV6), key("n2", "n3", IPV6)}
    assert case.bad_keys("nobody") == case.joined_keys("203.0.113.1") == frozenset()


def test_what_the_far_end_says():
    case = case_of()
    assert (case.far_signal("n1", N1_N2), case.far_signal("n2", N1_N2)) == (Signal.REFUSED, Signal.HELD)
    assert (case.far_signal("n2", N2_N4), case.far_signal("n4", N2_N4)) == (None, Signal.HELD)
    assert case.far_signals("n2", {N1_N2, N2_N4}) == {Signal.HELD}
    assert case.far_signals("n1", {N1_N2, N1_N3}) == {Signal.REFUSED, Signal.HELD}


def test_who_was_read():
    case = case_of()
    assert [case.is_read(name) for name in ("n1", "n4", "203.0.113.1")] == [True, False, False]


def test_findings_of_nodes_and_of_resources():
    peer, other = (ResourceSubject(resource=ResourceKind.BGP_PEER, name=name) for name in ("a", "b"))
    whole, half = NodeSubject(node="n1"), NodeSubject(node="n1", family=IPV6)
    case = case_of(("x", peer), ("x", other), ("x", whole), ("y", half), ("x", NodeSubject(node="n2")))
    assert case.of_resource("a", "x") == {"0"}
    assert case.of_node("n1", "x", "y") == {"2", "3"}
    assert case.of_node("n1", "x") == {"2"}
    assert [(found.id, node, family) for found, node, family in case.of_each_node("y")] == [("3", "n1", IPV6)]
    assert list(case.of_each_node("x")) == []


def test_of_two_dead_nodes_each_is_isolated_by_the_sessions_that_the_other_does_not_account_for():
    """n4 was not read, and n5 has no session. Other findings about a node speak of all its sessions that are down."""
    numbers = (1, 2, 3, 4, 5)
    tables = {
        n: table(f"n{n}", *(f"192.0.2.{m} {DOWN if {n, m} & {4, 5} else UP}" for m in numbers if m != n))
        for n in (1, 2, 3, 5)
    }
    made = gathered(
        {f"n{n}": text for n, text in tables.items()},
        addresses={f"n{n}": f"192.0.2.{n}" for n in tables},
        unread=["n4"],
    )
    rules = ("isolated-node", "family-without-peers", "client-single-reflector")
    findings = [Finding(rule, rule, Severity.ERROR, NodeSubject(node="n5"), message="") for rule in rules]
    found = Case(observe(made), tuple(findings)).keys_of
    with_those_that_work = {key("n5", far) for far in ("n1", "n2", "n3")}
    assert found["isolated-node"] == with_those_that_work
    assert found["family-without-peers"] == with_those_that_work | {key("n4", "n5")}
    assert found["client-single-reflector"] == with_those_that_work | {key("n4", "n5")}
