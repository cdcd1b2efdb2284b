"""Where a node's tables differ from what Calico's resources ask for, row by row. Whether sessions are up is not asked.

Rows are compared as multisets, by address, the port in the name, and type (model.peer.PeerKey).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.session import SessionKey, far_name
from calico_bgp.messages.words import count
from calico_bgp.model.expected import Because, ExpectedPeer, in_words
from calico_bgp.model.peer import Address, Family, Peer, PeerType
from calico_bgp.model.topology import TopologyKind

if TYPE_CHECKING:
    from calico_bgp.cluster.cluster import Cluster

#: A deviation of so many nodes, of more than half of them, is one about the cluster: or the resources are not its own.
_ENOUGH_NODES = 2
#: A paste that may be several nodes is compared with each of them.
_MOST_COMPARED = 50


@dataclass(frozen=True)
class Deviation:
    """How one node's tables differ.

    Attributes:
        node: The member's name.
        missing: Peers that the resources ask for and a whole table does not show.
        unexpected: Rows that nothing asks for.
        mistyped: Rows of another type than asked for, with what was asked for.
        sees_disabled: Whether BIRD itself was asked, which also shows disabled peers.
        expected: How many peers the resources ask for there, in the families that could be compared.
        groups_gone: Whether all peers (of two or more) that one resource asks for in one family are missing.
        stranger: The one far end that nothing asks for, where that is all that differs; None else.
        whichever: Whether nobody knows which node it is: then this is the least that differs, whichever it is.
    """

    node: str
    missing: tuple[ExpectedPeer, ...]
    unexpected: tuple[Peer, ...]
    mistyped: tuple[tuple[ExpectedPeer, Peer], ...]
    sees_disabled: bool
    expected: int
    groups_gone: bool
    stranger: str | None = None
    whichever: bool = False

    @property
    def size(self) -> int:
        """How many peers deviate."""
        return len(self.missing) + len(self.unexpected) + len(self.mistyped)

    @property
    def is_behind(self) -> bool:
        """Whether BIRD runs another configuration than the resources ask for.

        A row too many or of another type can come from nothing else. A row that is absent can also be a peer that
        somebody disabled: calicoctl drops those (calicoctl/calicoctl/commands/node/status.go), BIRD shows them.
        """
        return bool(self.unexpected or self.mistyped or (self.missing and (self.sees_disabled or self.groups_gone)))

    def lines(self) -> list[str]:
        """Every deviation in words, with the resource that asks for the peer."""
        return [
            *(f"{self.node} lacks {p.address} ({p.peer_type}), {asked_for(p)}" for p in self.missing),
            *(
                f"{self.node} shows {row.address_text} ({row.peer_type}), which no resource asks for"
                for row in self.unexpected
            ),
            *(
                f"{self.node} shows {row.address_text} as {row.peer_type}, expected {peer.peer_type}, {asked_for(peer)}"
                for peer, row in self.mistyped
            ),
        ]

    def summary(self) -> str:
        """`2 peers missing, 1 not asked for`."""
        parts = [
            count(len(self.missing), "peer") + " missing" if self.missing else "",
            f"{len(self.unexpected)} not asked for" if self.unexpected else "",
            f"{len(self.mistyped)} of another type" if self.mistyped else "",
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Deviations:
    """The deviations of all nodes of a cluster.

    Attributes:
        by_node: Member name → deviation, only where there is one.
        judged: How many nodes could be compared.
        keys: The sessions that nodes which are behind account for.
    """

    by_node: Mapping[str, Deviation]
    judged: int
    keys: frozenset[SessionKey]

    @property
    def behind(self) -> tuple[Deviation, ...]:
        """The nodes that are behind, sorted by name."""
        return tuple(deviation for _, deviation in sorted(self.by_node.items()) if deviation.is_behind)

    @property
    def is_general(self) -> bool:
        """Whether most nodes are behind: the resources are not those of this cluster, or confd follows nowhere.

        Not so where one far end is all that is too much: a node that left, a switch that is no peer any more.
        """
        behind = self.behind
        if len({deviation.stranger for deviation in behind}) == 1 and behind[0].stranger is not None:
            return False
        return len(behind) >= _ENOUGH_NODES and 2 * len(behind) > self.judged


NONE = Deviations({}, 0, frozenset())


def asked_for(peer: ExpectedPeer) -> str:
    """Which resources ask for a peer, in words."""
    return f"asked for by {in_words(peer.because)}"


def deviations(cluster: Cluster) -> Deviations:
    """Compare every table that was read; nothing without resources, or where the cluster does not use BGP."""
    if cluster.expectation is None or cluster.shape.kind is TopologyKind.NO_BGP:
        return NONE
    by_node: dict[str, Deviation] = {}
    keys: set[SessionKey] = set()
    judged = 0
    free = _free(cluster)
    for member in cluster.members:
        if member.reading is None:
            continue
        if member.resource is not None:
            deviation = _deviation(member, cluster.expectation.peers.get(member.resource.name, ()))
        elif member.host is None and free:
            deviation = min((_deviation(member, peers) for peers in free), key=lambda one: one.size)
            deviation = replace(deviation, whichever=True)
        else:
            continue
        judged += 1
        fars = {far_name(row, cluster.identity) for row in deviation.unexpected}
        if len(fars) == 1 and not deviation.missing and not deviation.mistyped:
            deviation = replace(deviation, stranger=fars.pop())
        if deviation.size:
            by_node[member.name] = deviation
            if deviation.is_behind:
                keys.update(_keys(cluster, member, deviation))
    return Deviations(by_node, judged, frozenset(keys))


def _free(cluster: Cluster) -> list[tuple[ExpectedPeer, ...]]:
    """Expected peers of the nodes that nobody read, equal ones once: clients of the same reflectors have the same.

    Nothing where that is more than a paste can be compared with.
    """
    assert cluster.expectation is not None
    distinct: dict[frozenset[tuple[Address, int | None, PeerType]], tuple[ExpectedPeer, ...]] = {}
    for member in cluster.members:
        if member.is_unlisted and member.resource is not None:
            peers = cluster.expectation.peers.get(member.resource.name, ())
            distinct.setdefault(frozenset((peer.address, peer.name_port, peer.peer_type) for peer in peers), peers)
    return list(distinct.values()) if len(distinct) <= _MOST_COMPARED else []


def _deviation(member: Member, expected: tuple[ExpectedPeer, ...]) -> Deviation:
    missing: list[ExpectedPeer] = []
    unexpected: list[Peer] = []
    mistyped: list[tuple[ExpectedPeer, Peer]] = []
    comparable: list[ExpectedPeer] = []
    for family in Family:
        table = member.table(family)
        if table not in {Table.WHOLE, Table.PART}:
            continue
        rows = [row for row in member.rows(family) if row.peer_type is not PeerType.LOCAL_WORKLOAD]
        of_family = [peer for peer in expected if peer.family is family]
        comparable += of_family
        lacks, extra, other = _compare(of_family, rows)
        # A masked row may be any of those that seem to be missing.
        if table is Table.WHOLE and all(row.address is not None for row in rows):
            missing += lacks
        unexpected += extra
        mistyped += other
    status = member.reading.status if member.reading is not None else None
    return Deviation(
        node=member.name,
        missing=tuple(missing),
        unexpected=tuple(unexpected),
        mistyped=tuple(mistyped),
        sees_disabled=status is not None and status.origin == "birdc",
        expected=len(comparable),
        groups_gone=_groups_gone(comparable, missing),
    )


def _compare(
    expected: list[ExpectedPeer], rows: list[Peer]
) -> tuple[list[ExpectedPeer], list[Peer], list[tuple[ExpectedPeer, Peer]]]:
    """What is missing, what is too much, and what has another type, in one family."""
    # As dicts: Counters are compared element by element in Python.
    asked = dict(Counter((peer.address, peer.name_port, peer.peer_type) for peer in expected))
    if asked == dict(Counter((row.address, row.port, row.peer_type) for row in rows)):
        return [], [], []  # most tables, by far
    rows_at: dict[tuple[Address, int | None], list[Peer]] = defaultdict(list)
    for row in rows:
        if row.address is not None:
            rows_at[row.address, row.port].append(row)
    open_: list[ExpectedPeer] = []
    for peer in expected:
        here = rows_at.get((peer.address, peer.name_port), [])
        matching = next((row for row in here if row.peer_type == peer.peer_type), None)
        # A type in words that we do not know is no other type.
        matching = matching or next((row for row in here if not isinstance(row.peer_type, PeerType)), None)
        if matching is None:
            open_.append(peer)
        else:
            here.remove(matching)
    missing: list[ExpectedPeer] = []
    mistyped: list[tuple[ExpectedPeer, Peer]] = []
    for peer in open_:
        here = rows_at.get((peer.address, peer.name_port), [])
        if here:
            mistyped.append((peer, here.pop(0)))
        else:
            missing.append(peer)
    return missing, [row for here in rows_at.values() for row in here], mistyped


def _groups_gone(expected: list[ExpectedPeer], missing: list[ExpectedPeer]) -> bool:
    """Whether some resource asks for two or more peers in one family and all of them are missing."""
    numbers_expected: dict[tuple[Because, Family], int] = defaultdict(int)
    for peer in expected:
        for because in peer.because:
            numbers_expected[because, peer.family] += 1
    numbers_missing: dict[tuple[Because, Family], int] = defaultdict(int)
    for peer in missing:
        for because in peer.because:
            numbers_missing[because, peer.family] += 1
    return any(number >= 2 and number == numbers_expected[because] for because, number in numbers_missing.items())


def _keys(cluster: Cluster, member: Member, deviation: Deviation) -> Iterator[SessionKey]:
    """The sessions that a node which is behind accounts for: those it lacks, and those it should not have."""
    for peer in deviation.missing:
        far = cluster.identity.owner.get(peer.address) or str(peer.address)
        yield SessionKey.between(peer.family, member.name, far)
    for row in deviation.unexpected:
        yield SessionKey.between(row.family, member.name, far_name(row, cluster.identity))
