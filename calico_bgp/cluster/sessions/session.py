"""Both ends of every peering joined into one session per pair and family. What its state means is audit's to say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from calico_bgp.cluster.nodes.identity import Identity
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.model.peer import Family, Peer, PeerType, family_of


class SessionKey(NamedTuple):
    """A session's name: the family and its two ends in order. An end that is no member is called by its address."""

    family: Family
    a: str
    b: str

    @classmethod
    def between(cls, family: Family, one: str, other: str) -> SessionKey:
        """The key with its ends in order."""
        return cls(family, one, other) if one <= other else cls(family, other, one)

    def far(self, name: str) -> str:
        """The end that is not `name`."""
        return self.b if name == self.a else self.a


def by_end(keys: Iterable[SessionKey]) -> dict[str, frozenset[SessionKey]]:
    """End → those of the sessions that it takes part in."""
    keys_of: dict[str, set[SessionKey]] = defaultdict(set)
    for key in keys:
        keys_of[key.a].add(key)
        keys_of[key.b].add(key)
    return {name: frozenset(own_keys) for name, own_keys in keys_of.items()}


def connected_groups(keys: Iterable[SessionKey]) -> list[tuple[frozenset[str], frozenset[SessionKey]]]:
    """Groups of sessions that share ends, directly or by others: the ends of each and its sessions, in their order."""
    group_of: dict[str, tuple[set[str], set[SessionKey]]] = {}
    for key in keys:
        one, other = (group_of.setdefault(end, ({end}, set())) for end in (key.a, key.b))
        if one is not other:
            # The smaller one joins the larger one, so that no end is moved often.
            one, other = sorted((one, other), key=lambda group: len(group[0]) + len(group[1]))
            for end in one[0]:
                group_of[end] = other
            other[0].update(one[0])
            other[1].update(one[1])
        other[1].add(key)
    groups = {id(group): group for group in group_of.values()}.values()
    frozen = ((frozenset(ends), frozenset(sessions)) for ends, sessions in groups)
    return sorted(frozen, key=lambda group: min(group[1]))


class End(NamedTuple):
    """One end of a session. A tuple, as is a Session: a mesh of 1,000 nodes has a million of them.

    Attributes:
        name: The member's name, or the address of an end that is no member.
        rows: Its rows for the other end; more than one is a duplicate.
        table: What its table can prove.
        is_up: Whether a row is Established; None when the end shows nothing about the session.
        tells_why: Whether a row that has no error means that BIRD has none: a CalicoNodeStatus leaves errors out.
    """

    name: str
    rows: tuple[Peer, ...]
    table: Table
    is_up: bool | None
    tells_why: bool = True

    @property
    def lacks_row(self) -> bool:
        """Whether the end provably shows no row for the other end."""
        return not self.rows and self.table is Table.WHOLE


class Session(NamedTuple):
    """Two ends that peer, or should.

    Attributes:
        key: Its name.
        a: The end that the key calls `a`.
        b: The other.
        is_up: Established at every end that shows it, and shown by at least one.
    """

    key: SessionKey
    a: End
    b: End
    is_up: bool

    @property
    def ends(self) -> tuple[End, End]:
        """Both ends, in the order of the key."""
        return self.a, self.b

    @property
    def rows(self) -> tuple[Peer, ...]:
        """What both ends show of it."""
        return (*self.a.rows, *self.b.rows)

    @property
    def peer_types(self) -> set[PeerType | str]:
        """The types that its rows have."""
        return {row.peer_type for row in self.rows}

    def end(self, name: str) -> End:
        """The end called `name`."""
        return self.a if name == self.key.a else self.b

    @property
    def has_one_router_id(self) -> bool:
        """Whether an end refuses the other as both have one router ID (RFC 4271, section 6.2)."""
        for end in self.ends:
            for row in end.rows:
                if row.error is not None and row.error.message == "Bad BGP identifier":
                    return True
        return False

    @property
    def is_unseen(self) -> bool:
        """Neither end shows a row, and at least one end could not be looked at: nothing is known."""
        return not self.rows and not (self.a.lacks_row or self.b.lacks_row)


def join_sessions(members: Iterable[Member], identity: Identity) -> dict[SessionKey, Session]:
    """One session per pair that at least one end shows, in order. Rows for a node's own address are left out."""
    by_name = {member.name: member for member in members}
    rows: dict[SessionKey, dict[str, list[Peer]]] = defaultdict(dict)
    for member in by_name.values():
        for row in member.reading.peers if member.reading else ():
            if row.peer_type is PeerType.LOCAL_WORKLOAD:
                continue  # a pod on the node itself: calicoctl never shows it, and no node's routes depend on it
            far = far_name(row, identity)
            if far != member.name:
                rows[SessionKey.between(row.family, member.name, far)].setdefault(member.name, []).append(row)
    return {key: make_session(key, rows[key], by_name, identity) for key in sorted(rows)}


def make_session(
    key: SessionKey, rows: dict[str, list[Peer]], by_name: dict[str, Member], identity: Identity
) -> Session:
    """A session from the rows of its ends, either of which may have none."""
    a, b = _end(key, key.a, rows, by_name, identity), _end(key, key.b, rows, by_name, identity)
    is_up = bool(a.is_up and b.is_up) if a.rows and b.rows else bool(a.is_up or b.is_up)
    return Session(key, a, b, is_up)


def _end(
    key: SessionKey, name: str, rows: dict[str, list[Peer]], by_name: dict[str, Member], identity: Identity
) -> End:
    member = by_name.get(name)
    own_rows = tuple(rows.get(name, ()))
    is_up = _all_addresses_up(own_rows) if own_rows else None
    if member is None:
        return End(name, own_rows, Table.UNKNOWN, is_up)
    table = member.table(key.family)
    if not own_rows and table is Table.WHOLE and _may_be_hidden(key.far(name), member, key.family, identity):
        table = Table.PART
    tells_why = member.reading is None or member.reading.status.origin != "calico-node-status"
    return End(name, own_rows, table, is_up, tells_why)


def _may_be_hidden(far: str, member: Member, family: Family, identity: Identity) -> bool:
    """Whether one of the rows may be the one for the far end all the same.

    It may be a masked one, or one with an address that may be the far end's, or that several nodes have.
    """
    possible = identity.possible[family] if far in identity.unplaced[family] else frozenset()
    if any(row.address is None or row.address in possible for row in member.rows(family)):
        return True
    return any(far in names and family_of(address) is family for address, names in identity.claimed_twice.items())


def _all_addresses_up(rows: tuple[Peer, ...]) -> bool:
    """Whether each address is up by one of its rows: of two for one, BIRD runs one. A masked row is its own."""
    if len(rows) == 1:
        return rows[0].is_established
    up: dict[object, bool] = {}
    for place, row in enumerate(rows):
        name = place if row.address is None else row.address
        up[name] = up.get(name, False) or row.is_established
    return all(up.values())


def far_name(row: Peer, identity: Identity) -> str:
    """Who the row is about: the owner of its address, else the address itself (or the text, where it is masked)."""
    if row.address is None:
        return row.address_text
    return identity.owner.get(row.address) or str(row.address)


def own_address_rows(member: Member, identity: Identity) -> tuple[Peer, ...]:
    """A member's rows for its own address: Calico never makes them (confd, bgp_processor.go)."""
    peers = member.reading.peers if member.reading else ()
    return tuple(row for row in peers if far_name(row, identity) == member.name)
