"""All nodes that a snapshot knows of, each with one name. Whose an address is comes later (identity.py)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from calico_bgp.cluster.nodes.known import with_known
from calico_bgp.cluster.nodes.listed_twice import one_host_of_each_node, one_machine
from calico_bgp.cluster.nodes.match import match_nodes
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.reading import GatherFailure, NodeReading
from calico_bgp.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Membership:
    """All members, sorted by name, and the readings that had to give way.

    Attributes:
        members: Sorted by name.
        superseded: Readings of a node that was read (pasted) again later; the later one counts.
        lost: Why pasted nodes were not reached that answered before, further up in the text; what they said counts.
        listed_twice: Member's name → all lines of the inventory that are this one machine, where these are several.
    """

    members: tuple[Member, ...]
    superseded: tuple[NodeReading, ...] = ()
    listed_twice: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lost: tuple[GatherFailure, ...] = ()


def members_of(snapshot: Snapshot) -> Membership:
    """Join inventory, readings and failures into members with unique names.

    Two *hosts* with one node name stay two members, called `node (host)`: they are two machines, unless they have the
    same addresses as well, which are then one machine that the inventory lists twice. Two *pasted* texts with one node
    name, or with one name with and without its domain, are one node seen twice, and the later text counts. With
    Calico's resources every one of their nodes is a member, read or not.
    """
    hosts = {host.label: host for host in snapshot.hosts}
    raw: list[Member] = []
    superseded: list[NodeReading] = []
    pasted: dict[str, list[int]] = {}
    for reading in snapshot.readings:
        host = hosts.get(reading.host)
        member = Member(reading.node or (host.node if host else None) or reading.host, host, reading)
        if not snapshot.hosts and reading.node is not None:
            alike = pasted.setdefault(_short_name(reading.node), [])
            earlier = next((place for place in alike if is_same_node(reading, _reading_of(raw[place]))), None)
            if earlier is not None:
                superseded.append(_reading_of(raw[earlier]))
                raw[earlier] = member
                continue
            alike.append(len(raw))
        raw.append(member)
    read = set() if snapshot.hosts else {reading.node for reading in snapshot.readings}
    lost = tuple(failure for failure in snapshot.failures if failure.node is not None and failure.node in read)
    for failure in snapshot.failures:
        if failure in lost:
            continue
        host = hosts.get(failure.host)
        raw.append(Member(failure.node or (host.node if host else None) or failure.host, host, failure=failure))
    met = {reading.host for reading in snapshot.readings} | {failure.host for failure in snapshot.failures}
    raw.extend(Member(host.node or host.label, host) for host in snapshot.hosts if host.label not in met)
    raw, twice = one_machine(with_known(raw, snapshot.known))
    if snapshot.resources is not None and snapshot.resources.tells_nodes:
        raw, of_nodes = one_host_of_each_node(match_nodes(raw, snapshot.resources))
        twice = tuple(sorted((*twice, *of_nodes)))
    return Membership(tuple(sorted(_unique(raw), key=lambda member: member.name)), tuple(superseded), twice, lost)


def _reading_of(member: Member) -> NodeReading:
    assert member.reading is not None
    return member.reading


def _short_name(name: str) -> str:
    """A name without its domain; an address has none."""
    first = name.partition(".")[0]
    return name if first.isdigit() else first


def is_same_node(one: NodeReading, other: NodeReading) -> bool:
    """Whether two pasted texts are of one node: of one name, or of one that once has its domain and the same peers.

    No two nodes of a mesh have the same peers, and of others no two whose names begin alike are likely to.
    """
    if one.node == other.node:
        return True
    short, whole = sorted((one.node or "", other.node or ""), key=len)
    if "." in short or not whole.startswith(f"{short}."):
        return False
    peers = [frozenset(peer.address_text for peer in reading.peers) for reading in (one, other)]
    return bool(peers[0]) and peers[0] == peers[1]


def _unique(members: list[Member]) -> list[Member]:
    count = Counter(member.name for member in members)
    return [
        member if count[member.name] == 1 else replace(member, name=f"{member.name} ({_host_of(member)})")
        for member in members
    ]


def _host_of(member: Member) -> str:
    source = member.reading or member.failure
    return source.host if source is not None else str(member.host and member.host.label)
