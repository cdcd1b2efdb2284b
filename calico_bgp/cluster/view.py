"""Everything about one snapshot that rules look at, worked out once. Facts only, no judgement."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from calico_bgp.cluster.expected import expected_by_session, expected_shape, version_of
from calico_bgp.cluster.nodes.identity import Identity, identify
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.nodes.membership import Membership, members_of
from calico_bgp.cluster.ports import ListenPort, ports_of
from calico_bgp.cluster.sessions import Session, SessionKey, join_sessions, make_session
from calico_bgp.cluster.shape import Shape, infer_shape
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.messages.pod_commands import Pods, pods_of
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import Topology, TopologyNode


@dataclass(frozen=True)
class ClusterView:
    """A snapshot, seen as a cluster.

    Attributes:
        snapshot: What was read.
        membership: Its nodes.
        identity: Who has which address.
        sessions: Every session that an end shows.
        shape: What shape they make.
        expectation: What Calico's resources ask for; None when they were not read, or hold no Node
            with an address.
    """

    snapshot: Snapshot
    membership: Membership
    identity: Identity
    sessions: dict[SessionKey, Session]
    shape: Shape
    expectation: Expectation | None = None

    @property
    def members(self) -> tuple[Member, ...]:
        """All members, sorted by name."""
        return self.membership.members

    @cached_property
    def pods(self) -> Pods:
        """Commands that act on calico-node of a node, by its pod where Kubernetes was read."""
        up: dict[str, set[object]] = defaultdict(set)
        for key, session in self.sessions.items():
            if session.is_up:
                up[key.a].add(key)
                up[key.b].add(key)
        return pods_of(self.snapshot.kubernetes, {name: frozenset(keys) for name, keys in up.items()})

    @cached_property
    def by_name(self) -> dict[str, Member]:
        """Members by name."""
        return {member.name: member for member in self.members}

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The families that have a peer anywhere."""
        met = {key.family for key in self.sessions}
        return tuple(family for family in Family if family in met)

    @cached_property
    def reflectors(self) -> tuple[str, ...]:
        """The names of the reflectors, sorted."""
        return tuple(sorted(name for name, role in self.shape.roles.items() if role is Role.REFLECTOR))

    @cached_property
    def in_order(self) -> tuple[Session, ...]:
        """Every session that an end shows, sorted by its key, so that findings come in the same order every time."""
        return tuple(session for _, session in sorted(self.sessions.items()))

    @cached_property
    def sessions_of(self) -> dict[tuple[str, Family], tuple[Session, ...]]:
        """(end's name, family) → the sessions it takes part in."""
        found: dict[tuple[str, Family], list[Session]] = defaultdict(list)
        for key, session in self.sessions.items():
            found[key.a, key.family].append(session)
            found[key.b, key.family].append(session)
        return {end: tuple(sessions) for end, sessions in found.items()}

    @cached_property
    def has_mesh(self) -> bool:
        """Whether any node shows a mesh peer."""
        return any(
            row.peer_type is PeerType.MESH
            for session in self.sessions.values()
            for end in session.ends
            for row in end.rows
        )

    @cached_property
    def expected_peers(self) -> dict[SessionKey, tuple[ExpectedPeer, ...]]:
        """Session → the peers that the resources ask for at its ends; empty without resources."""
        return {} if self.expectation is None else expected_by_session(self.expectation, self.members, self.identity)

    @cached_property
    def listen_ports(self) -> dict[str, ListenPort]:
        """Member → the port on which its BIRD listens, as far as the resources name it; empty without them."""
        return {} if self.expectation is None else ports_of(self.expectation.resources, self.members)

    def takes_part(self, member: Member, family: Family) -> bool:
        """Whether the member has peers of the family, or others show peers for it."""
        return (member.name, family) in self.sessions_of

    def session(self, family: Family, one: str, other: str) -> Session:
        """The session between two members, with empty ends where nobody shows it."""
        key = SessionKey.between(family, one, other)
        return self.sessions.get(key) or make_session(key, {}, self.by_name, self.identity)

    @cached_property
    def topology(self) -> Topology:
        """The public value that a report carries."""
        return Topology(
            kind=self.shape.kind,
            evidence=self.shape.evidence,
            families=self.families,
            nodes=tuple(
                TopologyNode(
                    name=member.name,
                    addresses=self.identity.addresses.get(member.name, ()),
                    role=self.shape.roles.get(member.name),
                    evidence=self.shape.role_evidence.get(member.name),
                    read=member.reading is not None,
                )
                for member in self.members
            ),
            unclaimed=tuple(address for family in Family for address in self.identity.unclaimed[family]),
        )


def observe(snapshot: Snapshot, *, version: CalicoVersion | None = None) -> ClusterView:
    """Work out who is who in a snapshot.

    Args:
        snapshot: What was read.
        version: Of Calico, for what its resources ask; None takes the one that the nodes agree on, else the newest.
    """
    membership = members_of(snapshot)
    identity = identify(membership.members, whole=not snapshot.limited)
    sessions = join_sessions(membership.members, identity)
    observed = infer_shape(membership.members, sessions)
    if snapshot.resources is None or not snapshot.resources.tells_nodes:
        # BGPPeers without Nodes ask for nothing: what should be is then as unknown as without them.
        return ClusterView(snapshot, membership, identity, sessions, observed)
    expectation = expect(snapshot.resources, version=version or version_of(snapshot))
    shape = expected_shape(expectation, membership.members, observed)
    return ClusterView(snapshot, membership, identity, sessions, shape, expectation)
