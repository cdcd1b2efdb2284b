"""What calico_bgp says of routes is what packets find: real BIRDs, real kernels, all sessions up, routes gone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rig.machines.cell import wait_for
from tests.rig.machines.cluster import Rig
from tests.rig.machines.operator import Operator
from tests.rig.machines.plan import mesh, reflectors
from tests.rig.machines.pods import add_pods, unreached

pytestmark = pytest.mark.rig
#: A table is judged when BIRD's configuration is older than this (routes/observed/tables.py); and kernel1's scan.
SETTLED = 11.0
FAMILIES = {4: "ipv4", 6: "ipv6"}


@pytest.fixture(scope="module", params=["mesh", "reflectors"])
def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    plans = mesh(4) if request.param == "mesh" else reflectors(2, 3)
    with Rig(plans, tmp_path_factory.mktemp(request.param)) as running:
        add_pods(running)
        running.wait_established(stands=2)
        wait_for("all pods answer", lambda: not unreached(running, 4) and not unreached(running, 6), seconds=30)
        yield running


@pytest.fixture
def operator(rig: Rig, tmp_path: Path) -> Operator:
    return Operator(rig, tmp_path)


Change = Callable[[str], str]


@contextmanager
def configured(rig: Rig, changes: dict[str, Change]) -> Iterator[None]:
    """Some nodes' bird.cfg and bird6.cfg changed, loaded, and old enough to be judged; all healed afterwards."""
    for name, change in changes.items():
        for daemon in ("bird", "bird6"):
            path = rig[name].files.etc / "calico" / f"{daemon}.cfg"
            before = path.read_text()
            path.write_text(change(before))
            assert path.read_text() != before
        rig[name].reload_bird()
    rig.wait_established()
    time.sleep(SETTLED)
    try:
        yield
    finally:
        heal(rig)


def heal(rig: Rig) -> None:
    for node in rig.nodes.values():
        node.configure_bird(rig.plans)
        for version in (4, 6):
            for protocol in ("static1", "kernel1"):
                node.birdc(version, f"enable {protocol}")
        node.reload_bird()
    rig.wait_established()
    for node in rig.nodes.values():
        for version in (4, 6):
            # What a limit has blocked does not come again by itself.
            for peer in node.peers(version):
                node.birdc(version, f"reload in {peer}")
    wait_for("all pods answer again", lambda: not unreached(rig, 4) and not unreached(rig, 6), seconds=30)


def observed(operator: Operator) -> dict[str, dict]:  # type: ignore[type-arg]
    """Family → what `calico-bgp routes` says."""
    done = operator.run("routes", operator.hosts(), "--format", "json")
    return {family["family"]: family for family in json.loads(done.stdout)["families"]}


def check(rig: Rig, operator: Operator) -> dict[str, dict]:  # type: ignore[type-arg]
    """Pair for pair: what is said to be missing is what packets do not reach, and nothing is left unknown."""
    found = observed(operator)
    for version, family in FAMILIES.items():
        missing = {(one["learner"], one["origin"]) for one in found[family]["missing"]}
        assert (missing, found[family]["unknown"]) == (unreached(rig, version), 0), family
    return found


def stops(found: dict[str, dict]) -> set[tuple[str, str, str]]:  # type: ignore[type-arg]
    return {(one["origin"], one["stop"], one["at"]) for one in found["ipv4"]["missing"]}


def test_where_all_is_well_every_pod_answers(rig: Rig, operator: Operator) -> None:
    time.sleep(SETTLED)
    found = check(rig, operator)
    assert not found["ipv4"]["missing"]
    audit = operator.audit()
    assert (audit.findings, audit.verdict) == (set(), "healthy")


def test_own_routes_lost(rig: Rig, operator: Operator) -> None:
    for version in (4, 6):
        rig["node3"].birdc(version, "disable static1")
    time.sleep(SETTLED)
    try:
        found = check(rig, operator)
        assert {(origin, at) for origin, _, at in stops(found)} == {("node3", "node3")}
        audit = operator.audit()
        assert audit.verdict == "unhealthy"
        assert audit.findings == {("own-routes-lost", f"node3 {family}") for family in FAMILIES.values()}
    finally:
        heal(rig)


