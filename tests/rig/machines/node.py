"""One node of the rig: namespaces, files, sshd, Felix (a stand-in), calicoctl (a stand-in) and real BIRD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.rig.bird_socket import ask
from tests.rig.machines.cell import Cell, RigError, wait_for
from tests.rig.machines.confd import bird_config, protocol_name
from tests.rig.machines.node_files import Keys, NodeFiles
from tests.rig.machines.plan import NodePlan
from tests.rig.requirements import program
from tests.rig.standins import calicoctl as calicoctl_standin

DAEMONS = {4: "bird", 6: "bird6"}

SETUP = """
mount --bind {folder}/etc /etc
mount --bind {folder}/bin /usr/local/bin
mount --bind {folder}/home /home
mount --bind {folder}/root /root
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/calico /run/lock
mount -t tmpfs tmpfs /var/lib
mkdir -p /var/lib/calico
echo {name} >/var/lib/calico/nodename
"""


class RigNode:
    """One node: its own network, process list, /etc and homes, with sshd, Felix (a stand-in) and BIRD."""

    def __init__(self, plan: NodePlan, folder: Path, keys: Keys) -> None:
        self.plan = plan
        self.name = plan.name
        self.ipv4 = str(plan.ipv4)
        self.ipv6 = str(plan.ipv6)
        self.log = folder / "log"
        self.files = NodeFiles(folder)
        self.files.write(plan.name, self.ipv4, keys)
        self.cell = Cell(plan.name, SETUP.format(folder=folder, name=plan.name), self.log)

    def close(self) -> None:
        """Take the node away."""
        self.cell.close()

    def processes(self, *words: str) -> list[int]:
        """The numbers, inside the node, of the processes with exactly these arguments."""
        wanted = "".join(f"{word}\0" for word in words).encode()
        folders = (Path(path) for path in self.cell.run("sh", "-c", "echo /proc/[0-9]*").split())
        return [int(f.name) for f in folders if _bytes(self.cell.path(f"{f}/cmdline")) == wanted]

    def processes_named(self, name: str) -> list[int]:
        """The numbers, inside the node, of the processes of a program."""
        script = 'for p in /proc/[0-9]*; do read -r n <$p/comm && [ "$n" = "$0" ] && echo ${p#/proc/}; done; true'
        return [int(number) for number in self.cell.run("sh", "-c", script, name).split()]

    # sshd

    def start_sshd(self) -> None:
        """Start sshd and wait until it listens."""
        # sshd insists on its full path: it starts itself anew for every login.
        self.cell.start(f"exec {program('sshd')} -D -e", str(self.log))
        self._wait_for_pid("/run/sshd.pid")

    def signal_sshd(self, signal: str) -> None:
        """Send a signal, `STOP`, to the listening sshd."""
        self.cell.run("kill", f"-{signal}", self.cell.path("/run/sshd.pid").read_text().strip())

    def restart_sshd(self) -> None:
        """Let sshd read its configuration and keys again."""
        self.signal_sshd("HUP")
        wait_for(f"{self.name}: sshd listens again", self._sshd_greets, seconds=10)

    def _sshd_greets(self) -> bool:
        greeting = self.cell.run("bash", "-c", "read -t 1 line </dev/tcp/127.0.0.1/22 && echo $line", check=False)
        return greeting.startswith("SSH-2.0")

    # calicoctl and Felix

    def install_calicoctl(self, version: str = "v3.33.0") -> None:
        """Put the stand-in where operators put calicoctl; the version decides the table's layout."""
        text = Path(calicoctl_standin.__file__).read_text()
        self.write_calicoctl(text.replace(f'VERSION = "{calicoctl_standin.VERSION}"', f'VERSION = "{version}"'))

    def set_clock_ahead(self, seconds: int) -> None:
        """Let `date` on the node tell a later time, as if that long had passed since BIRD's last change."""
        path = self.files.programs / "date"
        path.unlink(missing_ok=True)
        if seconds:
            path.write_text(f"#!/bin/sh\nexec /bin/date -d '+{seconds} seconds' \"$@\"\n")
            path.chmod(0o755)

    def write_calicoctl(self, script: str) -> None:
        """Put any script there."""
        path = self.files.programs / "calicoctl"
        path.write_text(script)
        path.chmod(0o755)

    def remove_calicoctl(self) -> None:
        """As on hosts where the operator installed Calico."""
        (self.files.programs / "calicoctl").unlink()

    def start_felix(self) -> None:
        """A process that looks like Felix in the process list."""
        self.cell.start("exec bash -c 'echo $$ >/run/felix.pid; exec -a calico-felix sleep infinity'", str(self.log))
        self._wait_for_pid("/run/felix.pid")

    def stop_felix(self) -> None:
        """Kill it."""
        pid_file = self.cell.path("/run/felix.pid")
        self.cell.run("kill", pid_file.read_text().strip())
        pid_file.unlink()

    def felix_runs(self) -> bool:
        """Whether the process is there."""
        return self.cell.path("/run/felix.pid").exists()

    def start_felix_anew(self) -> None:
        """As when its pod is made anew."""
        if self.felix_runs():
            self.stop_felix()
        self.start_felix()

    # BIRD

    def configure_bird(self, nodes: Mapping[str, NodePlan], *, expected_as: Mapping[str, int] | None = None) -> None:
        """Write bird.cfg and bird6.cfg, as confd does; `expected_as` is the fault "wrong AS"."""
        for version, daemon in DAEMONS.items():
            path = self.files.etc / "calico" / f"{daemon}.cfg"
            path.parent.mkdir(exist_ok=True)
            path.write_text(bird_config(self.plan, nodes, version, expected_as=expected_as))

    def reload_bird(self) -> None:
        """Let both daemons take their new configuration, as confd does."""
        for version in DAEMONS:
            self.birdc(version, "configure")

    def start_bird(self, versions: Sequence[int] = (4, 6)) -> None:
        """Start BIRD as Calico does, with -R: it waits for its peers' routes before it announces its own."""
        for version in versions:
            daemon = DAEMONS[version]
            arguments = f"-R -s /var/run/calico/{daemon}.ctl -P /run/{daemon}.pid -d -c /etc/calico/{daemon}.cfg"
            self.cell.start(f"exec {daemon} {arguments}", str(self.log))
        for version in versions:
            self._wait_for_pid(f"/run/{DAEMONS[version]}.pid")
            wait_for(f"{self.name}: {DAEMONS[version]} answers", lambda v=version: self.answers(v), seconds=10)

    def stop_bird(self, versions: Sequence[int] = (4, 6)) -> None:
        """Stop BIRD in an orderly way: its peers are told "Administrative shutdown"."""
        for version in versions:
            self.birdc(version, "down")
            process = self.cell.path(f"/run/{DAEMONS[version]}.pid")
            wait_for(f"{self.name}: {DAEMONS[version]} ends", lambda p=process: not p.exists(), seconds=10)

    def birdc(self, version: int, command: str) -> str:
        """BIRD's answer to a command, with the reply codes of the bare socket.

        Raises:
            RigError: BIRD does not answer, or refuses the command.
        """
        path = self.cell.path(f"/run/calico/{DAEMONS[version]}.ctl")
        return ask(path, command, who=f"{self.name}: {DAEMONS[version]}")

    def peers(self, version: int) -> dict[str, str]:
        """BIRD's name of each BGP protocol -> what it says from its state word on, `up Established`."""
        rows = {}
        for line in self.birdc(version, "show protocols").splitlines():
            words = line[5:].split() if line[:1].isdigit() else line.split()
            if words[1:2] == ["BGP"]:
                rows[words[0]] = " ".join([words[3], *words[5:]])
        return rows

    def expected_protocols(self, nodes: Mapping[str, NodePlan], version: int) -> dict[str, str]:
        """Neighbour -> BIRD's name of the peer."""
        return {
            n.node: protocol_name(n, nodes[n.node].ipv4 if version == 4 else nodes[n.node].ipv6)
            for n in self.plan.neighbours
        }

    def answers(self, version: int) -> bool:
        """Whether a daemon answers on its control socket."""
        try:
            self.birdc(version, "show status")
        except RigError:
            return False
        return True

    def _wait_for_pid(self, path: str) -> None:
        file = self.cell.path(path)
        try:
            wait_for(f"{self.name}: {path}", lambda: file.exists() and file.read_text().strip() != "", seconds=10)
        except RigError as error:
            raise RigError(f"{error}\n{self.log.read_text()[-2000:]}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # the process has ended meanwhile
