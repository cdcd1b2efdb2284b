"""A node that joins has no BGP address until its calico-node has started: why that does not is the cause."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.kubernetes import NodePod, PodKind
from calico_bgp.model.resources import BGPConfiguration, BGPPeer
from calico_bgp.model.snapshot import Snapshot
from tests.running_birds import Birds
from tests.unit.auditing.tables import cluster, node, told

OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PEER = BGPPeer(name="rr", node_selector="all()", peer_selector="has(rr)")


def numbered(*numbers: int, **fields):
    return [node(f"n{n}", f"192.0.2.{n}/24", internal=f"192.0.2.{n}", **fields) for n in numbers]


MESH = numbered(1, 2, 3, 4)
REFLECTED = (*numbered(1, 2, labels="rr", cluster_id="1.1.1.1"), *numbered(3, 4), PEER, OFF)


def joining(things, *bare: str, pods: tuple[NodePod, ...], unread: frozenset[str] | None = None) -> Snapshot:
    resources = cluster(*things, *(node(name, internal=f"192.0.2.{name[1:]}") for name in bare))
    made = Birds(resources, off=frozenset(bare) if unread is None else unread).snapshot(through_api=True)
    kept = tuple(pod for pod in made.kubernetes.pods if pod.node not in bare)
    state = made.kubernetes.model_copy(update={"pods": (*kept, *pods)})
    return made.model_copy(update={"kubernetes": state})


def pod(name: str, reason: str, **fields) -> NodePod:
    fields = {"phase": "Pending", "running": False, "ready": False} | fields
    kind, namespace = PodKind.CALICO_NODE, "calico-system"
    return NodePod(kind, namespace, f"calico-node-{name}", name, reason=reason, backend="bird", **fields)


@pytest.mark.parametrize("things", [MESH, REFLECTED], ids=["mesh", "reflectors"])
@pytest.mark.parametrize("reason", ["ImagePullBackOff", "PodInitializing", "CrashLoopBackOff"])
def test_a_pod_that_does_not_run(things, reason):
    report = audit(joining(things, "n7", pods=(pod("n7", reason),)))
    assert told(report) == [("pod-crash-looping", ["n7"])]
    assert ("log" in report.causes[0].fixes[0].summary) == (reason == "CrashLoopBackOff")
    assert report.unexplained == ()


@pytest.mark.parametrize("things", [MESH, REFLECTED], ids=["mesh", "reflectors"])
def test_no_pod(things):
    report = audit(joining(things, "n7", pods=()))
    assert told(report) == [("pod-missing", ["n7"])]
    assert report.unexplained == ()


def test_two_that_join_are_two_causes():
    report = audit(joining(MESH, "n7", "n8", pods=(pod("n7", "ImagePullBackOff"),)))
    assert told(report) == [("pod-crash-looping", ["n7"]), ("pod-missing", ["n8"])]


def test_where_its_pod_runs_the_address_is_missing():
    running = pod("n7", "", phase="Running", running=True, ready=True)
    report = audit(joining(MESH, "n7", pods=(running,), unread=frozenset()))
    assert told(report) == [("address-missing", ["n7"])]
