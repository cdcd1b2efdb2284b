"""The pages under docs/rules say what the rules' own metadata say."""

import re
from pathlib import Path

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.faults.fault import FaultKind
from calico_bgp.model.reports.report import BLIND_RULES
from calico_bgp.rules.catalogue import ALL_IDS, ALL_RULES
from calico_bgp.rules.observed import BY_ID, RULES
from calico_bgp.rules.resources import LINT_BY_ID, LINT_RULES
from tests.generators import generator
from tests.unit.rules.resources.build import findings, resources
from tests.unit.rules.resources.test_every_rule import CASES

DOCS = Path(__file__).parents[3] / "docs"


GENERATOR = generator("rules")
INPUTS = generator("rule_inputs")
SHOWN = {*INPUTS.DEMOS, *INPUTS.API_DEMOS, *INPUTS.WITHOUT_RESOURCES}
TABLES = (INPUTS.DEMOS, INPUTS.API_DEMOS, INPUTS.WITHOUT_RESOURCES, INPUTS.OTHERS)


def test_every_page_is_what_the_generator_writes():
    pages = GENERATOR.pages()
    written = {path.name: path.read_text("utf-8") for path in (DOCS / "rules").glob("*.md")}
    assert written == pages, "run: make generate"


def test_a_rule_of_the_audit_has_one_example():
    placed = [rule for table in TABLES for rule in table]
    assert len(placed) == len(set(placed))
    assert set(placed) <= BY_ID.keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_page_of_a_rule_of_the_audit_shows_a_cluster_and_the_same_one_mended(rule):
    given = INPUTS.input_of(rule.id)
    assert rule.id in rules_about(given.broken, rule)
    page = (DOCS / "rules" / f"{rule.id}.md").read_text("utf-8")
    example = page[page.index("## Example") :]
    assert re.search(rf"^(ERROR|WARNING|INFO) {rule.id}( |$)", example, re.MULTILINE)
    table = "fixed:\n\n| | the input | fixed |\n|---|---|---|\n| " in example
    assert table == (given.fixed is not None)
    if given.fixed is not None:
        assert rule.id not in rules_about(given.fixed, rule)
    demo = INPUTS.DEMOS.get(rule.id) or INPUTS.API_DEMOS.get(rule.id, (None,))[0]
    assert (f"calico-bgp demo --fault {demo}\n" in example) == (demo is not None)
    assert ("No fault of [the simulated lab]" in example) == (rule.id not in SHOWN)


def rules_about(snapshot, rule):
    return {finding.rule for finding in audit(snapshot, rules=(rule,), cause_families=()).findings}


def test_no_fault_that_the_demo_shows_would_do_for_a_rule_that_is_said_to_have_none():
    """A new fault of the lab becomes the example of its rule."""
    shown = {}
    for kind in FaultKind:
        report = audit(generator("causes").with_and_without(kind.value)[0])
        shown |= {finding.rule: kind.value for finding in report.findings}
    assert {rule: fault for rule, fault in shown.items() if rule in BY_ID.keys() - SHOWN} == {}


@pytest.mark.parametrize("rule", LINT_RULES, ids=lambda rule: rule.id)
def test_the_page_of_a_rule_of_resources_shows_what_is_broken_and_what_mends_it(rule):
    page = GENERATOR.page(rule)
    parts, fixed, *version = CASES[rule.id][0]
    told = "What stands in the resources, and what fixes it:\n\n| | the input | fixed |\n|---|---|---|\n| " in page
    # What differs in no field (a file, a line, a release) has no table.
    assert told == (resources_of(parts) != resources_of(fixed))
    of_mended = findings(*fixed, version=version[0]) if version else findings(*fixed)
    assert rule.id not in {finding.rule for finding in of_mended}


def resources_of(parts):
    places = {"place", "lines", "sources", "skipped_files"}

    def stripped(value):
        if isinstance(value, dict):
            return {key: stripped(each) for key, each in value.items() if key not in places}
        return [stripped(each) for each in value] if isinstance(value, list) else value

    return stripped(resources(*parts).model_dump(mode="json"))


def test_the_input_of_a_selector_that_does_not_parse():
    page = (DOCS / "rules" / "selector-syntax.md").read_text("utf-8")
    assert "| BGPPeer peer, peer_selector | `a = 'b'` | `a == 'b'` |\n" in page


def test_ids_are_unique():
    assert len(BY_ID) == len(RULES)
    assert len(LINT_BY_ID) == len(LINT_RULES)
    assert len(ALL_IDS) == len(ALL_RULES)
    assert BY_ID.keys() >= BLIND_RULES


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_rule_is_documented(rule):
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.meaning.endswith(".")
    assert rule.evidence.endswith(".")
    assert rule.action.endswith(".")
