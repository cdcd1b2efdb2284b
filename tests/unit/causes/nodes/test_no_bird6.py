"""BIRD for IPv6 that runs nowhere: how much must be so, how sure it is, and what to look at."""

from __future__ import annotations

import pytest

from calico_bgp.causes.nodes.no_bird6 import no_bird6
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, cluster, gathered, node, table
from tests.unit.causes.asked import case_of, told

RUNS_NOT = "INFO: BIRDv6 process: 'bird6' is not running.\n"
DEAD = (
    "root@{}:~# calicoctl node status\nCalico process is running.\n\nIPv4 BGP status\nNo IPv4 peers found.\n\n"
    + RUNS_NOT
)
BOTH_DEAD = (
    "root@{}:~# calicoctl node status\nCalico process is running.\n\n"
    "None of the BGP backend processes (BIRD or GoBGP) are running.\n"
)
NODES = [node(f"n{n}", f"2001:db8::{n}/64") for n in (1, 2, 3)]


def found(texts, *, unread=(), addresses=None, nodes=None):
    tables = {f"n{n}": text.format(f"n{n}") for n, text in enumerate(texts, start=1)}
    resources = None if nodes is None else cluster(*nodes)
    case = case_of(gathered(tables, addresses=addresses, unread=unread, resources=resources))
    return case, list(no_bird6(case))


@pytest.mark.parametrize("is_told", [True, False])
def test_what_the_resources_add(is_told):
    case, (candidate,) = found([DEAD] * 3, nodes=NODES if is_told else None)
    assert told([candidate]) == [("bird-down", ["cluster (IPv6)"])]
    assert candidate.confidence is (Confidence.CERTAIN if is_told else Confidence.POSSIBLE)
    assert candidate.title.key == ("without_id" if is_told else "no_ipv6")
    assert candidate.title.values["read"] is None
    assert ("lost all its peers instead" in candidate.explanation) is not is_told
    assert len(candidate.decide) == (1 if is_told else 2)
    assert case.ids("daemon-not-running") <= candidate.explains


@pytest.mark.parametrize(
    ("texts", "is_told"),
    [
        ([DEAD, DEAD], True),
        # One alone tells of itself.
        ([DEAD], False),
        # On one it runs, on another one that of IPv4 does not run either.
        ([DEAD, DEAD, table("n3")], False),
        ([DEAD, DEAD, BOTH_DEAD], False),
        # One has a peer over IPv4.
        (
            [
                DEAD,
                DEAD,
                table("n3", f"192.0.2.1 {UP}", ipv6=()).replace("IPv6 BGP status\nNo IPv6 peers found.\n", RUNS_NOT),
            ],
            False,
        ),
    ],
)
def test_it_is_so_of_all_that_were_read(texts, is_told):
    assert bool(found(texts)[1]) is is_told


def test_of_others_that_were_not_read_nothing_is_said():
    _, (candidate,) = found([DEAD, DEAD], unread=["n3"], nodes=NODES)
    assert candidate.title.values["read"] == " that was read"


@pytest.mark.parametrize(
    ("addresses", "is_told"),
    [({"n1": "2001:db8::1", "n2": "2001:db8::2"}, True), ({"n1": "2001:db8::1", "n2": "2001:db8::2 192.0.2.2"}, False)],
)
def test_one_host_with_an_ipv4_address_has_a_router_id(addresses, is_told):
    assert bool(found([DEAD, DEAD], addresses=addresses)[1]) is is_told
    # What the Nodes say counts more: Calico takes the address that they have.
    assert found([DEAD, DEAD], addresses=addresses, nodes=NODES[:2])[1] != []


@pytest.mark.parametrize(
    "last",
    [node("n3", "192.0.2.3/24 2001:db8::3/64"), node("n3", "192.0.2.3/24"), node("n3")],
    ids=["both", "v4", "none"],
)
def test_one_node_that_has_not_ipv6_alone(last):
    assert found([DEAD] * 3, nodes=[*NODES[:2], last])[1] == []


def test_no_more_than_five_are_shown():
    _, (candidate,) = found([DEAD] * 6)
    assert candidate.evidence == tuple(f"n{n}: BIRD for IPv6 is not running, no IPv4 peers" for n in range(1, 6))
