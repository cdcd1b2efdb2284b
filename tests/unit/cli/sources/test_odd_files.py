"""Folders, devices, silent pipes and endless files in the place of every file that a command reads."""

import os
import shutil
import sys
import threading

import pytest

from calico_bgp.cli.sources import files
from calico_bgp.store import bounded

#: Every way to name a file that is read; `{}` is it.
PLACES = {
    "hosts.txt": ("status", "{}"),
    "gather": ("gather", "{}", "-o", "{}.out"),
    "paste": ("audit", "--pasted", "{}"),
    "parse": ("parse", "{}"),
    "resources": ("expect", "{}"),
    "lint": ("lint", "{}"),
    "plan": ("plan", "reflectors", "{}"),
    "resources beside a source": ("reach", "--resources", "{}"),
    "apply": ("whatif", "--resources", "{}", "--apply", "{}"),
    "config": ("audit", "--snapshot", ".", "--config", "{}"),
    "lint config": ("lint", ".", "--config", "{}"),
    "nodes.json": ("hosts", "{}"),
}


def arguments(place, path):
    return [word.format(path) for word in PLACES[place]]


@pytest.fixture(autouse=True)
def in_a_moment(monkeypatch):
    monkeypatch.setattr(bounded, "WRITER_WAIT", 0.1)
    monkeypatch.setattr(bounded, "BYTES_WAIT", 0.2)


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def refused(result, why):
    assert result.exit_code == 2, result.stderr
    assert why in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("place", PLACES)
def test_a_device_is_refused(run_cli, place):
    refused(run_cli(*arguments(place, "/dev/zero")), "it is a device")


@pytest.mark.parametrize("place", PLACES)
def test_a_pipe_that_nobody_writes_into_is_given_up(run_cli, place, pipe):
    refused(run_cli(*arguments(place, pipe)), "nobody writes into it")


@pytest.mark.parametrize("place", ["hosts.txt", "paste", "parse", "config", "nodes.json"])
def test_a_folder_is_refused(run_cli, place, tmp_path):
    result = run_cli(*arguments(place, tmp_path))
    assert result.exit_code == 2
    assert "folder" in result.stderr or "directory" in result.stderr


