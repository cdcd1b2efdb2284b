"""Large clusters' hashes of routes, on real BIRDs and kernels: what nodes really print is alike where they are.

The unit tests have every fault on simulated tables (sources/test_equal_tables.py); here is what BIRD, `ip` and the
tools of a node make of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.cluster import observe
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.reduced_tables import reduce_table
from calico_bgp.routes.observed import tables
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.sources import rounds
from tests.rig.machines.cell import wait_for
from tests.rig.machines.cluster import Rig
from tests.rig.machines.plan import mesh, reflectors
from tests.rig.requirements import program
from tests.rig.routes.hashed_nodes import HashedNodes, Hashes, prepare

pytestmark = pytest.mark.rig

NODES = [f"node{number}" for number in range(1, 7)]
#: Who loses something, what, and whither it leads instead: there is no machine.
LEARNER = "node5"
BLOCKS = {4: "10.65.3.0/26", 6: "fd65:0:0:3::/122"}
NOBODY = {4: "192.0.2.250", 6: "2001:db8:77::fff"}
#: Tables of BIRD and of the kernel, in both families.
BIRDS, KERNELS = {("IPv4", False), ("IPv6", False)}, {("IPv4", True), ("IPv6", True)}


class World(NamedTuple):
    """A running cluster.

    Attributes:
        rig: Its nodes.
        order: Of the hosts; the first two send whole tables.
        asked_again: Those that are unlike these, healthy as they are.
        change: What is done to one node, in each cluster something else.
        healthy: The hashes of all as long as nothing is broken.
    """

    rig: Rig
    order: tuple[str, ...]
    asked_again: tuple[str, ...]
    change: str
    healthy: dict[str, Hashes]

    def nodes(self, *, hashed: bool = True, busybox: bool = False) -> HashedNodes:
        """The nodes, asked for hashes or for whole tables."""
        return HashedNodes(self.rig, self.order, hashed=hashed, busybox=busybox)


@pytest.fixture(scope="module", params=["mesh", "reflectors"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    plans = mesh(6) if request.param == "mesh" else reflectors(2, 4)
    with Rig(plans, tmp_path_factory.mktemp(request.param)) as rig:
        prepare(rig)
        rig.wait_established(stands=1)
        wait_for("all kernels have all blocks", lambda: all(map(_has_all_blocks, rig.nodes.values())), seconds=30)
        reflecting = ("node1", "node2") if request.param == "reflectors" else ()
        order = (*(name for name in NODES if name not in reflecting), *reflecting)
        change = "lacks a route" if reflecting else "leads elsewhere"
        yield World(rig, order, reflecting, change, HashedNodes(rig, order).hashes())


def _has_all_blocks(node) -> bool:  # type: ignore[no-untyped-def]
    return all(
        node.cell.run("ip", f"-{version}", "route", "show").count(f"{start}:" if version == 6 else start) == len(NODES)
        for version, start in ((4, "10.65."), (6, "fd65"))
    )


@pytest.fixture(autouse=True)
def nobody_is_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a large cluster: of those that stand alike some are asked once more, not all.

    And what BIRD got a second ago is judged: the test has waited for it, and needs no ten seconds.
    """
    monkeypatch.setattr(rounds, "_FEW", 0)
    monkeypatch.setattr(tables, "SETTLED", timedelta(0))


@pytest.fixture(params=["dash", "busybox"])
def busybox(request: pytest.FixtureRequest) -> bool:
    if program(request.param) == request.param:
        pytest.skip(f"needs {request.param}")
    return bool(request.param == "busybox")


def test_a_node_sends_what_we_would_make_of_its_tables(world: World, busybox: bool) -> None:
    for name in ("node1", LEARNER):
        printed = world.nodes(hashed=False).answer(name).tables
        for lines in (False, True):
            sent = world.nodes(busybox=busybox).answer(name, lines=lines).tables
            assert len(sent) == len(printed) == 4
            for before, after in zip(printed, sent, strict=True):
                assert after.is_reduced
                assert after.text == reduce_table(
                    before.text, is_kernel=before.is_kernel, exit_code=before.exit_code, with_gateways=lines
                )


def test_every_tool_gives_the_same_hashes(world: World, busybox: bool) -> None:
    assert world.nodes(busybox=busybox).hashes() == world.healthy
    assert {name: set(found) for name, found in world.healthy.items()} == dict.fromkeys(NODES, BIRDS | KERNELS)


def test_healthy_nodes_of_one_role_are_one_class(world: World) -> None:
    nodes = world.nodes()
    snapshot = nodes.snapshot()
    assert [name for names in nodes.asked_again for name in names] == [*world.asked_again]
    whole = {*world.order[:2], *world.asked_again}
    for place in (0, 1):
        same = {one.host: one.tables[place].same_as for one in snapshot.readings}
        assert {name for name, found in same.items() if found is None} == whole
        assert {found.host for found in same.values() if found is not None} == {world.order[0]}
    report = audit(snapshot)
    assert (report.verdict, report.findings) == (Verdict.HEALTHY, ())
    for one in report.reachability:
        assert one.observed is not None
        assert (one.observed.pairs, one.observed.pairs_missing, one.observed.pairs_unknown) == (30, 0, 0)
        assert one.observed.by_hash == len(NODES) - len(whole)
    assert judged(snapshot) == judged(world.nodes(hashed=False).snapshot())


