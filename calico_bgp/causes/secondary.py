"""Findings that say what other findings cost. Judges nothing."""

from __future__ import annotations

from calico_bgp.model.reports.report import Finding

#: Findings about what other findings cost the cluster. They lead to no cause; the causes of the sessions explain them.
_SECONDARY = frozenset(
    {
        "no-working-reflector",
        "fewer-than-two-reflectors",
        "client-single-reflector",
        "reflectors-not-peered",
        "resources-questionable",
    }
)


def is_secondary(finding: Finding) -> bool:
    """Whether a finding says what other findings cost the cluster, so that their causes explain it."""
    return finding.rule in _SECONDARY
