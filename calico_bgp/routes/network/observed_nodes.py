"""Which nodes of a cluster that was seen take part in a family, and at which address. No sessions."""

from __future__ import annotations

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.topology import TopologyKind


def speaks(cluster: Cluster, member: Member, family: Family) -> bool:
    """Whether a node takes part in BGP of a family."""
    used = cluster.families
    has_bgp = cluster.shape.kind is not TopologyKind.NO_BGP
    if member.resource is not None:
        # A family that is configured is used, also where no peer is seen.
        return has_bgp and member.resource.address(family) is not None
    if cluster.is_only_listed(member):
        return False
    if family not in used:
        # Where no family has a peer, nobody learns anything over the one that every cluster has.
        return not used and has_bgp and family is Family.IPV4
    # Every node is taken to have IPv4, and, where nobody has a peer over IPv4, what the others have.
    if family is Family.IPV4 or len(used) == 1 or cluster.takes_part(member, family):
        return True
    return address_of(cluster, member, family) is not None or member.name in cluster.identity.unplaced[family]


def address_of(cluster: Cluster, member: Member, family: Family) -> Address | None:
    """A node's BGP address of a family, where it is known."""
    if member.resource is not None:
        return member.resource.address(family)
    own = cluster.identity.addresses.get(member.name, ())
    return next((address for address in own if address.version == family.version), None)
