"""The problems of a report: where, what, how many routes, how sure, what fixes it. No layout in this file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from calico_bgp.messages.merging import likeness, merged
from calico_bgp.messages.words import count, several_of
from calico_bgp.model.reports.cause import Cause, Fix
from calico_bgp.model.reports.report import BLIND_RULES, Finding, NotRead, Report, Severity
from calico_bgp.model.reports.subject import NodeSubject, Subject
from calico_bgp.natural_order import natural_key
from calico_bgp.report.audit.groups import FindingGroup, group_findings, in_message
from calico_bgp.report.text.sanitize import plain
from calico_bgp.rules.catalogue import ALL_RULES

_TITLES = {rule.id: rule.title for rule in ALL_RULES}
#: What can be counted of the labels of fixes: three hosts are started, and the network is fixed once.
_COUNTABLE = ("host", "pod", "peer", "Node")
#: Kind of subject → what it is called; what is not here, or several of them together, are places.
_NOUNS = {"node": "node", "session": "session", "address": "address", "resource": "resource"}
_PLACE = "place"
#: What stands where no cause is known, and so no fix.
_SEE = "see explain"


class Mark(Enum):
    """How bad a problem is, in one character: (symbol, ASCII symbol, colour). The order is the worst first."""

    LOST = ("✗", "x", "bold red")
    WARNING = ("!", "!", "bold yellow")
    UNKNOWN = ("?", "?", "bold yellow")
    INFO = ("i", "i", "bold cyan")

    @property
    def style(self) -> str:
        """Its colour, in rich's words."""
        return self.value[2]

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Mark).index(self)

    def symbol(self, *, unicode: bool) -> str:
        """One character."""
        return self.value[0] if unicode else self.value[1]


