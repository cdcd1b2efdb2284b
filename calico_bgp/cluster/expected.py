"""What Calico's resources say about the cluster that was seen: sessions, roles and shape. Nothing is judged here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from calico_bgp.cluster.nodes.identity import Identity
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.cluster.shape import Shape
from calico_bgp.expect.engine import Expectation
from calico_bgp.expect.version import NEWEST, CalicoVersion, parse_version
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import PeerType
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import TopologyKind

#: Where a role comes from, for reports.
_CLUSTER_ID = "cluster ID {} in Calico's resources"


def version_of(snapshot: Snapshot) -> CalicoVersion:
    """The Calico whose version all nodes print, as far as they print one; the newest where they do not agree."""
    texts = {reading.calicoctl_version for reading in snapshot.readings if reading.calicoctl_version is not None}
    try:
        versions = {parse_version(text) for text in texts}
    except ValueError:
        return NEWEST
    return versions.pop() if len(versions) == 1 else NEWEST


def expected_by_session(
    expectation: Expectation, members: Iterable[Member], identity: Identity
) -> dict[SessionKey, tuple[ExpectedPeer, ...]]:
    """Session → the peers at its ends, those of `a` first. A neighbour that is no member is called by its address."""
    by_session: dict[SessionKey, list[ExpectedPeer]] = defaultdict(list)
    for member in members:
        if member.resource is None:
            continue
        for peer in expectation.peers.get(member.resource.name, ()):
            far = identity.owner.get(peer.address) or str(peer.address)
            if far != member.name:
                by_session[SessionKey.between(peer.family, member.name, far)].append(peer)
    return {key: tuple(peers) for key, peers in by_session.items()}


def expected_shape(expectation: Expectation, members: tuple[Member, ...], without_any: Shape | None) -> Shape:
    """The shape and the roles that the resources ask for.

    Where BIRD runs on no node although the resources name no BGPPeer and no reflector, the cluster does not use BGP
    (CALICO_NETWORKING_BACKEND=vxlan or none), which no resource says.

    Args:
        expectation: What the resources ask for.
        members: The nodes.
        without_any: The shape by the nodes' tables, where these show no session; None where they show one.
    """
    names = {member.resource.name: member.name for member in members if member.resource is not None}
    peers = [peer for of_node in expectation.peers.values() for peer in of_node]
    reflecting = {peer.node for peer in peers if peer.reflector_client}
    nodes = expectation.resources.nodes
    uses_bgp = bool(expectation.resources.bgp_peers) or any(node.cluster_id for node in nodes)
    if without_any is not None and without_any.kind is TopologyKind.NO_BGP and not uses_bgp:
        return without_any
    reflectors = {node.name: str(node.cluster_id) for node in nodes if node.name in reflecting}
    clients = {peer.far_node for peer in peers if peer.reflector_client and peer.far_node not in reflectors}
    roles: dict[str, Role] = {}
    evidence: dict[str, str] = {}
    for node, name in names.items():
        if node in reflectors:
            roles[name], evidence[name] = Role.REFLECTOR, _CLUSTER_ID.format(reflectors[node])
        elif node in clients:
            roles[name], evidence[name] = Role.CLIENT, "client of a reflector in Calico's resources"
    served: dict[str, set[str]] = defaultdict(set)
    for peer in peers:
        if peer.far_node in reflectors and peer.node in clients:
            served[peer.node].add(peer.far_node)
    uniform = all(served[str(client)] == set(reflectors) for client in clients)
    why = "Calico's resources say so" if peers else "Calico's resources ask for no peer"
    return Shape(_kind(peers, bool(reflectors)), why, roles, evidence, uniform)


def _kind(peers: list[ExpectedPeer], reflects: bool) -> TopologyKind:
    meshed = any(peer.peer_type is PeerType.MESH for peer in peers)
    if reflects:
        return TopologyKind.MIXED if meshed else TopologyKind.REFLECTORS
    if meshed:
        return TopologyKind.MESH
    return TopologyKind.EXPLICIT if peers else TopologyKind.UNKNOWN


def is_version_told(snapshot: Snapshot) -> bool:
    """Whether a node printed the version of its Calico."""
    return any(reading.calicoctl_version is not None for reading in snapshot.readings)
