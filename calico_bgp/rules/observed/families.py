"""Rules about an address family that only some nodes use, or none, and about a cluster without BGP."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.expected import version_of
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.messages.declared import Words
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.routes.network.pools import pools_in_need_of_bird
from calico_bgp.rules.observed.nodes import family_matters
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import POD_SELECTOR


@rule(
    "family-without-peers",
    Severity.WARNING,
    title="A node takes no part in one family",
    meaning="The node has peers over one family but none over the other, although other nodes have them: its pods are "
    "cut off over that family (a node without an address of a family has no BGP peer of any kind in it: confd, "
    "bgp_processor.go). An error where the host has an address of the family and most nodes use it, so that only "
    "Calico lacks it; an info where the host visibly has none; else nobody knows, and the verdict is `unknown`.",
    evidence="The node's table of that family is empty and no other table names it, or its Node has no address of it; "
    "and the addresses of the host.",
    action="Look whether the node should have an address of that family: `calicoctl get node NAME -o yaml`, spec.bgp; "
    "and at IP and IP6 of calico-node, by which it finds one.",
    messages={
        "no-peers": "{node} has no {family:and} peers, while other nodes have",
        "no-address": "{node} has no {family:and} address in Calico's resources, while {others:count other node} "
        "{others:has|have} one",
    },
)
def family_without_peers(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family that most nodes use and this one does not."""
    for family in Family:
        users = [member for member in cluster.members if _uses(cluster, member, family)]
        if not users or (cluster.expectation is not None and len(users) < 2):
            continue
        for member in cluster.members:
            if not _stays_out(cluster, member, family):
                continue
            addresses = _addresses(member)
            has_address = any(family_of(address) is family for address in addresses)
            severity = None
            if addresses and not has_address:
                severity = Severity.INFO
            elif has_address and 2 * len(users) > len(cluster.members):
                severity = Severity.ERROR
            yield Draft(
                NodeSubject(node=member.name, family=family),
                "no-peers" if cluster.expectation is None else "no-address",
                tuple(_evidence(member, family, addresses)),
                step(
                    "calicoctl get node {node} -o yaml: does spec.bgp name an {family:and} address?",
                    node=shell_words.name(member.name),
                    family=family.label,
                ),
                severity,
                node=member.name,
                family=family,
                others=len(users),
            )


def _uses(cluster: Cluster, member: Member, family: Family) -> bool:
    """Whether it takes part in the family, or should by the resources."""
    if cluster.expectation is not None and member.resource is not None:
        return member.resource.address(family) is not None
    return cluster.takes_part(member, family)


def _stays_out(cluster: Cluster, member: Member, family: Family) -> bool:
    """Whether it provably takes no part in the family, and does in the other one."""
    other = Family.IPV6 if family is Family.IPV4 else Family.IPV4
    if member.is_unreadable or _uses(cluster, member, family) or not _uses(cluster, member, other):
        return False
    if cluster.expectation is not None and member.resource is not None:
        # What its host has is known only of a node that was read, or that Kubernetes knows addresses of.
        return member.reading is not None or bool(member.resource.internal_ips)
    return member.table(family) is Table.WHOLE


def _addresses(member: Member) -> tuple[Address, ...]:
    own = member.own_addresses
    return (*own, *(member.resource.internal_ips if member.resource is not None else ()))


def _evidence(member: Member, family: Family, addresses: tuple[Address, ...]) -> Iterator[str]:
    if member.table(family) is Table.WHOLE and not member.rows(family):
        yield f"No {family.label} peers found."
    if member.resource is not None and member.resource.address(family) is None:
        yield f"Node {member.resource.name}: no {family.label} address"
    if addresses:
        yield f"addresses of the host: {some(list(map(str, dict.fromkeys(addresses))))}"


@rule(
    "family-not-running",
    Severity.INFO,
    title="BIRD of one family runs nowhere",
    meaning="No node runs BIRD of this family and no node has a peer of it: the cluster does not use it.",
    evidence="Every node that was read says so.",
    action="Nothing, unless the cluster should be dual-stack.",
    messages={
        "runs-nowhere": "BIRD for {family:and} runs on no node, and no node has an {family:and} peer",
    },
)
def family_not_running(cluster: Cluster) -> Iterator[Draft]:
    """One finding per such family, unless nothing runs at all (rule no-bgp)."""
    if cluster.shape.kind is TopologyKind.NO_BGP:
        return
    for family in Family:
        tables = {member.table(family) for member in cluster.members}
        if Table.NOT_RUNNING in tables and not family_matters(cluster, family):
            from_all = sum(member.table(family) is Table.NOT_RUNNING for member in cluster.members)
            yield Draft(
                ClusterSubject(family=family),
                "runs-nowhere",
                (f"{count(from_all, 'node')}: BIRD of that family is not running",),
                family=family,
            )


@rule(
    "no-bgp",
    Severity.INFO,
    title="The cluster does not use BGP",
    meaning="BIRD runs on no node. With `CALICO_NETWORKING_BACKEND=vxlan` or `none` that is how it should be, and "
    "healthy. A warning where an IPPool has kernel routes that BIRD would program.",
    evidence="Every node that was read says that the BGP backend process is not running.",
    action="Nothing - unless this cluster should use BGP: then BIRD is dead everywhere.",
    messages={
        "not-used": "BIRD does not run on {where} that answered: this cluster does not use BGP",
        "perhaps-not-used": "BIRD does not run on {where} that answered: either this cluster does not use BGP, or it "
        "is dead there",
        "needed-by-pools": "BIRD does not run on {where} that answered: yet BIRD programs the routes of IPPool "
        "{pools:all}",
        "one-node": "the one node",
        "several-nodes": "any of the {read} nodes",
    },
)
def no_bgp(cluster: Cluster) -> Iterator[Draft]:
    """One finding when BIRD runs nowhere and no roles were given."""
    if cluster.shape.kind is TopologyKind.NO_BGP:
        read = sum(member.reading is not None for member in cluster.members)
        where = Words("one-node") if read == 1 else Words("several-nodes", read=read)
        # A part of the cluster cannot show that all of it is so.
        part = cluster.snapshot.limited or any(member.is_unlisted for member in cluster.members)
        needing = pools_in_need_of_bird(cluster.snapshot.resources, version=version_of(cluster.snapshot))
        key = "perhaps-not-used" if part else "not-used"
        yield Draft(
            ClusterSubject(),
            "needed-by-pools" if needing else key,
            [f"IPPool {pool.name}, {pool.encapsulation}: {pool.because}" for pool in needing[:5]],
            step(f"if it should use BGP: kubectl get pods -A -l {POD_SELECTOR} -o wide"),
            Severity.WARNING if part or needing else None,
            where=where,
            pools=[pool.name for pool in needing[:5]],
        )
