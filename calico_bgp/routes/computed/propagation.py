"""Who learns whose routes, for every pair of nodes: a Network in, a Reachability out.

"Learns" means that the route stands in the table of the learner's BIRD. Whether packets get through is another matter:
an unresolvable next hop leaves the route there, and Felix may program routes without BGP.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, reduce
from operator import and_, or_
from typing import TypeAlias

from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer, bits
from calico_bgp.routes.computed.arrivals import Arrivals, arrivals_of, brought_in
from calico_bgp.routes.computed.equivalence import LEAVES, Equivalence, equivalence_of
from calico_bgp.routes.computed.explanation import Explanation, explain
from calico_bgp.routes.computed.groups import talking_groups
from calico_bgp.routes.computed.leaves import LeafArrivals
from calico_bgp.routes.computed.redundancy import Redundancy, redundancy
from calico_bgp.routes.network.held import OwnKinds
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.wiring import Wiring, wiring_of

#: Over what is certain, and over what is possible.
_BothArrivals: TypeAlias = tuple[LeafArrivals, LeafArrivals]


class Reachability:
    """Whose routes each node of a network learns. Make it with `reachability`.

    Answers are worked out when asked for, per class of nodes that are alike, and kept.

    Attributes:
        nodes: The nodes, sorted.
    """

    def __init__(
        self,
        equivalence: Equivalence,
        *,
        gone: frozenset[str] = frozenset(),
        classes: tuple[tuple[str, ...], ...] | None = None,
        arrivals: Mapping[int, tuple[Arrivals, ...]] | None = None,
        outside: Mapping[int, int] | None = None,
        before: Callable[[int], _BothArrivals | None] | None = None,
    ) -> None:
        self._equivalence = equivalence
        self._gone = gone
        self._classes = equivalence.classes if classes is None else classes
        self._arrivals = dict(arrivals or {})
        self._outside = dict(outside or {})
        self._before = before
        self._leaf_arrivals: dict[int, _BothArrivals | None] = {}
        self._wirings: dict[int, tuple[Wiring, Wiring]] = {}
        self.nodes: tuple[str, ...] = tuple(sorted(name for names in self._classes for name in names))

    @property
    def family(self) -> Family:
        """The family."""
        return self._equivalence.network.family

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the answers rest on, in sentences for people."""
        return self._equivalence.network.assumptions

    @cached_property
    def network(self) -> Network:
        """The sessions."""
        return self._equivalence.network.without(nodes=self._gone) if self._gone else self._equivalence.network

    @property
    def classes(self) -> tuple[tuple[str, ...], ...]:
        """The nodes in classes: what holds for one holds for each of its class, with the names swapped."""
        return tuple(names for names in self._classes if names)

    # Answers

    def learns(self, learner: str, origin: str) -> Answer:
        """Whether `learner` learns the routes that `origin` announces; of itself every node knows.

        Raises:
            KeyError: One of them is no node of the network.
        """
        one, other = self._class(learner), self._class(origin)
        return Answer.YES if learner == origin else self._answer(one, other)

    def learned_by(self, learner: str, answer: Answer = Answer.YES) -> tuple[str, ...]:
        """The origins whose routes a node learns (or does not, or perhaps), sorted; itself left out.

        Raises:
            KeyError: It is no node of the network.
        """
        own = self._class(learner)
        found = [
            name
            for number, names in enumerate(self._classes)
            if names and self._answer(own, number) is answer
            for name in names
            if name != learner
        ]
        return tuple(sorted(found))

    def pairs(self, answer: Answer = Answer.NO) -> Iterator[tuple[str, str]]:
        """Every (learner, origin) with that answer, sorted; by default those that are cut off."""
        for learner in self.nodes:
            for origin in self.learned_by(learner, answer):
                yield learner, origin

    def count(self, answer: Answer = Answer.NO) -> int:
        """How many (learner, origin) have that answer, without going through them."""
        sizes = self.class_sizes
        everyone = (1 << len(sizes)) - 1
        total = 0
        for origin, size in enumerate(sizes):
            learned, perhaps = self.learners(origin)
            found = {Answer.YES: learned, Answer.PERHAPS: perhaps}.get(answer, everyone & ~learned & ~perhaps)
            number = sum(sizes[learner] for learner in bits(found))
            total += size * (number - (found >> origin & 1))
        return total

    def classes_with(self, answer: Answer = Answer.NO) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """(learners, origins) of which every pair has that answer; where both are one class, every pair of two."""
        for learner, learners in enumerate(self._classes):
            for origin, origins in enumerate(self._classes):
                if origins and len(learners) > (learner == origin) and self._answer(learner, origin) is answer:
                    yield learners, origins

    def numbers_classes_like(self, other: Reachability) -> bool:
        """Whether a class has one number here and there, as after a removal of nodes."""
        return self._equivalence is other._equivalence

    @property
    def class_sizes(self) -> tuple[int, ...]:
        """How many nodes of each class are left, by the number of the class."""
        return tuple(map(len, self._classes))

    def learners(self, origin: int) -> tuple[int, int]:
        """The classes that learn the routes of a class, and those that perhaps do, as bits."""
        if not self._classes[origin]:
            return 0, 0
        learned = self._learned(origin)
        return learned, self._heard(origin) & ~learned

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The nodes in groups that talk among themselves only, the largest first; one group when nobody is cut off.

        Two nodes talk when each (perhaps) learns the other's routes. A group hangs together, though not every pair in
        it need talk.
        """
        return talking_groups(self._classes, [self._heard(number) for number in range(len(self._classes))])

    @cached_property
    def isolated(self) -> tuple[str, ...]:
        """The nodes that learn nobody's routes and whose routes nobody learns, not even perhaps; sorted.

        A node alone in its network is not cut off from anyone.
        """
        if len(self.nodes) < 2:
            return ()
        left = sum(1 << number for number, names in enumerate(self._classes) if names)
        linked = 0
        for origin, names in enumerate(self._classes):
            heard = self._heard(origin) & left
            if len(names) == 1:
                heard &= ~(1 << origin)
            if heard:
                linked |= heard | 1 << origin
        return tuple(sorted(name for n in bits(left & ~linked) for name in self._classes[n]))

    def explain(self, learner: str, origin: str) -> Explanation:
        """Along which way the routes of `origin` come to `learner`, or why they do not.

        Raises:
            KeyError: One of them is no node of the network.
        """
        answer = self.learns(learner, origin)
        kind, answer_of_kind = self._telling_kind(learner, origin, answer)
        certain, possible = self.wirings(learner, origin, kind=kind)
        found = explain(
            self.network, certain, possible, learner=learner, origin=origin, answer=answer_of_kind, kind=kind
        )
        if answer is Answer.YES or len(self._kinds(self._class(origin))) == 1:
            return found
        names = self.network.kinds
        reasons = tuple(f"{names[kind]}: {reason}" for reason in found.reasons) if kind < len(names) else found.reasons
        return replace(found, answer=answer, reasons=reasons)

    def redundancy(self, learner: str, origin: str, *, limit: int = 4) -> Redundancy:
        """The fewest nodes whose loss would cut `learner` off from the routes of `origin`.

        Args:
            learner: Who must learn.
            origin: Whose routes.
            limit: Do not look for more than so many nodes.

        Raises:
            KeyError: One of them is no node of the network.
        """
        self._class(learner), self._class(origin)
        found = (
            redundancy(self.wirings(learner, origin, transits=limit + 1, kind=kind)[0], learner, origin, limit)
            for kind in self._kinds(self._class(origin))
        )
        return min(found, key=lambda each: (each.direct, each.at_least))

    # Removals

    def without(self, nodes: Collection[str] = (), *, pairs: Iterable[tuple[str, str]] = ()) -> Reachability:
        """The reachability when nodes are gone and sessions are cut.

        Removing nodes keeps every answer whose ways do not lead through them: of 5,000 nodes with 4 reflectors only
        losing a reflector needs any work. Cutting sessions works everything out anew.

        Args:
            nodes: Their names; those that are no nodes of the network are ignored.
            pairs: The two ends of each session, in any order; an external peer is called by its address.
        """
        equivalence, cut = self._equivalence, tuple(pairs)
        gone = self._gone | (frozenset(nodes) & equivalence.class_of.keys())
        if cut or not equivalence.monotone:
            return reachability(equivalence.network.without(nodes=gone, pairs=cut))
        touched = {equivalence.class_of[name] for name in gone - self._gone}
        classes = list(self._classes)
        for number in touched:
            classes[number] = tuple(name for name in classes[number] if name not in gone)
        changed = {n for n in touched if len(classes[n]) < min(len(self._classes[n]), equivalence.followed[n])}
        kept = {
            origin: found
            for origin, found in self._arrivals.items()
            if all(changed.isdisjoint(arrivals.relies_on) for arrivals in found)
        }
        outside = None if changed else self._outside
        return Reachability(
            equivalence, gone=gone, classes=tuple(classes), arrivals=kept, outside=outside, before=self._leaves
        )

    # Working it out

    def wirings(self, *wanted: str, transits: int = 0, kind: int = 0) -> tuple[Wiring, Wiring]:
        """What is certain and what is possible among some of each class; the same twice when that is no difference.

        Args:
            wanted: Nodes that must be among them.
            transits: How many at least of a class that passes routes on.
            kind: The kind of blocks whose routes are followed.
        """
        nodes: list[str] = []
        for number, names in enumerate(self._classes):
            followed = self._equivalence.followed[number]
            named = [name for name in wanted if self._equivalence.class_of[name] == number]
            most = max(len(named), followed if followed == LEAVES else max(followed, transits))
            nodes += list(dict.fromkeys((*named, *names[:most])))[:most]
        found = [wiring_of(index, nodes, kind=kind) for index in self._equivalence.indexes]
        return found[0], found[-1]

    def _class(self, name: str) -> int:
        if name in self._gone:
            raise KeyError(name)
        return self._equivalence.class_of[name]

    def _kinds(self, origin: int) -> tuple[int, ...]:
        """The kinds of blocks that the nodes of a class have, or may have."""
        return tuple(bits(self._own(origin).kinds))

    def _own(self, origin: int) -> OwnKinds:
        return self._equivalence.kinds_of(self._equivalence.classes[origin][0])

    def _found(self, origin: int) -> tuple[Arrivals, ...]:
        """Where the routes of a class arrive, by the kinds of its blocks."""
        found = self._arrivals.get(origin)
        if found is None:
            found = self._arrivals[origin] = tuple(self._follow(origin, kind) for kind in self._kinds(origin))
        return found

    def _follow(self, origin: int, kind: int) -> Arrivals:
        leaves = self._leaves(kind)
        if leaves is not None:
            yes, possible = (arrivals.arrivals(origin) for arrivals in leaves)
            return Arrivals(yes, possible, leaves=False, relies_on=self._equivalence.transits)
        certain, possible_too = self._wirings_of(kind)
        return arrivals_of(certain, possible_too, self._classes[origin][0], self._equivalence.class_of)

    def _leaves(self, kind: int) -> _BothArrivals | None:
        if kind not in self._leaf_arrivals:
            before = None if self._before is None else self._before(kind)
            self._leaf_arrivals[kind] = self._equivalence.leaf_arrivals(self._classes, kind, before)
        return self._leaf_arrivals[kind]

    def _wirings_of(self, kind: int) -> tuple[Wiring, Wiring]:
        if kind not in self._wirings:
            self._wirings[kind] = self.wirings(kind=kind)
        return self._wirings[kind]

    def _learned(self, origin: int) -> int:
        """The classes that learn the routes of a class for certain: those of every kind."""
        return reduce(and_, (arrivals.yes for arrivals in self._found(origin)))

    def _heard(self, origin: int) -> int:
        """The classes that learn, perhaps learn, the routes of a class.

        Who certainly lacks those of a kind that the class certainly has is none of them.
        """
        if not self._classes[origin]:
            return 0
        kinds = zip(self._kinds(origin), self._found(origin), strict=True)
        heard = [self._heard_of_kind(kind, arrivals) for kind, arrivals in kinds]
        return reduce(and_ if self._own(origin).has_all else or_, heard)

    def _heard_of_kind(self, kind: int, found: Arrivals) -> int:
        heard = found.yes | found.possible
        if found.leaves:
            if kind not in self._outside:
                self._outside[kind] = brought_in(self._wirings_of(kind)[1], self._equivalence.class_of)
            heard |= self._outside[kind]
        return heard

    def _telling_kind(self, learner: str, origin: str, answer: Answer) -> tuple[int, Answer]:
        """The kind of blocks that shows why an answer is what it is, and the answer for that kind alone."""
        bit, number = self._class(learner), self._class(origin)
        answers: dict[Answer, int] = {}
        for kind, arrivals in zip(self._kinds(number), self._found(number), strict=True):
            if arrivals.yes >> bit & 1:
                answers.setdefault(Answer.YES, kind)
            elif self._heard_of_kind(kind, arrivals) >> bit & 1:
                answers.setdefault(Answer.PERHAPS, kind)
            else:
                answers.setdefault(Answer.NO, kind)
        telling = next(each for each in (answer, Answer.PERHAPS, Answer.NO, Answer.YES) if each in answers)
        return answers[telling], telling

    def _answer(self, learner: int, origin: int) -> Answer:
        if self._learned(origin) >> learner & 1:
            return Answer.YES
        return Answer.PERHAPS if self._heard(origin) >> learner & 1 else Answer.NO


def reachability(network: Network) -> Reachability:
    """Work out who learns whose routes, as BIRD 1.6 does it with what Calico configures.

    Args:
        network: The sessions of one family: of `expected_network`, of `observed_network`, or from anywhere.
    """
    return Reachability(equivalence_of(network))
