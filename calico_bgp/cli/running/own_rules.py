"""The rules of installed packages, for commands that judge. One that cannot be used is reported once, on stderr."""

from __future__ import annotations

from functools import cache

import click

from calico_bgp.plugins import AUDIT_GROUP, LINT_GROUP, installed_rules
from calico_bgp.report.text.sanitize import plain
from calico_bgp.rules.rule import Rule


@cache
def own_rules() -> tuple[Rule, ...]:
    """Those of the audit."""
    return _installed(AUDIT_GROUP)


@cache
def own_lint_rules() -> tuple[Rule, ...]:
    """Those of the lint."""
    return _installed(LINT_GROUP)


def _installed(group: str) -> tuple[Rule, ...]:
    installed = installed_rules(group)
    for problem in installed.problems:
        click.echo(f"calico-bgp: {plain(problem)}", err=True)
    return installed.rules
