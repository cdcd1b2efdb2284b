"""The catalogue of faults that lab, rig and demo share: names, meaning, the nodes they take, and the cause they are.

Data only. faults.py reads what users write, effects/ says what each one changes.
"""

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
    OWN_ROUTES_LOST = "own-routes-lost"
    IMPORT_LIMIT = "import-limit"
    BLOCK_TWICE = "block-twice"
    KERNEL_BEHIND = "kernel-behind"
    POOL_NOT_EXPORTED = "pool-not-exported"
    FILTER_REJECTS = "filter-rejects"
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


_EVERYWHERE = (Topology.MESH, Topology.REFLECTORS)
_REFLECTORS = (Topology.REFLECTORS,)
_MESH = (Topology.MESH,)


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
    topologies: tuple[Topology, ...] = _EVERYWHERE


_KIND = FaultKind
_GONE = ("no-reflector-left",)
_UNREADABLE = ("node-unreadable-only",)

CATALOGUE: tuple[FaultEntry, ...] = (
    FaultEntry(
        _KIND.NODE_DOWN, Scope.NODES, "the node is off: no SSH, and its peers' hold timers ran out", ("node-down",)
    ),
    FaultEntry(_KIND.RACK_DOWN, Scope.GROUP, "all nodes of a rack or zone are off at once", ("rack-down",)),
    FaultEntry(_KIND.BIRD_DOWN, Scope.NODES, "BIRD is stopped, for both families", ("bird-down",)),
    FaultEntry(_KIND.BIRD4_DOWN, Scope.NODES, "BIRD is stopped for IPv4", ("bird-down",)),
    FaultEntry(_KIND.BIRD6_DOWN, Scope.NODES, "BIRD is stopped for IPv6", ("bird-down",)),
    FaultEntry(_KIND.SOCKET_MISSING, Scope.NODES, "BIRD runs, but both its control sockets are gone", ("socket-gone",)),
    FaultEntry(_KIND.SOCKET4_MISSING, Scope.NODES, "BIRD runs, but bird.ctl is gone", ("socket-gone",)),
    FaultEntry(_KIND.SOCKET6_MISSING, Scope.NODES, "BIRD runs, but bird6.ctl is gone", ("socket-gone",)),
    FaultEntry(
        _KIND.FELIX_DOWN, Scope.NODES, "Felix is dead; calicoctl shows nothing more, BIRD goes on", ("felix-down",)
    ),
    FaultEntry(
        _KIND.RESTARTING,
        Scope.NODES,
        "BIRD is in graceful restart: `wait`, announcing no routes of its own",
        ("graceful-restart", "young-sessions"),
    ),
    FaultEntry(
        _KIND.LINK_CUT,
        Scope.PAIR,
        "packets for BGP pass in neither direction (SSH still works)",
        ("link-cut", "host-network-cut"),
    ),
    FaultEntry(
        _KIND.ONE_WAY,
        Scope.PAIR,
        "packets from the first node do not arrive (SSH still works)",
        ("one-way", "link-cut", "host-network-cut"),
    ),
    FaultEntry(
        _KIND.HOST_CUT,
        Scope.NODES,
        "the node's BGP network is cut from all other nodes (SSH still works)",
        ("host-network-cut",),
    ),
    FaultEntry(
        _KIND.PARTITION,
        Scope.GROUP,
        "these nodes and the rest do not reach each other (SSH still works)",
        ("partition",),
    ),
    FaultEntry(
        _KIND.PORT_REFUSED,
        Scope.NODES,
        "the node's firewall refuses new connections to BGP's port, in and out (REJECT)",
        ("port-refused",),
    ),
    FaultEntry(
        _KIND.PORT_RESET,
        Scope.NODES,
        "connections to BGP's port stand, and the node's firewall resets them once data flows",
        ("port-reset",),
    ),
    FaultEntry(
        _KIND.PORT_DROPPED,
        Scope.NODES,
        "the node's firewall silently drops what goes to BGP's port, in and out (DROP)",
        # With SSH over another network, as in the lab, a node whose BGP network is cut looks the same.
        ("port-dropped", "host-network-cut"),
    ),
    FaultEntry(
        _KIND.PORT_TAKEN,
        Scope.NODES,
        "another program on the node holds BGP's port: BIRD cannot listen",
        ("port-taken",),
    ),
    FaultEntry(
        _KIND.DISABLED_PEER, Scope.PAIR, "the first node's peer is disabled (`birdcl disable`)", ("disabled-peer",)
    ),
    FaultEntry(
        _KIND.MISSING_PEER,
        Scope.PAIR,
        "the first node's BIRD has no peer for the second, though the resources ask for one",
        ("confd-stuck",),
    ),
    FaultEntry(
        _KIND.WRONG_AS,
        Scope.PAIR,
        "NODE has another AS than its peers believe; NODE,NODE: the first believes so",
        ("as-mismatch",),
    ),
    FaultEntry(_KIND.WRONG_PASSWORD, Scope.PAIR, "the first node has another TCP MD5 password", ("password-mismatch",)),
    FaultEntry(
        _KIND.DUPLICATE_ROUTER_ID, Scope.TWO, "both nodes have the same BGP router ID", ("duplicate-router-id",)
    ),
    FaultEntry(
        _KIND.WRONG_ADDRESS,
        Scope.NODES,
        "the node's BGP address was autodetected on a Docker bridge: 172.17.0.1",
        ("wrong-address",),
    ),
    FaultEntry(
        _KIND.DUPLICATE_ADDRESS, Scope.TWO, "the second node has the first one's BGP address", ("duplicate-address",)
    ),
    FaultEntry(
        _KIND.REINSTALLED,
        Scope.REFLECTORS,
        "the reflector was installed anew: label and cluster ID are gone, it is a client like others",
        ("reflector-reinstalled", *_GONE),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.LOST_LABEL,
        Scope.REFLECTORS,
        "the reflector lost the label that the BGPPeer selects it by; it has its cluster ID still",
        ("reflector-lost-label", *_GONE),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.LOST_CLUSTER_ID,
        Scope.REFLECTORS,
        "the reflector lost its cluster ID: its sessions stand, but it reflects nothing",
        ("reflector-lost-cluster-id", *_GONE),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.REFLECTOR_REMOVED,
        Scope.REFLECTORS,
        "the reflector's Node is gone from the datastore, and the machine is off",
        ("reflector-removed", *_GONE),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.REPLACED,
        Scope.REFLECTORS,
        "in the reflector's place stands a node with another name, without label and cluster ID",
        ("reflector-reinstalled", "reflector-removed", *_GONE),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.SELECTOR_STALE,
        Scope.CLUSTER,
        "the BGPPeer's peerSelector names a label that no node has",
        ("selector-matches-nothing",),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.SELECTOR_NARROW,
        Scope.CLUSTER,
        "the BGPPeer's nodeSelector matches the reflectors alone, not their clients",
        ("selector-matches-wrong-nodes",),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.NODE_UNLABELLED,
        Scope.NODES,
        "the BGPPeer's nodeSelector asks for a label that this node lacks",
        ("node-lost-label",),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.LABEL_ELSEWHERE,
        Scope.REFLECTORS,
        "the reflector's label sits on the last node, which has no cluster ID",
        ("reflector-lost-label", *_GONE),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.RACKS_APART,
        Scope.CLUSTER,
        "the nodes of each rack have a reflector of their own, and nothing joins the two",
        ("reflectors-not-joined",),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.EQUAL_IDS,
        Scope.CLUSTER,
        "the reflectors of two racks are joined and have one cluster ID",
        ("reflectors-equal-ids",),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.MESH_OFF,
        Scope.CLUSTER,
        "the mesh is switched off, and there is no BGPPeer",
        ("no-peers-configured",),
        _MESH,
    ),
    FaultEntry(
        _KIND.ONE_SIDED_CONFIG,
        Scope.TWO,
        "a BGPPeer with reversePeering: Manual lets the first node peer with the second, and not the other way round",
        ("one-sided-configuration",),
    ),
    FaultEntry(
        _KIND.REFUSED_CONFIG,
        Scope.CLUSTER,
        "a BGPPeer without asNumber makes every bird.cfg say `as 0`: BIRD keeps the old file",
        ("refused-configuration",),
    ),
    FaultEntry(
        _KIND.CONFD_STUCK,
        Scope.NODES,
        "another node became a reflector, and this node's BIRD did not follow",
        ("confd-stuck",),
    ),
    FaultEntry(
        _KIND.TOR_DOWN,
        Scope.CLUSTER,
        "the top-of-rack switch that all nodes peer with is down",
        ("external-peer-down",),
    ),
    FaultEntry(
        _KIND.TOR_SILENT,
        Scope.CLUSTER,
        "the sessions with the top-of-rack switch stand, and it announces no route to any node",
        (),
    ),
    FaultEntry(
        _KIND.OWN_ROUTES_LOST,
        Scope.NODES,
        "BIRD's static protocol is disabled: the sessions stand, and nobody learns the node's own routes",
        ("own-protocol-down",),
    ),
    FaultEntry(
        _KIND.IMPORT_LIMIT,
        Scope.PAIR,
        "a limit in the first node's BIRD lets no route in; the session stands",
        ("import-limit-hit",),
    ),
    FaultEntry(
        _KIND.BLOCK_TWICE,
        Scope.TWO,
        "the second node announces the first one's block as well",
        ("block-announced-twice",),
    ),
    FaultEntry(
        _KIND.KERNEL_BEHIND,
        Scope.NODES,
        "another program holds the routes to other nodes' pods in the node's kernel, to a next hop of old",
        ("kernel-behind-bird",),
    ),
    FaultEntry(
        _KIND.POOL_NOT_EXPORTED,
        Scope.CLUSTER,
        "the pods' IPPool has disableBGPExport: the sessions stand, and no node announces its pods",
        ("pool-not-exported",),
    ),
    FaultEntry(
        _KIND.FILTER_REJECTS,
        Scope.CLUSTER,
        "the BGPPeer names a BGPFilter that rejects the pods' blocks at export; the sessions stand",
        ("filter-rejects-routes",),
        _REFLECTORS,
    ),
    FaultEntry(
        _KIND.PROGRAMMED_TWICE,
        Scope.CLUSTER,
        "programClusterRoutes lets both BIRD and Felix write the kernel's routes to other nodes",
        ("programmed-twice",),
    ),
    FaultEntry(
        _KIND.PROGRAMMED_BY_NOBODY,
        Scope.CLUSTER,
        "programClusterRoutes lets neither BIRD nor Felix write the kernel's routes to other nodes",
        ("programmed-by-nobody",),
    ),
    FaultEntry(
        _KIND.NO_GRACEFUL_RESTART,
        Scope.NODES,
        "an edited template has `graceful restart off`: the node's BIRD offers its peers none",
        (),
    ),
    FaultEntry(_KIND.CALICOCTL_HUNG, Scope.NODES, "the command never answers", _UNREADABLE),
    FaultEntry(_KIND.CALICOCTL_MISSING, Scope.NODES, "no calicoctl on the host; BIRD's socket is asked", ()),
    FaultEntry(_KIND.NO_SUDO, Scope.NODES, "the login may not use sudo", _UNREADABLE),
    FaultEntry(_KIND.HOST_KEY_CHANGED, Scope.NODES, "the host key is another than in known_hosts", _UNREADABLE),
)
#: Those of the switch, which a cluster must have.
OF_SWITCH = frozenset({FaultKind.TOR_DOWN, FaultKind.TOR_SILENT})
ENTRIES = {entry.kind: entry for entry in CATALOGUE}
