"""Every message that a rule declares is said of some example, and no check names a message that is not declared."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

import pytest

import calico_bgp.rules
from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.lint import lint
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.messages.formatter import render
from calico_bgp.model.reports.message import Message
from calico_bgp.rules.catalogue import ALL_RULES
from calico_bgp.rules.observed import RULES
from calico_bgp.rules.resources import LINT_RULES
from tests.unit.rules.observed.message_examples import MESSAGE_EXAMPLES
from tests.unit.rules.observed.rule_examples import EXAMPLES
from tests.unit.rules.resources.build import resources
from tests.unit.rules.resources.message_cases import MESSAGE_CASES
from tests.unit.rules.resources.test_every_rule import CASES

FILES = sorted(Path(calico_bgp.rules.__file__).parent.rglob("*.py"))
#: Callables whose argument of this place is the key of a message.
_KEY_AT = {"Draft": 1, "Words": 0}


def keys_of(file):
    """(line, key) of each Draft and Words; every branch of a choice. What is no text there is a variable."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KEY_AT:
            place = _KEY_AT[node.func.id]
            if len(node.args) > place:
                yield from texts(node.args[place])


def texts(node):
    if isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.Constant):
        yield node.lineno, node.value


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_the_key_of_a_draft_is_declared(file):
    declared = {key for rule in ALL_RULES for key in rule.messages}
    assert [(line, key) for line, key in keys_of(file) if key not in declared] == []


def test_the_keys_are_found():
    assert len([key for file in FILES for key in keys_of(file)]) > 100


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_templates_are_well_formed(rule):
    assert rule.messages
    for key, template in rule.messages.items():
        assert key == key.lower().strip("-")
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(template))


# Every message is said of an example


def templates(said):
    """Those of a message and of all within it."""
    yield said.template
    for _, value in said.values:
        if isinstance(value, Message):
            yield from templates(value)


def spoken(rule, findings):
    """The keys of the messages that a rule says, pieces of messages included."""
    found = {template for f in findings if f.rule == rule.id for template in templates(f.said)}
    return {key for key, template in rule.messages.items() if template in found}


def of_parts(*parts):
    version = next((part for part in parts if isinstance(part, CalicoVersion)), NEWEST)
    return lint(resources(*(p for p in parts if not isinstance(p, CalicoVersion))), version=version).findings


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_message_of_the_audit_is_said_of_an_example(rule):
    said = spoken(rule, audit(EXAMPLES[rule.id].made()).findings)
    for (rule_id, key), made in MESSAGE_EXAMPLES.items():
        if rule_id == rule.id:
            assert key in spoken(rule, audit(made()).findings), key
            said.add(key)
    assert said == rule.messages.keys()


@pytest.mark.parametrize("rule", LINT_RULES, ids=lambda rule: rule.id)
def test_each_message_of_the_lint_is_said_of_an_example(rule):
    said = {key for parts, _, *version in CASES[rule.id] for key in spoken(rule, of_parts(*parts, *version))}
    for (rule_id, key), parts in MESSAGE_CASES.items():
        if rule_id == rule.id:
            assert key in spoken(rule, of_parts(*parts)), key
            said.add(key)
    assert said == rule.messages.keys()


def test_a_finding_is_its_template_with_its_values():
    findings = audit(EXAMPLES["session-not-established"].made()).findings
    assert findings
    assert all(f.message == render(f.said) for f in findings)
    assert all(f.next_step == ("; ".join(map(render, f.next_steps)) or None) for f in findings)
