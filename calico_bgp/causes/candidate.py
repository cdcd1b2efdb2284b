"""What a family of causes offers: one possible explanation of findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence, Decision, Fix
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.subject import Subject


@dataclass(frozen=True)
class Detail:
    """What is said of a candidate that was chosen; its fields are those of the candidate.

    It is made last, as it takes most time, and one fault can have thousands of candidates, of which one is chosen.
    """

    explanation: str
    evidence: tuple[str, ...] = ()
    decide: tuple[Decision, ...] = ()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """One possible explanation. A family offers it only where everything that it predicts is seen.

    Attributes:
        kind: Which kind of cause; the family that yields it declares it.
        subjects: Who is at fault.
        title: One sentence: a message that its kind declares, or one that a finding says.
        confidence: How sure.
        explains: The ids of the findings it accounts for.
        explanation: How that leads to what is seen.
        evidence: What speaks for it.
        keys: The sessions that are down because of it.
        decide: What would make it sure.
        fixes: What fixes it.
        costs: What it costs, in words, where the routes of sessions that are down do not tell.
        routes_lost: How many routes it costs, where `costs` says so.
        what: What happened in a few words, where its kind says too little.
        detail: Gives what is said of it once it is chosen: explanation, evidence, `decide` and fixes.
    """

    kind: str
    subjects: tuple[Subject, ...]
    title: Words | Message
    confidence: Confidence
    explains: frozenset[str]
    explanation: str = ""
    evidence: tuple[str, ...] = ()
    keys: frozenset[SessionKey] = frozenset()
    decide: tuple[Decision, ...] = ()
    fixes: tuple[Fix, ...] = ()
    costs: str | None = None
    routes_lost: int | None = None
    what: str | None = None
    detail: Callable[[], Detail] | None = None

    @cached_property
    def name(self) -> tuple[str, str]:
        """Its kind, and who is at fault: the order of candidates that are worth the same."""
        return self.kind, " ".join(map(str, self.subjects))

    def in_full(self) -> Candidate:
        """The same, with its detail."""
        if self.detail is None:
            return self
        detail = self.detail()
        return replace(
            self,
            explanation=detail.explanation,
            evidence=detail.evidence,
            decide=detail.decide,
            fixes=detail.fixes,
            detail=None,
        )
