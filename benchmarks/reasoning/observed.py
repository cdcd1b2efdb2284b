"""`python -m benchmarks observed`: what nodes tell of their routes, from their texts to the audit's verdict.

A lab's 300 nodes with a block each print what real ones print; the lower bound is a process of the same run that
imports what the audit needs and reads the same texts, and makes nothing of them. 5,000 nodes behind reflectors print
what is made up here, a node at a time, with 20 at fault. CPU is that of the whole process, memory its peak.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import IPv4Address, ip_network
from pathlib import Path
from typing import Any

from benchmarks.measure import interleave, median, run
from benchmarks.reasoning.causes import snapshot as snapshot_of
from benchmarks.reasoning.whatif import reflected
from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.answers import details_of, tables_of
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.answer.frame import MARKER_PREFIX, frame_answer
from calico_bgp.parse.answer.values import Answer, TableText
from calico_bgp.parse.bird.reading import bird_reading
from calico_bgp.parse.reduced_tables import reduce_table, shape_of, table_lines
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.node.route_tables import route_tables
from calico_bgp.sources.node.table_class import Node, Side
from calico_bgp.sources.rounds import with_routes

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
#: Times the CPU and the memory of reading.
CPU, MEMORY = 6.0, 1.5
#: Seconds and MiB that the many nodes may take: two minutes, 2 GB.
MANY_CPU, MANY_MEMORY = 120.0, 2048.0
#: Of the many, how many announce nothing, and of how many the kernel leads elsewhere.
SILENT, ASTRAY = 10, 10
_FIRST_BLOCK = IPv4Address("10.128.0.0")
_CHILD = "import sys; from benchmarks.reasoning.observed import {name}; {name}(sys.argv[1])"


def write_lab(nodes: int, path: Path) -> int:
    """Write what a lab's nodes print, and the number of its characters."""
    started = NOW - timedelta(hours=3)
    cluster = build_cluster(nodes)
    tables = lab_tables(cluster, (Epoch(started),), NOW)
    routes = LabRoutes(cluster, tables, started)
    texts_of_nodes: list[dict[str, Any]] = []
    readings = []
    for node, table in zip(cluster.nodes, tables, strict=True):
        state = routes.of(node.name)
        details = details_of(table, state, node.ipv4, NOW)
        texts_of_nodes.append(
            {
                "tables": [(text.family, text.is_kernel, text.text) for text in tables_of(table, state)],
                "details": [(text.family, text.text) for text in details],
            }
        )
        addresses = () if node.ipv4 is None else (node.ipv4,)
        readings.append(
            NodeReading(
                host=node.name, node=node.name, status=table.status, addresses=addresses, taken_at=NOW, clock=NOW
            )
        )
    hosts = tuple(Host(name=node.name, node=node.name) for node in cluster.nodes)
    snapshot = Snapshot(hosts=hosts, taken_at=NOW, readings=tuple(readings))
    path.write_text(json.dumps({"snapshot": snapshot.model_dump_json(), "texts": texts_of_nodes}))
    return sum(len(text) for texts in texts_of_nodes for *_, text in texts["tables"])


def read(path: str) -> tuple[Snapshot, list[dict[str, Any]]]:
    """The snapshot without routes, and the texts of its nodes."""
    document = json.loads(Path(path).read_text())
    return Snapshot.model_validate_json(document["snapshot"]), document["texts"]


def judge(path: str) -> None:
    """All of it: texts to routes, compared, audited; and it must be seen that all is well."""
    snapshot, texts_of_nodes = read(path)
    readings = []
    for reading, texts_of_node in zip(snapshot.readings, texts_of_nodes, strict=True):
        texts = (TableText(Family(family), kernel, text, 0) for family, kernel, text in texts_of_node.pop("tables"))
        birds = (bird_reading(text, Family(family)) for family, text in texts_of_node.pop("details"))
        update = {"tables": route_tables(texts), "birds": tuple(bird for bird in birds if bird is not None)}
        readings.append(reading.model_copy(update=update))
    report = audit(snapshot.model_copy(update={"readings": tuple(readings)}))
    number = len(readings)
    observed = report.reachability[0].observed
    assert observed is not None
    assert (observed.pairs, observed.pairs_missing, observed.kernels) == (number * (number - 1), 0, number)
    assert report.verdict is Verdict.HEALTHY


