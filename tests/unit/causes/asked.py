"""What a family of causes says of a snapshot, in few words, for the tests of families."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from calico_bgp.auditing.engine import audit
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.model.snapshot import Snapshot
from tests.running_birds import NOW


def case_of(made: Snapshot) -> Case:
    """With all that the rules find."""
    return Case(observe(made), audit(made).findings)


def told(candidates: Iterable[Candidate]) -> list[tuple[str, list[str]]]:
    """(kind, subjects) of each, in order."""
    return [(candidate.kind, [str(subject) for subject in candidate.subjects]) for candidate in candidates]


def session(one: str, other: str, family: Family = Family.IPV4) -> SessionKey:
    """The key of two nodes."""
    return SessionKey.between(family, one, other)


def pairs(keys: Iterable[SessionKey]) -> set[tuple[str, str]]:
    """The ends of sessions, without their families."""
    return {(key.a, key.b) for key in keys}


def begun(made: Snapshot, since: str) -> Snapshot:
    """All rows are of this time of the day; it is twelve o'clock."""
    readings = [
        reading.model_copy(
            update={
                "taken_at": NOW,
                "clock": NOW,
                "status": reading.status.model_copy(
                    update={"peers": tuple(replace(row, since=since) for row in reading.status.peers)}
                ),
            }
        )
        for reading in made.readings
    ]
    return made.model_copy(update={"readings": tuple(readings), "taken_at": NOW})
