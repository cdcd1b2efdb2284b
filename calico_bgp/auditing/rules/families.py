"""Rules about an address family that only some nodes use, or none."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.auditing.rule import Context, Draft, rule
from calico_bgp.auditing.rules.nodes import family_matters
from calico_bgp.auditing.words import count
from calico_bgp.model.peer import Family
from calico_bgp.model.report import Severity
from calico_bgp.model.subject import ClusterSubject, NodeSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.topology.members import Table


@rule(
    "family-without-peers",
    Severity.WARNING,
    title="A node has peers of one family only",
    meaning="The node has peers over one family but none over the other, although other nodes have them, and no "
    "one has a row for it "
    "there. Right for a node that has no address of that family; else its pods are cut off over that family "
    "(calico: a node "
    "without an address of a family has no BGP peer of any kind in that family).",
    evidence="The node's table of that family is empty and no other table names it.",
    action="Look whether the node should have an address of that family: `calicoctl get node NAME -o yaml`, spec.bgp.",
    shape_only=True,
)
def family_without_peers(context: Context) -> Iterator[Draft]:
    """One finding per node and family, info where the node visibly has no address of that family."""
    view = context.view
    for family in view.families:
        for member in view.members:
            if member.table(family) is not Table.WHOLE or view.takes_part(member, family):
                continue
            if not any(view.takes_part(member, other) for other in Family):
                continue
            known = member.reading.addresses if member.reading else ()
            has_address = any((address.version == 4) is (family is Family.IPV4) for address in known)
            yield Draft(
                NodeSubject(node=member.name, family=family),
                f"{member.name} has no {family.label} peers, while other nodes have",
                (f"No {family.label} peers found.",),
                f"calicoctl get node {shell_words.name(member.name)} -o yaml: "
                f"does spec.bgp name an {family.label} address?",
                Severity.INFO if known and not has_address else None,
            )


@rule(
    "family-not-running",
    Severity.INFO,
    title="BIRD of one family runs nowhere",
    meaning="No node runs BIRD of this family and no node has a peer of it: the cluster does not use it.",
    evidence="Every node that was read says so.",
    action="Nothing, unless the cluster should be dual-stack.",
)
def family_not_running(context: Context) -> Iterator[Draft]:
    """One finding per such family, unless nothing runs at all (rule no-bgp)."""
    view = context.view
    if view.shape.kind is TopologyKind.NO_BGP:
        return
    for family in Family:
        tables = {member.table(family) for member in view.members}
        if Table.NOT_RUNNING in tables and not family_matters(view, family):
            from_all = sum(member.table(family) is Table.NOT_RUNNING for member in view.members)
            yield Draft(
                ClusterSubject(family=family),
                f"BIRD for {family.label} runs on no node, and no node has an {family.label} peer",
                (f"{count(from_all, 'node')}: BIRD of that family is not running",),
            )
