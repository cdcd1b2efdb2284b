"""Makes a node hard to reach or to ask: hidden programs, a silent server, noise, a network behind a jump host.

Like faults.py, but these have no names in the lab's catalogue; each heals itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.rig.machines.cell import Cell, configure
from tests.rig.machines.cluster import Rig
from tests.rig.machines.node import RigNode
from tests.rig.requirements import program

#: What can talk to BIRD's socket, in the order in which the gather command looks for them.
SOCKET_PROGRAMS = ("birdcl", "birdc", "python3", "socat", "nc")
PROGRAM_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
#: Looks like an answer, and must not be taken for one.
NOISE = """\
echo "Welcome to $(hostname)! Last backup: never."
echo "Calico process is not running."
echo "IPv4 BGP status"
echo "No IPv4 peers found."
echo "you have mail" >&2
printf 'no newline at the end, and a bell: \\a'
"""


@contextmanager
def hidden(node: RigNode, *names: str) -> Iterator[None]:
    """As if these programs were not installed on the node."""
    with ExitStack() as stack:
        for path in sorted({path for name in names for path in _files(node, name)}):
            node.cell.run("mount", "--bind", "/dev/null", path)
            stack.callback(node.cell.run, "umount", path)
        yield


def _files(node: RigNode, name: str) -> list[str]:
    """The files behind a program's name, wherever a login might find it; python3 and python3.11 are one."""
    look = 'for d in "$@"; do if [ -e "$d/$0" ]; then readlink -f "$d/$0"; fi; done'
    return node.cell.run("sh", "-c", look, name, *PROGRAM_FOLDERS).split()


@contextmanager
def silent_sshd(node: RigNode) -> Iterator[None]:
    """The kernel accepts connections to port 22, and nobody ever says a word: sshd is frozen."""
    node.signal_sshd("STOP")
    try:
        yield
    finally:
        node.signal_sshd("CONT")


@contextmanager
def noisy_logins(node: RigNode, login: str = "root") -> Iterator[None]:
    """A banner before the login, and rc files that print."""
    rc_file = node.files.home(login) / ".bashrc"
    rc_file.write_text(NOISE)
    config = node.files.etc / "ssh" / "sshd_config"
    quiet = config.read_text()
    (node.files.etc / "issue.net").write_text("AUTHORISED PERSONS ONLY\n" * 20)
    config.write_text(f"{quiet}Banner /etc/issue.net\n")
    node.restart_sshd()
    try:
        yield
    finally:
        rc_file.unlink()
        config.write_text(quiet)
        node.restart_sshd()


@contextmanager
def outside_network(rig: Rig, jump: RigNode, log: Path) -> Iterator[Cell]:
    """Another network, from which only `jump` can be reached, at 198.51.100.1; no route leads to the nodes."""
    outside = Cell("outside", "", log)
    try:
        link = ["link", "add", "eth0", "type", "veth", "peer", "name", "eth1", "netns", str(jump.cell.pid)]
        outside.run(program("ip"), *link, only_network=True)
        configure(outside, "eth0", ["198.51.100.2/24"])
        configure(jump.cell, "eth1", ["198.51.100.1/24"])
        yield outside
    finally:
        outside.close()  # takes both ends of the link with it
