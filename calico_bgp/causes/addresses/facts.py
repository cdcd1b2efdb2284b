"""Which BGP addresses are wrong, or belong to two nodes. Facts for several families of causes."""

from __future__ import annotations

from collections.abc import Collection

from calico_bgp.causes.addresses.odd_peers import odd_peers, unclaimed_by_host
from calico_bgp.causes.addresses.wrong import wrong_address_of
from calico_bgp.causes.case import Case
from calico_bgp.cluster.router_ids import shared_router_ids
from calico_bgp.expect.one_sided import one_sided
from calico_bgp.messages.merging import names_of
from calico_bgp.model.peer import Address
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject
from calico_bgp.once import once


@once
def shared_addresses(case: Case) -> dict[Address, tuple[str, ...]]:
    """Address → its nodes, of each address that two nodes or more have."""
    expectation = case.cluster.expectation
    by_resources = {} if expectation is None else expectation.nodes_by_address
    several = {address: tuple(names) for address, names in by_resources.items() if len(names) > 1}
    return several | dict(case.cluster.identity.claimed_twice)


def of_router_ids(case: Case, names: Collection[str]) -> frozenset[str]:
    """The findings about router IDs that only these nodes share: what gives them one address gives them one ID."""
    ids = (router_id for router_id, nodes in shared_router_ids(case.cluster).items() if set(nodes) <= set(names))
    return frozenset().union(*(case.ids_about(AddressSubject(address=one), "router-id-twice") for one in ids))


@once
def nodes_with_doubtful_addresses(case: Case) -> frozenset[str]:
    """Nodes whose sessions are down because of an address: what they say of the network proves nothing."""
    doubtful = {name for names in shared_addresses(case).values() for name in names}
    doubtful |= {odd.owner for odd in odd_peers(case) if odd.owner is not None}
    doubtful |= {foreign.member.name for foreign in unclaimed_by_host(case)}
    for member in case.cluster.members:
        node = member.resource
        if node is None:
            continue
        if node.name in doubtful or (member.name in case.bad_of and wrong_address_of(case, member, node) is not None):
            doubtful.add(member.name)
    return frozenset(doubtful)


@once
def nodes_without_address(case: Case) -> frozenset[str]:
    """Nodes that have no BGP address of either family, where BIRD would run."""
    return frozenset(
        member.name
        for member in case.cluster.members
        if (node := member.resource) is not None and node.without_bird is None and not node.addresses
    )


@once
def without_address_for_want_of_a_pod(case: Case) -> frozenset[str]:
    """Those whose calico-node does not run, by Kubernetes or by the host: it writes the address when it starts."""
    pods = (NodeSubject(node=name) for name in nodes_without_address(case))
    known = {finding.subject for finding in case.of("pod-not-running", "pod-missing", "felix-not-running")}
    return frozenset(subject.node for subject in pods if subject in known)


def explained_by_want_of_a_pod(case: Case, name: str) -> frozenset[str]:
    """That it has no BGP address, which calico-node writes when it starts; of several nodes, where it runs on none."""
    for_want_of_a_pod = without_address_for_want_of_a_pod(case)
    if name not in for_want_of_a_pod:
        return frozenset()
    of_nodes = case.of_node(name, "isolated-node", "family-without-peers")
    linted = (f.id for f in case.of("node-without-address") if names_of(f) <= for_want_of_a_pod)
    return of_nodes | frozenset(linted)


def one_sided_by(case: Case, nodes: tuple[str, ...]) -> frozenset[str]:
    """The lint's findings about one-sided peerings that only come from two nodes with one address."""
    return frozenset(
        finding.id
        for finding in case.of("one-sided-peering")
        if _all_at(case, getattr(finding.subject, "name", ""), nodes)
    )


def shares_an_address(case: Case, bgp_peer: str) -> bool:
    """Whether every one-sided session of this BGPPeer is at a node whose address another node has as well."""
    return any(_all_at(case, bgp_peer, nodes) for nodes in shared_addresses(case).values())


def _all_at(case: Case, bgp_peer: str, nodes: tuple[str, ...]) -> bool:
    if case.configured is None:
        return False
    halves = [half for half in one_sided(case.configured) if half.bgp_peer.name == bgp_peer]
    return bool(halves) and all({half.peer.node, half.peer.far_node} & set(nodes) for half in halves)
