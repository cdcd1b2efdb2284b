"""The watcher's one step: what is remembered and a poll in, what is remembered then and events out. Pure."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field
from pydantic.dataclasses import dataclass

from calico_bgp.messages.words import some
from calico_bgp.model.event import Event, EventKind
from calico_bgp.model.frozen import VALUES
from calico_bgp.monitor.states.poll import Poll
from calico_bgp.monitor.states.settings import Patience
from calico_bgp.monitor.states.watch import Watch, follow

#: Names of nodes in one event; the rest is counted.
_MOST_NAMES = 20


@dataclass(frozen=True, slots=True, config=VALUES)
class WatchState:
    """What a watcher remembers. It goes through JSON unchanged, so that a new process goes on where the old one ended.

    Attributes:
        clock: Seconds of watching so far, by a clock that does not jump.
        polls: How many polls there were.
        unread_polls: How many in a row could not read the source.
        watches: What is followed, by the trouble's id.
        maintenance: (node, why) at the last poll.
    """

    clock: float = 0.0
    polls: int = 0
    unread_polls: int = 0
    watches: dict[str, Watch] = Field(default_factory=dict)
    maintenance: tuple[tuple[str, str], ...] = ()

    @property
    def active(self) -> tuple[Watch, ...]:
        """What alerts stand for, worst first."""
        active_watches = [watch for watch in self.watches.values() if watch.is_active]
        return tuple(
            sorted(
                active_watches,
                key=lambda watch: (watch.trouble.severity.rank, watch.trouble.kind, watch.trouble.subject),
            )
        )

    def is_source_lost(self, patience: Patience) -> bool:
        """Whether the source could not be read for so many polls that this is a state of its own."""
        return self.unread_polls >= patience.needed


def step(state: WatchState, poll: Poll, patience: Patience | None = None) -> tuple[WatchState, tuple[Event, ...]]:
    """One more poll.

    Args:
        state: What was remembered.
        poll: What was seen now.
        patience: When something counts; 3 of 3 polls by default.

    Returns:
        What is remembered now, and one event for each change.
    """
    patience = patience or Patience()
    events: list[Event] = []
    clock = state.clock + max(poll.elapsed, 0.0)
    if poll.failure is not None:
        unread_polls = state.unread_polls + 1
        if unread_polls == patience.needed:
            text = f"nothing could be read in {unread_polls} polls: {poll.failure}"
            events.append(Event(at=poll.at, kind=EventKind.SOURCE_UNREADABLE, text=text))
        return replace(state, clock=clock, polls=state.polls + 1, unread_polls=unread_polls), tuple(events)
    if state.is_source_lost(patience):
        events.append(Event(at=poll.at, kind=EventKind.SOURCE_READABLE, text="the cluster can be read again"))
    events += _maintenance(state, poll)
    present = {trouble.id: trouble for trouble in poll.troubles}
    watches: dict[str, Watch] = {}
    for identity in dict.fromkeys([*present, *state.watches]):
        watch, more_events = follow(
            state.watches.get(identity), present.get(identity), poll, clock=clock, patience=patience
        )
        events += more_events
        if watch is not None:
            watches[identity] = watch
    new = WatchState(
        clock=clock, polls=state.polls + 1, unread_polls=0, watches=watches, maintenance=poll.maintenance.nodes
    )
    return new, tuple(events)


def _maintenance(state: WatchState, poll: Poll) -> list[Event]:
    before, now = dict(state.maintenance), poll.maintenance.why
    began = [name for name in now if name not in before]
    ended = [name for name in before if name not in now]
    return [
        Event(at=poll.at, kind=kind, text=text, subject=_names(names), nodes=tuple(sorted(names)))
        for kind, names, text in (
            (EventKind.MAINTENANCE_BEGAN, began, f"trouble of {_names(began)} is expected: {_why(now, began)}"),
            (EventKind.MAINTENANCE_ENDED, ended, f"trouble of {_names(ended)} is not expected any more"),
        )
        if names
    ]


def _why(why: dict[str, str], names: list[str]) -> str:
    return "; ".join(dict.fromkeys(why[name] for name in names))


def _names(names: list[str]) -> str:
    return some(sorted(names), _MOST_NAMES)
