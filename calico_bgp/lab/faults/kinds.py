"""The faults by name, the nodes each may take, and what a line of the catalogue holds. No line itself."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from calico_bgp.lab.cluster import Topology


class FaultKind(StrEnum):
    """What can break. The names are the same in the lab and in the rig."""

    NODE_DOWN = "node-down"
    RACK_DOWN = "rack-down"
    BIRD_DOWN = "bird-down"
    BIRD4_DOWN = "bird4-down"
    BIRD6_DOWN = "bird6-down"
    SOCKET_MISSING = "socket-missing"
    SOCKET4_MISSING = "socket4-missing"
    SOCKET6_MISSING = "socket6-missing"
    FELIX_DOWN = "felix-down"
    RESTARTING = "restarting"
    LINK_CUT = "link-cut"
    ONE_WAY = "one-way"
    HOST_CUT = "host-cut"
    PARTITION = "partition"
    PORT_REFUSED = "port-refused"
    PORT_RESET = "port-reset"
    PORT_DROPPED = "port-dropped"
    PORT_TAKEN = "port-taken"
    DISABLED_PEER = "disabled-peer"
    MISSING_PEER = "missing-peer"
    WRONG_AS = "wrong-as"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - the fault's name
    DUPLICATE_ROUTER_ID = "duplicate-router-id"
    WRONG_ADDRESS = "wrong-address"
    DUPLICATE_ADDRESS = "duplicate-address"
    REINSTALLED = "reinstalled"
    LOST_LABEL = "lost-label"
    LOST_CLUSTER_ID = "lost-cluster-id"
    REFLECTOR_REMOVED = "reflector-removed"
    REPLACED = "replaced"
    SELECTOR_STALE = "selector-stale"
    SELECTOR_NARROW = "selector-narrow"
    NODE_UNLABELLED = "node-unlabelled"
    LABEL_ELSEWHERE = "label-elsewhere"
    RACKS_APART = "racks-apart"
    EQUAL_IDS = "equal-ids"
    MESH_OFF = "mesh-off"
    ONE_SIDED_CONFIG = "one-sided-config"
    REFUSED_CONFIG = "refused-config"
    CONFD_STUCK = "confd-stuck"
    TOR_DOWN = "tor-down"
    TOR_SILENT = "tor-silent"
    TOR_UNTOLD = "tor-untold"
    OWN_ROUTES_LOST = "own-routes-lost"
    IMPORT_LIMIT = "import-limit"
    BLOCK_TWICE = "block-twice"
    KERNEL_BEHIND = "kernel-behind"
    POOL_NOT_EXPORTED = "pool-not-exported"
    FILTER_REJECTS = "filter-rejects"
    EXPORT_REJECTED = "export-rejected"
    POOL_DELETED = "pool-deleted"
    NODE_DELETED = "node-deleted"
    PROGRAMMED_TWICE = "programmed-twice"
    PROGRAMMED_BY_NOBODY = "programmed-by-nobody"
    NO_GRACEFUL_RESTART = "no-graceful-restart"
    CALICOCTL_HUNG = "calicoctl-hung"
    CALICOCTL_MISSING = "calicoctl-missing"
    NO_SUDO = "no-sudo"
    HOST_KEY_CHANGED = "host-key-changed"


#: Other names of a fault.
ALIASES = {"bird-restart": FaultKind.RESTARTING}


class Scope(StrEnum):
    """The nodes that a fault takes."""

    #: Every node named; by default the last one of the cluster.
    NODES = "NODE[,NODE]..."
    #: The nodes named, against the rest; by default the last node's zone.
    GROUP = "NODE[,NODE]... (a group)"
    #: NODE alone: towards all its peers. NODE,NODE: between the two, the first one being to blame.
    PAIR = "NODE[,NODE]"
    #: Just two; by default the first and the last.
    TWO = "NODE,NODE"
    #: Every reflector named; by default all of them.
    REFLECTORS = "REFLECTOR[,REFLECTOR]..."
    #: The cluster as a whole: no node can be named.
    CLUSTER = "(no node)"


_BOTH_TOPOLOGIES = (Topology.MESH, Topology.REFLECTORS)


class FaultEntry(NamedTuple):
    """A line of the catalogue.

    Attributes:
        kind: Its name.
        scope: The nodes it takes.
        meaning: What is broken, in words.
        causes: The kinds of cause any of which tells of it; empty where an audit has nothing to tell.
        topologies: Where it can happen and be seen.
    """

    kind: FaultKind
    scope: Scope
    meaning: str
    causes: tuple[str, ...]
    topologies: tuple[Topology, ...] = _BOTH_TOPOLOGIES
