"""Rules about BGPFilters, and pools that are not exported: what they keep back, and what in them says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.changes.advice import in_resource, set_field
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.about import about_peer, about_pool
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ResourceSubject
from calico_bgp.model.resources import ResourceKind
from calico_bgp.model.routes.bgp_filter import BGPFilter, Direction, FilterRule
from calico_bgp.routes.held_back import all_held_back
from calico_bgp.routes.network.pools import pool_fates
from calico_bgp.routes.policy.bgp_filter import never_or_always, refused_by_bird
from calico_bgp.routes.policy.shadow import shadowed_by
from calico_bgp.rules.rule import Draft, rule

_KIND = "BGPFilter"
_POOL = str(ResourceKind.IP_POOL)


def about_filter(bgp_filter: BGPFilter) -> ResourceSubject:
    """A BGPFilter, where it stands."""
    place = bgp_filter.place
    return ResourceSubject(resource=_KIND, name=bgp_filter.name, file=place.source, line=place.line)


def _lists(bgp_filter: BGPFilter) -> Iterator[tuple[str, Direction, tuple[FilterRule, ...]]]:
    """(`importV4`, direction, its rules)."""
    for direction in Direction:
        for family in Family:
            rules = bgp_filter.rules(direction, family)
            yield f"{direction}V{family.version}", direction, rules


@rule(
    "filter-refused",
    Severity.ERROR,
    title="BIRD refuses a rule of a BGPFilter, and with it every node's configuration",
    meaning="confd renders all BGPFilters on all nodes, used or not. One rule that BIRD cannot read, and its check of "
    "the whole file fails: every node keeps the configuration that it had, and no later change arrives. Such are a "
    "cidr with bits behind its length or of the other family, and a prefixLength that leaves no length. Source: "
    "confd/pkg/resource/template/template_funcs.go; tried on BIRD 1.6.8.",
    evidence="The rule, and what is wrong with it.",
    action="Correct the rule.",
    messages={"refused": "BIRD refuses rule {number} of {rules:same} of {filter}, and with it the file of every node"},
)
def filter_refused(cluster: Cluster) -> Iterator[Draft]:
    """One finding per filter; its further rules are more evidence."""
    for bgp_filter in cluster.configured.resources.bgp_filters:
        refused = list(refused_by_bird(bgp_filter))
        if refused:
            evidence = tuple(f"{rules} rule {number}: {why}" for rules, number, why in refused)
            rules, number, _ = refused[0]
            yield Draft(
                about_filter(bgp_filter),
                "refused",
                evidence,
                f"{in_resource(_KIND, bgp_filter.name)} correct rule {number} of {rules}",
                number=number,
                rules=rules,
                filter=bgp_filter.name,
            )


@rule(
    "filter-rejects-pods",
    Severity.ERROR,
    title="A BGPFilter keeps pods' routes from other nodes",
    meaning="With every session Established, nodes do not learn where these pods are: a rule of the filter rejects "
    "their blocks at export or import, and BIRD looks at nothing that follows. A list of what is allowed must end in "
    "Reject, and that also rejects the pods' own blocks. Without BlockAffinities only what holds for every block of "
    "every IPPool is told. Source: confd/pkg/resource/template/template_funcs.go.",
    evidence="The rules that reject, which blocks, and what stops the route of one pair.",
    action="Accept the pods' blocks before the rule that rejects them; `calico-bgp route` shows what each rule does.",
    messages={
        "lost": "{filter} keeps {pairs:count route} of {total:,} over {family} back: {rule}",
        "together": "{filter} and others together keep {pairs:count route} of {total:,} over {family} back: {rule}",
    },
)
def filter_rejects_pods(cluster: Cluster) -> Iterator[Draft]:
    """One finding per filter and family."""
    configured = cluster.configured
    filters = {bgp_filter.name: bgp_filter for bgp_filter in configured.resources.bgp_filters}
    if not configured.needs_bgp:
        return
    for held in all_held_back(configured.expectation):
        if held.kind == _KIND:
            yield Draft(
                about_filter(filters[held.name]),
                "lost" if held.alone else "together",
                (*held.rules, *held.blocks, f"{held.example[0]} and {held.example[1]}: {held.why}"),
                f"{in_resource(_KIND, held.name)} accept the pods' blocks before the rule that rejects them",
                filter=held.name,
                pairs=held.pairs,
                total=held.total,
                family=held.family.label,
                rule=held.rules[0],
            )


@rule(
    "pool-not-exported-inside",
    Severity.WARNING,
    title="Nobody learns where the pods of an IPPool are",
    meaning="disableBGPExport keeps the pool's blocks from every peer, the nodes of the cluster too, and nobody but "
    "BIRD programs the kernel routes of this pool: its pods reach only those of their own node. It is meant for "
    "pools whose routes Felix programs (VXLAN; IPIP from v3.33), or that a network outside knows another way. Source: "
    "confd/etc/calico/confd/templates/bird_ipam.cfg.template.",
    evidence="The pool, its encapsulation, and who programs its routes.",
    action="Export the pool; a BGPFilter at the peer outside can keep its routes from there.",
    messages={"hidden": "no node learns where the pods of {pool} are: it has disableBGPExport, and {because:same}"},
)
def pool_not_exported_inside(cluster: Cluster) -> Iterator[Draft]:
    """One finding per pool, where nodes have sessions with each other."""
    configured = cluster.configured
    if len(configured.nodes) < 2 or not (configured.mesh_enabled or any(configured.neighbours.values())):
        return
    pools = {pool.name: pool for pool in configured.resources.ip_pools}
    for fate in pool_fates(configured.resources, version=configured.expectation.version):
        pool = pools[fate.name]
        if not fate.exported and not fate.survives and not pool.disabled and pool.is_for_pods:
            yield Draft(
                about_pool(pool),
                "hidden",
                (f"{pool.cidr}, {fate.encapsulation}", "disableBGPExport: true", fate.because),
                set_field(_POOL, pool.name, "spec.disableBGPExport", False),
                pool=pool.name,
                because=fate.because,
            )


@rule(
    "filter-missing",
    Severity.WARNING,
    title="A BGPPeer names a BGPFilter that is not there",
    meaning="BIRD gets no function of that name, and the peer is configured as if the filter were not named: what it "
    "should reject is accepted. Where no BGPFilter is among the resources at all, that is taken for a kind that was "
    "not given. Source: confd/pkg/backends/calico/bgp_processor.go.",
    evidence="The BGPPeer, and the name.",
    action="Make the filter, or correct the name.",
    messages={"missing": "{peer} names BGPFilter {filter}, which is not there"},
)
def filter_missing(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer and filter."""
    configured = cluster.configured
    names = {bgp_filter.name for bgp_filter in configured.resources.bgp_filters}
    # One that this release cannot read was counted and left out.
    if not names or any(skipped.kind == _KIND for skipped in configured.resources.skipped):
        return
    for peer in configured.resources.bgp_peers:
        for name in dict.fromkeys(peer.filters):
            if name not in names:
                evidence = (f"filters: {', '.join(peer.filters)}", f"there are: {', '.join(sorted(names))}")
                step = f"{in_resource(str(ResourceKind.BGP_PEER), peer.name)} correct spec.filters, or make the filter"
                yield Draft(about_peer(peer, "spec.filters"), "missing", evidence, step, peer=peer.name, filter=name)