def end_to_end(nodes: int, rounds: int) -> bool:
    """The lab's nodes against reading their texts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        size = write_lab(nodes, path)
        child = {name: [sys.executable, "-c", _CHILD.format(name=name), str(path)] for name in ("judge", "read")}
        costs = interleave(rounds, {name: lambda name=name: run(child[name]) for name in child})  # type: ignore[misc]
    cpu, memory = ([median(costs[name], field) for name in child] for field in ("cpu", "memory"))
    print(
        f"\n{nodes} nodes with a block each, tables of {size / 1e6:.0f} MB: {cpu[0]:.2f} s of CPU, {memory[0]:.0f} MiB"
    )
    print(f"  reading only {cpu[1]:.2f} s, {memory[1]:.0f} MiB")
    met = True
    for what, costs_of_both, most in (("CPU", cpu, CPU), ("memory", memory, MEMORY)):
        ratio = costs_of_both[0] / costs_of_both[1]
        met = met and ratio <= most
        print(f"  {'ok  ' if ratio <= most else 'MISS'} {what}: {ratio:.2f} times that of reading (at most {most:g})")
    sys.stdout.flush()
    return met


class Pages:
    """What BIRD and the kernel of each node print: two paths to each block, over both reflectors of the node's half."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes
        self.hosts = reflected(nodes).nodes
        addresses = [str(node.ipv4) for node in self.hosts]
        self._blocks = [f"{_FIRST_BLOCK + 64 * number}/26" for number in range(nodes)]
        self._halves = []
        for half in (0, 1):
            reflectors = addresses[half], addresses[half + 2]
            paths = [
                "\n".join(_paths(block, address, reflectors))
                for block, address in zip(self._blocks, addresses, strict=True)
            ]
            self._halves.append(["" if n in _silent(nodes) else f"{path}\n" for n, path in enumerate(paths)])
        kernel = [f"{b} via {a} dev eth0 proto bird \n" for b, a in zip(self._blocks, addresses, strict=True)]
        self._kernel = ["" if number in _silent(nodes) else line for number, line in enumerate(kernel)]
        astray = [f"{block} via 10.255.255.254 dev eth0 proto 80 \n" for block in self._blocks]
        self._astray = ["" if number in _silent(nodes) else line for number, line in enumerate(astray)]

    def of(self, number: int) -> tuple[TableText, TableText]:
        """Both tables of a node as they are printed."""
        paths, routes = self._halves[number % 2], self._astray if number in _astray(self.nodes) else self._kernel
        head, (own, told) = "BIRD v0.3.3+birdv1.6.8 ready.\n", self._own(number)
        bird = f"{head}{''.join(paths[:number])}{own}{''.join(paths[number + 1 :])}"
        bird = bird.replace("TIME", f"09:{number // 60 % 60:02}:{number % 60:02}")
        kernel = f"{''.join(routes[:number])}{told}{''.join(routes[number + 1 :])}"
        return TableText(Family.IPV4, False, bird, 0), TableText(Family.IPV4, True, kernel, 0)

    def _own(self, number: int) -> tuple[str, str]:
        block = self._blocks[number]
        return f"{block:<18} blackhole [static1 TIME] * (200)\n", f"blackhole {block} proto bird \n"

    def reduced(self, number: int, *, with_gateways: bool) -> tuple[TableText, TableText]:
        """The same as a node of a large cluster sends them."""
        if with_gateways:
            bird, kernel = (
                reduce_table(table.text, is_kernel=table.is_kernel, exit_code=0, with_gateways=True)
                for table in self.of(number)
            )
        else:
            own, told = self._own(number)
            own = f"{own.replace('TIME', '00:00:00').replace('  ', ' ')}BIRD v0.3.3+birdv1.6.8 ready.\nended 0\n"
            kind = 2 + (number in _astray(self.nodes))
            bird, kernel = (
                own + self._hash(number % 2, number),
                told.rstrip() + "\nended 0\n" + self._hash(kind, number),
            )
        return TableText(Family.IPV4, False, bird, is_reduced=True), TableText(
            Family.IPV4, True, kernel, is_reduced=True
        )

    def _hash(self, kind: int, number: int) -> str:
        side, shape = self._sides[kind]
        network = ip_network(self._blocks[number])
        without = side.without(Node(frozenset((network,)), frozenset(), {}))
        return f"hash {side.sha256(without)} {len(side.routes) - len(without)} {shape}\n"

    @cached_property
    def _sides(self) -> list[tuple[Side, str]]:
        """The routes of each half's BIRDs, of most kernels, and of those that are led elsewhere."""
        texts = (*((half, False) for half in self._halves), (self._kernel, True), (self._astray, True))
        sides = []
        for parts, is_kernel in texts:
            text = "".join(parts).replace("TIME", "09:00:00")
            lines = table_lines(text, is_kernel=is_kernel)
            sides.append((Side(lines, (), Family.IPV4, is_kernel=is_kernel), shape_of(lines)))
        return sides


