"""Rules about the fields of one BGPPeer: those that exclude each other, that say nothing, that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.changes.advice import delete, drop_field, in_resource, set_field
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.bgp_peers import LOCAL_WORKLOADS_SINCE, SESSION_FIELDS_SINCE
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import BGPPeer, ResourceKind
from calico_bgp.rules.rule import Draft, rule

KIND = str(ResourceKind.BGP_PEER)


class _Pair(NamedTuple):
    """Two fields that exclude each other, and what Calico makes of both together."""

    one: str
    other: str
    outcome: str


#: libcalico-go/lib/validator/v3/validator.go, validateBGPPeerSpec; the outcome is confd's, client.go updatePeersV1.
_EXCLUSIVE = (
    _Pair("node", "nodeSelector", "nodeSelector counts, node does not"),
    _Pair("peerIP", "peerSelector", "peerSelector counts, peerIP does not"),
    _Pair("asNumber", "peerSelector", "the nodes that peerSelector matches keep their own AS"),
    _Pair("localWorkloadSelector", "peerIP", "localWorkloadSelector counts, peerIP does not"),
    _Pair("localWorkloadSelector", "peerSelector", "localWorkloadSelector counts, peerSelector does not"),
    _Pair("keepOriginalNextHop", "nextHopMode", "towards another AS keepOriginalNextHop counts, else nextHopMode"),
)


def fields_of(peer: BGPPeer) -> dict[str, object]:
    """The fields that are set, by Calico's name."""
    values = {
        "node": peer.node,
        "nodeSelector": peer.node_selector,
        "peerIP": peer.peer_ip,
        "peerSelector": peer.peer_selector,
        "asNumber": peer.as_number,
        "localASNumber": peer.local_as_number,
        "localWorkloadSelector": peer.local_workload_selector,
        "reversePeering": peer.reverse_peering,
        "keepOriginalNextHop": peer.keep_original_next_hop or None,
        "nextHopMode": peer.next_hop_mode,
        "numAllowedLocalASNumbers": peer.num_allowed_local_as_numbers,
        "reachableBy": peer.reachable_by,
    }
    return {name: value for name, value in values.items() if value is not None}


