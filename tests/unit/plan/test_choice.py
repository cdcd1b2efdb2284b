"""Which nodes should become reflectors, and why."""

import pytest

from calico_bgp.errors import ChangeError
from calico_bgp.model.resources import Resources
from calico_bgp.plan.choice import Choice, choose, default_count
from tests.clusters import cluster, node

CP = "node-role.kubernetes.io/control-plane"
ZONE = "topology.kubernetes.io/zone"


def some(*specs: str) -> Resources:
    """Nodes as `a`, `a*` (control plane), `-` (no zone), by zone."""
    nodes = []
    for number, spec in enumerate(specs, start=1):
        zone, plane = spec.rstrip("*"), spec.endswith("*")
        labels = [f"{ZONE}={zone}"] if zone != "-" else []
        nodes.append(node(f"node{number}", f"10.0.0.{number}", labels=" ".join([*labels, *([CP] if plane else [])])))
    return cluster(*nodes)


def names(resources, *args, **kwargs):
    return [choice.node for choice in choose(resources, *args, **kwargs)]


@pytest.mark.parametrize(
    ("specs", "count", "expected"),
    [
        (["a", "a", "b", "b"], 2, ["node1", "node3"]),
        (["a*", "a", "b*", "b"], 2, ["node2", "node4"]),  # workers first
        (["a*", "b*", "c*", "a"], 2, ["node4", "node2"]),  # a worker where there is one, then a zone without reflector
        (["a*", "b*", "c*", "-"], 3, ["node4", "node1", "node2"]),
        (["a*", "b*", "b"], 3, ["node3", "node1", "node2"]),
        (["a*", "b*"], 2, ["node1", "node2"]),  # there is nobody else
        (["-", "-", "-"], 2, ["node1", "node2"]),
        (["a", "a", "a", "b"], 3, ["node1", "node4", "node2"]),
    ],
)
def test_across_zones_and_not_all_on_the_control_plane(specs, count, expected):
    assert names(some(*specs), count) == expected


def test_the_last_place_goes_to_a_worker_where_all_others_are_control_plane():
    taken = [node(f"rr{n}", f"10.0.1.{n}", cluster_id="1.1.1.1", labels=f"{CP} {ZONE}=a") for n in (1, 2)]
    worker = node("worker", "10.0.1.3", labels=f"{ZONE}=a")
    plane = node("plane", "10.0.1.4", labels=f"{CP} {ZONE}=b")
    assert names(cluster(*taken, worker, plane), 3) == ["rr1", "rr2", "worker"]
    assert names(cluster(*taken, worker, plane), 4) == ["rr1", "rr2", "plane", "worker"]


def test_the_order_of_the_files_does_not_matter():
    resources = some("a", "b*", "b", "c", "a", "-", "c*", "a*", "b", "c", "a", "b")
    turned = resources.model_copy(update={"nodes": resources.nodes[::-1]})
    assert choose(resources, 4) == choose(turned, 4)


def test_node2_comes_before_node10():
    assert names(some(*["a"] * 11), 3) == ["node1", "node2", "node3"]


@pytest.mark.parametrize(("nodes", "expected"), [(2, 2), (200, 2), (201, 3), (5000, 3)])
def test_how_many(nodes, expected):
    assert default_count(nodes) == expected


def test_the_reasons():
    one = node("rr", "10.0.1.1", cluster_id="244.0.0.1", labels=f"{ZONE}=a")
    resources = some("a", "b*", "-*")
    resources = resources.model_copy(update={"nodes": (*resources.nodes, one)})
    assert [(c.node, c.already, c.why) for c in choose(resources, 4)] == [
        ("rr", True, "a reflector already; zone a, no other reflector there; not control plane"),
        ("node2", False, "zone b, no other reflector there; control plane"),
        ("node3", False, "no zone known; control plane"),
        ("node1", False, "zone a, beside rr; not control plane"),
    ]


