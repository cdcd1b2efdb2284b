"""The pages under docs/rules say what the rules' own metadata say."""

import importlib.util
from pathlib import Path

import pytest

from calico_bgp.model.report import BLIND_RULES
from calico_bgp.rules.catalogue import ALL_IDS, ALL_RULES
from calico_bgp.rules.observed import BY_ID, RULES
from calico_bgp.rules.resources import LINT_BY_ID, LINT_RULES

DOCS = Path(__file__).parents[2] / "docs"


def _make_rules():
    spec = importlib.util.spec_from_file_location("make_rules", DOCS / "make_rules.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_is_what_make_rules_writes():
    pages = _make_rules().pages()
    written = {path.name: path.read_text("utf-8") for path in (DOCS / "rules").glob("*.md")}
    assert written == pages, "run: python docs/make_rules.py"


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
