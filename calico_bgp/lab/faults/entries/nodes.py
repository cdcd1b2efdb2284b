"""Faults of nodes and of what runs on them: machines, BIRD, its sockets, Felix."""

from __future__ import annotations

from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind, Scope

ENTRIES: tuple[FaultEntry, ...] = (
    FaultEntry(
        FaultKind.NODE_DOWN, Scope.NODES, "the node is off: no SSH, and its peers' hold timers ran out", ("node-down",)
    ),
    FaultEntry(FaultKind.RACK_DOWN, Scope.GROUP, "all nodes of a rack or zone are off at once", ("rack-down",)),
    FaultEntry(FaultKind.BIRD_DOWN, Scope.NODES, "BIRD is stopped, for both families", ("bird-down",)),
    FaultEntry(FaultKind.BIRD4_DOWN, Scope.NODES, "BIRD is stopped for IPv4", ("bird-down",)),
    FaultEntry(FaultKind.BIRD6_DOWN, Scope.NODES, "BIRD is stopped for IPv6", ("bird-down",)),
    FaultEntry(
        FaultKind.SOCKET_MISSING, Scope.NODES, "BIRD runs, but both its control sockets are gone", ("socket-gone",)
    ),
    FaultEntry(FaultKind.SOCKET4_MISSING, Scope.NODES, "BIRD runs, but bird.ctl is gone", ("socket-gone",)),
    FaultEntry(FaultKind.SOCKET6_MISSING, Scope.NODES, "BIRD runs, but bird6.ctl is gone", ("socket-gone",)),
    FaultEntry(
        FaultKind.FELIX_DOWN, Scope.NODES, "Felix is dead; calicoctl shows nothing more, BIRD goes on", ("felix-down",)
    ),
    FaultEntry(
        FaultKind.RESTARTING,
        Scope.NODES,
        "BIRD is in graceful restart: `wait`, announcing no routes of its own",
        ("graceful-restart", "young-sessions"),
    ),
)
