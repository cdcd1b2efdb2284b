"""What route propagation looks at: every session with the settings of its two ends. Values only.

Where they come from is not known here: from_expected.py and from_observed.py make them, and so may a test.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Literal, NamedTuple

from calico_bgp.model.peer import Address, Family


class Speaker(NamedTuple):
    """A node that speaks BGP in one family.

    Attributes:
        name: The node's name.
        router_id: What it puts into ORIGINATOR_ID; None when not known, which is taken for one of its own.
    """

    name: str
    router_id: IPv4Address | None = None


class EndSettings(NamedTuple):
    """How one end of a session is configured. Share the values: a mesh of 1,000 nodes has a million ends.

    Attributes:
        local_as: The AS that it speaks as on this session (`local as`).
        peer_as: The AS of the far end; equal to `local_as` is iBGP.
        client: Whether it reflects to the far end (`rr client`).
        cluster_id: What it puts into CLUSTER_LIST where it is a `client` end (`rr cluster id`).
        add_paths: Whether it speaks add-paths, as Calico lets all nodes. Counts where both ends do.
        allowed_local_as: How often its own AS may stand in a received AS_PATH (`allow local as`).
        next_hop: `self` or `keep` where configured, None for BIRD's own rule.
    """

    local_as: int
    peer_as: int
    client: bool = False
    cluster_id: str | None = None
    add_paths: bool = True
    allowed_local_as: int = 0
    next_hop: Literal["self", "keep"] | None = None

    @property
    def is_internal(self) -> bool:
        """Whether it takes the session for iBGP."""
        return self.local_as == self.peer_as


class SessionEnd(NamedTuple):
    """One end of a session.

    Attributes:
        node: Whose.
        address: Its address on the session, which it announces as next hop; None when not known.
        settings: How it is configured.
    """

    node: str
    address: Address | None
    settings: EndSettings


class BGPSession(NamedTuple):
    """An Established session between two nodes."""

    a: SessionEnd
    b: SessionEnd


class ExternalSession(NamedTuple):
    """An Established session with something that is no node: a top-of-rack switch, of which nothing is known.

    Attributes:
        near: The node's end.
        far: The neighbour's address as text.
    """

    near: SessionEnd
    far: str


@dataclass(frozen=True)
class Network:
    """The sessions of one family.

    Attributes:
        family: The family.
        speakers: Its nodes; one without a session is cut off from everyone.
        sessions: The sessions that stand for certain, with settings that hold for certain.
        possible: The most that may stand, where that is not known exactly: what only these bring is "perhaps". None
            when `sessions` is exact.
        externals: Sessions with unknowns. What passes through one is "perhaps", never yes or no.
        assumptions: What the answer rests on, in sentences for people.
    """

    family: Family
    speakers: tuple[Speaker, ...]
    sessions: tuple[BGPSession, ...]
    possible: tuple[BGPSession, ...] | None = None
    externals: tuple[ExternalSession, ...] = ()
    assumptions: tuple[str, ...] = ()

    def without(self, *, nodes: Collection[str] = (), pairs: Iterable[tuple[str, str]] = ()) -> Network:
        """The network when nodes are gone and sessions are cut.

        Args:
            nodes: Names; those that are no speakers are ignored.
            pairs: Two ends each, in any order; an external peer is called by its address.
        """
        gone = frozenset(nodes)
        cut = {frozenset(pair) for pair in pairs}

        def kept(sessions: tuple[BGPSession, ...]) -> tuple[BGPSession, ...]:
            return tuple(
                session
                for session in sessions
                if session.a.node not in gone
                and session.b.node not in gone
                and (not cut or frozenset((session.a.node, session.b.node)) not in cut)
            )

        return replace(
            self,
            speakers=tuple(speaker for speaker in self.speakers if speaker.name not in gone),
            sessions=kept(self.sessions),
            possible=None if self.possible is None else kept(self.possible),
            externals=tuple(
                session
                for session in self.externals
                if session.near.node not in gone
                and session.far not in gone
                and frozenset((session.near.node, session.far)) not in cut
            ),
        )
