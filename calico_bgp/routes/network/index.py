"""The sessions of a network by node: what one node has, and what some nodes have among themselves. No rule in here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from calico_bgp.model.peer import Address
from calico_bgp.routes.network.classes.sessions import ClassSessions, SettingsPair, class_numbers
from calico_bgp.routes.network.holding.held import OwnKinds
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, ExternalSession, SessionEnd, Speaker

#: The sessions with a neighbour as they look from one end: (this end's settings, the far end's).
SessionsWith: TypeAlias = frozenset[SettingsPair]


class SessionIndex(ABC):
    """One set of sessions by node.

    Attributes:
        units: Nodes that are known to have the same sessions, each unit as one; a node of which nothing is known alone.
            Perhaps empty.
        router_ids: Node → its router ID, or a stand-in that equals no other.
        monotone: Whether every session has add-paths, so that more sessions never mean fewer routes.
        externals: Node → its sessions with unknowns.
        blocks: Node → the kinds of its blocks.
        unit_of: Node → the number of its unit.
    """

    unit_of: Mapping[str, int]
    units: tuple[tuple[str, ...], ...]
    monotone: bool

    def __init__(self, speakers: Collection[Speaker], externals: Iterable[ExternalSession]) -> None:
        self.router_ids: Mapping[str, object] = {s.name: s.router_id or ("router", s.name) for s in speakers}
        self.blocks: Mapping[str, OwnKinds] = {s.name: s.blocks for s in speakers}
        self.externals: dict[str, list[ExternalSession]] = {}
        for session in externals:
            if session.near.node in self.router_ids:
                self.externals.setdefault(session.near.node, []).append(session)

    @abstractmethod
    def neighbours(self, unit: int) -> dict[int, SessionsWith]:
        """Number of a unit → the sessions that a node of this unit has with each of its nodes, but itself."""

    @abstractmethod
    def addresses(self, name: str) -> set[Address]:
        """The addresses that a node has on its sessions, as far as they are known."""

    @abstractmethod
    def among(self, nodes: Collection[str]) -> Iterator[tuple[SessionEnd, SessionEnd]]:
        """The sessions among some nodes, each once, in the order of the nodes."""

    def end_settings(self, name: str) -> set[EndSettings]:
        """How the sessions of a node are configured at its end, also those with unknowns."""
        settings = {near for pairs in self.neighbours(self.unit_of[name]).values() for near, _ in pairs}
        return settings | {session.near.settings for session in self.externals.get(name, ())}


class SingleSessionIndex(SessionIndex):
    """Of sessions that were made one by one. Those with a stranger are left out.

    Args:
        speakers: All nodes.
        sessions: All sessions.
        externals: Sessions with unknowns.
    """

    def __init__(
        self, speakers: Collection[Speaker], sessions: Iterable[BGPSession], externals: Iterable[ExternalSession] = ()
    ) -> None:
        super().__init__(speakers, externals)
        self.units = tuple((name,) for name in sorted(self.router_ids))
        self.unit_of = {name: number for number, (name,) in enumerate(self.units)}
        self._by_node: dict[str, list[tuple[int, SessionEnd, SessionEnd]]] = {name: [] for name in self.router_ids}
        self.monotone = True
        for number, (a, b) in enumerate(sessions):
            if a.node in self._by_node and b.node in self._by_node and a.node != b.node:
                self._by_node[a.node].append((number, a, b))
                self._by_node[b.node].append((number, b, a))
                self.monotone = self.monotone and a.settings.add_paths and b.settings.add_paths

    def neighbours(self, unit: int) -> dict[int, SessionsWith]:
        """As above."""
        sessions_with: dict[int, SessionsWith] = {}
        for _, near, far in self._by_node[self.units[unit][0]]:
            number, pair = self.unit_of[far.node], (near.settings, far.settings)
            sessions_with[number] = sessions_with[number] | {pair} if number in sessions_with else frozenset((pair,))
        return sessions_with

    def addresses(self, name: str) -> set[Address]:
        """As above."""
        return {near.address for _, near, _ in self._by_node[name] if near.address is not None}

    def among(self, nodes: Collection[str]) -> Iterator[tuple[SessionEnd, SessionEnd]]:
        """As above."""
        node_set = frozenset(nodes)
        passed: set[int] = set()
        for name in nodes:
            for number, near, far in self._by_node[name]:
                if far.node in node_set and number not in passed:
                    passed.add(number)
                    yield near, far


class ClassSessionIndex(SessionIndex):
    """Of sessions between classes of nodes, whose nodes are units.

    Args:
        speakers: All nodes; those of no class have no session.
        sessions: All sessions.
        externals: Sessions with unknowns.
    """

    def __init__(
        self, speakers: Collection[Speaker], sessions: ClassSessions, externals: Iterable[ExternalSession] = ()
    ) -> None:
        super().__init__(speakers, externals)
        strangers = {name for names in sessions.classes for name in names if name not in self.router_ids}
        self._sessions = sessions.without(strangers) if strangers else sessions
        others = sorted(name for name in self.router_ids if sessions.class_of(name) is None)
        self.units = (*self._sessions.classes, *((name,) for name in others))
        self.unit_of = class_numbers(self.units)
        ends = (end for block in self._sessions.blocks() for end in (block.a_settings, block.b_settings))
        self.monotone = all(settings.add_paths for settings in ends)
        self._has_session = [
            any(len(self.units[far]) > (far == unit) for far in self._sessions.neighbours.get(unit, ()))
            for unit in range(len(self.units))
        ]

    def neighbours(self, unit: int) -> dict[int, SessionsWith]:
        """As above."""
        sessions_with: dict[int, SessionsWith] = {}
        for far in self._sessions.neighbours.get(unit, ()):
            if len(self.units[far]) > (far == unit):
                ends = self._sessions.settings[min(unit, far), max(unit, far)]
                sessions_with[far] = frozenset(ends if unit <= far else ((b, a) for a, b in ends))
        return sessions_with

    def addresses(self, name: str) -> set[Address]:
        """As above."""
        address = self._sessions.address(name)
        return {address} if self._has_session[self.unit_of[name]] and address is not None else set()

    def among(self, nodes: Collection[str]) -> Iterator[tuple[SessionEnd, SessionEnd]]:
        """As above; the neighbours of each in the order of their names."""
        sessions = self._sessions
        waiting: dict[int, list[str]] = defaultdict(list)
        for name in nodes:
            number = sessions.class_of(name)
            if number is not None:
                waiting[number].append(name)
        for name in nodes:
            number = sessions.class_of(name)
            if number is None:
                continue
            waiting[number].remove(name)
            for far in sorted(far for other in sessions.neighbours.get(number, ()) for far in waiting[other]):
                yield from sessions.between(name, far)


def indexes_of(
    speakers: Collection[Speaker],
    sets: Sequence[Sequence[BGPSession]],
    externals: Collection[ExternalSession],
    apart: Collection[str] = (),
) -> tuple[SessionIndex, ...]:
    """An index per set of sessions, all with the same units.

    Args:
        speakers: All nodes.
        sets: What is certain, and what is possible where that is not the same.
        externals: Sessions with unknowns.
        apart: Nodes that are units of their own.
    """
    classes = [sessions for sessions in sets if isinstance(sessions, ClassSessions)]
    if len(classes) == len(sets) and len({sessions.classes for sessions in classes}) == 1:
        return tuple(ClassSessionIndex(speakers, sessions.apart(apart), externals) for sessions in classes)
    return tuple(SingleSessionIndex(speakers, sessions, externals) for sessions in sets)
