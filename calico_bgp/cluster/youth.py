"""How young a row is, by its SINCE and the clock of its node. Nothing is judged here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from calico_bgp.cluster.nodes.members import Member
from calico_bgp.parse.status.since import is_usable, resolve_since


def clock_of(member: Member, now: datetime | None) -> datetime | None:
    """The node's own clock when it answered, else ours; None where neither is known, or the node's is not set."""
    if member.reading is None:
        return None
    clock = member.reading.clock or member.reading.taken_at or now
    return clock if clock is not None and is_usable(clock) else None


class Youth:
    """Whether a SINCE is younger than the window, by a clock. Each pair is worked out once, for a mesh repeats them."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._known: dict[tuple[str, datetime], bool | None] = {}

    def of(self, since: str, now: datetime) -> bool | None:
        """None where `since` cannot be understood."""
        if (since, now) not in self._known:
            # BIRD prints its own time zone, which is UTC in the calico-node container.
            when = resolve_since(since, now.astimezone(UTC))
            self._known[since, now] = None if when is None else when.earliest > now - self._window
        return self._known[since, now]
