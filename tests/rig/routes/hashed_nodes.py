"""The nodes of a rig as a gatherer that really runs the command on them: hashes first, whole tables where asked again.

No SSH: the command is run by the shell of each cell, as sshd would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.answer.frame import new_marker, parse_answer
from calico_bgp.parse.answer.values import Answer
from calico_bgp.sources.gather import Result, gather
from calico_bgp.sources.node.command import gather_command
from calico_bgp.sources.node.interpret import reading_from
from calico_bgp.sources.node.questions import Questions
from tests.rig.machines.cluster import Rig
from tests.rig.requirements import program

#: What calico_bgp's command uses of a node beside BIRD's client and `ip`.
_TOOLS = ("sh", "cat", "date", "grep", "sed", "sha256sum", "sort", "timeout", "tr", "uniq")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: In each cell: busybox under the names of all tools.
_BUSYBOX = "/run/busybox"
#: Sessions and tables are as old as that for whoever asks: what is younger is not judged. Seconds.
_LATER = 600

#: (family, whether the kernel's) → the hash of a node's routes through gateways.
Hashes = dict[tuple[str, bool], str]


class HashedNodes:
    """All nodes of a rig.

    Args:
        rig: Running.
        order: The nodes' names in the order of the inventory.
        hashed: Whether they are asked for hashes first.
        busybox: Whether the shell and its tools are busybox's.

    Attributes:
        asked_again: Labels of hosts that were asked once more, in each round.
    """

    def __init__(self, rig: Rig, order: Sequence[str], *, hashed: bool = True, busybox: bool = False) -> None:
        self.rig = rig
        self.order = order
        self.busybox = busybox
        self.questions = Questions(routes=True, hashed=hashed)
        self.asked_again: list[list[str]] = []

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        return self._read(hosts, self.questions.of_hosts(hosts))

    def read_whole(self, hosts: Sequence[Host]) -> Iterator[Result]:
        self.asked_again.append([host.label for host in hosts])
        return self._read(hosts, self.questions.of_whole_tables(hosts))

    def snapshot(self) -> Snapshot:
        """What gathering gives."""
        return gather(self._hosts(), self)

    def hashes(self) -> dict[str, Hashes]:
        """Node → its hashes, with every node asked for nothing else."""
        found: dict[str, Hashes] = {}
        for reading in self._read(self._hosts(), self.questions):
            assert reading.tables, reading.raw
            found[reading.host] = {
                (table.family.label, is_kernel): each.sha256
                for table in reading.tables
                for is_kernel, each in ((False, table.bird_hash), (True, table.kernel_hash))
                if each is not None
            }
        return found

    def answer(self, name: str, *, lines: bool = False) -> Answer:
        """What one node prints."""
        text, marker = self._run(name, self.questions, lines=lines)
        answer = parse_answer(text, marker)
        assert answer is not None
        return answer

    def _hosts(self) -> list[Host]:
        return [Host(name, node=name) for name in self.order]

    def _read(self, hosts: Sequence[Host], questions: Questions) -> Iterator[NodeReading]:
        def one(host: Host) -> NodeReading:
            text, marker = self._run(host.name, questions, lines=host.label in questions.whole)
            return reading_from(text, marker, host, taken_at=datetime.now(UTC))

        with ThreadPoolExecutor(3) as pool:
            yield from pool.map(one, hosts)

    def _run(self, name: str, questions: Questions, *, lines: bool) -> tuple[str, str]:
        marker = new_marker()
        command = gather_command(marker, questions=questions, lines=lines)
        path = f"{_BUSYBOX}:{_PATH}" if self.busybox else _PATH
        shell = f"{_BUSYBOX}/sh" if self.busybox else "dash"
        return self.rig[name].cell.run("env", f"PATH={path}", shell, "-c", command), marker


def prepare(rig: Rig) -> None:
    """Let BIRD itself be asked, some minutes after its last change, also with busybox's tools where there is one."""
    busybox = program("busybox")
    for node in rig.nodes.values():
        node.remove_calicoctl()
        node.set_clock_ahead(_LATER)
        if busybox != "busybox":
            links = "; ".join(f"ln -s {busybox} {_BUSYBOX}/{tool}" for tool in _TOOLS if tool != "date")
            # busybox's `date` would tell the true time.
            node.cell.run("sh", "-c", f"mkdir {_BUSYBOX}; {links}")
