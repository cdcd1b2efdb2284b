"""The sessions that were seen Established, with settings from Calico's resources or else from the nodes' roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address
from itertools import combinations

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import BGPState, Family
from calico_bgp.routes.network.classes.sessions import ClassSessions
from calico_bgp.routes.network.copies import copies_not_followed
from calico_bgp.routes.network.holding.filters import IN_PART, RouteFilters, filters_doubt
from calico_bgp.routes.network.holding.held import ONE_KIND, OwnKinds
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.observed_nodes import address_of, speaks
from calico_bgp.routes.network.protocols import Joint, Listening, Shared, end_of, join, one_or_both, session_of
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, ExternalSession, SessionEnd, Speaker
from calico_bgp.routes.network.strangers import Strangers
from calico_bgp.routes.network.unseen import is_expected_by_roles, sessions_by_role
from calico_bgp.upstream import DEFAULT_AS

#: Tables that do not show everything.
_BLIND = frozenset({Table.UNKNOWN, Table.UNREACHABLE, Table.PART})
_PLACELESS = "of some addresses it is not known whose they are; a session with one of them counts as perhaps"
_UNSEEN = "a session between two nodes that could not be read counts as perhaps"


def observed_network(cluster: Cluster, family: Family) -> Network:
    """The network of a family as it was seen.

    Certain is what stands at every end that shows it. Possible is, besides: a session between two nodes neither of
    which could be looked at, where one is to be expected; and one that stands while an end still recovers from a
    restart. A neighbour that is no known node is an unknown.

    Without resources the settings are inferred: one AS for all nodes, add-paths everywhere, and a reflector reflects to
    the clients. Whether reflectors have one cluster ID or several is then not known: certain is what arrives with one
    (each drops what the others reflect), possible what arrives with several (each passes on what the others reflect).

    Args:
        cluster: What was seen.
        family: The family; without speakers when it is not in use.
    """
    return _Observation(cluster, family).network()


def sessions_if_established(
    cluster: Cluster, family: Family, keys: Iterable[SessionKey]
) -> dict[SessionKey, BGPSession]:
    """The sessions of one family that nodes would have if they stood, without those that cannot come up."""
    observation = _Observation(cluster, family)
    members = observation.members
    sessions = {key: observation.joint(key).certain for key in keys if key.a in members and key.b in members}
    return {key: session for key, session in sessions.items() if session is not None}


@dataclass
class _Observation:
    """One family of a cluster, on its way to a network."""

    cluster: Cluster
    family: Family
    doubts: set[str] = field(default_factory=set)
    ends: dict[str, SessionEnd] = field(default_factory=dict)

    def __post_init__(self) -> None:
        resources = None if self.cluster.expectation is None else self.cluster.expectation.resources
        self.resources = resources
        self.listening = None if resources is None else Listening(resources)
        self.filters = self._filters()
        if self.filters is None or self.filters.is_idle:
            self.shared = self.strict = Shared()
        else:
            self.shared, self.strict = (Shared(partial(self.filters.held, certain=each)) for each in (False, True))
        claimed = self.cluster.identity.claimed_twice
        self.claimants = {str(address): names for address, names in claimed.items()}
        reflectors = set(self.cluster.reflectors)
        self.reflectors_peer = bool(reflectors) and any({key.a, key.b} <= reflectors for key in self.cluster.sessions)
        self.members = {
            member.name: member for member in self.cluster.members if speaks(self.cluster, member, self.family)
        }

    def _filters(self) -> RouteFilters | None:
        expectation = self.cluster.expectation
        if expectation is None:
            return None
        unasked = self.cluster.sessions.keys() - self.cluster.expected_peers.keys()
        has_strangers = any(key.family is self.family and self.cluster.sessions[key].is_up for key in unasked)
        return RouteFilters(expectation.resources, self.family, expectation.version, has_strangers=has_strangers)

    def network(self) -> Network:
        if not self.cluster.sessions and self.resources is None:
            return self._network(*self._unseen_by_role(), ())
        certain: list[BGPSession] = []
        possible: list[BGPSession] = []
        externals: list[ExternalSession] = []
        meeting: dict[str, list[str]] = defaultdict(list)
        for session in self.cluster.in_order:
            key = session.key
            if key.family is not self.family:
                continue
            members = [name for name in (key.a, key.b) if name in self.members]
            if len(members) == 2 and (session.is_up or _recovers(session)):
                joint = self.joint(key)
                possible += joint.possible
                if session.is_up and joint.certain is not None:
                    certain.append(joint.certain)
                elif not session.is_up:
                    self.doubts.add("a session that recovers from a restart counts as perhaps")
            elif len(members) == 1 and session.is_up:
                externals.append(self._external(key, members[0]))
                meeting[members[0]].append(key.far(members[0]))
        if not certain and not possible and (many := self._many_strangers(meeting)) is not None:
            return self._network(*many, externals)
        placeless = dict.fromkeys(key for near, fars in meeting.items() for key in self._may_be(near, fars))
        for key in placeless:
            possible += self.joint(key).possible
            self.doubts.add(_PLACELESS)
        for key in self._unseen():
            possible += self.joint(key).possible
            self.doubts.add(_UNSEEN)
        if (expectation := self.cluster.expectation) is not None:
            copies = copies_not_followed(expectation.resources, self.family, expectation.version, (*certain, *possible))
            self.doubts.update(() if copies is None else (copies,))
        return self._network(*one_or_both(certain, possible), externals)

    def _network(
        self,
        sessions: Sequence[BGPSession],
        possible: Sequence[BGPSession] | None,
        externals: Iterable[ExternalSession],
    ) -> Network:
        kinds = () if self.filters is None else self.filters.kinds
        return Network(
            family=self.family,
            speakers=tuple(self._speakers()),
            sessions=sessions,
            possible=possible,
            externals=tuple(externals),
            assumptions=tuple(self._assumptions()),
            kinds=tuple(kind.text for kind in kinds),
        )

    def _unseen_by_role(self) -> tuple[ClassSessions, ClassSessions | None]:
        """What is certain, and what is possible, where no node shows a session and no resources are known."""
        addresses = {name: address_of(self.cluster, self.members[name], self.family) for name in sorted(self._blind())}
        possible = sessions_by_role(self.cluster.shape, self.family, addresses, self.joint)
        if possible.settings:
            self.doubts.add(_UNSEEN)
        return ClassSessions(possible.classes, addresses, {}), possible if possible.settings else None

    # Nodes

    def _end(self, member: Member) -> SessionEnd:
        end = self.ends.get(member.name)
        if end is None:
            end = self.ends[member.name] = end_of(member.name, address_of(self.cluster, member, self.family))
        return end

    def _router_id(self, member: Member) -> IPv4Address | None:
        if member.resource is not None:
            return member.resource.ipv4 if isinstance(member.resource.ipv4, IPv4Address) else None
        own = self.cluster.identity.addresses.get(member.name, ())
        return next((address for address in own if isinstance(address, IPv4Address)), None)

    def _speakers(self) -> Iterator[Speaker]:
        """The nodes; two that refuse each other for it have one router ID, whatever their addresses say."""
        ids = {name: self._router_id(member) for name, member in self.members.items()}
        for session in self.cluster.in_order:
            a, b, family = session.key.a, session.key.b, session.key.family
            if family is self.family and a in ids and b in ids and session.has_one_router_id:
                ids[b] = ids[a] = ids[a] or ids[b]
        return (Speaker(name, router_id, self._blocks(name)) for name, router_id in ids.items())

    def _blocks(self, name: str) -> OwnKinds:
        resource = self.members[name].resource
        if self.filters is None:
            return ONE_KIND
        return self.filters.of_node(name if resource is None else resource.name)

    # Sessions

    def joint(self, key: SessionKey) -> Joint:
        """What a session is, from the resources where they ask for it, else from what its two nodes are."""
        a, b = self.members[key.a], self.members[key.b]
        ends = self._end(a), self._end(b)
        if self.listening is not None:
            peers = self.cluster.expected_peers.get(key, ())
            near_peers, far_peers = _peers_of(a, peers), _peers_of(b, peers)
            joint = join(near_peers, far_peers, self.listening, ends, self.shared)
            if joint.possible:
                return self._through_filters(joint, near_peers, far_peers, ends)
            self.doubts.add("a session that no resource asks for gets the settings that its nodes suggest")
            session = session_of(ends, self._by_resource(a, b), self._by_resource(b, a))
            return Joint(session, (session,))
        certain = self._inferred(key, ends, several=False)
        reflects = Role.REFLECTOR in {self.cluster.shape.roles.get(key.a), self.cluster.shape.roles.get(key.b)}
        return Joint(certain, (self._inferred(key, ends, several=True) if reflects else certain,))

    def _inferred(self, key: SessionKey, ends: tuple[SessionEnd, SessionEnd], *, several: bool) -> BGPSession:
        """A session by the roles of its nodes, with one cluster ID for all reflectors or with several."""
        roles = self.cluster.shape.roles
        reflects = [roles.get(name) is Role.REFLECTOR for name in (key.a, key.b)]
        if all(reflects):
            self.doubts.add(
                "whether the reflectors have one cluster ID or several is not known: what arrives only with several "
                "counts as perhaps"
            )
        # None stands for the one ID of all.
        ids = [f"of {name}" if several and self.reflectors_peer else None for name in (key.a, key.b)]
        settings = (
            self.shared(EndSettings(DEFAULT_AS, DEFAULT_AS, client, cluster_id if client else None))
            for client, cluster_id in zip(reflects, ids, strict=True)
        )
        return session_of(ends, *settings)

    def _through_filters(
        self, joint: Joint, near: list[ExpectedPeer], far: list[ExpectedPeer], ends: tuple[SessionEnd, SessionEnd]
    ) -> Joint:
        """The session as it is where all holds routes back that may."""
        assert self.filters is not None
        assert self.listening is not None
        if self.filters.is_idle:
            return joint
        if doubtful := self.filters.doubtful((*near, *far)):
            self.doubts.add(filters_doubt(doubtful))
        return Joint(join(near, far, self.listening, ends, self.strict).certain, joint.possible)

    def _by_resource(self, near: Member, far: Member) -> EndSettings:
        assert self.resources is not None
        return self.shared.of_nodes(self.resources, near.resource, far.resource)

    def _external(self, key: SessionKey, near: str) -> ExternalSession:
        member = self.members[near]
        expected = self.cluster.expected_peers.get(key, ())
        # Of an unknown we know no AS: over eBGP most passes, so that is what may pass.
        own = self._by_resource(member, member).local_as if self.resources is not None else DEFAULT_AS
        settings = self.shared.of(expected[0]) if expected else self.shared(EndSettings(own, 0))
        return ExternalSession(SessionEnd(near, address_of(self.cluster, member, self.family), settings), key.far(near))

    def _may_be(self, near: str, fars: Iterable[str]) -> Iterator[SessionKey]:
        """The sessions that those with strangers may really be: with nodes whose address is not known."""
        unplaced = self.cluster.identity.unplaced[self.family]
        for name in {name: None for far in fars for name in self.claimants.get(far, unplaced)}:
            key = SessionKey.between(self.family, near, name)
            session = self.cluster.sessions.get(key)
            if name != near and name in self.members and (session is None or not session.is_up):
                yield key

    def _many_strangers(self, meeting: Collection[str]) -> tuple[ClassSessions, ClassSessions] | None:
        """What is certain, and what is possible, where any of very many nodes may be any other's stranger."""
        strangers = Strangers(frozenset(meeting), frozenset(self.cluster.identity.unplaced[self.family]), self._blind())
        if self.resources is not None or self.reflectors_peer or self.claimants or not strangers.are_many:
            return None
        self.doubts.add(_PLACELESS)
        addresses = {name: address_of(self.cluster, member, self.family) for name, member in self.members.items()}
        possible = strangers.sessions(self.cluster.shape, self.family, addresses, self.joint)
        return ClassSessions(possible.classes, addresses, {}), possible

    def _blind(self) -> frozenset[str]:
        return frozenset(name for name, member in self.members.items() if member.table(self.family) in _BLIND)

    def _unseen(self) -> Iterable[SessionKey]:
        """Sessions to be expected between nodes neither of which could be looked at."""
        blind = sorted(self._blind())
        if self.resources is not None:
            expected = self.cluster.expected_peers
            keys = sorted(k for k in expected if k.family is self.family and k.a in blind and k.b in blind)
        else:
            pairs = (SessionKey.between(self.family, one, other) for one, other in combinations(blind, 2))
            keys = [key for key in pairs if is_expected_by_roles(self.cluster.shape, key)]
        return (key for key in keys if key not in self.cluster.sessions)

    def _assumptions(self) -> Iterator[str]:
        if self.resources is None:
            yield "all nodes are taken to have one AS number and add-paths, as is Calico's default"
            if self.cluster.reflectors:
                yield "without Calico's resources, who reflects to whom is inferred from who peers with whom"
        if self.filters is not None and len(self.filters.kinds) > 1:
            yield IN_PART
        yield from sorted(self.doubts)


def _peers_of(member: Member, peers: Iterable[ExpectedPeer]) -> list[ExpectedPeer]:
    """Those of some expected peers that are a node's own."""
    return [] if member.resource is None else [peer for peer in peers if peer.node == member.resource.name]


def _recovers(session: Session) -> bool:
    """Whether it stands though an end still waits for others after a restart (`wait Established`)."""
    return all(any(row.bgp_state is BGPState.ESTABLISHED for row in end.rows) for end in session.ends if end.rows)
