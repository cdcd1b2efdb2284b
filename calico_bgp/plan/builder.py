"""Puts steps together and has each judged: what its actions make of the resources, and what is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from calico_bgp.changes.change import ApplyResources, DeleteResource
from calico_bgp.changes.surviving import SurvivingSessions
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.resources import BGPPeer, ResourceKind, Resources
from calico_bgp.plan.moment import State, moments
from calico_bgp.plan.plan import Action, Awaited, Drain, Plan, PlanStep, Uncordon
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.network.classes.equal_nodes import REPRESENTATIVES, classes_of, expect_representatives
from calico_bgp.routes.network.classes.sessions import class_numbers


class NodesDiffer(Exception):
    """A step tells nodes apart that were equal: each has to be looked at."""


def planned(plan: Callable[[bool], Plan]) -> Plan:
    """A plan with few nodes of each class looked at; with each where that is not enough.

    Args:
        plan: Makes it, given whether few are enough.
    """
    try:
        return plan(True)
    except NodesDiffer:
        return plan(False)


@dataclass(frozen=True)
class _Effect:
    """What the actions of a step do.

    Attributes:
        actions: They, in order.
        running: What ran through them.
        before: What stands when they begin.
        between: What is left of it meanwhile; None where they touch no resource.
        after: What stands when everything has come up again.
        doubts: Why they do not mean one thing, in sentences, each once.
    """

    actions: tuple[Action, ...]
    running: SurvivingSessions
    before: State
    between: State | None
    after: State
    doubts: tuple[str, ...]


class Builder:
    """Collects the steps of one plan.

    Args:
        resources: As they are.
        version: Of Calico.
        changed: The nodes that steps may change. All others may only be changed as all that are equal to them are, so
            that two of each class show what becomes of all; None where each is to be looked at.

    Raises:
        NodesDiffer: A step tells nodes apart that were equal and are not among the changed ones.
    """

    def __init__(self, resources: Resources, version: CalicoVersion, changed: Collection[str] | None = None) -> None:
        self._version = version
        self._alike: dict[str, tuple[str, ...]] = {}
        if changed is not None:
            equal = [
                tuple(name for name in names if name not in changed)
                for names in classes_of(expect(resources, version=version, only=()))
            ]
            self._alike = {name: names for names in equal if len(names) > REPRESENTATIVES for name in names}
        self._running = SurvivingSessions.of(self._expect(resources), self._alike)
        self._state = State.of(self._running.expectation)
        self.steps: list[PlanStep] = []

    @property
    def resources(self) -> Resources:
        """As they are after the steps so far."""
        return self._running.expectation.resources

    @property
    def expectation(self) -> Expectation:
        """What Calico would configure after the steps so far."""
        return self._running.expectation

    @property
    def state(self) -> State:
        """Who learns whose routes after the steps so far."""
        return self._state

    def add(self, title: str, why: str, actions: Sequence[Action]) -> None:
        """Add a step; without actions there is nothing to do, and so no step."""
        if actions:
            effect = self._effect(actions)
            self._take(effect, self._step(title, why, effect))

    def add_around(self, node: str, title: str, why: str, why_drained: str, actions: Sequence[Action]) -> None:
        """Add a step that changes one node's part, with a drain around it where that node would lose routes.

        Args:
            node: The node.
            title: What is done.
            why: Why nothing is lost.
            why_drained: What is lost.
            actions: What is done to it, and to BGPPeers for its sake.
        """
        if not actions:
            return
        effect = self._effect(actions)
        step = self._step(title, why, effect)
        if step.loses_nothing:
            self._take(effect, step)
            return
        drained_step = self._step(title, why_drained, effect, drained=(node,))
        if not drained_step.loses_nothing:
            words = f"This changes {node}, and takes routes away that no drain makes good."
            self._take(effect, replace(step, why=words))
            return
        self.add(
            f"Drain {node}",
            f"The next step takes the routes to and from {node} away for a moment, so its pods leave first. "
            "Pods of DaemonSets stay; those in the host's network do not need BGP.",
            [Drain(node)],
        )
        self._take(effect, drained_step)
        self.add(f"Let pods come to {node} again", f"{node} has all routes again.", [Uncordon(node)])

    def _take(self, effect: _Effect, step: PlanStep) -> None:
        self.steps.append(step)
        self._running, self._state = effect.running, effect.after

    def _expect(self, resources: Resources) -> Expectation:
        """What Calico would configure, with the peers of all nodes that are looked at."""
        if not self._alike:
            return expect(resources, version=self._version)
        looked_at = [
            node.name
            for node in resources.nodes
            if node.name in self._alike.get(node.name, (node.name,))[:REPRESENTATIVES]
        ]
        expectation = expect_representatives(resources, self._version, looked_at)
        numbers = class_numbers(classes_of(expectation))
        if any(numbers.get(name) != numbers.get(names[0]) for name, names in self._alike.items()):
            raise NodesDiffer
        return expectation

    def _effect(self, actions: Sequence[Action]) -> _Effect:
        begun = running = self._running.begin()
        doubts: list[str] = []
        for action in actions:
            if isinstance(action, (Drain, Uncordon)):
                continue
            changed = action.apply(running.expectation.resources)
            running = running.change(self._expect(changed))
            doubts += [
                f"BGPPeers {', '.join(conflict.bgp_peers)} would define one peer differently; which wins is not known"
                for conflict in running.expectation.conflicts
            ]
        is_quiet = running is begun
        return _Effect(
            actions=tuple(actions),
            running=running,
            before=self._state,
            between=None if is_quiet else self._state.between(running),
            after=self._state if is_quiet else State.of(running.expectation),
            doubts=tuple(dict.fromkeys(doubts)),
        )

    def _step(self, title: str, why: str, effect: _Effect, drained: tuple[str, ...] = ()) -> PlanStep:
        before, between, after = effect.before, effect.between, effect.after
        return PlanStep(
            title=title,
            why=why,
            actions=effect.actions,
            before=before.expectation.resources,
            after=after.expectation.resources,
            drained=drained,
            moments=() if between is None else tuple(moments(before, between, after, frozenset(drained))),
            awaited=() if between is None else tuple(_awaited(effect.running, after)),
            doubts=effect.doubts,
        )


def _awaited(running: SurvivingSessions, state: State) -> Iterator[Awaited]:
    """The sessions that are to stand and did not run through the step."""
    for reach in state.reaches:
        then = reach.network
        pairs = running.interrupted(then.family, then.sessions if then.possible is None else then.possible)
        if pairs:
            yield Awaited(then.family, tuple(sorted(pairs)))


def single_points(state: State, reflectors: Sequence[str]) -> tuple[str, ...]:
    """The reflectors whose loss alone would cut other nodes off from one another."""
    points = set()
    for reach in state.reaches:
        for name in set(reflectors).intersection(reach.nodes):
            without_one = reach.without([name])
            was = sum(name not in pair for pair in reach.pairs(Answer.NO)) if reach.count(Answer.NO) else 0
            if without_one.count(Answer.NO) > was:
                points.add(name)
    return tuple(sorted(points))


def troubles(expectation: Expectation) -> tuple[str, ...]:
    """Why resources do not mean one thing, so that nothing can be planned upon them."""
    texts = [
        *(f"BIRD refuses the configuration of {refusal.node}" for refusal in expectation.refusals),
        *(f"BGPPeers {', '.join(c.bgp_peers)} define one peer differently" for c in expectation.conflicts),
        *(f"{bad.field} of BGPPeer {bad.bgp_peer} does not parse" for bad in expectation.bad_selectors),
    ]
    if texts:
        texts.append("the lint says what fixes that; plan again afterwards")
    return tuple(dict.fromkeys(texts))


def apply_peers(peers: Sequence[BGPPeer]) -> list[Action]:
    """One action for all of them; none for none."""
    if not peers:
        return []
    names = ", ".join(peer.name for peer in peers)
    return [ApplyResources(Resources(bgp_peers=tuple(peers)), f"BGPPeer {names}")]


def delete_peers(peers: Sequence[BGPPeer]) -> list[Action]:
    """An action for each."""
    return [DeleteResource(ResourceKind.BGP_PEER, peer.name) for peer in peers]
