"""Connections that go wrong: closed ports, mute servers, names without address, jump hosts, Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, Stage
from calico_bgp.sources.gather import GatherInterrupted, gather
from calico_bgp.sources.ssh.gatherer import SSHGatherer
from tests.rig.ssh.node_of_capture import SSHNode, make_node
from tests.rig.ssh.sshd import free_port

pytestmark = pytest.mark.rig


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHNode]:
    node = make_node(tmp_path_factory.mktemp("trouble"))
    with node.sshd:
        yield node


@pytest.fixture(scope="module")
def jump(tmp_path_factory: pytest.TempPathFactory, node: SSHNode) -> Iterator[SSHNode]:
    jump = make_node(
        tmp_path_factory.mktemp("jump"), address="127.0.0.2", authorized=[Path(f"{node.key}.pub")], calicoctl=None
    )
    with jump.sshd, node.known_hosts.open("a") as known:
        known.write(jump.sshd.known_hosts_line())
        known.flush()
        yield jump


@contextlib.contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A server that accepts and says this; None: accepts and hangs up."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        held = []

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError, OSError):
                    client = server.accept()[0]
                    if answer is None:
                        client.close()
                    else:
                        client.sendall(answer)
                        held.append(client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()
            for client in held:
                client.close()


def test_a_closed_port_is_tried_again_and_then_told(node: SSHNode) -> None:
    began = time.monotonic()
    failure = node.failure(host=Host(name="127.0.0.1", port=free_port()))
    assert failure.stage is Stage.CONNECT
    assert "refused" in failure.message
    assert time.monotonic() - began > 0.2


def test_a_port_that_opens_late_is_reached(node: SSHNode) -> None:
    port = free_port()
    forward = subprocess.Popen(
        [
            "sh",
            "-c",
            f"sleep 0.3; exec socat TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr TCP:127.0.0.1:{node.sshd.port}",
        ]
    )
    try:
        node.known_hosts.write_text(
            node.known_hosts.read_text() + node.sshd.known_hosts_line(name=f"[127.0.0.1]:{port}")
        )
        assert node.reading(host=Host(name="127.0.0.1", port=port), attempts=6).peers
    finally:
        forward.terminate()
        forward.wait(5)


def test_a_server_that_hangs_up_is_told(node: SSHNode) -> None:
    with listening(None) as port:
        failure = node.failure(host=Host(name="127.0.0.1", port=port))
    assert failure.stage is Stage.CONNECT


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-mute\r\n"])
def test_a_mute_server_is_given_up_in_time(node: SSHNode, answer: bytes) -> None:
    began = time.monotonic()
    with listening(answer) as port:
        failure = node.failure(host=Host(name="127.0.0.1", port=port), connect_timeout=1.0)
    assert failure.stage is Stage.TIMEOUT
    assert time.monotonic() - began < 3
    assert ("key exchange" if answer else "first words") in failure.message


def test_something_else_than_ssh_is_told(node: SSHNode) -> None:
    with listening(b"220 mail.example ESMTP\r\n" * 200) as port:
        failure = node.failure(host=Host(name="127.0.0.1", port=port), connect_timeout=2.0)
    assert failure.stage in (Stage.CONNECT, Stage.TIMEOUT)


def test_a_name_without_address_is_told(node: SSHNode) -> None:
    failure = node.failure(host=Host(name="nobody.invalid"))
    assert failure.stage is Stage.RESOLVE
    assert "nobody.invalid" in failure.message


def test_ipv6(tmp_path: Path) -> None:
    node = make_node(tmp_path, address="::1")
    with node.sshd:
        reading = node.reading()
    assert str(reading.ssh_address) == "::1"
    assert reading.host == f"[::1]:{node.sshd.port}"


def test_the_dead_do_not_delay_the_living(node: SSHNode) -> None:
    with listening(b"") as port:
        mute = [Host(name=f"127.0.1.{number}", port=port) for number in range(1, 1)]
        mute += [Host(name="127.0.0.1", port=port)]
        order: list[str] = []
        snapshot = gather(
            [*mute, node.host],
            SSHGatherer(node.options(workers=1, connect_timeout=4.0)),
            on_result=lambda host, _: order.append(host.label),
        )
    assert order == [node.host.label, mute[0].label]
    assert [failure.host for failure in snapshot.failures] == [mute[0].label]
    assert snapshot.complete


def test_the_time_for_the_whole_run(node: SSHNode) -> None:
    with listening(b"") as port:
        began = time.monotonic()
        failure = node.failure(host=Host(name="127.0.0.1", port=port), run_timeout=0.5)
        assert time.monotonic() - began < 3
    assert failure.stage is Stage.TIMEOUT
    assert "whole run" in failure.message


def test_a_jump_host(node: SSHNode, jump: SSHNode) -> None:
    hop = f"root@127.0.0.2:{jump.sshd.port}"
    before = jump.sshd.log.count("Accepted publickey")
    hosts = [
        Host(name="127.0.0.1", port=node.sshd.port, jump=hop),
        Host(name="localhost", port=node.sshd.port, jump=hop),
    ]
    with node.known_hosts.open("a") as known:
        known.write(node.sshd.known_hosts_line(name=f"[localhost]:{node.sshd.port}"))
    snapshot = gather(hosts, SSHGatherer(node.options()))
    assert snapshot.failures == ()
    assert [len(reading.peers) for reading in snapshot.readings] == [6, 6]
    assert [reading.ssh_address for reading in snapshot.readings] == [None, None]
    assert jump.sshd.log.count("Accepted publickey") == before + 1


def test_a_chain_of_jump_hosts_from_the_ssh_configuration(node: SSHNode, jump: SSHNode, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host j1 j2\n HostName 127.0.0.2\n Port {jump.sshd.port}\n User root\n IdentityFile {node.key}\n"
        f"Host n1\n HostName 127.0.0.1\n Port {node.sshd.port}\n ProxyJump j2\nHost j2\n ProxyJump j1\n"
    )
    assert node.reading(host=Host(name="n1"), ssh_config=config).peers


def test_a_jump_host_that_is_down_is_told_for_every_node(node: SSHNode) -> None:
    hop = f"root@127.0.0.2:{free_port('127.0.0.2')}"
    hosts = [Host(name=f"node{number}", jump=hop) for number in range(3)]
    snapshot = gather(hosts, SSHGatherer(node.options(attempts=1)))
    assert len(snapshot.failures) == 3
    for failure in snapshot.failures:
        assert failure.stage is Stage.CONNECT
        assert failure.message.startswith(f"the jump host {hop} cannot be used")


def test_a_jump_host_with_an_unknown_key_is_refused(node: SSHNode, jump: SSHNode, tmp_path: Path) -> None:
    known = node.sshd.known_hosts(tmp_path / "known_hosts")
    failure = node.failure(jump=f"root@127.0.0.2:{jump.sshd.port}", known_hosts=(known,))
    assert failure.stage is Stage.HOST_KEY
    assert "jump host" in failure.message


def test_a_node_that_the_jump_host_cannot_reach(node: SSHNode, jump: SSHNode) -> None:
    host = Host(name="127.0.0.1", port=free_port(), jump=f"root@127.0.0.2:{jump.sshd.port}")
    failure = node.failure(host=host)
    assert failure.stage is Stage.CONNECT
    assert "cannot connect to 127.0.0.1" in failure.message


def test_worker_processes_give_the_same(node: SSHNode) -> None:
    hosts = [node.host, Host(name="nobody.invalid")]
    one = gather(hosts, SSHGatherer(node.options()))
    two = gather(hosts, SSHGatherer(node.options(processes=2)))
    assert two.readings[0].status == one.readings[0].status
    assert "calicoctl" in two.readings[0].raw
    assert two.failures == one.failures


def test_inside_a_running_event_loop(node: SSHNode) -> None:
    import asyncio

    async def notebook() -> int:
        return len(gather([node.host], SSHGatherer(node.options())).readings)

    assert asyncio.run(notebook()) == 1


def test_an_interruption_keeps_what_has_come_in(node: SSHNode) -> None:
    with listening(b"") as port:
        threads = threading.active_count()

        def interrupt(host: Host, result: NodeReading | GatherFailure) -> None:
            signal.raise_signal(signal.SIGINT)

        began = time.monotonic()
        with pytest.raises(GatherInterrupted) as caught:
            gather([node.host, Host(name="127.0.0.1", port=port)], SSHGatherer(node.options()), on_result=interrupt)
        assert time.monotonic() - began < 2
        assert threading.active_count() == threads
    snapshot = caught.value.snapshot
    assert [reading.host for reading in snapshot.readings] == [node.host.label]
    assert not snapshot.complete


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_on_the_command_line(node: SSHNode, tmp_path: Path, processes: str) -> None:
    """One node answers, one hangs: what came in is saved, marked incomplete, exit 130, within a second."""
    read_before = node.sshd.log.count("Close session")
    with listening(b"") as port:
        hosts = tmp_path / "hosts.txt"
        hosts.write_text(f"127.0.0.1:{node.sshd.port}\n127.0.0.1:{port}\n")
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "calico_bgp", "gather", str(hosts), "-o", str(tmp_path / "out")),
                *("--user", "root", "-i", str(node.key), "--known-hosts", str(node.known_hosts), "--no-agent"),
                *("--ssh-config", "none", "--connect-timeout", "60s", "--processes", processes),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"HOME": str(tmp_path)},
        )
        until = time.monotonic() + 20
        while node.sshd.log.count("Close session") == read_before and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(2)  # the answer is parsed, and written to the pipe
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        stderr = process.communicate(timeout=10)[1]
        took = time.monotonic() - sent
    assert process.returncode == 130, stderr
    assert took < 3  # a second, on a machine that has nothing else to do
    assert "1 of 2 nodes read" in stderr
    assert "Traceback" not in stderr
    from calico_bgp.store.snapshot_folder import load_snapshot

    snapshot = load_snapshot(tmp_path / "out")
    assert not snapshot.complete
    assert len(snapshot.readings) == 1
