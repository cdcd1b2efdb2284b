"""Which faults of a node explain faults of its sessions: a dead node is one finding, and no innocent one is named.

A cluster of 200 with one dead node has 199 sessions down; what an operator needs is one line about that node.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.deviations import NONE, Deviations, deviations
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.model.peer import BGPState, Family

if TYPE_CHECKING:
    from calico_bgp.cluster.cluster import Cluster

#: A node is called isolated when at least so many sessions speak against it; with one, either end may be at fault.
ENOUGH_TO_JUDGE_THE_NODE = 2

#: An end's name, and the family.
_End = tuple[str, Family]


@dataclass(frozen=True)
class JudgedSessions:
    """What the judgement of sessions rests on.

    Attributes:
        bad: Sessions that are not up although an end shows or should show them.
        recovering: Sessions in graceful restart, which come up by themselves.
        unknown: Expected sessions that no end could show.
        isolated: Members (or addresses of external peers) without any session that is up, with the sessions this
            explains.
        explained: Sessions that a finding about a node (isolated, daemon not running, configuration behind) accounts
            for.
        deviations: Where tables differ from what the resources ask for.
    """

    bad: Mapping[SessionKey, Session]
    recovering: Mapping[SessionKey, Session]
    unknown: frozenset[SessionKey]
    isolated: Mapping[tuple[str, Family], tuple[SessionKey, ...]]
    explained: frozenset[SessionKey]
    deviations: Deviations = NONE

    @cached_property
    def unexplained(self) -> Mapping[SessionKey, Session]:
        """The bad sessions that no finding about a node accounts for, in order."""
        return {key: session for key, session in sorted(self.bad.items()) if key not in self.explained}


def judge_sessions(cluster: Cluster) -> JudgedSessions:
    """Find the nodes whose trouble explains bad sessions: those whose BIRD does not run, then the most isolated."""
    sessions: dict[SessionKey, Session] = dict(cluster.sessions)
    for key in cluster.expected:
        if key not in sessions:
            sessions[key] = cluster.session(*key)
    unknown = frozenset(key for key, session in sessions.items() if _is_unseen(cluster, session))
    recovering = {key: session for key, session in sessions.items() if is_recovering(session)}
    bad = {
        key: session
        for key, session in sessions.items()
        if key not in unknown and key not in recovering and not session.is_up
    }
    explained = {key for key, session in bad.items() if any(end.table is Table.NOT_RUNNING for end in session.ends)}
    deviating = deviations(cluster)
    explained |= deviating.keys
    isolated = _isolated(cluster, sessions, bad, unknown, explained)
    explained.update(key for keys in isolated.values() for key in keys)
    return JudgedSessions(bad, recovering, unknown, isolated, frozenset(explained), deviating)


def _is_unseen(cluster: Cluster, session: Session) -> bool:
    """Whether nothing is known of it: no row, and no table that should have one and could show it.

    Resources may ask only one end for the peer (`reversePeering: Manual`); that the other has none proves nothing.
    """
    if session.a.rows or session.b.rows:
        return False
    expected = cluster.expected_peers.get(session.key)
    if expected is None:
        return session.is_unseen
    nodes = {peer.node for peer in expected}
    return not any(end.lacks_row and _is_one_of(cluster, end.name, nodes) for end in session.ends)


def _is_one_of(cluster: Cluster, name: str, nodes: Collection[str]) -> bool:
    member = cluster.by_name.get(name)
    return member is not None and member.resource is not None and member.resource.name in nodes


def is_recovering(session: Session) -> bool:
    """Whether every row that is not up is Established in `wait` or `feed`: graceful restart goes on."""
    if session.is_up:
        return False
    rows = [row for row in session.rows if not row.is_established]
    return bool(rows) and all(row.bgp_state is BGPState.ESTABLISHED for row in rows)


def _isolated(
    cluster: Cluster,
    sessions: Mapping[SessionKey, Session],
    bad: Mapping[SessionKey, Session],
    unknown: frozenset[SessionKey],
    explained: set[SessionKey],
) -> dict[_End, tuple[SessionKey, ...]]:
    """Ends all of whose known sessions are bad: silent nodes first, then those that explain most."""
    known = {key: session for key, session in sessions.items() if key not in unknown}
    open_keys = _unexplained_of_ends(cluster, known, bad, explained)
    silent = {member.name for member in cluster.members if member.failure is not None}
    queue = [(end[0] not in silent, -len(keys), end) for end, keys in open_keys.items()]
    heapify(queue)
    isolated: dict[_End, tuple[SessionKey, ...]] = {}
    while queue:
        spoke, count, end = heappop(queue)
        keys = open_keys[end]
        if len(keys) != -count:
            if keys:
                heappush(queue, (spoke, -len(keys), end))
            continue
        if spoke and len(keys) < ENOUGH_TO_JUDGE_THE_NODE:
            continue
        isolated[end] = tuple(sorted(keys))
        for key in tuple(keys):
            open_keys.get((key.far(end[0]), key.family), set()).discard(key)
        open_keys[end] = set()
    return isolated


def _unexplained_of_ends(
    cluster: Cluster,
    known: Mapping[SessionKey, Session],
    bad: Mapping[SessionKey, Session],
    explained: set[SessionKey],
) -> dict[_End, set[SessionKey]]:
    """End → its bad sessions that nothing explains, of each end none of whose known sessions is up."""
    open_keys: dict[_End, set[SessionKey]] = defaultdict(set)
    for key in known.keys() & (bad.keys() - explained):
        for name in (key.a, key.b):
            # An external peer that nobody shows is missing at the near ends; nothing is known of it.
            if name in cluster.by_name or known[key].end(key.far(name)).rows:
                open_keys[name, key.family].add(key)
    for key in known.keys() - bad.keys():
        for name in (key.a, key.b):
            open_keys.pop((name, key.family), None)
    return open_keys
