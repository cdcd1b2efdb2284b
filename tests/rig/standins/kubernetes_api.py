"""The rig's Kubernetes API: the lab's server before the rig's datastore; its exec runs the real command on a node.

Only Kubernetes is played: BIRD, its sockets, the shell and what the command prints are real.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from calico_bgp.lab.printing.render import Printed
from calico_bgp.lab.servers.kubernetes.kubeconfig import kubeconfig
from calico_bgp.lab.servers.kubernetes.server import LabAPI
from calico_bgp.lab.servers.kubernetes.world import UNREACHABLE, World
from calico_bgp.upstream import CRD, V3
from tests.rig.machines.datastore import AGENT, NAMESPACE, Document
from tests.rig.requirements import SBIN, program
from tests.rig.standins.cluster_api import ClusterAPI

#: It opens nothing but the rig's own server on loopback.
TOKEN = "rig"
#: Longer than the command gives a BIRD that hangs. Seconds.
COMMAND_TIMEOUT = 40
_KINDS = {"bgppeers": "BGPPeer", "bgpconfigurations": "BGPConfiguration", "ippools": "IPPool"}
_GROUPS = {f"/apis/{group}/": group for group in (V3, CRD)}
_AGE = timedelta(days=3)


class RigKubernetes:
    """The server; a context manager.

    Args:
        api: The rig's nodes, its datastore, and the names of its pods.
        folder: For the kubeconfig and the pods' programs.

    Attributes:
        kubeconfig: The way in.
    """

    def __init__(self, api: ClusterAPI, folder: Path) -> None:
        self._api = api
        self._rig = api.rig
        self._server = LabAPI(self._world, TOKEN)
        self.kubeconfig = folder / "kubeconfig"
        # Debian's client has no name without readline; what it says is the same.
        self._programs = folder / "image"
        self._programs.mkdir()
        birdcl = program("birdcl")
        (self._programs / "birdcl").symlink_to(birdcl if birdcl != "birdcl" else program("birdc"))

    def __enter__(self) -> Self:
        self._server.start()
        self.kubeconfig.write_text(kubeconfig(self._server.server, self._server.authority, TOKEN))
        self.kubeconfig.chmod(0o600)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _world(self) -> World:
        nodes = {pod: node for node, pod in self._api.pod_names().items()}
        return World(self._objects, lambda pod, command: self._run(nodes.get(pod), command), nodes.get, ())

    def _objects(self, path: str) -> Sequence[Document] | None:
        with self._rig.lock:
            if path == "/api/v1/nodes":
                return [_node(document, self._is_off(document)) for document in self._rig.store.all("Node")]
            if path in ("/api/v1/pods", f"/api/v1/namespaces/{NAMESPACE}/pods"):
                return [self._pod(node, pod) for node, pod in self._api.pod_names().items()]
            if path == f"/apis/apps/v1/namespaces/{NAMESPACE}/daemonsets":
                return self._rig.store.all("DaemonSet")
            for prefix, group in _GROUPS.items():
                kind = path.removeprefix(prefix)
                if path.startswith(prefix) and "/" not in kind:
                    found = self._rig.store.all(_KINDS[kind]) if kind in _KINDS else []
                    return [{**document, "apiVersion": group} for document in found]
        return None

    def _is_off(self, node: Mapping[str, Any]) -> bool:
        """Whether the machine is off, as the rig plays it: its link is down."""
        machine = self._rig.nodes.get(node["metadata"]["name"])
        return machine is None or "state DOWN" in self._rig.wire.run("ip", "link", "show", f"port{machine.plan.number}")

    def _pod(self, node: str, name: str) -> Document:
        machine = self._rig[node]
        # calico-node ends when none of its programs is left (runit: it keeps what it has started).
        runs = machine.felix_runs() or bool(machine.processes_named("bird") or machine.processes_named("bird6"))
        state: Document = {"running": {"startedAt": f"{datetime.now(UTC) - _AGE:%Y-%m-%dT%H:%M:%SZ}"}}
        if not runs:
            state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}}
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"k8s-app": AGENT}},
            "spec": {"nodeName": node, "containers": [{"name": AGENT}]},
            "status": {"phase": "Running", "containerStatuses": [{"name": AGENT, "state": state}]},
        }

    def _run(self, node: str | None, command: Sequence[str]) -> Printed | None:
        """The command, run as the container runtime would: as root among the node's processes, without a terminal."""
        machine = self._rig.nodes.get(node or "")
        if machine is None:
            return None
        if self._is_off({"metadata": {"name": node}}):
            return Printed("", "", UNREACHABLE)
        path = f"PATH={self._programs}:/usr/local/bin:{SBIN}:/usr/bin:/bin"
        try:
            done = subprocess.run(
                machine.cell.enter(["env", "-i", path, *command]),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=COMMAND_TIMEOUT,
                check=False,
                cwd="/",
            )
        except subprocess.TimeoutExpired:
            return Printed("", "", None)
        return Printed(done.stdout, done.stderr, done.returncode)


def _node(document: Document, is_off: bool) -> Document:
    ready = {"type": "Ready", "status": "Unknown" if is_off else "True"}
    return {**document, "status": {**document["status"], "conditions": [ready]}}
