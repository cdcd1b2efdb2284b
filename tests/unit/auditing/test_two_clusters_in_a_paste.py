"""Two clusters in one pasted text, or one that fell apart: nobody can tell, so neither well nor broken is said."""

import re

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.model.reports.report import Verdict
from calico_bgp.parse.hosts.reader import parse_hosts
from calico_bgp.parse.pasted.reader import parse_pasted

HEAD = """Calico process is running.

IPv4 BGP status
+--------------+-------------------+-------+------------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |   SINCE    |    INFO     |
+--------------+-------------------+-------+------------+-------------+
"""
FOOT = """+--------------+-------------------+-------+------------+-------------+

IPv6 BGP status
No IPv6 peers found.

"""
WITHOUT_BIRD = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"


def mesh(prefix, size, network):
    """Name → address of each node."""
    return {f"{prefix}{number}": f"10.0.{network}.{number}" for number in range(1, size + 1)}


def table(node, rows):
    return f"root@{node}:~# calicoctl node status\n{HEAD}{''.join(rows)}{FOOT}"


def row(address, *, up=True, kind="node-to-node mesh"):
    state, info = ("up", "Established") if up else ("start", "Connect")
    return f"| {address} | {kind} | {state} | 2026-11-01 | {info} |\n"


def tables(nodes, *, down=(), absent=(), only=None):
    """The text of each node; sessions between a node of `down` and the rest are down, `absent` are not shown."""
    return "".join(
        table(
            node,
            [
                row(address, up=(node in down) is (other in down))
                for other, address in nodes.items()
                if other != node and ((node in absent) is (other in absent))
            ],
        )
        for node in only or nodes
    )


def judged(text):
    return audit(snapshot_from_pasted(parse_pasted(text, source="ticket.txt")))


A, B = mesh("a", 3, 1), mesh("b", 4, 2)
ONE = mesh("n", 6, 1)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        (tables(A) + tables(B), 2),
        (tables(A) + tables(mesh("b", 3, 2)), 2),
        (tables(A) + tables(mesh("a", 3, 2)), 2),  # of one name, and other addresses
        (tables(mesh("a", 2, 1)) + tables(B), 2),
        (tables(A) + tables(B) + tables(mesh("c", 5, 3)), 3),
        (tables(A, only=["a1", "a2"]) + tables(B, only=["b3"]), 2),
        (tables(A, only=["a1"]) + tables(B, only=["b3"]), 2),
        (tables(ONE, absent={"n1", "n2", "n3"}), 2),  # one cluster that fell apart without a trace
    ],
)
def test_healthy_tables_that_show_nothing_of_each_other(text, groups):
    report = judged(text)
    assert report.verdict is Verdict.UNKNOWN
    assert report.exit_code() == 3
    assert not report.findings
    assert not report.causes
    assert not report.reachability  # how many routes there should be, nobody knows
    assert report.doubts == (
        f"whether {groups} groups of nodes that show nothing of each other are one cluster is not known",
    )
    assert "Audit each by itself" in report.not_checked[0].why


def test_names_of_both_groups_are_said():
    said = judged(tables(A) + tables(B)).not_checked[0]
    assert said.what == "whether the nodes of 2 groups are one cluster: a1, a2, a3; b1, b2, b3 and 1 more"


@pytest.mark.parametrize("text", [tables(A), tables(B, only=["b1", "b2"]), tables(mesh("a", 2, 1)), tables(A) * 2])
def test_one_cluster_is_one(text):
    report = judged(text)
    assert report.verdict is Verdict.HEALTHY
    assert not report.doubts


def test_rows_that_are_down_show_that_it_is_one_cluster():
    report = judged(tables(ONE, down={"n1", "n2", "n3"}))
    assert report.verdict is Verdict.UNHEALTHY
    assert not report.doubts
    assert report.checked.sessions_expected == 15
    assert report.checked.sessions_established == 6


