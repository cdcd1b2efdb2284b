"""An AS that is refused: who refuses whose, and which AS a node has, as far as the resources tell."""

from types import SimpleNamespace

import pytest

from calico_bgp.causes.peering.agreement import _contradiction
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import UP, cluster, node, read, table

TOR = "198.51.100.1"


@pytest.mark.parametrize(
    ("refused", "other_as", "told"),
    [
        # The node's own, whatever others have.
        ("n1", None, " (AS 64512)"),
        ("n1", 65001, " (AS 64512)"),
        # Of a node that no Node is, that of all; where they differ nobody knows.
        ("x9", None, " (AS 64512)"),
        ("x9", 65001, ""),
    ],
)
def test_the_as_that_the_device_does_not_expect(refused, other_as, told):
    rows = {"n1": [f"10.0.0.2 {UP}"], "n2": [f"10.0.0.1 {UP}"], "x9": []}
    rows[refused].append(f"global= {TOR} Idle Received: Bad peer AS")
    resources = cluster(
        node("n1", "10.0.0.1/24"),
        node("n2", "10.0.0.2/24", as_number=other_as),
        BGPPeer(name="tor", peer_ip=TOR, as_number=65000, node="n1"),
    )
    tables = {name: table(name, *mine) for name, mine in rows.items()}
    (cause,) = read(tables, addresses={"n1": "10.0.0.1", "n2": "10.0.0.2"}, resources=resources).causes
    assert cause.kind == "as-mismatch"
    assert cause.title == f"{TOR} expects another AS number of {refused} than it has{told}"
    assert f"{TOR} expects the AS of the node{told}, which its Node" in cause.fixes[0].summary


BAD, REFUSED = "Active BGP Error: Bad peer AS", "Active Received: Bad peer AS"


def between(ones, others, near, far):
    """What two groups of nodes say of each other."""
    pairs = [(one, other) for one in ones for other in others]
    return dict.fromkeys(pairs, near) | {(other, one): far for one, other in pairs}


@pytest.mark.parametrize(
    ("infos", "title"),
    [
        (between([1], [2], BAD, REFUSED), "n1 expects another AS number of n2 than it has"),
        (between([1], [2], REFUSED, BAD), "n2 expects another AS number of n1 than it has"),
        (between([1], [2, 3, 4, 5], BAD, REFUSED), "n1 expects another AS number of its 4 peers than they have"),
        (between([1], [2, 3, 4, 5], REFUSED, BAD), "n1 has another AS number than its 4 peers expect of it"),
        (
            between([1], [2, 3], REFUSED, BAD) | between([1], [4, 5], BAD, REFUSED),
            "n1 and its 4 peers expect other AS numbers of each other than they have",
        ),
        (
            between([1, 2], [3, 4, 5], BAD, REFUSED),
            "n1, n2 and n3, n4, n5 expect other AS numbers of each other than they have",
        ),
    ],
)
def test_who_refuses_whose(infos, title):
    numbers = range(1, 6)
    tables = {
        f"n{n}": table(f"n{n}", *(f"10.0.0.{m} {infos.get((n, m), UP)}" for m in numbers if m != n)) for n in numbers
    }
    report = read(tables, addresses={f"n{n}": f"10.0.0.{n}" for n in numbers})
    (cause,) = report.causes
    assert (cause.kind, cause.title) == ("as-mismatch", title)
    assert report.unexplained == ()


@pytest.mark.parametrize(
    ("expected_of_b", "as_of_b", "said"),
    [
        # Two AS numbers that fit: each end expects the other's, not its own.
        (64513, 64513, None),
        (64514, 64513, "a expects 64514, b has 64513"),
        (64512, 64513, "a expects 64512, b has 64513"),
    ],
)
def test_what_the_resources_contradict(expected_of_b, as_of_b, said):
    key = SessionKey.between(Family.IPV4, "a", "b")
    ends = (
        SimpleNamespace(node="a", local_as=64512, peer_as=expected_of_b),
        SimpleNamespace(node="b", local_as=as_of_b, peer_as=64512),
    )
    case = SimpleNamespace(cluster=SimpleNamespace(expected_peers={key: ends}))
    assert _contradiction(case, [key]) == said
