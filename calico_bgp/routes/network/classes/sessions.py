"""Sessions between classes of equal nodes: a full mesh of 1,000 nodes is one class and one kind of session.

Sessions are only made one by one where somebody goes through them. How nodes come to be equal is not known here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, product
from typing import NamedTuple, TypeAlias, overload

from calico_bgp.model.peer import Address
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd

#: How both ends of a session are configured.
SettingsPair: TypeAlias = tuple[EndSettings, EndSettings]


def class_numbers(classes: Iterable[Iterable[str]]) -> dict[str, int]:
    """Node → the number of its class, from 0."""
    return {name: number for number, names in enumerate(classes) for name in names}


class SessionBlock(NamedTuple):
    """Every node of one side has a session with every node of the other; where both are one class, every two of it.

    Attributes:
        a: The nodes of one side, at least one.
        b: The nodes of the other side.
        a_settings: How the sessions are configured at one side.
        b_settings: And at the other.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    a_settings: EndSettings
    b_settings: EndSettings


class ClassSessions(Sequence[BGPSession]):
    """The sessions among nodes in classes. As a sequence: one by one, sorted by the names of their nodes.

    Attributes:
        classes: Every node in one class. A class may be empty.
        settings: Two numbers of classes, the lower one first → the settings of the sessions between any two of their
            nodes, in that order. Within one class all of them together must be the same from either end.
        neighbours: Number of a class → the numbers of the classes with which it has sessions, perhaps its own.
    """

    def __init__(
        self,
        classes: Iterable[tuple[str, ...]],
        addresses: Mapping[str, Address | None],
        settings: Mapping[tuple[int, int], tuple[SettingsPair, ...]],
    ) -> None:
        self.classes = tuple(classes)
        self.settings = {ends: pairs for ends, pairs in settings.items() if pairs}
        self._addresses = addresses
        self._class_of = class_numbers(self.classes)
        neighbours: dict[int, set[int]] = defaultdict(set)
        for one, other in self.settings:
            neighbours[one].add(other)
            neighbours[other].add(one)
        self.neighbours: Mapping[int, tuple[int, ...]] = {n: tuple(sorted(far)) for n, far in neighbours.items()}

    # As a sequence

    def __len__(self) -> int:
        return sum(len(pairs) * self.number_of_pairs(*ends) for ends, pairs in self.settings.items())

    def number_of_pairs(self, one: int, other: int) -> int:
        """How many pairs of a node of one class and another node of the other there are."""
        size = len(self.classes[one])
        return size * (size - 1) // 2 if one == other else size * len(self.classes[other])

    def __iter__(self) -> Iterator[BGPSession]:
        for near in sorted(self._class_of):
            classes = self.neighbours.get(self._class_of[near], ())
            for far in sorted(name for number in classes for name in self.classes[number] if name > near):
                for a, b in self.between(near, far):
                    yield BGPSession(a, b)

    @overload
    def __getitem__(self, index: int) -> BGPSession: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[BGPSession, ...]: ...

    def __getitem__(self, index: int | slice) -> BGPSession | tuple[BGPSession, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (tuple, ClassSessions)):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    # What is asked for without making every session

    def blocks(self) -> Iterator[SessionBlock]:
        """All sessions, those of a kind at once."""
        for (one, other), pairs in self.settings.items():
            if self.number_of_pairs(one, other):
                for a, b in pairs:
                    yield SessionBlock(self.classes[one], self.classes[other], a, b)

    def class_of(self, name: str) -> int | None:
        """The number of a node's class; None when it is no node of these sessions."""
        return self._class_of.get(name)

    def classes_of(self, names: Collection[str]) -> list[int]:
        """The numbers of the classes of some nodes, one a node."""
        return [self._class_of[name] for name in names]

    def address(self, name: str) -> Address | None:
        """A node's address, which it has on all of its sessions."""
        return self._addresses.get(name)

    def between(self, near: str, far: str) -> Iterator[tuple[SessionEnd, SessionEnd]]:
        """The ends of the sessions of two nodes, those of `near` first."""
        one, other = self._class_of.get(near), self._class_of.get(far)
        if one is None or other is None or near == far:
            return
        lower, higher = sorted(((one, near), (other, far)))
        for first, second in self.settings.get((lower[0], higher[0]), ()):
            a, b = (first, second) if near == lower[1] else (second, first)
            yield SessionEnd(near, self.address(near), a), SessionEnd(far, self.address(far), b)

    # Other sessions

    def with_settings(self, more: Mapping[tuple[int, int], tuple[SettingsPair, ...]]) -> ClassSessions:
        """These sessions and others between the same classes, keyed as `settings`."""
        settings = dict(self.settings)
        for ends, pairs in more.items():
            settings[ends] = (*settings.get(ends, ()), *pairs)
        return ClassSessions(self.classes, self._addresses, settings)

    def without(self, nodes: Collection[str], pairs: Collection[frozenset[str]] = ()) -> ClassSessions:
        """The sessions that are left without some nodes, and without those between the two nodes of each pair."""
        cut: dict[str, set[str]] = defaultdict(set)
        for pair in pairs:
            if len(pair) == 2:
                one, other = pair
                cut[one].add(other)
                cut[other].add(one)
        divided = self.divided(_cut_alike(cut))
        settings = {
            (one, other): settings_of_pairs
            for (one, other), settings_of_pairs in divided.settings.items()
            # Of two nodes of divided classes all sessions are cut, or none.
            if divided.number_of_pairs(one, other)
            and divided.classes[other][-1] not in cut.get(divided.classes[one][0], ())
        }
        classes = (tuple(name for name in names if name not in nodes) for names in divided.classes)
        return ClassSessions(classes, self._addresses, settings)

    def without_classes(self, ends: Collection[tuple[int, int]]) -> ClassSessions:
        """The sessions that are left without those between two classes each, called by their numbers."""
        settings = {numbers: pairs for numbers, pairs in self.settings.items() if numbers not in ends}
        return ClassSessions(self.classes, self._addresses, settings)

    def apart(self, names: Collection[str]) -> ClassSessions:
        """The same sessions with each of some nodes in a class of its own."""
        return self.divided({name: name for name in names})

    def divided(self, labels: Mapping[str, object]) -> ClassSessions:
        """The same sessions with each class divided by the labels of its nodes; those without one keep its number."""
        classes: list[tuple[str, ...]] = list(self.classes)
        parts: dict[int, list[int]] = {number: [number] for number in range(len(classes))}
        for number in sorted({self._class_of[name] for name in labels if name in self._class_of}):
            groups: dict[object, list[str]] = {}
            for name in sorted(self.classes[number], key=lambda name: name in labels):
                groups.setdefault(labels.get(name), []).append(name)
            first, *others = (tuple(group) for group in groups.values())
            classes[number] = first
            parts[number] += range(len(classes), len(classes) + len(others))
            classes += others
        settings: dict[tuple[int, int], tuple[SettingsPair, ...]] = {}
        for (one, other), pairs in self.settings.items():
            ends = product(parts[one], parts[other]) if one != other else combinations_with_replacement(parts[one], 2)
            for a, b in ends:
                _put(settings, a, b, pairs)
        return ClassSessions(classes, self._addresses, settings)


def _cut_alike(cut: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """Node → what nodes that are cut off from the same ones have in common, each counted as cut off from itself or not.

    Args:
        cut: Node → the nodes whose sessions with it are cut, and the other way round.
    """
    with_itself = {name: frozenset({name, *others}) for name, others in cut.items()}
    number_of = Counter(with_itself.values())
    # Nodes that are cut off from one another are alike by the one, the others by the other; no node is by both.
    return {
        name: with_itself[name] if number_of[with_itself[name]] > 1 else frozenset(others)
        for name, others in cut.items()
    }


def _put(
    settings: dict[tuple[int, int], tuple[SettingsPair, ...]], a: int, b: int, pairs: tuple[SettingsPair, ...]
) -> None:
    if a <= b:
        settings[a, b] = pairs
    else:
        settings[b, a] = tuple((second, first) for first, second in pairs)


def session_blocks(sessions: Iterable[BGPSession]) -> Iterator[SessionBlock]:
    """Sessions of any form in blocks, of two nodes each where no classes are known."""
    if isinstance(sessions, ClassSessions):
        yield from sessions.blocks()
        return
    for a, b in sessions:
        yield SessionBlock((a.node,), (b.node,), a.settings, b.settings)