def filters(action: str) -> Callable[[Rig], None]:
    """What the learner's BIRD does with one block at import."""

    def change(rig: Rig) -> None:
        for version, daemon in ((4, "bird"), (6, "bird6")):
            path = rig[LEARNER].files.etc / "calico" / f"{daemon}.cfg"
            done = action.format(gateway=NOBODY[version])
            rejects = f"  import filter {{ if net = {BLOCKS[version]} then {done} accept; }};\n  export filter calico"
            before = path.read_text()
            path.write_text(before.replace("  import all;\n  export filter calico", rejects))
            assert path.read_text() != before
        rig[LEARNER].reload_bird()

    return change


def kernel(action: str) -> Callable[[Rig], None]:
    """What is done to one block in the learner's kernel, which BIRD then leaves alone."""

    def change(rig: Rig) -> None:
        for version, block in BLOCKS.items():
            rig[LEARNER].birdc(version, "disable kernel1")
            for command in action.format(block=block, gateway=NOBODY[version]).split(";"):
                rig[LEARNER].cell.run("ip", f"-{version}", "route", *command.split())

    return change


ASTRAY = "del {block} proto bird; add {block} via {gateway} proto bird"
#: What is done → how, which of the learner's hashes are others then, and the rule that tells it.
CHANGES = {
    ("BIRD", "lacks a route"): (filters("reject;"), BIRDS | KERNELS, "routes-not-accepted"),
    # Whether that router passes packets on no table can tell.
    ("BIRD", "leads elsewhere"): (filters("gw = {gateway};"), BIRDS | KERNELS, "pods-behind-a-router"),
    ("the kernel", "lacks a route"): (kernel("del {block} proto bird"), KERNELS, "kernel-behind"),
    ("the kernel", "leads elsewhere"): (kernel(ASTRAY), KERNELS, "kernel-behind"),
}


@pytest.mark.parametrize("who", ["BIRD", "the kernel"])
def test_one_route_of_one_node_changes_its_hash_and_no_other(world: World, who: str) -> None:
    do, which, rule = CHANGES[who, world.change]
    with healed(world):
        do(world.rig)
        expected = {(LEARNER, *each) for each in which}
        wait_for(f"{who} {world.change}: {expected}", lambda: changed(world) == expected, seconds=15, every=0.3)
        nodes = world.nodes()
        hashed = nodes.snapshot()
        whole = world.nodes(hashed=False).snapshot()
        assert changed(world) == expected
    assert judged(hashed) == judged(whole)
    assert LEARNER in {name for names in nodes.asked_again for name in names}
    assert rule in {finding.rule for finding in audit(hashed).findings}
    lost = set() if rule == "pods-behind-a-router" else {(LEARNER, "node3")}
    for found in observed_of(observe(hashed)).values():
        assert {(one.learner, one.origin) for one in found.missing} == lost
        assert found.unknown == (0 if lost else 1)


def changed(world: World) -> set[tuple[str, str, bool]]:
    """(node, family, whether the kernel's) of the hashes that are not what they are in the healthy cluster."""
    now = world.nodes().hashes()
    return {
        (name, *which)
        for name, before in world.healthy.items()
        for which in before.keys() | now[name].keys()
        if before.get(which) != now[name].get(which)
    }


@contextmanager
def healed(world: World) -> Iterator[None]:
    """Afterwards everything is as it was, which the hashes show."""
    try:
        yield
    finally:
        node = world.rig[LEARNER]
        node.configure_bird(world.rig.plans)
        node.reload_bird()
        for version in (4, 6):
            node.birdc(version, "enable kernel1")
        deadline = time.monotonic() + 15
        while left := changed(world):
            assert time.monotonic() < deadline, left
            time.sleep(0.3)


def without_clocks(evidence: tuple[str, ...]) -> list[str]:
    """BIRD works out since when a protocol is as it is anew each time: the second of two readings may differ."""
    return [re.sub(r"\d\d:\d\d:\d\d", "", line) for line in evidence]


def judged(snapshot: Snapshot) -> object:
    """All that is made of the tables: who lacks what, and where it stops; and the audit's findings."""
    report = audit(snapshot)
    return (
        {
            family: replace(found, nodes=tuple(replace(node, same_as=None) for node in found.nodes))
            for family, found in observed_of(observe(snapshot)).items()
        },
        [
            (finding.rule, finding.subject, finding.message, without_clocks(finding.evidence))
            for finding in report.findings
        ],
        [(cause.kind, cause.subjects) for cause in report.causes],
        report.verdict,
    )
