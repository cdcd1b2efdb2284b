"""A gatherer over a lab's nodes that are asked for hashes of their tables, or for whole ones. No connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.printing.answers import NodeState, answer_command
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.answers import as_reduced
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.lab.routing.trouble import Trouble
from calico_bgp.model.inventory import Host
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.answer.frame import frame_answer, new_marker, parse_answer
from calico_bgp.parse.answer.values import TableText
from calico_bgp.sources.gather import Result, gather
from calico_bgp.sources.node.command import gather_command
from calico_bgp.sources.node.interpret import reading_from
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.node.route_scripts import wanted_by
from calico_bgp.upstream import WIREGUARD_INTERFACES
from tests.unit.auditing.conftest import NOW, STARTED

#: What is printed in the place of a table; None for nothing.
Edit = Callable[[TableText], TableText | None]


class AskedTwice:
    """The nodes of a lab.

    Args:
        cluster: The lab.
        trouble: What goes wrong with its routes.
        edits: Node → what its tables print instead.
        hashed: Whether they are asked for hashes first.
        silent_again: Nodes that say nothing when they are asked once more.

    Attributes:
        asked_again: Labels of hosts that were asked once more, in each round.
        sent: Characters that came.
    """

    def __init__(
        self,
        cluster: LabCluster,
        trouble: Trouble | None = None,
        edits: Mapping[str, Sequence[Edit]] | None = None,
        *,
        hashed: bool = True,
        silent_again: Iterable[str] = (),
    ) -> None:
        self.cluster = cluster
        self.edits = edits or {}
        self.questions = Questions(routes=True, hashed=hashed)
        self.silent_again = frozenset(silent_again)
        self.asked_again: list[list[str]] = []
        self.sent = 0
        self._tables = lab_tables(cluster, (Epoch(STARTED),), NOW)
        self._routes = LabRoutes(cluster, self._tables, STARTED, trouble or Trouble())
        self._whole: dict[str, str] = {}

    def read(self, hosts: Sequence[Host]) -> Iterator[Result]:
        return self._read(hosts, self.questions.of_hosts(hosts))

    def read_whole(self, hosts: Sequence[Host]) -> Iterator[Result]:
        self.asked_again.append([host.label for host in hosts])
        some = [host for host in hosts if host.label not in self.silent_again]
        return self._read(some, self.questions.of_whole_tables(some))

    def snapshot(self, names: Sequence[str] | None = None) -> Snapshot:
        """What gathering gives, with the hosts in this order."""
        given = names or [node.name for node in self.cluster.nodes]
        return gather([Host(name=name, node=name) for name in given], self, now=NOW)

    def _read(self, hosts: Sequence[Host], questions: Questions) -> Iterator[Result]:
        for host in hosts:
            marker = new_marker()
            lines = host.label in questions.whole
            text = self._answer(host.name, marker, gather_command(marker, questions=questions, lines=lines))
            self.sent += len(text)
            yield reading_from(text, marker, host, taken_at=NOW)

    def _answer(self, name: str, marker: str, command: str) -> str:
        number = [node.name for node in self.cluster.nodes].index(name)
        node = self.cluster.nodes[number]
        state = NodeState(
            name,
            tuple(address for address in (node.ipv4, node.ipv6) if address is not None),
            self._tables[number],
            frozenset(),
            NOW,
            Layout.CENTRED,
            routes=self._routes.of(name),
        )
        plain = gather_command(marker, questions=Questions(routes=True))
        printed = answer_command(plain, state)
        assert printed is not None
        answer = parse_answer(printed.stdout, marker)
        assert answer is not None
        tables = []
        for table in answer.tables:
            edited: TableText | None = table
            for edit in self.edits.get(name, ()):
                edited = None if edited is None else edit(edited)
            if edited is not None:
                tables.append(edited)
        wanted = wanted_by(command)
        # A node with WireGuard sends its tables as they are.
        if wanted.reduced and not any(one in table.text for table in tables for one in WIREGUARD_INTERFACES):
            tables = [as_reduced(table, wanted) for table in tables]
        return frame_answer(marker, replace(answer, tables=tuple(tables)))
