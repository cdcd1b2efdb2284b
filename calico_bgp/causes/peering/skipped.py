"""Cause: a BGPPeer of which Calico makes no peer, for a field of it is no address."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.remedies.configuration import write_address
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import ResourceSubject


@cause(
    "bgp-peer-skipped",
    title="Calico makes no peer of a BGPPeer",
    what="BGPPeer makes no peer",
    messages={"skipped": "{message:same}"},
    meaning="peerIP or reachableBy is no address, or the BGPPeer says no far end: confd skips it, and only its log "
    "says so. The sessions that it means are asked for by nobody, so that none is down. Source: "
    "confd/pkg/backends/calico/client.go updatePeersV1.",
    evidence="Calico's resources: the field. Certain.",
    look_alikes="refused-configuration, where BIRD refuses what confd made of a BGPPeer.",
    mending="An address in that field.",
    no_demo="No demo shows it: the addresses of the lab's BGPPeers are right.",
)
def bgp_peer_skipped(case: Case) -> Iterator[Candidate]:
    """One per BGPPeer."""
    for finding, subject in case.about(ResourceSubject, "peer-skipped"):
        yield Candidate(
            kind="bgp-peer-skipped",
            subjects=(subject,),
            title=finding.said or Words("skipped", message=finding.message),
            explanation="Nothing asks for the sessions that it means: no node shows a row for them.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}),
            evidence=finding.evidence,
            fixes=write_address(case, subject.name),
        )
