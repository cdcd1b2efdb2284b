"""A range of Services that pods' blocks lie in: which kernels lack their routes because of it, and which do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.resources import IPPool
from tests.with_routes import change_table, with_routes

MESH = build_cluster(4, topology=Topology.MESH)
#: The blocks of node1 to node4: 10.244.0.64/26, .128/26, .192/26 and 10.244.1.0/26.
POOL = IPPool("pods", "10.244.0.0/16")


def kernels_without(ranges, *gone, field="service_load_balancer_ips"):
    """All kernels lack BIRD's routes to some networks; the BGPConfiguration has these ranges."""
    made = lab_resources(MESH)
    configs = tuple(replace(config, **{field: ranges}) for config in made.bgp_configurations)
    snapshot = with_routes(MESH).model_copy(
        update={"resources": made.model_copy(update={"bgp_configurations": configs, "ip_pools": (POOL,)})}
    )
    for place in range(4):
        snapshot = change_table(
            snapshot,
            place,
            kernel=lambda routes: tuple(r for r in routes if str(r.prefix) not in gone or r.type != "unicast"),
        )
    return audit(snapshot)


ALL = ("10.244.0.64/26", "10.244.0.128/26", "10.244.0.192/26", "10.244.1.0/26")


@pytest.mark.parametrize("field", ["service_cluster_ips", "service_external_ips", "service_load_balancer_ips"])
def test_a_range_that_holds_all_blocks(field):
    report = kernels_without(("10.244.0.0/16", "10.96.0.0/12"), *ALL, field=field)
    assert report.verdict is Verdict.UNHEALTHY
    (cause,) = report.causes
    assert (cause.kind, cause.routes_lost) == ("service-range-over-pods", 12)
    assert [str(subject) for subject in cause.subjects] == ["BGPConfiguration default"]
    assert "10.96.0.0/12" not in cause.title


def test_two_ranges_that_hold_a_block_each():
    (cause,) = kernels_without(("10.244.0.0/25", "10.244.1.0/24"), "10.244.0.64/26", "10.244.1.0/26").causes
    assert (cause.kind, cause.routes_lost) == ("service-range-over-pods", 6)


def test_a_range_that_holds_some():
    """10.244.1.0/24 holds node4's block: the three others lack it."""
    (cause,) = kernels_without(("10.244.1.0/24",), "10.244.1.0/26").causes
    assert (cause.kind, cause.routes_lost) == ("service-range-over-pods", 3)


@pytest.mark.parametrize("ranges", [(), ("10.96.0.0/12",), ("10.244.0.64/32",), ("10.244.1.0/24",)])
def test_where_no_range_holds_what_is_lacking_it_is_another_cause(ranges):
    report = kernels_without(ranges, "10.244.0.64/26", "10.244.0.128/26")
    assert "service-range-over-pods" not in {cause.kind for cause in report.causes}
    assert report.verdict is Verdict.UNHEALTHY
