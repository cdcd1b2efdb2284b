"""Nodes that have one BGP router ID: each refuses the other's OPEN (RFC 4271, 6.2; RFC 6286)."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import address_of, rows_of
from calico_bgp.cluster.sessions.session import connected_groups
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject


@cause(
    "duplicate-router-id",
    title="Two nodes have one BGP router ID",
    what="one router ID, two nodes",
    messages={
        "equal": "{nodes:and} have the same BGP router ID",
    },
    meaning="`Bad BGP identifier` (RFC 4271, 6.2; RFC 6286). Each also drops routes that carry its own ID "
    "(ORIGINATOR_ID, RFC 4456).",
    evidence="The rows of the two. Likely.",
    look_alikes="Two nodes with one IPv4 address (duplicate-address), where the resources are known.",
    mending="CALICO_ROUTER_ID, or the addresses.",
    demos=("duplicate-router-id",),
)
def duplicate_router_id(case: Case) -> Iterator[Candidate]:
    """Sessions that end with `Bad BGP identifier`: one for all nodes that have the same ID."""
    clashing = {key for key in case.cluster.judged.bad if Signal.BAD_ROUTER_ID in case.signals[key].both}
    for ends, keys in connected_groups(clashing):  # A has B's ID and B has C's: all three have one ID
        key = min(keys)
        nodes = sorted(name for name in ends if case.member(name) is not None)
        addresses = [f"{name}: BGP address {address_of(case, name, key.family) or 'not known'}" for name in nodes]
        yield Candidate(
            kind="duplicate-router-id",
            subjects=tuple(NodeSubject(node=name) for name in nodes)
            if len(nodes) == len(ends)
            else tuple(SessionSubject.between(each.a, each.b, each.family) for each in sorted(keys)),
            title=Words("equal", nodes=sorted(ends)),
            explanation="BIRD's router ID is the node's IPv4 address unless CALICO_ROUTER_ID says otherwise; equal "
            "ones cannot have a session, and each drops routes that carry its own ID (ORIGINATOR_ID).",
            confidence=Confidence.LIKELY,
            explains=case.explained_by(keys) | _between(case, ends),
            evidence=(*addresses, *rows_of(case, keys)),
            keys=keys,
            decide=tuple(
                decision(
                    case.pods.birdcl(name, key.family, "show status"),
                    None,
                    ("Router ID is ...", "compare with the others"),
                )
                for name in nodes
            ),
            fixes=(
                Fix(
                    label="set router ID",
                    summary="let each node have an ID of its own: unset CALICO_ROUTER_ID in calico-node's "
                    "environment (or set it to hash), and see that no two nodes have one IPv4 address",
                    risk=Risk.RESTARTS_SESSIONS,
                    restarts=case.pods.ended_by_all,
                ),
            ),
        )


def _between(case: Case, ends: frozenset[str]) -> frozenset[str]:
    """Findings about peers that the nodes lack: with one IPv4 address, which is their ID, they do not peer at all."""
    return frozenset(
        finding.id for finding, subject in case.about(SessionSubject, "peer-missing") if {subject.a, subject.b} <= ends
    )
