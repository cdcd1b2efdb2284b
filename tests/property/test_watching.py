"""Laws of the watcher's step, whatever the polls show."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.model.event import EventKind
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.monitor.states.maintenance import NOTHING, Maintenance
from calico_bgp.monitor.states.settings import Patience
from calico_bgp.monitor.states.step import WatchState, step
from tests.unit.monitor.polls import NOON, poll, trouble

NAMES = ["node1", "node2", "node3"]
TROUBLES = [trouble(name) for name in NAMES] + [
    trouble("all", ends=((),)),
    trouble("node1", kind="x", confidence=Confidence.CERTAIN, routes_lost=1),
]


@st.composite
def polls(draw):
    return poll(
        *draw(st.lists(st.sampled_from(TROUBLES), max_size=3, unique_by=lambda one: one.id)),
        failure=draw(st.none() | st.just("refused")),
        unread=set(draw(st.lists(st.sampled_from(NAMES), max_size=2))),
        elapsed=draw(st.sampled_from([0.0, 60.0, 3000.0])),
        at=NOON + timedelta(minutes=draw(st.integers(-10_000, 10_000))),
        maintenance=draw(st.just(NOTHING) | st.sampled_from(NAMES).map(lambda name: Maintenance(((name, "work"),)))),
    )


@given(st.lists(polls(), max_size=40), st.sampled_from([Patience(), Patience(2, 3), Patience(1, 1), Patience(3, 5)]))
def test_laws(shown, patience):
    state = WatchState()
    told: dict[str, list[EventKind]] = {}
    for one in shown:
        before = state
        state, events = step(state, one, patience)
        present = {each.id for each in one.troubles}
        for event in events:
            if event.trouble is None:
                continue
            told.setdefault(event.trouble, []).append(event.kind)
            # Nothing is resolved by a poll that could not look, and nothing opened that is not there.
            if event.kind is EventKind.RESOLVED:
                assert one.failure is None
                assert event.trouble not in present
                assert not set(event.nodes) & one.unread
            if event.kind is EventKind.OPENED:
                assert event.trouble in present
                assert (
                    not one.maintenance.expects(before.watches[event.trouble].trouble)
                    if (event.trouble in before.watches)
                    else True
                )
        # At most one of each kind for each trouble in one poll.
        assert len({(event.trouble, event.kind) for event in events}) == len(events)
        if one.failure is not None:
            assert {key: watch.hard for key, watch in state.watches.items()} == {
                key: watch.hard for key, watch in before.watches.items()
            }
    for kinds in told.values():
        turns = [kind for kind in kinds if kind in {EventKind.OPENED, EventKind.RESOLVED}]
        assert turns[::2] == [EventKind.OPENED] * len(turns[::2])
        assert turns[1::2] == [EventKind.RESOLVED] * len(turns[1::2])


@given(st.lists(polls(), max_size=30), st.integers(-(10**6), 10**6))
def test_the_wall_clock_decides_nothing(shown, minutes):
    """The same polls at other times of day and in another order of dates tell the same."""
    one = other = WatchState()
    for place, each in enumerate(shown):
        moved = replace(each, at=each.at + timedelta(minutes=minutes * (place % 3 - 1)))
        one, told = step(one, each)
        other, again = step(other, moved)
        assert [(event.kind, event.trouble) for event in told] == [(event.kind, event.trouble) for event in again]


@given(st.lists(polls(), max_size=40))
def test_what_is_over_is_forgotten(shown):
    state = WatchState()
    for one in shown:
        state, _ = step(state, one)
    quiet = poll(elapsed=4000.0)
    for _ in range(8):
        state, _ = step(state, quiet)
    assert state.watches == {}
