"""Rules about how many reflectors work: none, or one only. Which peers they should have is in reflectors.py."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.judged import is_recovering
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, step
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import PeerType
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.rules.observed.cluster import is_part
from calico_bgp.rules.rule import Draft, rule


@rule(
    "no-working-reflector",
    Severity.ERROR,
    title="No reflector works",
    meaning="No route reflector has an Established session, so no client learns any other client's routes.",
    evidence="The reflectors and what their sessions show.",
    action="Bring one reflector back first; the findings about them say what ails each.",
    messages={
        "none": "no reflector has an Established session, of {number}: {reflectors:all}",
    },
)
def no_working_reflector(cluster: Cluster) -> Iterator[Draft]:
    """One finding when there are reflectors, sessions to judge them by, and none of them is up."""
    if cluster.sessions and cluster.reflectors and _all_in_sight(cluster) and not _working(cluster):
        yield Draft(
            ClusterSubject(),
            "none",
            [f"{name}: {cluster.shape.role_evidence.get(name, '')}" for name in cluster.reflectors[:5]],
            step("bring one of them back first"),
            number=len(cluster.reflectors),
            reflectors=cluster.reflectors,
        )


@rule(
    "fewer-than-two-reflectors",
    Severity.WARNING,
    title="Fewer than two reflectors work",
    meaning="All routes between clients pass through one node. When it goes, every client loses every other "
    "client's routes.",
    evidence="The reflectors that have an Established session.",
    action="Make a second node a reflector (routeReflectorClusterID and the label that the BGPPeer selects), or "
    "fix the one that is down.",
    messages={
        "only-reflector": "{reflector} is the only reflector",
        "one-works": "only 1 of {total} reflectors works: {reflector}; the next failure cuts every client off",
    },
)
def fewer_than_two_reflectors(cluster: Cluster) -> Iterator[Draft]:
    """One finding when exactly one reflector works."""
    working = _working(cluster)
    if len(working) == 1 and _all_in_sight(cluster):
        yield Draft(
            ClusterSubject(),
            "only-reflector" if len(cluster.reflectors) == 1 else "one-works",
            [f"{name}: {cluster.shape.role_evidence.get(name, '')}" for name in cluster.reflectors[:5]],
            LOOK_AT_RESOURCES,
            reflector=working[0],
            total=len(cluster.reflectors),
        )


def _working(cluster: Cluster) -> list[str]:
    return [
        name
        for name in cluster.reflectors
        if any(
            session.is_up or is_recovering(session)
            for family in cluster.families
            for session in cluster.sessions_of.get((name, family), ())
        )
    ]


def _all_in_sight(cluster: Cluster) -> bool:
    """Whether all reflectors are known, and of each whether it works."""
    if not any(role is Role.CLIENT for role in cluster.shape.roles.values()):
        return False
    if is_part(cluster) and (_has_unread_reflector(cluster) or _has_stranger(cluster)):
        return False
    return not _may_hide_reflector(cluster)


def _has_unread_reflector(cluster: Cluster) -> bool:
    """Whether there is a reflector that nobody read, and of which nobody shows that it works."""
    return any(cluster.by_name[name].reading is None for name in set(cluster.reflectors).difference(_working(cluster)))


def _has_stranger(cluster: Cluster) -> bool:
    """Whether an address is of no known node."""
    return any(map(cluster.identity.has_strangers, cluster.families))


def _may_hide_reflector(cluster: Cluster) -> bool:
    """Whether a node whose address is not known may be a reflector: it was not read, or has an address of clients."""
    unplaced = cluster.identity.unplaced
    if any(cluster.by_name[name].reading is None for family in cluster.families for name in unplaced[family]):
        return True
    # A client shows its reflectors as global peers.
    return any(
        row.peer_type is PeerType.GLOBAL
        for session in cluster.in_order
        if unplaced[session.key.family]
        for end in session.ends
        if session.key.far(end.name) not in cluster.by_name
        for row in end.rows
    )
