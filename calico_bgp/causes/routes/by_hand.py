"""Causes in filters that no BGPFilter makes: somebody edited BIRD's template, or its file. By BIRD's own numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.costs import costs_of
from calico_bgp.causes.words import files_of
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.routes.observed.cost import pairs_missing_at
from calico_bgp.routes.observed.session_readings import SessionReading, session_readings

_KIND = "filter-by-hand"


@cause(
    _KIND,
    title="A node refuses or keeps back routes by a filter that no BGPFilter makes",
    what="filter of no BGPFilter",
    messages={
        "refuses": "BIRD on {node} refuses routes of its peers by a filter that no BGPFilter makes",
        "tells": "BIRD on {node} announces no route to {peers}, by a filter that no BGPFilter makes",
    },
    meaning="By Calico's resources these routes pass, and BIRD counts announcements that its import filter refused, or "
    "exports none over a session that stands. Somebody edited BIRD's template or its file, or BIRD runs with an older "
    "file than confd would write. Source: BIRD nest/proto.c (import and export updates, filtered).",
    evidence="The numbers of `show protocols all`, and that the resources let the routes pass. Likely.",
    look_alikes="filter-rejects-routes, where a BGPFilter rejects them; import-limit-hit and export-limit-hit, where a "
    "limit does.",
    mending="The template without that filter; a restart of calico-node lets confd write the file anew.",
    demos=("export-rejected", "export-rejected:node5,node1"),
)
def filter_by_hand(case: Case) -> Iterator[Candidate]:
    """One per node that refuses, where resources were read."""
    if case.configured is None:
        return
    refused = {
        (reading.node, reading.family)
        for reading in session_readings(case.cluster)
        if reading.protocol.imports_filtered and not any(limit.is_hit for limit in reading.protocol.limits)
    }
    for (node, _), findings in case.of_nodes("routes-not-accepted").items():
        of_family = {family: [finding] for finding, family in findings if (node, family) in refused}
        if of_family:
            yield _candidate(case, node, Words("refuses", node=node), of_family)


@also(_KIND)
def filter_at_export(case: Case) -> Iterator[Candidate]:
    """One per node that exports nothing over sessions at which the resources keep nothing back."""
    if case.configured is None or any(pool.disable_bgp_export for pool in case.configured.resources.ip_pools):
        return
    mute: dict[tuple[str, Family], list[str]] = defaultdict(list)
    for reading in session_readings(case.cluster):
        if reading.protocol.exported == 0 and not _may_be_kept_back(case, reading):
            mute[reading.node, reading.family].append(reading.far)
    told: dict[str, dict[Family, list[Finding]]] = defaultdict(dict)
    for (node, family), peers in mute.items():
        findings = [
            *(f for f, name, of in case.of_each_node("routes-not-announced") if (name, of) == (node, family)),
            *(f for f in case.of("nothing-exported") if _is_over(f, node, peers, family)),
        ]
        if findings:
            told[node][family] = findings
    for node, of_family in told.items():
        peers = sorted({peer for family in of_family for peer in mute[node, family]})
        yield _candidate(case, node, Words("tells", node=node, peers=tuple(peers)), of_family)


def _may_be_kept_back(case: Case, reading: SessionReading) -> bool:
    """Whether a BGPFilter or a limit may be why nothing goes over a session."""
    key = SessionKey.between(reading.family, reading.node, reading.far)
    makers = case.asked_for_by(key)
    resources = case.resources
    named = [peer for peer in (resources.bgp_peers if resources else ()) if peer.name in makers]
    return any(peer.filters for peer in named) or any(limit.is_hit for limit in reading.protocol.limits)


def _is_over(finding: Finding, node: str, peers: list[str], family: Family) -> bool:
    return any(finding.subject == SessionSubject.between(node, peer, family) for peer in peers)


def _candidate(case: Case, node: str, title: Words, of_family: Mapping[Family, list[Finding]]) -> Candidate:
    missing = pairs_missing_at(case.observed, node, *of_family)
    return Candidate(
        kind=_KIND,
        subjects=(NodeSubject(node=node, family=only_family(of_family)),),
        title=title,
        explanation="By Calico's resources no filter rejects these routes, so that the one that does is not Calico's.",
        confidence=Confidence.LIKELY,
        explains=frozenset(finding.id for findings in of_family.values() for finding in findings),
        evidence=tuple(line for findings in of_family.values() for line in findings[0].evidence),
        fixes=(
            Fix(
                label="see filter",
                summary=f"take the filter out of the template of {node}'s {files_of(of_family)}, then restart "
                "calico-node there",
                risk=Risk.RESTARTS_SESSIONS,
                steps=tuple(
                    FixStep(
                        what="see which peers' routes are rejected",
                        kubectl=case.pods.birdcl(node, family, "show protocols all"),
                    )
                    for family in of_family
                ),
            ),
        ),
        routes_lost=missing,
        costs=costs_of(missing),
    )
