"""Faults in how the resources join the nodes: all that is asked for may be Established. Values only.

Injectors are in broken/layouts.py, by the same names.
"""

from __future__ import annotations

from tests.rig.catalogue.case import MESH, REFLECTORS, Case, one
from tests.rig.machines.calico_rig import PEER

LAYOUTS: tuple[Case, ...] = (
    one(MESH, "mesh-off", "no-peers-configured", "", names="default", fixes=True),
    one(REFLECTORS, "selector-narrow", "selector-matches-wrong-nodes", "", names=PEER, fixes=True),
    # By the tables alone no node has a peer, as where the reflectors named in hosts.txt are none any more.
    one(REFLECTORS, "node-selector-stale", "selector-matches-nothing", "node1 node2", names=PEER, fixes=True),
    one(REFLECTORS, "node-unlabelled", "node-lost-label", "node5", fixes=True),
    one(REFLECTORS, "label-elsewhere", "reflector-lost-label", "node1 node6", names="node1", fixes=True),
    one(REFLECTORS, "racks-apart", "reflectors-not-joined", "", names="node1 node2", fixes=True),
    one(REFLECTORS, "racks-apart-equal-ids", "reflectors-not-joined", "", names="node1 node2", fixes=True),
    one(REFLECTORS, "equal-ids", "reflectors-equal-ids", "", names="node1 node2", fixes=True),
    one(REFLECTORS, "rack-peer-gone", "no-peers-configured", "", names="node4 node6", fixes=True),
    one(REFLECTORS, "rack-selector-misspelt", "selector-matches-nothing", "", names="rack-b", fixes=True),
)
