"""Writes docs/images/*.svg: the pictures of the docs and of README, of audits of the simulated lab at a fixed time.

A test compares the files with what this writes, so that no picture shows what the program no longer draws.
"""

from __future__ import annotations

from pathlib import Path

from make_causes import snapshot_of

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.report.picture.svg import report_to_svg

FOLDER = Path(__file__).parent / "images"

_OUTAGE = ("bird-down:node1", "link-cut:node2,node8", "node-down:node11")
_MANY = ("bird-down:node1", "bird-down:node77", "node-down:node120", "link-cut:node2,node40", "wrong-as:node200")


def pages() -> dict[str, str]:
    """File name → SVG."""
    clusters = {
        "healthy.svg": (build_cluster(12, zones=3, switch=True), ()),
        "outage.svg": (build_cluster(12, zones=3, switch=True), _OUTAGE),
        "mesh.svg": (build_cluster(8, topology=Topology.MESH), ("link-cut:node2,node5",)),
        "many.svg": (build_cluster(240, reflectors=4, zones=4), _MANY),
    }
    found = {}
    for name, (cluster, faults) in clusters.items():
        snapshot = snapshot_of(cluster, faults)
        found[name] = report_to_svg(audit(snapshot), snapshot)
    return found
