"""One trouble, followed from poll to poll: soft, hard, gone; damped where it comes and goes. Pure.

Unknown never counts: a poll that cannot tell whether a trouble is there leaves it as it was.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import AwareDatetime
from pydantic.dataclasses import dataclass

from calico_bgp.model.event import Event, EventKind
from calico_bgp.model.frozen import VALUES
from calico_bgp.monitor.states.poll import Poll
from calico_bgp.monitor.states.settings import Patience
from calico_bgp.monitor.states.trouble import Trouble


@dataclass(frozen=True, slots=True, config=VALUES)
class Watch:
    """What is remembered of a trouble.

    Attributes:
        trouble: As it was seen last.
        first_at: When it was first seen, by our clock.
        seen: The last polls that could tell: whether it was there.
        hard: Whether it was told, and is not resolved.
        flapping: Whether it comes and goes so often that nothing but that is told.
        expected: Whether it is in maintenance.
        changes: When it came or went, in seconds of watching; only those that count for flapping.
        unread: The nodes that could not be read when it was last seen.
        with_resources: Whether it was seen against Calico's resources.
    """

    trouble: Trouble
    first_at: AwareDatetime
    seen: tuple[bool, ...] = ()
    hard: bool = False
    flapping: bool = False
    expected: bool = False
    changes: tuple[float, ...] = ()
    unread: frozenset[str] = frozenset()
    with_resources: bool = False

    @property
    def is_there(self) -> bool:
        """Whether the last poll that could tell showed it."""
        return bool(self.seen) and self.seen[-1]

    @property
    def is_active(self) -> bool:
        """Whether it is told and not in maintenance: what an alert stands for."""
        return self.hard and not self.expected


def proves_absence(watch: Watch, poll: Poll) -> bool:
    """Whether a poll that does not show a trouble proves that it is gone.

    Not where a node of it was not read; where it is no node's, not while nodes are unread that were read when it was
    seen; not where a rule did not run on whose findings it rests, or the resources are not known any more.
    """
    if poll.failure is not None or not poll.complete:
        return False
    if watch.with_resources and not poll.has_resources:
        return False
    if not poll.rules.issuperset(watch.trouble.rules):
        return False
    nodes = watch.trouble.nodes
    return not (nodes & poll.unread if nodes else poll.unread - watch.unread)


def follow(
    watch: Watch | None, trouble: Trouble | None, poll: Poll, *, clock: float, patience: Patience
) -> tuple[Watch | None, tuple[Event, ...]]:
    """One trouble after one more poll.

    Args:
        watch: What is remembered of it; None when it is new.
        trouble: As the poll shows it; None when it does not.
        poll: The poll.
        clock: Seconds of watching so far.
        patience: When it counts.

    Returns:
        What is remembered now, None when it may be forgotten; and what is told.
    """
    if watch is None:
        assert trouble is not None
        watch = Watch(trouble, poll.at)
    recent = tuple(when for when in watch.changes if clock - when <= patience.flap_seconds)
    if trouble is None and not proves_absence(watch, poll):
        return replace(watch, changes=recent), ()
    is_there = trouble is not None
    if is_there != watch.is_there:
        recent = (*recent, clock)
    expected = poll.maintenance.expects(trouble or watch.trouble)
    # What is expected is not counted: it takes as long as anything else once the maintenance is over.
    anew = not watch.hard and (expected or watch.expected)
    seen = (is_there,) if anew else (*watch.seen, is_there)[-patience.of :]
    first = poll.at if is_there and not any(watch.seen) else watch.first_at
    new = replace(
        watch,
        trouble=trouble or watch.trouble,
        first_at=first,
        seen=seen,
        expected=expected,
        changes=recent,
        unread=poll.unread if is_there else watch.unread,
        with_resources=poll.has_resources if is_there else watch.with_resources,
    )
    return _with_events(watch, new, poll, clock, patience)


def _with_events(
    old: Watch, new: Watch, poll: Poll, clock: float, patience: Patience
) -> tuple[Watch | None, tuple[Event, ...]]:
    flaps = len(new.changes) > patience.flaps_until if old.flapping else len(new.changes) >= patience.flaps_from
    new = replace(new, flapping=flaps)
    if flaps:
        stays = new.is_there and clock - new.changes[-1] >= patience.stays_seconds
        if old.flapping and stays and not new.hard and not new.expected and new.seen.count(True) >= patience.needed:
            return replace(new, hard=True), (_event(new, EventKind.OPENED, poll, f"{new.trouble.headline} (it stays)"),)
        if old.flapping or new.expected:
            return new, ()
        words = f"{new.trouble.headline} (it came and went {len(new.changes)} times within an hour)"
        return new, (_event(new, EventKind.FLAPPING, poll, words),)
    events: list[Event] = []
    if old.flapping and not new.expected:
        state = "it stays" if new.is_there else "it is gone"
        events.append(_event(new, EventKind.STEADY, poll, f"{new.trouble.headline} ({state})"))
    times_seen, times_missing = new.seen.count(True), new.seen.count(False)
    if not new.hard and not new.expected and new.is_there and (times_seen >= patience.needed or new.trouble.is_urgent):
        new = replace(new, hard=True)
        events.append(_event(new, EventKind.OPENED, poll, new.trouble.headline))
    elif new.hard and times_missing >= patience.needed:
        events.append(_event(new, EventKind.RESOLVED, poll, new.trouble.headline))
        new = replace(new, hard=False)
    elif new.hard and new.is_there and _differs(old.trouble, new.trouble):
        events.append(_event(new, EventKind.CHANGED, poll, new.trouble.headline))
    over = not new.hard and not new.is_there and (times_missing >= patience.needed or old.expected or new.expected)
    return (None if over and not new.changes else new), tuple(events)


def _differs(old: Trouble, new: Trouble) -> bool:
    """Whether a hard trouble changed so much that an event is due: its severity or its confidence."""
    return (old.severity, old.confidence) != (new.severity, new.confidence)


def _event(watch: Watch, kind: EventKind, poll: Poll, text: str) -> Event:
    trouble = watch.trouble
    return Event(
        at=poll.at,
        kind=kind,
        text=text,
        subject=trouble.subject,
        trouble=trouble.id,
        page=trouble.kind,
        severity=trouble.severity,
        nodes=tuple(sorted(trouble.nodes)),
        since=watch.first_at,
    )
