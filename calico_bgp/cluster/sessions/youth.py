"""How young a row is, by its SINCE and the clock of its node. Nothing is judged here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.session import Session
from calico_bgp.model.peer import Peer
from calico_bgp.parse.status.since import is_usable, resolve_since


def clock_of(member: Member, now: datetime | None) -> datetime | None:
    """The node's own clock when it answered, else ours; None where neither is known, or the node's is not set."""
    if member.reading is None:
        return None
    clock = member.reading.clock or member.reading.taken_at or now
    return clock if clock is not None and is_usable(clock) else None


class Youth:
    """Which rows are younger than a window. Most rows of a mesh have one SINCE: it is worked out once for each clock.

    Args:
        members: Whose rows.
        now: Our clock, for nodes that have none of their own.
        window: The age below which a row is young.
    """

    def __init__(self, members: Iterable[Member], now: datetime | None, window: timedelta) -> None:
        self._young: dict[str, dict[str | None, bool | None]] = {}
        by_clock: dict[datetime, dict[str | None, bool | None]] = defaultdict(dict)
        for member in members:
            clock = clock_of(member, now)
            if member.reading is not None and clock is not None:
                known = self._young[member.name] = by_clock[clock]
                for since in {row.since for row in member.reading.peers} - known.keys():
                    known[since] = _is_young(since, clock, window)

    def of(self, name: str, row: Peer) -> bool | None:
        """Whether a row of a member is young; None where its age is not known."""
        known = self._young.get(name)
        return None if known is None else known.get(row.since)

    def of_session(self, session: Session) -> list[bool]:
        """Whether each row of a session is young, of those whose age is known."""
        ages = [self.of(end.name, row) for end in session.ends for row in end.rows]
        return [age for age in ages if age is not None]

    @property
    def is_any(self) -> bool:
        """Whether any row is young."""
        return any(young for known in self._young.values() for young in known.values())


def _is_young(since: str | None, clock: datetime, window: timedelta) -> bool | None:
    # BIRD prints its own time zone, which is UTC in the calico-node container.
    when = None if since is None else resolve_since(since, clock.astimezone(UTC))
    return None if when is None else when.earliest > clock - window
