"""Rules about BGPConfigurations: names and fields that Calico does not look at, and objects that bypass its API."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.changes.advice import command, delete, drop_field, set_field
from calico_bgp.changes.change import SetFields
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.steps import step
from calico_bgp.model.reports.about import about_configuration, about_peer, about_pool
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import Subject
from calico_bgp.model.resources import (
    GLOBAL_CONFIG,
    NODE_CONFIG_PREFIX,
    BGPConfiguration,
    BGPPeer,
    CalicoNode,
    IPPool,
    ResourceKind,
)
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import V3

KIND = str(ResourceKind.BGP_CONFIGURATION)


def _fields(config: BGPConfiguration) -> dict[str, object]:
    values = {
        "asNumber": config.as_number,
        "nodeToNodeMeshEnabled": config.node_to_node_mesh_enabled,
        "listenPort": config.listen_port,
        "nodeMeshMaxRestartTime": config.node_mesh_max_restart_time,
        "nodeMeshPassword": "(a Secret)" if config.has_node_mesh_password else None,
        "programClusterRoutes": config.program_cluster_routes,
    }
    return {name: value for name, value in values.items() if value is not None}


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@rule(
    "configuration-ignored",
    Severity.WARNING,
    title="Calico ignores a BGPConfiguration",
    meaning="It looks at `default` and at `node.<name>` only. What stands in another one changes nothing, however "
    "right it is. Source: confd/pkg/backends/calico/client.go updateBGPConfigCache.",
    evidence="The name, and what it would have set.",
    action="Move its fields into `default`, or name it `node.<name>`.",
    messages={
        "ignored": "Calico ignores the {resource}: only default and node.<name> count",
    },
)
def configuration_ignored(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPConfiguration."""
    configured = cluster.configured
    for config in configured.resources.bgp_configurations:
        if config.name == GLOBAL_CONFIG or config.name.startswith(NODE_CONFIG_PREFIX):
            continue
        better = f"{NODE_CONFIG_PREFIX}{config.name}" if config.name in configured.nodes else GLOBAL_CONFIG
        there = any(other.name == better for other in configured.resources.bgp_configurations)
        move = (
            step("move its fields into BGPConfiguration {name}", name=shell_words.quote(better))
            if there
            else step("write name: {name} under its metadata", name=shell_words.quote(better))
        )
        yield Draft(
            about_configuration(config),
            "ignored",
            [f"{name}: {_yaml(value)}" for name, value in _fields(config).items()],
            (move, step("then {command}", command=delete(KIND, config.name))),
            resource=f"{KIND} {config.name}",
        )


@rule(
    "configuration-of-missing-node",
    Severity.WARNING,
    title="A BGPConfiguration is for a node that does not exist",
    meaning="`node.<name>` counts for the node of that name. Without such a node it changes nothing, and the node that "
    "was meant listens on another port than you think.",
    evidence="The name, and the names of the nodes.",
    action="Fix the name, or delete what is left of a node that is gone.",
    messages={
        "no-node": "{resource} is for node {node}, which does not exist",
        "did-you-mean": "{resource} is for node {node}, which does not exist, did you mean {near}?",
    },
)
def configuration_of_missing_node(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPConfiguration."""
    configured = cluster.configured
    for config in configured.resources.bgp_configurations:
        name = config.name.removeprefix(NODE_CONFIG_PREFIX)
        if configured.has_nodes and name != config.name and name not in configured.nodes:
            near = configured.near_miss(name)
            yield Draft(
                about_configuration(config),
                "no-node" if near is None else "did-you-mean",
                [f"{field}: {_yaml(value)}" for field, value in _fields(config).items()],
                delete(KIND, config.name),
                resource=f"{KIND} {config.name}",
                node=name,
                near=near,
            )


@rule(
    "configuration-without-effect",
    Severity.WARNING,
    title="A field of a node's BGPConfiguration changes nothing",
    meaning="Of a BGPConfiguration `node.<name>` only listenPort changes peers: the AS number of a node stands in its "
    "Node, the mesh is on or off for all. calicoctl refuses asNumber and nodeToNodeMeshEnabled there. Source: "
    "libcalico-go/lib/clientv3/bgpconfig.go ValidateDefaultOnlyFields; confd/pkg/backends/calico/client.go.",
    evidence="The field.",
    action="Move it into `default`, or into the Node (asNumber).",
    messages={
        "changes-nothing": "{field:same} in {resource} changes nothing: only default may say it",
    },
)
def configuration_without_effect(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPConfiguration; further fields are more evidence."""
    for config in cluster.configured.resources.bgp_configurations:
        if not config.name.startswith(NODE_CONFIG_PREFIX):
            continue
        node = config.name.removeprefix(NODE_CONFIG_PREFIX)
        for field, value in _fields(config).items():
            if field == "listenPort":
                continue
            there = cluster.configured.nodes.get(node) or CalicoNode(name=node)
            move = SetFields(ResourceKind.NODE, node, (("as_number", config.as_number),))
            yield Draft(
                about_configuration(config, f"spec.{field}"),
                "changes-nothing",
                (f"{field}: {_yaml(value)}",),
                command(move, there) if field == "asNumber" else drop_field(KIND, config.name, field),
                field=field,
                resource=f"{KIND} {config.name}",
            )


@rule(
    "crd-v1-by-hand",
    Severity.WARNING,
    title="A crd.projectcalico.org/v1 object was written by hand",
    meaning="That is how Calico stores its resources in Kubernetes, not an API: nothing is validated or filled in, and "
    "a mistake that calicoctl would refuse goes into the cluster. An info for BGPConfigurations and IPPools, which "
    "Calico's own Helm chart and operator write this way. Source: the maintainers in projectcalico/calico#6412; "
    "libcalico-go/lib/backend/k8s/resources/resources.go: what comes through the API carries the annotation "
    "projectcalico.org/metadata.",
    evidence="The apiVersion, and that the annotation projectcalico.org/metadata is missing.",
    action="Write projectcalico.org/v3, and apply it with calicoctl, or with kubectl through Calico's API server.",
    messages={
        "by-hand": "{resource} {resource:is|are} a {api_version:same} object written by hand, which nothing validates",
    },
)
def crd_v1_by_hand(cluster: Cluster) -> Iterator[Draft]:
    """One finding per object."""
    resources = cluster.configured.resources
    objects: list[tuple[str, Subject, BGPPeer | BGPConfiguration | IPPool]] = [
        *((str(ResourceKind.BGP_PEER), about_peer(peer), peer) for peer in resources.bgp_peers),
        *((KIND, about_configuration(config), config) for config in resources.bgp_configurations),
        *((str(ResourceKind.IP_POOL), about_pool(pool), pool) for pool in resources.ip_pools),
    ]
    for kind, subject, resource in objects:
        if resource.by_hand:
            yield Draft(
                subject,
                "by-hand",
                (f"apiVersion: {resource.api_version}",),
                (
                    set_field(kind, resource.name, "apiVersion", V3),
                    step("then apply it with calicoctl"),
                ),
                None if kind == ResourceKind.BGP_PEER else Severity.INFO,
                resource=f"{kind} {resource.name}",
                api_version=resource.api_version,
            )
