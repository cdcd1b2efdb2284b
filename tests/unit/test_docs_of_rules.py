"""The pages under docs/rules say what the rules' own metadata say."""

from pathlib import Path

import pytest

from calico_bgp.model.reports.report import BLIND_RULES
from calico_bgp.rules.catalogue import ALL_IDS, ALL_RULES
from calico_bgp.rules.observed import BY_ID, RULES
from calico_bgp.rules.resources import LINT_BY_ID, LINT_RULES
from tests.generators import generator
from tests.unit.rules.resources.build import findings, resources
from tests.unit.rules.resources.test_every_rule import CASES

DOCS = Path(__file__).parents[2] / "docs"


GENERATOR = generator("rules")


def test_every_page_is_what_the_generator_writes():
    pages = GENERATOR.pages()
    written = {path.name: path.read_text("utf-8") for path in (DOCS / "rules").glob("*.md")}
    assert written == pages, "run: make generate"


@pytest.mark.parametrize("rule", LINT_RULES, ids=lambda rule: rule.id)
def test_the_page_of_a_rule_of_resources_shows_what_is_broken_and_what_mends_it(rule):
    page = GENERATOR.page(rule)
    parts, mended, *version = CASES[rule.id][0]
    told = "What stands in the resources, and what mends it:\n\n| | the input | mended |\n|---|---|---|\n| " in page
    # What differs in no field (a file, a line, a release) has no table.
    assert told == (resources_of(parts) != resources_of(mended))
    of_mended = findings(*mended, version=version[0]) if version else findings(*mended)
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
