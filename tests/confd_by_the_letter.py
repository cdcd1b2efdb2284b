"""Calico's confd by the letter: its own loops over its own maps of paths, slow and plain, as something to compare with.

confd/pkg/backends/calico/client.go updatePeersV1, nodesWithIPPortAndAS and nodeAsBGPPeers; bgp_processor.go
processMeshPeers and buildPeerFromData. Nothing of calico_bgp.expect may enter it. Where confd ranges over a Go map, the
caller's order stands, so that what depends on it can be seen by giving another.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from calico_bgp.model.resources import BGPPeer, Resources
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.parser import parse_selector


class BirdPeer(NamedTuple):
    """types.BirdBGPPeer, as far as it matters here; a port of 0 and an empty text are none."""

    name: str
    ip: str
    port: int
    local_as: int
    as_number: int
    passive: bool
    client: bool
    cluster_id: str
    next_hop: str
    allowed: int


@dataclass
class Record:
    """bgpPeer, what confd stores under a path."""

    ip: str
    port: int
    as_number: int
    cluster_id: str = ""
    calico_node: bool = False
    local_as: int = 0
    allowed: int = 0
    keep: bool = False
    next_hop_mode: str = ""


class Confd:
    """One confd's view of the datastore."""

    def __init__(self, resources: Resources, version: tuple[int, int]) -> None:
        self.version = version
        self.cache: dict[str, str] = {"/calico/bgp/v1/global/as_num": "64512"}
        self.mesh = True
        self.global_port = 0
        self.node_ports: dict[str, int] = {}
        self.node_ips: set[str] = set()
        self.labels = {node.name: dict(node.labels) for node in resources.nodes}
        self.bgp_peers = resources.bgp_peers
        for node in resources.nodes:
            host = f"/calico/bgp/v1/host/{node.name}"
            for address, name in ((node.ipv4, "ip_addr_v4"), (node.ipv6, "ip_addr_v6")):
                if address is not None:
                    self.cache[f"{host}/{name}"] = str(address)
                    self.node_ips.add(str(address))
            if node.as_number is not None:
                self.cache[f"{host}/as_num"] = str(node.as_number)
            if node.cluster_id:
                self.cache[f"{host}/rr_cluster_id"] = node.cluster_id
        for config in resources.bgp_configurations:
            if config.name == "default":
                if config.as_number is not None:
                    self.cache["/calico/bgp/v1/global/as_num"] = str(config.as_number)
                self.mesh = config.node_to_node_mesh_enabled is not False
                self.global_port = config.listen_port or 0
            elif config.name.startswith("node.") and config.listen_port:
                self.node_ports[config.name[len("node.") :]] = config.listen_port
        self.peers_v1 = self.update_peers_v1()

    def host(self, node: str, field: str) -> str:
        return self.cache.get(f"/calico/bgp/v1/host/{node}/{field}", "")

    def global_as(self) -> str:
        return self.cache["/calico/bgp/v1/global/as_num"]

    def nodes_matching(self, selector: str) -> list[str]:
        try:
            parsed = parse_selector(selector)
        except ValueError:
            return []
        return [name for name, labels in self.labels.items() if matches(parsed, labels)]

    def port_of(self, node: str) -> int:
        return self.node_ports.get(node, self.global_port)

    # -- client.go --------------------------------------------------------------------------------------------------

    def update_peers_v1(self) -> dict[str, Record]:
        peers_v1: dict[str, Record] = {}

        def emit(node: str | None, peer: Record) -> None:
            name = f"peer_v{ip_address(peer.ip).version}/{peer.ip}" + (f"-{peer.port}" if peer.port else "")
            path = f"/calico/bgp/v1/global/{name}" if node is None else f"/calico/bgp/v1/host/{node}/{name}"
            if path in peers_v1:
                return
            if node is not None and f"/calico/bgp/v1/global/{name}" in peers_v1:
                return
            peers_v1[path] = peer

        for global_pass in (True, False):
            for peer in self.bgp_peers:
                if global_pass != (not peer.node_selector and not peer.node):
                    continue
                if self.is_local_workload(peer):
                    continue
                local: list[str] = []
                if peer.node_selector:
                    local = self.nodes_matching(peer.node_selector)
                elif peer.node:
                    local = [peer.node]
                records = self.forward(peer)
                for record in records:
                    if global_pass:
                        emit(None, record)
                    else:
                        for node in local:
                            emit(node, record)
        for peer in self.bgp_peers:
            if self.is_local_workload(peer):
                continue
            if self.version >= (3, 31) and peer.reverse_peering == "Manual":
                continue
            if peer.peer_selector:
                local, v4, v6 = self.nodes_matching(peer.peer_selector), True, True
            elif peer.peer_ip:
                host, port = split_port(peer.peer_ip)
                local = self.nodes_with_ip_port_and_as(host, peer.as_number or 0, port)
                v4, v6 = ":" not in host, ":" in host
            else:
                continue
            if not local:
                continue
            if peer.node_selector:
                far = self.nodes_matching(peer.node_selector)
            elif peer.node:
                far = [peer.node]
            else:
                far = self.nodes_matching("all()")
            for name in far:
                for record in self.node_as_bgp_peers(name, v4=v4, v6=v6, peer=peer):
                    for node in local:
                        emit(node, record)
        return peers_v1

    def is_local_workload(self, peer: BGPPeer) -> bool:
        return bool(peer.local_workload_selector) and self.version >= (3, 30)

    def forward(self, peer: BGPPeer) -> list[Record]:
        if peer.peer_selector:
            return [
                record
                for name in self.nodes_matching(peer.peer_selector)
                for record in self.node_as_bgp_peers(name, v4=True, v6=True, peer=peer)
            ]
        host, port = split_port(peer.peer_ip or "")
        ip = parse_ip(host)
        if ip is None:
            return []
        if port == 0:
            names = self.nodes_with_ip_port_and_as(host, peer.as_number or 0, port)
            if names:
                port = self.port_of(names[0])
        if peer.reachable_by:
            gateway = parse_ip(peer.reachable_by)
            if gateway is None or (":" in gateway) != (":" in ip):
                return []
        record = Record(ip, port, peer.as_number or 0, calico_node=host in self.node_ips)
        record.allowed = peer.num_allowed_local_as_numbers or 0
        record.keep = peer.keep_original_next_hop
        if self.version >= (3, 31):
            record.local_as = peer.local_as_number or 0
            record.next_hop_mode = peer.next_hop_mode or ""
        return [record]

    def nodes_with_ip_port_and_as(self, ip: str, as_number: int, port: int) -> list[str]:
        wanted = self.global_as() if as_number == 0 else str(as_number)
        found = []
        for node in self.labels:
            if ip not in {self.host(node, "ip_addr_v4"), self.host(node, "ip_addr_v6")}:
                continue
            if (self.host(node, "as_num") or self.global_as()) != wanted:
                continue
            if port != 0:
                if node in self.node_ports and port != self.node_ports[node]:
                    continue
                if self.global_port not in {0, port}:
                    continue
            found.append(node)
        return found

    def node_as_bgp_peers(self, node: str, *, v4: bool, v6: bool, peer: BGPPeer) -> list[Record]:
        found = []
        for wanted, field in ((v4, "ip_addr_v4"), (v6, "ip_addr_v6")):
            ip = self.host(node, field)
            if wanted and ip:
                as_number = int(self.host(node, "as_num") or self.global_as())
                record = Record(ip, self.port_of(node), as_number, cluster_id=self.host(node, "rr_cluster_id"))
                if self.version >= (3, 31):
                    record.next_hop_mode = peer.next_hop_mode or ""
                found.append(record)
        return found

    # -- bgp_processor.go -------------------------------------------------------------------------------------------

    def bird_config(self, node: str, ip_version: int) -> list[BirdPeer]:
        own_ip = self.host(node, f"ip_addr_v{ip_version}")
        if not own_ip:
            return []
        own_as = int(self.host(node, "as_num") or self.global_as())
        cluster_id = self.host(node, "rr_cluster_id")
        found = []
        if not cluster_id and self.mesh:
            found += self.mesh_peers(own_ip, own_as, ip_version)
        for prefix, path in (("Global", "/calico/bgp/v1/global"), ("Node", f"/calico/bgp/v1/host/{node}")):
            for key, record in self.peers_v1.items():
                if key.startswith(f"{path}/peer_v{ip_version}/") and record.ip != own_ip:
                    found.append(self.build_peer(record, prefix, own_ip, own_as, cluster_id))
        return sorted(found)

    def mesh_peers(self, own_ip: str, own_as: int, ip_version: int) -> list[BirdPeer]:
        found = []
        for node in self.labels:
            ip = self.host(node, f"ip_addr_v{ip_version}")
            if not ip or ip == own_ip or self.host(node, "rr_cluster_id"):
                continue
            otherwise = own_as if self.version >= (3, 32) else int(self.global_as())
            as_number = int(self.host(node, "as_num") or otherwise)
            passive = ip > own_ip and self.version >= (3, 22)
            name = f"Mesh_{underscored(ip)}"
            port = self.port_of(node)
            found.append(BirdPeer(name, ip, port, own_as, as_number, passive, False, "", "", 0))
        return found

    def build_peer(self, record: Record, prefix: str, own_ip: str, own_as: int, cluster_id: str) -> BirdPeer:
        name = f"{prefix}_{underscored(record.ip)}"
        if record.port > 0 and self.version >= (3, 17):
            name += f"_port_{record.port}"
        effective_as = record.local_as or own_as
        next_hop = {"Self": "self", "Keep": "keep"}.get(record.next_hop_mode, "")
        if record.keep and record.as_number != effective_as:
            next_hop = "keep"
        client = record.as_number == effective_as and cluster_id not in {"", record.cluster_id}
        passive = prefix == "Global" and record.calico_node and record.ip > own_ip and self.version >= (3, 23)
        return BirdPeer(
            name,
            record.ip,
            record.port,
            effective_as,
            record.as_number,
            passive,
            client,
            cluster_id if client else "",
            next_hop,
            record.allowed,
        )


def underscored(ip: str) -> str:
    return ip.replace(".", "_").replace(":", "_")


def split_port(text: str) -> tuple[str, int]:
    """net.SplitHostPort and a decimal port."""
    host, colon, port = text.rpartition(":")
    if colon and port.isascii() and port.isdecimal() and int(port) < 65_536:
        if host.startswith("[") and host.endswith("]"):
            return host[1:-1], int(port)
        if ":" not in host:
            return host, int(port)
    return text, 0


def parse_ip(text: str) -> str | None:
    """net.ParseIP(text).String()."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)
