"""Takes the steps of a plan on real BIRDs and watches who misses whose route, at any moment.

Every node is a BIRD with Calico's timers that announces one block. Each action of a step changes the resources; the
BIRDs then get the configuration that Calico would give them, one after the other in an order that changes, as confd
does it on every node for itself. Meanwhile the tables of all BIRDs are read again and again. The BIRD of a node that
joins starts while the others hear of it; that of a node that leaves is killed before they do. A node has a route when
its table holds the block by whatever way, also one that graceful restart keeps.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import permutations
from pathlib import Path

from calico_bgp.changes.change import RemoveNode
from calico_bgp.expect.engine import expect
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.plan.plan import Drain, Plan, PlanStep, Uncordon
from calico_bgp.report.resources.expected_bird import expected_to_bird
from tests.clusters import cluster, node
from tests.rig.machines.cell import wait_for
from tests.rig.machines.crowd import Crowd, Speaker

NODES = 6
#: (learner, origin).
Pair = tuple[str, str]
ZONE = "topology.kubernetes.io/zone"
#: bgp_template of Calico's bird.cfg.template, v3.33, but for `connect delay time 1`. BIRD's timers go off at whole
#: seconds, here at the same instant in all of them: two ends that dial at once end each other's session, again and
#: again for up to 20 s. On machines of their own one end is first.
TIMERS = (
    "  add paths on;\n  graceful restart;\n  connect delay time {};\n  connect retry time 3;\n  error wait time 5,60;\n"
)


def the_mesh() -> Resources:
    """As text "10.77.0.9" > "10.77.0.10", so that not always does the first one wait."""
    return cluster(
        *(node(f"node{n}", f"10.77.0.{n + 6}", labels=f"{ZONE}={'abc'[n % 3]}") for n in range(1, NODES + 1))
    )


def block(name: str) -> str:
    return f"10.244.{name.removeprefix('node')}.0/26"


def protocols(resources: Resources) -> dict[str, str]:
    """Node → its `protocol bgp` blocks."""
    found = {}
    for each in resources.nodes:
        if each.ipv4 is None:  # made, but not started
            continue
        text = "".join(expected_to_bird(expect(resources, only={each.name}), [Family.IPV4]))
        # Two seconds apart: nodes get their configuration within one, and may not come to dial at one instant by that.
        timers = TIMERS.format(2 * int(each.name.removeprefix("node")))
        head = rf"protocol bgp \1 from calico {{\n{timers}"
        found[each.name] = re.sub(r"^protocol bgp (\w+) \{\n", head, text, flags=re.MULTILINE)
    return found


def speaker_of(found: CalicoNode, text: str) -> Speaker:
    assert isinstance(found.ipv4, IPv4Address)
    return Speaker(found.name, found.ipv4, block(found.name), text)


def found_names(blocks: dict[str, str]) -> dict[str, set[str]]:
    """Node → the names of the protocols in its blocks."""
    return {name: set(re.findall(r"^protocol bgp (\w+)", text, re.MULTILINE)) for name, text in blocks.items()}


@dataclass
class Watch:
    """Reads all tables without a pause, in a thread of its own.

    Attributes:
        crowd: The BIRDs.
        judged: The nodes that are looked at.
        new: Those of them that start meanwhile: what has to do with them can be missing only once it was there.
        samples: How many times all were read.
        missing: (learner, origin) → the longest time for which it was missing, in seconds.
        held: The pairs whose route was seen.
    """

    crowd: Crowd
    judged: frozenset[str]
    new: frozenset[str] = frozenset()
    samples: int = 0
    missing: dict[Pair, float] = field(default_factory=dict)
    held: set[Pair] = field(default_factory=set)
    failure: Exception | None = None
    _since: dict[Pair, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            while not self._stop.is_set():
                self._look()
                self._stop.wait(0.01)
        except Exception as error:  # noqa: BLE001 - it is the test's to raise
            self.failure = error

    def _look(self) -> None:
        now = time.monotonic()
        there = self.judged.intersection(self.crowd.speakers)
        for learner in there:
            held = {line.split()[0] for line in self.crowd.ask(learner, "show route") if "/" in line.split()[0]}
            for origin in there:
                pair = (learner, origin)
                if block(origin) in held:
                    self.held.add(pair)
                    self._since.pop(pair, None)
                elif pair in self.held or self.new.isdisjoint(pair):
                    since = self._since.setdefault(pair, now)
                    self.missing[pair] = max(self.missing.get(pair, 0.0), time.monotonic() - since)
        self.samples += 1

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run, name="watch")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(timeout=20)
        assert not thread.is_alive()
        if self.failure is not None:
            raise self.failure


class Cluster:
    """Running BIRDs that follow resources."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self._chance = random.Random(20230314)  # a seed, so that a failure comes again

    def follow(self, resources: Resources) -> None:
        """Every BIRD gets its new configuration, in some order, at its own moment."""
        found = protocols(resources)
        for name in self._chance.sample(sorted(found), len(found)):
            speaker = speaker_of(resources.nodes_by_name[name], found[name])
            if name in self.crowd.speakers:
                self.crowd.cell.path(f"/run/crowd/{name}.conf").write_text(speaker.config)
                self.crowd.ask(name, "configure")
            else:
                self.crowd.add(speaker)
            time.sleep(self._chance.uniform(0, 0.15))
        wait_for("all BIRDs have their configuration", lambda: self.configured() == found_names(found), seconds=20)

    def configured(self) -> dict[str, set[str]]:
        """Node → the names of its BGP protocols."""
        return {
            name: {row[0] for row in map(str.split, self.crowd.ask(name, "show protocols")) if row[1:2] == ["BGP"]}
            for name in self.crowd.speakers
        }

    def take(self, step: PlanStep) -> Watch:
        """Do what a step says and wait for what it says to wait for; what was seen meanwhile."""
        was, then = protocols(step.before).keys(), protocols(step.after).keys()
        watch = Watch(self.crowd, judged=frozenset(then), new=frozenset(then - was))
        resources = step.before
        with watch.watching():
            for action in step.actions:
                if isinstance(action, RemoveNode):
                    self.crowd.remove(action.node)
                if not isinstance(action, (Drain, Uncordon)):
                    resources = action.apply(resources)
                    self.follow(resources)
            awaited = {pair for each in step.awaited for pair in each.pairs}
            wait_for(step.title, lambda: awaited <= self.established(resources), seconds=60)
            wait_for(f"{step.title}: all routes", lambda: not self.missing(), seconds=20)
            time.sleep(0.5)
        assert resources == step.after
        return watch

    def established(self, resources: Resources) -> set[tuple[str, str]]:
        """The sessions that stand at both ends, whichever protocol runs them."""
        by_address = {str(each.ipv4): each.name for each in resources.nodes}
        ends = set()
        for name in self.crowd.speakers:
            for row in map(str.split, self.crowd.ask(name, "show protocols")):
                if row[1:2] == ["BGP"] and "Established" in row:
                    ends.add((name, by_address[row[0].partition("_")[2].replace("_", ".")]))
        return {(a, b) for a, b in ends if a < b and (b, a) in ends}

    def missing(self) -> set[Pair]:
        held = {name: " ".join(self.crowd.ask(name, "show route")) for name in self.crowd.speakers}
        return {(a, b) for a, b in permutations(held, 2) if block(b) not in held[a]}


@contextmanager
def running(resources: Resources, folder: Path) -> Iterator[Cluster]:
    """BIRDs that have come up by these resources."""
    speakers = tuple(speaker_of(resources.nodes_by_name[name], text) for name, text in protocols(resources).items())
    with Crowd(speakers, folder) as crowd:
        crowd.wait_established(seconds=60)
        found = Cluster(crowd)
        wait_for("every node has every route", lambda: not found.missing(), seconds=20)
        yield found


def walk(plan: Plan, birds: Cluster) -> Iterable[float]:
    """Take every step; no route is missing but those of a drained node, and those the plan says. How long they were."""
    for step in plan.steps:
        watch = birds.take(step)
        beside = {pair: gone for pair, gone in watch.missing.items() if not set(pair) & set(step.drained)}
        assert beside == {}, f"{step.title}: {beside}"
        assert watch.samples > 5
        said = sum(moment.excused for moment in step.moments)
        assert bool(watch.missing) == bool(said), f"{step.title}: the plan says that {said} pairs lose their route"
        yield from watch.missing.values()
