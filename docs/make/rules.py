"""Writes docs/rules/<id>.md and docs/rules/index.md from the rules' own metadata: `make generate`.

A test compares the pages with the rules, so that neither can go stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

# The examples are those of the tests, so that a page shows what a test holds.
sys.path.insert(0, str(Path(__file__).parents[2]))

from make.lab_inputs import differences, in_table, resource_differences
from make.rule_inputs import PRINTED, RuleInput, input_of

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.render import render_node_status
from calico_bgp.messages.formatter import outline
from calico_bgp.model.reports.report import Finding
from calico_bgp.report.audit.findings import finding_group
from calico_bgp.report.audit.groups import grouped
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.rules.catalogue import ALL_RULES
from calico_bgp.rules.observed import BY_ID, RULES
from calico_bgp.rules.resources import LINT_RULES
from calico_bgp.rules.rule import Rule
from tests.unit.rules.resources.build import findings, resources
from tests.unit.rules.resources.test_every_rule import CASES

FOLDER = Path(__file__).parents[1] / "rules"
_WIDTH = 110
#: Of a printed answer so many lines are shown.
_LINES = 14

_INDEX = """# Rules

Each finding names its rule; `calico-bgp audit --explain RULE` (or `calico-bgp lint --explain RULE`) prints its page.
Exceptions in [calico-bgp.toml](../configuration.md) name rules of either kind.

## What the nodes show: `calico-bgp audit`

A finding about a node explains the sessions of that node, which are then not reported one by one: a dead node is one
finding, not one per neighbour. `node-unreadable` and `answer-incomplete` say that we could not look, not that something
is broken: alone they make the verdict `unknown` and the exit code 3.

"""

_LINT = """
## What Calico's resources ask for: `calico-bgp lint`

What these rules look for stands in the resources alone; see [Lint](../lint.md). The severity is that of most findings
of the rule: some are worse, some harmless, as the page says.

"""

_HEADING = """| rule | severity | what |
|---|---|---|
"""


def page(rule: Rule) -> str:
    """One rule's page."""
    example = _of_nodes(rule, input_of(rule.id)) if rule.id in BY_ID else _of_resources(rule)
    return (
        f"# {rule.id}\n\n**{rule.title}.** Severity: {rule.severity}.\n\n"
        f"## What it means\n\n{rule.meaning}\n\n"
        f"## What it rests on\n\n{rule.evidence}\n\n"
        f"## What to do\n\n{rule.action}\n\n"
        f"## What it says\n\n{_messages(rule)}\n\n"
        f"## Example\n\n{example}"
    )


def _of_nodes(rule: Rule, given: RuleInput) -> str:
    """A cluster that a rule of the audit is about: what differs when it is fixed, and what the report says."""
    made = audit(given.broken, rules=(rule,), cause_families=()).findings
    said = _said(rule, made)
    if given.fixed is None:
        printed = f"{_printed(given, made[0])}What is said of it:\n\n" if rule.id in PRINTED else ""
        return f"{given.told}{printed}{said}"
    table = in_table(differences(given.fixed, given.broken))
    return (
        f"{given.told}What stands there, and what is there when it is fixed:\n\n{table}\nWhat is said of it:\n\n{said}"
    )


def _printed(given: RuleInput, finding: Finding) -> str:
    """What calicoctl prints on a node that the finding is about; of an answer that was cut, as far as it came."""
    readings = given.broken.readings
    about = str(finding.subject)
    reading = next((each for each in readings if each.name is not None and each.name in about), readings[0])
    lines = render_node_status(reading.status, Layout.LEFT).stdout.rstrip("\n").split("\n")
    if finding.rule == "answer-incomplete":
        last_row = max(number for number, line in enumerate(lines) if line.startswith("| "))
        lines = lines[: last_row + 1]
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"... and {len(lines) - _LINES} more lines"]
    text = "\n".join(lines)
    return f"What {reading.name} prints:\n\n```text\n{text}\n```\n\n"


def _of_resources(rule: Rule) -> str:
    """Resources that a rule of the lint is about, and what fixes them; what differs in no field has no table."""
    parts, fixed, *version = CASES[rule.id][0]
    said = _said(rule, findings(*parts, version=version[0]) if version else findings(*parts))
    found = resource_differences(resources(*fixed), resources(*parts))
    if not found:
        return said
    return f"What stands in the resources, and what fixes it:\n\n{in_table(found)}\nWhat is said of it:\n\n{said}"


def _said(rule: Rule, made: Iterable[Finding]) -> str:
    """What the report says: the sentence, what it rests on, the next step."""
    style = TextStyle(width=_WIDTH)
    shown = Page(style)
    for group in grouped([finding for finding in made if finding.rule == rule.id])[:1]:
        finding_group(shown, group, style, one_family=True)
    text = shown.text().strip("\n")
    return f"```text\n{text}\n```\n"


def _messages(rule: Rule) -> str:
    """Every message, as what a program reads in `key` and what stands in the report, with the places in braces."""
    return "\n".join(f"- `{key}`: {_code(outline(template))}" for key, template in rule.messages.items())


def _code(text: str) -> str:
    """A code span; the text may hold backticks, and blanks at its ends."""
    mark = "``" if "`" in text else "`"
    return f"{mark} {text} {mark}" if text != text.strip() or "`" in text else f"{mark}{text}{mark}"


def index() -> str:
    """The list of all rules."""
    return _INDEX + _table(RULES) + _LINT + _table(LINT_RULES)


def _table(rules: Iterable[Rule]) -> str:
    return _HEADING + "".join(f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.title} |\n" for rule in rules)


def pages() -> dict[str, str]:
    """File name → text, for every page."""
    return {"index.md": index()} | {f"{rule.id}.md": page(rule) for rule in ALL_RULES}
