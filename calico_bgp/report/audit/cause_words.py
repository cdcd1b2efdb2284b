"""How sure a cause is and what a fix risks, in words: one wording for every form of report."""

from __future__ import annotations

from calico_bgp.model.cause import Confidence, Risk

CONFIDENCE_WORDS = {
    Confidence.CERTAIN: "Calico's resources, or the node itself, say so",
    Confidence.LIKELY: "what both ends show agrees with it, and with nothing else that is known",
    Confidence.POSSIBLE: "one end shows it, or something else fits as well: see what would decide it",
}
RISK_WORDS = {
    Risk.NONE: "none: no session that stands is touched",
    Risk.RESTARTS_SESSIONS: "restarts sessions: they end and come again, graceful restart keeps most routes meanwhile",
    Risk.INTERRUPTS_TRAFFIC: "interrupts traffic: routes that are there go for a while",
}
#: The same, where there is room for a few words only.
RISK_IN_SHORT = {
    Risk.NONE: "touches nothing that works",
    Risk.RESTARTS_SESSIONS: "restarts sessions",
    Risk.INTERRUPTS_TRAFFIC: "interrupts traffic",
}
