"""Which BGP addresses are wrong, or two nodes'. Facts for the families that speak of them, or keep out of their way."""

from __future__ import annotations

from calico_bgp.causes.addresses.wrong import odd_peers, unclaimed_by_host, wrong_address_of
from calico_bgp.causes.case import Case, once
from calico_bgp.model.peer import Address
from calico_bgp.rules.lint_facts import one_sided


@once
def shared_addresses(context: Case) -> dict[Address, tuple[str, ...]]:
    """Address → the nodes that have it, where these are several."""
    expectation = context.view.expectation
    asked = {} if expectation is None else expectation.nodes_by_address
    found = {address: tuple(names) for address, names in asked.items() if len(names) > 1}
    return found | dict(context.view.identity.claimed_twice)


@once
def nodes_with_doubtful_addresses(context: Case) -> frozenset[str]:
    """Nodes whose sessions are down because of an address: what they say of the network proves nothing."""
    found = {name for names in shared_addresses(context).values() for name in names}
    found |= {odd.owner for odd in odd_peers(context) if odd.owner is not None}
    found |= {foreign.member.name for foreign in unclaimed_by_host(context)}
    for member in context.view.members:
        node = member.resource
        if node is None:
            continue
        if node.name in found or (
            member.name in context.bad_of and wrong_address_of(context, member, node) is not None
        ):
            found.add(member.name)
    return frozenset(found)


def one_sided_by(context: Case, nodes: tuple[str, ...]) -> frozenset[str]:
    """What the lint says of halves that are missing only because two nodes have one address."""
    return frozenset(
        finding.id
        for finding in context.of("one-sided-peering")
        if _all_at(context, getattr(finding.subject, "name", ""), nodes)
    )


def shares_an_address(context: Case, bgp_peer: str) -> bool:
    """Whether every half that this BGPPeer lacks is at a node whose address another node has as well."""
    return any(_all_at(context, bgp_peer, nodes) for nodes in shared_addresses(context).values())


def _all_at(context: Case, bgp_peer: str, nodes: tuple[str, ...]) -> bool:
    if context.lint is None:
        return False
    halves = [half for half in one_sided(context.lint) if half.bgp_peer.name == bgp_peer]
    return bool(halves) and all({half.peer.node, half.peer.far_node} & set(nodes) for half in halves)
