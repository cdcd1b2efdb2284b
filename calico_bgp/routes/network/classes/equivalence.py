"""Equivalent nodes: swap two of a class, and the network is the same but for their names.

Who learns whose routes is then one answer per pair of classes. 5,000 clients of the same reflectors are one class, and
so is a full mesh.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from calico_bgp.routes.network.holding.held import OwnKinds
from calico_bgp.routes.network.index import SessionIndex, SessionsWith, indexes_of
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import EndSettings

#: The sessions with a neighbour in each index that has any: (number of the index, sessions), in their order.
_Link: TypeAlias = tuple[tuple[int, SessionsWith], ...]
#: Number of a unit → the sessions with each of its nodes.
_Links: TypeAlias = dict[int, _Link]


class NodeTraits(NamedTuple):
    """What tells a node from others beside its sessions.

    Attributes:
        outside: The settings of its sessions with unknown neighbours.
        sharing: Its name, where another node has its router ID or an address of it, too.
        blocks: Which kinds of blocks it announces.
    """

    outside: frozenset[EndSettings]
    sharing: str | None
    blocks: OwnKinds


class Traits(NamedTuple):
    """What tells nodes from one another beside their sessions.

    Attributes:
        by_node: Node → what tells it from others.
        is_plain: Whether no node has an unknown neighbour, two addresses, or a router ID or address that another has,
            too.
    """

    by_node: Mapping[str, NodeTraits]
    is_plain: bool


def indexed(network: Network) -> tuple[tuple[SessionIndex, ...], Traits]:
    """The sessions of a network by node: what is certain, and what is possible where that is not the same."""
    sets = (network.sessions,) if network.possible is None else (network.sessions, network.possible)
    indexes = indexes_of(network.speakers, sets, network.externals)
    units = [unit for unit in indexes[0].units if len(unit) > 1]
    traits = traits_of(indexes)
    # Nodes of a class may differ in what the classes do not show: one alone may have lost its session with a switch.
    apart = {name for unit in units if len({traits.by_node[name] for name in unit}) > 1 for name in unit}
    return indexes_of(network.speakers, sets, network.externals, apart) if apart else indexes, traits


def equivalent_nodes(indexes: Sequence[SessionIndex], traits: Traits) -> tuple[tuple[str, ...], ...]:
    """Every node in one class, the classes sorted.

    Args:
        indexes: The sessions; with more than one (what is certain, what is possible) nodes are equivalent in all.
        traits: Those of the same sessions.
    """
    units = indexes[0].units
    links = {number: _links(number, indexes) for number, unit in enumerate(units) if unit}
    apart: dict[object, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        if unit:
            apart[frozenset(links[number].items()), traits.by_node[unit[0]]].append(number)
    classes: list[Sequence[int]] = []
    unjoined: list[int] = []
    for numbers in apart.values():
        is_joined = numbers[0] in links[numbers[0]]
        is_many = sum(len(units[number]) for number in numbers) > 1
        # A node is no neighbour of its equals here; those that peer with one another wait for the next step.
        if is_many and not is_joined:
            classes.append(numbers)
        else:
            unjoined += numbers
    unjoined.sort(key=lambda number: units[number])
    classes += _joined(unjoined, units, links, traits)
    return tuple(sorted(tuple(sorted(name for n in numbers for name in units[n])) for numbers in classes))


def _links(unit: int, indexes: Sequence[SessionIndex]) -> _Links:
    links: _Links = {}
    for number, index in enumerate(indexes):
        for far, sessions in index.neighbours(unit).items():
            links[far] = (*links.get(far, ()), (number, sessions))
    return links


def _joined(
    unjoined: Sequence[int], units: Sequence[tuple[str, ...]], links: Mapping[int, _Links], traits: Traits
) -> Iterator[Sequence[int]]:
    """Equivalent nodes that peer with one another: alike once each counts as its own neighbour."""
    groups: dict[object, list[int]] = defaultdict(list)
    for number in unjoined:
        own = links[number]
        for link in {own[number]} if number in own else dict.fromkeys(own.values()):
            if _is_symmetric(link):
                groups[frozenset({**own, number: link}.items()), traits.by_node[units[number][0]]].append(number)
    done: set[int] = set()
    for group in groups.values():
        # No two of these share a unit: if x is like y by one kind of session and like z by another, what y and z have
        # with one another would have to be of both kinds.
        if len(group) > 1:
            yield group
            done.update(group)
    for number in unjoined:
        if number not in done:
            yield (number,)


def _is_symmetric(link: _Link) -> bool:
    """Whether the sessions look the same from both ends."""
    return all(sessions == {(far, near) for near, far in sessions} for _, sessions in link)


def traits_of(indexes: Collection[SessionIndex]) -> Traits:
    """What else tells a node from others: its unknown neighbours; a router ID or address that it shares; its blocks.

    All unknowns are one to us, so only the settings of the near end count. Router IDs and addresses of one's own are no
    difference: the rules only ask whether two are equal.
    """
    first = next(iter(indexes))
    names = first.router_ids
    outside: dict[str, set[EndSettings]] = {
        name: {session.near.settings for session in sessions} for name, sessions in first.externals.items()
    }
    owners: dict[object, str] = {}
    sharing: set[str] = set()
    has_two_addresses = False
    for index in indexes:
        for name in names:
            addresses = index.addresses(name)
            has_two_addresses |= len(addresses) > 1
            for address in addresses:
                other = owners.setdefault(address, name)
                if other != name:
                    sharing |= {other, name}
    number_of = Counter(names.values())
    sharing |= {name for name, router_id in names.items() if number_of[router_id] > 1}
    by_node = {
        name: NodeTraits(frozenset(outside.get(name, ())), name if name in sharing else None, first.blocks[name])
        for name in names
    }
    return Traits(by_node, is_plain=not (outside or sharing or has_two_addresses))


def passes_on(name: str, indexes: Collection[SessionIndex]) -> bool:
    """Whether a node may pass on what it learned: rule (c) leaves nothing to one with plain iBGP sessions only."""
    ends = {settings for index in indexes for settings in index.end_settings(name)}
    kinds = {(settings.is_internal, settings.local_as, settings.client) for settings in ends}
    return len(kinds) > 1 or any(client or not internal for internal, _, client in kinds)
