"""Findings that no cause explains alone: a node without sessions, some of which one fault took and the rest another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.secondary import explained_by_sessions


def jointly(case: Case, candidates: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[Candidate]:
    """The chosen candidates, with one more for a finding whose sessions they only explain in part.

    At most one more for each finding: with several, the reader could not tell which took which sessions.
    """
    explained = {finding for candidate in chosen for finding in candidate.explains}
    joint = list(chosen)
    for finding in case.findings:
        open_keys = set(case.keys_of[finding.id])
        if not open_keys or finding.id in explained or not explained_by_sessions(finding):
            continue
        for candidate in joint:
            open_keys -= candidate.keys
        able = [candidate for candidate in candidates if candidate.keys >= open_keys and candidate not in joint]
        if open_keys and not able:
            continue  # no single candidate accounts for the remaining sessions
        if open_keys:
            best = min(able, key=_order)
            joint.append(replace(best, explains=best.explains | {finding.id}))
        else:
            most = max(joint, key=lambda candidate: len(candidate.keys & case.keys_of[finding.id]))
            joint[joint.index(most)] = replace(most, explains=most.explains | {finding.id})
    return joint


def _order(candidate: Candidate) -> tuple[int, int, str]:
    """The surest first, then the one with the fewest sessions."""
    about = candidate.kind + " ".join(map(str, candidate.subjects))
    return candidate.confidence.rank, len(candidate.keys), about
