"""Cause, without resources: groups of nodes whose sessions all stand, and nobody has a peer in another group."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.remedies.resources import GIVE_RESOURCES
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_RESOURCES_LINE
from calico_bgp.model.peer import only_family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import ClusterSubject


@also("reflectors-not-joined")
def groups_apart(case: Case) -> Iterator[Candidate]:
    """One for the cluster; none while a session is down, whose own cause may join the groups."""
    if case.cluster.expectation is not None:
        return
    down = {key.family for key in case.cluster.judged.bad}
    found = {family: finding for finding, family in case.of_each_family("partitioned") if family not in down}
    if not found:
        return
    first = next(iter(found.values()))
    yield Candidate(
        kind="reflectors-not-joined",
        subjects=(ClusterSubject(family=only_family(found)),),
        title=Words("groups", groups=tuple(first.evidence), family=tuple(one.label for one in found)),
        explanation="Every session that any of them shows stands, and none leads out of its group, so that Calico asks "
        "for none there.",
        confidence=Confidence.POSSIBLE,
        explains=frozenset(finding.id for finding in found.values()),
        evidence=first.evidence,
        decide=(
            decision(
                LOOK_AT_RESOURCES_LINE,
                None,
                ("BGPPeers by rack, and none among the reflectors", "add a BGPPeer that joins the reflectors"),
                ("the nodes of one group only", "these are two clusters: read each by itself"),
            ),
        ),
        fixes=(GIVE_RESOURCES,),
    )
