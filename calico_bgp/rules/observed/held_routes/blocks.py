"""Rules about the blocks that nodes announce: who has which, and where they belong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.prefixes import Prefix, prefix_key
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.own import pools_of
from calico_bgp.rules.observed.held_routes.facts import SHOWN
from calico_bgp.rules.rule import Draft, rule


@rule(
    "block-announced-twice",
    Severity.ERROR,
    title="Two nodes announce the same block",
    meaning="Every block belongs to one node. Where two announce it, the others choose one of them, and what goes to "
    "the other "
    "one's pods is lost; it comes of a node that was reinstalled under another name, of two clusters in one network, "
    "or of "
    "BlockAffinities that were fixed by hand.",
    evidence="The block in BIRD's static protocol of both nodes.",
    action="`calicoctl ipam check` tells whose it is; restart calico-node on the other one.",
    messages={"twice": "{blocks:count block} {blocks:is|are} announced by several nodes: {names} by {nodes:and}"},
)
def block_announced_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family."""
    for family, observed in observed_of(cluster).items():
        owners: dict[Prefix, list[str]] = defaultdict(list)
        for node in observed.nodes:
            for block in node.own:
                if block not in node.lost and block.prefixlen < block.max_prefixlen:
                    owners[block].append(node.node)
        twice = sorted((block for block, nodes in owners.items() if len(nodes) > 1), key=prefix_key)
        if twice:
            nodes = tuple(sorted({name for block in twice for name in owners[block]}))
            evidence = tuple(f"{block}: static1 on {some(owners[block])}" for block in twice[:SHOWN])
            names = tuple(map(str, twice))
            subject = ClusterSubject(family=family)
            yield Draft(subject, "twice", evidence, "calicoctl ipam check", blocks=len(twice), names=names, nodes=nodes)


@rule(
    "blocks-outside-pools",
    Severity.WARNING,
    title="A node announces a block that is in no IPPool",
    meaning="A pool was deleted or changed while its blocks were in use. The node itself announces them still, for "
    "they are its own; a reflector, and a node beside a switch, passes nothing on that is in no pool, single addresses "
    "are not announced, and no route goes through a tunnel (confd's bird_ipam.cfg.template).",
    evidence="The node's own blocks beside the IPPools.",
    action="Create a pool that holds the block again, or move the pods.",
    messages={"outside": "{node} has {blocks:count block} that {blocks:is|are} in no IPPool: {names}"},
)
def blocks_outside_pools(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family; none without IPPools."""
    for family, observed in observed_of(cluster).items():
        pools = pools_of(cluster.snapshot.resources, family)
        if not pools:
            continue
        for node in observed.nodes:
            outside = [block for block in node.own if not any(block.network_address in pool for pool in pools)]
            if outside:
                names = tuple(map(str, outside))
                subject = NodeSubject(node=node.node, family=family)
                evidence = (f"IPPools: {some(pools)}",)
                look = "calicoctl get ippools -o wide"
                yield Draft(subject, "outside", evidence, look, node=node.node, blocks=len(names), names=names)


@rule(
    "routes-to-gone-node",
    Severity.WARNING,
    title="There are routes to the blocks of a node that is gone",
    meaning="A node was removed and its BlockAffinities stayed: its blocks are lost to others, and where its BIRD "
    "still runs "
    "they are announced.",
    evidence="BlockAffinities of a name that no Node has, whose blocks are in a BIRD's table.",
    action="`calicoctl ipam check --show-problem-ips`; when the machine is gone, `calicoctl ipam release` its blocks.",
    messages={"gone": "{blocks:count block} of {node}, which is no node of the cluster, {blocks:is|are} in the tables"},
)
def routes_to_gone_node(cluster: Cluster) -> Iterator[Draft]:
    """One finding per such name and family; none without Nodes and BlockAffinities."""
    resources = cluster.snapshot.resources
    if resources is None or not resources.tells_nodes:
        return
    names = {node.name for node in resources.nodes}
    blocks_of: dict[str, set[str]] = defaultdict(set)
    for affinity in resources.block_affinities:
        if affinity.is_a_nodes and affinity.node not in names:
            blocks_of[affinity.node].add(affinity.cidr)
    if not blocks_of:
        return
    for family in observed_of(cluster):
        announced = _held(cluster, family)
        for name, blocks in sorted(blocks_of.items()):
            there = sorted(blocks & announced)
            if there:
                evidence = (f"blocks: {some(there)}",)
                subject = NodeSubject(node=name, family=family)
                yield Draft(subject, "gone", evidence, "calicoctl ipam check", node=name, blocks=len(there))


def _held(cluster: Cluster, family: Family) -> set[str]:
    """What any BIRD holds."""
    tables = (member.reading.table(family) for member in cluster.members if member.reading is not None)
    return {str(route.prefix) for table in tables if table is not None for route in table.bird or ()}
