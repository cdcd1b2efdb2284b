"""The command's text in real shells, on a host made of stand-ins: nothing of this machine's own programs is asked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.sources.node.command import gather_command, marker_of, new_marker
from tests.unit.sources.fake_host import MARKER, FakeHost

PROTOCOLS = """\
name     proto    table    state  since       info
Mesh_192_0_2_12 BGP      master   up     06:47:30    Established
"""
BIRDC = f"BIRD v0.3.3+birdv1.6.8 ready.\n{PROTOCOLS}"
BARE = (
    b"0001 BIRD v0.3.3+birdv1.6.8 ready.\n",
    f"2002-{PROTOCOLS.replace('Mesh', '1002-Mesh')}0000 \n".encode(),
)


@pytest.fixture
def bird(host: FakeHost) -> Iterator[Callable[[str], None]]:
    """`bird("bird.ctl")`: a BIRD that answers at that socket, as the real one does: it keeps the connection open."""
    stop = threading.Event()
    threads: list[threading.Thread] = []
    where = Path.cwd()

    def start(name: str) -> None:
        folder = host.folder / "var/run/calico"
        folder.mkdir(parents=True, exist_ok=True)
        server = socket.socket(socket.AF_UNIX)
        os.chdir(folder)  # a socket's path has at most 107 bytes
        server.bind(name)
        os.chdir(where)
        server.listen()
        server.settimeout(0.05)
        threads.append(threading.Thread(target=_serve, args=(server, stop)))
        threads[-1].start()

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def _serve(server: socket.socket, stop: threading.Event) -> None:
    with server:
        while not stop.is_set():
            try:
                client = server.accept()[0]
            except TimeoutError:
                continue
            with client:
                client.settimeout(3)
                client.sendall(BARE[0])
                try:
                    if client.recv(100) == b"show protocols\n":
                        client.sendall(BARE[1])
                        client.recv(100)  # until the other end has gone
                except OSError:
                    pass


def test_what_a_node_says_of_itself(host: FakeHost) -> None:
    host.program("calicoctl", 'if [ "$1" = version ]; then echo "Client Version:    v3.28.1"; else echo table; fi')
    answer = host.run()
    assert answer.node == "worker7"
    assert answer.hostname == "worker7.example"
    assert [str(address) for address in answer.addresses] == ["192.0.2.11"]
    assert answer.clock is not None
    assert answer.rights == "root"
    assert answer.processes == {"felix", "bird"}
    assert answer.version == "v3.28.1"
    assert answer.stdout == "table\n"
    assert answer.complete


def test_streams_and_exit_code_stay_apart(host: FakeHost) -> None:
    host.program("calicoctl", "echo one; echo two >&2; printf 'three\\n\\nno newline'; echo four >&2; exit 7")
    answer = host.run()
    assert answer.stdout == "one\nthree\n\nno newline"
    assert answer.stderr == "two\nfour"
    assert answer.exit_code == 7


def test_calicoctl_gets_nothing_on_stdin_and_writes_no_file(host: FakeHost) -> None:
    host.program("calicoctl", "cat; echo done")
    before = sorted(host.folder.rglob("*"))
    assert host.run(stdin="secret\n").stdout == "done\n"
    assert sorted(host.folder.rglob("*")) == before


def test_old_calicoctl_without_client_option(host: FakeHost) -> None:
    host.program(
        "calicoctl", 'case "$*" in *--client) exit 1;; version) echo "Client Version:   v1.6.5"; exit 1;; esac'
    )
    assert host.run().version == "v1.6.5"


def test_addresses_without_ip(host: FakeHost) -> None:
    (host.folder / "bin/ip").unlink()
    host.program("ifconfig", "printf 'eth0  Link encap:Ethernet\\n      inet addr:192.0.2.9  Bcast:192.0.2.255\\n'")
    assert [str(address) for address in host.run().addresses] == ["192.0.2.9"]
    (host.folder / "bin/ifconfig").unlink()
    host.program("hostname", 'if [ "$1" = -I ]; then echo 192.0.2.9 2001:db8::9; else echo h; fi')
    assert [str(address) for address in host.run().addresses] == ["192.0.2.9", "2001:db8::9"]


def test_a_hung_calicoctl_is_ended(host: FakeHost) -> None:
    host.program("calicoctl", '[ "$1" = version ] && exit; echo half; exec sleep 30')
    answer = host.run(status_seconds=1)
    assert answer.stdout == "half\n"
    assert answer.exit_code in (124, 137, 143)
    assert answer.complete


def test_without_timeout_the_command_still_runs(host: FakeHost) -> None:
    (host.folder / "bin/timeout").unlink()
    host.program("calicoctl", "echo table")
    assert host.run().stdout == "table\n"


def test_sudo_is_asked_not_to_ask(host: FakeHost) -> None:
    host.program("id", "echo 1000")
    host.program("calicoctl", "echo table")
    host.program("sudo", 'echo "$*" > "${0%/*}/../asked"; shift; exec "$@"')
    answer = host.run()
    assert (answer.rights, answer.stdout) == ("sudo", "table\n")
    assert (host.folder / "asked").read_text() == f"-n {host.folder}/bin/calicoctl node status\n"


def test_neither_root_nor_sudo(host: FakeHost) -> None:
    host.program("id", "echo 1000")
    host.program("calicoctl", "echo 'Need super user privileges: Operation not permitted'; exit 1")
    answer = host.run()
    assert (answer.rights, answer.exit_code) == ("none", 1)


def test_the_sudo_password_goes_through_stdin_only(host: FakeHost) -> None:
    host.program("id", "echo 1000")
    host.program("calicoctl", "cat; echo table")
    host.program(
        "sudo",
        'echo "$*" >> "${0%/*}/../asked"; IFS= read -r p; printf "%s\\n" "$p" >> "${0%/*}/../heard"\n'
        '[ "$1" = -v ] || [ "$4" = -v ] || { shift 3; exec "$@"; }',
    )
    password = r"a'b\"$c \n%s -n *"
    answer = host.run(stdin=password + "\n", sudo_password=True)
    assert (answer.rights, answer.stdout) == ("sudo-password", "table\n")
    heard = (host.folder / "heard").read_text().splitlines()
    assert len(heard) == 2
    asked = (host.folder / "asked").read_text()
    assert "$c" not in asked
    assert asked.splitlines()[0] == "-S -p  -v"


def test_a_wrong_sudo_password_ends_the_command(host: FakeHost) -> None:
    host.program("id", "echo 1000")
    host.program("calicoctl", "echo table")
    host.program("sudo", "echo called >> \"${0%/*}/../calls\"; echo 'sudo: 1 incorrect password attempt' >&2; exit 1")
    answer = host.run(stdin="wrong\n", sudo_password=True)
    assert answer.rights == "refused"
    assert "incorrect password" in answer.stderr
    assert answer.complete
    assert (host.folder / "calls").read_text() == "called\n"


@pytest.mark.parametrize("tool", ["birdcl", "birdc"])
def test_birds_own_client(host: FakeHost, bird: Callable[[str], None], tool: str) -> None:
    bird("bird.ctl")
    bird("bird6.ctl")
    host.program(tool, f'echo "$*" >> "${{0%/*}}/../asked"; cat <<E\n{BIRDC}E')
    answer = host.run()
    assert [(b.family, b.tool, b.exit_code, b.answered) for b in answer.birds] == [
        (Family.IPV4, tool, 0, True),
        (Family.IPV6, tool, 0, True),
    ]
    assert (host.folder / "asked").read_text().splitlines() == [
        f"-s {host.folder}/var/run/calico/bird.ctl show protocols",
        f"-s {host.folder}/var/run/calico/bird6.ctl show protocols",
    ]


@pytest.mark.parametrize("tool", ["python3", "socat", "nc"])
def test_programs_that_talk_to_the_socket(host: FakeHost, bird: Callable[[str], None], tool: str) -> None:
    bird("bird.ctl")
    if tool == "python3":
        host.program("python3", f'exec {sys.executable} "$@"')
    else:
        host.use(tool)
    answer = host.run()
    (asked,) = answer.birds
    assert (asked.tool, asked.answered) == (tool, True)
    assert "Mesh_192_0_2_12" in asked.text
    assert answer.sockets == ((Family.IPV4, f"{host.folder}/var/run/calico/bird.ctl"),)


@pytest.mark.parametrize("runtime", ["crictl", "nerdctl", "docker"])
def test_birdcl_in_the_container(host: FakeHost, runtime: str) -> None:
    host.program(
        runtime,
        'echo "$*" >> "${0%/*}/../asked"\n'
        'case "$*" in *" ps "*|ps*) echo 0a1b2c; echo 3d4e5f;; *exec*bird.ctl*) '
        f"cat <<E\n{BIRDC}E\n;; *) echo no such socket >&2; exit 1;; esac",
    )
    answer = host.run()
    assert [(b.family, b.tool, b.answered) for b in answer.birds] == [
        (Family.IPV4, runtime, True),
        (Family.IPV6, runtime, False),
    ]
    assert "exec 0a1b2c birdcl -s" in (host.folder / "asked").read_text()


def test_a_dead_birds_socket_is_not_tried_with_every_tool(host: FakeHost) -> None:
    folder = host.folder / "var/run/calico"
    folder.mkdir(parents=True)
    where = Path.cwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind("bird.ctl")
    os.chdir(where)
    host.program("birdcl", "echo 'Unable to connect to server control socket: Connection refused' >&2; exit 1")
    host.program("birdc", "echo never; exit 1")
    assert [(b.tool, b.exit_code) for b in host.run().birds] == [("birdcl", 1)]


def test_nothing_to_ask_with(host: FakeHost, bird: Callable[[str], None]) -> None:
    bird("bird.ctl")
    answer = host.run()
    assert answer.birds == ()
    assert answer.sockets == ((Family.IPV4, f"{host.folder}/var/run/calico/bird.ctl"),)
    assert answer.stdout is None
    assert answer.complete


def test_a_calicoctl_that_cannot_run_leaves_bird(host: FakeHost, bird: Callable[[str], None]) -> None:
    bird("bird.ctl")
    host.program("calicoctl", "exit 126")
    host.program("birdcl", f"cat <<E\n{BIRDC}E")
    answer = host.run()
    assert answer.exit_code == 126
    assert answer.birds[0].answered


@pytest.mark.parametrize("shell", ["bash", "dash", "tcsh", "fish", "zsh", "mksh", "ksh"])
def test_every_login_shell_passes_the_script_on_unchanged(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"needs {shell}")
    command = gather_command(MARKER)
    script = command.removeprefix("sh -c '").removesuffix("'")
    done = subprocess.run(
        [program, "-c", command.replace("sh -c", "printf %s", 1)],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
    )
    assert done.stdout == script


def test_the_text_is_the_same_for_everyone_but_for_the_marker() -> None:
    one, two = new_marker(), new_marker()
    assert one != two
    assert gather_command(one).replace(one, two) == gather_command(two)
    assert marker_of(gather_command(one)) == one
    assert marker_of("calicoctl node status") is None


@pytest.mark.parametrize("path", ["calico ctl", "$(reboot)", "a;b", "a'b", "-h", "a\nb", "`x`"])
def test_a_path_that_a_shell_would_read_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="calicoctl's path"):
        gather_command(MARKER, calicoctl=path)


@pytest.mark.parametrize("marker", ["", "x", "calico-bgp-", MARKER + "'", MARKER.upper()])
def test_a_marker_of_another_make_is_refused(marker: str) -> None:
    with pytest.raises(ValueError, match="marker"):
        gather_command(marker)
