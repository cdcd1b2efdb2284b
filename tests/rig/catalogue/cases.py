"""The catalogue of faults: on which nodes of which topology, the cause that the audit has to name first, what fixes it.

Values only. Injectors are in broken/*.py, by the same names; kinds.py has what no lab can show.
"""

from __future__ import annotations

from tests.rig.catalogue.addresses import ADDRESSES
from tests.rig.catalogue.case import MESH, REFLECTORS, Case, subject_names
from tests.rig.catalogue.case import both as _both
from tests.rig.catalogue.case import one as _one
from tests.rig.catalogue.kept_back import KEPT_BACK
from tests.rig.catalogue.kinds import KINDS
from tests.rig.catalogue.layouts import LAYOUTS
from tests.rig.machines.calico_rig import PEER, TOR, TOR_AS

__all__ = ["CASES", "ELSEWHERE", "HARMLESS", "MESH", "PAIRS", "REFLECTORS", "Case", "once", "subject_names"]


#: The lab shows them, too.
SHOWN: tuple[Case, ...] = (
    # Machines
    *_both("node-down", "node-down", "node4", "node1", tables=True),
    *_both("rack-down", "rack-down", "node5 node6"),
    *_both("bird-down", "bird-down", "node4", "node1", tables=True, fixes=True),
    *_both("bird4-down", "bird-down", "node3", "node4", tables=True, fixes=True),
    *_both("bird6-down", "bird-down", "node4", "node3", tables=True, fixes=True),
    *_both("socket-missing", "socket-gone", "node4", "node1", tables=True, fixes=True),
    *_both("socket4-missing", "socket-gone", "node1", "node4", tables=True, fixes=True),
    *_both("socket6-missing", "socket-gone", "node6", "node2", tables=True, fixes=True),
    *_both("felix-down", "felix-down", "node4", tables=True, fixes=True),
    *_both("restarting", "young-sessions", "node4", names="", tables=True),
    *_both("calicoctl-hung", "node-unreadable-only", "node4", tables=True),
    *_both("host-key-changed", "node-unreadable-only", "node3", tables=True),
    # The network
    *_both("link-cut", "link-cut", "node2 node5", "node1 node4", tables=True),
    # TCP needs both directions: which of them is blocked, or both, no row tells.
    *_both("one-way", "link-cut", "node2 node5", "node4 node1", tables=True),
    *_both("partition", "partition", "node5 node6"),
    *_both("host-cut", "host-network-cut", "node4", "node1", tables=True),
    _one(MESH, "port-refused", "port-refused", "node2", tables=True),
    _one(MESH, "port-reset", "port-reset", "node2", tables=True),
    *_both("port-dropped", "port-dropped", "node2", "node4", tables=True),
    *_both("port-taken", "port-taken", "node4", "node1", tables=True),
    *_both("tor-down", "external-peer-down", "", names=TOR),
    # BIRD's configuration
    *_both("disabled-peer", "disabled-peer", "node2 node5", "node1 node4", fixes=True),
    # Also where both ends dial, and the far end's last error is of its own dialling: BIRD lists what it has.
    _one(MESH, "missing-peer", "confd-stuck", "node5 node2", names="node5", tables=True, fixes=True),
    _one(REFLECTORS, "missing-peer", "confd-stuck", "node4 node1", names="node4", tables=True, fixes=True),
    *_both("confd-stuck", "confd-stuck", "node4", fixes=True),
    *_both("wrong-as", "as-mismatch", "node4", "node4", fixes=True, tables=True),
    # Not from a reflector: BIRD takes no `rr client` of another AS.
    *_both("wrong-as", "as-mismatch", "node2 node5", "node4 node1", fixes=True, variant="pair"),
    *_both("wrong-password", "password-mismatch", "node4", fixes=True),
    *_both("duplicate-router-id", "duplicate-router-id", "node2 node5", "node1 node4", tables=True),
    # Calico's resources
    *_both("refused-config", "refused-configuration", "", names="tor", fixes=True, asks={"AS_NUMBER": str(TOR_AS)}),
    *_both("one-sided-config", "one-sided-configuration", "node5 node6", "", names=PEER, fixes=True),
    *_both("wrong-address", "wrong-address", "node4", fixes=True, asks={"PREFIX_LENGTH": "24"}),
    *_both(
        "duplicate-address",
        "duplicate-address",
        "node2 node5",
        fixes=True,
        asks={"PREFIX_LENGTH": "24", "ADDRESS": "192.0.2.15"},
    ),
    _one(REFLECTORS, "lost-label", "reflector-lost-label", "node1", fixes=True),
    _one(REFLECTORS, "lost-label", "reflector-lost-label", "node1 node2", fixes=True, variant="all"),
    _one(REFLECTORS, "lost-cluster-id", "reflector-lost-cluster-id", "node2", fixes=True),
    _one(
        REFLECTORS,
        "lost-cluster-id",
        "reflector-lost-cluster-id",
        "node1 node2",
        fixes=True,
        asks={"CLUSTER_ID": "244.0.0.1"},
        variant="all",
    ),
    _one(REFLECTORS, "reinstalled", "reflector-reinstalled", "node1", fixes=True),
    _one(
        REFLECTORS,
        "reinstalled",
        "no-reflector-left",
        "node1 node2",
        fixes=True,
        asks={"CLUSTER_ID": "244.0.0.1"},
        variant="all",
    ),
    _one(REFLECTORS, "reflector-removed", "reflector-removed", "node1"),
    _one(REFLECTORS, "replaced", "reflector-removed", "node1", fixes=True, asks={"NODE": "node7"}),
    _one(REFLECTORS, "selector-stale", "selector-matches-nothing", "node1 node2", names=PEER, fixes=True),
)
CASES: tuple[Case, ...] = (*SHOWN, *LAYOUTS, *KINDS, *ADDRESSES, *KEPT_BACK)

