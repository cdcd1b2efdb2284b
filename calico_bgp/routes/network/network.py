"""The sessions of one family of a cluster, which is what route propagation looks at. Values only.

Where they come from is not known here: from_expected.py and from_observed.py make them, and so may a test.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from calico_bgp.model.peer import Family
from calico_bgp.routes.network.classes.sessions import ClassSessions, SessionBlock, session_blocks
from calico_bgp.routes.network.sessions import BGPSession, ExternalSession, Speaker


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
        kinds: The kinds of blocks that sessions tell apart, in words; empty where none does.
    """

    family: Family
    speakers: tuple[Speaker, ...]
    sessions: Sequence[BGPSession]
    possible: Sequence[BGPSession] | None = None
    externals: tuple[ExternalSession, ...] = ()
    assumptions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def without(self, *, nodes: Collection[str] = (), pairs: Iterable[tuple[str, str]] = ()) -> Network:
        """The network when nodes are gone and sessions are cut.

        Args:
            nodes: Names; those that are no speakers are ignored.
            pairs: Two ends each, in any order; an external peer is called by its address.
        """
        gone = frozenset(nodes)
        cut = {frozenset(pair) for pair in pairs}
        return replace(
            self,
            speakers=tuple(speaker for speaker in self.speakers if speaker.name not in gone),
            sessions=_without(self.sessions, gone, cut),
            possible=None if self.possible is None else _without(self.possible, gone, cut),
            externals=tuple(
                session
                for session in self.externals
                if session.near.node not in gone
                and session.far not in gone
                and frozenset((session.near.node, session.far)) not in cut
            ),
        )

    def blocks(self) -> Iterator[SessionBlock]:
        """All sessions, also those that are only possible, those of a kind at once where that is known."""
        yield from session_blocks(self.sessions)
        if self.possible is not None:
            yield from session_blocks(self.possible)

    def joins(self, one: str, other: str) -> bool:
        """Whether two nodes have a session, or a node and an external peer, which is called by its address."""
        ends = {one, other}
        for sessions in (self.sessions, self.possible or ()):
            if isinstance(sessions, ClassSessions):
                if next(sessions.between(one, other), None) is not None:
                    return True
            elif any({session.a.node, session.b.node} == ends for session in sessions):
                return True
        return any({session.near.node, session.far} == ends for session in self.externals)


def _without(
    sessions: Sequence[BGPSession], gone: frozenset[str], cut: Collection[frozenset[str]]
) -> Sequence[BGPSession]:
    if isinstance(sessions, ClassSessions):
        return sessions.without(gone, cut)
    return tuple(
        session
        for session in sessions
        if session.a.node not in gone
        and session.b.node not in gone
        and (not cut or frozenset((session.a.node, session.b.node)) not in cut)
    )
