"""Which sessions survive changes: those whose protocols BIRD neither makes, removes nor starts again. Judges nothing.

The one model of that: what-if questions, the steps of a plan and the risk of a fix all ask it.

BIRD starts a protocol again when anything of its configuration but filters differs (proto/bgp/bgp.c bgp_reconfigure:
also TTL security, password, graceful restart time, source address), and all of them when the router ID does. Two
protocols for one neighbour at one port: BIRD runs the one that had the neighbour first, the other stays Idle until the
first is gone (nest/locks.c). So a protocol that is added beside a running one changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from ipaddress import IPv4Address
from typing import NamedTuple, TypeAlias

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode
from calico_bgp.routes.network.classes.sessions import ClassSessions
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, ExternalSession, SessionEnd

#: One end of a session: node, family and the neighbour's address.
End: TypeAlias = tuple[str, Family, Address]
_Place: TypeAlias = tuple[Family, Address]


class Fate(IntEnum):
    """What becomes of a session during changes; the greater the better."""

    RESTARTS = 0
    """A protocol of it is new, goes, or is configured differently, upon which BIRD closes the session."""
    UNSURE = 1
    """One of two protocols for one neighbour goes, and which of them ran is not known; or its gateway changes."""
    STAYS = 2


class _Unshown(NamedTuple):
    """What a resource says about its protocols that no ExpectedPeer shows (confd/etc/calico/confd/templates)."""

    uses_node_ip: bool = True
    restart_time: str | None = None
    ttl_security: int | None = None
    has_password: bool = False


class _Protocol(NamedTuple):
    """A protocol as BIRD compares it.

    Attributes:
        peer: What is expected, without why.
        source: The node's own address on it; None where BIRD chooses.
        router_id: The node's.
        unshown: What the resources behind it say beyond.
    """

    peer: ExpectedPeer
    source: Address | None
    router_id: IPv4Address | None
    unshown: frozenset[_Unshown]


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
    holders: Mapping[End, frozenset[_Protocol]]
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
        before, now = _Configured(self.expectation), _Configured(after)
        changed = _unlike(before, now)
        for node in after.peers:
            if self._looked_at(node) != node:
                continue
            places = _places(before, now, node, changed)
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


class _Around(NamedTuple):
    """What a BGPPeer says around a protocol, in which BIRD sees no change of it.

    Attributes:
        gateways: The gateways by which the neighbour is reached: routes beside the protocol (reachableBy).
        filters: The BGPFilters.
    """

    gateways: frozenset[str | None]
    filters: frozenset[tuple[str, ...]]


#: The protocols for one neighbour of a node.
_Neighbour: TypeAlias = dict[_Protocol, _Around]


def _fate(end: End, was: _Neighbour, will: _Neighbour, holders: dict[End, frozenset[_Protocol]]) -> tuple[Fate, bool]:
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


class _Configured:
    """The protocols of an expectation, with what only its resources say of them."""

    def __init__(self, expectation: Expectation) -> None:
        self.expectation = expectation
        self.nodes = expectation.resources.nodes_by_name
        self.bgp_peers = {peer.name: peer for peer in expectation.resources.bgp_peers}
        self.mesh = _of_mesh(expectation.resources.global_config)

    def at(self, node: str, places: Collection[_Place]) -> dict[_Place, list[ExpectedPeer]]:
        """Neighbour → the protocols for it, where there are any."""
        by_place: dict[_Place, list[ExpectedPeer]] = {}
        for peer in self.expectation.peers.get(node, ()) if places else ():
            place = (peer.family, peer.address)
            if place in places:
                by_place.setdefault(place, []).append(peer)
        return by_place

    def neighbour(self, node: str, peers: Iterable[ExpectedPeer]) -> _Neighbour:
        """All that is configured for one neighbour."""
        own_node = self.nodes[node]
        return {self._protocol(own_node, peer): self._around(peer) for peer in peers}

    def _around(self, peer: ExpectedPeer) -> _Around:
        behind = [self.bgp_peers[because.name] for because in peer.because if because.kind == "BGPPeer"]
        return _Around(frozenset(peer.reachable_by for peer in behind), frozenset(peer.filters for peer in behind))

    def _protocol(self, node: CalicoNode, peer: ExpectedPeer) -> _Protocol:
        unshown = frozenset(
            self.mesh if because.kind == "BGPConfiguration" else _unshown(self.bgp_peers[because.name])
            for because in peer.because
        )
        source = node.address(peer.family) if all(each.uses_node_ip for each in unshown) else None
        bare = peer._replace(because=(), far_node=None)
        return _Protocol(bare, source, node.router_id, unshown)


def _unlike(before: _Configured, now: _Configured) -> frozenset[tuple[str, str]]:
    """The resources that say something else before and now which no ExpectedPeer shows."""
    changed_peers = {
        ("BGPPeer", name)
        for name, peer in before.bgp_peers.items()
        if (there := now.bgp_peers.get(name)) is not None and there is not peer and _more(peer) != _more(there)
    }
    return frozenset(changed_peers | ({("BGPConfiguration", "default")} if before.mesh != now.mesh else set()))


def _places(
    before: _Configured, now: _Configured, node: str, changed: frozenset[tuple[str, str]]
) -> Collection[_Place]:
    """The neighbours whose protocols may not all be as they were: few of many."""
    was, will = (each.expectation.peers.get(node, ()) for each in (before, now))
    old, new = before.nodes.get(node), now.nodes.get(node)
    moved = old is not new and (old is None or new is None or (old.ipv4, old.ipv6) != (new.ipv4, new.ipv6))
    if moved:
        return {(peer.family, peer.address) for peer in (*was, *will)}
    if was == will and not changed:
        return ()
    first, then = ({(peer.family, peer.name): peer for peer in peers} for peers in (was, will))
    places = {(peer.family, peer.address) for key, peer in first.items() if then.get(key) != peer}
    places |= {(peer.family, peer.address) for key, peer in then.items() if key not in first}
    if changed:
        places |= {(p.family, p.address) for p in will if any((b.kind, b.name) in changed for b in p.because)}
    return places


def _unshown(peer: BGPPeer) -> _Unshown:
    return _Unshown(peer.source_address != "None", peer.max_restart_time, peer.ttl_security or None, peer.has_password)


def _of_mesh(config: BGPConfiguration | None) -> _Unshown:
    if config is None:
        return _Unshown()
    return _Unshown(restart_time=config.node_mesh_max_restart_time, has_password=config.has_node_mesh_password)


def _more(peer: BGPPeer) -> tuple[object, ...]:
    return (_unshown(peer), peer.reachable_by, peer.filters)


def changed_filters(before: Expectation, after: Expectation) -> tuple[str, ...]:
    """The BGPPeers whose BGPFilters change, sorted."""
    was = {peer.name: peer.filters for peer in before.resources.bgp_peers}
    return tuple(sorted(p.name for p in after.resources.bgp_peers if p.filters != was.get(p.name, ())))
