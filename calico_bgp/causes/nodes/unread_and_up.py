"""Nodes that were not read and of which only names are known, while all addresses of the mesh that are left are up."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.addresses.odd_peers import mesh_addresses
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.network.unplaced import may_be_off
from calico_bgp.causes.nodes.machines import fix_access
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import Address
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject


@also("node-unreadable-only")
def unread_and_up(case: Case) -> Iterator[Candidate]:
    """One for all of them: whose each address is nobody knows, but not whether it is up."""
    cluster = case.cluster
    unread = [
        (member, member.failure)
        for member in cluster.members
        if member.failure is not None and not case.up_keys(member.name) | case.bad_keys(member.name)
    ]
    names = {member.name for member, _ in unread}
    addresses: list[Address] = []
    for family in cluster.families:
        left = cluster.identity.unclaimed[family]
        if len(left) != len(names) or set(cluster.identity.unplaced[family]) != names:
            return
        addresses += left
    if len(names) < 2 or not addresses or cluster.snapshot.limited or not set(addresses) <= set(mesh_addresses(case)):
        return
    if any(case.bad_keys(str(address)) or not case.up_keys(str(address)) for address in addresses):
        return
    shown = {key.far(str(address)) for address in addresses for key in case.up_keys(str(address))}
    silent = any(may_be_off(failure) for _, failure in unread)
    yield Candidate(
        kind="node-unreadable-only",
        subjects=tuple(NodeSubject(node=name) for name in sorted(names)),
        title=Words(
            "works",
            node=sorted(names),
            so_far="so far" if silent else "but",
            told=f"{some(addresses)}, which must be theirs, are Established at {count(len(shown), 'node')}",
        ),
        explanation="A peer of the mesh is a node, and there are as many addresses that no node has which was read as "
        "nodes that were not read."
        + (" A host that went off less than four minutes ago looks the same." if silent else ""),
        confidence=Confidence.LIKELY,
        explains=frozenset[str]().union(*(case.of_node(name, "node-unreadable") for name in names)),
        evidence=tuple(f"{m.name}: {failure.stage}: {failure.message}" for m, failure in unread),
        fixes=(_fix([member for member, _ in unread]),),
        costs="no route that is known of: the addresses have their sessions; what the nodes show nobody sees",
    )


def _fix(unread: list[Member]) -> Fix:
    """One for all where the same helps all of them."""
    first, *others = map(fix_access, unread)
    if all(other.summary == first.summary for other in others):
        return first
    return Fix(label="fix access", summary=f"fix the ways to {some([m.name for m in unread])}", risk=Risk.NONE)
