"""Which sessions run through a series of changes, and what is left of the routes at their worst moment.

Two protocols for one neighbour at one port: BIRD runs the one that had the neighbour first, the other stays Idle until
the first is gone (nest/locks.c). So a protocol that is added beside a running one changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import BGPPeer, Resources
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.compare import blocks
from calico_bgp.routes.computed.losses import Group, grouped
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.sessions import BGPSession, SessionEnd

#: One end of a session: node, family and the neighbour's address.
End: TypeAlias = tuple[str, Family, Address]
_Place: TypeAlias = tuple[Family, Address]
#: A protocol as BIRD compares it, with what its BGPPeers say beyond an ExpectedPeer.
_Protocol: TypeAlias = tuple[ExpectedPeer, frozenset[tuple[object, ...]]]


@dataclass(frozen=True)
class Running:
    """What BIRDs run while resources change, one change after the other.

    Attributes:
        expectation: What is configured now.
        restarted: The ends whose running protocol was made, removed or started again since `begin`.
        holders: Ends with several protocols → those of them of which one runs. Elsewhere any of them may.
    """

    expectation: Expectation
    restarted: frozenset[End]
    holders: Mapping[End, frozenset[_Protocol]]

    @classmethod
    def of(cls, expectation: Expectation) -> Running:
        """Everything has come up, and which of two protocols for a neighbour runs is not known."""
        return cls(expectation, frozenset(), {})

    def begin(self) -> Running:
        """Everything that was started has come up."""
        return replace(self, restarted=frozenset())

    def change(self, after: Expectation) -> Running:
        """The resources change, and nobody waits for anything to come up."""
        restarted, holders = set(self.restarted), dict(self.holders)
        for node, peers in after.peers.items():
            was = self.expectation.peers.get(node, ())
            if was == peers:
                continue
            places = _differing(was, peers)
            before = _protocols(was, places, self.expectation.resources)
            now = _protocols(peers, places, after.resources)
            for place in places:
                end = (node, *place)
                there = now.get(place, frozenset())
                mine = holders.pop(end, before.get(place, frozenset()))
                if not mine or not mine <= there:
                    restarted.add(end)
                elif mine != there:
                    holders[end] = mine
        return Running(after, frozenset(restarted), holders)

    def runs(self, family: Family, a: SessionEnd, b: SessionEnd) -> bool:
        """Whether a session ran through all changes since `begin`, if it stood then and is to stand now."""
        if a.address is None or b.address is None:
            return False
        ends = (a.node, family, b.address), (b.node, family, a.address)
        return self.restarted.isdisjoint(ends)

    def network(self, was: Network) -> Network:
        """What is left of the sessions that stood at `begin`: those that ran through all changes since."""

        def kept(sessions: Iterable[BGPSession]) -> tuple[BGPSession, ...]:
            return tuple(session for session in sessions if self.runs(was.family, *session))

        gone = {(node, str(address)) for node, family, address in self.restarted if family is was.family}
        return replace(
            was,
            sessions=kept(was.sessions),
            possible=None if was.possible is None else kept(was.possible),
            externals=tuple(e for e in was.externals if (e.near.node, e.far) not in gone),
        )


def _differing(was: Iterable[ExpectedPeer], now: Iterable[ExpectedPeer]) -> set[_Place]:
    """The neighbours whose protocols are not all as they were: few of many."""
    before, after = ({(peer.family, peer.name): peer for peer in peers} for peers in (was, now))
    found = {(peer.family, peer.address) for key, peer in before.items() if after.get(key) != peer}
    return found | {(peer.family, peer.address) for key, peer in after.items() if key not in before}


def _protocols(
    peers: Iterable[ExpectedPeer], places: set[_Place], resources: Resources
) -> dict[_Place, frozenset[_Protocol]]:
    by_name = {peer.name: peer for peer in resources.bgp_peers}
    found: dict[_Place, set[_Protocol]] = {}
    for peer in peers:
        place = (peer.family, peer.address)
        if place in places:
            more = frozenset(
                _unseen(by_name[b.name]) for b in peer.because if b.name in by_name and b.kind == "BGPPeer"
            )
            found.setdefault(place, set()).add((peer._replace(because=(), far_node=None), more))
    return {place: frozenset(protocols) for place, protocols in found.items()}


def _unseen(peer: BGPPeer) -> tuple[object, ...]:
    """What a BGPPeer says that no ExpectedPeer shows."""
    return (
        peer.source_address,
        peer.reachable_by,
        peer.max_restart_time,
        peer.ttl_security,
        peer.has_password,
        peer.filters,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """The routes of one family at the worst moment of a step, and once everything has come up.

    Attributes:
        family: The family.
        nodes: How many nodes speak it when the step begins, those that it takes away left out.
        lost: Who loses whose routes, if only for a moment; drained nodes left out.
        excused: How many pairs (learner, origin) with a drained node lose the route for a moment.
        gone: Who has lost whose routes afterwards; also those of drained nodes.
    """

    family: Family
    nodes: int
    lost: tuple[Group, ...]
    excused: int
    gone: tuple[Group, ...]

    @property
    def pairs(self) -> int:
        """How many pairs (learner, origin) there are."""
        return self.nodes * (self.nodes - 1)

    @property
    def loses_nothing(self) -> bool:
        """Whether every route stays, those of drained nodes apart."""
        return not self.lost and not self.gone


@dataclass(frozen=True)
class State:
    """An Expectation with its networks: worked out once, for a step ends where the next one begins.

    Attributes:
        expectation: What is configured.
        reaches: Who learns whose routes once everything has come up; one per family that is spoken.
    """

    expectation: Expectation
    reaches: tuple[Reachability, ...]

    @classmethod
    def of(cls, expectation: Expectation) -> State:
        """Work them out."""
        networks = (expected_network(expectation, family) for family in Family)
        return cls(expectation, tuple(reachability(network) for network in networks if network.speakers))


def moments(before: State, running: Running, after: State, drained: frozenset[str]) -> Iterator[Moment]:
    """Every family with its losses: what is learned for certain now, and what is left of it.

    Only nodes that are there before and afterwards can lose or be lost.

    Args:
        before: What stands when the step begins; everything has come up.
        running: What ran through the step.
        after: What stands when everything has come up again.
        drained: Nodes without pods.
    """
    there = after.expectation.resources.nodes_by_name
    for was, then in zip(before.reaches, after.reaches, strict=True):
        left = running.network(was.network)
        stay = [name for name in was.nodes if name in there]
        yield _moment(was, was if left == was.network else reachability(left), then, stay, drained)


def _moment(
    before: Reachability,
    between: Reachability,
    after: Reachability,
    everyone: Sequence[str],
    drained: frozenset[str],
) -> Moment:
    found = [block for block in blocks(before, between, after, everyone) if block.before is Answer.YES]
    lost = [block for block in found if block.between is not Answer.YES]
    mine = [
        block._replace(
            learners=tuple(name for name in block.learners if name not in drained),
            origins=tuple(name for name in block.origins if name not in drained),
        )
        for block in lost
    ]
    mine = [block for block in mine if block.learners and block.origins and block.pairs]
    gone = [block for block in found if block.after is not Answer.YES]
    return Moment(
        family=before.family,
        nodes=len(everyone),
        lost=grouped(mine, [block for block in found if block.between is Answer.YES]),
        excused=sum(block.pairs for block in lost) - sum(block.pairs for block in mine),
        gone=grouped(gone, [block for block in found if block.after is Answer.YES]),
    )
