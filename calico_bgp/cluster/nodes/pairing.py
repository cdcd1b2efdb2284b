"""Addresses by the errors at both ends of a session: one end shows as received what the other end sent.

For addresses that elimination leaves open. Only where one assignment fits; two that fit leave the address open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.model.peer import Address, ErrorClass, Family, Peer, PeerType

#: A NOTIFICATION (RFC 4271, 6) is `BGP Error` where it was sent, `Received` where it came in, in the same words.
_ANSWERS: dict[ErrorClass | str, ErrorClass] = {
    ErrorClass.BGP: ErrorClass.RECEIVED,
    ErrorClass.RECEIVED: ErrorClass.BGP,
}
#: What the peers of a node show whose BIRD is gone while its host answers (BIRD 1.6, sysdep/unix/io.c).
_REFUSED = frozenset({"Connection refused", "Connection reset by peer"})
#: Of so many tables with such errors nobody's paste is made; the comparison is quadratic.
_MOST = 200

#: Waiting member → the addresses that its rows leave it.
Possible = Callable[[Member], set[Address]]


@dataclass(frozen=True, slots=True)
class _Table:
    """One member's rows, by their errors."""

    member: Member
    addresses: frozenset[Address]
    errors: dict[tuple[ErrorClass | str, str], frozenset[Address]]


def paired(
    family: Family,
    everyone: Collection[Member],
    waiting: Collection[Member],
    candidates: Collection[Address],
    *,
    owner: dict[Address, str],
    possible: Possible,
) -> dict[Address, Member]:
    """Find the addresses of waiting members by what both ends say.

    Args:
        family: Whose addresses.
        everyone: All members.
        waiting: Those of them whose address is not known.
        candidates: The addresses that are nobody's so far.
        owner: Address → name of the member, as far as known.
        possible: Member → the addresses that its rows leave it.
    """
    if not waiting:
        return {}
    by_notifications = _by_notifications(
        family, everyone, waiting, frozenset(candidates), owner=owner, possible=possible
    )
    return by_notifications or _by_refusals(family, everyone, waiting, frozenset(candidates), possible)


def _by_notifications(
    family: Family,
    everyone: Collection[Member],
    waiting: Collection[Member],
    candidates: frozenset[Address],
    *,
    owner: dict[Address, str],
    possible: Possible,
) -> dict[Address, Member]:
    complaining = [table for member in everyone if (table := _table(member, family)).errors]
    if not 1 < len(complaining) <= _MOST:
        return {}
    names = {member.name for member in waiting}
    options: dict[str, set[Address]] = {}
    for near in complaining:
        if near.member.name in names:
            # What a waiting far end may have; a known one has its own.
            answers = (
                _by_counterparts(
                    near, far, candidates - far.addresses if far.member.name in names else _own(far, owner)
                )
                for far in complaining
            )
            options[near.member.name] = set().union(*answers) & possible(near.member)
    return {
        address: near.member
        for near in complaining
        for address in options.get(near.member.name, ())
        if len(options[near.member.name]) == 1
        and not any(address in addresses for name, addresses in options.items() if name != near.member.name)
        and not _is_contradicted(near.member, address, family, everyone, owner)
    }


def _own(table: _Table, owner: dict[Address, str]) -> frozenset[Address]:
    return frozenset(address for address, name in owner.items() if name == table.member.name)


def _table(member: Member, family: Family) -> _Table:
    errors: dict[tuple[ErrorClass | str, str], set[Address]] = defaultdict(set)
    rows = [row for row in member.rows(family) if row.address is not None]
    for row in rows:
        if row.error is not None and row.error.error_class in _ANSWERS and not row.is_established:
            assert row.address is not None
            errors[row.error.error_class, row.error.message].add(row.address)
    addresses = frozenset(row.address for row in rows if row.address is not None)
    return _Table(member, addresses, {error: frozenset(fars) for error, fars in errors.items()})


def _by_counterparts(near: _Table, far: _Table, fars: frozenset[Address]) -> set[Address]:
    """The addresses that the near end may have: the far end shows the counterpart of the near end's error for them."""
    answering: set[Address] = set()
    for (kind, message), addresses in near.errors.items():
        if addresses & fars:
            answering |= far.errors.get((_ANSWERS[kind], message), frozenset()) - near.addresses
    return answering


def _is_contradicted(
    member: Member, address: Address, family: Family, everyone: Collection[Member], owner: dict[Address, str]
) -> bool:
    """Whether a known node sees the session with this address up and the member sees it down, or the other way."""
    row_of = {owner[row.address]: row for row in member.rows(family) if row.address in owner}
    return any(
        row.address == address and other.name in row_of and row.is_established is not row_of[other.name].is_established
        for other in everyone
        for row in other.rows(family)
    )


def _by_refusals(
    family: Family,
    everyone: Collection[Member],
    waiting: Collection[Member],
    candidates: frozenset[Address],
    possible: Possible,
) -> dict[Address, Member]:
    """The one node without BIRD is the one address of a mesh that refuses: its host answers, and nothing listens.

    Outside of a mesh it need not stand in anybody's table, and who refuses may be a router.
    """
    stopped = [member for member in waiting if member.table(family) is Table.NOT_RUNNING]
    rows: dict[Address, list[tuple[Member, Peer]]] = defaultdict(list)
    for member in everyone:
        for row in member.rows(family):
            if row.address in candidates:
                assert row.address is not None
                rows[row.address].append((member, row))
    able = [address for address, rows_about in rows.items() if all(_may_have_stopped(row) for _, row in rows_about)]
    if len(stopped) != 1 or len(able) != 1:
        return {}
    rows_about = rows[able[0]]
    is_meshed = all(row.peer_type is PeerType.MESH for _, row in rows_about)
    # A table that was cut may lack the row of the node that is looked for.
    is_sure = any(_refuses(row) and near.table(family) is Table.WHOLE for near, row in rows_about)
    if not is_meshed or not is_sure or any(able[0] in possible(member) for member in waiting):
        return {}
    return {able[0]: stopped[0]}


def _refuses(row: Peer) -> bool:
    return row.error is not None and row.error.error_class == ErrorClass.SOCKET and row.error.message in _REFUSED


def _may_have_stopped(row: Peer) -> bool:
    """Whether the row may be about a node whose BIRD does not run: down, and no error that says otherwise."""
    return not row.is_established and (row.error is None or _refuses(row))
