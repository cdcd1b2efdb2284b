"""Rules about the addresses of nodes: doubled, missing, or found on the wrong interface."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from calico_bgp import shell_words
from calico_bgp.changes.advice import patch_node
from calico_bgp.cluster.pools import network_of
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.report import Severity
from calico_bgp.model.resources import CalicoNode
from calico_bgp.model.subject import AddressSubject, ClusterSubject
from calico_bgp.rules.lint_context import LintContext, about_node, about_pool
from calico_bgp.rules.resources.mesh import about_nodes
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import POD_SELECTOR

#: Where Docker's default bridges live: 172.17.0.0/16 to 172.31.0.0/16, and the bridge itself is `.0.1`.
_DOCKER = range(17, 32)

AUTODETECT = "kubectl set env daemonset/calico-node -n kube-system IP_AUTODETECTION_METHOD=kubernetes-internal-ip"
_CHOOSE_INTERFACE = step(
    AUTODETECT + ", or spec.calicoNetwork.nodeAddressAutodetectionV4 of the Installation where the operator installed "
    "Calico"
)


def _addresses(node: CalicoNode) -> list[Address]:
    return [address for address in (node.ipv4, node.ipv6) if address is not None]


@rule(
    "node-address-twice",
    Severity.ERROR,
    title="Two nodes have one BGP address",
    meaning="Neither peers with the other, and every third node gets one protocol, or two of one name, for both: then "
    "BIRD refuses the whole configuration. Mostly address autodetection found an interface that every node has, a "
    "Docker bridge or a virtual IP. Source: bgp_processor.go; calico-node's autodetection.",
    evidence="The nodes.",
    action="Let autodetection choose the right interface.",
    messages={
        "shared": "{nodes} have one BGP address, {address}",
        "refused": "{nodes} have one BGP address, {address}; BIRD refuses the configuration of {refused}",
    },
)
def node_address_twice(context: LintContext) -> Iterator[Draft]:
    """One finding per address."""
    for address, names in sorted(context.expectation.nodes_by_address.items(), key=lambda item: str(item[0])):
        if len(names) > 1:
            refused = sorted({r.node for r in context.expectation.refusals if r.is_twice(address)})
            nodes = context.nodes
            yield Draft(
                AddressSubject(address=address),
                "refused" if refused else "shared",
                [f"{name}: {nodes[name].place}" for name in names[:20]],
                _CHOOSE_INTERFACE,
                nodes=names,
                address=address,
                refused=refused,
            )


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
def node_address_of_bridge(context: LintContext) -> Iterator[Draft]:
    """One finding for the nodes of one severity."""
    groups: defaultdict[Severity, list[CalicoNode]] = defaultdict(list)
    for node in context.resources.nodes:
        if node.ipv4 is not None and is_bridge(node.ipv4) and node.ipv4 not in node.internal_ips:
            groups[Severity.ERROR if _internal(node, Family.IPV4) else Severity.WARNING].append(node)
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


def _internal(node: CalicoNode, family: Family) -> list[Address]:
    version = 4 if family is Family.IPV4 else 6
    return [address for address in node.internal_ips if address.version == version]


def _compared(node: CalicoNode, family: Family) -> str:
    known = ", ".join(map(str, _internal(node, family))) or "not known"
    return f"{node.name}: BGP address {node.address(family)}, InternalIP {known}"


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
def node_address_in_pool(context: LintContext) -> Iterator[Draft]:
    """One finding per pool."""
    for pool in context.resources.ip_pools:
        network = network_of(pool)
        if network is None:
            continue
        inside = [node for node in context.resources.nodes if any(a in network for a in _addresses(node))]
        if inside:
            names = sorted(node.name for node in inside)
            yield Draft(
                about_pool(pool),
                "in-pool",
                [f"{node.name}: {a}" for node in inside[:20] for a in _addresses(node) if a in network],
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
def node_address_not_internal(context: LintContext) -> Iterator[Draft]:
    """One finding per family for all such nodes. Bridges and addresses in pools have rules of their own."""
    pools = [network for pool in context.resources.ip_pools if (network := network_of(pool)) is not None]
    for family in Family:
        able = [n for n in context.resources.nodes if n.address(family) is not None and _internal(n, family)]
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


def _told(address: Address | None, pools: list[IPv4Network | IPv6Network]) -> bool:
    return address is not None and (is_bridge(address) or any(address in pool for pool in pools))


@rule(
    "node-without-address",
    Severity.ERROR,
    title="A node has no BGP address",
    meaning="It gets no peer of any kind, and nobody peers with it. calico-node writes the address when it starts, so "
    "it has not started there, or autodetection found none. A warning where no node has any: then these are perhaps "
    "not the resources of a running cluster. Source: confd/pkg/backends/calico/client.go.",
    evidence="The Nodes, without ipv4Address and ipv6Address (or their annotations).",
    action="Look at the calico-node pod of the node.",
    messages={
        "no-node": "none of {nodes:count node} has a BGP address, so nobody would have a peer",
        "some-nodes": "{nodes} {nodes:has|have} no BGP address, so nobody peers with {nodes:it|them}",
    },
)
def node_without_address(context: LintContext) -> Iterator[Draft]:
    """One finding for all such nodes."""
    able = [node for node in context.resources.nodes if node.without_bird is None]
    bare = sorted(node.name for node in able if not _addresses(node))
    if not bare:
        return
    if len(bare) == len(able):
        yield Draft(
            ClusterSubject(),
            "no-node",
            ("neither spec.bgp.ipv4Address nor the annotation projectcalico.org/IPv4Address",),
            step("get the nodes from the running cluster by kubectl get nodes -o json or calicoctl get nodes -o yaml"),
            Severity.WARNING,
            nodes=len(bare),
        )
        return
    node = context.nodes[bare[0]]
    yield Draft(
        about_nodes(bare),
        "some-nodes",
        [f"{name}: {context.nodes[name].place}" for name in bare[:20]],
        (
            step(f"kubectl get pods -A -l {POD_SELECTOR} -o wide"),
            step(
                "then, where autodetection does not find it, {command}",
                command=patch_node(node, "ipv4Address", "ADDRESS/24"),
            ),
        ),
        nodes=bare,
    )


@rule(
    "annotation-ignored",
    Severity.WARNING,
    title="Calico ignores an annotation of a Node",
    meaning="What does not parse counts as absent: the node is without this address, or has the global AS number. "
    "Source: libcalico-go/lib/backend/k8s/resources/node.go.",
    evidence="The annotation.",
    action="Mend it; calico-node writes addresses itself when it starts.",
    messages={
        "not-a-value": "Calico ignores the annotation {annotation:same} of {node}: {value!r} is none",
    },
)
def annotation_ignored(context: LintContext) -> Iterator[Draft]:
    """One finding per Node. Cluster IDs have a rule of their own."""
    for node in context.resources.nodes:
        for annotation, value in node.ignored_annotations:
            if not annotation.endswith("/RouteReflectorClusterID"):
                yield Draft(
                    about_node(node),
                    "not-a-value",
                    (f"{annotation}: {value}",),
                    (
                        f"kubectl annotate node {shell_words.name(node.name)} {shell_words.label_key(annotation)}-",
                        step("or write a right value"),
                    ),
                    annotation=annotation,
                    node=node.name,
                    value=value,
                )


@rule(
    "family-on-some-nodes",
    Severity.WARNING,
    title="Only some nodes have an address of a family",
    meaning="Nodes without an address of a family take no part in its BGP: their pods of that family are cut off, and "
    "nobody routes theirs. Source: confd/pkg/backends/calico/client.go.",
    evidence="Who has an address, and who has none.",
    action="Give the others one (IP6=autodetect on calico-node), or take it from all.",
    messages={
        "missing": "{nodes} {nodes:has|have} no {family:and} address, though {able} of {all} nodes {able:does|do}",
    },
)
def family_on_some_nodes(context: LintContext) -> Iterator[Draft]:
    """One finding per family. Nodes without any address have a rule of their own."""
    able = [node for node in context.resources.nodes if _addresses(node)]
    for family in Family:
        without = sorted(node.name for node in able if node.address(family) is None)
        if without and len(without) < len(able):
            variable = "IP" if family is Family.IPV4 else "IP6"
            yield Draft(
                ClusterSubject(family=family),
                "missing",
                (f"without: {some(without)}",),
                f"kubectl set env daemonset/calico-node -n kube-system {variable}=autodetect",
                nodes=without,
                family=family,
                able=len(able) - len(without),
                all=len(able),
            )


@rule(
    "router-id-needed",
    Severity.INFO,
    title="Nodes without IPv4 need a router ID",
    meaning="BIRD's router ID is the node's IPv4 address. Without one calico-node needs CALICO_ROUTER_ID (`hash` makes "
    "one of the node's name), else BIRD does not start. It stands in calico-node's environment, not in these "
    "resources. Source: Calico's documentation, calico/node reference.",
    evidence="The nodes with an IPv6 address only.",
    action="Make sure that CALICO_ROUTER_ID is set.",
    messages={
        "no-ipv4": "{nodes} {nodes:has|have} no IPv4 address, so BIRD needs CALICO_ROUTER_ID",
    },
)
def router_id_needed(context: LintContext) -> Iterator[Draft]:
    """One finding for all such nodes."""
    names = sorted(node.name for node in context.resources.nodes if node.ipv4 is None and node.ipv6 is not None)
    if names:
        yield Draft(
            about_nodes(names),
            "no-ipv4",
            (),
            "kubectl set env daemonset/calico-node -n kube-system CALICO_ROUTER_ID=hash",
            nodes=names,
        )
