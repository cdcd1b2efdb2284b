"""Cause: a range of Services that pods' blocks lie in, whose routes BIRD keeps out of every kernel."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import routes_lost, some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.about import about_configuration
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.routes.observed import Stop
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.observed.own import service_ranges


@cause(
    "service-range-over-pods",
    title="A range of Services holds pods' blocks",
    what="Services' range over pods",
    messages={
        "over": "the Services' {ranges:count range} {ranges:and} of BGPConfiguration {name} {ranges:holds|hold} "
        "{blocks:count block} of pods: no kernel has a route there"
    },
    meaning="BIRD writes no route into the kernel that lies in a range of serviceClusterIPs, serviceExternalIPs or "
    "serviceLoadBalancerIPs, on no node: what Services' addresses lead to is kube-proxy's. Where pods have addresses "
    "of such a range, every BIRD has their routes and no kernel has. Source: "
    "confd/pkg/backends/calico/bgp_processor.go; confd's bird_ipam.cfg.template.",
    evidence="The ranges of the BGPConfiguration, and blocks in them that kernels lack and BIRD has. Certain.",
    look_alikes="programmed-by-nobody, where programClusterRoutes leaves the routes to nobody.",
    mending="A range without the pods' addresses; BIRD then writes the routes within two seconds.",
    no_demo="No demo shows it: the lab's BGPConfiguration has no ranges of Services.",
)
def service_range_over_pods(case: Case) -> Iterator[Candidate]:
    """One per family."""
    config = None if case.resources is None else case.resources.global_config
    for family, observed in case.observed.items():
        lacking = [one for one in observed.missing if one.stop is Stop.NOT_IN_KERNEL]
        blocks = {block for one in lacking for block in one.blocks}
        ranges = {r for r in service_ranges(case.resources, family) if any(_holds(r, block) for block in blocks)}
        held = {block for block in blocks if any(_holds(each, block) for each in ranges)}
        elsewhere = {one.at or one.learner for one in lacking if not held.issuperset(one.blocks)}
        findings = [
            finding
            for finding, node, of in case.of_each_node("kernel-behind")
            if of is family and finding.key == "lacks" and node not in elsewhere
        ]
        if config is None or not held or not findings:
            continue
        texts = tuple(sorted(map(str, ranges)))
        lost = sum(held.issuperset(one.blocks) for one in lacking)
        yield Candidate(
            kind="service-range-over-pods",
            subjects=(about_configuration(config),),
            title=Words("over", ranges=texts, name=config.name, blocks=len(held)),
            explanation="BIRD keeps what lies in a range of Services out of every kernel, whoever announces it.",
            confidence=Confidence.CERTAIN,
            explains=frozenset(finding.id for finding in findings),
            evidence=(f"ranges of Services: {some(texts)}", *findings[0].evidence),
            fixes=(_smaller(family, texts),),
            routes_lost=lost,
            costs=routes_lost(lost),
        )


def _holds(services: Prefix, block: Prefix) -> bool:
    """Single addresses are no range: BIRD writes their routes."""
    is_range = services.prefixlen < services.max_prefixlen
    return is_range and services.prefixlen <= block.prefixlen and block.network_address in services


def _smaller(family: Family, texts: tuple[str, ...]) -> Fix:
    return Fix(
        label="fix resource",
        summary=f"let no Services' range of BGPConfiguration default hold {family.label} addresses: {some(texts)}",
        risk=Risk.NONE,
    )
