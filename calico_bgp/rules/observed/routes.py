"""Rules about routes that are missing although no session is: what no table shows. Nothing about single sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import nlargest

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.steps import LOOK_AT_RESOURCES
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.computed.propagation import Reachability, reachability
from calico_bgp.routes.consequences import routes_of
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.needed import pods_need
from calico_bgp.rules.rule import Draft, rule

_SHOWN = 5


@rule(
    "routes-missing",
    Severity.ERROR,
    title="Nodes do not learn each other's routes although no session is missing",
    meaning="Even with every session that Calico's resources ask for, these nodes do not learn each other's routes: "
    "nothing joins them, or whoever does passes nothing on. A node that is no reflector passes no iBGP route on to "
    "another, and a reflector none that carries its own cluster ID (RFC 4456). An info where only reflectors lack "
    "each other's own routes, as with `nodeSelector: '!has(route-reflector)'` in quotes (the verdict is then "
    "`unknown`, for whether pods run on them nobody knows), unless the kernels of two of them show pods and no way to "
    "the other one's; and an info where Felix programs the routes of every IPPool (VXLAN) and no kernel shows that it "
    "did not.",
    evidence="Which nodes do not learn whose routes.",
    action="Join them by a BGPPeer: `calico-bgp reach` says for each pair why its routes do not come.",
    messages={
        "each-others": "{missing:,} of {routes:count route} over {family:and} are missing although no session is: "
        "{learners} do not learn each other's",
        "others": "{missing:,} of {routes:count route} over {family:and} are missing although no session is: "
        "{learners} {learners:does|do} not learn those of {origins}",
    },
)
def routes_missing(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family, unless the lint has an error: it says more of the reason."""
    if cluster.expectation is None or cluster.shape.kind in {TopologyKind.MESH, TopologyKind.NO_BGP}:
        return  # in a mesh a session is missing where a route is
    if any(finding.severity is Severity.ERROR for finding in cluster.linted):
        return
    reflectors = set(cluster.reflectors)
    for family in routes_of(cluster):
        # What filters and pools hold back, another rule says.
        reach = reachability(expected_network(cluster.expectation, family, filters=False))
        missing = reach.count(Answer.NO)
        if not missing:
            continue
        severity = None
        names = {name for ends in reach.classes_with(Answer.NO) for end in ends for name in end}
        is_by_design = names <= reflectors and not _pods_cut_off(cluster, family, names)
        if is_by_design or not pods_need(cluster, family):
            severity = Severity.INFO
        number = len(reach.nodes)
        learners, origins = _largest(reach)[0]
        yield Draft(
            ClusterSubject(family=family),
            "each-others" if learners == origins else "others",
            tuple(_lines(reach)),
            LOOK_AT_RESOURCES,
            severity,
            missing=missing,
            routes=number * (number - 1),
            family=family,
            learners=learners,
            origins=origins,
        )


def _pods_cut_off(cluster: Cluster, family: Family, names: Collection[str]) -> bool:
    """Whether the kernels prove that pods on two of these nodes lack each other's routes."""
    observed = observed_of(cluster).get(family)
    pairs = {(one.learner, one.origin) for one in (observed.missing if observed else ()) if one.pods_cut_off}
    return any({learner, origin} <= set(names) and (origin, learner) in pairs for learner, origin in pairs)


def _largest(reach: Reachability) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Which nodes do not learn whose routes: the most pairs first, of as many those that lack each other's."""

    def size(ends: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[int, bool, int]:
        learners, origins = ends
        each_other = learners == origins
        return len(learners) * (len(origins) - each_other), each_other, len(learners)

    return nlargest(_SHOWN, reach.classes_with(Answer.NO), key=size)


def _lines(reach: Reachability) -> Iterator[str]:
    for learners, origins in _largest(reach):
        yield f"{some(learners)}: no route of {'one another' if learners == origins else some(origins)}"
