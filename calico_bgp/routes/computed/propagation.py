"""Who learns whose routes, for every pair of nodes: a Network in, a Reachability out.

"Learns" means that the route stands in the table of the learner's BIRD. Whether packets get through is another matter:
an unresolvable next hop leaves the route there, and Felix may program routes without BGP.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from calico_bgp.model.peer import Family
from calico_bgp.routes.computed.answer import Answer, bits
from calico_bgp.routes.computed.by_kind import ArrivalsByKind
from calico_bgp.routes.computed.equivalence import Equivalence, equivalence_of
from calico_bgp.routes.computed.explanation import Explanation, explain
from calico_bgp.routes.computed.groups import talking_groups
from calico_bgp.routes.computed.redundancy import Redundancy, redundancy
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.wiring import Wiring


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
        arrivals: ArrivalsByKind | None = None,
    ) -> None:
        self._equivalence = equivalence
        self._gone = gone
        self._classes = equivalence.classes if classes is None else classes
        self._arrivals = ArrivalsByKind(equivalence, self._classes) if arrivals is None else arrivals
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
        origins = [
            name
            for number, names in enumerate(self._classes)
            if names and self._answer(own, number) is answer
            for name in names
            if name != learner
        ]
        return tuple(sorted(origins))

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
            learners = {Answer.YES: learned, Answer.PERHAPS: perhaps}.get(answer, everyone & ~learned & ~perhaps)
            number = sum(sizes[learner] for learner in bits(learners))
            total += size * (number - (learners >> origin & 1))
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
        learned = self._arrivals.learned(origin)
        return learned, self._arrivals.heard(origin) & ~learned

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The nodes in groups that talk among themselves only, the largest first; one group when nobody is cut off.

        Two nodes talk when each (perhaps) learns the other's routes. A group hangs together, though not every pair in
        it need talk.
        """
        return talking_groups(self._classes, [self._arrivals.reached(number) for number in range(len(self._classes))])

    @cached_property
    def isolated(self) -> tuple[str, ...]:
        """The nodes that learn nobody's routes and whose routes nobody learns, not even perhaps; sorted.

        A node alone in its network is not cut off from anyone.
        """
        if len(self.nodes) < 2:
            return ()
        classes = sum(1 << number for number, names in enumerate(self._classes) if names)
        linked = 0
        for origin, names in enumerate(self._classes):
            heard = self._arrivals.reached(origin) & classes
            if len(names) == 1:
                heard &= ~(1 << origin)
            if heard:
                linked |= heard | 1 << origin
        return tuple(sorted(name for n in bits(classes & ~linked) for name in self._classes[n]))

    def explain(self, learner: str, origin: str) -> Explanation:
        """Along which way the routes of `origin` come to `learner`, or why they do not.

        Raises:
            KeyError: One of them is no node of the network.
        """
        answer = self.learns(learner, origin)
        own = self._class(origin)
        kind, answer_of_kind = self._arrivals.telling_kind(self._class(learner), own, answer)
        certain, possible = self.wirings(learner, origin, kind=kind)
        explanation = explain(
            self.network, certain, possible, learner=learner, origin=origin, answer=answer_of_kind, kind=kind
        )
        if answer is Answer.YES or len(self._arrivals.kinds(own)) == 1:
            return explanation
        name = self.network.kinds[kind]
        reasons = tuple(f"{name}: {reason}" for reason in explanation.reasons)
        return replace(explanation, answer=answer, reasons=reasons)

    def redundancy(self, learner: str, origin: str, *, limit: int = 4) -> Redundancy:
        """The fewest nodes whose loss would cut `learner` off from the routes of `origin`.

        Args:
            learner: Who must learn.
            origin: Whose routes.
            limit: Do not look for more than so many nodes; at most 4, for no more of a class are followed beside one.

        Raises:
            KeyError: One of them is no node of the network.
        """
        self._class(learner), self._class(origin)
        redundancies = (
            redundancy(self.wirings(learner, origin, kind=kind)[0], learner, origin, limit)
            for kind in self._arrivals.kinds(self._class(origin))
        )
        return min(redundancies, key=lambda each: (each.direct, each.at_least))

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
        remaining = tuple(classes)
        return Reachability(
            equivalence, gone=gone, classes=remaining, arrivals=self._arrivals.without(remaining, changed)
        )

    # Working it out

    def wirings(self, *required: str, kind: int = 0) -> tuple[Wiring, Wiring]:
        """What is certain and what is possible among some of each class; the same twice when that is no difference.

        Args:
            required: Nodes that must be among them.
            kind: The kind of blocks whose routes are followed.
        """
        return self._arrivals.wirings(*required, kind=kind)

    def _class(self, name: str) -> int:
        if name in self._gone:
            raise KeyError(name)
        return self._equivalence.class_of[name]

    def _answer(self, learner: int, origin: int) -> Answer:
        if self._arrivals.learned(origin) >> learner & 1:
            return Answer.YES
        return Answer.PERHAPS if self._arrivals.heard(origin) >> learner & 1 else Answer.NO


def reachability(network: Network) -> Reachability:
    """Work out who learns whose routes, as BIRD 1.6 does it with what Calico configures.

    Args:
        network: The sessions of one family: of `expected_network`, of `observed_network`, or from anywhere.
    """
    return Reachability(equivalence_of(network))
