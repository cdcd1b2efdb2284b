"""Cause: an external peer whose session stands and that gives no route, or whose routes are all refused."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_FILTERS_LINE
from calico_bgp.messages.words import count
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.routes.observed.session_readings import SessionReading, session_readings


@cause(
    "external-peer-silent",
    title="A peer outside gives no route over a session that stands",
    what="peer outside gives no route",
    messages={
        "silent": "{far}, a peer outside the cluster, announces no route to {nodes:count node}: its session stands",
        "refused": "the import filter of {nodes:count node} rejects every route that {far}, a peer outside the "
        "cluster, announces",
    },
    meaning="The session is Established, and BIRD has no route from it. Where BIRD's import filter rejected none, "
    "none came: the switch or router announces nothing there, by its own filter, or for it has nothing to announce. "
    "Many are meant to listen only. Source: BIRD nest/proto.c (imported routes, import updates filtered).",
    evidence="`0 imported` in `show protocols all` at every node with that peer, and how many routes the import "
    "filter rejected there. Likely.",
    look_alikes="external-peer-down, where the session does not stand; peer-told-nothing, where the nodes tell it "
    "nothing.",
    mending="At the switch or router, what it announces to the nodes; or the import rules of the BGPFilter. Where it "
    "is meant, accept the finding in calico-bgp.toml.",
    demos=("tor-silent",),
)
def external_peer_silent(case: Case) -> Iterator[Candidate]:
    """One per peer and family."""
    for finding, far, family in case.of_each_node("external-peer-gives-nothing"):
        ends = [one for one in session_readings(case.cluster) if (one.far, one.family) == (far, family)]
        refused = finding.key == "refused"
        yield Candidate(
            kind="external-peer-silent",
            subjects=(NodeSubject(node=far, family=family if len(case.cluster.families) > 1 else None),),
            title=Words("refused" if refused else "silent", far=far, nodes=len(ends)),
            explanation="The routes come, and the nodes' filter lets none in."
            if refused
            else "No node's filter rejects all that comes, so that the peer itself tells them nothing.",
            confidence=Confidence.LIKELY,
            explains=frozenset({finding.id}),
            evidence=finding.evidence,
            decide=(_decide(case, finding, ends),),
            fixes=(_fix(far, len(ends), refused=refused),),
            routes_lost=0,
            costs="no route between nodes; what only that peer knows is not reached through it",
        )


def _fix(far: str, nodes: int, *, refused: bool) -> Fix:
    if refused:
        return Fix(label="see filter", summary=f"let the import rules for {far} accept what is needed", risk=Risk.NONE)
    wanted = f"have whoever runs {far} announce to {count(nodes, 'node')} what they need"
    return Fix(label="ask its owner", summary=f"{wanted}; accept the finding if it need not", risk=Risk.NONE)


def _decide(case: Case, finding: Finding, ends: list[SessionReading]) -> Decision:
    if finding.key == "refused":
        return decision(
            LOOK_AT_FILTERS_LINE,
            None,
            ("a BGPFilter with import rules in the filters of its BGPPeer", "let a rule accept the routes"),
            ("no filter there", "somebody edited the template or bird.cfg of these nodes"),
        )
    first = ends[0]
    return decision(
        case.pods.birdcl(first.node, first.family, f"show protocols all {first.protocol.name}"),
        None,
        ("Import updates: 0 received", "it announces nothing: look at its configuration"),
        ("more received than accepted", "the nodes' import filter rejects them"),
    )