@rule(
    "filter-rule-never-matches",
    Severity.WARNING,
    title="A rule of a BGPFilter can never decide",
    meaning="Rules stand in order and the first that matches decides, so that a rule after one that matches as much "
    "is never reached. And BIRD finds a prefix never equal to a range of prefixes: Equal with prefixLength never "
    "matches, NotEqual with prefixLength matches every route. Source: "
    "confd/pkg/resource/template/template_funcs.go; tried on BIRD 1.6.8.",
    evidence="The rule, and why it never decides.",
    action="Put the narrower rule first; write In where a range of lengths is meant.",
    messages={
        "shadowed": "rule {number} of {rules:same} of {filter} is never reached: rule {first} takes all it matches",
        "never": "rule {number} of {rules:same} of {filter} never matches: Equal with prefixLength, or with an address",
        "always": "rule {number} of {rules:same} of {filter} matches every prefix: NotEqual with prefixLength, or with "
        "an address",
    },
)
def filter_rule_never_matches(cluster: Cluster) -> Iterator[Draft]:
    """One finding per rule."""
    for bgp_filter in cluster.configured.resources.bgp_filters:
        refused = {(rules, number) for rules, number, _ in refused_by_bird(bgp_filter)}
        for name, direction, rules in _lists(bgp_filter):
            for number, filter_rule in enumerate(rules, 1):
                always, first = never_or_always(filter_rule), shadowed_by(rules, number, direction)
                if (name, number) in refused or (always is None and first is None):
                    continue
                shadow = [] if always is not None or first is None else [f"rule {first}: {words(rules[first - 1])}"]
                yield Draft(
                    about_filter(bgp_filter),
                    "shadowed" if shadow else "always" if always else "never",
                    [*shadow, f"rule {number}: {words(filter_rule)}"],
                    f"{in_resource(_KIND, bgp_filter.name)} correct rule {number} of {name}",
                    number=number,
                    rules=name,
                    filter=bgp_filter.name,
                    first=first,
                )


@rule(
    "filter-unused",
    Severity.INFO,
    title="No BGPPeer names a BGPFilter",
    meaning="A BGPFilter counts only where a BGPPeer names it in spec.filters; the mesh has none. It is rendered on "
    "every node all the same.",
    evidence="The filter, and the filters that BGPPeers name.",
    action="Name it in a BGPPeer, or delete it.",
    messages={"unused": "no BGPPeer names {filter}, so that it does nothing"},
)
def filter_unused(cluster: Cluster) -> Iterator[Draft]:
    """One finding per filter."""
    configured = cluster.configured
    used = {name for peer in configured.resources.bgp_peers for name in peer.filters}
    for bgp_filter in configured.resources.bgp_filters:
        if bgp_filter.name not in used:
            peers = count(len(configured.resources.bgp_peers), "BGPPeer")
            yield Draft(about_filter(bgp_filter), "unused", (f"{peers}: none names it",), filter=bgp_filter.name)


def words(one: FilterRule) -> str:
    """A rule in a few words: `Reject In 10.0.0.0/8`."""
    parts = [str(one.action)]
    if one.cidr is not None:
        parts.append(f"{one.operator} {one.cidr}")
    if one.prefix_length is not None:
        bounds = (("from", one.prefix_length.min), ("to", one.prefix_length.max))
        parts += ["of lengths", *(f"{word} {length}" for word, length in bounds if length is not None)]
    parts += ["from remote peers"] * one.remote_peers_only
    for name, value in (("interface", one.interface), ("peerType", one.peer_type), ("priority", one.priority)):
        parts += [f"{name} {value}"] * (value is not None)
    if one.community is not None:
        parts.append(f"community {':'.join(map(str, one.community))}")
    if one.as_path_prefix:
        parts.append(f"AS path {' '.join(map(str, one.as_path_prefix))}")
    return " ".join(parts)