def test_an_inventory_says_that_it_is_one_cluster():
    hosts = parse_hosts("\n".join(f"{name} ip={address}" for name, address in ONE.items()))
    statuses = parse_pasted(tables(ONE, absent={"n1", "n2", "n3"}))
    report = audit(snapshot_from_pasted(statuses, known=hosts))
    assert report.verdict is Verdict.UNHEALTHY
    assert not report.doubts


@pytest.mark.parametrize("broken_first", [True, False])
def test_a_fault_of_one_of_two_clusters_is_said_of_no_node_of_the_other(broken_first):
    texts = [tables(A, down={"a1"}), tables(B)]
    report = judged("".join(texts if broken_first else reversed(texts)))
    assert report.verdict is Verdict.UNHEALTHY
    named = {name for finding in report.findings for name in re.findall(r"\b[ab]\d\b", finding.message)}
    assert "a1" in named
    assert named <= set(A)


def test_a_mesh_and_reflectors():
    reflector = table("a1", [row(f"10.0.1.{number}", kind="node specific") for number in (2, 3, 4)])
    clients = "".join(table(f"a{number}", [row("10.0.1.1", kind="global")]) for number in (2, 3, 4))
    report = judged(reflector + clients + tables(B))
    assert report.verdict is Verdict.UNKNOWN
    assert "peer-missing" not in {finding.rule for finding in report.findings}


def test_switches_of_two_clusters_may_be_the_same():
    switch = row("10.0.9.1", kind="global")
    text = "".join(
        table(node, [*(row(address) for other, address in nodes.items() if other != node), switch])
        for nodes in (A, B)
        for node in nodes
    )
    assert judged(text).verdict is Verdict.UNKNOWN


def test_a_broken_text_of_the_same_names_and_addresses_is_not_passed_over():
    """Of two clusters, or before and after a repair: the later text counts, and leaves open what the earlier one is."""
    report = judged(tables(A, down={"a1"}) + tables(A))
    assert report.verdict is Verdict.UNKNOWN
    assert report.doubts == ("3 earlier texts of the same nodes say otherwise",)
    assert report.not_checked[0].what == "what an earlier text of a1 says (ticket.txt:1)"
    assert "ticket.txt:" in report.not_checked[0].why
    assert "audit each by itself" in report.not_checked[0].why


@pytest.mark.parametrize(
    "earlier",
    [
        f"root@a1:~# calicoctl node status\n{WITHOUT_BIRD}",
        tables(mesh("a", 2, 1), only=["a1"]),  # a peer less
        tables(mesh("a", 4, 1), only=["a1"]),  # a peer more
    ],
)
def test_an_earlier_text_that_says_otherwise(earlier):
    assert judged(earlier + tables(A)).verdict is Verdict.UNKNOWN


def test_an_earlier_text_that_was_cut_off_says_nothing_else():
    cut = tables(A, only=["a1"]).partition("| 10.0.1.3")[0]
    assert judged(cut + tables(A)).verdict is Verdict.HEALTHY


def test_a_broken_later_text_counts():
    report = judged(tables(A) + tables(A, down={"a1"}))
    assert report.verdict is Verdict.UNHEALTHY


UNREACHED = "root@bastion:~# ssh a3 calicoctl node status\nssh: connect to host a3 port 22: Connection timed out\n"


def test_a_node_that_answered_and_was_not_reached_later():
    """It was healthy: that it had answered counted, and the complaint was lost."""
    report = judged(tables(A) + UNREACHED)
    assert report.verdict is Verdict.UNKNOWN
    assert report.doubts == ("whether a3 can still be reached is not known",)
    assert "Connection timed out" in report.not_checked[0].why
    assert not report.findings


def test_a_node_that_answered_when_it_was_asked_again():
    assert judged(tables(A, only=["a1", "a2"]) + UNREACHED + tables(A, only=["a3"])).verdict is Verdict.HEALTHY
