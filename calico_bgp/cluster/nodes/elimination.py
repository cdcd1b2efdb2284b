"""Whose the addresses are that nobody claims: an address is a node's where no other node is left for it.

And where both ends of a session say what fits no other pair (pairing.py). Never a guess.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from functools import partial

from calico_bgp.cluster.nodes.apart import groups_apart
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.nodes.own_lists import is_up, lists_another, may_have, reflected_unlisted, tells
from calico_bgp.cluster.nodes.pairing import paired
from calico_bgp.model.peer import Address, Family, Peer, PeerType, family_of

_ELIMINATED = "elimination: no other node is left for it"
_DOWN_ALIKE = "its sessions are down at both ends, and no other node is left for it"
_PAIRED = "what both ends say of their session: it fits no other node"

#: What those hear whose connections are taken, and closed because nobody knows them; or who dial such a host.
_CLOSED = frozenset({"Connection closed", "Connection reset by peer"})
_TURNED_AWAY = _CLOSED | {"Connection refused"}
#: Tables that cannot show what their node peers with.
_SILENT = frozenset({Table.UNKNOWN, Table.NOT_RUNNING, Table.UNREACHABLE})


def by_elimination(
    family: Family,
    everyone: tuple[Member, ...],
    candidates: set[Address],
    in_tables: AbstractSet[Address],
    owner: dict[Address, str],
    *,
    whole: bool,
) -> tuple[dict[Address, tuple[str, str]], list[Member]]:
    """Whose the addresses of a family are that nobody claims.

    Args:
        family: The family.
        everyone: All members.
        candidates: The addresses.
        in_tables: All that stand in somebody's table.
        owner: Address → member, as claims tell it.
        whole: As `identify` has it.

    Returns:
        Address → its member and how we know; and the members that may have one and were not placed.
    """
    placed = {name for address, name in owner.items() if family_of(address) is family}
    unlisted_all = reflected_unlisted(everyone, family, in_tables)
    waiting = [
        m
        for m in everyone
        if m.name not in placed
        and (not tells(m, family, in_tables, owner) or (unlisted_all and m.resource is None and is_up(m, family)))
        and may_have(m, family)
    ]
    eliminated = _eliminate(family, everyone, waiting, candidates, owner, whole=whole)
    by_name = {member.name: member for member in everyone}
    if any(lists_another(by_name[name], address) for address, (name, _) in eliminated.items()):
        # Hosts here do not list the addresses that the others dial: no host's list says that it has none of them.
        placed |= {name for name, _ in eliminated.values()}
        waiting += [
            m
            for m in everyone
            if m not in waiting and m.name not in placed and m.resource is None and may_have(m, family)
        ]
        eliminated = _eliminate(family, everyone, waiting, candidates, owner, whole=whole)
    names = {name for name, _ in eliminated.values()}
    return eliminated, [member for member in waiting if member.name not in names]


def _eliminate(
    family: Family,
    everyone: tuple[Member, ...],
    waiting: list[Member],
    candidates: set[Address],
    known_owner: dict[Address, str],
    *,
    whole: bool,
) -> dict[Address, tuple[str, str]]:
    """Place waiting members on the addresses that are left, as far as only one is possible; with how we know."""
    owner = dict(known_owner)
    by_name = {member.name: member for member in everyone}
    eliminated: dict[Address, tuple[str, str]] = {}
    waiting = list(waiting)
    candidates = set(candidates)
    # Where tables show nothing of each other, a node has no address that stands in those of another group alone.
    apart = [group for group in groups_apart(everyone, owner) if len(group.names) > 1]
    addresses_of = {name: group.addresses for group in apart for name in group.names}
    of_no_group = candidates.difference(*(group.addresses for group in apart))
    answering = {row.address for member in everyone for row in member.rows(family) if _says(row, _TURNED_AWAY)}
    while True:
        placed: dict[Address, list[Member]] = defaultdict(list)
        up = [member for member in waiting if _is_up_with(member, family, owner, by_name)]
        alike = [
            (_possible(members[0], family, candidates, owner, by_name), members) for members in _by_rows(up, family)
        ]
        possible = {member.name: addresses for addresses, members in alike for member in members}
        left = candidates - _taken(alike)
        for member in waiting:
            # Who is turned away may come from another address than the one that is expected, and silent.
            able = candidates if _hears(member, family, _CLOSED) and not left <= answering else left
            able = able & addresses_of.get(member.name, of_no_group)
            if member.name not in possible and not _has_many(member, family, able):
                possible[member.name] = _possible(member, family, able, owner, by_name)
            if len(own := possible.get(member.name, set())) == 1:
                placed[min(own)].append(member)
        progress, why = {address: names[0] for address, names in placed.items() if len(names) == 1}, _ELIMINATED
        if not progress:
            possible_of = partial(_possible, family=family, candidates=candidates, owner=owner, by_name=by_name)
            progress, why = paired(family, everyone, waiting, candidates, owner=owner, possible=possible_of), _PAIRED
        if not progress and whole and len(waiting) == len(candidates):
            # As many addresses as nodes, each of which has one.
            down = {member.name: _down_alike(member, family, candidates, owner, by_name) for member in waiting}
            progress, why = _only_ones(waiting, down), _DOWN_ALIKE
        if not progress:
            break
        for address, member in progress.items():
            owner[address], eliminated[address] = member.name, (member.name, why)
            candidates.discard(address)
            waiting.remove(member)
    if whole:
        eliminated |= _of_the_silent_one(family, everyone, waiting, candidates, owner)
    return eliminated


def _of_the_silent_one(
    family: Family,
    everyone: tuple[Member, ...],
    waiting: list[Member],
    candidates: set[Address],
    owner: dict[Address, str],
) -> dict[Address, tuple[str, str]]:
    """The address that is left for the one waiting member whose table shows nothing."""
    by_name = {member.name: member for member in everyone}
    silent = [member for member in waiting if member.table(family) in _SILENT]
    if len(silent) != 1:
        return {}
    if len(waiting) == 1:
        left = _left_for_a_silent_node(family, everyone, candidates, owner)
    else:
        others = [member for member in waiting if member is not silent[0]]
        down = candidates - {row.address for member in everyone for row in member.rows(family) if row.is_established}
        # As many addresses as nodes, each of which has one: what none of the others can have is left for it.
        each_has_one = len(candidates) == len(waiting) and all(member.rows(family) for member in others)
        taken = (_possible(member, family, down, owner, by_name) for member in others)
        left = list(down.difference(*taken)) if each_has_one else []
    return {left[0]: (silent[0].name, _ELIMINATED)} if len(left) == 1 else {}


def _by_rows(members: Iterable[Member], family: Family) -> Collection[list[Member]]:
    """The members whose tables are alike: what is possible for one of thousands of clients is so for all of them."""
    alike: defaultdict[frozenset[tuple[Address | None, bool]], list[Member]] = defaultdict(list)
    for member in members:
        alike[frozenset((row.address, row.is_established) for row in member.rows(family))].append(member)
    return alike.values()


def _taken(possible: Iterable[tuple[set[Address], list[Member]]]) -> set[Address]:
    """The addresses of which as many nodes have one as there are: no other node can have them.

    Args:
        possible: Addresses, and the nodes of which each has one of them for certain.
    """
    nodes: Counter[frozenset[Address]] = Counter()
    for addresses, members in possible:
        nodes[frozenset(addresses)] += len(members)
    return set().union(*(addresses for addresses, number in nodes.items() if number == len(addresses)))


def _is_up_with(member: Member, family: Family, owner: dict[Address, str], by_name: dict[str, Member]) -> bool:
    """Whether it is up with a known node whose table is whole: its address stands there."""
    fars = (owner.get(row.address) for row in member.rows(family) if row.is_established and row.address is not None)
    return any(far in by_name and by_name[far].table(family) is Table.WHOLE for far in fars if far is not None)


def _hears(member: Member, family: Family, messages: frozenset[str]) -> bool:
    return any(_says(row, messages) for row in member.rows(family))


def _says(row: Peer, messages: frozenset[str]) -> bool:
    return row.error is not None and row.error.message in messages


def _down_alike(
    member: Member, family: Family, candidates: set[Address], owner: dict[Address, str], by_name: dict[str, Member]
) -> set[Address]:
    """The addresses that known nodes show as down as the member shows these: of each such node, and two at least.

    Nothing where one turns the member away, as it does who does not know it: then its address need not be there.
    """
    down: list[set[Address]] = []
    for row in member.rows(family):
        far = by_name.get(owner.get(row.address, "")) if row.address is not None else None
        if far is None or row.is_established or far.table(family) is not Table.WHOLE:
            return set()
        if _says(row, _TURNED_AWAY):
            return set()
        down.append(
            {a for other in far.rows(family) if not other.is_established and (a := other.address) in candidates}
        )
    return set.intersection(*down) if len(down) > 1 else set()


def _only_ones(waiting: list[Member], options: dict[str, set[Address]]) -> dict[Address, Member]:
    """The addresses that are the only option of a member and of no other's."""
    return {
        address: member
        for member in waiting
        if len(options[member.name]) == 1
        for address in options[member.name]
        if not any(address in addresses for name, addresses in options.items() if name != member.name)
    }


