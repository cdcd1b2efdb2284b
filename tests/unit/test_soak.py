"""What `make soak` holds a history against: BIRD's log. A change that is not written must be noticed."""

from datetime import UTC, datetime, timedelta

from calico_bgp.model.peer import Family
from calico_bgp.store.history.changes import PeerChangeKind, PeerEvent
from calico_bgp.store.history.reader import Coverage, PollRow
from tests.rig.session_log import SessionLog, Spell, spells, unwritten

START = datetime(2026, 11, 30, 12, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


#: A poll of one second every five seconds, for a minute.
POLLS = [PollRow(n, at(5 * n), 1.0, 4, 0, "healthy", None) for n in range(13)]


def said(*states):
    return spells([("node1", "192.0.2.12", up, at(second)) for second, up in states], at(60))


def change(second, kind):
    up, down = kind is not PeerChangeKind.DOWN, kind is not PeerChangeKind.UP
    return PeerEvent(
        at(second), "node1", Family.IPV4, "192.0.2.12", kind, None, None, None, ups=int(up), downs=int(down)
    )


UP, DOWN, RESTARTED = PeerChangeKind.UP, PeerChangeKind.DOWN, PeerChangeKind.RESTARTED
#: It ended at 22 s, and came back at 43 s.
ENDED = said((-9, True), (22, False), (23, False), (43, True))


def test_spells_begin_where_the_state_changes():
    assert [
        Spell("node1", "192.0.2.12", True, at(-9), at(22)),
        Spell("node1", "192.0.2.12", False, at(22), at(43)),
        Spell("node1", "192.0.2.12", True, at(43), at(60)),
    ] == ENDED


def test_changes_that_are_written():
    assert unwritten(ENDED, POLLS, [], [change(25, DOWN), change(45, UP)]) == []


def test_a_change_that_is_not_written():
    assert unwritten(ENDED, POLLS, [], [change(25, DOWN)]) == [
        "node1: its session with 192.0.2.12 came up at 12:00:43: not written"
    ]
    assert unwritten(ENDED, POLLS, [], [change(45, UP)]) == [
        "node1: its session with 192.0.2.12 went down at 12:00:22: not written"
    ]


def test_a_change_that_is_written_too_late():
    assert len(unwritten(ENDED, POLLS, [], [change(35, DOWN), change(45, UP)])) == 1


def test_a_break_between_two_polls_is_seen_from_since():
    short = said((-9, True), (22, False), (23, True))
    assert len(unwritten(short, POLLS, [], [])) == 1
    assert unwritten(short, POLLS, [], [change(25, RESTARTED)]) == []


def test_what_nobody_looked_at_is_no_change():
    away = [Coverage(at(20), "node1", "no route to host"), Coverage(at(50), "node1", None)]
    assert unwritten(ENDED, POLLS, away, []) == []
    # It was not read any more before its sessions ended.
    early = [Coverage(at(10), "node1", "no route to host"), Coverage(at(45), "node1", None)]
    assert unwritten(ENDED, POLLS, early, []) == []
    assert len(unwritten(ENDED, POLLS, [Coverage(at(20), "node2", "no route to host")], [])) == 2


def test_the_log_is_read_as_it_grows(tmp_path):
    log = tmp_path / "log"
    log.write_text(
        "bird: Mesh_192_0_2_12: Starting\n"
        "bird: Mesh_192_0_2_12: State changed to up\n"
        "bird: Mesh_2001_db8_77__13: State changed to start\n"
    )
    following = SessionLog({"node1": log})
    found = following.close()
    assert [(spell.node, spell.peer, spell.is_up) for spell in found] == [
        ("node1", "192.0.2.12", True),
        ("node1", "2001:db8:77::13", False),
    ]
