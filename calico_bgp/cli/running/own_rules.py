"""The rules of installed packages, for the commands that judge. What cannot be used is told once, on standard error."""

from __future__ import annotations

from functools import cache

import click

from calico_bgp.plugins import AUDIT_GROUP, LINT_GROUP, installed_rules
from calico_bgp.report.text.sanitize import plain
from calico_bgp.rules.rule import Rule


@cache
def own_rules() -> tuple[Rule, ...]:
    """Those of the audit."""
    return _found(AUDIT_GROUP)


@cache
def own_lint_rules() -> tuple[Rule, ...]:
    """Those of the lint."""
    return _found(LINT_GROUP)


def _found(group: str) -> tuple[Rule, ...]:
    found = installed_rules(group)
    for problem in found.problems:
        click.echo(f"calico-bgp: {plain(problem)}", err=True)
    return found.rules