def test_at_most_three_of_a_zone_are_named():
    taken = [node(f"rr{n}", f"10.0.1.{n}", cluster_id="244.0.0.1", labels=f"{ZONE}=a") for n in (1, 2, 3, 4)]
    resources = some("a")
    resources = resources.model_copy(update={"nodes": (*resources.nodes, *taken)})
    assert choose(resources, 5)[-1].why == "zone a, beside rr1, rr2, rr3; not control plane"


def test_how_many_there_are_unless_somebody_says():
    assert [len(choose(some(*["a"] * number))) for number in (3, 200, 201)] == [2, 2, 3]
    assert len(choose(some("a", "a", "a"), 3)) == 3


JOINS = Choice("new", already=False, why="joins as a reflector, never in the mesh", joins=True)


def test_who_joins_is_among_them_whether_others_are_named_or_not():
    nodes = [node("rr", "10.0.0.9", cluster_id="1.1.1.1"), *(node(f"n{n}", f"10.0.0.{n}") for n in (1, 2))]
    resources = cluster(*nodes, node("new", "10.0.0.8"))
    there = Choice("rr", already=True, why="a reflector already; no zone known; not control plane")
    best = Choice("n1", already=False, why="no zone known; not control plane")
    assert choose(resources, 3, joining=["new"]) == (there, JOINS, best)
    stays, asked = (Choice("rr", True, "a reflector already, and stays one"), Choice("n2", False, "as asked for"))
    assert choose(resources, names=["n2"], joining=["new"]) == (stays, JOINS, asked)
    named = Choice("rr", already=True, why="a reflector already")
    assert choose(resources, names=["n2", "rr"], joining=["new"]) == (named, JOINS, asked)


def test_named_nodes_come_in_their_order_after_those_that_reflect_already():
    one = node("rr", "10.0.1.1", cluster_id="244.0.0.1")
    resources = some("a", "b", "c")
    resources = resources.model_copy(update={"nodes": (*resources.nodes, one)})
    assert [(c.node, c.why) for c in choose(resources, names=["node3", "node1", "node3"])] == [
        ("rr", "a reflector already, and stays one"),
        ("node3", "as asked for"),
        ("node1", "as asked for"),
    ]


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (node("odd", "10.0.1.1", as_number=65001), "speaks as AS 65001, most nodes as 64512"),
        (node("odd", "fd00::1"), "has no IPv4 address for BGP"),
        (node("odd", "10.0.1.1", labels="kubernetes.io/os=windows"), "runs windows"),
    ],
)
def test_who_cannot_be_one(odd, why):
    resources = some("a", "a", "a")
    if odd.ipv6 is None:
        others = resources.nodes
    else:
        others = tuple(node(n.name, str(n.ipv4), f"fd00::{i}") for i, n in enumerate(resources.nodes, start=2))
    resources = resources.model_copy(update={"nodes": (*others, odd)})
    assert "odd" not in names(resources, 3)
    with pytest.raises(ChangeError, match=f"odd cannot reflect for the other nodes: it {why}"):
        choose(resources, names=["odd"])
    with pytest.raises(ChangeError, match=rf"4 reflectors are wanted, but 3 of 4 nodes could be one \(odd: {why}\)"):
        choose(resources, 4)


def test_a_slip_in_a_name():
    with pytest.raises(ChangeError, match="no node is called 'nod1'; did you mean node1"):
        choose(some("a", "b"), names=["nod1"])


def test_how_many_could_be_reflectors_counts_those_that_are_and_those_that_join():
    nodes = [node("rr1", "10.0.0.1", cluster_id="1.1.1.1"), node("new", "10.0.0.2"), node("n3", "10.0.0.3")]
    with pytest.raises(ChangeError, match=r"^4 reflectors are wanted, but 3 of 3 nodes could be one$"):
        choose(cluster(*nodes), 4, joining=["new"])
