"""The snapshot folder: what is written, what is refused, and that what comes back is what went in."""

import json
import stat
import threading
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from calico_bgp.errors import StoreError
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import BGPState, ErrorClass, Family, Peer, PeerError, PeerType
from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus, Silent, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.raw_names import raw_names
from calico_bgp.store.snapshot_folder import check_folder, load_snapshot, save_snapshot

PEER = Peer(
    family=Family.IPV4,
    address=ip_address("10.0.0.2"),
    address_text="10.0.0.2",
    port=None,
    peer_type=PeerType.GLOBAL,
    protocol_state="start",
    bgp_state=BGPState.ACTIVE,
    since="12:00:00",
    info="Active Socket: Connection refused",
    error=PeerError(ErrorClass.SOCKET, "Connection refused"),
)


def snapshot(*raws: str, cluster: str = "c", hosts: tuple[str, ...] = ()) -> Snapshot:
    names = hosts or tuple(f"n{i}" for i in range(len(raws)))
    return Snapshot(
        cluster=cluster,
        hosts=tuple(Host(name=name, line=1) for name in names),
        taken_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        readings=tuple(
            NodeReading(host=name, status=NodeStatus(peers=(PEER,)), raw=raw)
            for name, raw in zip(names, raws, strict=True)
        ),
        failures=(GatherFailure(host="dead", stage=Stage.PARSE, message="?", raw="what it said"),),
    )


def raws(found: Snapshot) -> list[str]:
    return [output.raw for output in (*found.readings, *found.failures)]


def test_what_comes_back_is_what_went_in(tmp_path):
    saved = snapshot("a\r\nb\n", "", "\x1b[31m\0\udcff\ud800 ü")
    save_snapshot(saved, tmp_path / "deep" / "s")
    loaded = load_snapshot(tmp_path / "deep" / "s")
    assert loaded == saved
    assert type(loaded) is Snapshot
    assert raws(loaded) == raws(saved)
    assert loaded.model_dump_json() == saved.model_dump_json()
    # Not only equal on paper: a loaded one can be saved again.
    save_snapshot(loaded, tmp_path / "again")
    assert load_snapshot(tmp_path / "again") == saved


@pytest.mark.parametrize(
    ("stage", "message", "silent"),
    [
        (Stage.TIMEOUT, "connecting to 192.0.2.1: nothing came for 4 s", Silent.HOST),
        (Stage.TIMEOUT, "BIRD took the connection but did not answer", Silent.BIRD),
        (Stage.TIMEOUT, "calicoctl node status hung", None),
        (Stage.CONNECT, "connecting to 192.0.2.1 failed: No route to host", None),
    ],
)
def test_a_snapshot_of_an_older_release_says_in_words_who_was_silent(tmp_path, stage, message, silent):
    written = Snapshot(failures=(GatherFailure(host="n1", stage=stage, message=message),))
    save_snapshot(written, tmp_path)
    assert load_snapshot(tmp_path) == written
    file = tmp_path / "snapshot.json"
    document = json.loads(file.read_text())
    del document["failures"][0]["silent"]
    file.write_text(json.dumps(document))
    assert load_snapshot(tmp_path).failures[0].silent is silent


def test_the_layout(tmp_path):
    save_snapshot(snapshot("x", hosts=("[fd00::1]:22",)), tmp_path / "s")
    document = json.loads((tmp_path / "s" / "snapshot.json").read_text())
    assert document["schema"] == "calico-bgp/snapshot/1"
    raw = tmp_path / "s" / document["raw_folder"]
    assert sorted(path.name for path in raw.iterdir()) == ["_fd00__1__22.txt", "dead.txt"]
    assert (raw / "_fd00__1__22.txt").read_text() == "x"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "s", raw)}
    assert modes == {0o700}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (*raw.iterdir(), tmp_path / "s" / "snapshot.json")} == {0o600}


def test_replacing_leaves_nothing_of_the_old_one(tmp_path):
    folder = tmp_path / "s"
    save_snapshot(snapshot("old0", "old1"), folder)
    (folder / "notes.txt").write_text("mine")
    folder.chmod(0o750)
    save_snapshot(snapshot("new", cluster="other"), folder)
    assert raws(load_snapshot(folder)) == ["new", "what it said"]
    assert len(list(folder.glob("raw-*"))) == 1
    assert (folder / "notes.txt").read_text() == "mine"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750


def test_replace_can_be_refused(tmp_path):
    save_snapshot(snapshot("old"), tmp_path / "s")
    with pytest.raises(StoreError, match="holds a snapshot already"):
        save_snapshot(snapshot("new"), tmp_path / "s", replace=False)
    assert raws(load_snapshot(tmp_path / "s"))[0] == "old"


