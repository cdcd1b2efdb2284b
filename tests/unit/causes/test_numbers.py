"""A cause in numbers and few words: where, what, how many routes, how bad, and a label of its fix."""

import ast
from pathlib import Path

import pytest

import calico_bgp
from calico_bgp.auditing.engine import audit
from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.model.reports.report import Report, Severity
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.causes.several.two_things import both, mesh

PACKAGE = Path(calico_bgp.__file__).parent


def causes_of(*faults, nodes=6, topology=Topology.MESH, **config):
    return audit(snapshot_of(build_cluster(nodes=nodes, topology=topology, **config), *faults)).causes


def test_a_dead_node_of_a_mesh():
    (cause,) = causes_of("node-down:node3")
    assert (cause.where, cause.what, cause.severity) == (("node3",), "host down or unreachable", Severity.ERROR)
    # Five others lose its routes, and it theirs.
    assert (cause.routes_lost, cause.sessions) == (10, 5)
    assert [fix.label for fix in cause.fixes] == ["start host"]


def test_a_session_is_named_by_its_ends_whatever_families_it_has():
    (cause,) = causes_of("link-cut:node5,node1")
    assert cause.where == ("node1 <-> node5",)


def test_a_reflector_that_is_down_costs_its_own_routes():
    (cause,) = causes_of("node-down:node1", topology=Topology.REFLECTORS)
    assert cause.routes_lost == 2 * 5


def test_who_could_not_be_read_is_neither_an_error_nor_a_number():
    (cause,) = causes_of("no-sudo:node2")
    assert (cause.severity, cause.routes_lost, cause.sessions) == (Severity.WARNING, None, 0)


def test_a_socket_that_is_gone_loses_no_route_and_so_is_no_error():
    (cause,) = causes_of("socket-missing:node2")
    assert (cause.severity, cause.routes_lost) == (Severity.WARNING, 0)


def test_numbers_survive_json():
    report = audit(snapshot_of(build_cluster(nodes=4, topology=Topology.MESH), "bird-down:node2"))
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert report.headline.startswith("3/6 sessions up")


@pytest.mark.parametrize("kind", CAUSE_KINDS.values(), ids=str)
def test_what_happened_is_five_words_at_most(kind):
    assert 1 <= len(kind.what.split()) <= 5
    assert not kind.what.endswith(".")


def test_every_fix_has_a_label():
    lacking = [
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Fix"
        and "label" not in {keyword.arg for keyword in call.keywords}
    ]
    assert lacking == []


@pytest.mark.parametrize("ipv6_alone", [False, True])
def test_what_a_session_costs_is_told_whichever_family_it_is_of(ipv6_alone):
    """Two nodes that do not reach each other lack the other one's routes: one each way."""
    cut = both("n1", "n2")
    made = mesh(4, ipv6=cut) if ipv6_alone else mesh(4, cut, ipv6={})
    assert [(cause.kind, cause.routes_lost) for cause in audit(made).causes] == [("link-cut", 2)]
