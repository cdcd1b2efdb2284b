"""Rules about the addresses that nodes have: doubled, or found on the wrong interface."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address

from calico_bgp.changes.autodetection import OF_MANIFEST, SetAutodetection
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.steps import step
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.reports.about import about_node, about_pool
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import AddressSubject, ClusterSubject
from calico_bgp.model.resources import CalicoNode
from calico_bgp.prefixes import Prefix, prefix_of, prefixes_of
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.shell_words import quote

#: Where Docker's default bridges live: 172.17.0.0/16 to 172.31.0.0/16, and the bridge itself is `.0.1`.
_DOCKER = range(17, 32)
#: Hosts that a next step names; a third one with the same address is looked at alike.
_LOOKED_AT = 2

AUTODETECT = SetAutodetection(OF_MANIFEST, Family.IPV4).command().best
_CHOOSE_INTERFACE = step(
    AUTODETECT + ", or spec.calicoNetwork.nodeAddressAutodetectionV4 of the Installation where the operator installed "
    "Calico"
)


@rule(
    "node-address-twice",
    Severity.ERROR,
    title="Two nodes have one BGP address",
    meaning="Neither peers with the other, and every third node gets one protocol, or two of one name, for both: then "
    "BIRD refuses the whole configuration. Mostly address autodetection found an interface that every node has, a "
    "Docker bridge or a virtual IP. Source: bgp_processor.go; calico-node's autodetection.",
    evidence="The nodes.",
    action="See which host has the address, and write into the other Nodes what their hosts have; where every host has "
    "it, let autodetection choose the right interface.",
    messages={
        "shared": "{nodes} have one BGP address, {address}",
        "refused": "{nodes} have one BGP address, {address}; BIRD refuses the configuration of {refused}",
    },
)
def node_address_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per address."""
    configured = cluster.configured
    for address, names in configured.expectation.nodes_by_address.items():
        if len(names) > 1:
            refused = sorted({r.node for r in configured.expectation.refusals if r.is_twice(address)})
            nodes = configured.nodes
            yield Draft(
                AddressSubject(address=address),
                "refused" if refused else "shared",
                [f"{name}: {nodes[name].place}" for name in names[:20]],
                _CHOOSE_INTERFACE if is_bridge(address) else _whose(names),
                nodes=names,
                address=address,
                refused=refused,
            )


def _whose(names: Sequence[str]) -> tuple[Message, ...]:
    """Look which host has an address: a change of autodetection would start calico-node anew on all nodes."""
    looks = [step("on {node}: ip -brief address", node=quote(name)) for name in names[:_LOOKED_AT]]
    return (*looks, step("then write into the Node of each host that lacks it the address that it has"))


@rule(
    "node-address-of-bridge",
    Severity.WARNING,
    title="A node's BGP address looks like that of a Docker bridge",
    meaning="172.17.0.1 to 172.31.0.1 are what Docker gives its bridges, on every machine the same. No other node "
    "reaches it there. An error where the node's InternalIP is another.",
    evidence="The BGP address and the InternalIP.",
    action="Let autodetection leave out bridges, or take the InternalIP.",
    messages={
        "of-bridge": "the BGP address of {nodes} looks like that of a Docker bridge, where no other node reaches it",
    },
)
def node_address_of_bridge(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the nodes of one severity."""
    groups: defaultdict[Severity, list[CalicoNode]] = defaultdict(list)
    for node in cluster.configured.resources.nodes:
        if node.ipv4 is not None and is_bridge(node.ipv4) and node.ipv4 not in node.internal_ips:
            groups[Severity.ERROR if node.internal_ips_of(Family.IPV4) else Severity.WARNING].append(node)
    for severity, nodes in groups.items():
        names = sorted(node.name for node in nodes)
        yield Draft(
            about_node(nodes[0]) if len(nodes) == 1 else ClusterSubject(),
            "of-bridge",
            [_compared(node, Family.IPV4) for node in nodes[:20]],
            _CHOOSE_INTERFACE,
            severity,
            nodes=names,
        )


def is_bridge(address: Address) -> bool:
    """Whether an address is what Docker gives its bridges, on every host the same."""
    octets = address.packed
    return isinstance(address, IPv4Address) and octets[0] == 172 and octets[1] in _DOCKER and octets[2:] == b"\0\x01"


def _compared(node: CalicoNode, family: Family) -> str:
    internal = ", ".join(map(str, node.internal_ips_of(family))) or "not known"
    return f"{node.name}: BGP address {node.address(family)}, InternalIP {internal}"


@rule(
    "node-address-in-pool",
    Severity.WARNING,
    title="A node's BGP address lies in an IPPool",
    meaning="Autodetection found a tunnel's or a pod's address, or the pool covers the machines' own network. Calico "
    "takes everything in a pool for a pod: it announces, filters and translates the node's address like one.",
    evidence="The address and the pool's cidr.",
    action="Take another range for the pool, or let autodetection choose the right interface.",
    messages={
        "in-pool": "the BGP address of {nodes} lies in IPPool {pool} ({cidr}), so Calico takes it for a pod's",
    },
)
def node_address_in_pool(cluster: Cluster) -> Iterator[Draft]:
    """One finding per pool."""
    for pool in cluster.configured.resources.ip_pools:
        network = prefix_of(pool.cidr)
        if network is None:
            continue
        inside = [node for node in cluster.configured.resources.nodes if any(a in network for a in node.addresses)]
        if inside:
            names = sorted(node.name for node in inside)
            yield Draft(
                about_pool(pool),
                "in-pool",
                [f"{node.name}: {a}" for node in inside[:20] for a in node.addresses if a in network],
                step(AUTODETECT + ", or move the pool"),
                nodes=names,
                pool=pool.name,
                cidr=pool.cidr,
            )


@rule(
    "node-address-not-internal",
    Severity.WARNING,
    title="A node's BGP address is not its InternalIP",
    meaning="Where most nodes use their InternalIP and some do not, autodetection took the wrong interface there, and "
    "the others may not reach them. Where all differ it is mostly meant, a network of its own for pods: an info.",
    evidence="The BGP address and the InternalIPs.",
    action="Let autodetection take the InternalIP, or the interface that is meant, on every node.",
    messages={
        "on-every-node": "the {family:and} BGP address of {nodes} is not the InternalIP, on every node, so probably "
        "on purpose",
        "on-some-nodes": "the {family:and} BGP address of {nodes} is not the InternalIP, as it is on the other nodes",
    },
)
def node_address_not_internal(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family for all such nodes. Bridges and addresses in pools have rules of their own."""
    pools = prefixes_of(pool.cidr for pool in cluster.configured.resources.ip_pools)
    for family in Family:
        nodes = cluster.configured.resources.nodes
        able = [n for n in nodes if n.address(family) is not None and n.internal_ips_of(family)]
        other = [n for n in able if n.address(family) not in n.internal_ips]
        odd = [n for n in other if not _told(n.address(family), pools)]
        if odd:
            names = sorted(node.name for node in odd)
            everywhere = len(other) == len(able) and len(able) > 1
            yield Draft(
                ClusterSubject(family=family) if len(odd) > 1 else about_node(odd[0]),
                "on-every-node" if everywhere else "on-some-nodes",
                [_compared(node, family) for node in odd[:20]],
                None if everywhere else _CHOOSE_INTERFACE,
                Severity.INFO if everywhere else None,
                family=family,
                nodes=names,
            )


def _told(address: Address | None, pools: Iterable[Prefix]) -> bool:
    return address is not None and (is_bridge(address) or any(address in pool for pool in pools))
