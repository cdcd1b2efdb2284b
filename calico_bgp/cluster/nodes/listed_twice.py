"""Lines of the inventory that are one machine: read twice under two names, or named by an address of one that was read.

A machine is known by the name that it gives itself and by all its addresses; two machines share the one or the other by
mistake, hardly both. Where one of these is not known, it is known by its sessions: who peers with a name or an address
has one session with it (RFC 4271, 6.8), so that two machines never have the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Address
from calico_bgp.parse.addresses import read_address


def one_machine(members: Sequence[Member]) -> tuple[list[Member], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Leave one member of each machine.

    Returns:
        The members that are left, and of each that stood for others: its name, and all its lines of the inventory.
    """
    lines: dict[int, list[str]] = {}
    machines: list[Member] = []
    place_of: dict[object, int] = {}
    for member in members:
        known_by = _known_by(member)
        places = (place_of[key] for key in known_by if key in place_of)
        place = next((place for place in places if _may_be_one(machines[place], member)), None)
        if place is None:
            place_of |= dict.fromkeys(known_by, len(machines))
            lines[len(machines)] = [member.label]
            machines.append(member)
        else:
            lines[place].append(member.label)
            machines[place] = _with_role(machines[place], member)
    owners: dict[Address, set[int]] = defaultdict(set)
    for place, member in enumerate(machines):
        for address in member.reading.addresses if member.reading is not None and member.host is not None else ():
            owners[address].add(place)
    remaining: list[Member] = []
    for member in machines:
        alone = _only_an_address(member)
        owner = owners.get(alone, set()) if alone is not None else set()
        if len(owner) == 1:
            lines[next(iter(owner))].append(member.label)
        else:
            remaining.append(member)
    twice = sorted((machines[place].name, tuple(sorted(names))) for place, names in lines.items() if len(names) > 1)
    return remaining, tuple(twice)


def one_host_of_each_node(members: Sequence[Member]) -> tuple[list[Member], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Of several hosts that are taken for one Node, leave it to those that were read; where none was, to one of them.

    Another one is a line for the same machine where the inventory names it by an address of the Node, unless the
    machine that was read says that it lacks the address. With a name alone it may be any machine, which was not read.

    Returns:
        As `one_machine`.
    """
    by_node: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        if member.resource is not None:
            by_node[member.resource.name].append(member)
    remaining: list[Member] = []
    lines: dict[str, list[str]] = defaultdict(list)
    for member in members:
        hosts = by_node[member.resource.name] if member.resource is not None else [member]
        holders = [host for host in hosts if host.reading is not None] or sorted(hosts, key=_is_named_by_address)[:1]
        if any(holder is member for holder in holders):
            remaining.append(member)
        elif _is_named_by_address(member) and not any(holder.own_addresses for holder in holders):
            lines[holders[0].name] += [] if lines[holders[0].name] else [holders[0].label]
            lines[holders[0].name].append(member.label)
        else:
            remaining.append(replace(member, resource=None))
    return remaining, tuple(sorted((name, tuple(sorted(labels))) for name, labels in lines.items()))


def _is_named_by_address(member: Member) -> bool:
    """Whether the inventory names a host that was not read by an address of its Node."""
    return member.resource is not None and _only_an_address(member) in member.resource.addresses


def _known_by(member: Member) -> list[object]:
    """What no other machine has; nothing where the machine did not say it, or was pasted."""
    reading = member.reading
    if member.host is None or reading is None:
        return []
    sessions = frozenset((peer.family, peer.address, peer.since) for peer in reading.peers if peer.is_established)
    addresses = frozenset(reading.addresses)
    found: list[object] = [(reading.node, addresses)] if reading.node and addresses else []
    if sessions:
        found += [(known, sessions) for known in (reading.node, addresses) if known]
    return found


def _may_be_one(one: Member, other: Member) -> bool:
    """Whether nothing that both say differs."""
    assert one.reading is not None
    assert other.reading is not None
    pairs = (
        (one.reading.node, other.reading.node),
        (frozenset(one.reading.addresses), frozenset(other.reading.addresses)),
    )
    return all(a == b or not a or not b for a, b in pairs)


def _only_an_address(member: Member) -> Address | None:
    """The address by which the inventory names a host that could not be read."""
    if member.host is None or member.failure is None:
        return None
    return read_address(member.host.name)


def _with_role(one: Member, other: Member) -> Member:
    """The first, as a reflector where either line says so."""
    if one.host is None or other.host is None or other.host.role is not Role.REFLECTOR:
        return one
    return replace(one, host=replace(one.host, role=Role.REFLECTOR))
