"""The three moments of a change, a network each: what stands, what is left in between, what will stand.

From Calico's resources, from what was observed, or from both: then what was observed counts for what stands now (a
session that is down does not help later either), and the resources for what will be. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from calico_bgp.changes.surviving import Fate, SurvivingSessions
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.engine import Expectation
from calico_bgp.model.peer import Family
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.from_observed import observed_network
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, ExternalSession
from calico_bgp.whatif.unchanged import Unchanged


@dataclass(frozen=True)
class Scenario:
    """One family during a change.

    Attributes:
        before: What stands now.
        between: What stands of it while only those sessions do that the change leaves alone; `after` itself where
            nothing has to come up first.
        after: What will stand once everything has come up.
        nodes: The nodes that are judged, sorted: those that speak before and are not removed.
    """

    before: Network
    between: Network
    after: Network
    nodes: tuple[str, ...]


def from_resources(
    before: Unchanged,
    after: Expectation,
    removed: Collection[str],
    replaced: Collection[str] = (),
    surviving: SurvivingSessions | None = None,
) -> tuple[Scenario, ...]:
    """From resources alone: every expected session is taken as Established, before and afterwards.

    Args:
        before: The resources as they are.
        after: Of the resources as they would be.
        removed: The nodes that are removed.
        replaced: The nodes that go and come back.
        surviving: What survives, where that was worked out already.
    """
    later = _Later(before.expectation, after, removed, replaced, surviving)
    spoken = (was for was in before.networks.values() if was.speakers)
    return tuple(_scenario(was, later.network(was), was, later) for was in spoken)


def from_observed(cluster: Cluster, removed: Collection[str]) -> tuple[Scenario, ...]:
    """From what was observed alone: nodes can be removed from it, nothing else is known."""
    scenarios = []
    for family in Family:
        was = observed_network(cluster, family)
        if was.speakers:
            will = was.without(nodes=removed)
            scenarios.append(Scenario(was, will, will, _remaining(was, removed)))
    return tuple(scenarios)


def from_both(
    cluster: Cluster, after: Expectation, removed: Collection[str], replaced: Collection[str] = ()
) -> tuple[Scenario, ...]:
    """From what was observed with its resources, and from the resources as they would be.

    Args:
        cluster: What was observed, with an expectation.
        after: Of the resources as they would be.
        removed: The nodes that are removed.
        replaced: The nodes that go and come back.

    Raises:
        ValueError: The view has no resources.
    """
    before = cluster.expectation
    if before is None:
        raise ValueError("the view has no resources")
    later = _Later(before, after, removed, replaced)
    scenarios = []
    for family in Family:
        now = observed_network(cluster, family)
        was = expected_network(before, family)
        if not now.speakers and not was.speakers:
            continue
        will = _as_observed(later.network(was), was, now, removed)
        scenarios.append(_scenario(now, will, was, later))
    return tuple(scenarios)


# What will stand


class _Later:
    """What the resources will mean, compared with what they mean.

    Where nodes go and the others lose only their peers for these nodes, as in a mesh or among the clients of
    reflectors, nothing need be worked out anew: a mesh of 1,000 nodes has half a million sessions.
    """

    def __init__(
        self,
        before: Expectation,
        after: Expectation,
        removed: Collection[str],
        replaced: Collection[str],
        surviving: SurvivingSessions | None = None,
    ) -> None:
        self._before = before
        self._after = after
        self.removed = frozenset(removed)
        self.is_plain = not replaced and _only_goes(before, after, self.removed)
        self.surviving = surviving or SurvivingSessions.of(before)
        if not self.is_plain and surviving is None:
            self.surviving = self.surviving.change(after, replaced)

    def network(self, was: Network) -> Network:
        """What will be expected of a family, given what is."""
        if self.is_plain:
            return was.without(nodes=self.removed)
        will = expected_network(self._after, was.family)
        dead = self._dead()
        return replace(will, externals=tuple(session for session in will.externals if session.far not in dead))

    def _dead(self) -> set[str]:
        """The addresses of removed nodes: a BGPPeer by `peerIP` still has them, and nobody answers."""
        removed_nodes = (node for node in self._before.resources.nodes if node.name in self.removed)
        dead = {str(address) for node in removed_nodes for address in node.addresses}
        return dead - {str(address) for address in self._after.nodes_by_address}


def _only_goes(before: Expectation, after: Expectation, removed: frozenset[str]) -> bool:
    if after.resources != before.resources.without_nodes(removed):
        return False
    return all(
        peers == tuple(peer for peer in before.peers[node] if peer.far_node not in removed)
        for node, peers in after.peers.items()
    )


def _as_observed(will: Network, was: Network, now: Network, removed: Collection[str]) -> Network:
    """What will stand, given what stands: what is expected already and down stays down."""
    up = {_ends(session) for session in now.sessions}
    perhaps = {_ends(session) for session in now.possible or ()}
    old = {_ends(session) for session in (*was.sessions, *(was.possible or ()))}

    def is_certain(session: BGPSession) -> bool:
        return _ends(session) in up or _ends(session) not in old

    def is_possible(session: BGPSession) -> bool:
        return is_certain(session) or _ends(session) in perhaps

    certain = tuple(filter(is_certain, will.sessions))
    possible = tuple(filter(is_possible, will.sessions if will.possible is None else will.possible))
    # What stands although no resource asks for it may go on, or may not.
    accounted = old | {_ends(session) for session in possible}
    drifted = tuple(
        session
        for session in {_ends(s): s for s in (*now.sessions, *(now.possible or ()))}.values()
        if _ends(session) not in accounted and _ends(session).isdisjoint(removed)
    )
    names = {speaker.name for speaker in (*was.speakers, *will.speakers)} | set(removed)
    unknown = tuple(speaker for speaker in now.speakers if speaker.name not in names)
    outward_now = {_outward(session) for session in now.externals}
    expected = {_outward(session) for session in was.externals}
    return replace(
        will,
        speakers=(*will.speakers, *unknown),
        sessions=certain,
        possible=(*possible, *drifted) if drifted or possible != certain else None,
        externals=tuple(s for s in will.externals if _outward(s) in outward_now or _outward(s) not in expected),
    )


# What is left in between


def _scenario(now: Network, will: Network, was: Network, later: _Later) -> Scenario:
    # Where nodes go and nothing else happens, there is nothing to wait for.
    between = will if later.is_plain else _between(will, now, was, later.surviving)
    return Scenario(now, between, will, _remaining(now, later.removed))


def _between(will: Network, now: Network, was: Network, change: SurvivingSessions) -> Network:
    """Of what will stand, the sessions that stand already and that nothing touches.

    Args:
        will: What will stand.
        now: What stands.
        was: What the resources expect now; all that an observed session's protocols can be compared with.
        change: What the change touches.
    """
    there = {_ends(session) for session in (*now.sessions, *(now.possible or ()))}
    expected = {_ends(session) for session in (*was.sessions, *(was.possible or ()))}

    def fate(session: BGPSession) -> Fate:
        ends = _ends(session)
        if ends not in there:
            return Fate.RESTARTS
        # Of what no resource asks for, no protocol is known to change.
        return change.fate(will.family, session) if ends in expected else Fate.STAYS

    possible = will.sessions if will.possible is None else will.possible
    externals = tuple(_staying(will.externals, now, change))
    certain = tuple(session for session in will.sessions if fate(session) is Fate.STAYS)
    running_on = tuple(session for session in possible if fate(session) is not Fate.RESTARTS)
    is_same = (
        len(certain) == len(will.sessions)
        and len(running_on) == len(possible)
        and len(externals) == len(will.externals)
    )
    if is_same:
        return will
    return replace(will, sessions=certain, possible=running_on if running_on != certain else None, externals=externals)


def _staying(
    externals: Iterable[ExternalSession], now: Network, change: SurvivingSessions
) -> Iterator[ExternalSession]:
    there = {_outward(session): session for session in now.externals}
    for session in externals:
        standing = there.get(_outward(session))
        unchanged = standing is not None and standing.near.settings == session.near.settings
        if unchanged and change.external_fate(now.family, session) is not Fate.RESTARTS:
            yield session


def _remaining(network: Network, removed: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(speaker.name for speaker in network.speakers if speaker.name not in removed))


def _ends(session: BGPSession) -> frozenset[str]:
    return frozenset((session.a.node, session.b.node))


def _outward(session: ExternalSession) -> tuple[str, str]:
    return session.near.node, session.far
