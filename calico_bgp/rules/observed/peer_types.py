"""Rules about the type of a peer: global, node specific, and what the resources or the other nodes say it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.deviations import asked_for
from calico_bgp.cluster.sessions.reasons import row_text
from calico_bgp.cluster.sessions.session import End, Session, far_name
from calico_bgp.messages.steps import LOOK_AT_RESOURCES
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import PeerType
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, SessionSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.rules.observed.reflectors import reflecting
from calico_bgp.rules.observed.sessions import subject_of
from calico_bgp.rules.rule import Draft, rule


@rule(
    "wrong-peer-type",
    Severity.WARNING,
    title="A peer has another type than it should have",
    meaning="With Calico's resources: a node shows a peer as another type than they ask for, so its BIRD runs another "
    "configuration than they say.\n\nWithout: clients show reflectors as `global`, reflectors show clients as `node "
    "specific` (the default expectation). Where all clients show them as `node specific` that is a legitimate variant; "
    "where clients differ among each other, or a reflector shows a client as `global`, BGPPeers overlap or a selector "
    "matches what it should not.",
    evidence="The row, and what the resources ask for or the others show.",
    action="With resources: look at the logs of calico-node there, for confd has not followed. Without: compare the "
    "BGPPeers that make these peers; one without `nodeSelector` (or with an unquoted one) is global.",
    messages={
        "unlike-other-clients": "client {client} shows reflector {reflector} as {shown:same}, other clients as "
        "{usual:same}",
        "client-as-global": "reflector {reflector} shows client {client} as global, expected node specific",
        "not-as-asked": "{node} shows {far} as {shown:same} over {family:and}, the resources ask for {asked:same}",
    },
)
def wrong_peer_type(cluster: Cluster) -> Iterator[Draft]:
    """With resources one per row of another type than asked for; without, one per session unlike its like."""
    if cluster.expectation is not None:
        yield from _other_than_asked_for(cluster)
        return
    usual = _usual_type(cluster)
    if usual is None:
        return
    for end, session in _client_views(cluster):
        wrong = [row for row in end.rows if row.peer_type not in {usual, PeerType.MESH}]
        if wrong:
            yield Draft(
                subject_of(session.key),
                "unlike-other-clients",
                [row_text(end.name, row) for row in wrong],
                LOOK_AT_RESOURCES,
                client=end.name,
                reflector=session.key.far(end.name),
                shown=wrong[0].peer_type,
                usual=usual,
            )
    for end, session in _reflector_views(cluster):
        wrong = [row for row in end.rows if row.peer_type is PeerType.GLOBAL]
        if wrong:
            yield Draft(
                subject_of(session.key),
                "client-as-global",
                [row_text(end.name, row) for row in wrong],
                LOOK_AT_RESOURCES,
                reflector=end.name,
                client=session.key.far(end.name),
            )


def _other_than_asked_for(cluster: Cluster) -> Iterator[Draft]:
    """Nodes of which this one row deviates; several deviations of one node are rule configuration-behind's."""
    deviations = cluster.judged.deviations
    for name, deviation in sorted(deviations.by_node.items()):
        if deviations.is_general or deviation.size != 1:
            continue
        for peer, row in deviation.mistyped:
            far = far_name(row, cluster.identity)
            yield Draft(
                SessionSubject.between(name, far, row.family),
                "not-as-asked",
                (row_text(name, row), asked_for(peer)),
                cluster.pods.follow_resources(name),
                node=name,
                far=far,
                shown=row.peer_type,
                family=row.family,
                asked=peer.peer_type,
            )


@rule(
    "reflectors-as-node-specific",
    Severity.INFO,
    title="All clients show the reflectors as node specific",
    meaning="A legitimate variant of the default expectation: the BGPPeer has a `nodeSelector` (`all()`, or a quoted "
    "`'!has(route-reflector)'`), so its peers are node specific instead of global.",
    evidence="The type of every client's peers.",
    action="Nothing.",
    messages={
        "node-specific": "all clients show the reflectors as node specific ({peers} peers)",
    },
    shape_only=True,
)
def reflectors_as_node_specific(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster."""
    types = Counter(
        row.peer_type for end, _ in _client_views(cluster) for row in end.rows if row.peer_type is not PeerType.MESH
    )
    if set(types) == {PeerType.NODE}:
        yield Draft(ClusterSubject(), "node-specific", peers=types[PeerType.NODE])


def _usual_type(cluster: Cluster) -> PeerType | None:
    """The type by which most clients show reflectors, `global` where it is even; None without reflectors."""
    if not reflecting(cluster) or cluster.shape.kind not in {TopologyKind.REFLECTORS, TopologyKind.MIXED}:
        return None
    types = Counter(row.peer_type for end, _ in _client_views(cluster) for row in end.rows)
    return PeerType.NODE if types[PeerType.NODE] > types[PeerType.GLOBAL] else PeerType.GLOBAL


def _client_views(cluster: Cluster) -> Iterator[tuple[End, Session]]:
    yield from _views(cluster, Role.CLIENT)


def _reflector_views(cluster: Cluster) -> Iterator[tuple[End, Session]]:
    yield from _views(cluster, Role.REFLECTOR)


def _views(cluster: Cluster, near: Role) -> Iterator[tuple[End, Session]]:
    """The ends of sessions between a client and a reflector that are `near`."""
    roles = cluster.shape.roles
    for session in cluster.in_order:
        key = session.key
        if {roles.get(key.a), roles.get(key.b)} == {Role.CLIENT, Role.REFLECTOR}:
            yield (session.a if roles[key.a] is near else session.b), session
