"""BGPFilters and IPPools that keep pods' routes back while every session stands: what they cost, and what fixes it."""

import shlex
from dataclasses import replace

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.case import Case
from calico_bgp.causes.peering.filters import filter_rejects_routes, pool_not_exported
from calico_bgp.changes.change import ApplyResources
from calico_bgp.cluster.cluster import observe
from calico_bgp.expect.engine import expect
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence, Risk
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, BlockAffinity, IPPool
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator
from calico_bgp.whatif.question import what_if_resources
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.auditing.tables import cluster, commands, node, told
from tests.unit.causes.reflectors.test_layouts import as_asked, seen_as_asked

NODES = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3)]
OFF = BGPConfiguration(name="default", node_to_node_mesh_enabled=False)
PODS, MORE = IPPool("pods", "10.244.0.0/16"), IPPool("more", "10.246.0.0/16")
GUARD = BGPFilter("guard", export_v4=(FilterRule(FilterAction.REJECT, "10.244.0.0/16", MatchOperator.IN),))


def made(*, pools=(PODS,), using=("guard",), filters=(GUARD,), blocks=()):
    peering = BGPPeer(name="all", node_selector="all()", peer_selector="all()", filters=using)
    return cluster(*NODES, peering, OFF).model_copy(
        update={
            "ip_pools": pools,
            "bgp_filters": filters,
            "block_affinities": tuple(BlockAffinity(f"{name}-{cidr}", name, cidr) for name, cidr in blocks),
        }
    )


def test_a_filter_that_rejects_all_pods_is_the_cause():
    report = as_asked(made())
    assert told(report) == [("filter-rejects-routes", ["BGPFilter guard"])]
    (cause,) = report.causes
    assert report.verdict is Verdict.UNHEALTHY
    assert cause.confidence is Confidence.CERTAIN
    assert cause.routes_lost == 6
    assert "rule 1 of BGPFilter guard (exportV4)" in cause.evidence
    (fix,) = cause.fixes
    assert fix.restores == 6
    assert fix.risk is Risk.NONE
    assert "take BGPFilter guard from BGPPeer all" in fix.summary


def test_both_families_are_one_cause_that_names_both():
    dual = build_cluster(6, families=(Family.IPV4, Family.IPV6))
    resources = lab_resources(dual, [parse_fault("filter-rejects", dual)])
    (cause,) = audit(snapshot_of(dual, "filter-rejects").model_copy(update={"resources": resources})).causes
    assert cause.title.endswith("rejects blocks of 10.244.0.0/16 and blocks of fd00:10:244::/112 over IPv4 and IPv6")
    assert cause.routes_lost == 2 * 6 * 5


def test_the_commands_of_the_fix_patch_the_bgp_peer_in_both_dialects():
    (fix,) = as_asked(made(using=("guard", "other"), filters=(GUARD, BGPFilter("other")))).causes[0].fixes
    (step,) = fix.steps
    for command in (step.kubectl, step.calicoctl):
        words = shlex.split(command)
        assert words[1] == "patch"
        assert '{"spec": {"filters": ["other"]}}' in words


def test_only_the_blocks_that_are_lost_are_named():
    blocks = [("n1", "10.244.1.0/26"), ("n1", "10.246.1.0/26"), ("n2", "10.246.2.0/26"), ("n3", "10.246.3.0/26")]
    report = as_asked(made(pools=(PODS, MORE), blocks=blocks))
    (cause,) = report.causes
    assert cause.routes_lost == 2
    assert "block 10.244.1.0/26" in cause.title


def test_a_pool_that_is_not_exported_is_the_cause():
    hidden = IPPool("pods", "10.244.0.0/16", disable_bgp_export=True)
    report = as_asked(made(pools=(hidden,), using=(), filters=()))
    assert told(report) == [("pool-not-exported", ["IPPool pods"])]
    (cause,) = report.causes
    assert cause.routes_lost == 6
    (fix,) = cause.fixes
    assert fix.restores == 6
    assert any("disableBGPExport" in command for command in commands(report))


@pytest.mark.parametrize(
    "resources",
    [
        made(using=()),
        made(pools=(IPPool("pods", "10.244.0.0/16", vxlan_mode="Always"),)),
        made(filters=(BGPFilter("guard", export_v4=(FilterRule(FilterAction.ACCEPT), *GUARD.export_v4)),)),
        made(pools=(MORE,)),
    ],
)
def test_what_costs_no_pod_its_route_is_no_cause(resources):
    assert told(as_asked(resources)) == []


def test_what_is_not_known_is_no_cause_and_not_healthy():
    report = as_asked(made(filters=()))
    assert told(report) == []
    assert report.verdict is Verdict.UNKNOWN


def test_what_if_knows_what_another_filter_costs():
    before = made(using=())
    with_filter = BGPPeer(name="all", node_selector="all()", peer_selector="all()", filters=("guard",))
    answer = what_if_resources(before, [ApplyResources(cluster(with_filter), "peer.yaml")])
    assert sum(loss.group.pairs for family in answer.families for loss in family.lost) == 6
    assert expect(before).is_clear


def test_a_filter_of_which_nobody_complains_is_no_cause_beside_a_pool_that_is_not_exported():
    """Its finding is accepted, say: what the lint and the nodes' tables tell as well makes it none."""
    hidden = IPPool("pods", "10.244.0.0/16", disable_bgp_export=True)
    guard = replace(GUARD, export_v4=(replace(GUARD.export_v4[0], cidr="10.246.0.0/16"),))
    seen = seen_as_asked(made(pools=(hidden, MORE), filters=(guard,)))
    both = audit(seen).findings
    assert {str(one.subject) for one in both if one.rule == "routes-held-back"} == {"IPPool pods", "BGPFilter guard"}
    findings = tuple(
        replace(one, rule="filter-rejects-pods") if str(one.subject) == "BGPFilter guard" else one for one in both
    )
    case = Case(observe(seen), findings)
    assert [str(one.subjects[0]) for one in pool_not_exported(case)] == ["IPPool pods"]
    assert list(filter_rejects_routes(case)) == []