def _paths(block: str, address: str, reflectors: tuple[str, str]) -> Iterator[str]:
    for net, reflector, mark in zip((block, ""), reflectors, (" *", ""), strict=True):
        protocol = f"Node_{reflector.replace('.', '_')}"
        yield f"{net:<18} via {address} on eth0 [{protocol} TIME from {reflector}]{mark} (100/0) [i]"
        yield f"\tBGP.originator_id: {address}"


def _silent(nodes: int) -> range:
    return range(nodes // 2, nodes // 2 + SILENT)


def _astray(nodes: int) -> range:
    return range(nodes // 2 + SILENT, nodes // 2 + SILENT + ASTRAY)


def tell_many(nodes: str) -> None:
    """Only make the texts of the first round."""
    pages = Pages(int(nodes))
    for number in range(int(nodes)):
        pages.reduced(number, with_gateways=number % 100 < 2)


def judge_many(nodes: str) -> None:
    """Make the texts, read each, compare and audit; the pairs that are missing must be found, and no other.

    Most nodes send hashes, and those that nobody explains are asked once more, as in a cluster of that size.
    """
    number = int(nodes)
    pages = Pages(number)
    snapshot = snapshot_of(reflected(number), lambda *_: None)
    place = {host.label: at for at, host in enumerate(snapshot.hosts)}
    questions = Questions(routes=True).of_hosts(snapshot.hosts)
    again: list[str] = []

    def reading(label: str, *, with_gateways: bool) -> NodeReading:
        texts = pages.reduced(place[label], with_gateways=with_gateways)
        raw = frame_answer(f"{MARKER_PREFIX}{'0' * 32}", Answer(tables=texts))
        return snapshot.readings[place[label]].model_copy(update={"tables": route_tables(texts), "raw": raw})

    def ask(hosts: Sequence[Host]) -> Iterator[NodeReading]:
        again.extend(host.label for host in hosts)
        return (reading(host.label, with_gateways=True) for host in hosts)

    whole = frozenset(questions.whole)
    assert [reading.host for reading in snapshot.readings] == [host.label for host in snapshot.hosts]
    readings = {label: reading(label, with_gateways=label in whole) for label in place}
    for completed in with_routes(snapshot.hosts, list(readings.values()), ask):
        readings[completed.host] = completed
    assert len(again) == ASTRAY, len(again)
    snapshot = snapshot.model_copy(update={"readings": tuple(readings.values())})
    report = audit(snapshot)
    observed = report.reachability[0].observed
    assert observed is not None
    of_silent = SILENT * (number - 1)
    of_astray = ASTRAY * (number - 1 - SILENT)
    assert observed.pairs_missing == of_silent + of_astray, observed
    assert observed.pairs == number * (number - 1) - observed.pairs_missing, observed
    assert report.verdict is Verdict.UNHEALTHY


def many(nodes: int) -> bool:
    """The many nodes, one round: what making the texts takes is told and not counted."""
    child = {name: [sys.executable, "-c", _CHILD.format(name=name), str(nodes)] for name in ("tell_many", "judge_many")}
    told, judged = (run(command, seconds=1200) for command in child.values())
    cpu = judged.cpu - told.cpu
    print(
        f"\n{nodes:,} nodes with a block each, {SILENT + ASTRAY} at fault; making the texts takes {told.cpu:.1f} s more"
    )
    met = True
    for what, found, most in (
        (f"{cpu:.1f} s of CPU", cpu, MANY_CPU),
        (f"{judged.memory:.0f} MiB", judged.memory, MANY_MEMORY),
    ):
        met = met and found <= most
        print(f"  {'ok  ' if found <= most else 'MISS'} {what} (at most {most:g})", flush=True)
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks observed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--many", type=int, default=5_000)
    options = parser.parse_args(arguments)
    met = [end_to_end(options.nodes, options.rounds), many(options.many)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
