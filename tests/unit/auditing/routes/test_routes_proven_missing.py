"""Routes of which the sessions leave it open whether they come: what kernels prove of them, and what not."""

from __future__ import annotations

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Variant, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Severity, Verdict
from calico_bgp.model.routes.kernel_route import KernelRoute
from tests.with_routes import change_table, with_routes

#: The reflectors, node1 and node2, do not peer with each other.
APART = build_cluster(6, variant=Variant.CLIENTS)
SWITCHED = build_cluster(6, reflectors=3, switch=True)
#: The BGPPeer joins the three reflectors alone; all nodes peer with a switch, which passes on what nobody knows.
NARROW = ("selector-narrow", "programmed-twice")


def without_pods(routes: tuple[KernelRoute, ...]) -> tuple[KernelRoute, ...]:
    return tuple(route for route in routes if not any((hop.interface or "").startswith("cali") for hop in route.hops))


def without_default(routes: tuple[KernelRoute, ...]) -> tuple[KernelRoute, ...]:
    return tuple(route for route in routes if route.prefix.prefixlen)


def errors(report):
    return [(finding.rule, str(finding.subject)) for finding in report.findings if finding.severity is Severity.ERROR]


def test_pods_on_reflectors_that_do_not_peer_are_cut_off():
    report = audit(with_routes(APART).model_copy(update={"resources": lab_resources(APART)}))
    assert (report.verdict, errors(report)) == (Verdict.UNHEALTHY, [("routes-missing", "cluster (IPv4)")])
    (cause,) = report.causes
    assert (cause.kind, [str(one) for one in cause.subjects]) == ("reflectors-not-joined", ["node1", "node2"])
    assert (cause.routes_lost, cause.fixes[0].restores, cause.fixes[0].restarts) == (2, 2, 0)


@pytest.mark.parametrize("empty", [0, 1], ids=["node1", "node2"])
def test_reflectors_on_which_no_pods_run_are_meant_to_be_apart(empty):
    made = with_routes(APART).model_copy(update={"resources": lab_resources(APART)})
    report = audit(change_table(made, empty, kernel=without_pods))
    assert (report.verdict, errors(report), report.causes) == (Verdict.UNKNOWN, [], ())


def narrow(*, default: bool):
    faults = [parse_fault(text, SWITCHED) for text in NARROW]
    made = with_routes(SWITCHED, *NARROW).model_copy(update={"resources": lab_resources(SWITCHED, faults)})
    for place in range(0 if default else len(made.readings)):
        made = change_table(made, place, kernel=without_default)
    return audit(made)


def test_nodes_without_any_way_to_pods_prove_that_the_switch_passes_nothing_on():
    report = narrow(default=False)
    assert (report.verdict, report.doubts) == (Verdict.UNHEALTHY, ())
    assert errors(report) == [("routes-not-arriving", "cluster (IPv4)")]
    assert report.findings[0].message.startswith("24 routes do not arrive over IPv4 although the sessions stand")


def test_where_packets_leave_by_default_beside_a_switch_it_is_not_known():
    """The router may be the switch, which every node tells of its pods."""
    report = narrow(default=True)
    assert (report.verdict, errors(report)) == (Verdict.UNKNOWN, [])
    assert report.doubts == ("24 routes do not arrive over IPv4, by the nodes' tables",)
