"""Findings that no cause explains alone: a node without sessions, some of which one fault took and the rest another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.secondary import is_secondary
from calico_bgp.cluster.sessions.session import SessionKey


def jointly(case: Case, candidates: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[Candidate]:
    """The chosen candidates, with more for a finding whose sessions they only explain in part.

    One more that accounts for all sessions that remain. Else the one for most of them, with one for the rest if there
    is any; with several for each, the reader could not tell which took which sessions.
    """
    explained = {finding for candidate in chosen for finding in candidate.explains}
    joint = list(chosen)
    for finding in case.findings:
        keys = case.keys_of[finding.id]
        if not keys or finding.id in explained or is_secondary(finding):
            continue
        open_keys = keys.difference(*(candidate.keys for candidate in joint))
        others = [candidate for candidate in candidates if candidate not in joint]
        added = _accounting_for(open_keys, others)
        if open_keys and not added:
            continue  # no candidate accounts for most of the remaining sessions
        owner = added[0] if added else max(joint, key=lambda candidate: len(candidate.keys & keys))
        joint += added
        joint[joint.index(owner)] = replace(owner, explains=owner.explains | {finding.id})
    return joint


def _accounting_for(open_keys: frozenset[SessionKey], candidates: Sequence[Candidate]) -> list[Candidate]:
    """One candidate for all of these sessions; else one for most, and one for what that leaves, where there is one."""
    if not open_keys:
        return []
    if able := [candidate for candidate in candidates if candidate.keys >= open_keys]:
        return [min(able, key=_order)]
    most = [candidate for candidate in candidates if 2 * len(candidate.keys & open_keys) > len(open_keys)]
    if not most:
        return []
    first = min(most, key=lambda candidate: (-len(candidate.keys & open_keys), *_order(candidate)))
    rest = [candidate for candidate in candidates if candidate.keys >= open_keys - first.keys]
    return [first, min(rest, key=_order)] if rest else [first]


def _order(candidate: Candidate) -> tuple[int, int, str]:
    """The surest first, then the one with the fewest sessions."""
    about = candidate.kind + " ".join(map(str, candidate.subjects))
    return candidate.confidence.rank, len(candidate.keys), about
