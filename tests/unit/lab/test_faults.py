"""The catalogue of faults and the words a user writes."""

from __future__ import annotations

import pytest

from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import CATALOGUE, Fault, FaultError, FaultKind, parse_fault

CLUSTER = build_cluster(6, reflectors=2)


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("bird-down:node3", ("node3",)),
        ("bird-down:node3,node4,node5", ("node3", "node4", "node5")),
        ("bird-down", ("node6",)),
        ("link-cut:node2,node1", ("node2", "node1")),
        ("link-cut", ("node6",)),
        ("reinstalled", ("node1", "node2")),
        ("reinstalled:node2", ("node2",)),
    ],
)
def test_a_fault_is_read(text, nodes):
    fault = parse_fault(text, CLUSTER)
    assert fault == Fault(FaultKind(text.partition(":")[0]), nodes)
    assert parse_fault(str(fault), CLUSTER) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("brid-down:node1", "Did you mean 'bird-down'?"),
        ("bird-down:node11", "Did you mean 'node1'?"),
        ("bird-down:x", "Nodes are node1, node2"),
        ("zzz", "unknown fault 'zzz'. `calico-bgp lab faults`"),
        ("", "unknown fault ''"),
        ("link-cut:node1,node2,node3", "takes one node or two, not 3"),
        ("link-cut:node1,node1", "the same node twice"),
        ("reinstalled:node5", "'node5' is no reflector; reflectors are node1, node2"),
    ],
)
def test_a_bad_fault_says_what_is_wrong(text, message):
    with pytest.raises(FaultError) as caught:
        parse_fault(text, CLUSTER)
    assert message in str(caught.value)


def test_a_mesh_has_no_labels_to_lose():
    with pytest.raises(FaultError, match="no reflectors"):
        parse_fault("reinstalled", build_cluster(3, topology=Topology.MESH))


def test_a_large_cluster_is_not_listed_whole():
    with pytest.raises(FaultError, match="Nodes are node1 to node200"):
        parse_fault("bird-down:x", build_cluster(200))


def test_every_kind_is_in_the_catalogue_once():
    assert sorted(entry.kind for entry in CATALOGUE) == sorted(FaultKind)
