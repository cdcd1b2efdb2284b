"""Every remedy that changes resources is tried in the what-if model first: what it restores, what it would lose.

Only what restores routes, or the redundancy that is gone (a reflector counts by itself), and loses none is ever shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, fix_of
from calico_bgp.changes.change import Change, apply
from calico_bgp.changes.surviving import Fate, SurvivingSessions
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.errors import ChangeError
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.failures import sheltered
from calico_bgp.messages.words import count
from calico_bgp.model.reports.cause import Fix, Risk
from calico_bgp.whatif.question import what_if_unchanged
from calico_bgp.whatif.unchanged import Unchanged
from calico_bgp.whatif.verdict import FamilyVerdict

_ROUTE = "route"
#: What a report calls a trial that failed.
TRIAL = "a fix in the what-if model"
#: A remedy may know of a risk that the model does not see: of two nodes with one address, whose sessions stand.
_WORSE = tuple(Risk).index


@dataclass(frozen=True)
class Trial:
    """What the model says of some changes.

    Attributes:
        restores: Routes that arrive afterwards and do not before.
        loses: Pairs that learn before and not afterwards.
        interrupts: Pairs that lose their route on the way, until sessions are up again.
        untold: Pairs of which the model cannot tell what the changes do to them, as behind an external peer.
        exposed_before: Pairs that the loss of one more node would cut off, at worst, as it is.
        exposed_after: The same, afterwards.
        reflectors_before: Nodes that reflect for a client, as it is.
        reflectors_after: The same, afterwards.
        refused_before: Protocols that BIRD refuses, as it is.
        refused_after: The same, afterwards.
        refusing: The nodes whose BIRD refuses its configuration afterwards.
        restarts: The sessions that may stand and that end, or start again; an end is called by its Node's name.
    """

    restores: int
    loses: int
    interrupts: int
    untold: int
    exposed_before: int
    exposed_after: int
    reflectors_before: int
    reflectors_after: int
    refused_before: int
    refused_after: int
    refusing: int
    restarts: frozenset[SessionKey]

    @property
    def risk(self) -> Risk:
        """What the changes do to what works."""
        if self.interrupts:
            return Risk.INTERRUPTS_TRAFFIC
        return Risk.RESTARTS_SESSIONS if self.restarts else Risk.NONE

    @property
    def helps(self) -> bool:
        """Whether it restores routes, or at least redundancy, and loses nothing."""
        return not self.loses and (
            self.restores > 0
            or self.exposed_after < self.exposed_before
            or self.reflectors_after > self.reflectors_before
        )

    def __str__(self) -> str:
        back = f"{count(self.restores, _ROUTE)}"
        parts = [f"brings back {back}" if self.restores else "brings no route back that is missing now"]
        if self.interrupts:
            parts.append(f"interrupts {count(self.interrupts, _ROUTE)} until sessions are up again")
        none = "loses none for good" if self.interrupts else "loses none"
        parts.append(f"{none}, and cannot tell of {count(self.untold, _ROUTE)}" if self.untold else none)
        if self.exposed_after < self.exposed_before:
            parts.append(
                f"the next node to go would then lose {self.exposed_after} routes at worst, not {self.exposed_before}"
            )
        if not self.restores and self.reflectors_after > self.reflectors_before:
            parts.append(f"{count(self.reflectors_after, 'node')} then reflect, not {self.reflectors_before}")
        return "in the model it " + ", ".join(parts)


def try_changes(before: Unchanged, changes: Sequence[Change]) -> Trial | None:
    """What changes would do to the cluster as its resources make it; None where they do not fit the resources.

    A trial that fails is one that does not help: its fix is not shown.
    """
    with sheltered(TRIAL):
        return _trial(before, changes)
    return None


def _trial(before: Unchanged, changes: Sequence[Change]) -> Trial | None:
    now = before.expectation
    try:
        after = expect(apply(now.resources, changes), version=now.version)
    except ChangeError:
        return None
    surviving = SurvivingSessions.of(now).change(after)
    families = what_if_unchanged(before, changes, after, surviving).families
    return Trial(
        restores=sum(family.gained for family in families),
        loses=sum(loss.group.pairs for family in families for loss in family.lost),
        interrupts=sum(loss.group.pairs for family in families for loss in family.meanwhile),
        untold=sum(doubt.group.pairs for family in families for doubt in family.doubts),
        exposed_before=before.worst_failure,
        exposed_after=max((_worst(family) for family in families), default=0),
        reflectors_before=reflecting(now),
        reflectors_after=reflecting(after),
        refused_before=len(now.refusals),
        refused_after=len(after.refusals),
        refusing=len({refusal.node for refusal in after.refusals}),
        restarts=_restarts(before, surviving),
    )


def _restarts(before: Unchanged, surviving: SurvivingSessions) -> frozenset[SessionKey]:
    """What may stand and ends, or starts again, by the model that what-if and plans ask as well."""
    if not surviving.fates:
        return frozenset()
    return frozenset(
        SessionKey.between(family, session.a.node, session.b.node)
        for family, network in before.networks.items()
        for session in (network.sessions if network.possible is None else network.possible)
        if surviving.fate(family, session) is not Fate.STAYS
    ) | frozenset(
        SessionKey.between(family, session.near.node, session.far)
        for family, network in before.networks.items()
        for session in network.externals
        if surviving.external_fate(family, session) is not Fate.STAYS
    )


def reflecting(expectation: Expectation) -> int:
    """How many nodes pass on what they learn from one client to another: they have a cluster ID, and clients."""
    return sum(
        any(peer.reflector_client and peer.far_node is not None for peer in peers)
        for peers in expectation.peers.values()
    )


def _worst(family: FamilyVerdict) -> int:
    return max((failure.pairs for failure in family.next_failures), default=0)


def tried(case: Case, remedy: Remedy) -> Fix | None:
    """The remedy with what the model says of it; None where it would not help, or would lose routes."""
    trial, fix = _both(case, remedy)
    if trial is None or fix is None or not trial.helps:
        return None
    return fix.model_copy(update={"tried": str(trial), "restores": trial.restores})


def helping(case: Case, remedy: Remedy) -> tuple[Fix, ...]:
    """The same as the fixes of a cause: one, or none."""
    fix = tried(case, remedy)
    return () if fix is None else (fix,)


def helping_or_measured(case: Case, remedy: Remedy) -> tuple[Fix, ...]:
    """The same where the model cannot know whether it helps: with its risk alone then; none if it fits nothing."""
    fix = tried(case, remedy) or measured(case, remedy)
    return () if fix is None else (fix,)


def cured(case: Case, remedy: Remedy) -> Fix | None:
    """The remedy, if BIRD refuses less afterwards and no route is lost."""
    trial, fix = _both(case, remedy)
    if trial is None or fix is None or trial.loses or trial.refused_after >= trial.refused_before:
        return None
    refusing_text = f"BIRD still refuses that of {trial.refusing} nodes"
    outcome = refusing_text if trial.refusing else "BIRD takes every node's configuration"
    return fix.model_copy(update={"tried": f"in the model {outcome}, and no route is lost"})


def lossless(case: Case, remedy: Remedy) -> Fix | None:
    """The remedy, if by the model it takes no route away for good, whether or not it brings one back."""
    trial, fix = _both(case, remedy)
    if trial is None or fix is None or trial.loses:
        return None
    return fix.model_copy(update={"tried": str(trial), "restores": trial.restores})


def measured(case: Case, remedy: Remedy) -> Fix | None:
    """The remedy with its risk alone: the model does not know whether it helps."""
    return _both(case, remedy)[1]


def _both(case: Case, remedy: Remedy) -> tuple[Trial | None, Fix | None]:
    """The trial and the commands, of one datum; the fix with its risk by the trial."""
    before = case.unchanged
    if before is None or not remedy.steps:
        return None, None
    trial, fix = try_changes(before, remedy.changes), fix_of(remedy, before.expectation.resources)
    if trial is None or fix is None:
        return trial, fix
    update = {"risk": max(remedy.risk, trial.risk, key=_WORSE), "restarts": _standing(case, trial.restarts)}
    return trial, fix.model_copy(update=update)


def _standing(case: Case, keys: Iterable[SessionKey]) -> int:
    """How many of some sessions are up, as far as was seen."""
    sessions, name_of = case.cluster.sessions, case.cluster.name_of_node
    by_members = (SessionKey.between(key.family, name_of(key.a), name_of(key.b)) for key in set(keys))
    return sum(key in sessions and sessions[key].is_up for key in by_members)
