"""The lab's API server with any number of pods that all have their answer ready: what clients cost is to be measured.

python -m benchmarks.kubernetes.server NODES FOLDER: writes FOLDER/kubeconfig, and serves until its input ends.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calico_bgp.lab import build_cluster
from calico_bgp.lab.printing.render import Printed
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.lab.servers.kubernetes.kubeconfig import kubeconfig
from calico_bgp.lab.servers.kubernetes.objects import NAMESPACE, calico_objects, node_objects, pod_objects
from calico_bgp.lab.servers.kubernetes.server import LabAPI
from calico_bgp.lab.servers.kubernetes.world import World
from calico_bgp.model.peer import Family
from calico_bgp.parse.answer.frame import frame_answer, marker_of, new_marker
from calico_bgp.parse.answer.values import Answer, BirdAnswer
from calico_bgp.upstream import V3

TOKEN = "benchmark"
#: Bytes of an answer, as of a node with a dozen peers in each family.
ANSWER = 1800
_HEAD = "BIRD v0.3.3+birdv1.6.8 ready.\nAccess restricted\nname     proto    table    state  since       info\n"
_ROW = "Global_192_0_2_{:<3} BGP      master   up     09:41:02    Established   \n"


def answer_of(node: str, marker: str) -> str:
    """What the command prints in a pod; 1.8 kB of it."""
    rows, text = 0, ""
    while len(text) < ANSWER:
        table = _HEAD + "".join(_ROW.format(number) for number in range(1, rows + 1))
        birds = tuple(BirdAnswer(family, "birdcl", 0, table) for family in Family)
        running = frozenset({"felix", "bird", "bird6"})
        text, rows = frame_answer(marker, Answer(node=node, rights="root", processes=running, birds=birds)), rows + 1
    return text


def world_of(number: int) -> World:
    """A cluster whose lists are ready."""
    cluster, now = build_cluster(number, reflectors=4), datetime.now(UTC)
    resources = lab_resources(cluster, ())
    pods = pod_objects(cluster, (), (), now)
    nodes = {pod["metadata"]["name"]: pod["spec"]["nodeName"] for pod in pods}
    lists: dict[str, Sequence[dict[str, Any]]] = {
        "/api/v1/nodes": node_objects(resources, cluster, (), now),
        "/api/v1/pods": pods,
        f"/api/v1/namespaces/{NAMESPACE}/pods": pods,
        **{f"/apis/{V3}/{kind}": calico_objects(resources, V3, kind, now) for kind in _KINDS},
    }
    some = new_marker()
    texts = {pod: answer_of(node, some) for pod, node in nodes.items()}

    def run(pod: str, command: Sequence[str]) -> Printed | None:
        marker = marker_of(command[-1])
        return Printed(texts[pod].replace(some, marker)) if marker and pod in texts else None

    return World(lists.get, run, nodes.get, ())


_KINDS = (
    "bgppeers",
    "bgpconfigurations",
    "bgpfilters",
    "ippools",
    "blockaffinities",
    "caliconodestatuses",
    "felixconfigurations",
)


def main(arguments: Sequence[str]) -> None:
    world, folder = world_of(int(arguments[0])), Path(arguments[1])
    server = LabAPI(lambda: world, TOKEN)
    server.start()
    (folder / "kubeconfig").write_text(kubeconfig(server.server, server.authority, TOKEN), encoding="utf-8")
    print("ready", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
