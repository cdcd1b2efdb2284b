"""Puts findings that say the same of different nodes into one group. No colour and no layout in this file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from calico_bgp.model.peer import Family
from calico_bgp.model.report import ClusterSubject, Finding, NodeSubject, Report, SessionSubject, Severity
from calico_bgp.report.names import compress_names
from calico_bgp.report.sanitize import plain

_SubjectT = TypeVar("_SubjectT")
_WORD = re.compile(r"\S+")
_PUNCTUATION = ".,:;!?()[]{}<>'\"`"
_FAMILIES = {family.label for family in Family}
_NUMBER = re.compile(r"\d[\d:.\-]*")
#: How many entries of a list of names a merged message shows.
_NAMES_IN_MESSAGE = 2
#: Sessions between more nodes than this are written as a mesh when none is left out.
_FEWEST_OF_MESH = 3


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one rule and severity whose messages differ only in names, addresses, families and numbers.

    Attributes:
        rule: Their rule.
        severity: Their severity.
        message: One sentence for all of them: what differs is written as a list, `node[01-17]`.
        subjects: What they are about, in few lines.
        findings: The findings themselves, in the report's order.
    """

    rule: str
    severity: Severity
    message: str
    subjects: tuple[str, ...]
    findings: tuple[Finding, ...]


def group_findings(report: Report) -> list[FindingGroup]:
    """The report's findings in groups; groups and the findings in them keep the report's order."""
    names = {node.name for node in report.topology.nodes}
    names |= {str(address) for node in report.topology.nodes for address in node.addresses}
    names |= {str(address) for address in report.topology.unclaimed}
    for finding in report.findings:
        names |= _ends(finding)
    groups: defaultdict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        step = _shape(finding.next_step or "", names)
        groups[finding.rule, finding.severity, _shape(finding.message, names), step].append(finding)
    return [
        FindingGroup(
            rule=members[0].rule,
            severity=members[0].severity,
            message=merge_messages([f.message for f in members], names),
            subjects=tuple(compress_subjects(members)),
            findings=tuple(members),
        )
        for members in groups.values()
    ]


def _ends(finding: Finding) -> set[str]:
    subject = finding.subject
    match subject:
        case NodeSubject():
            return {subject.node}
        case SessionSubject():
            return {subject.a, subject.b}
        case _:
            return {str(subject)}


def _words(text: str, names: set[str]) -> list[tuple[str, str, str, str]]:
    """Each word as (what stands before its core, core, what stands after, kind); no kind: the word must agree."""
    words = []
    for match in _WORD.finditer(text):
        word = match.group()
        core = word.strip(_PUNCTUATION)
        start = word.index(core) if core else 0
        kind = ""
        if core in names:
            kind = "name"
        elif core in _FAMILIES:
            kind = "family"
        elif _NUMBER.fullmatch(core):
            kind = "number"
        words.append((word[:start], core, word[start + len(core) :], kind))
    return words


def _shape(text: str, names: set[str]) -> tuple[str, ...]:
    return tuple(before + (kind or core) + after for before, core, after, kind in _words(text, names))


def merge_messages(messages: Sequence[str], names: set[str]) -> str:
    """One sentence for messages of one shape; the values that differ become lists."""
    if len(set(messages)) == 1:
        return plain(messages[0])
    merged = []
    for column in zip(*(_words(message, names) for message in messages), strict=True):
        before, core, after, kind = column[0]
        values = {word[1] for word in column}
        if len(values) > 1:
            core = _merge_values(values, kind)
        merged.append(before + core + after)
    return plain(" ".join(merged))


def _merge_values(values: set[str], kind: str) -> str:
    if kind == "family":
        return " and ".join(sorted(values))
    if kind == "number":
        whole = sorted(int(v) for v in values if v.isdecimal())
        return f"{whole[0]}-{whole[-1]}" if len(whole) == len(values) else "(various)"
    return compress_names(values, limit=_NAMES_IN_MESSAGE)


def compress_subjects(findings: Iterable[Finding]) -> list[str]:
    """What findings are about, in few lines: `node1 <-> node[03-17] (IPv4 and IPv6)`."""
    plain_subjects: dict[str, None] = {}
    nodes: defaultdict[str, set[Family | None]] = defaultdict(set)
    sessions: defaultdict[tuple[str, str], set[Family | None]] = defaultdict(set)
    for finding in findings:
        subject = finding.subject
        match subject:
            case NodeSubject():
                nodes[subject.node].add(subject.family)
            case SessionSubject():
                sessions[subject.a, subject.b].add(subject.family)
            case ClusterSubject(family=None):
                plain_subjects.setdefault("the cluster")
            case _:
                plain_subjects.setdefault(plain(str(subject)))
    lines = []
    for families, members in _by_families(nodes):
        lines.append(compress_names(members) + families)
    for families, pairs in _by_families(sessions):
        ends = {end for pair in pairs for end in pair}
        if len(ends) > _FEWEST_OF_MESH and len(pairs) == len(ends) * (len(ends) - 1) // 2:
            lines.append(f"every two of {compress_names(ends)}{families}")
            continue
        lines += [f"{one} <-> {others}{families}" for one, others in _stars(pairs)]
    if plain_subjects:
        lines.append(compress_names(plain_subjects))
    return lines


def _by_families(subjects: dict[_SubjectT, set[Family | None]]) -> list[tuple[str, list[_SubjectT]]]:
    """Subjects that share their families, with the words for these families."""
    groups: defaultdict[str, list[_SubjectT]] = defaultdict(list)
    for subject, families in subjects.items():
        labels = " and ".join(sorted(family.label for family in families if family is not None))
        groups[f" ({labels})" if labels else ""].append(subject)
    return list(groups.items())


def _stars(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sessions as few pairs of lists: whoever has most sessions first; ends with the same far ends share a line."""
    stars: dict[frozenset[str], list[str]] = {}
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    for centre, _ in sorted(Counter({n: len(s) for n, s in neighbours.items()}).items(), key=lambda e: (-e[1], e[0])):
        others = neighbours[centre]
        if not others:
            continue
        for other in others:
            neighbours[other].discard(centre)
        stars.setdefault(frozenset(others), []).append(centre)
        neighbours[centre] = set()
    return [(compress_names(centres), compress_names(others)) for others, centres in stars.items()]
