"""The rules of the audit and of the lint together: what calico-bgp.toml and `--explain` may name."""

from __future__ import annotations

from calico_bgp.rules.observed import RULES
from calico_bgp.rules.resources import LINT_RULES
from calico_bgp.rules.rule import Rule

ALL_RULES: tuple[Rule, ...] = (*RULES, *LINT_RULES)
ALL_IDS = frozenset(rule.id for rule in ALL_RULES)
