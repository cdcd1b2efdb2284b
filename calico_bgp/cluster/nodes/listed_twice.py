"""Lines of the inventory that are one machine: read twice under two names, or named by an address of one that was read.

A machine is known by the name that it gives itself and by all its addresses; two machines share the one or the other by
mistake, hardly both.
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
        place = place_of.get(_identity(member)) if _identity(member) is not None else None
        if place is None:
            place_of[_identity(member)] = len(machines)
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


def _identity(member: Member) -> tuple[str, frozenset[Address]] | None:
    """What no other machine has; None where the machine did not say it, or was pasted."""
    reading = member.reading
    if member.host is None or reading is None or reading.node is None or not reading.addresses:
        return None
    return reading.node, frozenset(reading.addresses)


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
