"""Rules about addresses that nodes lack: of both families, of one, or because Calico cannot read what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from calico_bgp.changes.advice import command, drop_annotation
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetFields
from calico_bgp.changes.dialects import set_env
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.about import about_node
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.model.resources import ResourceKind
from calico_bgp.rules.resources.mesh import about_nodes
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import CALICO_NODE, POD_SELECTOR

#: The stand-in is nobody's: of documentation (RFC 5737).
_ADDRESS = Ask("ADDRESS", "the node's address in the network that the nodes share", ip_address("198.51.100.254"))
_PREFIX = Ask("PREFIX_LENGTH", "the prefix length of that network, like 24", 0)


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
def node_without_address(cluster: Cluster) -> Iterator[Draft]:
    """One finding for all such nodes."""
    configured = cluster.configured
    able = [node for node in configured.resources.nodes if node.without_bird is None]
    bare = sorted(node.name for node in able if not node.addresses)
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
    node = configured.nodes[bare[0]]
    right = SetFields(ResourceKind.NODE, node.name, (("ipv4", _ADDRESS), ("ipv4_prefix", _PREFIX)))
    yield Draft(
        about_nodes(bare),
        "some-nodes",
        [f"{name}: {configured.nodes[name].place}" for name in bare[:20]],
        (
            step(f"kubectl get pods -A -l {POD_SELECTOR} -o wide"),
            step(
                "then, where autodetection does not find it, {command}",
                command=command(right, node),
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
    action="Fix it; calico-node writes addresses itself when it starts.",
    messages={
        "not-a-value": "Calico ignores the annotation {annotation:same} of {node}: {value!r} is none",
    },
)
def annotation_ignored(cluster: Cluster) -> Iterator[Draft]:
    """One finding per Node. Cluster IDs have a rule of their own."""
    for node in cluster.configured.resources.nodes:
        for annotation, value in node.ignored_annotations:
            if not annotation.endswith("/RouteReflectorClusterID"):
                yield Draft(
                    about_node(node),
                    "not-a-value",
                    (f"{annotation}: {value}",),
                    (
                        drop_annotation(node.name, annotation),
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
def family_on_some_nodes(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family. Nodes without any address have a rule of their own."""
    able = [node for node in cluster.configured.resources.nodes if node.addresses]
    for family in Family:
        without = sorted(node.name for node in able if node.address(family) is None)
        if without and len(without) < len(able):
            variable = "IP" if family is Family.IPV4 else "IP6"
            yield Draft(
                ClusterSubject(family=family),
                "missing",
                (f"without: {some(without)}",),
                set_env(CALICO_NODE, "kube-system", variable, "autodetect"),
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
def router_id_needed(cluster: Cluster) -> Iterator[Draft]:
    """One finding for all such nodes."""
    names = sorted(
        node.name for node in cluster.configured.resources.nodes if node.ipv4 is None and node.ipv6 is not None
    )
    if names:
        yield Draft(
            about_nodes(names),
            "no-ipv4",
            (),
            "kubectl set env daemonset/calico-node -n kube-system CALICO_ROUTER_ID=hash",
            nodes=names,
        )
