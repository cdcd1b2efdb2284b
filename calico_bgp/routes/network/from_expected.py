"""The sessions that Calico's resources ask for, every one of them taken as Established: an Expectation in.

What two nodes of a class have shows what all of the class have (classes/equal_nodes.py), so that a mesh takes no
longer than its nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.messages.words import some
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.resources import CalicoNode
from calico_bgp.routes.network.classes.equal_nodes import REPRESENTATIVES, classes_of, representatives
from calico_bgp.routes.network.classes.sessions import ClassSessions, SettingsPair, class_numbers
from calico_bgp.routes.network.copies import copies_not_followed
from calico_bgp.routes.network.holding.filters import IN_PART, RouteFilters, filters_doubt
from calico_bgp.routes.network.holding.held import ONE_KIND
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.protocols import Joint, Listening, Shared, end_of, is_decided_by_order, join
from calico_bgp.routes.network.sessions import BGPSession, ExternalSession, SessionEnd, Speaker

#: So many nodes or BGPPeers are named in an assumption.
_NAMED = 3


def expected_network(expectation: Expectation, family: Family, *, filters: bool = True) -> Network:
    """The network of a family when everything stands that can.

    A session is there where both nodes have a protocol for each other and the two can come up: the AS numbers agree,
    one end dials where the other listens, and over iBGP their router IDs differ. Where a node has two protocols for one
    neighbour, BIRD runs one of them; where it matters which, what the session brings is "perhaps".

    Args:
        expectation: What Calico would configure; the peers of representatives are enough (classes/equal_nodes.py).
        family: The family; without speakers when no node has an address of it.
        filters: Whether BGPFilters and pools that are not exported hold routes back. A plan takes all as open, for what
            it must not lose is what they let through.
    """
    nodes = {node.name: node for node in expectation.resources.nodes if node.address(family) is not None}
    classes = [
        with_address for names in classes_of(expectation) if (with_address := tuple(n for n in names if n in nodes))
    ]
    joined = _Classes(expectation, family, nodes, classes, with_filters=filters)
    if not joined.are_equal:
        # Each node for itself: the order of addresses says which sessions come up, or an end is not like the other.
        whole = expectation if len(expectation.peers) >= len(nodes) else _with_all_peers(expectation)
        alone = [(name,) for name in sorted(nodes)]
        joined = _Classes(whole, family, nodes, alone, with_filters=filters)
    return joined.network()


def has_one_router_id(session: BGPSession, one: CalicoNode, other: CalicoNode) -> bool:
    """Whether an iBGP session stays down for `Bad BGP identifier`."""
    return session.a.settings.is_internal and one.router_id is not None and one.router_id == other.router_id


def _with_all_peers(expectation: Expectation) -> Expectation:
    return expect(expectation.resources, version=expectation.version)


@dataclass
class _Classes:
    """One family of an expectation, on its way to a network.

    Attributes:
        expectation: What Calico would configure.
        family: The family.
        nodes: The nodes that have an address of it.
        classes: These nodes in classes.
        with_filters: As `filters` above.
        are_equal: Whether what the first two of a class have holds for all of it.
        joints: Two numbers of classes → the session of their representatives.
    """

    expectation: Expectation
    family: Family
    nodes: Mapping[str, CalicoNode]
    classes: Sequence[tuple[str, ...]]
    with_filters: bool
    are_equal: bool = True
    joints: dict[tuple[int, int], Joint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listening = Listening(self.expectation.resources)
        self.class_of = class_numbers(self.classes)
        self.filters = RouteFilters(self.expectation.resources, self.family, self.expectation.version)
        holds = self.with_filters and not self.filters.is_idle
        self.shared = Shared(partial(self.filters.held, certain=False) if holds else None)
        self.strict = Shared(partial(self.filters.held, certain=True)) if holds else self.shared
        self.asked = {name: self._peers_by_node(name) for name in representatives(self.classes)}
        for one, other, near_peers, far_peers in self._facing():
            if not self._join(one, other, near_peers, far_peers):
                self.are_equal = False
                return

    def _peers(self, name: str) -> Iterator[ExpectedPeer]:
        for peer in self.expectation.peers.get(name, ()):
            if peer.family is self.family and peer.peer_type is not PeerType.LOCAL_WORKLOAD:
                yield peer

    def _peers_by_node(self, name: str) -> dict[str, list[ExpectedPeer]]:
        """What a representative has of other representatives."""
        by_far: dict[str, list[ExpectedPeer]] = {}
        for peer in self._peers(name):
            far = peer.far_node
            if far in self.class_of and far != name and far in self.classes[self.class_of[far]][:REPRESENTATIVES]:
                by_far.setdefault(far, []).append(peer)
        return by_far

    def _facing(self) -> Iterator[tuple[str, str, list[ExpectedPeer], list[ExpectedPeer]]]:
        """Two representatives that have peers for one another, for every two classes and for each with itself."""
        for number, names in enumerate(self.classes):
            for far, near_peers in self.asked[names[0]].items():
                other = self.class_of[far]
                is_chosen = far == self.classes[other][0] if other != number else far == names[1]
                far_peers = self.asked[far].get(names[0]) if is_chosen and other >= number else None
                if far_peers is not None:
                    yield names[0], far, near_peers, far_peers

    def _join(self, one: str, other: str, near_peers: list[ExpectedPeer], far_peers: list[ExpectedPeer]) -> bool:
        """Join two representatives; False where what they have does not hold for all of their classes."""
        numbers = self.class_of[one], self.class_of[other]
        is_one_pair = numbers[0] != numbers[1] and all(len(self.classes[number]) == 1 for number in numbers)
        if not is_one_pair and is_decided_by_order(near_peers, far_peers, self.listening):
            return False
        joint = self._joint(one, other, near_peers, far_peers)
        if len(joint.possible) > 1 and not is_one_pair:
            # What is certain of several is told from one of the two: it must be the same from the other.
            turned = self._joint(other, one, far_peers, near_peers)
            if _turned(turned.certain) != joint.certain:
                return False
        if numbers[0] == numbers[1] and not _is_symmetric(joint):
            return False
        if joint.possible and not has_one_router_id(joint.possible[0], self.nodes[one], self.nodes[other]):
            self.joints[numbers] = joint
        return True

    def _joint(self, one: str, other: str, near_peers: list[ExpectedPeer], far_peers: list[ExpectedPeer]) -> Joint:
        ends = self._end(one), self._end(other)
        joint = join(near_peers, far_peers, self.listening, ends, self.shared)
        if self.strict is self.shared:
            return joint
        return Joint(join(near_peers, far_peers, self.listening, ends, self.strict).certain, joint.possible)

    def _end(self, name: str) -> SessionEnd:
        return end_of(name, self.nodes[name].address(self.family))

    # The network

    def network(self) -> Network:
        certain = {ends: _settings(() if j.certain is None else (j.certain,)) for ends, j in self.joints.items()}
        possible = {ends: _settings(joint.possible) for ends, joint in self.joints.items()}
        addresses = {name: node.address(self.family) for name, node in self.nodes.items()}
        holds = self.strict is not self.shared
        blocks = {name: self.filters.of_node(name) if holds else ONE_KIND for name in self.nodes}
        labels = blocks if len(set(blocks.values())) > 1 else {}
        return Network(
            family=self.family,
            speakers=tuple(Speaker(name, n.router_id, blocks[name]) for name, n in sorted(self.nodes.items())),
            sessions=ClassSessions(self.classes, addresses, certain).divided(labels),
            possible=None if certain == possible else ClassSessions(self.classes, addresses, possible).divided(labels),
            externals=tuple(self._externals()),
            assumptions=tuple(self._assumptions()),
            kinds=tuple(kind.text for kind in self.filters.kinds) if holds else (),
        )

    def _externals(self) -> Iterator[ExternalSession]:
        outside = [
            [(self.shared.of(peer), str(peer.address)) for peer in self._peers(names[0]) if _is_external(peer)]
            for names in self.classes
        ]
        for name, node in self.nodes.items():
            for settings, far in outside[self.class_of[name]]:
                yield ExternalSession(SessionEnd(name, node.address(self.family), settings), far)

    def _assumptions(self) -> Iterator[str]:
        expectation, family = self.expectation, self.family
        yield "every session that Calico's resources ask for at both ends is taken as Established"
        if self.with_filters and len(self.filters.kinds) > 1:
            yield IN_PART
        possible = (session for joint in self.joints.values() for session in joint.possible)
        copies = copies_not_followed(expectation.resources, family, expectation.version, possible)
        if copies is not None:
            yield copies
        filters = self._doubtful_filters() if self.with_filters else ()
        if filters:
            yield filters_doubt(filters)
        refused = sorted({refusal.node for refusal in expectation.refusals if refusal.family is family})
        if refused:
            yield (
                f"BIRD refuses the configuration of {some(refused, _NAMED)} and goes on with an older one, which is "
                "not known; its other sessions are taken as if it did not"
            )
        conflicts = sorted({name for c in expectation.conflicts if c.family is family for name in c.bgp_peers})
        if conflicts:
            yield f"the BGPPeers {some(conflicts, _NAMED)} contradict each other; which of them wins is not determined"
        undecided = self._undecided()
        if undecided:
            yield (
                f"{undecided} {'session has' if undecided == 1 else 'sessions have'} two protocols that differ, of "
                "which BIRD runs one; what only such a session brings counts as perhaps"
            )

    def _doubtful_filters(self) -> tuple[str, ...]:
        peers = (peer for names in self.classes for peer in self._peers(names[0]) if peer.far_node in self.nodes)
        return self.filters.doubtful(peers)

    def _undecided(self) -> int:
        """How many sessions may be one of several."""
        undecided = [ends for ends, j in self.joints.items() if j.certain is None and len(j.possible) > 1]
        sizes = [len(names) for names in self.classes]
        return sum(
            sizes[one] * (sizes[one] - 1) // 2 if one == other else sizes[one] * sizes[other]
            for one, other in undecided
        )


def _is_external(peer: ExpectedPeer) -> bool:
    """Whether it is a peer with something that is no node. BIRD refuses the AS number 0."""
    return peer.far_node is None and bool(peer.peer_as)


def _turned(session: BGPSession | None) -> BGPSession | None:
    """The same session with its ends the other way round."""
    return None if session is None else BGPSession(session.b, session.a)


def _is_symmetric(joint: Joint) -> bool:
    """Whether the session of two nodes of a class looks the same from both."""
    pairs = set(_settings(joint.possible))
    is_certain_symmetric = joint.certain is None or joint.certain.a.settings == joint.certain.b.settings
    return is_certain_symmetric and pairs == {(b, a) for a, b in pairs}


def _settings(sessions: Sequence[BGPSession]) -> tuple[SettingsPair, ...]:
    return tuple((a.settings, b.settings) for a, b in sessions)
