"""BGPPeers and BGPConfigurations: what makes sessions. Values only."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.place import FieldLine, Place, YAMLTag
from calico_bgp.upstream import V3

#: The BGPConfiguration with the cluster-wide values, and what the names of those of single nodes begin with
#: (confd/pkg/backends/calico/client.go updateBGPConfigCache). Any other name is ignored.
GLOBAL_CONFIG = "default"
NODE_CONFIG_PREFIX = "node."


@dataclass(frozen=True, slots=True, config=VALUES)
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


@dataclass(frozen=True, slots=True, config=VALUES)
class PrefixAdvertisement:
    """Communities that a node adds to the routes within a prefix that it exports.

    Attributes:
        cidr: The prefix, verbatim.
        communities: Those that are given as numbers, two or three each; names stand for those of `spec.communities`.
    """

    cidr: str
    communities: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, config=VALUES)
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
        prefix_advertisements: What is added to routes by their prefix.
        service_cluster_ips: The ranges of Services whose addresses are announced, verbatim; likewise the next two.
        service_external_ips: Of external IPs.
        service_load_balancer_ips: Of load balancers.
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
    prefix_advertisements: tuple[PrefixAdvertisement, ...] = ()
    service_cluster_ips: tuple[str, ...] = ()
    service_external_ips: tuple[str, ...] = ()
    service_load_balancer_ips: tuple[str, ...] = ()

    @property
    def service_ranges(self) -> tuple[str, ...]:
        """All ranges of Services whose addresses are announced, verbatim."""
        return (*self.service_cluster_ips, *self.service_external_ips, *self.service_load_balancer_ips)

    def line_of(self, path: str) -> int | None:
        """The line of a field, else of the resource; None when not known."""
        return next((line for name, line in self.lines if name == path), self.place.line)