#: Two faults at once, that have nothing to do with each other.
PAIRS: tuple[tuple[Case, Case], ...] = (
    (
        _one(MESH, "node-down", "node-down", "node3"),
        _one(MESH, "link-cut", "link-cut", "node2 node5"),
    ),
    (
        _one(MESH, "felix-down", "felix-down", "node6"),
        _one(MESH, "disabled-peer", "disabled-peer", "node1 node4"),
    ),
    # That a dead node shares its address with another one is no reason to name only one of the two faults.
    (
        _one(MESH, "duplicate-address", "duplicate-address", "node2 node5"),
        _one(MESH, "node-down", "node-down", "node5"),
    ),
    (
        _one(MESH, "recovering", "graceful-restart", "node4 node6", names="node4"),
        _one(MESH, "node-down", "node-down", "node6"),
    ),
    (
        _one(REFLECTORS, "lost-label", "reflector-lost-label", "node1"),
        _one(REFLECTORS, "bird-down", "bird-down", "node5"),
    ),
    (
        _one(REFLECTORS, "host-cut", "host-network-cut", "node6"),
        _one(REFLECTORS, "socket-missing", "socket-gone", "node3"),
    ),
)
#: Nothing is wrong with BGP: no cause may be named.
HARMLESS = ("calicoctl-missing", "clock-wrong", "host-twice")
#: Faults of the lab that no case plays, and where the rig does. Those of routes leave every session up, and a table of
#: routes is believed only some time after BIRD was configured: a rig with pods and its own clock has them.
ELSEWHERE = {
    "own-routes-lost": "routes/test_routes.py: `birdc disable static1`",
    "import-limit": "routes/test_routes.py: `import limit 1 action block` in bird.cfg",
    "block-twice": "routes/test_routes.py: one block in two static protocols",
    "kernel-behind": "routes/test_routes.py: `ip route` of another protocol to another next hop",
    "pool-not-exported": "routes/test_routes.py: the export filter that confd writes for such a pool",
    "filter-rejects": "routes/test_filters.py: filters as confd writes them, on real BIRDs",
    "export-rejected": "routes/test_routes.py: `export none` towards one peer in bird.cfg",
    "pool-deleted": "routes/test_routes.py: the export filter that confd writes for another pool",
    "node-deleted": "routes/test_deleted_node.py: resources without a Node whose machine runs on",
    "programmed-twice": "routes/test_routes.py: `ip route` of Felix's protocol beside BIRD's",
    "programmed-by-nobody": "routes/test_routes.py: `export none` towards the kernel",
    "no-graceful-restart": "routes/test_routes.py: `graceful restart off` in bird.cfg",
    "no-sudo": "ssh/test_access.py: sudo is hidden, forbids, or wants a password",
}


def once() -> tuple[Case, ...]:
    """Every fault (and variant) that the lab shows, in one of its topologies; about as many in each.

    With those that only a real kernel shows CI would take twice as long; `make catalogue` runs them all.
    """
    found: dict[str, list[Case]] = {}
    for case in SHOWN:
        found.setdefault(str(case), []).append(case)
    return tuple(cases[place % len(cases)] for place, cases in enumerate(found.values()))
