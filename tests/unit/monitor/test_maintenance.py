"""Of which nodes trouble is expected: windows, cordons, young pods, rollouts."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.lab import Lab
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesNode, KubernetesState, NodePod, PodKind
from calico_bgp.model.settings.maintenance import MaintenanceWindow
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.states.maintenance import maintenance_of
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.source import read_cluster

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def pod(node: str, *, age: timedelta = DAY, **more) -> NodePod:
    values = {"started_at": NOW - age, "running": True, "revision": "a"} | more
    return NodePod(PodKind.CALICO_NODE, "calico-system", f"calico-node-{node}", node=node, **values)


def seen(*pods: NodePod, nodes: tuple[KubernetesNode, ...] = (), cluster: str | None = None) -> Snapshot:
    names = [pod.node for pod in pods] or ["node1", "node2"]
    hosts = tuple(Host(name, node=name) for name in names)
    return Snapshot(cluster=cluster, hosts=hosts, kubernetes=KubernetesState(pods=pods, nodes=nodes))


def nodes_of(snapshot: Snapshot, *windows: MaintenanceWindow, at: datetime = NOW) -> dict[str, str]:
    return maintenance_of(snapshot, windows, at).why


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (pod("node1", age=timedelta(minutes=4, seconds=59)), "calico-node started less than 5 minutes ago"),
        (pod("node1", age=timedelta(minutes=5)), None),
        (pod("node1", age=timedelta(minutes=1), restarts=3), None),
        (pod("node1", deleting=True), "its calico-node pod is being replaced"),
        (pod("node1", started_at=None, running=False), None),
    ],
    ids=["young", "old enough", "crashing", "deleting", "does not come up"],
)
def test_pods(one, why):
    assert nodes_of(seen(one)) == ({} if why is None else {"node1": why})


def test_a_cordoned_node():
    assert nodes_of(seen(nodes=(KubernetesNode("node1", cordoned=True), KubernetesNode("node2")))) == {
        "node1": "it is cordoned"
    }


def test_a_rollout_is_expected_everywhere_while_it_goes_on():
    young = pod("node1", age=timedelta(minutes=1), revision="b")
    assert nodes_of(seen(young, pod("node2"), pod("node3"))) == {
        "node1": "calico-node started less than 5 minutes ago",
        "node2": "calico-node is being rolled out",
        "node3": "calico-node is being rolled out",
    }


def test_a_rollout_that_is_stuck_hides_nothing():
    assert nodes_of(seen(pod("node1", revision="b"), pod("node2"))) == {}


def test_the_labs_rollout():
    with Lab(build_cluster(3), faults=["restarting:node2"]) as lab:
        snapshot = read_cluster(load_kubeconfig([lab.kubeconfig]).access())
    assert set(maintenance_of(snapshot, (), snapshot.taken_at).why) == {"node1", "node2", "node3"}


ONCE = MaintenanceWindow("new switches", NOW - timedelta(hours=1), NOW + timedelta(hours=1), nodes=("node1*",))
BERLIN = ZoneInfo("Europe/Berlin")


def test_a_window_of_some_nodes():
    assert nodes_of(seen(), ONCE) == {"node1": "new switches"}
    assert nodes_of(seen(), ONCE, at=NOW + timedelta(hours=1)) == {}


def test_a_window_of_the_cluster():
    window = MaintenanceWindow("power", ONCE.start, ONCE.end, cluster="prod")
    assert maintenance_of(seen(cluster="prod"), (window,), NOW).cluster == "power"
    assert maintenance_of(seen(cluster="test"), (window,), NOW).cluster is None


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-28T21:59", True),  # Saturday 22:59 in Berlin
        ("2026-11-28T20:59", False),
        ("2026-11-29T00:59", True),  # Sunday 01:59: the night began on Saturday
        ("2026-11-29T01:00", False),
        ("2026-11-29T22:30", False),  # Sunday night is none of its days
        ("2026-07-04T20:30", True),  # 22:30 in summer time
        ("2026-07-04T21:59", True),
        ("2026-07-05T00:30", False),
    ],
)
def test_a_window_that_comes_again_follows_its_zone(at, is_open):
    window = MaintenanceWindow("nightly", time(22), time(2), ("sat",), BERLIN)
    assert window.is_open(datetime.fromisoformat(at).replace(tzinfo=UTC)) is is_open
