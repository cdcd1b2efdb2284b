"""Worker processes: they end with their parent, start no others, and lose no host."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calico_bgp.model.inventory import Host
from calico_bgp.sources.gather import gather
from calico_bgp.sources.ssh.gatherer import SSHGatherer
from calico_bgp.sources.ssh.options import SSHOptions
from calico_bgp.sources.ssh.workers import processes as processes_module


def two_children_of(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found if len(found) == 2 else []


def wait_for(what, seconds: float = 20.0):
    until = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
    return value


def is_gone(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("stage", ["starting", "reading"])
def test_workers_end_with_their_parent(tmp_path, by, stage):
    with contextlib.ExitStack() as stack:
        mute = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = mute.getsockname()[1]
        (tmp_path / "hosts.txt").write_text(f"127.0.0.1:{port}\n127.0.0.2:{port}\n")
        parent = subprocess.Popen(
            [
                *(sys.executable, "-m", "calico_bgp", "gather", "hosts.txt", "-o", "out", "--processes", "2"),
                *("--no-agent", "--ssh-config", "none", "--connect-timeout", "60s"),
            ],
            cwd=tmp_path,
            env=os.environ | {"HOME": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            workers = wait_for(lambda: two_children_of(parent.pid))
            if stage == "reading":
                mute.settimeout(30)
                connection = stack.enter_context(mute.accept()[0])
                connection.settimeout(30)
                assert connection.recv(4) == b"SSH-"
        finally:
            parent.send_signal(by)
            parent.wait(10)
        wait_for(lambda: all(is_gone(pid) for pid in workers), 5)


def test_a_worker_whose_parent_never_speaks_ends():
    worker = subprocess.Popen(processes_module._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(20) == 0
    assert worker.stdout is not None
    assert worker.stdout.read() == b""
    worker.stdout.close()


def test_a_worker_starts_no_workers(monkeypatch):
    monkeypatch.setenv("CALICO_BGP_WORKER", "1")
    monkeypatch.setattr(processes_module.subprocess, "Popen", lambda *a, **k: pytest.fail("it started a process"))
    hosts = [Host(name="127.0.0.1", port=1), Host(name="127.0.0.2", port=1)]
    snapshot = gather(hosts, SSHGatherer(SSHOptions(processes=2, attempts=1, agent=False, ssh_config=Path("none"))))
    assert len(snapshot.failures) == 2


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (["/nowhere/python"], "could not be started"),
        ([sys.executable, "-c", "pass"], "was lost: it ended"),
        ([sys.executable, "-c", "print('no JSON')"], "was lost: "),
        ([sys.executable, "-c", """print('{"kind": "lost", "raw": "MemoryError: much"}')"""], "MemoryError: much"),
    ],
)
def test_a_lost_worker_loses_no_host(monkeypatch, program, said):
    monkeypatch.setattr(processes_module, "_command", lambda: program)
    hosts = [Host(name=f"127.0.0.{number}", port=1) for number in range(1, 6)]
    snapshot = gather(hosts, SSHGatherer(SSHOptions(processes=2, agent=False, ssh_config=Path("none"))))
    assert [failure.host for failure in snapshot.failures] == [host.label for host in hosts]
    assert all(said in failure.message for failure in snapshot.failures)


@pytest.mark.parametrize(
    ("last_word", "said"),
    [
        ("pass", "was lost: it ended"),
        ("""print('{"kind": "lost", "raw": "MemoryError: much"}')""", "MemoryError: much"),
    ],
)
def test_a_worker_that_ends_before_it_is_asked_tells_why_all_the_same(monkeypatch, last_word, said):
    # So many hosts fill the pipe: who writes to it notices that nobody reads.
    hosts = [Host(name=f"127.1.{number // 250}.{number % 250}", port=1) for number in range(2000)]
    monkeypatch.setattr(processes_module, "_command", lambda: [sys.executable, "-c", last_word])
    snapshot = gather(hosts, SSHGatherer(SSHOptions(processes=2, agent=False, ssh_config=Path("none"))))
    assert {said in failure.message for failure in snapshot.failures} == {True}
    assert len(snapshot.failures) == len(hosts)
