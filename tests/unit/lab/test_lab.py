"""The lab's SSH servers, asked by a paramiko client, and what the lab leaves and removes."""

from __future__ import annotations

import socket
import stat
import threading
from datetime import UTC, datetime

import paramiko
import pytest

from calico_bgp.lab import Lab, Topology, build_cluster
from calico_bgp.lab.faults.fault import FaultError
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.servers.keys import new_key
from calico_bgp.lab.servers.listeners import LabError
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.parse.answer.frame import parse_answer
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.sources.node.command import gather_command, new_marker

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def connect(lab, node, *, key=None) -> paramiko.SSHClient:
    """Log in as an honest client does: known host keys only, the lab's own key only."""
    client = paramiko.SSHClient()
    client.load_host_keys(str(lab.known_hosts))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    host = next(host for host in lab.hosts if host.node == node)
    try:
        client.connect(
            host.name,
            host.port,
            host.user,
            pkey=key or paramiko.Ed25519Key.from_private_key_file(host.identity),
            allow_agent=False,
            look_for_keys=False,
            timeout=20,
            banner_timeout=20,
            auth_timeout=20,
        )
    except BaseException:
        client.close()
        raise
    return client


def run(lab, node, command):
    """stdout, stderr and exit code of a command on a node."""
    client = connect(lab, node)
    try:
        _, stdout, stderr = client.exec_command(command, timeout=20)
        return stdout.read().decode(), stderr.read().decode(), stdout.channel.recv_exit_status()
    finally:
        client.close()


def ask(lab, node):
    """The answer to the gather command."""
    marker = new_marker()
    stdout, _, code = run(lab, node, gather_command(marker))
    assert code == 0
    answer = parse_answer(stdout, marker)
    assert answer is not None
    assert answer.complete
    return answer


@pytest.fixture(scope="module")
def lab():
    faults = ["bird-down:node3", "calicoctl-missing:node4", "no-sudo:node5", "calicoctl-hung:node6"]
    cluster = build_cluster(7, reflectors=2, families=tuple(Family))
    with Lab(cluster, faults=[*faults, "host-key-changed:node7"], clock=lambda: NOW) as running:
        yield running


def test_a_node_answers_the_gather_command(lab):
    answer = ask(lab, "node1")
    assert answer.node == answer.hostname == "node1"
    assert list(map(str, answer.addresses)) == ["192.0.2.11", "2001:db8:77::11"]
    assert answer.clock == NOW
    assert (answer.rights, answer.exit_code, answer.version) == ("sudo", 0, "v3.33.0")
    assert answer.processes == {"felix", "bird", "bird6"}
    status = parse_node_status(answer.stdout)
    assert status.peers == lab.tables()[0].peers
    assert not status.unrecognised


def test_a_stopped_bird_is_no_process(lab):
    answer = ask(lab, "node3")
    assert answer.processes == {"felix"}
    assert "The BGP backend process (BIRD) is not running." in answer.stdout


def test_without_calicoctl_bird_answers(lab):
    answer = ask(lab, "node4")
    assert (answer.calicoctl, answer.stdout, answer.exit_code, answer.version) == (None, None, None, None)
    assert [(bird.family, bird.exit_code, bird.answered) for bird in answer.birds] == [
        (Family.IPV4, 0, True),
        (Family.IPV6, 0, True),
    ]
    assert "Global_192_0_2_11 BGP" in answer.birds[0].text


def test_without_sudo_only_sudo_speaks(lab):
    answer = ask(lab, "node5")
    assert (answer.stdout or "", answer.stderr.strip(), answer.exit_code) == ("", "sudo: a password is required", 1)
    assert run(lab, "node5", "sudo calicoctl node status")[2] == 1


def test_a_hung_command_says_nothing_until_the_client_goes(lab):
    client = connect(lab, "node6")
    _, stdout, _ = client.exec_command(gather_command(new_marker()), timeout=0.3)
    with pytest.raises(TimeoutError):
        stdout.read()
    client.close()


def test_a_changed_host_key_is_another_than_in_known_hosts(lab):
    with pytest.raises(paramiko.BadHostKeyException):
        connect(lab, "node7")


def test_only_the_labs_key_comes_in(lab):
    with pytest.raises(paramiko.AuthenticationException):
        connect(lab, "node1", key=new_key()[0])


@pytest.mark.parametrize(
    ("command", "stdout", "code"),
    [
        ("sudo calicoctl node status", "Calico process is running.", 0),
        ("calicoctl node status", "Need super user privileges: Operation not permitted", 1),
        ("birdcl -s /var/run/calico/bird6.ctl show protocols", "Mesh_2001_db8_77__12", 0),
        ("hostname", "node1", 0),
        ("rm -rf /", "", 127),
        ("sudo", "", 127),
        ("'", "", 127),
        ("", "", 127),
    ],
)
def test_typed_commands(lab, command, stdout, code):
    printed = run(lab, "node1", command)
    assert stdout.replace("Mesh", "Global") in printed[0]
    assert printed[2] == code
    assert (code == 127) == ("simulated node" in printed[1])


