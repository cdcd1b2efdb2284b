"""How sure a cause is and what a fix risks, in words: one wording for every form of report."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp.model.reports.cause import Cause, Confidence, Fix, Risk

CONFIDENCE_WORDS = {
    Confidence.CERTAIN: "Calico's resources, or the node itself, say so",
    Confidence.LIKELY: "what both ends show agrees with it, and with nothing else that is known",
    Confidence.POSSIBLE: "one end shows it, or something else fits as well: see what would decide it",
}


def risk_words(fix: Fix) -> str:
    """What a fix does to what works."""
    match fix.risk:
        case Risk.NONE:
            return "none: no session that stands is touched"
        case Risk.RESTARTS_SESSIONS:
            if fix.restarts == 0:
                return _restarts(fix)
            return f"{_restarts(fix)}: they end and come again, graceful restart keeps most routes meanwhile"
        case Risk.INTERRUPTS_TRAFFIC:
            return f"interrupts traffic: routes that are there go for a while; {_restarts(fix)}"


def risk_in_short(fix: Fix) -> str:
    """The same, where there is room for a few words only."""
    match fix.risk:
        case Risk.NONE:
            return "touches nothing that works"
        case Risk.RESTARTS_SESSIONS:
            return _restarts(fix)
        case Risk.INTERRUPTS_TRAFFIC:
            return f"interrupts traffic, {_restarts(fix)}"


def costs_words(causes: Sequence[Cause]) -> str | None:
    """What causes that are alike cost: in the words of the first of them; None where that is not known."""
    costs = causes[0].costs
    if costs is None or len(causes) == 1:
        return costs
    return f"{costs} ({'each' if {cause.costs for cause in causes} == {costs} else f'the first of {len(causes):,}'})"


def _restarts(fix: Fix) -> str:
    match fix.restarts:
        case None:
            return "restarts sessions"
        case 0:
            return "restarts sessions, of which none is up"
        case 1:
            return "restarts 1 session that is up"
    return f"restarts {fix.restarts:,} sessions that are up"
