"""Writes docs/images/*.svg: the pictures of the docs and of README, of audits of the simulated lab at a fixed time.

A test compares the files with what this writes, so that no picture shows what the program no longer draws.
"""

from __future__ import annotations

from pathlib import Path

from make.causes import snapshot_of
from make.terminal_svg import terminal

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.picture.svg import report_to_svg
from calico_bgp.report.text.page import TextStyle

FOLDER = Path(__file__).parents[1] / "images"
_COLUMNS = 104

_OUTAGE = ("bird-down:node1", "link-cut:node2,node8", "node-down:node11")
_MANY = ("bird-down:node1", "bird-down:node77", "node-down:node120", "link-cut:node2,node40", "wrong-as:node200")


def outage() -> tuple[Report, Snapshot]:
    """The cluster of the first picture, which a terminal and a page show as well."""
    snapshot = snapshot_of(build_cluster(12, zones=3, switch=True), _OUTAGE)
    return audit(snapshot), snapshot


def pages() -> dict[str, str]:
    """File name → SVG."""
    clusters = {
        "healthy.svg": (build_cluster(12, zones=3, switch=True), ()),
        "mesh.svg": (build_cluster(8, topology=Topology.MESH), ("link-cut:node2,node5",)),
        "many.svg": (build_cluster(240, reflectors=4, zones=4), _MANY),
    }
    found = {}
    for name, (cluster, faults) in clusters.items():
        snapshot = snapshot_of(cluster, faults)
        found[name] = report_to_svg(audit(snapshot), snapshot)
    found["outage.svg"] = report_to_svg(*outage())
    style = TextStyle(width=_COLUMNS, color=True)
    found["terminal.svg"] = terminal("calico-bgp audit", report_to_text(*outage(), style, again="calico-bgp audit"))
    return found