def test_an_empty_folder_and_a_link_are_fine(tmp_path):
    (tmp_path / "empty").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to("empty")
    save_snapshot(snapshot("x"), tmp_path / "link")
    assert raws(load_snapshot(tmp_path / "empty"))[0] == "x"
    assert (tmp_path / "link").is_symlink()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(StoreError, match=r"is not empty and no snapshot folder"):
        save_snapshot(snapshot("x"), tmp_path)
    with pytest.raises(StoreError, match="it is a file"):
        save_snapshot(snapshot("x"), tmp_path / "thesis.tex")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_can_be_checked_before_the_work(tmp_path):
    (tmp_path / "s").mkdir()
    check_folder(tmp_path / "new" / "deep")
    check_folder(tmp_path / "s")
    with pytest.raises(StoreError, match="no snapshot folder"):
        check_folder(tmp_path)
    assert not (tmp_path / "new").exists()


def test_a_text_that_json_cannot_say_costs_its_character_and_nothing_else(tmp_path):
    saved = snapshot("x", "y", cluster="lab\ud800")
    save_snapshot(saved, tmp_path / "s")
    assert load_snapshot(tmp_path / "s") == saved.model_copy(update={"cluster": "lab?"})


def test_missing_raw_files_do_no_harm(tmp_path):
    save_snapshot(snapshot("a", "b"), tmp_path / "s")
    (raw,) = (tmp_path / "s").glob("raw-*")
    (raw / "n0.txt").unlink()
    (raw / "n1.txt").write_bytes(b"\xff edited")
    (raw / "dead.txt").unlink()
    (raw / "dead.txt").symlink_to("/etc/passwd")
    assert raws(load_snapshot(tmp_path / "s")) == ["", "\ufffd edited", ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged, it is not JSON"),
        ("", "is damaged, it is not JSON"),
        ("[" * 100_000, "is damaged"),
        ("[]", "is not a snapshot of calico-bgp"),
        ('{"schema": "npm/1"}', "is not a snapshot of calico-bgp"),
        ('{"schema": "calico-bgp/audit/1"}', "is not a snapshot of calico-bgp"),
        ('{"schema": "calico-bgp/snapshot/2", "x": 1}', "a newer calico-bgp wrote it; upgrade this one"),
        ('{"schema": "calico-bgp/snapshot/zwei"}', "this version reads no other"),
        ('{"schema": "calico-bgp/snapshot/1", "readings": [{"host": 3}]}', r"readings\.0\.host: .*; upgrade, or"),
        ('{"schema": "calico-bgp/snapshot/1", "raw_folder": "../raw-0123456789abcdef"}', "raw_folder: "),
    ],
)
def test_a_snapshot_json_that_cannot_be_read(tmp_path, text, message):
    (tmp_path / "snapshot.json").write_text(text)
    with pytest.raises(StoreError, match=message) as caught:
        load_snapshot(tmp_path)
    assert str(tmp_path / "snapshot.json") in str(caught.value)


def test_what_is_no_snapshot_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="calico-bgp gather HOSTS -o"):
        load_snapshot(tmp_path / "none")
    with pytest.raises(StoreError, match="is a file"):
        load_snapshot(tmp_path / "file")
    with pytest.raises(StoreError, match=r"there is no snapshot\.json in it"):
        load_snapshot(tmp_path)


def test_a_reader_beside_a_writer_always_sees_a_pair(tmp_path):
    folder = tmp_path / "s"
    both = [snapshot(*[name] * 8, cluster=name) for name in ("one", "two")]
    save_snapshot(both[0], folder)
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            save_snapshot(both[turn % 2], folder)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [load_snapshot(folder)]
        while len(found) < 60 or len({seen.cluster for seen in found}) < 2:
            found.append(load_snapshot(folder))
    finally:
        stop.set()
        writer.join()
    assert all(set(raws(seen)[:-1]) == {seen.cluster} for seen in found)


def test_two_writers_at_once_leave_one_snapshot(tmp_path):
    folder = tmp_path / "s"
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for _ in range(10):
                save_snapshot(snapshot(name, name, cluster=name), folder)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    seen = load_snapshot(folder)
    assert raws(seen)[:2] == [seen.cluster] * 2
    assert len(list(folder.iterdir())) == 2


def test_raw_names_are_safe_and_distinct():
    hosts = [
        "n1",
        "N1",
        "n1",
        "n1-2",
        "../../etc/passwd",
        "..",
        ".",
        "",
        "-rf",
        "a/b",
        "a:b",
        "fd00::1",
        "x" * 400,
        "ä\0",
    ]
    names = raw_names(hosts)
    assert names == [
        "n1.txt", "N1-2.txt", "n1-3.txt", "n1-2-2.txt", "_._.._etc_passwd.txt", "_..txt", "_.txt", "_-2.txt", "_rf.txt",
        "a_b.txt", "a_b-2.txt", "fd00__1.txt", "x" * 200 + ".txt", "__.txt",
    ]  # fmt: skip
    assert len({name.lower() for name in names}) == len(names)