@rule(
    "fields-exclude-each-other",
    Severity.ERROR,
    title="A BGPPeer has two fields that exclude each other",
    meaning="calicoctl and Calico's API server refuse the BGPPeer, so the change never arrives. Where it slips in "
    "another way, one of the two fields is silently not looked at. Source: libcalico-go/lib/validator/v3/validator.go "
    "validateBGPPeerSpec.",
    evidence="The two fields.",
    action="Keep the one that is meant.",
    messages={
        "both": "{one:same} and {other:same} of {peer} exclude each other: where Calico takes both, {outcome:same}",
    },
)
def fields_exclude_each_other(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer; what else excludes each other in it is more evidence."""
    for peer in cluster.configured.resources.bgp_peers:
        fields = fields_of(peer)
        for one, other, outcome in _EXCLUSIVE:
            if one in fields and other in fields:
                yield Draft(
                    about_peer(peer, f"spec.{one}"),
                    "both",
                    (f"{one}: {fields[one]}", f"{other}: {fields[other]}"),
                    drop_field(KIND, peer.name, one),
                    one=one,
                    other=other,
                    peer=peer.name,
                    outcome=outcome,
                )


@rule(
    "field-without-effect",
    Severity.WARNING,
    title="A field of a BGPPeer changes nothing",
    meaning="localASNumber, numAllowedLocalASNumbers, keepOriginalNextHop and reachableBy are looked at for a peer "
    "that is given by peerIP only. localWorkloadSelector is known from Calico v3.30 on; localASNumber, reversePeering "
    "and nextHopMode from v3.31 on: an older Calico drops them. Source: confd/pkg/backends/calico/client.go, release "
    "notes.",
    evidence="The field, and why it is not looked at.",
    action="Take it away, or give the peer by peerIP.",
    messages={
        "newer-calico": "{field:same} of {peer} changes nothing: Calico {version:same} does not know it",
        "with-peer-ip": "{field:same} of {peer} changes nothing: it counts with peerIP only",
    },
)
def field_without_effect(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer; further fields are more evidence."""
    version = cluster.configured.expectation.version
    since = {
        "localWorkloadSelector": LOCAL_WORKLOADS_SINCE,
        "localASNumber": SESSION_FIELDS_SINCE,
        "reversePeering": SESSION_FIELDS_SINCE,
        "nextHopMode": SESSION_FIELDS_SINCE,
    }
    for peer in cluster.configured.resources.bgp_peers:
        fields = fields_of(peer)
        why = {name: "newer-calico" for name, first in since.items() if version < first}
        if "peerSelector" in fields:
            for name in ("localASNumber", "numAllowedLocalASNumbers", "keepOriginalNextHop", "reachableBy"):
                why.setdefault(name, "with-peer-ip")
        for name, key in why.items():
            if name in fields:
                yield Draft(
                    about_peer(peer, f"spec.{name}"),
                    key,
                    (f"{name}: {fields[name]}",),
                    drop_field(KIND, peer.name, name),
                    field=name,
                    peer=peer.name,
                    version=str(version),
                )


@rule(
    "peer-skipped",
    Severity.ERROR,
    title="Calico skips a BGPPeer",
    meaning="It makes no peer, without a word but in confd's log: peerIP or reachableBy is no address, or it says no "
    "far end at all. Source: confd/pkg/backends/calico/client.go updatePeersV1.",
    evidence="The field.",
    action="Fix it: `ip`, `ip:port` or `[ip6]:port`, without a prefix length, a name or leading zeros.",
    messages={
        "skipped": "Calico skips {peer}: {why:same}",
    },
)
def peer_skipped(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer, unless a YAML tag explains it."""
    for skipped in cluster.configured.expectation.skipped:
        peer = cluster.configured.peers_by_name.get(skipped.bgp_peer)
        if peer is None or any(tag.path == "spec.peerSelector" for tag in peer.tags):
            continue
        field = skipped.field
        value = peer.reachable_by if field == "reachableBy" else peer.peer_ip
        yield Draft(
            about_peer(peer, f"spec.{field}"),
            "skipped",
            () if value is None else (f"{field}: {value}",),
            _mended_address(peer, field, value),
            peer=peer.name,
            why=skipped.why,
        )


def _mended_address(peer: BGPPeer, field: str, value: str | None) -> str:
    if value is None:
        return f"{in_resource(KIND, peer.name)} write a peerIP: or a peerSelector:"
    bare = value.strip().split("/")[0].strip("[]")
    if parse_peer_ip(bare).address is not None:
        return set_field(KIND, peer.name, field, bare)
    host, _, port = value.rpartition(":")
    if port.isdecimal() and parse_peer_ip(f"[{host}]:{port}").address is not None:
        return set_field(KIND, peer.name, field, f"[{host}]:{port}")
    return f"{in_resource(KIND, peer.name)} write an address as {field}:"


@rule(
    "peer-ip-not-canonical",
    Severity.INFO,
    title="An IPv6 peerIP is not in canonical form",
    meaning="Calico compares a peerIP with the addresses of its nodes as text. A node's address that is written "
    "differently (`2001:DB8::1`, `2001:db8:0::1`) names no node: the far end gets no reverse peer, no port and no "
    "cluster ID, and refuses the session. That is an error; for an address outside the cluster nothing happens. "
    "Source: confd/pkg/backends/calico/client.go nodesWithIPPortAndAS.",
    evidence="The peerIP and its canonical form (RFC 5952).",
    action="Write the canonical form.",
    messages={
        "outside": "the peerIP {peer_ip} of {peer} is not in canonical form ({canonical})",
        "of-node": "the peerIP {peer_ip} of {peer} is not in canonical form ({canonical}), so it does not name "
        "{nodes}, which gets no peer of it",
    },
)
def peer_ip_not_canonical(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer."""
    for peer in cluster.configured.resources.bgp_peers:
        if peer.peer_ip is None or peer.peer_selector is not None:
            continue
        target = parse_peer_ip(peer.peer_ip)
        if target.address is None or ":" not in target.host or target.host == str(target.address):
            continue
        owners = cluster.configured.expectation.nodes_by_address.get(target.address, ())
        canonical = str(target.address)
        peer_ip = f"[{canonical}]:{target.port}" if target.port else canonical
        yield Draft(
            about_peer(peer, "spec.peerIP"),
            "of-node" if owners else "outside",
            (f"peerIP: {peer.peer_ip}",),
            set_field(KIND, peer.name, "peerIP", peer_ip),
            Severity.ERROR if owners else None,
            peer_ip=target.host,
            peer=peer.name,
            canonical=canonical,
            nodes=owners,
        )


@rule(
    "peer-of-missing-node",
    Severity.WARNING,
    title="A BGPPeer is for a node that does not exist",
    meaning="It makes no peer. A misspelt name leaves the node that was meant without this peer.",
    evidence="The field node, and the names of the nodes.",
    action="Fix the name, or delete the BGPPeer of a node that is gone.",
    messages={
        "no-node": "{peer} is for node {node}, which does not exist",
        "did-you-mean": "{peer} is for node {node}, which does not exist, did you mean {near}?",
    },
)
def peer_of_missing_node(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer."""
    configured = cluster.configured
    names = configured.nodes
    for peer in configured.resources.bgp_peers:
        if not names or peer.node is None or peer.node_selector is not None or peer.node in names:
            continue
        near = configured.near_miss(peer.node)
        yield Draft(
            about_peer(peer, "spec.node"),
            "no-node" if near is None else "did-you-mean",
            (f"node: {peer.node}",),
            delete(KIND, peer.name) if near is None else set_field(KIND, peer.name, "node", near),
            peer=peer.name,
            node=peer.node,
            near=near,
        )
