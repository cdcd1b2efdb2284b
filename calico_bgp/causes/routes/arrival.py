"""Causes at a node that cannot use the routes that it has, by what neither sessions nor Calico's resources show."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.costs import costs_of
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.routes.observed.cost import pairs_missing_at


@cause(
    "next-hop-unresolved",
    title="A node's BIRD finds no way to the next hop of routes",
    what="next hop without a way",
    messages={"unresolved": "BIRD on {node} has routes whose next hop it finds no way to: packets there are dropped"},
    meaning="Calico lets BIRD look up a next hop in its own table (`gateway recursive`), which holds the kernel's "
    "table main and no other. Where the way to the other nodes stands in another table, or came and went, the "
    "sessions stand and the routes are `unreachable`. Source: confd/etc/calico/confd/templates/bird.cfg.template; "
    "BIRD nest/rt-table.c.",
    evidence="`unreachable` in BIRD's table, and in the kernel. Certain.",
    look_alikes="kernel-behind-bird, where BIRD has a way and the kernel has not.",
    mending="A route to the next hops in the kernel's table main; or nextHopMode: Self at a peer that passes the "
    "routes on and can reach them.",
    no_demo="No demo shows it: the lab's nodes are in one subnet, so that every next hop is a neighbour.",
)
def next_hop_unresolved(case: Case) -> Iterator[Candidate]:
    """One per node and family."""
    for finding, node, family in case.of_each_node("next-hop-unreachable"):
        missing = pairs_missing_at(case.observed, node, family)
        yield Candidate(
            kind="next-hop-unresolved",
            subjects=(NodeSubject(node=node, family=family),),
            title=Words("unresolved", node=node),
            explanation="The next hop over iBGP is the node that announced the route; BIRD's table holds no route "
            "that leads there.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}),
            evidence=finding.evidence,
            fixes=(
                Fix(
                    label="add route",
                    summary=f"give {node} a route to these next hops in its table main; BIRD finds it within two "
                    "seconds",
                    risk=Risk.NONE,
                    steps=(FixStep(what="see what main leads to", kubectl=case.pods.kernel_routes(node, family)),),
                ),
            ),
            routes_lost=missing,
            costs=costs_of(missing),
        )
