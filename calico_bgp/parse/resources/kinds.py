"""BGPPeer, BGPConfiguration and IPPool out of their fields. Nodes are in node."""

from __future__ import annotations

from calico_bgp.model.resources import BGPConfiguration, BGPPeer, IPPool, PrefixAdvertisement
from calico_bgp.parse.resources.bgp_filter import COMMUNITY
from calico_bgp.parse.resources.fields import MAX_INT32, Resource, Section
from calico_bgp.upstream import CRD, METADATA

_MAX_PORT = 65_535
_MAX_TTL = 255


def bgp_peer(resource: Resource) -> BGPPeer:
    """A BGPPeer (api/pkg/apis/projectcalico/v3/bgppeer.go); worth nothing when `resource.is_broken` afterwards."""
    spec = resource.spec()
    return BGPPeer(
        name=resource.name or "",
        node=spec.text("node"),
        node_selector=spec.text("nodeSelector"),
        peer_ip=spec.text("peerIP"),
        peer_selector=spec.text("peerSelector"),
        # Not a pointer in Go: 0 is unset.
        as_number=spec.as_number("asNumber") or None,
        local_as_number=spec.as_number("localASNumber"),
        local_workload_selector=spec.text("localWorkloadSelector"),
        reverse_peering=spec.text("reversePeering"),
        keep_original_next_hop=spec.flag("keepOriginalNextHop") or False,
        next_hop_mode=spec.text("nextHopMode"),
        num_allowed_local_as_numbers=spec.number("numAllowedLocalASNumbers", -MAX_INT32 - 1, MAX_INT32),
        source_address=spec.text("sourceAddress"),
        reachable_by=spec.text("reachableBy"),
        max_restart_time=spec.text("maxRestartTime"),
        ttl_security=spec.number("ttlSecurity", 0, _MAX_TTL),
        has_password=bool(spec.section("password")),
        filters=spec.texts("filters"),
        tags=resource.raw.locations.tags(),
        lines=resource.raw.locations.fields(),
        place=resource.place,
        api_version=resource.api_version,
        by_hand=_by_hand(resource),
    )


def bgp_configuration(resource: Resource) -> BGPConfiguration:
    """A BGPConfiguration (api/pkg/apis/projectcalico/v3/bgpconfig.go); worth nothing when broken."""
    spec = resource.spec()
    return BGPConfiguration(
        name=resource.name or "",
        as_number=spec.as_number("asNumber"),
        node_to_node_mesh_enabled=spec.flag("nodeToNodeMeshEnabled"),
        listen_port=spec.number("listenPort", 0, _MAX_PORT) or None,
        node_mesh_max_restart_time=spec.text("nodeMeshMaxRestartTime"),
        has_node_mesh_password=bool(spec.section("nodeMeshPassword")),
        program_cluster_routes=spec.text("programClusterRoutes"),
        prefix_advertisements=_advertisements(spec),
        service_cluster_ips=_cidrs(spec, "serviceClusterIPs"),
        service_external_ips=_cidrs(spec, "serviceExternalIPs"),
        service_load_balancer_ips=_cidrs(spec, "serviceLoadBalancerIPs"),
        tags=resource.raw.locations.tags(),
        lines=resource.raw.locations.fields(),
        place=resource.place,
        api_version=resource.api_version,
        by_hand=_by_hand(resource),
    )


def ip_pool(resource: Resource) -> IPPool:
    """An IPPool (api/pkg/apis/projectcalico/v3/ippool.go); worth nothing when broken."""
    spec = resource.spec()
    cidr = spec.text("cidr")
    if cidr is None and not resource.is_broken:
        resource.wrong(("spec", "cidr"), "is missing", "the pool, such as 10.244.0.0/16")
    return IPPool(
        name=resource.name or "",
        cidr=cidr or "",
        ipip_mode=spec.text("ipipMode"),
        vxlan_mode=spec.text("vxlanMode"),
        disabled=spec.flag("disabled") or False,
        disable_bgp_export=spec.flag("disableBGPExport") or False,
        node_selector=spec.text("nodeSelector"),
        place=resource.place,
        api_version=resource.api_version,
        by_hand=_by_hand(resource),
        block_size=spec.number("blockSize", 0, 128),
        allowed_uses=spec.texts("allowedUses"),
    )


def _cidrs(spec: Section, key: str) -> tuple[str, ...]:
    """A list of prefixes, each as `cidr:`."""
    return tuple(cidr for section in spec.sections(key) if (cidr := section.text("cidr")) is not None)


def _advertisements(spec: Section) -> tuple[PrefixAdvertisement, ...]:
    """What is added by prefix; a community by its name is looked up in `spec.communities`."""
    named = {section.text("name"): section.text("value") for section in spec.sections("communities")}
    advertisements = []
    for section in spec.sections("prefixAdvertisements"):
        texts = (named.get(text, text) or "" for text in section.texts("communities"))
        numbers = tuple(tuple(map(int, text.split(":"))) for text in texts if COMMUNITY.fullmatch(text))
        advertisements.append(PrefixAdvertisement(section.text("cidr") or "", numbers))
    return tuple(advertisements)


def _by_hand(resource: Resource) -> bool:
    return resource.api_version == CRD and METADATA not in resource.metadata.section("annotations").value
