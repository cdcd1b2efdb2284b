"""Calico's resources, as far as they decide about BGP. Values only; parse.resources reads them, expect/ applies them.

Field names are Calico's (api/pkg/apis/projectcalico/v3), in Python's spelling. Sorted tuples instead of mappings, so
that they come back from JSON as they were.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.place import FieldLine, Place, YAMLTag
from calico_bgp.upstream import DEFAULT_AS, V3

#: The BGPConfiguration with the cluster-wide values, and what the names of those of single nodes begin with
#: (confd/pkg/backends/calico/client.go updateBGPConfigCache). Any other name is ignored.
GLOBAL_CONFIG = "default"
NODE_CONFIG_PREFIX = "node."


class ResourceKind(StrEnum):
    """The kinds that are read."""

    NODE = "Node"
    BGP_PEER = "BGPPeer"
    BGP_CONFIGURATION = "BGPConfiguration"
    IP_POOL = "IPPool"


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class CalicoNode:
    """A node as Calico sees it: from a projectcalico.org/v3 Node, or from a Kubernetes Node and its annotations.

    Attributes:
        name: The node's name.
        labels: (key, value), sorted by key. A Kubernetes Node's labels stand over Calico's own.
        ipv4: Its BGP address; None when absent or unparsable, which is the same to Calico.
        ipv6: Likewise.
        as_number: Its own; None to take the global one.
        cluster_id: routeReflectorClusterID, verbatim; None when absent or empty. A node with one is a route reflector.
        ipv4_prefix: The prefix length that is written behind it; None when none is.
        ipv6_prefix: Likewise.
        internal_ips: The addresses that Kubernetes calls InternalIP, in its order; empty when not known.
        ignored_annotations: (name, value) of Calico's annotations on a Kubernetes Node that are not valid, so that
            Calico takes them for absent.
        place: Where it stands.
        api_version: As written.
        without_bird: Why no calico-node with BIRD runs there (Windows, Fargate, a virtual node); None where nothing
            says so.
    """

    name: str
    labels: tuple[tuple[str, str], ...] = ()
    ipv4: Address | None = None
    ipv6: Address | None = None
    as_number: int | None = None
    cluster_id: str | None = None
    internal_ips: tuple[Address, ...] = ()
    ignored_annotations: tuple[tuple[str, str], ...] = ()
    place: Place = Place("-")
    api_version: str = V3
    ipv4_prefix: int | None = None
    ipv6_prefix: int | None = None
    without_bird: str | None = None

    def address(self, family: Family) -> Address | None:
        """Its BGP address of a family."""
        return self.ipv4 if family is Family.IPV4 else self.ipv6

    def prefix(self, family: Family) -> int | None:
        """The prefix length of that address."""
        return self.ipv4_prefix if family is Family.IPV4 else self.ipv6_prefix

    def label(self, key: str) -> str | None:
        """The value of a label, None when the node does not have it."""
        return next((value for name, value in self.labels if name == key), None)


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class BGPPeer:
    """A BGPPeer (api/pkg/apis/projectcalico/v3/bgppeer.go). Unset and empty texts are None: Calico makes no difference.

    Attributes:
        name: metadata.name.
        node: One node's name, the near end.
        node_selector: The near end. With neither `node` nor this the peer is global.
        peer_ip: The far end: `ip`, `ip:port` or `[ip6]:port`, verbatim.
        peer_selector: The far end, as a selector of nodes.
        as_number: The far end's; only looked at with `peer_ip`. None is `neighbor X as 0`, which BIRD refuses.
        local_as_number: The near end's AS for this session (v3.31); only with `peer_ip`.
        local_workload_selector: Pods on the near node as the far end (v3.30).
        reverse_peering: `Auto` (also when None) or `Manual` (v3.31).
        keep_original_next_hop: The older form of `next_hop_mode: Keep`, for eBGP.
        next_hop_mode: `Auto`, `Self` or `Keep` (v3.31).
        num_allowed_local_as_numbers: How often the local AS may stand in a received AS path.
        source_address: `UseNodeIP` (also when None) or `None`.
        reachable_by: The gateway to the peer; a bad one makes Calico skip the forward entries.
        max_restart_time: The graceful restart time, verbatim.
        ttl_security: The number of hops.
        has_password: Whether spec.password names a Secret; neither its name nor its value is read.
        filters: The names of its BGPFilters, in order.
        tags: YAML tags where values should be.
        lines: Where its fields stand.
        place: Where it stands.
        api_version: As written.
        by_hand: Whether it is a crd.projectcalico.org/v1 object that did not come through Calico's API, which leaves
            an annotation projectcalico.org/metadata.
    """

    name: str
    node: str | None = None
    node_selector: str | None = None
    peer_ip: str | None = None
    peer_selector: str | None = None
    as_number: int | None = None
    local_as_number: int | None = None
    local_workload_selector: str | None = None
    reverse_peering: str | None = None
    keep_original_next_hop: bool = False
    next_hop_mode: str | None = None
    num_allowed_local_as_numbers: int | None = None
    source_address: str | None = None
    reachable_by: str | None = None
    max_restart_time: str | None = None
    ttl_security: int | None = None
    has_password: bool = False
    filters: tuple[str, ...] = ()
    tags: tuple[YAMLTag, ...] = ()
    lines: tuple[FieldLine, ...] = ()
    place: Place = Place("-")
    api_version: str = V3
    by_hand: bool = False

    @property
    def is_global(self) -> bool:
        """Whether it applies to every node (confd/pkg/backends/calico/client.go updatePeersV1, first pass)."""
        return self.node is None and self.node_selector is None

    def line_of(self, path: str) -> int | None:
        """The line of a field, else of the resource; None when not known."""
        return next((line for name, line in self.lines if name == path), self.place.line)


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class BGPConfiguration:
    """A BGPConfiguration (api/pkg/apis/projectcalico/v3/bgpconfig.go).

    Attributes:
        name: `default` for all nodes, `node.<name>` for one (of which only `listen_port` changes peers).
        as_number: The global AS; None is 64512.
        node_to_node_mesh_enabled: None is true.
        listen_port: TCP port; None is 179, and then no peer's name carries a port.
        node_mesh_max_restart_time: The graceful restart time in the mesh, verbatim.
        has_node_mesh_password: Whether a Secret is named; neither its name nor its value is read.
        program_cluster_routes: `Enabled` or `Disabled`, which of BIRD and Felix programs routes (v3.33); verbatim.
        tags: YAML tags where values should be.
        lines: Where its fields stand.
        place: Where it stands.
        api_version: As written.
        by_hand: As in BGPPeer.
    """

    name: str
    as_number: int | None = None
    node_to_node_mesh_enabled: bool | None = None
    listen_port: int | None = None
    node_mesh_max_restart_time: str | None = None
    has_node_mesh_password: bool = False
    program_cluster_routes: str | None = None
    tags: tuple[YAMLTag, ...] = ()
    lines: tuple[FieldLine, ...] = ()
    place: Place = Place("-")
    api_version: str = V3
    by_hand: bool = False

    def line_of(self, path: str) -> int | None:
        """The line of a field, else of the resource; None when not known."""
        return next((line for name, line in self.lines if name == path), self.place.line)


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class IPPool:
    """An IPPool (api/pkg/apis/projectcalico/v3/ippool.go), as far as routes depend on it.

    Attributes:
        name: metadata.name.
        cidr: `10.244.0.0/16`, verbatim.
        ipip_mode: `Always`, `CrossSubnet` or `Never` (also when None).
        vxlan_mode: Likewise.
        disabled: Whether no address is assigned from it.
        disable_bgp_export: Whether its routes are not announced.
        node_selector: The nodes that use it; None for all.
        place: Where it stands.
        api_version: As written.
        by_hand: As in BGPPeer.
    """

    name: str
    cidr: str
    ipip_mode: str | None = None
    vxlan_mode: str | None = None
    disabled: bool = False
    disable_bgp_export: bool = False
    node_selector: str | None = None
    place: Place = Place("-")
    api_version: str = V3
    by_hand: bool = False


class Autodetection(NamedTuple):
    """Where this cluster says how calico-node finds its addresses. Nothing of it decides about peers.

    Attributes:
        kind: `Installation` (operator.tigera.io) or `DaemonSet`.
        name: Its name.
        namespace: The DaemonSet's; None for an Installation.
        ipv4: The method for IPv4 as it is written there, like `first-found`; None where it says none.
        ipv6: Likewise for IPv6.
    """

    kind: str
    name: str
    namespace: str | None = None
    ipv4: str | None = None
    ipv6: str | None = None


class SkippedKind(NamedTuple):
    """A kind that does not matter here, and how many of it stood in the files."""

    kind: str
    number: int


class SkippedFile(NamedTuple):
    """A file that a folder holds beside resources, and why nothing was read of it."""

    source: str
    reason: str


class Resources(Frozen):
    """All resources of a cluster that decide about its BGP, each kind sorted by name.

    The look-ups are worked out anew at each call: `model_copy(update=...)` would keep what was remembered.

    Attributes:
        nodes: The nodes.
        bgp_peers: The BGPPeers.
        bgp_configurations: The BGPConfigurations, also those that Calico ignores.
        ip_pools: The IPPools, where they were given.
        autodetection: Where calico-node is told how to find its addresses, where that was given.
        skipped: The other kinds in the files, sorted.
        skipped_files: The files of folders that hold nothing that decides about BGP.
        sources: The files that were read, in order.
    """

    nodes: tuple[CalicoNode, ...] = ()
    bgp_peers: tuple[BGPPeer, ...] = ()
    bgp_configurations: tuple[BGPConfiguration, ...] = ()
    ip_pools: tuple[IPPool, ...] = ()
    autodetection: tuple[Autodetection, ...] = ()
    skipped: tuple[SkippedKind, ...] = ()
    skipped_files: tuple[SkippedFile, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def tells_nodes(self) -> bool:
        """Whether the Nodes say anything of BGP: one has an address of Calico's.

        Kubernetes' Nodes of a cluster whose Calico keeps its own in etcd have none, and so say nothing: neither who
        has a peer nor who has none (libcalico-go/lib/backend/k8s/resources/node.go writes them as annotations).
        """
        return any(node.ipv4 is not None or node.ipv6 is not None for node in self.nodes)

    @property
    def nodes_by_name(self) -> dict[str, CalicoNode]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    @property
    def global_config(self) -> BGPConfiguration | None:
        """The BGPConfiguration `default`, None when there is none, which means the defaults."""
        return next((config for config in self.bgp_configurations if config.name == GLOBAL_CONFIG), None)

    @property
    def as_number(self) -> int:
        """The global AS number."""
        config = self.global_config
        return DEFAULT_AS if config is None or config.as_number is None else config.as_number

    @property
    def mesh_enabled(self) -> bool:
        """Whether the node-to-node mesh is on: unless a BGPConfiguration `default` says false."""
        config = self.global_config
        return config is None or config.node_to_node_mesh_enabled is not False

    @property
    def listen_ports(self) -> dict[str, int]:
        """Node name → its own listenPort, of the nodes that have one (BGPConfiguration `node.<name>`)."""
        return {
            config.name.removeprefix(NODE_CONFIG_PREFIX): config.listen_port
            for config in self.bgp_configurations
            if config.name.startswith(NODE_CONFIG_PREFIX) and config.listen_port
        }
