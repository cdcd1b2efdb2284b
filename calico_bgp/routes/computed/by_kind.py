"""Where routes arrive, per class of nodes and kind of blocks: worked out when asked for, kept, and put together.

Blocks of one kind are let through and held back by the same sessions (routes.network.holding). Mostly there is one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import reduce
from operator import and_, or_
from typing import TypeAlias

from calico_bgp.routes.computed.answer import Answer, bits
from calico_bgp.routes.computed.arrivals import Arrivals, arrivals_of, brought_in
from calico_bgp.routes.computed.equivalence import Equivalence
from calico_bgp.routes.computed.leaves import LeafArrivals
from calico_bgp.routes.network.holding.held import OwnKinds
from calico_bgp.routes.network.wiring import Wiring, wiring_of

#: Over what is certain, and over what is possible.
_BothArrivals: TypeAlias = tuple[LeafArrivals, LeafArrivals]


class ArrivalsByKind:
    """Where the routes of every class arrive.

    Args:
        equivalence: The classes of the whole network.
        classes: The same classes, as they are left.
        arrivals: Class → what is known already, a kind after the other.
        before: The same before nodes were removed.
    """

    def __init__(
        self,
        equivalence: Equivalence,
        classes: tuple[tuple[str, ...], ...],
        *,
        arrivals: Mapping[int, tuple[Arrivals, ...]] | None = None,
        before: ArrivalsByKind | None = None,
    ) -> None:
        self._equivalence = equivalence
        self._classes = classes
        self._arrivals = dict(arrivals or {})
        #: Kind → which classes learn what unknowns may bring.
        self._outside: dict[int, int] = {}
        self._before = before
        self._leaf_arrivals: dict[int, _BothArrivals | None] = {}
        self._wirings: dict[int, tuple[Wiring, Wiring]] = {}

    def without(self, classes: tuple[tuple[str, ...], ...], changed: Collection[int]) -> ArrivalsByKind:
        """The same when nodes are gone: what relies on none of the changed classes is kept."""
        unaffected = {
            origin: by_kind
            for origin, by_kind in self._arrivals.items()
            if all(arrivals.relies_on.isdisjoint(changed) for arrivals in by_kind)
        }
        return ArrivalsByKind(self._equivalence, classes, arrivals=unaffected, before=self)

    def kinds(self, origin: int) -> tuple[int, ...]:
        """The kinds of blocks that the nodes of a class have, or may have."""
        return tuple(bits(self._own(origin).kinds))

    def learned(self, origin: int) -> int:
        """The classes that learn the routes of a class for certain: those of every kind."""
        return reduce(and_, (arrivals.yes for arrivals in self._arrivals_from(origin)))

    def heard(self, origin: int) -> int:
        """The classes that learn, perhaps learn, the routes of a class.

        One that certainly lacks the routes of a kind of blocks, which the class certainly has, does not count.
        """
        return reduce(and_ if self._own(origin).has_all else or_, self._heard_by_kind(origin).values())

    def reached(self, origin: int) -> int:
        """The classes that learn, perhaps learn, at least some of the routes of a class."""
        return reduce(or_, self._heard_by_kind(origin).values()) if self._classes[origin] else 0

    def telling_kind(self, learner: int, origin: int, answer: Answer) -> tuple[int, Answer]:
        """The kind of blocks that shows why an answer is what it is, and the answer for that kind alone."""
        heard = self._heard_by_kind(origin)
        answers: dict[Answer, int] = {}
        for kind, arrivals in zip(self.kinds(origin), self._arrivals_from(origin), strict=True):
            if arrivals.yes >> learner & 1:
                answers.setdefault(Answer.YES, kind)
            else:
                answers.setdefault(Answer.PERHAPS if heard[kind] >> learner & 1 else Answer.NO, kind)
        telling = next(each for each in (answer, Answer.PERHAPS, Answer.NO, Answer.YES) if each in answers)
        return answers[telling], telling

    def wirings(self, *required: str, kind: int) -> tuple[Wiring, Wiring]:
        """What is certain and what is possible among some of each class; the same twice when that is no difference.

        Args:
            required: Nodes that must be among them.
            kind: The kind of blocks whose routes are followed.
        """
        nodes: list[str] = []
        for number, names in enumerate(self._classes):
            required_here = [name for name in required if self._equivalence.class_of[name] == number]
            most = max(len(required_here), self._equivalence.followed[number])
            nodes += list(dict.fromkeys((*required_here, *names[:most])))[:most]
        wirings = [wiring_of(index, nodes, kind=kind) for index in self._equivalence.indexes]
        return wirings[0], wirings[-1]

    # Working it out

    def _own(self, origin: int) -> OwnKinds:
        return self._equivalence.kinds_of(self._equivalence.classes[origin][0])

    def _arrivals_from(self, origin: int) -> tuple[Arrivals, ...]:
        arrivals = self._arrivals.get(origin)
        if arrivals is None:
            arrivals = self._arrivals[origin] = tuple(self._follow(origin, kind) for kind in self.kinds(origin))
        return arrivals

    def _follow(self, origin: int, kind: int) -> Arrivals:
        leaves = self._leaves(kind)
        if leaves is not None:
            yes, possible = (arrivals.arrivals(origin) for arrivals in leaves)
            return Arrivals(yes, possible, leaves=False, relies_on=self._equivalence.transits)
        certain, possible_too = self._wirings_of(kind)
        return arrivals_of(certain, possible_too, self._classes[origin][0], self._equivalence.class_of)

    def _leaves(self, kind: int) -> _BothArrivals | None:
        if kind not in self._leaf_arrivals:
            before = None if self._before is None else self._before._leaves(kind)  # noqa: SLF001 - of its own class
            self._leaf_arrivals[kind] = self._equivalence.leaf_arrivals(self._classes, kind, before)
        return self._leaf_arrivals[kind]

    def _wirings_of(self, kind: int) -> tuple[Wiring, Wiring]:
        if kind not in self._wirings:
            self._wirings[kind] = self.wirings(kind=kind)
        return self._wirings[kind]

    def _heard_by_kind(self, origin: int) -> dict[int, int]:
        """Kind → the classes that learn, perhaps learn, the routes of a class of that kind."""
        heard: dict[int, int] = {}
        for kind, arrivals in zip(self.kinds(origin), self._arrivals_from(origin), strict=True):
            heard[kind] = arrivals.yes | arrivals.possible
            if arrivals.leaves:
                if kind not in self._outside:
                    self._outside[kind] = brought_in(self._wirings_of(kind)[1], self._equivalence.class_of)
                heard[kind] |= self._outside[kind]
        return heard
