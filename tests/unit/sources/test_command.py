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
from calico_bgp.parse.bird.reading import bird_reading
from calico_bgp.sources.node.command import gather_command, marker_of, new_marker
from calico_bgp.sources.node.questions import Questions
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
ROUTES = Path("tests/fixtures/routes/v3.33")
#: What the bare socket answers, its greeting left out.
ANSWERS = {b"show protocols": BARE[1]} | {
    name.replace("_", " ").encode(): (ROUTES / f"a.socket.{name}{suffix}.txt").read_bytes().partition(b"ready.\n")[2]
    for name, suffix in (("show_status", ""), ("show_route_count", ""), ("show_protocols_all", "_one"))
}


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
                    # Until the other end has gone.
                    while asked := client.recv(1000):
                        for question in asked.splitlines():
                            client.sendall(ANSWERS.get(question, b"9001 syntax error\n"))
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
        f"-s {host.folder}/var/run/calico/{name}.ctl show {question}"
        for name in ("bird", "bird6")
        for question in ("protocols", "status", "route count", "protocols all")
    ]


#: birdcl as it answers each question; its words are the files' names.
REAL_BIRDCL = f"""echo "$*" >> "${{0%/*}}/../asked"; shift 2
exec cat {ROUTES.resolve()}/a.$(echo "$*" | tr " " _).txt"""


def with_birdcl(host: FakeHost, bird: Callable[[str], None]) -> None:
    host.use("tr")
    bird("bird.ctl")
    host.program("birdcl", REAL_BIRDCL)


def questions_of(host: FakeHost) -> list[str]:
    asked = host.folder / "asked"
    return [line.partition(".ctl ")[2] for line in asked.read_text().splitlines()] if asked.exists() else []


def test_what_bird_says_of_itself(host: FakeHost, bird: Callable[[str], None]) -> None:
    with_birdcl(host, bird)
    (details,) = host.run().details
    reading = bird_reading(details.text, details.family)
    assert reading is not None
    assert (details.tool, reading.complete, reading.paths) == ("birdcl", True, 39)


def test_beside_calicoctl_bird_is_asked_last_and_its_table_not_repeated(
    host: FakeHost, bird: Callable[[str], None]
) -> None:
    with_birdcl(host, bird)
    host.program("calicoctl", "echo table")
    answer = host.run()
    assert (answer.stdout, answer.birds, answer.sockets) == ("table\n", (), ())
    assert [details.family for details in answer.details] == [Family.IPV4]
    assert questions_of(host) == ["show protocols", "show status", "show route count", "show protocols all"]


def test_many_peers_are_asked_for_in_short(host: FakeHost, bird: Callable[[str], None]) -> None:
    with_birdcl(host, bird)
    answer = host.run(questions=Questions(most_peers=1))
    assert questions_of(host) == ["show protocols", "show status", "show route count", "show protocols"]
    reading = bird_reading(answer.details[0].text, Family.IPV4)
    assert reading is not None
    assert not reading.is_long


def test_nothing_but_the_table_is_asked_for(host: FakeHost, bird: Callable[[str], None]) -> None:
    with_birdcl(host, bird)
    assert host.run(questions=Questions(details=False)).details == ()
    assert questions_of(host) == ["show protocols"]
    host.program("calicoctl", "echo table")
    host.run(questions=Questions(details=False))
    assert questions_of(host) == ["show protocols"]


@pytest.mark.parametrize("code", [124, 137])
def test_where_calicoctl_hung_bird_is_not_asked_as_well(host: FakeHost, bird: Callable[[str], None], code: int) -> None:
    with_birdcl(host, bird)
    host.program("calicoctl", f"exit {code}")
    assert host.run().details == ()
    assert questions_of(host) == []


def test_a_sudo_that_allows_calicoctl_alone_is_asked_once_more_at_most(
    host: FakeHost, bird: Callable[[str], None]
) -> None:
    with_birdcl(host, bird)
    bird("bird6.ctl")
    host.program("id", "echo 1000")
    host.program("calicoctl", "echo table")
    host.program(
        "sudo",
        'shift; case $1 in *calicoctl) exec "$@";; esac; echo "$1" >> "${0%/*}/../refused"\n'
        'echo "sudo: a password is required" >&2; exit 1',
    )
    answer = host.run()
    assert (answer.stdout, answer.details, answer.complete) == ("table\n", (), True)
    assert (host.folder / "refused").read_text() == "birdcl\n"
    host.program("calicoctl", "echo 'sudo: a password is required' >&2; exit 1")
    host.run()
    assert (host.folder / "refused").read_text() == "birdcl\n"


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
    reading = bird_reading(answer.details[0].text, Family.IPV4)
    assert reading is not None
    assert (reading.complete, reading.is_long, reading.paths, reading.router_id) == (True, True, 39, "192.0.2.11")
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
    asked = (host.folder / "asked").read_text()
    assert "exec 0a1b2c birdcl -s" in asked
    socket = "/var/run/calico/bird.ctl"
    words = (f"birdcl -s {host.folder}{socket} {question};" for question in ("show status", "show route count"))
    assert f"exec 0a1b2c sh -c  {' '.join(words)}" in asked


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
