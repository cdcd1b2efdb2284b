"""Causes in what outlives the resource that it belonged to: blocks without their IPPool, and without their Node."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.remedies.left_behind import pool_again, release_blocks
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.held_back import HeldBack, held_back
from calico_bgp.routes.network.holding.block_kinds import blocks_outside
from calico_bgp.routes.policy.judgement import NO_POOL

_BY_TABLES = ("routes-not-arriving", "routes-not-accepted")


@cause(
    "pool-deleted",
    title="Pods live in blocks that are in no IPPool",
    what="IPPool deleted, blocks in use",
    messages={"outside": "{blocks:count block} of pods over {family} {blocks:is|are} in no IPPool any more: {names}"},
    meaning="An IPPool was deleted, or made anew with another cidr, and its blocks stay as long as pods have addresses "
    "of them. A node announces its own block all the same, so that a mesh goes on; a reflector and a node beside a "
    "switch pass nothing on that lies in no pool, and no tunnel of the pool leads there. Source: "
    "confd/etc/calico/confd/templates/bird_ipam.cfg.template; libcalico-go/lib/clientv3/ippool.go.",
    evidence="Calico's resources: BlockAffinities beside the IPPools. Certain.",
    look_alikes="pool-not-exported, where the pool is there and has disableBGPExport.",
    mending="The pool again, disabled, so that no pod gets an address of it, tried in the model; or new pods, whose "
    "addresses are of a pool that is there.",
    demos=("pool-deleted",),
)
def pool_deleted(case: Case) -> Iterator[Candidate]:
    """One per family."""
    expectation = case.cluster.expectation
    for family in Family if expectation is not None else ():
        blocks = () if expectation is None else blocks_outside(expectation.resources, family)
        lacking = next((h for h in held_back(expectation, family) if h.kind == NO_POOL), None) if expectation else None
        about = [finding for finding, _, of in case.of_each_node("blocks-outside-pools") if of is family]
        about += [
            finding for finding in case.of("routes-held-back") if finding.key == "outside" and _is_of(finding, family)
        ]
        if blocks and about:
            yield _of_pool(case, family, blocks, lacking, about)


def _of_pool(
    case: Case, family: Family, blocks: tuple[Prefix, ...], lacking: HeldBack | None, about: list[Finding]
) -> Candidate:
    names = tuple(map(str, sorted(blocks, key=lambda block: int(block.network_address))))
    by_tables = [finding for finding in case.of(*_BY_TABLES) if lacking is not None and _is_of(finding, family)]
    return Candidate(
        kind="pool-deleted",
        subjects=(ClusterSubject(family=family),),
        title=Words("outside", blocks=len(names), family=family.label, names=names),
        explanation="What lies in no pool, a node announces where it is its own and passes on of nobody.",
        confidence=Confidence.CERTAIN,
        explains=frozenset(finding.id for finding in (*about, *by_tables)),
        evidence=about[0].evidence,
        fixes=pool_again(case, family, blocks),
        routes_lost=0 if lacking is None else lacking.pairs,
        costs="no route yet: a node announces its own blocks" if lacking is None else routes_lost(lacking.pairs),
    )


@cause(
    "deleted-node-announces",
    title="A machine announces blocks whose Node was deleted",
    what="Node deleted, routes still there",
    messages={"announces": "the Node {node} was deleted, and its machine still announces its blocks: {names}"},
    meaning="confd makes no file where there is no Node, so that BIRD of a deleted Node runs on with the file that it "
    "had; who peers with it by its address (peerIP), a reflector or a switch, keeps the session and its routes. "
    "Pods that Kubernetes has given up are reached there, and the blocks never become free. Source: "
    "confd/pkg/backends/calico/client.go; libcalico-go/lib/ipam.",
    evidence="BlockAffinities of a name that no Node has, and their blocks in other nodes' tables. Certain.",
    look_alikes="node-left, where the others have dropped the machine, and nothing of it is in their tables.",
    mending="Stop the machine, take the BGPPeers away that name its address, and release its blocks.",
    demos=("node-deleted",),
)
def deleted_node_announces(case: Case) -> Iterator[Candidate]:
    """One per such node."""
    for (node, _), findings in case.of_nodes("routes-to-gone-node").items():
        families = [family for _, family in findings]
        affinities = case.resources.block_affinities if case.resources is not None else ()
        names = tuple(sorted(one.cidr for one in affinities if one.node == node and _family_of(one.cidr) in families))
        yield Candidate(
            kind="deleted-node-announces",
            subjects=(NodeSubject(node=node, family=only_family(families)),),
            title=Words("announces", node=node, names=names),
            explanation="No Node has that name, and its blocks are in the tables of nodes that are there: somebody "
            "announces them.",
            confidence=Confidence.CERTAIN,
            # To take it off the list, as the rule says of what is no node, would hide that it runs.
            explains=frozenset(finding.id for finding, _ in findings) | case.of_node(node, "not-a-node"),
            evidence=tuple(line for finding, _ in findings for line in finding.evidence),
            decide=(
                decision(
                    "calicoctl get bgppeers -o wide",
                    None,
                    ("a PEERIP that is no node's", "the machine's: stop it, and delete that BGPPeer"),
                ),
            ),
            fixes=release_blocks(node, names),
            routes_lost=0,
            costs="no route of a node: its pods, whom Kubernetes has given up, are reached",
        )


def _family_of(cidr: str) -> Family:
    return Family.IPV6 if ":" in cidr else Family.IPV4


def _is_of(finding: Finding, family: Family) -> bool:
    return getattr(finding.subject, "family", None) is family
