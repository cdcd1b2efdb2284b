"""Rules about route reflection: who should have whom (the default expectation)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.reasons import asked_for_evidence, session_evidence
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.messages.steps import LOOK_AT_RESOURCES
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import PeerType
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.rules.next_steps import about_sessions
from calico_bgp.rules.observed.sessions import subject_of
from calico_bgp.rules.rule import Draft, rule


def reflecting(cluster: Cluster) -> bool:
    """Whether there are reflectors, and clients are expected to have all of them."""
    return bool(cluster.reflectors) and cluster.shape.uniform


def _missing(cluster: Cluster) -> Iterator[tuple[SessionKey, Session]]:
    """Expected sessions of a reflector and a client that no end shows and no finding about a node explains."""
    roles = cluster.shape.roles
    for key, session in cluster.judged.unexplained.items():
        is_without_rows = key in cluster.expected and not session.rows
        if is_without_rows and {roles.get(key.a), roles.get(key.b)} == {Role.REFLECTOR, Role.CLIENT}:
            yield key, session


@rule(
    "reflector-missing-client",
    Severity.ERROR,
    title="A reflector and a client do not peer",
    meaning="Every client should have every reflector. This client neither sends its routes to this reflector nor "
    "learns others' from it.",
    evidence="The tables of the ends that were read, neither of which has the peer.",
    action="Look at the resources: the client's and the reflector's labels, and the selectors of the BGPPeers.",
    messages={
        "not-peered": "reflector {reflector} and client {client} do not peer over {family:and}",
        "too-few": "reflector {reflector} has peers for only {peers} of {clients} clients that were pasted without a "
        "name",
    },
)
def reflector_missing_client(cluster: Cluster) -> Iterator[Draft]:
    """One finding per pair of reflector and client without any row."""
    for key, session in _missing(cluster):
        reflector = key.a if cluster.shape.roles.get(key.a) is Role.REFLECTOR else key.b
        yield Draft(
            subject_of(key),
            "not-peered",
            (*session_evidence(session), *asked_for_evidence(cluster, key)),
            LOOK_AT_RESOURCES,
            reflector=reflector,
            client=key.far(reflector),
            family=key.family,
        )
    if cluster.expectation is None:
        yield from _unnamed_clients(cluster)


def _unnamed_clients(cluster: Cluster) -> Iterator[Draft]:
    """Where clients cannot be told apart (a paste without names), count them: a reflector needs a row for each."""
    if not reflecting(cluster) or cluster.snapshot.limited:
        return
    for family in cluster.families:
        unnamed = [
            n
            for n in cluster.identity.unplaced[family]
            if cluster.shape.roles.get(n) is Role.CLIENT and cluster.by_name[n].rows(family)
        ]
        unclaimed = set(cluster.identity.unclaimed[family])
        for name in cluster.reflectors:
            member = cluster.by_name[name]
            if not unnamed or name in cluster.identity.unplaced[family] or not member.rows(family):
                continue
            rows = {row.address for row in member.rows(family)} & unclaimed
            if len(rows) < len(unnamed):
                yield Draft(
                    NodeSubject(node=name, family=family),
                    "too-few",
                    sorted(map(str, rows)),
                    LOOK_AT_RESOURCES,
                    reflector=name,
                    peers=len(rows),
                    clients=len(unnamed),
                )


@rule(
    "reflectors-not-peered",
    Severity.WARNING,
    title="Two reflectors do not peer with each other",
    meaning="Harmless while every client reaches both. When one client has only the one and another client only "
    "the other, the two do not "
    "learn each other's routes. It is what `nodeSelector: '!has(route-reflector)'` in quotes leads to unless "
    "another BGPPeer joins them.",
    evidence="The reflectors' tables.",
    action="Add a BGPPeer whose nodeSelector and peerSelector both match the reflectors, or use `nodeSelector: all()`.",
    messages={
        "not-peered": "reflectors {one} and {other} do not peer over {family:and}",
    },
    shape_only=True,
)
def reflectors_not_peered(cluster: Cluster) -> Iterator[Draft]:
    """One finding per pair of reflectors without any row; info while every client reaches every reflector."""
    reflectors = [name for name in cluster.reflectors if reflecting(cluster)]
    # A client whose own trouble is named elsewhere, and peerings between reflectors, do not count.
    unexplained = cluster.judged.unexplained.keys() & cluster.expected
    harmless = all({key.a, key.b} <= set(reflectors) for key in unexplained)
    for family in cluster.families:
        for one, other in combinations(reflectors, 2):
            session = cluster.session(family, one, other)
            if session.a.rows or session.b.rows or session.key in cluster.judged.explained:
                continue
            if not (session.a.lacks_row or session.b.lacks_row) or Table.NOT_RUNNING in {e.table for e in session.ends}:
                continue
            if any((name, family) in cluster.judged.isolated for name in (one, other)):
                continue
            yield Draft(
                subject_of(session.key),
                "not-peered",
                session_evidence(session),
                None if harmless else LOOK_AT_RESOURCES,
                Severity.INFO if harmless else None,
                one=one,
                other=other,
                family=family,
            )


@rule(
    "client-with-non-reflector",
    Severity.WARNING,
    title="A client peers with a node that is no reflector",
    meaning="Clients should peer with the reflectors only. A session between two clients passes on nothing but "
    "their own routes.",
    evidence="The rows of the session.",
    action="Look which BGPPeer makes it; if the far node should be a reflector, say role=reflector in hosts.txt or "
    "fix its label.",
    messages={
        "two-clients": "clients {a} and {b} peer with each other over {family:and}",
    },
    shape_only=True,
)
def client_with_non_reflector(cluster: Cluster) -> Iterator[Draft]:
    """One finding per explicit session between two clients."""
    if not reflecting(cluster):
        return
    roles = cluster.shape.roles
    for session in cluster.in_order:
        key = session.key
        types = session.peer_types
        if roles.get(key.a) is roles.get(key.b) is Role.CLIENT and types - {PeerType.MESH}:
            yield Draft(
                subject_of(key),
                "two-clients",
                session_evidence(session),
                LOOK_AT_RESOURCES,
                a=key.a,
                b=key.b,
                family=key.family,
            )


@rule(
    "client-single-reflector",
    Severity.WARNING,
    title="A client has fewer than two Established reflectors",
    meaning="The client is one failure away from losing every route, although the cluster has more reflectors.",
    evidence="The client's sessions with the reflectors.",
    action="Fix the session with the other reflector.",
    messages={
        "only-one": "client {client} has only one Established reflector over {family:and}: {reflector}",
    },
)
def client_single_reflector(cluster: Cluster) -> Iterator[Draft]:
    """One finding per client and family, unless a finding about the reflector itself explains it."""
    # Resources say which reflectors a client should have; without them it is all, or nobody knows.
    if len(cluster.reflectors) < 2 or not (reflecting(cluster) or cluster.expectation):
        return
    for family in cluster.families:
        for member in cluster.members:
            if (
                cluster.shape.roles.get(member.name) is not Role.CLIENT
                or (member.name, family) in cluster.judged.isolated
            ):
                continue
            keys = [SessionKey.between(family, member.name, reflector) for reflector in cluster.reflectors]
            keys = [key for key in keys if key in cluster.expected]
            bad = [cluster.judged.unexplained[key] for key in keys if key in cluster.judged.unexplained]
            up = [key for key in keys if key in cluster.sessions and cluster.sessions[key].is_up]
            if bad and len(up) == 1:
                only = up[0].far(member.name)
                yield Draft(
                    NodeSubject(node=member.name, family=family),
                    "only-one",
                    [line for key in keys for line in session_evidence(cluster.session(*key))],
                    about_sessions(cluster, member.name, bad),
                    client=member.name,
                    family=family,
                    reflector=only,
                )