@pytest.mark.parametrize("place", ["paste", "parse", "nodes.json"])
@pytest.mark.parametrize(
    ("form", "what"),
    [
        ("zip", "a zip archive, or a spreadsheet: unpack it"),
        ("tar", "a tar archive: unpack it (tar xf), and name the files"),
        ("gztar", "compressed by gzip: unpack it (gunzip, tar xzf), and name the files"),
        ("bztar", "compressed by bzip2: unpack it"),
        ("xztar", "compressed by xz: unpack it"),
    ],
)
def test_an_archive_is_called_so(run_cli, place, form, what, tmp_path):
    """It was "a binary file", or a text without a status."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "node1.txt").write_text("Calico process is running.\n")
    archive = shutil.make_archive(str(tmp_path / "answers"), form, tmp_path / "in")
    refused(run_cli(*arguments(place, archive)), f"{archive}: this is {what}")


def test_a_folder_of_pastes_is_answered_with_how_to_give_it(run_cli, tmp_path):
    refused(run_cli("audit", "--pasted", tmp_path), "give all its files as one text, tail -n +1 FILES | calico-bgp")


@pytest.mark.parametrize("place", ["hosts.txt", "paste", "resources"])
def test_a_pipe_that_says_nothing_more_is_given_up(run_cli, place, pipe):
    begun = threading.Event()
    done = threading.Event()

    def write():
        with pipe.open("wb", buffering=0) as file:
            file.write(b"node1\n")
            begun.set()
            done.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        refused(run_cli(*arguments(place, pipe)), "nothing came out of it")
    finally:
        done.set()
        writer.join()


def test_a_pipe_that_is_written_is_read(run_cli, paste, pipe):
    text = paste("mesh_ok_v4").read_bytes()

    def write():
        with pipe.open("wb") as file:
            file.write(text)

    writer = threading.Thread(target=write)
    writer.start()
    result = run_cli("audit", "--pasted", pipe)
    writer.join()
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize("place", ["paste", "parse", "hosts.txt", "resources", "nodes.json", "config"])
def test_a_file_without_end_is_refused(run_cli, place, tmp_path, monkeypatch):
    path = tmp_path / "endless"
    path.touch()
    os.truncate(path, 2 << 30)  # sparse: it takes no room
    # The limits themselves would take a gigabyte of memory here.
    monkeypatch.setattr(bounded, "read_bounded", bounded.read_bounded)
    real = files.read_bounded
    monkeypatch.setattr(files, "read_bounded", lambda name, *, limit: real(name, limit=min(limit, 1 << 20)))
    refused(run_cli(*arguments(place, path)), "bytes, and that is not read")


@pytest.mark.parametrize("what", ["fifo", "folder", "device", "endless"])
@pytest.mark.parametrize("command", [("audit", "--snapshot"), ("status", "--snapshot"), ("gather", "--retry-failed")])
def test_what_is_no_file_in_the_place_of_a_snapshot(run_cli, tmp_path, what, command, monkeypatch):
    path = tmp_path / "snapshot.json"
    if what == "fifo":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "device":
        path.symlink_to("/dev/zero")
    else:
        path.touch()
        os.truncate(path, 2 << 30)
        from calico_bgp.store import snapshot_reader

        monkeypatch.setattr(snapshot_reader, "_LONGEST", 1 << 20)
    result = run_cli(*command, tmp_path)
    assert result.exit_code == 2
    assert "snapshot" in result.stderr
    assert any(why in result.stderr for why in ("no regular file", "it is a folder", "is a directory", "not read"))


def test_raw_output_that_is_no_file_does_no_harm(run_cli, lab_snapshot):
    (raw,) = lab_snapshot.glob("raw-*")
    for file in raw.glob("*.txt"):
        file.unlink()
        os.mkfifo(file)
    assert run_cli("status", "--snapshot", lab_snapshot).exit_code == 0


@pytest.fixture
def lab_snapshot(tmp_path):
    from calico_bgp.lab.cluster import Topology, build_cluster
    from calico_bgp.store.snapshot_folder import save_snapshot
    from tests.unit.auditing.conftest import snapshot_of

    made = snapshot_of(build_cluster(3, topology=Topology.MESH))
    readings = tuple(reading.model_copy(update={"raw": "said"}) for reading in made.readings)
    save_snapshot(made.model_copy(update={"readings": readings}), tmp_path / "snap")
    return tmp_path / "snap"


@pytest.mark.parametrize(
    "text", ["[[ignore]]\nrule = {}", "x = {}", "{} = 1", "[[ignore]]\nuntil = {}-01-01", "x = 0x{}"]
)
def test_a_number_of_5000_digits_in_toml(run_cli, lab_snapshot, tmp_path, text):
    config = tmp_path / "big.toml"
    config.write_text(text.replace("{}", "9" * 5000))
    result = run_cli("audit", "--snapshot", lab_snapshot, "--config", config)
    assert result.exit_code == 2
    assert f"{config}" in result.stderr


BIG = "9" * 5000


def of(kind, spec, name="a"):
    return f"apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}"


@pytest.mark.parametrize(
    "text",
    [
        '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": BIG}}',
        '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}, "spec": BIG}',
        '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}, "spec": -BIG.5e3}',
        of("BGPPeer", '{"asNumber": BIG}'),
        of("BGPPeer", '{"asNumber": "BIG"}'),
        of("BGPPeer", "{asNumber: 0xBIG}"),
        of("BGPPeer", "{asNumber: BIG:59:59}"),
        of("BGPPeer", "{asNumber: '1.BIG'}"),
        of("BGPPeer", '{"peerIP": "10.0.0.1:BIG"}'),
        of("BGPConfiguration", '{"listenPort": -BIG}', "default"),
        of("BGPConfiguration", '{"listenPort": BIG.5e3}', "default"),
        of("Node", "{bgp: {ipv4Address: 10.0.0.1/BIG}}"),
        of("Node", "{}", "BIG"),
        of("IPPool", "{cidr: 10.0.0.0/BIG}"),
        "apiVersion: BIG\nkind: BIG",
        "BIG",
        "- BIG",
    ],
)
@pytest.mark.parametrize("command", [("expect",), ("lint",), ("hosts",), ("plan", "reflectors")])
def test_a_number_of_5000_digits_in_resources(run_cli, tmp_path, command, text):
    path = tmp_path / "big.yaml"
    path.write_text(text.replace("BIG", BIG))
    result = run_cli(*command, path)
    assert result.exit_code in {0, 1, 2}
    assert len(result.stderr) < 20_000


@pytest.mark.parametrize(
    "line", ["node1:BIG", "node1 port=BIG", "node[1-BIG]", "node[BIG-BIG]", "BIG", "10.0.0.BIG", "node1 ip=10.0.0.BIG",
             "node1 jump=bastion:BIG", "node1 ansible_port=BIG", "[fd00::1]:BIG", "a@node1:BIG"]
)  # fmt: skip
def test_a_number_of_5000_digits_in_hosts(run_cli, tmp_path, line):
    path = tmp_path / "hosts.txt"
    path.write_text(line.replace("BIG", BIG) + "\n")
    result = run_cli("status", path, "--limit", "nobody")
    assert result.exit_code == 2
    assert len(result.stderr) < 20_000


@pytest.mark.parametrize("key", ["line", "port", "calicoctl_version", "schema", "exit_code"])
def test_a_number_of_5000_digits_in_a_snapshot(run_cli, lab_snapshot, key):
    path = lab_snapshot / "snapshot.json"
    text = path.read_text()
    changed = text.replace(f'"{key}": null', f'"{key}": {BIG}', 1).replace(f'"{key}": 1,', f'"{key}": {BIG},', 1)
    if key == "schema":
        changed = text.replace('"calico-bgp/snapshot/1"', f'"calico-bgp/snapshot/{BIG}"')
    assert changed != text
    path.write_text(changed)
    result = run_cli("audit", "--snapshot", lab_snapshot)
    assert result.exit_code == 2
    assert "snapshot.json" in result.stderr
    assert len(result.stderr) < 20_000


@pytest.mark.parametrize("text", [
    "| 10.0.0.BIG | global | up | BIG:00:00 | Established |", "BIG",
    "| 10.0.0.2.port.BIG | global | up | BIG | Established |",
])  # fmt: skip
def test_a_number_of_5000_digits_in_a_paste(run_cli, tmp_path, text):
    path = tmp_path / "paste.txt"
    path.write_text("Calico process is running.\n\nIPv4 BGP status\n" + text.replace("BIG", BIG) + "\n")
    for command in (("parse", path), ("audit", "--pasted", path), ("explain", text.replace("BIG", BIG))):
        assert run_cli(*command).exit_code in {0, 1, 2, 3}


@pytest.mark.parametrize("arguments", [
    ("audit", "--pasted", "-", "--wait", "BIGs"), ("audit", "--pasted", "-", "--flap-window", "BIGd"),
    ("expect", "-", "--calico-version", "vBIG.1"), ("status", "--pasted", "-", "--width", "BIG"),
    ("plan", "reflectors", "-", "--count", "BIG"), ("status", "--pasted", "-", "--pass-fd", "BIG"),
    ("status", "h", "--workers", "BIG"), ("status", "h", "--limit", "node[1-BIG]"), ("status", "h", "-J", "b:BIG"),
    ("whatif", "--cluster-id", "a", "BIG", "--resources", "-"), ("lab", "up", "--nodes", "BIG"),
    ("plan", "reflectors", "-", "--joining", "a=10.0.0.BIG"),
])  # fmt: skip
def test_a_number_of_5000_digits_on_the_command_line(run_cli, arguments):
    result = run_cli(*(word.replace("BIG", BIG) for word in arguments), stdin="")
    assert result.exit_code == 2


@pytest.mark.parametrize("words", [("audit", "--pasted"), ("parse",), ("audit",), ("lint",), ("hosts",)], ids=" ".join)
def test_a_program_is_no_text(run_cli, words):
    """Words of its help were taken for a node's answer."""
    result = run_cli(*words, sys.executable)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sys.executable in result.stderr


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8"])
def test_a_text_of_two_bytes_a_letter_is_one(run_cli, tmp_path, encoding):
    """PowerShell writes the mark in front, other programs leave it out."""
    paste = tmp_path / "paste.txt"
    paste.write_bytes(
        "PS C:\\> ssh node1 sudo calicoctl node status\r\nCalico process is running.\r\n".encode(encoding)
    )
    assert "node1" in run_cli("parse", paste).stdout
