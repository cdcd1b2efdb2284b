"""All resources of one cluster, with what was left out of its files. Values only."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.resources.felix import FelixConfiguration
from calico_bgp.model.resources.nodes import Autodetection, CalicoNode
from calico_bgp.model.resources.peers import GLOBAL_CONFIG, NODE_CONFIG_PREFIX, BGPConfiguration, BGPPeer
from calico_bgp.model.resources.pools import IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter
from calico_bgp.upstream import DEFAULT_AS


class ResourceKind(StrEnum):
    """The kinds that decide about peers; one that is wrong is an error."""

    NODE = "Node"
    BGP_PEER = "BGPPeer"
    BGP_CONFIGURATION = "BGPConfiguration"
    IP_POOL = "IPPool"


class SkippedKind(NamedTuple):
    """A kind that does not matter here, and how many of it stood in the files."""

    kind: str
    number: int


class NotUnderstood(NamedTuple):
    """A resource on which only routes rest, and which was left out because a field of it is not understood.

    Attributes:
        kind: `BGPFilter`, for example.
        name: Its name.
        source: The file.
        line: The line of the field, from 1; None where it is not known.
        reason: The field, and what is wrong with it.
    """

    kind: str
    name: str
    source: str
    line: int | None
    reason: str


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
        bgp_filters: The BGPFilters, where they were given and understood.
        block_affinities: The BlockAffinities, likewise. None is there without Calico's IPAM, or where none was given.
        felix: The FelixConfigurations, likewise; `default` is in every cluster, so that without any none was given.
        autodetection: Where calico-node is told how to find its addresses, where that was given.
        skipped: The other kinds in the files, sorted.
        not_understood: Why BGPFilters, BlockAffinities and FelixConfigurations among the skipped were left out.
        skipped_files: The files of folders that hold nothing that decides about BGP.
        sources: The files that were read, in order.
    """

    nodes: tuple[CalicoNode, ...] = ()
    bgp_peers: tuple[BGPPeer, ...] = ()
    bgp_configurations: tuple[BGPConfiguration, ...] = ()
    ip_pools: tuple[IPPool, ...] = ()
    bgp_filters: tuple[BGPFilter, ...] = ()
    block_affinities: tuple[BlockAffinity, ...] = ()
    felix: tuple[FelixConfiguration, ...] = ()
    autodetection: tuple[Autodetection, ...] = ()
    skipped: tuple[SkippedKind, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    skipped_files: tuple[SkippedFile, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing of any kind was given."""
        peering = self.nodes or self.bgp_peers or self.bgp_configurations
        return not (peering or self.ip_pools or self.bgp_filters or self.block_affinities or self.felix)

    @property
    def tells_nodes(self) -> bool:
        """Whether the Nodes say anything of BGP: one has an address of Calico's.

        Kubernetes' Nodes of a cluster whose Calico keeps its own in etcd have none, and so say nothing: neither who
        has a peer nor who has none (libcalico-go/lib/backend/k8s/resources/node.go writes them as annotations).
        """
        return any(node.addresses for node in self.nodes)

    @property
    def nodes_by_name(self) -> dict[str, CalicoNode]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    def without_nodes(self, names: Collection[str]) -> Resources:
        """The resources without some nodes; all others, also BGPPeers that name one, stay."""
        return self.model_copy(update={"nodes": tuple(node for node in self.nodes if node.name not in names)})

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
