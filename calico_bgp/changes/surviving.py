"""Which sessions survive changes: those whose protocols BIRD neither makes, removes nor starts again. Judges nothing.

The one model of that: what-if questions, the steps of a plan and the risk of a fix all ask it.

BIRD starts a protocol again when anything of its configuration but filters differs (proto/bgp/bgp.c bgp_reconfigure:
also TTL security, password, graceful restart time, source address), and all of them when the router ID does. Two
protocols for one neighbour at one port: BIRD runs the one that had the neighbour first, the other stays Idle until the
first is gone (nest/locks.c). So a protocol that is added beside a running one changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import TypeAlias

from calico_bgp.changes.protocols import Configured, Neighbour, Protocol, places_to_look_at, unlike
from calico_bgp.expect.engine import Expectation
from calico_bgp.model.peer import Address, Family
from calico_bgp.routes.network.classes.sessions import ClassSessions
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, ExternalSession, SessionEnd

#: One end of a session: node, family and the neighbour's address.
End: TypeAlias = tuple[str, Family, Address]


class Fate(IntEnum):
    """What becomes of a session during changes; the greater the better."""

    RESTARTS = 0
    """A protocol of it is new, goes, or is configured differently, upon which BIRD closes the session."""
    UNSURE = 1
    """One of two protocols for one neighbour goes, and which of them ran is not known; or its gateway changes."""
    STAYS = 2


@dataclass(frozen=True)
class SurvivingSessions:
    """What runs while resources change, one change after the other, and what of it ran on since `begin`.

    Attributes:
        expectation: What is configured now.
        fates: The ends that did not simply stay.
        refiltered: The ends that run on with other BGPFilters: what those let through is not known.
        anew: The nodes whose BIRD began anew since: those that are replaced.
        holders: Ends with several protocols → those of them of which one runs. Elsewhere any of them may.
        alike: Node → the nodes that no change tells from it, sorted: it is enough to look at two of them. A node that
            is not there is looked at by itself.
    """

    expectation: Expectation
    fates: Mapping[End, Fate]
    refiltered: frozenset[End]
    anew: frozenset[str]
    holders: Mapping[End, frozenset[Protocol]]
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, expectation: Expectation, alike: Mapping[str, tuple[str, ...]] | None = None) -> SurvivingSessions:
        """Everything has come up, and which of two protocols for a neighbour runs is not known.

        Args:
            expectation: What is configured; of nodes that are alike the peers of two are enough.
            alike: As above.
        """
        return cls(expectation, {}, frozenset(), frozenset(), {}, alike or {})

    def begin(self) -> SurvivingSessions:
        """Everything that was started has come up."""
        return replace(self, fates={}, refiltered=frozenset(), anew=frozenset())

    def change(self, after: Expectation, replaced: Iterable[str] = ()) -> SurvivingSessions:
        """The resources change, and nobody waits for anything to come up.

        Args:
            after: What is configured then.
            replaced: The nodes that go and come back meanwhile.
        """
        fates, refiltered, holders = dict(self.fates), set(self.refiltered), dict(self.holders)
        before, now = Configured(self.expectation), Configured(after)
        changed = unlike(before, now)
        for node in after.peers:
            if self._looked_at(node) != node:
                continue
            places = places_to_look_at(before, now, node, changed)
            was, will = (each.at(node, places) for each in (before, now))
            for place in places:
                end = (node, *place)
                if place in was and place in will:
                    configured = before.neighbour(node, was[place]), now.neighbour(node, will[place])
                    fate, is_refiltered = _fate(end, *configured, holders)
                else:
                    holders.pop(end, None)
                    fate, is_refiltered = Fate.RESTARTS, False
                if fate is not Fate.STAYS:
                    fates[end] = min(fate, fates.get(end, Fate.STAYS))
                if is_refiltered:
                    refiltered.add(end)
        return replace(
            self,
            expectation=after,
            fates=fates,
            refiltered=frozenset(refiltered),
            anew=self.anew.union(replaced),
            holders=holders,
        )

    def _looked_at(self, near: str, far: str | None = None) -> str:
        """The node that is looked at in the place of one, as far as its session with another goes."""
        first, second, *_ = self.alike.get(near, (near, near))
        return near if near == second else second if far == first else first

    def fate(self, family: Family, session: BGPSession) -> Fate:
        """What becomes of a session that exists before and afterwards."""
        a, b = session
        return min(self._end_fate(family, a, b), self._end_fate(family, b, a))

    def _end_fate(self, family: Family, near: SessionEnd, far: SessionEnd) -> Fate:
        if near.node in self.anew:
            return Fate.RESTARTS
        if far.address is None:
            return Fate.UNSURE
        return self.fates.get((self._looked_at(near.node, far.node), family, far.address), Fate.STAYS)

    def external_fate(self, family: Family, session: ExternalSession) -> Fate:
        """What becomes of a session with something that is no node."""
        if session.near.node in self.anew:
            return Fate.RESTARTS
        return self._by_text.get((self._looked_at(session.near.node), family, session.far), Fate.STAYS)

    @cached_property
    def _by_text(self) -> dict[tuple[str, Family, str], Fate]:
        return {(node, family, str(address)): fate for (node, family, address), fate in self.fates.items()}

    def runs_on(self, family: Family, a: SessionEnd, b: SessionEnd) -> bool:
        """Whether a session ran on for certain with all its routes, if it stood at `begin` and is to stand now."""
        if a.address is None or b.address is None or self.fate(family, BGPSession(a, b)) is not Fate.STAYS:
            return False
        # Asked of each session of a mesh, and mostly no filter changes: addresses are slow to look up.
        if not self.refiltered:
            return True
        near, far = self._looked_at(a.node, b.node), self._looked_at(b.node, a.node)
        return self.refiltered.isdisjoint(((near, family, b.address), (far, family, a.address)))

    def interrupted(self, family: Family, sessions: Sequence[BGPSession]) -> set[tuple[str, str]]:
        """The two nodes, sorted, of each session that did not run on for certain, as `runs_on` says."""
        if not isinstance(sessions, ClassSessions):
            return {_sorted(a.node, b.node) for a, b in sessions if not self.runs_on(family, a, b)}
        divided, ends = self._interrupted_classes(family, sessions)
        return {
            _sorted(a, b) for one, other in ends for a in divided.classes[one] for b in divided.classes[other] if a != b
        }

    def _interrupted_classes(
        self, family: Family, sessions: ClassSessions
    ) -> tuple[ClassSessions, set[tuple[int, int]]]:
        """The sessions with the nodes of each class alike, and two classes each between which none ran on."""
        divided = sessions.divided(
            {name: self.alike.get(name, (name,))[0] for names in sessions.classes for name in names}
        )
        return divided, {
            (one, other)
            for one, other in divided.settings
            if divided.number_of_pairs(one, other)
            and not all(
                self.runs_on(family, a, b)
                for a, b in divided.between(divided.classes[one][0], divided.classes[other][-1])
            )
        }

    def network(self, was: Network) -> Network:
        """What is left for certain of the sessions that stood at `begin`; the same network where that is all of it."""

        def kept(sessions: Sequence[BGPSession]) -> Sequence[BGPSession]:
            if not isinstance(sessions, ClassSessions):
                return tuple(session for session in sessions if self.runs_on(was.family, *session))
            divided, ends = self._interrupted_classes(was.family, sessions)
            return divided.without_classes(ends) if ends else sessions

        refiltered = {(node, str(address)) for node, _, address in self.refiltered}
        left = replace(
            was,
            sessions=kept(was.sessions),
            possible=None if was.possible is None else kept(was.possible),
            externals=tuple(
                session
                for session in was.externals
                if self.external_fate(was.family, session) is Fate.STAYS
                and (self._looked_at(session.near.node), session.far) not in refiltered
            ),
        )
        is_same = left.sessions is was.sessions and left.possible is was.possible and left.externals == was.externals
        return was if is_same else left


def _sorted(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _fate(end: End, was: Neighbour, will: Neighbour, holders: dict[End, frozenset[Protocol]]) -> tuple[Fate, bool]:
    """What becomes of the protocol that runs, and whether its filters change.

    Args:
        end: Whose.
        was: What was configured.
        will: What is configured then.
        holders: Which of several may run; it is told which run on.
    """
    running = holders.pop(end, frozenset(was))
    running_on = running & will.keys()
    if not running_on or running_on != running:
        return (Fate.UNSURE if running_on else Fate.RESTARTS), False
    if len(running) < len(will):
        holders[end] = running
    same_way = all(was[protocol].gateways == will[protocol].gateways for protocol in running)
    return (Fate.STAYS if same_way else Fate.UNSURE), any(
        was[protocol].filters != will[protocol].filters for protocol in running
    )


def changed_filters(before: Expectation, after: Expectation) -> tuple[str, ...]:
    """The BGPPeers whose BGPFilters change, sorted."""
    was = {peer.name: peer.filters for peer in before.resources.bgp_peers}
    return tuple(sorted(p.name for p in after.resources.bgp_peers if p.filters != was.get(p.name, ())))
