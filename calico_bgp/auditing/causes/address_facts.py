"""Which BGP addresses are wrong, or two nodes'. Facts for the families that speak of them, or keep out of their way."""

from __future__ import annotations

from calico_bgp.auditing.causes.candidate import CauseContext, once
from calico_bgp.auditing.lint_rules.addresses import is_bridge
from calico_bgp.auditing.lint_rules.sessions import one_sided
from calico_bgp.auditing.words import some
from calico_bgp.model.cause import Confidence
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import CalicoNode
from calico_bgp.topology.members import Member


def wrong_address_of(context: CauseContext, member: Member, node: CalicoNode) -> tuple[Address, str, Confidence] | None:
    """The address that is wrong, why, and how sure that is. One at which any peer finds it is right, however odd.

    A host behind one-to-one NAT, for instance, does not list the address that it has for others.
    """
    works = {key.family for key in context.up_of.get(member.name, ())}
    for address in (node.ipv4, node.ipv6):
        if address is None or (Family.IPV4 if address.version == 4 else Family.IPV6) in works:
            continue
        internal = [known for known in node.internal_ips if known.version == address.version]
        has = (
            [known for known in member.reading.addresses if known.version == address.version] if member.reading else []
        )
        if is_bridge(address) and address not in node.internal_ips:
            known = bool(internal) or (bool(has) and address not in has)
            sure = Confidence.CERTAIN if known else Confidence.LIKELY
            return address, "that of a Docker bridge, which is the same on every host", sure
        if has and address not in has:
            return address, f"the host has {some(has)}", Confidence.CERTAIN
    return None


@once
def shared_addresses(context: CauseContext) -> dict[Address, tuple[str, ...]]:
    """Address → the nodes that have it, where these are several."""
    expectation = context.view.expectation
    asked = {} if expectation is None else expectation.nodes_by_address
    found = {address: tuple(names) for address, names in asked.items() if len(names) > 1}
    return found | dict(context.view.identity.claimed_twice)


@once
def nodes_with_doubtful_addresses(context: CauseContext) -> frozenset[str]:
    """Nodes whose sessions are down because of an address: what they say of the network proves nothing."""
    found = {name for names in shared_addresses(context).values() for name in names}
    for member in context.view.members:
        node = member.resource
        if node is not None and (node.name in found or wrong_address_of(context, member, node) is not None):
            found.add(member.name)
    return frozenset(found)


def one_sided_by(context: CauseContext, nodes: tuple[str, ...]) -> frozenset[str]:
    """What the lint says of halves that are missing only because two nodes have one address."""
    return frozenset(
        finding.id
        for finding in context.of("one-sided-peering")
        if _all_at(context, getattr(finding.subject, "name", ""), nodes)
    )


def shares_an_address(context: CauseContext, bgp_peer: str) -> bool:
    """Whether every half that this BGPPeer lacks is at a node whose address another node has as well."""
    return any(_all_at(context, bgp_peer, nodes) for nodes in shared_addresses(context).values())


def _all_at(context: CauseContext, bgp_peer: str, nodes: tuple[str, ...]) -> bool:
    if context.lint is None:
        return False
    halves = [half for half in one_sided(context.lint) if half.bgp_peer.name == bgp_peer]
    return bool(halves) and all({half.peer.node, half.peer.far_node} & set(nodes) for half in halves)
