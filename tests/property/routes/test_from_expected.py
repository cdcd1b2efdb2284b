"""Laws of the sessions that resources ask for: classes of nodes give what joining every two nodes gives."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from hypothesis import given, settings

from calico_bgp.expect.engine import expect
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.peer import Family
from calico_bgp.routes.network.classes.equal_nodes import classes_of, expect_representatives
from calico_bgp.routes.network.from_expected import expected_network, has_one_router_id
from calico_bgp.routes.network.protocols import Listening, Shared, end_of, join
from tests.property.changes.test_whatif import clusters


def joined(expectation, family):
    """Every two nodes joined, one pair after the other: (certain, possible)."""
    nodes = {node.name: node for node in expectation.resources.nodes if node.address(family) is not None}
    shared, listening = Shared(), Listening(expectation.resources)
    certain, possible = [], []
    for one, other in combinations(sorted(nodes), 2):
        ours, theirs = (
            [peer for peer in expectation.peers[near] if (peer.family, peer.far_node) == (family, far)]
            for near, far in ((one, other), (other, one))
        )
        if not ours or not theirs:
            continue
        ends = tuple(end_of(name, nodes[name].address(family)) for name in (one, other))
        joint = join(ours, theirs, listening, ends, shared)
        if joint.possible and not has_one_router_id(joint.possible[0], nodes[one], nodes[other]):
            certain += [joint.certain] if joint.certain is not None else []
            possible += joint.possible
    return Counter(certain), Counter(possible)


@given(clusters())
@settings(max_examples=150, deadline=None)
def test_classes_give_what_every_two_nodes_give(resources):
    expectation = expect(resources)
    for found in (expectation, expect_representatives(resources, NEWEST)):
        network = expected_network(found, Family.IPV4)
        certain, possible = joined(expectation, Family.IPV4)
        assert Counter(network.sessions) == certain
        assert Counter(network.sessions if network.possible is None else network.possible) == possible
        assert network == expected_network(expectation, Family.IPV4)


@given(clusters())
@settings(max_examples=60, deadline=None)
def test_every_node_is_in_one_class(resources):
    names = [name for names in classes_of(expect(resources)) for name in names]
    assert sorted(names) == sorted(node.name for node in resources.nodes)
