"""Rules about routes that BGPFilters and pools keep back though every session stands. Nothing about sessions."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.steps import LOOK_AT_RESOURCES
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, ResourceSubject
from calico_bgp.routes.consequences import routes_of
from calico_bgp.routes.held_back import HeldBack, held_back
from calico_bgp.routes.observed.needed import pods_need
from calico_bgp.routes.policy.judgement import NO_POOL
from calico_bgp.rules.rule import Draft, rule

_KEYS = {"BGPFilter": "filter", "IPPool": "pool", NO_POOL: "outside"}


@rule(
    "routes-held-back",
    Severity.ERROR,
    title="A BGPFilter or an IPPool keeps pods' routes back",
    meaning="The sessions stand, and the routes of these pods do not get through: a rule of a BGPFilter rejects their "
    "blocks, or their IPPool has disableBGPExport, or was deleted: what lies in no pool, a node announces of its own "
    "and passes on of nobody. Worked out from Calico's resources as BIRD runs them "
    "(confd/pkg/resource/template/template_funcs.go, bird_ipam.cfg.template); only what is certain counts. An info "
    "where every IPPool is VXLAN, whose routes Felix programs.",
    evidence="Which rule, which blocks, and what stops the route of one pair.",
    action="Let the filter accept these blocks, or export the pool: `calico-bgp route` follows one route step by step.",
    messages={
        "filter": "{missing:,} of {routes:count route} over {family} are missing although no session is: BGPFilter "
        "{name} rejects {blocks:and}",
        "pool": "{missing:,} of {routes:count route} over {family} are missing although no session is: IPPool {name} "
        "has disableBGPExport",
        "outside": "{missing:,} of {routes:count route} over {family} are missing although no session is: no IPPool "
        "holds {blocks:and}, which nobody but their nodes announces",
    },
)
def routes_held_back(cluster: Cluster) -> Iterator[Draft]:
    """One finding per resource that keeps something back, and family."""
    if cluster.expectation is None or cluster.snapshot.limited:
        return
    for family in routes_of(cluster):
        severity = None if pods_need(cluster, family) else Severity.INFO
        for held in held_back(cluster.expectation, family):
            yield Draft(
                about(held),
                _KEYS[held.kind],
                (*held.rules, *held.blocks, f"{held.example[0]} and {held.example[1]}: {held.why}"),
                LOOK_AT_RESOURCES,
                severity,
                missing=held.pairs,
                routes=held.total,
                family=family.label,
                name=held.name,
                blocks=held.blocks or ("blocks",),
            )


def about(held: HeldBack) -> ResourceSubject | ClusterSubject:
    """The resource; of one that is lacking, the cluster."""
    if held.kind == NO_POOL:
        return ClusterSubject(family=held.family)
    return ResourceSubject(resource=held.kind, name=held.name)