_SEVERITIES = {Severity.ERROR: Mark.LOST, Severity.WARNING: Mark.WARNING, Severity.INFO: Mark.INFO}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong for one reason, at one or many places.

    Attributes:
        mark: How bad.
        names: Where: nodes, or sessions, addresses, resources; natural order.
        noun: What the names are: `node`, `session`, `address`, `resource`; `place` where they are of several kinds.
        what: What, in a few words.
        title: One sentence for all of it.
        starts_with_name: Whether the title starts with a name, which keeps its small letter.
        routes_lost: How many routes are lost; None where that is not known.
        is_at_most: Whether several causes lose routes, of which some may be the same: the number is their sum, and no
            more than all that are missing.
        sure: `certain`, `likely`, `possible`; empty where no cause is known.
        fix: What fixes it, in a few words.
        causes: The causes, alike; empty where none is known.
        group: The findings that no cause explains.
        not_read: The nodes that were not read, where that is the problem.
        example: What is said of the first of them.
    """

    mark: Mark
    names: tuple[str, ...]
    what: str
    title: str
    noun: str = _PLACE
    starts_with_name: bool = False
    routes_lost: int | None = None
    is_at_most: bool = False
    sure: str = ""
    fix: str = ""
    causes: tuple[Cause, ...] = ()
    group: FindingGroup | None = None
    not_read: NotRead | None = None
    example: Finding | None = None


def problems_of(report: Report) -> tuple[Problem, ...]:
    """The problems, the worst first; of equally bad ones those that lose the most routes, then by name."""
    most_routes = routes_not_there(report) if report.reachability else None
    of_causes = [_of_causes(causes, most_routes) for causes in _alike(report.causes)]
    problems = [*of_causes, *_not_read(report), *_not_explained(report)]
    return tuple(sorted(problems, key=_order))


def routes_not_there(report: Report) -> int:
    """How many routes are missing, or may be: no more can be lost for one reason."""
    return sum(of_family.missing + of_family.unknown for of_family in report.reachability)


def lost_words(problem: Problem, *, unicode: bool = True) -> str:
    """How many routes it loses, for a cell: `592`, `≤1,184` where some may be counted twice, `?` where nobody knows."""
    if problem.routes_lost is None:
        return "?"
    at_most = ("≤" if unicode else "<=") if problem.is_at_most else ""
    return f"{at_most}{problem.routes_lost:,}"


def _order(problem: Problem) -> tuple[object, ...]:
    first = natural_key(problem.names[0]) if problem.names else ()
    return problem.mark.rank, -(problem.routes_lost or 0), first, problem.what


def _alike(causes: Iterable[Cause]) -> Iterator[tuple[Cause, ...]]:
    """Causes that are one row: the same happened, as surely and as badly, at several places."""
    groups: defaultdict[Hashable, list[Cause]] = defaultdict(list)
    for cause in causes:
        groups[cause.kind, cause.what, cause.confidence, cause.severity].append(cause)
    return map(tuple, groups.values())


def _of_causes(causes: Sequence[Cause], most_routes: int | None) -> Problem:
    first = causes[0]
    names = tuple(sorted({name for cause in causes for name in cause.where}, key=natural_key))
    routes_lost = [cause.routes_lost for cause in causes]
    known_numbers = [number for number in routes_lost if number is not None]
    several = sum(number > 0 for number in known_numbers) > 1
    total = min(sum(known_numbers), most_routes) if several and most_routes is not None else sum(known_numbers)
    return Problem(
        mark=_mark(first),
        names=names,
        what=first.what or first.kind,
        title=title_of(causes),
        noun=_noun(subject for cause in causes for subject in cause.subjects),
        starts_with_name=_starts_with_name(causes, names),
        routes_lost=None if None in routes_lost else total,
        is_at_most=several,
        sure=str(first.confidence),
        fix=_label([cause.fixes[0] for cause in causes if cause.fixes]),
        causes=tuple(causes),
    )


def _mark(cause: Cause) -> Mark:
    if cause.severity is Severity.ERROR:
        return Mark.LOST
    if cause.severity is Severity.WARNING:
        return Mark.UNKNOWN if cause.routes_lost is None and not cause.sessions else Mark.WARNING
    return Mark.INFO


def title_of(causes: Sequence[Cause]) -> str:
    """One sentence for causes that are alike."""
    messages = [cause.said for cause in causes if cause.said is not None]
    if len(messages) == len(causes) and len({likeness(message) for message in messages}) == 1:
        return plain(merged(messages, in_message))
    if len(causes) == 1:
        return plain(causes[0].title)
    names = {name for cause in causes for name in cause.where}
    return f"{causes[0].what}: {in_message(names)}"


def _starts_with_name(causes: Sequence[Cause], names: Sequence[str]) -> bool:
    """By the template of their title; of a report that was read from JSON, and has none, by the names."""
    message = causes[0].said
    return message.template.startswith("{") if message is not None else causes[0].title.startswith(tuple(names))


def _noun(subjects: Iterable[Subject]) -> str:
    """What subjects are called together."""
    kinds = {subject.kind for subject in subjects}
    return _NOUNS.get(kinds.pop(), _PLACE) if len(kinds) == 1 else _PLACE


def _label(fixes: Sequence[Fix]) -> str:
    """The label of fixes that are alike: `start host`, `start hosts`, `3 commands`."""
    if not fixes:
        return "none from here"
    label = fixes[0].label
    if len(fixes) == 1:
        return label
    if all(fix.label == count(len(fix.steps), "command") for fix in fixes):
        return count(sum(len(fix.steps) for fix in fixes), "command")
    if len({fix.label for fix in fixes}) > 1:
        return _SEE
    return several_of(label) if label.endswith(_COUNTABLE) else label


def _not_read(report: Report) -> Iterator[Problem]:
    """The nodes that were not read, by reason; without those of which a cause speaks."""
    explained: set[str | None] = {name for cause in report.causes for name in cause.where}
    explained |= {_node(f) for f in report.findings if f.rule in BLIND_RULES and f.cause_id is not None}
    findings = {_node(finding): finding for finding in report.findings if finding.rule in BLIND_RULES}
    accepted = {
        item.finding.subject.node
        for item in report.ignored
        if item.finding.rule in BLIND_RULES and isinstance(item.finding.subject, NodeSubject)
    }
    for group in report.not_read:
        nodes = tuple(node for node in group.nodes if node not in explained and node not in accepted)
        if nodes:
            unexplained_group = group.model_copy(update={"nodes": nodes})
            yield Problem(
                mark=Mark.UNKNOWN,
                names=nodes,
                what=f"not read: {plain(group.reason)}",
                title=f"{count(len(nodes), 'node')} not read: {plain(group.reason)}",
                noun="node",
                sure="certain",
                fix="1 option" if group.option else _SEE,
                not_read=unexplained_group,
                example=findings.get(nodes[0]),
            )


def not_explained(report: Report) -> list[Finding]:
    """The findings that no cause accounts for, without those that only say that a node was not read."""
    blind = {name for group in report.not_read for name in group.nodes}
    return [f for f in report.unexplained if not (f.rule in BLIND_RULES and _node(f) in blind)]


def _not_explained(report: Report) -> Iterator[Problem]:
    titles = _TITLES | {rule.id: rule.title for rule in report.checked.own_rules}
    for group in group_findings(report, not_explained(report)):
        names = {name for finding in group.findings for name in _names(finding)}
        yield Problem(
            mark=_SEVERITIES[group.severity] if group.rule not in BLIND_RULES else Mark.UNKNOWN,
            names=tuple(sorted(names, key=natural_key)),
            what=titles.get(group.rule, group.rule),
            title=group.message,
            noun=_noun(finding.subject for finding in group.findings),
            fix=_SEE,
            group=group,
        )


def _node(finding: Finding) -> str | None:
    return finding.subject.node if isinstance(finding.subject, NodeSubject) else None


def _names(finding: Finding) -> tuple[str, ...]:
    subject = finding.subject
    match subject.kind:
        case "node":
            return (subject.node,)
        case "session":
            return (f"{subject.a} <-> {subject.b}",)
        case "cluster":
            return ("cluster",)
    return (str(subject),)
