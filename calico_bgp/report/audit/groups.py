"""Puts findings that say the same of different nodes into one group. No colour and no layout in this file.

What findings say is compared as templates and values; no sentence is read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from calico_bgp.messages.merging import likeness, merged, sets_of_names
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding, Report, Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, SessionSubject
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.sanitize import plain

_SubjectT = TypeVar("_SubjectT")
#: How many entries of a list of names a merged message shows.
_NAMES_IN_MESSAGE = 2
#: Sessions between more nodes than this are written as a mesh when none is left out.
_FEWEST_OF_MESH = 3


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """What some findings are about, in one line.

    Attributes:
        text: `node1 <-> node[03-17] (IPv4 and IPv6)`.
        ends: The names that the line shows, for each end of sessions; None where it says more than names.
        families: The families that it names.
    """

    text: str
    ends: tuple[frozenset[str], ...] | None
    families: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one rule and severity that say the same of different things.

    Attributes:
        rule: Their rule.
        severity: Their severity.
        message: One sentence for all of them: what differs is written as a list, `node[01-17]`.
        lines: What they are about, in few lines.
        findings: The findings themselves, in the report's order.
    """

    rule: str
    severity: Severity
    message: str
    lines: tuple[SubjectLine, ...]
    findings: tuple[Finding, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """What they are about, in few lines."""
        return tuple(line.text for line in self.lines)

    def unsaid_lines(self, *, one_family: bool) -> list[str]:
        """The lines that say more than the message does.

        Args:
            one_family: Whether families need not be named, as there is only one.
        """
        messages = [finding.said for finding in self.findings if finding.said is not None]
        names_in_messages = set(sets_of_names(messages)) if messages else set()
        names_in_full = {names for names in names_in_messages if _is_short(names)}

        def is_said(line: SubjectLine) -> bool:
            if line.ends is None or not all(end in names_in_full for end in line.ends):
                return False
            return one_family or not line.families or line.families in names_in_full

        return [line.text for line in self.lines if not is_said(line)]


def _is_short(names: frozenset[str]) -> bool:
    """Whether a message shows all of them."""
    return len(names) == 1 or in_message(set(names)) == compress_names(names)


def in_message(names: set[str]) -> str:
    """Names as a merged message shows them: the first few entries."""
    return compress_names(names, limit=_NAMES_IN_MESSAGE)


def group_findings(report: Report, findings: Sequence[Finding] | None = None) -> list[FindingGroup]:
    """The report's findings (or some of them) in groups; groups and the findings in them keep the report's order."""
    return grouped(report.findings if findings is None else findings)


def grouped(findings: Sequence[Finding]) -> list[FindingGroup]:
    """Findings of any rules in groups; groups and the findings in them keep their order."""
    groups: defaultdict[Hashable, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.rule, finding.severity, _likeness(finding)].append(finding)
    return [
        FindingGroup(
            rule=members[0].rule,
            severity=members[0].severity,
            message=_message(members),
            lines=tuple(subject_lines(members)),
            findings=tuple(members),
        )
        for members in groups.values()
    ]


def _likeness(finding: Finding) -> Hashable:
    if finding.said is None:
        return finding.message, finding.next_step
    return likeness(finding.said, *finding.next_steps)


def _message(findings: Sequence[Finding]) -> str:
    messages = [finding.said for finding in findings if finding.said is not None]
    return plain(merged(messages, in_message) if messages else findings[0].message)


def compress_subjects(findings: Iterable[Finding]) -> list[str]:
    """What findings are about, in few lines: `node1 <-> node[03-17] (IPv4 and IPv6)`."""
    return [line.text for line in subject_lines(findings)]


def subject_lines(findings: Iterable[Finding]) -> list[SubjectLine]:
    """The same with the names that each line shows."""
    others: dict[str, None] = {}
    nodes: defaultdict[str, set[Family | None]] = defaultdict(set)
    sessions: defaultdict[tuple[str, str], set[Family | None]] = defaultdict(set)
    cluster: set[Family | None] = set()
    for finding in findings:
        subject = finding.subject
        match subject:
            case NodeSubject():
                nodes[subject.node].add(subject.family)
            case SessionSubject():
                sessions[subject.a, subject.b].add(subject.family)
            case ClusterSubject():
                cluster.add(subject.family)
            case _:
                others.setdefault(str(subject))
    lines = []
    for families, members in _by_families(nodes):
        lines.append(SubjectLine(compress_names(members) + _in_brackets(families), (frozenset(members),), families))
    for families, pairs in _by_families(sessions):
        label = _in_brackets(families)
        ends = {end for pair in pairs for end in pair}
        if len(ends) > _FEWEST_OF_MESH and len(pairs) == len(ends) * (len(ends) - 1) // 2:
            lines.append(SubjectLine(f"every two of {compress_names(ends)}{label}", None))
            continue
        for centres, far in _stars(pairs):
            text = f"{compress_names(centres)} <-> {compress_names(far)}{label}"
            lines.append(SubjectLine(text, (frozenset(centres), frozenset(far)), families))
    if None in cluster:
        lines.append(SubjectLine("the cluster", ()))
    labels = frozenset(family.label for family in cluster if family is not None)
    if labels:
        lines.append(SubjectLine(f"cluster{_in_brackets(labels)}", (), labels))
    if others:
        lines.append(SubjectLine(compress_names(others), (frozenset(others),)))
    return lines


def _by_families(
    subjects: dict[_SubjectT, set[Family | None]],
) -> list[tuple[frozenset[str], list[_SubjectT]]]:
    """Subjects that share their families, with the names of these families."""
    groups: defaultdict[frozenset[str], list[_SubjectT]] = defaultdict(list)
    for subject, families in subjects.items():
        groups[frozenset(family.label for family in families if family is not None)].append(subject)
    return list(groups.items())


def _in_brackets(families: frozenset[str]) -> str:
    return f" ({' and '.join(sorted(families))})" if families else ""


def _stars(pairs: list[tuple[str, str]]) -> list[tuple[list[str], frozenset[str]]]:
    """Sessions as few pairs of lists: nodes with most sessions first; those with the same neighbours share a line."""
    stars: dict[frozenset[str], list[str]] = {}
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    for centre, _ in sorted(Counter({n: len(s) for n, s in neighbours.items()}).items(), key=lambda e: (-e[1], e[0])):
        neighbours_left = neighbours[centre]
        if not neighbours_left:
            continue
        for neighbour in neighbours_left:
            neighbours[neighbour].discard(centre)
        stars.setdefault(frozenset(neighbours_left), []).append(centre)
        neighbours[centre] = set()
    return [(centres, neighbours_left) for neighbours_left, centres in stars.items()]
