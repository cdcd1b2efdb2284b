"""What a node or a resource may hold without breaking the audit: clocks that are not set, odd cluster IDs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from calico_bgp.auditing.diff import diff_snapshots
from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.lint import lint
from calico_bgp.changes.change import SetClusterID, apply
from calico_bgp.errors import ChangeError
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.cluster_id import is_cluster_id, is_plain_cluster_id
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.report.markdown.report import report_to_markdown
from calico_bgp.rules.rule import Draft, rule
from tests.clusters import cluster, node
from tests.unit.auditing.conftest import snapshot_of

CLOCKS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=12))),
]


def with_clock(snapshot, clock, place=0):
    readings = list(snapshot.readings)
    readings[place] = readings[place].model_copy(update={"clock": clock})
    return snapshot.model_copy(update={"readings": tuple(readings)})


@pytest.mark.parametrize("clock", CLOCKS, ids=str)
@pytest.mark.parametrize("faults", [(), ("link-cut:node1,node2",), ("restarting:node1",), ("node-down:node3",)])
def test_a_clock_that_is_not_set_is_unknown_and_ends_nothing(lab, clock, faults):
    good = lab(*faults, nodes=4, topology=Topology.MESH)
    odd = with_clock(good, clock)
    report = audit(odd)
    assert report.verdict is audit(good).verdict
    assert [entry.what for entry in report.not_checked if "young" in entry.what] == [
        f"how young the sessions of {odd.readings[0].name} are"
    ]
    assert "node1" in report_to_markdown(report, odd)
    assert diff_snapshots(good, odd, reports=(audit(good), report)).peers == ()


def test_a_clock_without_a_zone_or_ours_at_the_end_of_time_is_no_snapshot(lab):
    document = lab(nodes=3, topology=Topology.MESH).model_dump(mode="json")
    for place, key, value in (
        (document["readings"][0], "clock", "2026-11-22T12:00:00"),
        (document["readings"][0], "taken_at", "9999-12-31T23:59:59-12:00"),
        (document, "taken_at", "0001-01-01T00:00:00+14:00"),
    ):
        kept = place[key]
        place[key] = value
        with pytest.raises(ValidationError):
            Snapshot.model_validate(document)
        place[key] = kept
    Snapshot.model_validate(document)


#: What may stand in routeReflectorClusterID of a Calico Node, of which BIRD takes some.
IDS = [
    "12345",
    "abc",
    "010.0.0.1",
    "0x10",
    "",
    " ",
    "4294967296",
    "9" * 5000,
    "1.2.3.4/24",
    "244.0.0.1\n",
    "::1",
    "\U0001d7d9",
]


@pytest.mark.parametrize("cluster_id", IDS, ids=lambda text: repr(text[:20]))
@pytest.mark.parametrize("fault", ["reinstalled:node1", "lost-label:node1", "lost-cluster-id:node1", None])
@pytest.mark.parametrize("everywhere", [True, False])
def test_any_cluster_id_is_audited(cluster_id, fault, everywhere):
    made = build_cluster(5, topology=Topology.REFLECTORS)
    parsed = [] if fault is None else [parse_fault(fault, made)]
    resources = lab_resources(made, parsed)
    reflectors = [n.name for n in resources.nodes if n.cluster_id]
    nodes = tuple(
        replace(n, cluster_id=cluster_id or None) if n.name in (reflectors if everywhere else reflectors[-1:]) else n
        for n in resources.nodes
    )
    resources = resources.model_copy(update={"nodes": nodes})
    snapshot = snapshot_of(made, *filter(None, [fault]), roles=True).model_copy(update={"resources": resources})
    report = audit(snapshot)
    lint(resources)
    assert not [entry for entry in report.not_checked if "failed" in entry.why]
    # What BIRD or calicoctl refuses is never advised.
    if not is_plain_cluster_id(cluster_id) and len(cluster_id.strip()) > 2:
        commands = [c for cause in report.causes for fix in cause.fixes for step in fix.steps for c in step.commands]
        told = [finding.next_step or "" for finding in report.findings]
        assert not [text for text in (*commands, *told) if f"ClusterID={cluster_id}" in text]


@pytest.mark.parametrize("cluster_id", IDS, ids=lambda text: repr(text[:20]))
def test_a_change_takes_what_bird_takes(cluster_id):
    resources = cluster(node("a", "10.0.0.1"), node("b", "10.0.0.2"))
    if is_cluster_id(cluster_id):
        assert apply(resources, [SetClusterID("a", cluster_id)]).nodes_by_name["a"].cluster_id == cluster_id
    else:
        with pytest.raises(ChangeError, match="no cluster ID"):
            apply(resources, [SetClusterID("a", cluster_id)])


def drafts(*severities):
    @rule(
        "some-rule",
        Severity.WARNING,
        title="t",
        meaning="m",
        evidence="e",
        action="a",
        messages={"m": "message {place}"},
    )
    def check(context):
        for place, severity in enumerate(severities):
            yield Draft(NodeSubject(node="a"), "m", (f"row {place}", "a row"), f"{place}", severity, place=place)

    return list(check.findings(None))


@pytest.mark.parametrize(
    "severities",
    [(None, Severity.ERROR), (Severity.INFO, Severity.ERROR, None), (Severity.ERROR, Severity.INFO), (None, None)],
)
def test_the_worst_of_what_a_rule_says_about_one_subject_wins(severities):
    (finding,) = drafts(*severities)
    worst = min((severity or Severity.WARNING for severity in severities), key=lambda severity: severity.rank)
    lead = next(place for place, severity in enumerate(severities) if (severity or Severity.WARNING) is worst)
    assert (finding.severity, finding.message, finding.next_step) == (worst, f"message {lead}", f"{lead}")
    # Nothing that was said is lost, and nothing stands twice.
    assert {f"row {place}" for place in range(len(severities))} <= set(finding.evidence)
    assert {f"message {place}" for place in range(len(severities)) if place != lead} <= set(finding.evidence)
    assert len(set(finding.evidence)) == len(finding.evidence)


WHOLE = """Calico process is running.

IPv4 BGP status
+--------------+-------------------+-------+----------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |    INFO     |
+--------------+-------------------+-------+----------+-------------+
| 10.0.0.2     | node-to-node mesh | up    | 10:00:00 | Established |
+--------------+-------------------+-------+----------+-------------+
"""


@pytest.mark.parametrize(
    ("rest", "complete"),
    [
        ("", False),
        ("\nIPv6 BGP status\n", False),
        ("\nIPv6 BGP status\nNo IPv6 peers found.\n", True),
        ("\nINFO: BIRDv6 process: 'bird6' is not running.\n", True),
    ],
)
def test_an_answer_that_lacks_a_family_is_incomplete(rest, complete):
    assert parse_node_status(WHOLE + rest).complete is complete
