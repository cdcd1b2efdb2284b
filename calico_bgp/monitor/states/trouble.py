"""What a report says is wrong, as the watcher follows it from poll to poll: a cause, or a finding without one."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.reports.cause import Cause, Confidence
from calico_bgp.model.reports.report import Finding, Report, Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject, Subject


class TroubleType(StrEnum):
    """Where it comes from."""

    CAUSE = "cause"
    FINDING = "finding"


@dataclass(frozen=True, slots=True, config=VALUES)
class Trouble:
    """One thing that is wrong.

    Attributes:
        id: The cause's or the finding's own: the same trouble has the same id in the next report.
        type: A cause, or a finding that no cause explains.
        kind: The kind of the cause, or the rule of the finding: the name of its page.
        subject: Whose trouble it is, in words.
        ends: The nodes of each subject: one for a node, two for a session, none for what is no node's.
        headline: The report's own sentence.
        severity: How bad.
        confidence: How sure a cause is; None for a finding.
        routes_lost: How many routes are lost because of it; None where that is not known, and for a finding.
        rules: The rules whose findings it rests on: where one of them did not run, its absence proves nothing.
    """

    id: str
    type: TroubleType
    kind: str
    subject: str
    ends: tuple[tuple[str, ...], ...]
    headline: str
    severity: Severity
    confidence: Confidence | None = None
    routes_lost: int | None = None
    rules: tuple[str, ...] = ()

    @property
    def is_urgent(self) -> bool:
        """Whether it is certain and routes are lost: such a cause is not waited for."""
        return self.confidence is Confidence.CERTAIN and bool(self.routes_lost)

    @property
    def nodes(self) -> frozenset[str]:
        """Every node that it is about."""
        return frozenset(name for names in self.ends for name in names)


def troubles_of(report: Report) -> tuple[Trouble, ...]:
    """All that a report says is wrong: its causes, and the errors and warnings that none of them explains."""
    by_id = {finding.id: finding for finding in report.findings}
    troubles = [_of_cause(cause, by_id) for cause in report.causes if cause.severity is not Severity.INFO]
    troubles += [_of_finding(finding) for finding in report.unexplained]
    # Two findings of one rule and subject have one id; the first is the worst.
    return tuple({trouble.id: trouble for trouble in reversed(troubles)}.values())[::-1]


def _of_cause(cause: Cause, by_id: dict[str, Finding]) -> Trouble:
    return Trouble(
        id=cause.id,
        type=TroubleType.CAUSE,
        kind=cause.kind,
        subject=", ".join(str(subject) for subject in cause.subjects) or "cluster",
        ends=tuple(_ends(cause.subjects)),
        headline=cause.title,
        severity=cause.severity,
        confidence=cause.confidence,
        routes_lost=cause.routes_lost,
        rules=tuple(sorted({by_id[identity].rule for identity in cause.findings if identity in by_id})),
    )


def _of_finding(finding: Finding) -> Trouble:
    return Trouble(
        id=finding.id,
        type=TroubleType.FINDING,
        kind=finding.rule,
        subject=str(finding.subject),
        ends=tuple(_ends((finding.subject,))),
        headline=finding.message,
        severity=finding.severity,
        rules=(finding.rule,),
    )


def _ends(subjects: tuple[Subject, ...]) -> Iterator[tuple[str, ...]]:
    for subject in subjects:
        match subject:
            case NodeSubject(node=node):
                yield (node,)
            case SessionSubject(a=a, b=b):
                yield (a, b)
            case _:
                yield ()
