"""What an audit looked at, counted: nodes, sessions, rows, rules. Judges nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family, family_of
from calico_bgp.model.reports.report import Checked, OwnRule
from calico_bgp.rules.catalogue import ALL_IDS
from calico_bgp.rules.rule import Rule


def checked_of(cluster: Cluster, rules: Sequence[Rule]) -> Checked:
    """What was looked at.

    Args:
        cluster: What was seen.
        rules: Those that ran to their end.
    """
    expected = cluster.expected
    shadows = _shadows(cluster, expected)
    sessions = (set(cluster.sessions) | expected) - shadows
    unseen = sessions & cluster.judged.unknown
    sessions -= unseen
    rows = [row for member in cluster.members if member.reading is not None for row in member.reading.peers]
    return Checked(
        nodes_listed=len(cluster.snapshot.hosts) or None,
        nodes_read=sum(member.reading is not None for member in cluster.members),
        sessions_expected=len(sessions),
        sessions_established=sum(key in cluster.sessions and cluster.sessions[key].is_up for key in sessions),
        sessions_unseen=len(unseen),
        peers=len(rows),
        peers_established=sum(row.is_established for row in rows),
        neighbours_unseen=_neighbours_unseen(cluster),
        has_resources=cluster.expectation is not None,
        reflectors=cluster.reflectors,
        families=cluster.families,
        rules=tuple(rule.id for rule in rules),
        own_rules=tuple(OwnRule(id=rule.id, title=rule.title) for rule in rules if rule.id not in ALL_IDS),
    )


def _neighbours_unseen(cluster: Cluster) -> int:
    """Neighbours by address that may be nodes of which no table was read; less those that may be an unplaced one's."""
    number = 0
    for family in Family:
        owners = cluster.identity.owner
        met = (address for address in cluster.identity.in_tables if family_of(address) is family)
        unread = [a for a in met if a not in owners or cluster.by_name[owners[a]].reading is None]
        unplaced = sum(bool(cluster.by_name[name].rows(family)) for name in cluster.identity.unplaced[family])
        number = max(number, len(unread) - unplaced)
    return number


def _shadows(cluster: Cluster, expected: frozenset[SessionKey]) -> set[SessionKey]:
    """Sessions with an address that may be an unplaced node's: that node's own end counts them already."""
    shadows: set[SessionKey] = set()
    for family in Family:
        unplaced = frozenset(name for name in cluster.identity.unplaced[family] if cluster.by_name[name].rows(family))
        if not unplaced:
            continue
        keys = [key for key in sorted(expected | cluster.sessions.keys()) if key.family is family]
        ends = [
            (key, near) for key in keys for near in (key.b, key.a) if near in cluster.by_name and near not in unplaced
        ]
        shown_by_unplaced = Counter(near for key, near in ends if key.far(near) in unplaced and key in cluster.sessions)
        to_unlisted = [(key, near) for key, near in ends if _may_be_unplaced(cluster, key.far(near), unplaced)]
        for key, near in to_unlisted:
            if key in cluster.sessions:
                shadows.add(key)
                shown_by_unplaced[near] -= 1
        # Of those that no end shows as many as the unplaced nodes show.
        for key, near in to_unlisted:
            if shown_by_unplaced[near] > 0 and key not in shadows:
                shadows.add(key)
                shown_by_unplaced[near] -= 1
    return shadows


def _may_be_unplaced(cluster: Cluster, far: str, unplaced: frozenset[str]) -> bool:
    """Whether a far end may be an unplaced node by its address: an address, or a node that only resources name."""
    return far not in unplaced and (far not in cluster.by_name or cluster.by_name[far].is_unlisted)