def test_a_pool_that_is_not_exported(rig: Rig, operator: Operator) -> None:
    """disableBGPExport on the pool, as confd writes it: before the node's own block."""

    def not_exported(text: str) -> str:
        pool = "fd65::/48" if "fd65" in text else "10.65.0.0/16"
        before = "filter calico_export_to_bgp_peers {\n"
        return text.replace(before, f"{before}  if ( net ~ {pool} ) then reject;\n")

    with configured(rig, dict.fromkeys(rig.plans, not_exported)):
        found = check(rig, operator)
        number = len(rig.plans)
        assert len(found["ipv4"]["missing"]) == number * (number - 1)
        assert {stop for _, stop, _ in stops(found)} == {"not announced"}
        assert ("routes-not-announced", "node3 ipv4") in operator.audit().findings


def test_a_pool_that_was_deleted(rig: Rig, operator: Operator) -> None:
    """A pool that no block lies in, as confd writes it: nodes announce their own, and a reflector nobody else's."""

    def another_pool(text: str) -> str:
        pool, other = ("fd65::/48", "fd66::/48") if "fd65" in text else ("10.65.0.0/16", "10.66.0.0/16")
        return text.replace(f"if ( net ~ {pool} ) then accept;", f"if ( net ~ {other} ) then accept;")

    in_mesh = rig.plans["node3"].neighbours[0].kind == "Mesh"
    with configured(rig, dict.fromkeys(rig.plans, another_pool)):
        found = check(rig, operator)
        clients = [] if in_mesh else [f"node{number}" for number in range(3, 1 + len(rig.plans))]
        missing = {(one["learner"], one["origin"]) for one in found["ipv4"]["missing"]}
        assert missing == {(one, other) for one in clients for other in clients if one != other}
        assert operator.audit().verdict == ("healthy" if in_mesh else "unhealthy")


def test_a_filter_that_rejects_at_export(rig: Rig, operator: Operator) -> None:
    """By hand, towards one peer of several: a mesh has no other way there, with reflectors the other one is left."""
    neighbour = rig.plans["node3"].neighbours[0]
    in_mesh = neighbour.kind == "Mesh"

    def keeps_back(text: str) -> str:
        first = "  ttl security off;\n"
        return text.replace(first, f"{first}  export none;\n", 1)

    with configured(rig, {"node3": keeps_back}):
        found = check(rig, operator)
        (told,) = {far for _, stop, far in stops(found)} or {None}
        assert told == ("node3" if in_mesh else None)
        rules = {rule for rule, _ in operator.audit().findings}
        assert rules == ({"routes-not-announced", "nothing-exported"} if in_mesh else {"nothing-exported"})


def test_a_filter_that_rejects_at_import(rig: Rig, operator: Operator) -> None:
    learner = list(rig.plans)[-1]

    def rejects(text: str) -> str:
        block = "fd65:0:0:3::/122" if "fd65" in text else "10.65.3.0/26"
        return text.replace(
            "  import all;\n  export filter calico",
            f"  import filter {{ if net ~ {block} then reject; accept; }};\n  export filter calico",
        )

    with configured(rig, {learner: rejects}):
        found = check(rig, operator)
        assert stops(found) == {("node3", "not accepted", learner)}
        audit = operator.audit()
        assert {rule for rule, _ in audit.findings} == {"routes-not-accepted"}
        assert audit.verdict == "unhealthy"


def test_a_node_without_graceful_restart(rig: Rig, operator: Operator) -> None:
    """As an edited template makes it: an info, which costs nothing until that node restarts."""

    def without(text: str) -> str:
        ours = "  graceful restart;\n  graceful restart time 5;"
        return text.replace(ours, "  graceful restart off; #")

    with configured(rig, {"node3": without}):
        audit = operator.audit()
        assert (audit.findings, audit.verdict) == (set(), "healthy")
        others = len(rig.plans) - 1 if rig.plans["node3"].neighbours[0].kind == "Mesh" else 2
        said = f"node3 offers no graceful restart to {others} nodes"
        assert audit.told("graceful-restart-lacking").count(said) == 2


def test_a_limit_that_is_hit(rig: Rig, operator: Operator) -> None:
    learner = list(rig.plans)[-1]

    def limits(text: str) -> str:
        return text.replace(
            "  import all;\n  export filter", "  import all;\n  import limit 1 action block;\n  export filter"
        )

    # A peer of a mesh announces one block: its limit is reached, and nothing is lost.
    in_mesh = all(neighbour.kind == "Mesh" for neighbour in rig.plans[learner].neighbours)
    with configured(rig, {learner: limits}):
        for version in (4, 6):
            rig[learner].birdc(version, f'restart "{"Mesh" if in_mesh else "Global"}*"')
        rig.wait_established()
        time.sleep(SETTLED)
        found = check(rig, operator)
        assert {(stop, at) for _, stop, at in stops(found)} == (set() if in_mesh else {("not accepted", learner)})
        if in_mesh:
            return
        assert "route-limit-hit" in {rule for rule, _ in operator.audit().findings}