def _left_for_a_silent_node(
    family: Family, everyone: tuple[Member, ...], candidates: set[Address], owner: dict[Address, str]
) -> list[Address]:
    """The addresses that may belong to the one unplaced node, which shows nothing."""
    rows = [row for member in everyone for row in member.rows(family)]
    if not any(row.peer_type is PeerType.MESH for row in rows):
        up = {row.address for row in rows if row.is_established}
        return [address for address in candidates if len(candidates) == 1 and address not in up]
    explicit = {row.address for row in rows if row.peer_type is not PeerType.MESH}
    if len(candidates) > 1 and explicit & owner.keys():
        return []  # some nodes have explicit peers among each other, and so may this one
    # A top-of-rack switch is an explicit peer; a node of a mesh is not.
    return [address for address in candidates if address not in explicit]


def _has_many(member: Member, family: Family, candidates: set[Address]) -> bool:
    """Whether it is seen without a look at each candidate that several are left to it: its rows are too few."""
    return len(candidates) > len(member.rows(family)) + 1


def _possible(
    member: Member, family: Family, candidates: set[Address], owner: dict[Address, str], by_name: dict[str, Member]
) -> set[Address]:
    """The addresses that can be this member's: not in its table, and shown by every known node it is up with."""
    rows = member.rows(family)
    if not rows:
        return set()
    possible = candidates - {row.address for row in rows}
    for row in rows:
        far = by_name.get(owner.get(row.address, "")) if row.address is not None else None
        if row.is_established and far is not None and far.table(family) is Table.WHOLE:
            possible &= {other.address for other in far.rows(family) if other.is_established}
    return possible
