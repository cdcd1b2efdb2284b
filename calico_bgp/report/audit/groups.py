"""Puts findings that say the same of different nodes into one group. No colour and no layout in this file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from calico_bgp.model.peer import Family
from calico_bgp.model.report import Finding, Report, Severity
from calico_bgp.model.subject import ClusterSubject, NodeSubject, ResourceSubject, SessionSubject
from calico_bgp.natural_order import natural_key
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.sanitize import plain
from calico_bgp.upstream import BIRD6_SOCKET, BIRD_SOCKET

_SubjectT = TypeVar("_SubjectT")
_WORD = re.compile(r"\S+")
_PUNCTUATION = ".,:;!?()[]{}<>'\"`"
_FAMILIES = {family.label for family in Family}
#: Programs and sockets that have a name per family: the IPv6 one says the same of another table.
_PER_FAMILY = {"birdc", "birdc6", "birdcl", "birdcl6", BIRD_SOCKET, BIRD6_SOCKET}
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


def group_findings(report: Report, findings: Sequence[Finding] | None = None) -> list[FindingGroup]:
    """The report's findings (or some of them) in groups; groups and the findings in them keep the report's order."""
    return group_by_shape(report.findings if findings is None else findings, names_of(report))


def names_of(report: Report) -> set[str]:
    """What may differ between messages that say the same: the names and addresses of nodes."""
    names = {node.name for node in report.topology.nodes}
    names |= {str(address) for node in report.topology.nodes for address in node.addresses}
    return names | {str(address) for address in report.topology.unclaimed}


def shape_of(message: str, names: set[str]) -> tuple[object, ...]:
    """What a message says, whoever it is about: messages of one shape can be merged."""
    return tuple(_Shape(names).add(message).words)


def group_by_shape(findings: Sequence[Finding], names: set[str] | None = None) -> list[FindingGroup]:
    """Findings in groups; groups and the findings in them keep their order.

    Args:
        findings: Of any rules.
        names: What may differ within a group, apart from the subjects' own names, families and numbers.
    """
    names = (names or set()).union(*map(_ends, findings))
    groups: defaultdict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        shape = tuple(_Shape(names).add(finding.message).add(finding.next_step or "").words)
        groups[finding.rule, finding.severity, shape].append(finding)
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
        case ResourceSubject():
            return {subject.name}
        case _:
            return {str(subject)}


class _Shape:
    """A message taken apart: words that must agree, and places for what may differ.

    Names get numbers in the order of their first appearance, so that "a and b: a ended it" and "a and b: b ended it"
    have different shapes. A second text (the next step) goes on with the numbers of the first.
    """

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._numbers: dict[str, int] = {}
        self.words: list[tuple[str, str, str]] = []
        self.values: list[tuple[str, str]] = []

    def add(self, text: str) -> _Shape:
        for match in _WORD.finditer(text):
            word = match.group()
            core = word.strip(_PUNCTUATION)
            start = word.index(core) if core else 0
            kind = self._kind(core)
            self.words.append((word[:start], kind or core, word[start + len(core) :]))
            if kind:
                self.values.append((kind, core))
        return self

    def _kind(self, core: str) -> str:
        if core in self._names:
            return f"<name {self._numbers.setdefault(core, len(self._numbers))}>"
        if core in _FAMILIES:
            return "<family>"
        if core in _PER_FAMILY:
            return "<program>"
        return "<number>" if _NUMBER.fullmatch(core) else ""


def merge_messages(messages: Sequence[str], names: set[str]) -> str:
    """One sentence for messages of one shape; the values that differ become lists."""
    if len(set(messages)) == 1:
        return plain(messages[0])
    shapes = [_Shape(names).add(message) for message in messages]
    # A name stands for the same end wherever it appears; a number only for its own place.
    places: list[set[str]] = [
        {value for _, value in column} for column in zip(*(s.values for s in shapes), strict=True)
    ]
    kinds = [kind for kind, _ in shapes[0].values]
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for kind, values in zip(kinds, places, strict=True):
        by_name[kind] |= values
    texts = iter(
        _merge_values(by_name[kind] if kind.startswith("<name") else values, kind)
        for kind, values in zip(kinds, places, strict=True)
    )
    merged = [before + (next(texts) if core in by_name else core) + after for before, core, after in shapes[0].words]
    return plain(" ".join(merged))


def _merge_values(values: set[str], kind: str) -> str:
    if len(values) == 1:
        return next(iter(values))
    if kind == "<family>":
        return " and ".join(sorted(values))
    if kind == "<number>":
        whole = sorted((v for v in values if v.isdecimal()), key=natural_key)
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