def test_two_nodes_with_one_block(rig: Rig, operator: Operator) -> None:
    def both(text: str) -> str:
        block = "fd65:0:0:3::/122" if "fd65" in text else "10.65.3.0/26"
        return text.replace(" blackhole;\n", f" blackhole;\n  route {block} blackhole;\n", 1)

    with configured(rig, {"node4": both}):
        audit = operator.audit()
        assert ("block-announced-twice", "cluster ipv4") in audit.findings
        assert audit.verdict == "unhealthy"


def test_a_kernel_that_another_program_wrote_into(rig: Rig, operator: Operator) -> None:
    """As Felix's routes of old: with `proto 80`, which BIRD does not touch."""
    run = rig["node4"].cell.run
    gone = {4: ("10.65.3.0/26", "192.0.2.250"), 6: ("fd65:0:0:3::/122", "2001:db8:77::fff")}
    for version, (block, gateway) in gone.items():
        run("ip", f"-{version}", "route", "replace", block, "via", gateway, "proto", "80")
    time.sleep(5)
    try:
        found = observed(operator)
        assert ("node3", "the kernel leads elsewhere", "node4") in stops(found)
        for version, family in FAMILIES.items():
            lacking = {(one["learner"], one["origin"]) for one in found[family]["missing"]}
            lost = unreached(rig, version)
            # BIRD on node4 learns that route and tells its peers, which then have two ways (ECMP): where one of them
            # leads astray, the packets that were tried may all have taken the other.
            assert ("node4", "node3") in lost
            assert lost <= lacking
        assert ("kernel-behind", "node4 ipv4") in operator.audit().findings
    finally:
        for version, (block, gateway) in gone.items():
            run("ip", f"-{version}", "route", "del", block, "via", gateway, "proto", "80")
        heal(rig)


def test_a_kernel_with_two_writers(rig: Rig, operator: Operator) -> None:
    """As with Felix from v3.32 on: both routes lead to the node, with metrics that differ."""
    run = rig["node4"].cell.run
    both = {4: ("10.65.3.0/26", "192.0.2.13"), 6: ("fd65:0:0:3::/122", "2001:db8:77::13")}
    for version, (block, gateway) in both.items():
        run("ip", f"-{version}", "route", "add", block, "via", gateway, "metric", "77", "proto", "80")
    time.sleep(5)
    try:
        assert not unreached(rig, 4)
        found = operator.audit().findings
        assert {("routes-programmed-twice", f"node4 {family}") for family in FAMILIES.values()} <= found
        assert ("kernel-behind", "node4 ipv4") not in found
    finally:
        for version, (block, gateway) in both.items():
            run("ip", f"-{version}", "route", "del", block, "via", gateway, "proto", "80")
        heal(rig)


def test_a_kernel_that_nobody_writes(rig: Rig, operator: Operator) -> None:
    """What BIRD rejects towards the kernel is no error, and it takes out what it had written."""

    def nothing(text: str) -> str:
        return text.replace(
            "  export all;\n  graceful restart;\n  merge paths on;", "  export none;\n  merge paths on;"
        )

    with configured(rig, dict.fromkeys(rig.plans, nothing)):
        found = check(rig, operator)
        number = len(rig.plans)
        assert len(found["ipv4"]["missing"]) == number * (number - 1)
        assert {stop for _, stop, _ in stops(found)} == {"not in the kernel"}
        audit = operator.audit()
        assert audit.verdict == "unhealthy"
        assert {rule for rule, _ in audit.findings} == {"kernel-behind"}


def test_a_kernel_protocol_that_is_down(rig: Rig, operator: Operator) -> None:
    for version in (4, 6):
        rig["node2"].birdc(version, "disable kernel1")
        rig["node2"].cell.run("ip", f"-{version}", "route", "flush", "proto", "bird")
    time.sleep(2)
    try:
        found = check(rig, operator)
        assert {(stop, at) for _, stop, at in stops(found)} == {("not in the kernel", "node2")}
        assert {rule for rule, _ in operator.audit().findings} == {"own-routes-lost", "kernel-behind"}
    finally:
        heal(rig)
