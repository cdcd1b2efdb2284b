"""Faults of addresses that are stale or not the node's own, and of the port of BGP. Values only.

Injectors are in broken/addresses.py, by the same names.
"""

from __future__ import annotations

from tests.rig.catalogue.case import MESH, REFLECTORS, Case, both, one

_PREFIX = {"PREFIX_LENGTH": "24"}

ADDRESSES: tuple[Case, ...] = (
    one(REFLECTORS, "other-peer-as", "as-mismatch", "node1", names="rr-1", fixes=True),
    one(REFLECTORS, "stale-peer-ip", "stale-address", "node1", names="rr-1", fixes=True),
    # What becomes of a Node that is left over is the operator's to say: no command deletes it.
    *both("stale-node", "stale-address", "node9", "node9"),
    *both("virtual-address", "wrong-address", "node4 node6", names="node4", fixes=True, asks=_PREFIX),
    *both("pool-address", "wrong-address", "node4", fixes=True, asks=_PREFIX),
    # The mesh's sessions in which the others dial stand.
    one(MESH, "other-source-address", "other-source-address", "node4", tables=True),
    *both("addresses-exchanged", "wrong-address", "node3 node5", fixes=True),
    # With reflectors both ends dial: the nodes get through in one direction.
    one(MESH, "listen-port-not-followed", "port-refused", "node2", tables=True),
    one(MESH, "listen-port-dropped", "port-dropped", "node2", tables=True),
    *both("listed-twice-and-down", "bird-down", "node4", "node1", tables=True, fixes=True),
)
