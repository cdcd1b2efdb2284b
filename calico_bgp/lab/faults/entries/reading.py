"""Faults of the way to a node's answer; BGP itself is well."""

from __future__ import annotations

from calico_bgp.lab.faults.kinds import FaultEntry, FaultKind, Scope

_UNREADABLE = ("node-unreadable-only",)

ENTRIES: tuple[FaultEntry, ...] = (
    FaultEntry(FaultKind.CALICOCTL_HUNG, Scope.NODES, "the command never answers", _UNREADABLE),
    FaultEntry(FaultKind.CALICOCTL_MISSING, Scope.NODES, "no calicoctl on the host; BIRD's socket is asked", ()),
    FaultEntry(FaultKind.NO_SUDO, Scope.NODES, "the login may not use sudo", _UNREADABLE),
    FaultEntry(FaultKind.HOST_KEY_CHANGED, Scope.NODES, "the host key is another than in known_hosts", _UNREADABLE),
)
