"""The lint: resources in, a report out. Runs the rules that need nothing but resources (rules/resources/)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from operator import attrgetter

from calico_bgp.auditing.accepted import expired, set_aside
from calico_bgp.auditing.unjudged import why_nodes_say_nothing
from calico_bgp.auditing.verdict import verdict_of
from calico_bgp.cluster.cluster import Cluster, of_resources
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.failures import collecting
from calico_bgp.model.reports.lint import LintReport, ResourceCount
from calico_bgp.model.reports.report import Finding, NotChecked
from calico_bgp.model.resources import NotUnderstood, ResourceKind, Resources
from calico_bgp.model.settings.config import Config
from calico_bgp.rules.resources import LINT_RULES
from calico_bgp.rules.rule import Rule, without_failed

#: What lets findings of one rule stand in an order that does not depend on the files' order.
_Order = tuple[int, int, str, str]


def lint(
    resources: Resources,
    *,
    version: CalicoVersion = NEWEST,
    rules: Sequence[Rule] = LINT_RULES,
    config: Config | None = None,
    today: date | None = None,
) -> LintReport:
    """Judge Calico's resources by themselves; no cluster is asked.

    Args:
        resources: Nodes, BGPPeers, BGPConfigurations and IPPools, in any order. Without a Node the rules that need
            one are silent, and the report says so.
        version: Of the Calico that they are meant for.
        rules: Which rules run; add your own with `calico_bgp.rules.rule.rule`.
        config: Accepted exceptions.
        today: The day by which exceptions expire; without one nothing expires.

    Returns:
        The report. No resource can make this raise; a rule that fails by a mistake of ours is in `not_checked`.
    """
    resources = _sorted(resources)
    silent = 0 if resources.tells_nodes else len(resources.nodes)
    cluster = of_resources(resources, version=version)
    with collecting() as failures:
        all_findings = lint_findings(cluster, rules)
    own_failures = [failure for failure in failures if failure.matters]
    findings, ignored = set_aside(all_findings, config or Config(), today)
    blind = not cluster.configured.has_nodes
    return LintReport(
        verdict=verdict_of(findings, blind=blind or bool(own_failures)),
        calico_version=str(version),
        resources=_counts(resources),
        sources=resources.sources,
        findings=findings,
        ignored=ignored,
        not_checked=(
            *(failure.as_not_checked() for failure in failures),
            *(_without_nodes(silent) if blind else ()),
            *map(_left_out, resources.not_understood),
            *expired(config, today),
        ),
        rules=tuple(rule.id for rule in without_failed(rules, failures)),
        failed=tuple(rule.id for rule in rules if rule not in without_failed(rules, own_failures)),
    )


def lint_findings(cluster: Cluster, rules: Sequence[Rule] = LINT_RULES) -> list[Finding]:
    """What the rules have to say, worst first, in an order that does not depend on the order of the files."""
    order = {rule.id: place for place, rule in enumerate(rules)}

    def place(finding: Finding) -> _Order:
        return finding.severity.rank, order[finding.rule], str(finding.subject), finding.id

    return sorted((finding for rule in rules for finding in rule.findings(cluster)), key=place)


def _sorted(resources: Resources) -> Resources:
    """Each kind by name, also where the caller did not sort it: the files' order must not show in a finding."""
    by_name = attrgetter("name")
    return resources.model_copy(
        update={
            "nodes": tuple(sorted(resources.nodes, key=by_name)),
            "bgp_peers": tuple(sorted(resources.bgp_peers, key=by_name)),
            "bgp_configurations": tuple(sorted(resources.bgp_configurations, key=by_name)),
            "ip_pools": tuple(sorted(resources.ip_pools, key=by_name)),
        }
    )


def _without_nodes(silent: int) -> tuple[NotChecked, ...]:
    return (
        NotChecked(
            what="what the selectors match, who peers with whom, reflectors, addresses and AS numbers of nodes",
            why=why_nodes_say_nothing(silent)
            if silent
            else "there is no Node among these resources; add the output of `kubectl get nodes -o json`",
        ),
    )


def _left_out(resource: NotUnderstood) -> NotChecked:
    place = resource.source if resource.line is None else f"{resource.source}:{resource.line}"
    what = f"{resource.kind} {resource.name}, which is left out"
    return NotChecked(what=what, why=f"{place}: {resource.reason}")


def _counts(resources: Resources) -> tuple[ResourceCount, ...]:
    read = {
        ResourceKind.NODE: len(resources.nodes),
        ResourceKind.BGP_PEER: len(resources.bgp_peers),
        ResourceKind.BGP_CONFIGURATION: len(resources.bgp_configurations),
        ResourceKind.IP_POOL: len(resources.ip_pools),
    }
    beside = {"BGPFilter": len(resources.bgp_filters), "FelixConfiguration": len(resources.felix)}
    others = Counter({skipped.kind: skipped.number for skipped in resources.skipped})
    # Routes depend on them; no rule looks at them.
    others += Counter(BlockAffinity=len(resources.block_affinities))
    return (
        *(ResourceCount(kind=str(kind), number=number, read=True) for kind, number in read.items()),
        *(ResourceCount(kind=kind, number=number, read=True) for kind, number in beside.items() if number),
        *(ResourceCount(kind=kind, number=number, read=False) for kind, number in sorted(others.items())),
    )
