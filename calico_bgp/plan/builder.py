"""Puts steps together and has each judged: what its actions make of the resources, and what is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp.changes.change import ApplyResources, DeleteResource
from calico_bgp.changes.surviving import SurvivingSessions
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.resources import BGPPeer, ResourceKind, Resources
from calico_bgp.plan.moment import State, moments
from calico_bgp.plan.plan import Action, Awaited, Drain, PlanStep, Uncordon
from calico_bgp.routes.computed.answer import Answer


class Builder:
    """Collects the steps of one plan.

    Args:
        resources: As they are.
        version: Of Calico.
    """

    def __init__(self, resources: Resources, version: CalicoVersion) -> None:
        self._version = version
        self._running = SurvivingSessions.of(expect(resources, version=version))
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
            self._take(*self._try(title, why, actions))

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
        attempt = self._try(title, why, actions)
        drained_attempt = None if attempt[0].loses_nothing else self._try(title, why_drained, actions, drained=(node,))
        if drained_attempt is None:
            self._take(*attempt)
            return
        if not drained_attempt[0].loses_nothing:
            self._take(
                *self._try(title, f"This changes {node}, and takes routes away that no drain makes good.", actions)
            )
            return
        self.add(
            f"Drain {node}",
            f"The next step takes the routes to and from {node} away for a moment, so its pods leave first. "
            "Pods of DaemonSets stay; those in the host's network do not need BGP.",
            [Drain(node)],
        )
        self._take(*drained_attempt)
        self.add(f"Let pods come to {node} again", f"{node} has all routes again.", [Uncordon(node)])

    def _take(self, step: PlanStep, running: SurvivingSessions, state: State) -> None:
        self.steps.append(step)
        self._running, self._state = running, state

    def _try(
        self, title: str, why: str, actions: Sequence[Action], drained: tuple[str, ...] = ()
    ) -> tuple[PlanStep, SurvivingSessions, State]:
        before = self._running.begin()
        running, doubts = before, []
        for action in actions:
            if isinstance(action, (Drain, Uncordon)):
                continue
            changed = action.apply(running.expectation.resources)
            running = running.change(expect(changed, version=self._version))
            doubts += [
                f"BGPPeers {', '.join(conflict.bgp_peers)} would define one peer differently; which wins is not known"
                for conflict in running.expectation.conflicts
            ]
        is_quiet = running is before
        state = self._state if is_quiet else State.of(running.expectation)
        step = PlanStep(
            title=title,
            why=why,
            actions=tuple(actions),
            before=before.expectation.resources,
            after=running.expectation.resources,
            drained=drained,
            moments=() if is_quiet else tuple(moments(self._state, running, state, frozenset(drained))),
            awaited=() if is_quiet else tuple(_awaited(running, state)),
            doubts=tuple(dict.fromkeys(doubts)),
        )
        return step, running, state


def _awaited(running: SurvivingSessions, state: State) -> Iterator[Awaited]:
    """The sessions that are to stand and did not run through the step."""
    for reach in state.reaches:
        then = reach.network
        sessions = then.sessions if then.possible is None else then.possible
        pairs = {
            (min(a.node, b.node), max(a.node, b.node)) for a, b in sessions if not running.runs_on(then.family, a, b)
        }
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
