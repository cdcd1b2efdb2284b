"""Which candidates to believe: the fewest that explain the most. Pure; knows nothing of BGP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from operator import attrgetter

from calico_bgp.causes.candidate import Candidate
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject

#: So many candidates for findings that hang together are tried in every combination; more are chosen greedily.
_MOST_COMBINED = 12


def choose(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The fewest candidates that explain all that any of them explains; of equally few the surest.

    What is certain is chosen first and for itself: a wider guess never takes the place of what the resources or a node
    say. Where few explain the same, the surer ones are taken, then those that explain more, then the first by name, so
    that the same report always has the same causes.
    """
    certain = [candidate for candidate in candidates if candidate.confidence is Confidence.CERTAIN]
    chosen = _fewest(certain, set())
    settled = {finding for candidate in chosen for finding in candidate.explains}
    guesses = [candidate for candidate in candidates if candidate.confidence is not Confidence.CERTAIN]
    return chosen + _fewest(guesses, settled)


def independent(
    candidates: Sequence[Candidate], chosen: Sequence[Candidate], aftermaths: Mapping[str, str]
) -> list[Candidate]:
    """Certain candidates about nodes that no chosen one names, though chosen ones explain the same findings.

    Two reflectors that lost a label and a cluster ID leave the same cluster behind: each explains all of it, and both
    are at fault.

    Args:
        candidates: All that the families offer.
        chosen: Those of them that are chosen.
        aftermaths: Kind → what it leaves behind, for the kinds that share that with others.
    """
    added: list[Candidate] = []
    certain = [c for c in candidates if c.confidence is Confidence.CERTAIN and c.kind in aftermaths]
    for candidate in sorted(certain, key=attrgetter("name")):
        named = {str(subject) for other in (*chosen, *added) for subject in other.subjects}
        alike_chosen = any(aftermaths.get(other.kind) == aftermaths[candidate.kind] for other in chosen)
        if alike_chosen and all(
            isinstance(subject, NodeSubject) and str(subject) not in named for subject in candidate.subjects
        ):
            added.append(candidate)
    return added


def _fewest(candidates: Sequence[Candidate], settled: set[str]) -> list[Candidate]:
    """The fewest candidates that explain all that any of them explains, apart from the settled findings."""
    picked: list[Candidate] = []
    unsettled = [(c, c.explains - settled) for c in sorted(candidates, key=attrgetter("name"))]
    for group in _joined([(c, open_ids) for c, open_ids in unsettled if open_ids]):
        picked += _combined(group) if len(group) <= _MOST_COMBINED else _greedy(group)
    return sorted(picked, key=attrgetter("name"))


_Open = tuple[Candidate, frozenset[str]]


def _joined(candidates: Sequence[_Open]) -> Iterable[list[_Open]]:
    """Groups of candidates that share findings, directly or through others; the choice is made in each group alone."""
    of_finding: dict[str, list[int]] = defaultdict(list)
    for place, (_, open_ids) in enumerate(candidates):
        for finding in open_ids:
            of_finding[finding].append(place)
    grouped: set[int] = set()
    for start in range(len(candidates)):
        if start in grouped:
            continue
        group, todo = set[int](), {start}
        while todo:
            group |= todo
            findings = {finding for place in todo for finding in candidates[place][1]}
            todo = {other for finding in findings for other in of_finding.pop(finding, ())} - group
        grouped |= group
        yield [candidates[place] for place in sorted(group)]


def _combined(group: Sequence[_Open]) -> list[Candidate]:
    everything = frozenset[str]().union(*(open_ids for _, open_ids in group))
    for size in range(1, len(group) + 1):
        whole = [
            combination
            for combination in combinations(group, size)
            if everything == frozenset[str]().union(*(open_ids for _, open_ids in combination))
        ]
        if whole:
            return [candidate for candidate, _ in min(whole, key=_doubt)]
    raise AssertionError("all of a group explain all that it explains")


def _greedy(group: Sequence[_Open]) -> list[Candidate]:
    open_ids = set[str]().union(*(explained for _, explained in group))
    picked = []
    while open_ids:
        best = min(group, key=lambda entry: (-len(entry[1] & open_ids), entry[0].confidence.rank, entry[0].name))
        picked.append(best[0])
        open_ids -= best[1]
    return picked


def _doubt(combination: Sequence[_Open]) -> tuple[int, int, list[tuple[str, str]]]:
    """How unsure a choice is: sorts the best first."""
    ranks = sum(candidate.confidence.rank for candidate, _ in combination)
    return (
        ranks,
        -sum(len(candidate.explains) for candidate, _ in combination),
        [candidate.name for candidate, _ in combination],
    )
