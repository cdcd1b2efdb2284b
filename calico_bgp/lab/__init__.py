"""A simulated cluster: a pure model of its tables, and SSH servers on loopback that answer as its nodes would.

Data flows one way: cluster + faults → tables → render → answers → server → lab. Only the last two touch the outside.
"""

from __future__ import annotations

from calico_bgp.lab.cluster import LabCluster, LabNode, Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import Fault, FaultKind, parse_fault
from calico_bgp.lab.lab import Lab

__all__ = ["Fault", "FaultKind", "Lab", "LabCluster", "LabNode", "Topology", "Variant", "build_cluster", "parse_fault"]
