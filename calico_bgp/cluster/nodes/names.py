"""Machines that call themselves otherwise than the inventory does, or as another machine does. Facts of a cluster."""

from __future__ import annotations

from collections import defaultdict

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.model.inventory import Host


def contradictions(cluster: Cluster) -> list[tuple[Host, str]]:
    """Hosts whose `node=` is not what the machine says, and what it says."""
    return [
        (member.host, member.reading.node)
        for member in cluster.members
        if member.host is not None and member.reading is not None
        if member.host.node is not None and member.reading.node is not None
        if member.host.node != member.reading.node
    ]


def mistaken_nodes(cluster: Cluster) -> set[str]:
    """The nodes that the inventory means and that nobody read, because another machine answered in their place."""
    read = {member.reading.node for member in cluster.members if member.reading is not None}
    return {host.node for host, _ in contradictions(cluster) if host.node is not None} - read


def same_names(cluster: Cluster) -> dict[str, list[Member]]:
    """Node name → the machines that give themselves this name, where these are several."""
    by_name: dict[str, list[Member]] = defaultdict(list)
    for member in cluster.members:
        if member.host is not None and member.reading is not None and member.reading.node is not None:
            by_name[member.reading.node].append(member)
    return {name: members for name, members in sorted(by_name.items()) if len(members) > 1}
