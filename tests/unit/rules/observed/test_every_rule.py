"""Every rule of the audit has an example of which it speaks and a near miss of which it does not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.rules.observed import RULES
from tests.unit.rules.observed.rule_examples import EXAMPLES

RULE_IDS = [rule.id for rule in RULES]


@cache
def example_of(rule_id):
    return EXAMPLES[rule_id].made()


def said(snapshot, rule_id, rules=RULES):
    """What one rule says of a snapshot: (severity, subject)."""
    found = audit(snapshot, rules=rules).findings
    return {(finding.severity.value, str(finding.subject)) for finding in found if finding.rule == rule_id}


def check_example(rule_id, rules=RULES):
    example = EXAMPLES[rule_id]
    assert (example.severity, example.subject) in said(example_of(rule_id), rule_id, rules)


def silent(context):
    yield from ()


def test_every_rule_is_in_the_table_and_nothing_else():
    assert EXAMPLES.keys() == set(RULE_IDS)
    assert list(EXAMPLES) == RULE_IDS, "the table has the order of the rules"


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_what_it_says_of_its_example(rule_id):
    check_example(rule_id)


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_what_it_does_not_say_of_a_near_miss(rule_id):
    assert said(EXAMPLES[rule_id].near_miss(), rule_id) == set()


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_the_table_notices_a_rule_that_says_nothing(rule_id):
    rules = tuple(replace(rule, check=silent) if rule.id == rule_id else rule for rule in RULES)
    with pytest.raises(AssertionError):
        check_example(rule_id, rules)
