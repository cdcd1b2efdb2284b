"""When each session of a rig really began and ended: from BIRD's own log, read as it is written."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from calico_bgp.store.history.changes import PeerEvent
from calico_bgp.store.history.reader import Coverage, PollRow

#: BIRD's line of a state; its log has no times.
_STATE = re.compile(rb"^bird: Mesh_([0-9a-f_]+): State changed to ([a-z]+)$")
_EVERY = 0.2  # seconds
#: How far the time of a line, and of a poll's look at a node, may be from what they are taken for.
SLACK = timedelta(seconds=1)


@dataclass(frozen=True)
class Spell:
    """A time in which a session was up, or was not, without a break.

    Attributes:
        node: In whose table.
        peer: The neighbour's address.
        is_up: Whether it was Established.
        since: When this began.
        until: When it ended.
    """

    node: str
    peer: str
    is_up: bool
    since: datetime
    until: datetime

    def holds(self, poll: PollRow) -> bool:
        """Whether a whole poll lies in it."""
        return self.since + SLACK < poll.at and poll.at + timedelta(seconds=poll.took) + SLACK < self.until


class SessionLog:
    """Follows the logs of all nodes in a thread.

    Args:
        logs: Node → its log.
    """

    def __init__(self, logs: Mapping[str, Path]) -> None:
        self._files: dict[str, BinaryIO] = {node: path.open("rb") for node, path in logs.items()}
        self._rests = dict.fromkeys(logs, b"")
        self._states: list[tuple[str, str, bool, datetime]] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def close(self) -> list[Spell]:
        """Stop, and give every spell of every session."""
        self._end.set()
        self._thread.join(10)
        for file in self._files.values():
            file.close()
        return spells(self._states, datetime.now(UTC))

    def _follow(self) -> None:
        ends = False
        while not ends:
            ends = self._end.wait(_EVERY)
            for node, file in self._files.items():
                *lines, self._rests[node] = (self._rests[node] + file.read()).split(b"\n")
                now = datetime.now(UTC)
                for found in filter(None, map(_STATE.match, lines)):
                    self._states.append((node, _address(found[1].decode()), found[2] == b"up", now))


def spells(states: Iterable[tuple[str, str, bool, datetime]], end: datetime) -> list[Spell]:
    """What (node, peer, whether it is up, when) means, in order.

    Args:
        states: One for every line.
        end: When the last was looked for.
    """
    open_spells: dict[tuple[str, str], Spell] = {}
    found = []
    for node, peer, is_up, at in states:
        before = open_spells.get((node, peer))
        if before is not None and before.is_up is is_up:
            continue
        if before is not None:
            found.append(Spell(node, peer, before.is_up, before.since, at))
        open_spells[node, peer] = Spell(node, peer, is_up, at, end)
    return sorted([*found, *open_spells.values()], key=lambda spell: (spell.since, spell.node, spell.peer))


def unwritten(
    spells: Iterable[Spell], polls: Sequence[PollRow], coverage: Sequence[Coverage], changes: Sequence[PeerEvent]
) -> list[str]:
    """The changes that the history lacks, of those that began and ended spells which a whole poll saw.

    Args:
        spells: The truth.
        polls: All of the history.
        coverage: Likewise; by node.
        changes: Likewise.
    """
    problems = []
    seen: dict[tuple[str, str], tuple[bool, datetime | None]] = {}
    for spell in spells:
        session = (spell.node, spell.peer)
        looks = [p.at for p in polls if spell.holds(p) and not _is_unread(coverage, spell.node, p.at)]
        if not looks:
            continue
        first = looks[0]
        was_up, at = seen.get(session, (spell.is_up, None))
        seen[session] = (spell.is_up, looks[-1])
        if at is None or _went_unread(coverage, spell.node, at, first):
            continue  # nobody can know what it was before
        if not spell.is_up and not was_up:
            continue  # it was up for less than a poll
        earliest = spell.since - _poll_before(polls, spell)
        if not any(
            (change.ups if spell.is_up else change.downs) and earliest <= change.at <= first
            for change in changes
            if (change.node, change.peer) == session
        ):
            word = "came up" if spell.is_up else "went down"
            problems.append(
                f"{spell.node}: its session with {spell.peer} {word} at {spell.since:%H:%M:%S}: not written"
            )
    return problems


def _poll_before(polls: Iterable[PollRow], spell: Spell) -> timedelta:
    """How long before a change the poll may have begun that was first to see it."""
    took = [poll.took for poll in polls if poll.at <= spell.since <= poll.at + timedelta(seconds=poll.took)]
    return timedelta(seconds=max(took, default=0.0)) + SLACK


def _is_unread(coverage: Iterable[Coverage], node: str, at: datetime) -> bool:
    rows = [row for row in coverage if row.host == node and row.at <= at]
    return bool(rows) and rows[-1].why is not None


def _went_unread(coverage: Iterable[Coverage], node: str, since: datetime, until: datetime) -> bool:
    return any(row.host == node and row.why is not None and since < row.at <= until for row in coverage)


def _address(name: str) -> str:
    """The address in a protocol's name: `192_0_2_12`, `2001_db8_77__12`."""
    return name.replace("_", "." if name.count("_") == 3 and "__" not in name else ":")
