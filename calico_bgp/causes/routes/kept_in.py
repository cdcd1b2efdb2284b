"""Cause, without resources: nodes whose BIRD has its own blocks, and whose export filter lets none of them out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.remedies.resources import GIVE_RESOURCES
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_FILTERS_LINE
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.peer import Family, PeerType, family_of, only_family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, SessionSubject
from calico_bgp.model.routes.observed import Missing, Stop
from calico_bgp.natural_order import natural_key
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.observed.session_readings import session_readings

_KIND = "own-blocks-kept-in"

_SHOWN = 6


@cause(
    _KIND,
    title="The export filter of a node's BIRD keeps its own blocks in",
    what="own blocks kept in",
    messages={
        "nobody": "no node announces its own blocks over {family:and}: the export filters of {nodes:every node} "
        "keep them in",
        "some": "BIRD on {nodes} keeps {nodes:its|their} own blocks in over {family:and}: {nodes:its export filter "
        "rejects|their export filters reject} them",
    },
    meaning="BIRD has the blocks, its sessions stand, and it exports none of them: its export filter rejects them. "
    "Three things write that filter: an IPPool with disableBGPExport, a BGPFilter that a BGPPeer names, and whoever "
    "edits the template or bird.cfg. Without Calico's resources nobody can tell which it was. Source: BIRD "
    "nest/proto.c (exported routes); confd/etc/calico/confd/templates/bird_ipam.cfg.template.",
    evidence="`0 exported` in `show protocols all`, and the tables of the others, which lack the blocks; only without "
    "Calico's resources. Likely.",
    look_alikes="own-protocol-down, where BIRD itself lacks the blocks; with resources pool-not-exported, "
    "filter-rejects-routes or filter-by-hand say which it is.",
    mending="What wrote the filter; Calico's resources tell which it is.",
    no_demo="No demo shows it: a demo reads the resources, and then pool-not-exported, filter-rejects-routes or "
    "filter-by-hand is named.",
)
def own_blocks_kept_in(case: Case) -> Iterator[Candidate]:
    """One for all nodes that keep all their blocks in over the same families."""
    if case.configured is not None:
        return
    at_limit = {
        (reading.node, reading.family)
        for reading in session_readings(case.cluster)
        if any(limit.is_hit for limit in reading.protocol.limits)
    }
    findings: dict[str, dict[Family, list[Finding]]] = defaultdict(dict)
    for finding, node, family in case.of_each_node("routes-not-announced"):
        if (node, family) not in at_limit:
            findings[node][family] = [finding, *_over_sessions(case, node, family)]
    alike: dict[tuple[Family, ...], list[str]] = defaultdict(list)
    for node, of_family in findings.items():
        alike[tuple(family for family in Family if family in of_family)].append(node)
    for families, names in alike.items():
        nodes = sorted(names, key=natural_key)
        explained = [one for node in nodes for family in families for one in findings[node][family]]
        yield _candidate(case, nodes, families, explained)


def _over_sessions(case: Case, node: str, family: Family) -> Iterator[Finding]:
    """What is said of single sessions with nodes over which it tells nothing."""
    fars = {
        reading.far
        for reading in session_readings(case.cluster)
        if (reading.node, reading.family, reading.protocol.exported) == (node, family, 0) and not reading.is_external
    }
    subjects = {SessionSubject.between(node, far, family) for far in fars}
    return (finding for finding in case.of("nothing-exported") if finding.subject in subjects)


def _candidate(case: Case, nodes: Sequence[str], families: Sequence[Family], findings: list[Finding]) -> Candidate:
    lost = [one for family in families for one in case.observed[family].missing if _is_kept_in(one, nodes)]
    owners = {one.node for family in families for one in case.observed[family].nodes if one.own}
    is_all_read = all(member.reading is not None for member in case.cluster.members)
    everywhere = is_all_read and len(nodes) > 1 and owners == set(nodes)
    family, labels = only_family(families), tuple(one.label for one in families)
    return Candidate(
        kind=_KIND,
        subjects=(ClusterSubject(family=family),)
        if everywhere
        else tuple(NodeSubject(node=node, family=family) for node in nodes),
        title=Words("nobody", nodes=len(nodes), family=labels)
        if everywhere
        else Words("some", nodes=tuple(nodes), family=labels),
        explanation="BIRD has these blocks and its sessions stand, so that nothing but its export filter keeps them "
        "in. What wrote that filter only Calico's resources tell.",
        confidence=Confidence.LIKELY,
        explains=frozenset(finding.id for finding in findings),
        evidence=tuple(dict.fromkeys(line for finding in findings for line in finding.evidence))[:_SHOWN],
        decide=(decision(LOOK_AT_FILTERS_LINE, None, *_writers(case, nodes, families, lost)),),
        fixes=(GIVE_RESOURCES,),
        routes_lost=len(lost),
        costs=routes_lost(len(lost)),
    )


def _is_kept_in(one: Missing, nodes: Sequence[str]) -> bool:
    return one.stop is Stop.NOT_ANNOUNCED and one.origin in nodes


def _writers(
    case: Case, nodes: Sequence[str], families: Sequence[Family], lost: Sequence[Missing]
) -> Iterator[tuple[str, str]]:
    """Who may have written the filter: what one would see of it, and what to do then."""
    if _is_lacked_by_all(case, lost):
        yield "disableBGPExport: true at the pool of these blocks", "export that pool"
    if not _are_of_mesh(case, nodes, families):
        yield (
            "a BGPFilter that rejects the blocks, in the filters of their BGPPeer",
            "let a rule before the one that rejects them accept them",
        )
    there = f"calico-node on {nodes[0]}" if len(nodes) == 1 else "calico-node there, one node after the other"
    yield "none of these", f"somebody edited the template or bird.cfg: undo that and restart {there}"


def _is_lacked_by_all(case: Case, lost: Sequence[Missing]) -> bool:
    """Whether every node lacks the same blocks of a node: a pool that is not exported is told to nobody."""
    for family, observed in case.observed.items():
        read = {one.node for one in observed.nodes if one.missing is not None}
        blocks: dict[str, dict[str, tuple[Prefix, ...]]] = defaultdict(dict)
        for one in lost:
            if family_of(one.blocks[0].network_address) is family:
                blocks[one.origin][one.learner] = one.blocks
        for origin, of_learner in blocks.items():
            if not read - {origin} <= of_learner.keys() or len(set(of_learner.values())) > 1:
                return False
    return True


def _are_of_mesh(case: Case, nodes: Sequence[str], families: Sequence[Family]) -> bool:
    """Whether all sessions of these nodes with others are the mesh's, which no BGPFilter is for."""
    of_nodes = [one for node in nodes for family in families for one in case.cluster.sessions_of[node, family]]
    between = [one for one in of_nodes if one.is_up and {one.key.a, one.key.b} <= case.cluster.by_name.keys()]
    return all(one.peer_types == {PeerType.MESH} for one in between)
