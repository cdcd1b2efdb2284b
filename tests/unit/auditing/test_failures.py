"""Every rule, cause, trial, computation and form raises in turn: it costs itself, and the report says so."""

from dataclasses import replace

import pytest

from calico_bgp.auditing.diff import diff_reports
from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.lint import lint
from calico_bgp.causes import costs
from calico_bgp.causes.families import CAUSE_FAMILIES
from calico_bgp.causes.network import hosts
from calico_bgp.causes.remedies import trial
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.reports.report import Verdict
from calico_bgp.report.audit.json import report_to_json
from calico_bgp.report.audit.junit import report_to_junit
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.markdown.report import report_to_markdown
from calico_bgp.report.notebook.html import report_to_html
from calico_bgp.report.text.page import TextStyle
from calico_bgp.routes import consequences
from calico_bgp.rules.observed import RULES
from calico_bgp.rules.resources import LINT_RULES
from tests.unit.auditing.conftest import snapshot_of

pytestmark = pytest.mark.mistakes


def broken(*_args, **_kwargs):
    raise RuntimeError("a mistake of ours")


def made(*faults):
    cluster = build_cluster(4, topology=Topology.REFLECTORS)
    snapshot = snapshot_of(cluster, *faults, roles=True)
    return snapshot.model_copy(
        update={"resources": lab_resources(cluster, [parse_fault(text, cluster) for text in faults])}
    )


HEALTHY = made()
#: Without resources only a mesh is known to be healthy.
TABLES = snapshot_of(build_cluster(4, topology=Topology.MESH))
HURT = made("reinstalled:node1", "bird-down:node4")


def why(report, what):
    return [entry.why for entry in report.not_checked if entry.what == what]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_that_fails_is_unknown_and_costs_only_itself(rule):
    rules = tuple(replace(each, check=broken) if each is rule else each for each in RULES)
    snapshot = TABLES if rule.shape_only else HEALTHY
    whole, report = audit(snapshot), audit(snapshot, rules=rules)
    assert whole.verdict is Verdict.HEALTHY
    assert report.verdict is Verdict.UNKNOWN
    assert report.exit_code() == 3
    (told,) = why(report, f"rule {rule.id}")
    assert "RuntimeError: a mistake of ours (" in told
    assert set(report.checked.rules) == set(whole.checked.rules) - {rule.id}
    assert report.findings == tuple(f for f in whole.findings if f.rule != rule.id)
    # What another rule sees is seen all the same.
    hurt = audit(HURT, rules=rules)
    assert hurt.exit_code() in {1, 3}  # the one rule that calls it unhealthy may be the one that failed
    assert {f.id for f in hurt.findings} >= {f.id for f in audit(HURT).findings if f.rule != rule.id}


@pytest.mark.parametrize("rule", LINT_RULES, ids=lambda rule: rule.id)
def test_a_rule_of_the_lint_that_fails(rule):
    rules = tuple(replace(each, check=broken) if each is rule else each for each in LINT_RULES)
    report = audit(HEALTHY, lint_rules=rules)
    assert report.verdict is Verdict.UNKNOWN
    assert why(report, f"rule {rule.id}")
    alone, whole = lint(HEALTHY.resources, rules=rules), lint(HEALTHY.resources)
    assert alone.failed == (rule.id,)
    assert rule.id not in alone.rules
    assert alone.findings == tuple(f for f in whole.findings if f.rule != rule.id)
    assert alone.exit_code() == 3
    assert alone.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("family", CAUSE_FAMILIES, ids=lambda family: family.name)
def test_a_family_of_causes_that_fails_costs_only_its_causes(family):
    def fails(context):
        yield from ()
        raise RuntimeError("a mistake of ours")

    fails.__module__, fails.__name__ = family.find.__module__, family.find.__name__
    families = tuple(replace(family, find=fails) if each is family else each for each in CAUSE_FAMILIES)
    whole, report = audit(HURT), audit(HURT, cause_families=families)
    assert report.verdict is whole.verdict
    assert [f.id for f in report.findings] == [f.id for f in whole.findings]
    assert why(report, f"causes of family {family.name}")
    # Neither healthy nor broken: what causes say does not change a verdict.
    assert audit(HEALTHY, cause_families=families).verdict is Verdict.HEALTHY


def test_a_cause_whose_words_fail_is_the_cause_all_the_same(monkeypatch):
    snapshot = snapshot_of(build_cluster(4, topology=Topology.MESH), "link-cut:node1,node2")
    whole = audit(snapshot)
    monkeypatch.setattr(hosts, "network_fix", broken)
    report = audit(snapshot)
    assert [cause.id for cause in report.causes] == [cause.id for cause in whole.causes]
    assert why(report, "what is said of link-cut")


@pytest.mark.parametrize(
    ("where", "what", "matters"),
    [
        ((trial, "_trial"), "a fix in the what-if model", False),
        ((costs.Costs, "_worked_out"), "what causes cost", False),
        ((consequences, "_lost_by"), "what findings cost", False),
        ((consequences, "observed_network"), "who learns whose routes over IPv4", True),
        ((consequences, "reachability"), "who learns whose routes over IPv4", True),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_computation_that_fails(monkeypatch, where, what, matters):
    whole = audit(HURT)
    monkeypatch.setattr(*where, broken)
    report = audit(HURT)
    assert len(why(report, what)) == 1
    assert [(f.id, f.rule) for f in report.findings] == [(f.id, f.rule) for f in whole.findings]
    assert report.verdict is Verdict.UNHEALTHY
    if matters:
        healthy = audit(HEALTHY)
        assert healthy.verdict is Verdict.UNKNOWN


def test_no_finding_went_because_its_rule_failed():
    before = audit(HURT)
    rules = tuple(replace(each, check=broken) if each.id == "daemon-not-running" else each for each in RULES)
    changes = diff_reports(before, audit(HURT, rules=rules))
    assert "daemon-not-running" not in {change.finding.rule for change in changes}


def test_every_form_says_what_failed():
    rules = tuple(replace(each, check=broken) if each.id == "isolated-node" else each for each in RULES)
    report = audit(HEALTHY, rules=rules)
    texts = [
        report_to_text(report, HEALTHY, TextStyle()),
        report_to_json(report),
        report_to_junit(report),
        report_to_markdown(report, HEALTHY),
        report_to_html(report),
    ]
    for text in texts:
        assert "rule isolated-node" in text
        assert "a mistake of ours" in text


def test_without_a_collector_a_failure_is_raised():
    with pytest.raises(RuntimeError):
        list(replace(RULES[0], check=broken).findings(None))
