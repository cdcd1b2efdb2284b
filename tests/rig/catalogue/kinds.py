"""Faults that only a real kernel and a real BIRD show, each a kind that the audit once took for another. Values only.

Injectors are in broken/paths.py and broken/daemons.py, by the same names.
"""

from __future__ import annotations

from tests.rig.catalogue.case import MESH, REFLECTORS, Case, both, one

_TWO_PEERS = "clients-to-reflectors reflectors-to-all"
_SECRET = {"SECRET_NAME": "bgp-secrets", "SECRET_KEY": "rr"}

KINDS: tuple[Case, ...] = (
    # BIRD and calico-node
    *both("bird-hangs", "bird-hangs", "node4", "node1", tables=True, fixes=True),
    *both("bird-hangs-unnoticed", "bird-hangs", "node4", "node1", tables=True, fixes=True),
    *both("bird6-hangs", "bird-hangs", "node4", "node1", tables=True, fixes=True),
    *both("bird-killed", "bird-down", "node4", "node1", tables=True, fixes=True),
    *both("calico-node-gone", "calico-node-down", "node4", "node1", tables=True, fixes=True),
    *both("empty-configuration", "confd-stuck", "node4", tables=True, fixes=True),
    # With reflectors both ends dial, so that nobody keeps what was said at the end.
    one(MESH, "all-disabled", "disabled-peer", "node4", tables=True, fixes=True),
    one(MESH, "all-disabled6", "disabled-peer", "node4", tables=True, fixes=True),
    *both("one-router-id", "duplicate-router-id", "node2 node5 node6", "node1 node4 node5", tables=True),
    *both("deleted-but-runs", "node-left", "node4", "node1", tables=True),
    *both("same-hostname", "duplicate-node-name", "node4 node5", names="node4", tables=True),
    # Passwords
    # By the tables alone it is one of two groups, of which neither is innocent: the reflectors, or the others.
    one(
        REFLECTORS,
        "password-at-one-end",
        "password-mismatch",
        "node1 node2",
        names=_TWO_PEERS,
        fixes=True,
        asks=_SECRET,
    ),
    *both("password-half-rolled-out", "password-mismatch", "node4 node5 node6", tables=True, fixes=True),
    # Reflectors, of which two are left
    one(REFLECTORS, "third-lost-cluster-id", "reflector-lost-cluster-id", "node1", fixes=True),
    one(REFLECTORS, "third-lost-label", "reflector-lost-label", "node1", fixes=True, tables=True),
    one(REFLECTORS, "third-reinstalled", "reflector-reinstalled", "node1", fixes=True),
    # The network
    one(MESH, "partial-partition", "partition", "node5 node6 node3 node4", names="node5 node6"),
    one(REFLECTORS, "partial-partition", "partition", "node5 node6 node1 node3", names="node5 node6"),
    *both("link4-cut", "link-cut", "node2 node5", "node1 node4", tables=True),
    *both("link6-cut", "link-cut", "node2 node5", "node1 node4", tables=True),
    *both("blackhole", "link-cut", "node2 node5", "node1 node4", tables=True),
    one(MESH, "prohibit", "link-cut", "node5 node2", tables=True),
    one(MESH, "wrong-netmask", "host-network-cut", "node4", tables=True),
    one(MESH, "address-gone", "host-network-cut", "node4", tables=True),
    *both("ipv6-off", "wrong-address", "node4", "node1"),
    # Firewalls
    one(MESH, "port-dropped-in6", "port-dropped", "node4", tables=True),
    one(MESH, "port-dropped-out", "port-dropped", "node4", tables=True),
    one(MESH, "replies-dropped", "port-dropped", "node4", tables=True),
    *both("rejects-by-icmp", "port-refused", "node4", "node1", tables=True),
    one(MESH, "refused-for-one", "port-refused", "node2 node5", names="node2", tables=True),
)
