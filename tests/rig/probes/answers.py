"""What a probed cluster shows to packets and to calico_bgp: both, side by side. Starts the machines, judges nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.cluster import Cluster, observe
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import NodeReading
from calico_bgp.model.reports.report import Report
from calico_bgp.model.routes.observed import ObservedRoutes
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.answer.frame import new_marker
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.network.from_observed import observed_network
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.sources.node.command import gather_command
from calico_bgp.sources.node.interpret import reading_from
from calico_bgp.sources.node.questions import Questions
from tests.rig.machines.cell import Cell
from tests.rig.probes.clusters import ProbedCluster
from tests.rig.probes.machines import SETTLED, Machines
from tests.rig.probes.prober import FLOWS

#: A cluster takes 20 seconds. Seconds.
WAIT = 110
#: (learner, origin).
Pair = tuple[str, str]


@dataclass(frozen=True)
class Answers:
    """One cluster.

    Attributes:
        cluster: The cluster.
        lost: Family → the pairs of which not every packet arrives.
        snapshot: What calico_bgp read.
    """

    cluster: ProbedCluster
    lost: dict[Family, frozenset[Pair]]
    snapshot: Snapshot

    def facts(self) -> Cluster:
        """Who is who."""
        return observe(self.snapshot)

    def observed(self) -> dict[Family, ObservedRoutes]:
        """What the tables show."""
        return observed_of(self.facts())

    def computed(self) -> dict[Family, Reachability]:
        """What follows of sessions and resources."""
        facts = self.facts()
        return {family: reachability(observed_network(facts, family)) for family in self.cluster.families}

    def report(self) -> Report:
        """The audit."""
        return audit(self.snapshot)


def answers_of(cluster: ProbedCluster, folder: Path) -> Answers:
    """Let a cluster run, break it, send packets, and read it as calico_bgp does."""
    with Machines(cluster, folder) as machines:
        machines.wait_established(seconds=60)
        machines.wait_settled(seconds=60)
        machines.break_all()
        machines.wait_settled(seconds=60)
        time.sleep(max(0.0, machines.started + SETTLED - time.monotonic()))
        reached = machines.reached()
        snapshot = Snapshot(
            hosts=tuple(Host(name, node=name) for name in cluster.nodes),
            taken_at=datetime.now(UTC),
            readings=tuple(_reading(name, cell) for name, cell in machines.cells.items()),
            resources=cluster.resources,
        )
    lost = {family: frozenset(_lost(cluster, family, reached)) for family in cluster.families}
    return Answers(cluster, lost, snapshot)


def _reading(name: str, cell: Cell) -> NodeReading:
    marker = new_marker()
    command = gather_command(marker, questions=Questions(routes=True))
    text = cell.run("env", "PATH=/run/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", command)
    return reading_from(text, marker, Host(name, node=name), taken_at=datetime.now(UTC))


def _lost(cluster: ProbedCluster, family: Family, reached: dict[Pair, int]) -> set[Pair]:
    version = 4 if family is Family.IPV4 else 6
    return {
        (name, pod.node)
        for name in cluster.nodes
        for pod in cluster.pods
        if pod.address.version == version and pod.node != name and reached.get((name, str(pod.address)), 0) < FLOWS
    }


class Gathering:
    """The answers of many clusters, a few of which run at a time; a context manager that leaves none running.

    Args:
        clusters: All of them, in the order in which they are wanted.
        folder: For logs.
        at_once: How many run at a time: they mostly wait for BIRD's timers.
    """

    def __init__(self, clusters: Iterable[ProbedCluster], folder: Path, *, at_once: int = 4) -> None:
        self._pool = ThreadPoolExecutor(at_once)
        self._found = {
            cluster.seed: self._pool.submit(answers_of, cluster, folder / str(cluster.seed)) for cluster in clusters
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def of(self, seed: int) -> Answers:
        """The answers of one, as soon as they are there."""
        return self._found[seed].result(timeout=WAIT)
