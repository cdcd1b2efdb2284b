"""Causes of a kernel that does not follow BIRD: another writer of the same networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp import shell_words
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.costs import costs_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence, Fix, FixStep, Risk
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.routes.kernel_route import BIRD, KernelRoute
from calico_bgp.model.routes.observed import Stop
from calico_bgp.routes.missing import missing_at
from calico_bgp.routes.observed.cost import pairs_missing_at
from calico_bgp.routes.observed.tables import node_tables

#: More routes than these are many commands; the first ones show how.
_MOST_STEPS = 10


@cause(
    "kernel-behind-bird",
    title="A node's kernel does not follow its BIRD",
    what="kernel without BIRD's routes",
    messages={
        "lacks": "the {node:kernel|kernels} of {node} {node:has|have} no routes to other nodes' pods, "
        "though {node:its|their} BIRD has",
        "elsewhere": "another program than BIRD holds routes in the kernel of {node}, to next hops that are not BIRD's",
    },
    meaning="BIRD takes no network that another writer has in the kernel (it logs `File exists` and marks the route "
    "with "
    "`!`), and writes none that Felix owns. A route of Felix, or of the administrator, that was right once stays. "
    "Source: "
    "BIRD sysdep/linux/netlink.c; felix/config/config_params.go (programClusterRoutes).",
    evidence="BIRD's best paths beside `ip route show`, which names the writer. Certain that the kernel differs; "
    "likely "
    "that its writer is to blame.",
    look_alikes="own-protocol-down, where BIRD's kernel protocol is down; BIRD itself says that.",
    mending="Delete the routes of the other writer, and BIRD's come within two seconds; where Felix owns the class, "
    "programClusterRoutes decides.",
    demos=("kernel-behind",),
)
def kernel_behind_bird(case: Case) -> Iterator[Candidate]:
    """One per node."""
    for (node, key), findings in case.of_nodes("kernel-behind").items():
        families = [family for _, family in findings]
        missing = pairs_missing_at(case.observed, node, *families)
        yield Candidate(
            kind="kernel-behind-bird",
            subjects=(NodeSubject(node=node, family=only_family(families)),),
            title=Words("lacks" if key == "lacks" else "elsewhere", node=node),
            explanation="Packets follow the kernel: what BIRD knows and the kernel does not is lost.",
            confidence=Confidence.LIKELY,
            explains=frozenset(finding.id for finding, _ in findings),
            evidence=tuple(line for finding, _ in findings for line in finding.evidence),
            decide=tuple(
                decision(
                    case.pods.kernel_routes(node, family),
                    None,
                    ("proto 80, or a device of Felix (vxlan.calico)", "Felix wrote it, now or before it was changed"),
                    ("no proto, or proto static", "somebody wrote it by hand, or the network's configuration did"),
                    ("no route to the block", "BIRD may not write it: look at programClusterRoutes"),
                )
                for family in families
            ),
            fixes=(
                Fix(
                    label="delete routes",
                    summary="delete the routes of the other writer; BIRD writes its own within two seconds. Felix "
                    "writes its own again: restart it, or let programClusterRoutes leave the class to BIRD",
                    risk=Risk.NONE if key == "lacks" else Risk.INTERRUPTS_TRAFFIC,
                    steps=tuple(_deletions(case, node, families)),
                ),
            ),
            routes_lost=missing,
            costs=costs_of(missing),
        )


def _deletions(case: Case, node: str, families: Sequence[Family]) -> Iterator[FixStep]:
    """A command for each route of another writer that leads to another next hop than BIRD's; the first few."""
    routes = [
        (family, route)
        for family, one in missing_at(case.cluster, Stop.KERNEL_ELSEWHERE)
        # Others' packets that end at this node are lost by the same routes.
        if family in families and one.learner == one.at == node
        for block in one.blocks
        for route in node_tables(case.cluster, family)[node].kernel.get(block, ())[:1]
        if route.protocol != BIRD and len(route.hops) == 1 and route.table is None
    ]
    for family, route in routes[:_MOST_STEPS]:
        more = len(routes) - _MOST_STEPS
        yield FixStep(
            what=f"delete the route to {route.prefix} that another program wrote"
            + (f"; likewise {more} more" if more > 0 else ""),
            kubectl=case.pods.delete_route(node, family, _words(route)),
        )


def _words(route: KernelRoute) -> str:
    """The route as `ip route del` takes it: all that tells it from others to the same network."""
    (hop,) = route.hops
    via = f" via {hop.gateway}" if hop.gateway is not None else ""
    dev = f" dev {shell_words.quote(hop.interface)}" if hop.interface is not None else ""
    metric = f" metric {route.metric}" if route.metric else ""
    return f"{route.prefix}{via}{dev} proto {route.protocol}{metric}"
