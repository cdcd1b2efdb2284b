"""What a rule is: a small function with its metadata. The rules are in observed/ and resources/."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.failures import Failure, sheltered
from calico_bgp.messages.declared import Given, message_of
from calico_bgp.messages.formatter import render
from calico_bgp.messages.steps import Steps, as_line, as_steps
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import Subject, stable_id

#: Fields of a subject that say where it stands, and not what it is.


class Draft:
    """What a check found; the engine makes the Finding of it.

    Attributes:
        subject: What it is about.
        key: Which of the rule's messages says it.
        values: What stands in the places of the message.
        evidence: The rows and facts it rests on.
        next_steps: What to run or do, and where, one after the other.
        severity: Where it differs from the rule's own.
    """

    def __init__(
        self,
        subject: Subject,
        key: str,
        evidence: Sequence[str] = (),
        next_step: Steps | None = None,
        severity: Severity | None = None,
        **values: Given,
    ) -> None:
        self.subject = subject
        self.key = key
        self.values = values
        self.evidence = tuple(evidence)
        self.next_steps = as_steps(next_step)
        self.severity = severity


Check = Callable[[Cluster], Iterator[Draft]]


@dataclass(frozen=True)
class Rule:
    """A rule with its documentation.

    Attributes:
        id: Its name everywhere: in JSON, in calico-bgp.toml, as `docs/rules/<id>.md`.
        severity: How bad its findings are, unless a finding says otherwise.
        title: A few words.
        meaning: What it means for the cluster, and the source of the rule.
        evidence: What a finding rests on.
        action: What to do.
        messages: Key → template (messages.formatter) of everything that it may say.
        check: The function.
        shape_only: Whether it judges by the shape of the sessions alone, and so is silent where Calico's resources say
            what should be.
    """

    id: str
    severity: Severity
    title: str
    meaning: str
    evidence: str
    action: str
    messages: Mapping[str, str]
    check: Check
    shape_only: bool = False

    def findings(self, cluster: Cluster) -> Iterator[Finding]:
        """Run the check. A rule says one thing about one subject: the worst, with the rest as its evidence.

        A check that fails, or lacks what it needs, has not judged everything; what it said before stands.
        """
        by_id: dict[str, Finding] = {}
        with sheltered(failed_rule(self.id), matters=True):
            for draft in self.check(cluster):
                finding = self._finding(draft)
                key = finding.id
                by_id[key] = _merged(by_id[key], finding) if key in by_id else finding
        yield from by_id.values()

    def _finding(self, draft: Draft) -> Finding:
        message = message_of(self.messages, draft.key, draft.values)
        return Finding(
            id=stable_id(self.id, (draft.subject,)),
            rule=self.id,
            severity=draft.severity or self.severity,
            subject=draft.subject,
            message=render(message),
            key=draft.key,
            said=message,
            evidence=draft.evidence,
            next_step=as_line(draft.next_steps),
            next_steps=draft.next_steps,
        )


def failed_rule(rule_id: str) -> str:
    """What a report calls a rule that failed."""
    return f"rule {rule_id}"


def without_failed(rules: Sequence[Rule], failures: Sequence[Failure]) -> tuple[Rule, ...]:
    """The rules that ran to their end: neither failed nor lacked what they need."""
    failed = {failure.what for failure in failures}
    return tuple(rule for rule in rules if failed_rule(rule.id) not in failed)


def _merged(first: Finding, second: Finding) -> Finding:
    """Two findings about one subject as one; what is less bad, or came later, only adds evidence."""
    lead, other = (second, first) if second.severity.rank < first.severity.rank else (first, second)
    more = (other.message, *other.evidence)
    evidence = (*lead.evidence, *(line for line in dict.fromkeys(more) if line not in lead.evidence))
    of = lead if lead.next_steps else other
    return replace(lead, evidence=evidence, next_step=of.next_step, next_steps=of.next_steps)


def rule(
    rule_id: str,
    severity: Severity,
    *,
    title: str,
    meaning: str,
    evidence: str,
    action: str,
    messages: Mapping[str, str],
    shape_only: bool = False,
) -> Callable[[Check], Rule]:
    """Make a Rule of a function that yields drafts. A draft names one of `messages` and gives its values."""

    def make(check: Check) -> Rule:
        return Rule(rule_id, severity, title, meaning, evidence, action, messages, check, shape_only)

    return make
