"""All facts about one cluster that rules look at, each worked out when it is first asked for. Facts only, no judgement.

What a snapshot shows and what Calico's resources ask for are both here; either may be all that there is. Facts of rooms
above are functions of it that are worked out once as well: `routes_of`, `observed_of`, `held_back`.
"""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from calico_bgp.cluster.expected import expected_by_session, expected_shape, version_of
from calico_bgp.cluster.nodes.identity import Identity, identify
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.nodes.membership import Membership, members_of
from calico_bgp.cluster.sessions.expected import expected_sessions
from calico_bgp.cluster.sessions.judged import JudgedSessions, judge_sessions
from calico_bgp.cluster.sessions.ports import ListenPort, ports_of
from calico_bgp.cluster.sessions.session import Session, SessionKey, by_end, join_sessions, make_session
from calico_bgp.cluster.shape import Shape, infer_shape
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.failures import Lacking
from calico_bgp.messages.pod_commands import Pods, pods_of
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.model.topology import Topology, TopologyKind, TopologyNode

#: A session younger than this among older ones is reported.
FLAP_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, eq=False)
class Cluster:
    """All that a rule may look at.

    A rule that asks for what is not there (`snapshot` and what follows from it, `configured`) ends there, and the
    report says so under `not_checked`. Where a rule has something to say either way, `expectation` is None without
    resources, and `has_resources` and `has_snapshot` say what there is.

    Attributes:
        read: What was read of the nodes; None of resources alone.
        resources: Calico's resources; None where they were not read.
        version: Of the Calico that is judged by.
        flap_window: A session younger than this among older ones is reported.
        linted: What the rules of resources say, before those of what nodes show run; empty without resources.
    """

    read: Snapshot | None
    resources: Resources | None
    version: CalicoVersion = NEWEST
    flap_window: timedelta = FLAP_WINDOW
    linted: tuple[Finding, ...] = ()

    def with_linted(self, findings: tuple[Finding, ...]) -> Cluster:
        """The same, with all that is known of it already, and what the rules of resources say."""
        cluster = copy(self)
        object.__setattr__(cluster, "linted", findings)
        return cluster

    @cached_property
    def memory(self) -> dict[object, Any]:
        """What `once` has worked out."""
        return {}

    @property
    def view(self) -> Cluster:
        """Itself: rules of installed packages say `context.view.members`, from when these were two objects."""
        return self

    @property
    def has_snapshot(self) -> bool:
        """Whether nodes were asked."""
        return self.read is not None

    @property
    def snapshot(self) -> Snapshot:
        """What was read.

        Raises:
            Lacking: There are resources alone.
        """
        if self.read is None:
            raise Lacking("no node was asked")
        return self.read

    @property
    def now(self) -> datetime | None:
        """Our clock when the snapshot was taken (aware), for nodes without one of their own; None of pasted texts."""
        return self.snapshot.taken_at

    # What Calico's resources ask for.

    @cached_property
    def has_resources(self) -> bool:
        """Whether Calico's resources were read, and count: not where BIRD runs on no node, so that BGP is not used."""
        return self.resources is not None and not (self.has_snapshot and self.shape.kind is TopologyKind.NO_BGP)

    @cached_property
    def configured(self) -> Configured:
        """What the resources come to; without their Nodes where these say nothing of BGP.

        Raises:
            Lacking: There are none.
        """
        if self.resources is None:
            raise Lacking("Calico's resources were not read")
        if self.expectation is not None:
            return Configured(self.expectation)
        return Configured(expect(self.resources.model_copy(update={"nodes": ()}), version=self.version))

    @cached_property
    def expectation(self) -> Expectation | None:
        """What the resources ask for; None when they were not read, or hold no Node with an address.

        BGPPeers without Nodes ask for nothing: what should be is then as unknown as without them.
        """
        if self.resources is None or not self.resources.tells_nodes:
            return None
        return expect(self.resources, version=self.version)

    @cached_property
    def expected_peers(self) -> dict[SessionKey, tuple[ExpectedPeer, ...]]:
        """Session → the peers that the resources ask for at its ends; empty without resources."""
        return {} if self.expectation is None else expected_by_session(self.expectation, self.members, self.identity)

    @cached_property
    def listen_ports(self) -> dict[str, ListenPort]:
        """Member → the port on which its BIRD listens, as far as the resources name it; empty without them."""
        return {} if self.expectation is None else ports_of(self.expectation.resources, self.members)

    # What the nodes show.

    @cached_property
    def membership(self) -> Membership:
        """Its nodes."""
        return members_of(self.snapshot)

    @property
    def members(self) -> tuple[Member, ...]:
        """All members, sorted by name."""
        return self.membership.members

    @cached_property
    def identity(self) -> Identity:
        """Who has which address."""
        return identify(self.members, whole=not self.snapshot.limited)

    @cached_property
    def sessions(self) -> dict[SessionKey, Session]:
        """Every session that an end shows."""
        return join_sessions(self.members, self.identity)

    @cached_property
    def shape(self) -> Shape:
        """What shape they should make by the resources, else what shape they make."""
        if self.expectation is None:
            return infer_shape(self.members, self.sessions)
        # What shape sessions make does not matter beside the resources; that there is none may.
        without_any = None if self.sessions else infer_shape(self.members, self.sessions)
        return expected_shape(self.expectation, self.members, without_any)

    @cached_property
    def expected(self) -> frozenset[SessionKey]:
        """The sessions that should be there."""
        return expected_sessions(self)

    @cached_property
    def judged(self) -> JudgedSessions:
        """Which sessions are bad, and which nodes explain that."""
        return judge_sessions(self)

    @cached_property
    def pods(self) -> Pods:
        """Commands that act on calico-node of a node, by its pod where Kubernetes was read."""
        return pods_of(self.snapshot.kubernetes, self.up_of)

    @cached_property
    def up_of(self) -> dict[str, frozenset[SessionKey]]:
        """End → its sessions that are up."""
        return by_end(key for key, session in self.sessions.items() if session.is_up)

    @cached_property
    def by_name(self) -> dict[str, Member]:
        """Members by name."""
        return {member.name: member for member in self.members}

    @cached_property
    def names_by_node(self) -> dict[str, str]:
        """Name of a Node → name of the member that it is the resource of."""
        return {member.resource.name: member.name for member in self.members if member.resource is not None}

    def name_of_node(self, node: str) -> str:
        """The name of the member whose resource a Node is; the Node's own where there is none."""
        return self.names_by_node.get(node, node)

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
        return tuple(self.sessions[key] for key in sorted(self.sessions))

    @cached_property
    def sessions_of(self) -> dict[tuple[str, Family], tuple[Session, ...]]:
        """(end's name, family) → the sessions it takes part in."""
        sessions_by_end: dict[tuple[str, Family], list[Session]] = defaultdict(list)
        for key, session in self.sessions.items():
            sessions_by_end[key.a, key.family].append(session)
            sessions_by_end[key.b, key.family].append(session)
        return {end: tuple(sessions) for end, sessions in sessions_by_end.items()}

    def takes_part(self, member: Member, family: Family) -> bool:
        """Whether the member has peers of the family, or others show peers for it."""
        return (member.name, family) in self.sessions_of

    def is_only_listed(self, member: Member) -> bool:
        """Whether nothing but a line of the inventory tells of a host: no Node, no answer, and nobody's peer.

        Of a cluster whose Nodes are known; where no host is any of them, the resources may be another cluster's.
        """
        return (
            self._has_matched_nodes
            and member.resource is None
            and member.reading is None
            and member.name not in self.identity.addresses
        )

    @cached_property
    def _has_matched_nodes(self) -> bool:
        return self.expectation is not None and any(member.resource is not None for member in self.members)

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


def observe(
    snapshot: Snapshot, *, version: CalicoVersion | None = None, flap_window: timedelta = FLAP_WINDOW
) -> Cluster:
    """The cluster of a snapshot.

    Args:
        snapshot: What was read.
        version: Of Calico, for what its resources ask; None takes the one that the nodes agree on, else the newest.
        flap_window: A session younger than this among older ones is reported.
    """
    return Cluster(snapshot, snapshot.resources, version or version_of(snapshot), flap_window)


def of_resources(resources: Resources, *, version: CalicoVersion = NEWEST) -> Cluster:
    """The cluster that resources alone describe: no node was asked.

    Args:
        resources: Calico's.
        version: Of the Calico that they are meant for.
    """
    return Cluster(None, resources, version)
