"""Causes at a node whose BIRD has lost one of its own protocols, and the routes of that with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.costs import costs_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.routes.bird_reading import ProtocolReading
from calico_bgp.routes.observed.cost import pairs_missing_at

#: Rules whose findings follow from it on the same node, in the same family. Without its kernel protocol BIRD also
#: loses the kernel's routes to next hops.
_FOLLOWS = ("own-routes-lost", "routes-not-announced", "kernel-behind", "kernel-routes-stale", "next-hop-unreachable")


@cause(
    "own-protocol-down",
    title="A protocol of BIRD that holds the node's own routes is down",
    what="BIRD's own protocol is down",
    messages={
        "static": "BIRD's {protocol} on {node} is down: nobody learns where {node}'s pods are",
        "kernel": "BIRD's {protocol} on {node} is down: {node} does not learn where other nodes' pods are",
    },
    meaning="BIRD announces a node's blocks by its static protocol and writes other nodes' routes into the kernel by "
    "its "
    "kernel protocol. Nothing starts a protocol again that somebody disabled (`birdcl disable`), and no session "
    "shows it. "
    "Source: confd/etc/calico/confd/templates/bird.cfg.template; BIRD nest/proto.c.",
    evidence="BIRD's own word that the protocol is `down`. Certain.",
    look_alikes="pool-not-exported and filter-rejects-routes, where the routes are in BIRD and are not announced.",
    mending="`birdcl enable` starts it; a restart of calico-node does as well, and ends its sessions.",
    demos=("own-routes-lost",),
)
def own_protocol_down(case: Case) -> Iterator[Candidate]:
    """One per node and protocol, whether it is down in one BIRD or in both."""
    down: dict[tuple[str, str], list[_Down]] = defaultdict(list)
    for finding, node, family in case.of_each_node("own-routes-lost"):
        for protocol in _down(case, node, family):
            down[node, protocol.name].append(_Down(finding, family, protocol))
    for (node, name), places in down.items():
        families = [place.family for place in places]
        missing = pairs_missing_at(case.observed, node, *families)
        steps = tuple(
            FixStep(
                what=f"start {name} again{over}; no session ends",
                kubectl=case.pods.birdcl(node, family, f"enable {name}"),
            )
            for family, over in ((one, f" ({one.label})" if len(places) > 1 else "") for one in families)
        )
        first = places[0].protocol
        yield Candidate(
            kind="own-protocol-down",
            subjects=(NodeSubject(node=node, family=only_family(families)),),
            title=Words("static" if first.proto == "Static" else "kernel", protocol=name, node=node),
            explanation=f"{name} is `{first.state}` since {first.since}, while BIRD's sessions stand. "
            "Nothing but a command or a restart brings it back.",
            confidence=Confidence.CERTAIN,
            explains=frozenset().union(*({p.finding.id} | _following(case, p.finding) for p in places)),
            evidence=tuple(dict.fromkeys(line for place in places for line in place.finding.evidence)),
            fixes=(
                Fix(
                    label=f"{count(len(steps), 'command')}",
                    summary=f"start {name} on {node} again",
                    risk=Risk.NONE,
                    steps=steps,
                    restores=missing,
                ),
                case.pods.restart(node, f"or restart calico-node on {node}, whose sessions end for a while"),
            ),
            routes_lost=missing,
            costs=costs_of(missing),
        )


class _Down(NamedTuple):
    """A protocol that is down in one of a node's BIRDs, and the finding that says so."""

    finding: Finding
    family: Family
    protocol: ProtocolReading


def _down(case: Case, node: str, family: Family) -> tuple[ProtocolReading, ...]:
    bird = case.cluster.by_name[node].bird(family)
    if bird is None:
        return ()
    return tuple(one for one in (*bird.of_kind("Static"), *bird.of_kind("Kernel")) if one.state == "down")


def _following(case: Case, finding: Finding) -> frozenset[str]:
    return frozenset(one.id for one in case.of(*_FOLLOWS) if one.subject == finding.subject)
