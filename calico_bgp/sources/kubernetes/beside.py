"""An inventory beside a cluster that is read through its API: it gives names, roles and addresses. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.snapshot import Snapshot


def with_inventory(nodes: Sequence[Host], inventory: Sequence[Host]) -> tuple[tuple[Host, ...], tuple[Host, ...]]:
    """The cluster's nodes with what an inventory says of them, and the hosts of it that no Node of the cluster is.

    A host is a Node by its `node=`, else by its name, else by an address, where only one Node has that.

    Args:
        nodes: Of the cluster, by name.
        inventory: From hosts.txt.
    """
    addresses = Counter(str(address) for node in nodes for address in node.addresses)
    keys = {str(address): node.name for node in nodes for address in node.addresses if addresses[str(address)] == 1}
    keys |= {node.name: node.name for node in nodes}
    host_by_node: dict[str, Host] = {}
    strangers = []
    for host in inventory:
        words = (host.node, host.name, *map(str, host.addresses))
        name = next((keys[word] for word in words if word in keys), None) if host.node not in keys else host.node
        if name is None:
            strangers.append(host)
        else:
            host_by_node.setdefault(name, host)
    return tuple(_joined(node, host_by_node.get(node.name)) for node in nodes), tuple(strangers)


def _joined(node: Host, host: Host | None) -> Host:
    if host is None:
        return node
    return replace(node, role=host.role, addresses=tuple(dict.fromkeys((*node.addresses, *host.addresses))))


def with_strangers(snapshot: Snapshot, strangers: Sequence[Host]) -> Snapshot:
    """The snapshot with hosts that the user calls nodes and the cluster does not know: they are unread."""
    failures = tuple(
        GatherFailure(
            host=host.label,
            node=host.node,
            stage=Stage.RESOLVE,
            message="the cluster has no Node of this name or address",
            hint="is it the right context? Else take it out of HOSTS",
        )
        for host in strangers
    )
    return snapshot.model_copy(
        update={"hosts": (*snapshot.hosts, *strangers), "failures": (*snapshot.failures, *failures)}
    )
