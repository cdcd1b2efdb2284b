"""Causes in who writes the kernel's routes to other nodes: BIRD and Felix both, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.costs import costs_of
from calico_bgp.causes.remedies.programming import one_writer
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject, ResourceSubject
from calico_bgp.model.routes.observed import Stop
from calico_bgp.routes.network.programming import Conflict, conflicts_of

_SETTINGS = "kubectl get felixconfigurations,bgpconfigurations -o yaml | grep -E '  name:|programClusterRoutes'"
#: Fewest nodes for which a common setting is likelier than a fault of each.
_FEWEST = 2

_OfNode = tuple[Finding, NodeSubject]


@cause(
    "programmed-twice",
    title="BIRD and Felix both write the routes to other nodes",
    what="BIRD and Felix both write",
    messages={"twice": "BIRD and Felix both write the kernel's routes on {nodes:count node}"},
    meaning="FelixConfiguration (v3.31) and BGPConfiguration (v3.32) each have programClusterRoutes, and nothing "
    "checks that they complement each other. The kernel takes one of both; when a node goes, Felix's route may stay, "
    "and BIRD announces its copy. Source: design/cluster-route-programming/DESIGN.md, felix/config/config_params.go.",
    evidence="Two routes to one network in the kernel, by BIRD and by Felix. Certain.",
    look_alikes="kernel-behind-bird, where only another writer has the network.",
    mending="One writer for each class of routes: programClusterRoutes of BGPConfiguration, of the values that its "
    "release knows one by which each class has one writer in the model; up to v3.31 Felix's.",
    demos=("programmed-twice",),
)
def programmed_twice(case: Case) -> Iterator[Candidate]:
    """One for the cluster: the settings are the cluster's."""
    findings = list(case.about(NodeSubject, "routes-programmed-twice"))
    if not findings:
        return
    yield Candidate(
        kind="programmed-twice",
        subjects=_nodes(findings),
        title=Words("twice", nodes=tuple(one.node for one in _nodes(findings))),
        explanation="Both have written the same networks, so that the settings of both let them.",
        confidence=Confidence.CERTAIN,
        explains=frozenset(finding.id for finding, _ in findings),
        evidence=findings[0][0].evidence,
        decide=(
            decision(
                _SETTINGS, None, ("values that overlap", "both write: let one of them write each class of routes")
            ),
        ),
        fixes=one_writer(case),
        routes_lost=0,
        costs="no route: the kernel takes Felix's; it stays where a node is gone",
    )


@cause(
    "programmed-by-nobody",
    title="Neither BIRD nor Felix writes the routes to other nodes",
    what="nobody writes the kernel's routes",
    messages={
        "settings": "neither BIRD nor Felix writes the kernel's routes of {pools:count IPPool} ({kind}): {pools}",
        "kernels": "the kernels of {nodes:every node} have no routes to other nodes' pods, though every BIRD has",
    },
    meaning="Each leaves the routes to the other: programClusterRoutes of FelixConfiguration (v3.31) and of "
    "BGPConfiguration (v3.32) must complement each other, an upgrade to v3.32 or v3.33 changes what their values mean, "
    "and nothing checks them. Every session stands and BIRD has every route, for what its kernel filter rejects is no "
    "error. Source: design/cluster-route-programming/DESIGN.md, felix/config/config_params.go, "
    "confd/pkg/backends/calico/bgp_processor.go.",
    evidence="Calico's resources, by which neither writes: certain, unless the kernels have the routes. Without them "
    "kernels that lack what BIRD has, on every node: likely.",
    look_alikes="kernel-behind-bird and own-protocol-down, where the kernels of single nodes lack routes.",
    mending="One writer for each class of routes: programClusterRoutes of BGPConfiguration, of the values that its "
    "release knows one by which each class has one writer in the model; else Felix's.",
    demos=("programmed-by-nobody",),
)
def programmed_by_nobody(case: Case) -> Iterator[Candidate]:
    """One for each class of pools that the resources leave to nobody; without resources one for the cluster."""
    lacking = [(finding, node) for finding, node in case.about(NodeSubject, "kernel-behind") if finding.key == "lacks"]
    findings = list(case.about(ResourceSubject, "cluster-routes-programmed-by-nobody"))
    for conflict in _nobody(case) if findings else ():
        yield _by_settings(case, conflict, findings, lacking)
    if not findings and len(lacking) >= _FEWEST and _is_everywhere(case):
        yield _by_kernels(case, lacking)


def _nobody(case: Case) -> Iterator[Conflict]:
    resources = case.cluster.resources
    conflicts = () if resources is None else conflicts_of(resources, case.cluster.version)
    yield from (conflict for conflict in conflicts if conflict.writers.is_nobody)


def _by_settings(
    case: Case, conflict: Conflict, findings: list[tuple[Finding, ResourceSubject]], lacking: list[_OfNode]
) -> Candidate:
    own = [finding for finding, subject in findings if subject.name == conflict.felix]
    lost_routes = _lost(case)
    return Candidate(
        kind="programmed-by-nobody",
        subjects=tuple(finding.subject for finding in own),
        title=Words("settings", pools=conflict.pools, kind=str(conflict.kind)),
        explanation="BIRD has every route and writes none of these into the kernel, and Felix neither.",
        confidence=Confidence.CERTAIN,
        explains=frozenset(finding.id for finding in (*own, *(finding for finding, _ in lacking))),
        evidence=(*own[0].evidence, *(lacking[0][0].evidence[:2] if lacking else ())) if own else (),
        fixes=one_writer(case),
        routes_lost=lost_routes,
        costs=costs_of(lost_routes),
    )


def _by_kernels(case: Case, lacking: list[_OfNode]) -> Candidate:
    lost_routes = _lost(case)
    return Candidate(
        kind="programmed-by-nobody",
        subjects=_nodes(lacking),
        title=Words("kernels", nodes=tuple(subject.node for subject in _nodes(lacking))),
        explanation="What every kernel lacks hangs on settings of the cluster rather than on each node.",
        confidence=Confidence.LIKELY,
        explains=frozenset(finding.id for finding, _ in lacking),
        evidence=lacking[0][0].evidence,
        decide=(
            decision(
                _SETTINGS,
                None,
                ("Disabled twice", "nobody writes: let one of them write each class of routes"),
                ("nothing", "the release's own settings: is Felix of the same release as BIRD?"),
            ),
        ),
        fixes=one_writer(case),
        routes_lost=lost_routes,
        costs=costs_of(lost_routes),
    )


def _nodes(findings: list[_OfNode]) -> tuple[NodeSubject, ...]:
    return tuple(NodeSubject(node=name) for name in sorted({subject.node for _, subject in findings}))


def _is_everywhere(case: Case) -> bool:
    """Whether no kernel that was read has a route that its BIRD has, and BIRD's own protocol is up."""
    in_kernels = any(node.in_kernel for observed in case.observed.values() for node in observed.nodes)
    return not in_kernels and not case.ids("own-routes-lost")


def _lost(case: Case) -> int | None:
    """The routes that BIRD has and the kernel has not; None where no kernel was read."""
    observed = case.observed.values()
    if not any(routes.kernels for routes in observed):
        return None
    return sum(missing.stop is Stop.NOT_IN_KERNEL for routes in observed for missing in routes.missing)
