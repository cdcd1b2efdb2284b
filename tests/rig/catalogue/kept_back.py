"""Faults that cost routes, or sessions that nobody asks for, while all others stand. Values only.

Injectors are in broken/kept_back.py, by the same names.
"""

from __future__ import annotations

from tests.rig.broken.kept_back import FILTER
from tests.rig.catalogue.case import MESH, REFLECTORS, Case, both, one
from tests.rig.machines.calico_rig import TOR

KEPT_BACK: tuple[Case, ...] = (
    # Clients have no session with each other that would show it.
    one(REFLECTORS, "one-router-id", "duplicate-router-id", "node4 node5", tables=True, variant="clients"),
    one(REFLECTORS, "reflector-in-other-as", "reflector-in-other-as", "node1", fixes=True),
    one(REFLECTORS, "reflector-in-other-as", "reflector-in-other-as", "node1 node2", fixes=True, variant="all"),
    *both("tor-untold", "peer-told-nothing", "", names=FILTER),
    *both("tor-silent", "external-peer-silent", "", names=TOR, tables=True),
    one(MESH, "stray-cluster-id", "stray-cluster-id", "node4", fixes=True),
    *both("address-missing", "address-missing", "node4", fixes=True, asks={"PREFIX_LENGTH": "24"}),
    *both("peer-skipped", "bgp-peer-skipped", "", names="tor", fixes=True, asks={"ADDRESS": TOR}),
)
