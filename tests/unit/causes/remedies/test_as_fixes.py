"""AS numbers that contradict each other: every way that fixes it in the model is offered, and no other."""

import pytest

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.as_numbers import as_fixes
from calico_bgp.causes.remedies.configuration import name_the_as
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.snapshot import Snapshot
from tests.clusters import cluster, config, node, peer

KEY = SessionKey(Family.IPV4, "a", "b")
OFF = config(mesh=False)


def summaries(resources, alone=None):
    """What each fix says, for the pair of a and b."""
    return [fix.summary for fix in as_fixes(case_of(resources), alone, [KEY])]


def case_of(resources):
    """Of a and b, of which nothing was read."""
    nobody = tuple(GatherFailure(host=name, node=name, stage=Stage.CONNECT, message="-") for name in "ab")
    return Case(observe(Snapshot(hosts=(), readings=(), failures=nobody, resources=resources)), ())


@pytest.mark.parametrize(
    ("own", "there", "fields", "expected"),
    [
        # The BGPPeer says what b has not.
        (
            None,
            None,
            {"as_number": 65000},
            [
                "write asNumber 64512, the AS of b, into BGPPeer p",
                "give b the AS number 65000, which a expects of it",
            ],
        ),
        # b has an AS of its own, and the BGPPeer the cluster's.
        (
            None,
            65002,
            {"as_number": 64512},
            [
                "write asNumber 65002, the AS of b, into BGPPeer p",
                "take the AS number 65002 from b, so that it has 64512",
                "give b the AS number 64512, which a expects of it",
            ],
        ),
        # a has one, and the BGPPeer of b the cluster's.
        (
            65001,
            None,
            {"as_number": 64512},
            [
                "write asNumber 65001, the AS of a, into BGPPeer q",
                "take the AS number 65001 from a, so that it has 64512",
                "give a the AS number 64512, which b expects of it",
            ],
        ),
        # a says another one to b only; what its Node has does not count there.
        (
            None,
            None,
            {"as_number": 64512, "local_as_number": 65009},
            [
                "write asNumber 65009, the AS of a, into BGPPeer q",
                "take localASNumber out of BGPPeer p: it is for peers outside the cluster",
            ],
        ),
        # Both agree.
        (None, None, {"as_number": 64512}, []),
        (None, 65002, {"as_number": 65002}, []),
    ],
)
def test_a_bgppeer_by_address(own, there, fields, expected):
    resources = cluster(
        node("a", "192.0.2.1", as_number=own),
        node("b", "192.0.2.2", as_number=there),
        peer("p", node="a", peer_ip="192.0.2.2", **fields),
        peer("q", node="b", peer_ip="192.0.2.1", as_number=64512),
        OFF,
    )
    assert summaries(resources) == expected


def test_what_another_bgppeer_says_of_the_same_session_is_looked_at_as_well():
    resources = cluster(
        node("a", "192.0.2.1"),
        node("b", "192.0.2.2", labels="rr"),
        peer("first", node="a", peer_selector="has(rr)"),
        peer("second", node="b", peer_ip="192.0.2.1", as_number=64512, local_as_number=65009),
        OFF,
    )
    assert summaries(resources) == ["take localASNumber out of BGPPeer second: it is for peers outside the cluster"]


@pytest.mark.parametrize(
    ("address", "what", "asked"),
    [
        ("192.0.2.2", "write asNumber 65002, the AS of b, into BGPPeer p", []),
        ("198.51.100.1", "write the asNumber of the far end into BGPPeer p", ["AS_NUMBER"]),
    ],
)
def test_the_as_of_a_node_is_known_and_that_of_a_switch_is_asked_for(address, what, asked):
    nodes = (node("a", "192.0.2.1"), node("b", "192.0.2.2", as_number=65002))
    (fix,) = name_the_as(case_of(cluster(*nodes, peer("p", node="a", peer_ip=address), OFF)), "p")
    assert fix.steps[0].what == what
    assert [one.variable for one in fix.asks] == asked
