"""Which peers a change makes, takes away and configures differently, and because of what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.changes.peer_changes import PeerChange, PeerFate, peer_changes
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.routes.network.classes.equal_nodes import expect_without_nodes
from tests.clusters import cluster, config, node, peer

APPEARS, DISAPPEARS, CHANGES = PeerFate.APPEARS, PeerFate.DISAPPEARS, PeerFate.CHANGES
V4, V6 = Family.IPV4, Family.IPV6
NODES = [node(f"n{n}", f"10.0.0.{n}", f"fd00::{n}") for n in (1, 2)]
ALL = [*NODES, node("n3", "10.0.0.3")]
OFF, ON = config(mesh=False), config(mesh=True)
TOR = peer("tor", peer_ip="192.0.2.1", as_number=65001)
ONE = peer("one", node="n2", peer_ip="192.0.2.2", as_number=65002)


def found(before, after, removed=()):
    changes = peer_changes(expect(cluster(*before)), expect(cluster(*after)), removed)
    return [(c.fate, c.name, c.family, " ".join(c.nodes), c.peers) for c in changes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([OFF, TOR, ONE], [OFF, TOR, ONE], []),
        ([OFF, TOR], [OFF, TOR, ONE], [(APPEARS, "one", V4, "n2", 1)]),
        ([OFF, TOR, ONE], [OFF, TOR], [(DISAPPEARS, "one", V4, "n2", 1)]),
        ([OFF, TOR, ONE], [OFF, ONE], [(DISAPPEARS, "tor", V4, "n1 n2 n3", 3)]),
        ([OFF, TOR, ONE], [OFF, replace(TOR, as_number=65009), ONE], [(CHANGES, "tor", V4, "n1 n2 n3", 3)]),
        # Another name for the same is no change.
        ([OFF, TOR, ONE], [OFF, replace(TOR, name="switch"), ONE], []),
        # Both at once, and each family by itself.
        (
            [OFF, TOR],
            [ON, ONE],
            [
                (APPEARS, "default", V4, "n1 n2 n3", 6),
                (APPEARS, "default", V6, "n1 n2", 2),
                (APPEARS, "one", V4, "n2", 1),
                (DISAPPEARS, "tor", V4, "n1 n2 n3", 3),
            ],
        ),
    ],
)
def test_what_becomes_of_peers(before, after, expected):
    assert found([*ALL, *before], [*ALL, *after]) == expected


def test_of_nodes_that_go_only_the_others_peers_count():
    assert found([*ALL, ON, TOR], [*ALL[1:], ON, TOR], {"n1"}) == [
        (DISAPPEARS, "default", V4, "n2 n3", 2),
        (DISAPPEARS, "default", V6, "n2", 1),
    ]
    # One that comes has all its peers anew.
    assert found([*ALL[1:], OFF, TOR], [*ALL, OFF, TOR]) == [(APPEARS, "tor", V4, "n1", 1)]


def test_of_many_nodes_alike_a_few_tell_for_all():
    names = [f"n{n}" for n in range(1, 9)]
    resources = cluster(*(node(name, f"10.0.0.{n}") for n, name in enumerate(names, 1)), ON)
    before, after = expect_without_nodes(resources, frozenset({"n3"}), expect(resources).version)
    assert len(after.peers) < len(after.resources.nodes)
    left = tuple(name for name in names if name != "n3")
    assert peer_changes(before, after, {"n3"}) == (
        PeerChange(DISAPPEARS, "BGPConfiguration", "default", V4, left, len(left)),
    )