def test_a_shell_is_declined_politely(lab):
    client = connect(lab, "node1")
    channel = client.invoke_shell()
    channel.settimeout(20)
    assert b"simulated node" in channel.recv(1000)
    assert channel.recv_exit_status() == 1
    client.close()


def test_many_clients_at_once_get_their_own_answers(lab):
    names = ["node1", "node2", "node3", "node4"] * 4
    found: list[str | None] = []
    threads = [threading.Thread(target=lambda name=name: found.append(ask(lab, name).node)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(names)


def test_garbage_and_silence_do_not_disturb_the_others(lab):
    place = lab.endpoints["node1"]
    with socket.create_connection(place, timeout=20) as silent, socket.create_connection(place, timeout=20) as garbage:
        garbage.sendall(b"GET / HTTP/1.1\r\n\r\n" * 10)
        assert ask(lab, "node1").node == "node1"
        assert silent.recv(4) == b"SSH-"


def test_the_files_say_where_everything_is(lab):
    assert stat.S_IMODE((lab.directory / "key").stat().st_mode) == 0o600
    hosts = lab.hosts
    assert [host.node for host in hosts] == [f"node{i}" for i in range(1, 8)]
    assert [host.role for host in hosts] == [Role.REFLECTOR] * 2 + [Role.CLIENT] * 5
    assert list(map(str, hosts[0].addresses)) == ["192.0.2.11", "2001:db8:77::11"]
    assert len({(host.name, host.port) for host in hosts}) == 7
    assert all(socket.gethostbyname(host.name).startswith("127.") for host in hosts)


def test_faults_come_and_go_while_it_runs():
    with Lab(build_cluster(3, reflectors=1)) as lab:
        place = lab.endpoints["node2"]
        lab.set_faults(["node-down:node2"])
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place, timeout=20)
        assert "node2" not in str(ask(lab, "node1").node)
        lab.set_faults(["missing-peer:node2"])
        assert "No IPv4 peers found." in ask(lab, "node2").stdout
        with pytest.raises(FaultError):
            lab.set_faults(["nonsense"])
        assert [str(fault) for fault in lab.faults] == ["missing-peer:node2"]
        lab.set_faults([])
        assert "Established" in ask(lab, "node2").stdout


def test_a_node_that_is_down_from_the_start_comes_back():
    with Lab(build_cluster(2, reflectors=1), faults=["node-down:node2"]) as lab:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(lab.endpoints["node2"], timeout=20)
        lab.set_faults([])
        assert ask(lab, "node2").node == "node2"


def test_a_node_that_goes_down_drops_its_connections():
    with Lab(build_cluster(2, reflectors=1)) as lab:
        client = connect(lab, "node2")
        lab.set_faults(["node-down:node2"])
        client.get_transport().join(20)
        assert not client.get_transport().is_active()
        client.close()


def test_nothing_is_left(tmp_path):
    before = set(threading.enumerate())
    with Lab(build_cluster(2, reflectors=1), directory=tmp_path / "new") as lab:
        client = connect(lab, "node1")
        files = {"hosts.txt", "key", "known_hosts", "ssh_config", "resources.yaml", "kubeconfig"}
        assert {path.name for path in lab.directory.iterdir()} == files
    client.close()
    client.get_transport().join(20) if client.get_transport() else None
    assert not (tmp_path / "new").exists()
    with pytest.raises(LabError, match="does not run"):
        print(lab.hosts_file)
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
    assert set(threading.enumerate()) <= before


def test_a_folder_that_was_there_stays(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with Lab(build_cluster(1, topology=Topology.MESH), directory=tmp_path):
        assert (tmp_path / "hosts.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_files_of_somebody_else_are_not_overwritten(tmp_path):
    (tmp_path / "hosts.txt").write_text("theirs")
    with pytest.raises(LabError, match="exists already"), Lab(build_cluster(2), directory=tmp_path):
        pass
    assert [path.read_text() for path in tmp_path.iterdir()] == ["theirs"]


def test_a_taken_port_is_explained(tmp_path):
    with (
        Lab(build_cluster(1, reflectors=1)) as first,
        pytest.raises(LabError, match="leave --port out"),
        Lab(build_cluster(1, reflectors=1), port=first.endpoints["node1"].port, directory=tmp_path / "x"),
    ):
        pass
    assert not (tmp_path / "x").exists()


def test_a_path_with_blanks_and_quotes_survives(tmp_path):
    folder = tmp_path / 'a "b" #c%d'
    with Lab(build_cluster(1, reflectors=1), directory=folder) as lab:
        assert lab.hosts[0].identity == str(folder / "key")
        assert ask(lab, "node1").node == "node1"


def test_the_older_calicoctl_draws_its_own_tables():
    with Lab(build_cluster(2, reflectors=1), layout=Layout.CENTRED) as lab:
        answer = ask(lab, "node1")
    assert answer.version == "v3.32.0"
    assert "|   PEER TYPE   |" in answer.stdout
