"""Soft and hard, unknown, damping, maintenance: what the watcher tells, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Severity
from calico_bgp.monitor.states.maintenance import Maintenance
from calico_bgp.monitor.states.settings import Patience
from calico_bgp.monitor.states.step import WatchState, step
from tests.unit.monitor.polls import NOON, kinds, play, poll, trouble

HERE, GONE = poll(trouble()), poll()


def test_three_polls_in_a_row_make_it_hard_and_three_without_resolve_it():
    state, told = play([HERE] * 4 + [GONE] * 4)
    assert kinds(told) == [[], [], ["opened"], [], [], [], ["resolved"], []]
    opened = told[2][0]
    assert (opened.text, opened.nodes, opened.page) == ("BIRD does not run on node4", ("node4",), "bird-down")
    assert opened.since == NOON
    assert not state.active


def test_two_polls_are_not_enough():
    _, told = play([HERE, HERE, GONE, HERE, HERE, GONE])
    assert kinds(told) == [[]] * 6


def test_two_of_three_where_the_user_says_so():
    _, told = play([HERE, GONE, HERE], patience=Patience(needed=2, of=3))
    assert kinds(told) == [[], [], ["opened"]]


def test_a_certain_cause_with_routes_missing_is_told_at_once():
    certain = trouble(confidence=Confidence.CERTAIN, routes_lost=10)
    assert kinds(play([poll(certain)])[1]) == [["opened"]]
    assert kinds(play([poll(replace(certain, routes_lost=0))])[1]) == [[]]
    assert kinds(play([poll(replace(certain, confidence=Confidence.LIKELY))])[1]) == [[]]


def test_another_severity_of_a_hard_cause_is_told_once():
    worse = trouble(confidence=Confidence.CERTAIN, severity=Severity.WARNING)
    _, told = play([HERE] * 3 + [poll(worse)] * 2)
    assert kinds(told) == [[], [], ["opened"], ["changed"], []]


def test_another_sentence_alone_is_no_change():
    other = replace(trouble(), headline="for 2 h")
    _, told = play([HERE] * 3 + [poll(other)])
    assert kinds(told)[-1] == []


@pytest.mark.parametrize(
    "unknown",
    [
        poll(failure="connection refused"),
        poll(unread={"node4"}),
        poll(rules=frozenset()),
        poll(has_resources=False),
        poll(complete=False),
    ],
    ids=["source", "node", "rule", "resources", "interrupted"],
)
def test_unknown_never_resolves(unknown):
    state, told = play([HERE] * 3 + [unknown] * 50)
    assert "resolved" not in {kind for each in kinds(told) for kind in each}
    assert [watch.hard for watch in state.active] == [True]
    _, after = play([GONE] * 3, state)
    assert "resolved" in kinds(after)[2]


def test_what_is_no_nodes_is_not_resolved_while_more_nodes_are_unread_than_when_it_was_seen():
    cluster = trouble("no-reflector-left", ends=((),))
    state, _ = play([poll(cluster, unread={"node9"})] * 3)
    _, told = play([poll(unread={"node9", "node1"})] * 5, state)
    assert kinds(told) == [[]] * 5
    _, told = play([poll(unread={"node9"})] * 3, state)
    assert kinds(told)[-1] == ["resolved"]


def test_a_source_that_cannot_be_read_is_a_state_of_its_own():
    state, told = play([HERE] * 3 + [poll(failure="no route to host")] * 5 + [HERE])
    assert kinds(told) == [[], [], ["opened"], [], [], ["source-unreadable"], [], [], ["source-readable"]]
    assert told[5][0].text == "nothing could be read in 3 polls: no route to host"
    assert len(state.active) == 1


def test_what_comes_and_goes_is_told_once_until_it_is_steady():
    state, told = play([HERE, GONE] * 15)
    assert [kind for each in kinds(told) for kind in each] == ["flapping"]
    # An hour later nothing of it counts any more.
    _, after = play([poll(elapsed=1800.0)] * 3, state)
    assert [kind for each in kinds(after) for kind in each] == ["steady"]


def test_damping_has_two_thresholds():
    """Between them nothing changes: no word of each change around one of them."""
    state, told = play([HERE, GONE] * 3)
    assert kinds(told)[-1] == ["flapping"]
    assert state.watches["bird-down-node4"].flapping
    # 20 minutes on, all six changes still count; then they pass out one by one, and it is steady at two.
    seen = []
    for _ in range(60):
        state, events = step(state, GONE)
        seen += [event.kind.value for event in events]
        watch = state.watches.get("bird-down-node4")
        if watch is not None and len(watch.changes) > 2:
            assert watch.flapping
    assert seen == ["steady"]


def test_what_flapped_and_stays_for_ten_minutes_is_told():
    """A BIRD that dies for good after some restarts must not stay a mere flapping until the hour is over."""
    state, told = play([HERE, GONE] * 3 + [HERE] * 20)
    flat = [(place, kind) for place, each in enumerate(kinds(told)) for kind in each]
    assert flat == [(5, "flapping"), (16, "opened")]
    assert told[16][0].text == "BIRD does not run on node4 (it stays)"
    assert [watch.hard for watch in state.active] == [True]
    # It is resolved when nothing of the coming and going counts any more, and once.
    _, after = play([GONE] * 70, state)
    assert [kind for each in kinds(after) for kind in each] == ["steady", "resolved"]


def test_what_flapped_and_stays_in_maintenance_is_not_told():
    _, told = play([HERE, GONE] * 3 + [poll(trouble(), maintenance=IN_WORK)] * 20)
    assert "opened" not in {kind for each in kinds(told) for kind in each}


def test_a_hard_cause_that_flaps_is_neither_resolved_nor_opened_again():
    """Its polls are long, so that three of a kind lie between the changes."""
    pattern = [HERE] * 3 + ([GONE] * 3 + [HERE] * 3) * 5
    _, told = play([poll(*one.troubles, elapsed=20.0) for one in pattern])
    flat = [kind for each in kinds(told) for kind in each]
    assert flat == ["opened", "resolved", "opened", "resolved", "opened", "flapping"]


IN_WORK = Maintenance((("node4", "it is cordoned"),))


def test_maintenance_is_shown_and_not_sent():
    state, told = play([poll(trouble(), maintenance=IN_WORK)] * 10)
    assert kinds(told) == [["maintenance-began"]] + [[]] * 9
    assert [watch.expected for watch in state.watches.values()] == [True]
    assert not state.active
    state, told = play([HERE] * 3, state)
    assert kinds(told) == [["maintenance-ended"], [], ["opened"]]


def test_maintenance_of_one_end_explains_a_session_and_not_another_node():
    session = trouble("node4 <-> node5", kind="link-cut", ends=(("node4", "node5"),))
    both = trouble("rack", kind="rack-down", ends=(("node4",), ("node5",)))
    _, told = play([poll(session, maintenance=IN_WORK)] * 4)
    assert "opened" not in {kind for each in kinds(told) for kind in each}
    _, told = play([poll(both, maintenance=IN_WORK)] * 4)
    assert "opened" in {kind for each in kinds(told) for kind in each}


def test_what_was_told_before_the_maintenance_is_resolved_in_it():
    state, _ = play([HERE] * 3)
    state, told = play([poll(trouble(), maintenance=IN_WORK)] + [poll(maintenance=IN_WORK)] * 3, state)
    assert kinds(told)[-1] == ["resolved"]


def test_a_jump_of_the_clock_changes_nothing():
    steady = [poll(trouble(), at=NOON + timedelta(minutes=place)) for place in range(4)]
    jumped = [
        poll(trouble(), at=NOON + timedelta(minutes=place, days=(400 if place == 2 else 0), hours=-place))
        for place in range(4)
    ]
    assert kinds(play(steady)[1]) == kinds(play(jumped)[1])


def test_a_negative_elapsed_time_is_none():
    state, _ = step(WatchState(clock=100.0), poll(elapsed=-50.0))
    assert state.clock == 100.0


def test_the_state_goes_through_json_unchanged():
    state, _ = play([poll(trouble(), trouble("node5"), maintenance=IN_WORK)] * 3 + [GONE])
    adapter = TypeAdapter(WatchState)
    assert adapter.validate_json(adapter.dump_json(state)) == state


def test_a_new_process_tells_nothing_again():
    state, _ = play([HERE] * 3)
    adapter = TypeAdapter(WatchState)
    again = adapter.validate_json(adapter.dump_json(state))
    assert kinds(play([HERE] * 3, again)[1]) == [[], [], []]


@pytest.mark.parametrize(("needed", "of"), [(0, 3), (4, 3), (1, 101)])
def test_patience_that_contradicts_itself(needed, of):
    with pytest.raises(ValueError, match="polls"):
        Patience(needed=needed, of=of)
