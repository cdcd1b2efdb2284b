"""A rig that follows Calico's resources: every node's BIRD is configured from a datastore, as by confd.

Six nodes in three zones, in a mesh or with two reflectors. Whatever a fault or a fix did, `reset` makes it whole again.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.rig.broken.mending import mending_of
from tests.rig.machines.cell import Cell, RigError, join, wait_for
from tests.rig.machines.cluster import Rig
from tests.rig.machines.confd_from_resources import bird_config, expected_protocols, external_config
from tests.rig.machines.datastore import AGENT, NAMESPACE, Datastore, Document, document, node_document
from tests.rig.machines.node import DAEMONS, RigNode
from tests.rig.machines.plan import Kind, Neighbour, NodePlan
from tests.rig.requirements import program

TOPOLOGIES = ("mesh", "reflectors")
ZONES = {1: "zone-a", 2: "zone-b", 3: "zone-a", 4: "zone-b", 5: "zone-c", 6: "zone-c"}
CLUSTER_ID = "244.0.0.1"
PEER = "peer-with-reflectors"
#: So long must all sessions stand. Seconds.
STANDS = 2.0
TOR, TOR_AS = "192.0.2.254", 65100


def baseline(topology: str) -> list[Document]:
    """What the datastore of a whole cluster holds."""
    reflecting = topology == "reflectors"
    documents = [node_of(n, cluster_id=CLUSTER_ID if reflecting and n <= 2 else None) for n in ZONES]
    documents.append(document("BGPConfiguration", "default", asNumber=64512, nodeToNodeMeshEnabled=not reflecting))
    if reflecting:
        documents.append(document("BGPPeer", PEER, nodeSelector="all()", peerSelector="route-reflector == 'true'"))
    documents.append(
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": AGENT, "namespace": NAMESPACE, "labels": {"k8s-app": AGENT}},
            "spec": {"template": {"spec": {"containers": [{"name": AGENT, "env": [{"name": "IP", "value": ""}]}]}}},
        }
    )
    return documents


def node_of(number: int, *, cluster_id: str | None = None) -> Document:
    """The Node of one machine."""
    plan = NodePlan(f"node{number}", number)
    zone = ZONES.get(number, "zone-a")
    return node_document(plan.name, f"{plan.ipv4}/24", f"{plan.ipv6}/64", zone=zone, cluster_id=cluster_id)


class CalicoRig(Rig):
    """A running cluster that follows its datastore.

    Attributes:
        store: Its resources.
        stuck: Nodes whose confd does not follow.
        edits: Node → what is done to its configuration before BIRD gets it, for want of a better reason.
        router_ids: Node → CALICO_ROUTER_ID.
        own_as: Node → the AS that its BIRD has, whatever the resources say.
        refused: (node, version) whose BIRD did not take what confd wrote: it keeps the old file.
        tor: The top-of-rack switch, where there is one.
        reflectors: The nodes that hosts.txt calls reflectors.
        also_listed: Further lines of hosts.txt.
        lock: Held while the datastore or the machines change.
    """

    def __init__(self, topology: str, folder: Path, *, calicoctl: str = "v3.33.0") -> None:
        super().__init__([NodePlan(f"node{number}", number) for number in ZONES], folder, calicoctl=calicoctl)
        self.topology = topology
        self.baseline = baseline(topology)
        self.stuck: set[str] = set()
        self.edits: dict[str, Callable[[str, int], str]] = {}
        self.router_ids: dict[str, str] = {}
        self.own_as: dict[str, int] = {}
        self.refused: set[tuple[str, int]] = set()
        self.tor: Cell | None = None
        self.reflectors: tuple[str, ...] = ()
        self.also_listed: list[str] = []
        self._list_reflectors()
        self.lock = threading.RLock()
        self.store = Datastore(folder / "datastore")
        self.store.restore(self.baseline)

    def _list_reflectors(self) -> None:
        self.reflectors = ("node1", "node2") if self.topology == "reflectors" else ()
        self.also_listed.clear()

    def _start(self) -> None:
        for node in self._machines():
            for version in DAEMONS:
                (node.files.etc / "calico").mkdir(exist_ok=True)
                self._config_file(node, version).write_text(self._rendered(node, version))
        self._plan()
        for node in self.nodes.values():
            node.install_calicoctl(self.calicoctl)
            node.start_felix()
            node.start_bird()

    def _machines(self) -> Iterable[RigNode]:
        self._start_wire()
        for plan in self.plans.values():
            self.add_node(plan)
        return self.nodes.values()

    # confd

    def follow(self) -> None:
        """Let every confd that is not stuck write its node's configuration, and BIRD take it."""
        with self.lock:
            self._plan()
            for node in self.nodes.values():
                if node.name not in self.stuck and self.store.get("Node", node.name) is not None:
                    for version in DAEMONS:
                        self._update(node, version)

    def _update(self, node: RigNode, version: int) -> None:
        """Write, check, reload; a file that BIRD's check refuses is thrown away (confd's check_cmd and reload_cmd)."""
        text, path = self._rendered(node, version), self._config_file(node, version)
        self.refused.discard((node.name, version))
        if path.read_text() == text:
            return
        if not self._checked(node, version, text):
            self.refused.add((node.name, version))
            return
        path.write_text(text)
        if node.answers(version):
            node.birdc(version, "configure")

    def _checked(self, node: RigNode, version: int, text: str) -> bool:
        candidate = node.files.folder / f"{DAEMONS[version]}.candidate"
        candidate.write_text(text)
        command = [program(DAEMONS[version]), "-p", "-c", candidate]
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0

    def _rendered(self, node: RigNode, version: int) -> str:
        text = bird_config(
            self.store,
            node.name,
            node.plan.number,
            version,
            router_id=self.router_ids.get(node.name),
            as_number=self.own_as.get(node.name),
        )
        edit = self.edits.get(node.name)
        return text if edit is None else edit(text, version)

    def _config_file(self, node: RigNode, version: int) -> Path:
        return node.files.etc / "calico" / f"{DAEMONS[version]}.cfg"

    def _plan(self) -> None:
        """Tell the rig who peers with whom, as far as both are nodes."""
        for name, node in self.nodes.items():
            found: dict[str, Neighbour] = {}
            for peer in expected_protocols(self.store, name)[4]:
                if peer.far_node in self.nodes and peer.far_node != name:
                    kind: Kind = "Mesh" if peer.name.startswith("Mesh") else "Node"
                    kind = "Global" if peer.name.startswith("Global") else kind
                    found[peer.far_node] = Neighbour(peer.far_node, kind, client=peer.reflector_client)
            node.plan = NodePlan(name, node.plan.number, tuple(found.values()))
            self.plans[name] = node.plan

    # calico-node

    def restart_calico_node(self, name: str) -> None:
        """What a new pod does: Felix and BIRD anew, a configuration written from nothing, confd that follows again."""
        with self.lock:
            node = self[name]
            self.stuck.discard(name)
            self.edits.pop(name, None)
            self.own_as.pop(name, None)
            self.kill_bird(name)
            node.start_felix_anew()
            for version in DAEMONS:
                text = self._rendered(node, version)
                if self._checked(node, version, text):
                    self._config_file(node, version).write_text(text)
                    node.start_bird([version])
                else:
                    self.refused.add((name, version))

    def kill_bird(self, name: str, versions: Iterable[int] = (4, 6)) -> None:
        """End BIRD without a word to its peers, as the kernel ends the processes of a pod, and remove its sockets."""
        node = self[name]
        for version in versions:
            daemon = DAEMONS[version]
            pids = node.processes_named(daemon)
            if pids:
                node.cell.run("kill", "-9", *map(str, pids), check=False)
                wait_for(f"{name}: {daemon} is gone", lambda d=daemon: not node.processes_named(d), seconds=10)
            node.cell.run("sh", "-c", f"rm -f /run/{daemon}.pid /run/calico/{daemon}.ctl*")

    # The switch

    def start_tor(self, as_number: int = TOR_AS, *, announces: bool = True) -> None:
        """A top-of-rack switch that is ready to peer with every node, and announces a network of its own, or none."""
        tor = Cell("tor", "mount -t tmpfs tmpfs /run", self.folder / "tor.log")
        self._stack.callback(tor.close)
        self.tor = tor
        join(self.wire, tor, "tor", [f"{TOR}/24"])
        nodes = {node.ipv4: 64512 for node in self.nodes.values()}
        tor.path("/run/bird.cfg").write_text(external_config(TOR, as_number, nodes, announces=announces))
        command = f"exec {program('bird')} -d -c /run/bird.cfg -s /run/bird.ctl -P /run/bird.pid"
        tor.start(command, str(self.folder / "tor.log"))
        wait_for("the switch runs", lambda: tor.path("/run/bird.ctl").exists(), seconds=10)

    def stop_tor(self) -> None:
        """Take it away."""
        if self.tor is not None:
            self._unplug("tor")
            self.tor.close()
            self.tor = None

    def _unplug(self, link: str) -> None:
        """Take a link away at once: the kernel takes its time over what a cell leaves."""
        self.wire.run("ip", "link", "del", link)

    # Whole or not

    def down(self) -> list[str]:
        """The peers, also external ones, that are not `up Established`, in words."""
        found = []
        for node in self.nodes.values():
            if self.store.get("Node", node.name) is None:
                continue
            for version, expected in expected_protocols(self.store, node.name).items():
                peers = node.peers(version)
                names = {peer.name for peer in expected}
                found += [
                    f"{node.name} ({DAEMONS[version]}): {name} {peers.get(name)}"
                    for name in sorted(names | set(peers))
                    if name not in names or peers.get(name) != "up Established"
                ]
        return found

    def reset(self) -> None:
        """Make everything as it was at first, whatever was broken or fixed since."""
        with self.lock:
            self.store.restore(self.baseline)
            self.stuck.clear()
            self.edits.clear()
            self.router_ids.clear()
            self.own_as.clear()
            self._list_reflectors()
            self.stop_tor()
            for name in [name for name, node in self.nodes.items() if node.plan.number not in ZONES]:
                node = self.nodes.pop(name)
                self._unplug(f"port{node.plan.number}")
                node.close()
                shutil.rmtree(node.files.folder)
                self.plans.pop(name)
            for node in self.nodes.values():
                self._mend_machine(node)
            self.follow()
            for node in self.nodes.values():
                for version in DAEMONS:
                    node.birdc(version, "enable all")
        self.wait_established()

    def _mend_machine(self, node: RigNode) -> None:
        self.wire.run("ip", "link", "set", f"port{node.plan.number}", "up")
        node.cell.run("sh", "-c", mending_of(node))
        node.install_calicoctl(self.calicoctl)
        if not node.felix_runs():
            node.start_felix_anew()
        broken = [version for version in DAEMONS if not node.answers(version) or self._listens_elsewhere(node, version)]
        self.kill_bird(node.name, broken)
        for version in broken:
            self._config_file(node, version).write_text(self._rendered(node, version))
        node.start_bird(broken)

    def _listens_elsewhere(self, node: RigNode, version: int) -> bool:
        """Whether its BIRD has another port than BGP's: it takes one only when it starts."""
        return "listen bgp port" in self._config_file(node, version).read_text()

    def wait_established(self, seconds: float = 60, *, stands: float = STANDS) -> None:
        """As in Rig, and for a while: a BIRD that is still at an earlier change takes the next one later."""
        super().wait_established(seconds, stands=stands)


def with_machine(rig: CalicoRig, number: int) -> RigNode:
    """A new machine, with calico-node on it; its Node is the caller's to write first."""
    node = rig.add_node(NodePlan(f"node{number}", number))
    (node.files.etc / "calico").mkdir(exist_ok=True)
    node.install_calicoctl(rig.calicoctl)
    rig.restart_calico_node(node.name)
    return node


__all__ = ["CLUSTER_ID", "PEER", "TOPOLOGIES", "TOR", "TOR_AS", "CalicoRig", "RigError", "node_of", "with_machine"]
