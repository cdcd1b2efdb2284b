"""Rules about Calico's resources against what was read: BIRD lags behind, nodes that only one of the two knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.deviations import Deviation
from calico_bgp.cluster.sessions.nodes_lacking import nodes_lacking
from calico_bgp.cluster.sessions.own_list import Listed, listed_by_bird
from calico_bgp.expect.engine import Expectation
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, step
from calico_bgp.messages.words import first_lines, some
from calico_bgp.model.expected import PeerPass
from calico_bgp.model.inventory import Role
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.model.resources import CalicoNode
from calico_bgp.rules.rule import Draft, rule

_SHOWN = 10


@rule(
    "configuration-behind",
    Severity.ERROR,
    title="BIRD does not run what the resources say",
    meaning="A node's peers are not those that Calico's resources ask for. That is no session that is down: BIRD has "
    "another configuration. calico-node's confd writes it; when BIRD refuses a file (a peer `as 0`, say), confd keeps "
    "the old one, and every later change on that node is lost. When most nodes are so, the resources given are "
    "probably not those of the datastore.\n\nPeers that are merely absent are only called so when BIRD itself was "
    "asked or when all peers of one resource are absent: calicoctl does not show a disabled peer.",
    evidence="Every peer that is missing, that nothing asks for, or that has another type, with the resource.",
    action="Look at the logs of calico-node on that node for confd's error, and run `calico-bgp lint` on the "
    "resources. If the resources are from another day or another cluster, get them anew.",
    messages={
        "other-peers": "BIRD on {node} has other peers than the resources ask for ({differences:same}): its "
        "configuration has not followed",
        "none-of-peers": "BIRD on {node} has none of the {peers:count peer} that the resources ask for: its "
        "configuration has not followed",
        "not-the-one": "BIRD on {node} has not the one peer that the resources ask for: its configuration has not "
        "followed",
        "disabled": "BIRD on {node} has {peers:count peer} disabled that the resources ask for",
        "most-nodes": "{behind} of {judged:count node} have other peers than the resources ask for: these are not "
        "the resources that run, or confd follows nowhere",
    },
)
def configuration_behind(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node, or one for the cluster when most nodes are behind."""
    deviations = cluster.judged.deviations
    if deviations.is_general:
        yield _general(cluster)
        return
    for deviation in deviations.behind:
        # A single row, or far end, has a rule that names it: unexpected-peer, wrong-peer-type.
        if deviation.stranger is None and (deviation.size > 1 or deviation.missing):
            yield _of_node(cluster, deviation)


def _of_node(cluster: Cluster, deviation: Deviation) -> Draft:
    lines = deviation.lines()
    key, number = "other-peers", deviation.expected
    if deviation.size == len(deviation.missing) and _are_disabled(cluster, deviation):
        key, number = "disabled", len(deviation.missing)
    elif len(deviation.missing) == deviation.expected and not deviation.mistyped:
        key = "not-the-one" if deviation.expected == 1 else "none-of-peers"
    return Draft(
        NodeSubject(node=deviation.node),
        key,
        first_lines(lines, _SHOWN),
        cluster.pods.birdcl(deviation.node, deviation.missing[0].family, "show protocols")
        if key == "disabled"
        else cluster.pods.follow_resources(deviation.node),
        None if deviation.missing else Severity.WARNING,
        node=deviation.node,
        peers=number,
        differences=deviation.summary(),
    )


def _are_disabled(cluster: Cluster, deviation: Deviation) -> bool:
    """Whether BIRD has all that no row shows, as protocols that are `down`: its configuration did follow."""
    reading = cluster.by_name[deviation.node].reading
    listed = (listed_by_bird(reading, peer.family, (peer.address,)) for peer in deviation.missing)
    return all(each is Listed.DISABLED for each in listed)


def _general(cluster: Cluster) -> Draft:
    deviations = cluster.judged.deviations
    behind = deviations.behind
    kinds: Counter[str] = Counter()
    for deviation in behind:
        for peer in deviation.missing:
            kinds.update(f"missing: peers asked for by {because}" for because in peer.because)
        kinds.update(f"not asked for: {row.peer_type} peers" for row in deviation.unexpected)
        kinds.update(f"of another type: {row.peer_type} instead of {p.peer_type}" for p, row in deviation.mistyped)
    lines = [f"{what}: {number}" for what, number in kinds.most_common()]
    return Draft(
        ClusterSubject(),
        "most-nodes",
        (
            *first_lines(lines, _SHOWN),
            f"the nodes: {some([deviation.node for deviation in behind])}",
            *behind[0].lines()[:3],
        ),
        (step("get the resources anew and compare: {look}", look=LOOK_AT_RESOURCES[0]), *LOOK_AT_RESOURCES[1:]),
        # Nodes of which there is no Node, and nothing else: perhaps only the resources are not whole.
        Severity.WARNING if nodes_lacking(cluster) else None,
        behind=len(behind),
        judged=deviations.judged,
    )


def _all_strangers(cluster: Cluster) -> list[str]:
    """The hosts of the inventory, where there are several and none is a node of the resources; else nothing."""
    listed = [member for member in cluster.members if member.host is not None]
    if cluster.expectation is None or any(member.resource is not None for member in listed):
        return []
    return [member.name for member in listed] if len(listed) > 1 else []


@rule(
    "node-not-listed",
    Severity.WARNING,
    title="Nodes of the cluster were not asked",
    meaning="Calico's resources name nodes that are not in the inventory, so nothing is known of their own view. What "
    "their peers show of them is judged by the other rules; a session between two of them is seen by nobody. Alone "
    "this makes the verdict `unknown` (exit code 3).",
    evidence="The nodes.",
    action="Add them to hosts.txt: `kubectl get nodes -o json | calico-bgp hosts - > hosts.txt` writes all of them.",
    messages={
        "not-listed": "{nodes:count node} of the resources {nodes:is|are} not in the inventory: {nodes}",
    },
)
def node_not_listed(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster; none for pasted texts and `--limit`, where others are out of sight by right.

    None either where no host is a node of the resources: rule not-a-node says so.
    """
    if not cluster.snapshot.hosts or cluster.snapshot.limited or _all_strangers(cluster):
        return
    names = [member.name for member in cluster.members if member.is_unlisted and not member.is_unreadable]
    if names:
        yield Draft(ClusterSubject(), "not-listed", (), step("add them to hosts.txt"), nodes=names)


@rule(
    "not-a-node",
    Severity.WARNING,
    title="A host is no node of the cluster",
    meaning="The host was read, but Calico's resources name no node of its name or with one of its addresses: it left "
    "the cluster, or it is in the wrong list. Its peers are judged by the other ends only. Where that is so of "
    "every host, the resources are probably another cluster's, and that is one finding.",
    evidence="Its name and its addresses.",
    action="Remove it from hosts.txt, or say node= or ip= there so that it is found.",
    messages={
        "no-host": "none of the {hosts:count host} is a node of the resources, by name or address: the resources of "
        "another cluster, or hosts that need node= or ip=",
        "no-node": "{node} is no node of the cluster, by its resources",
        "runs-bird": "{node} is no node of the cluster, by its resources, but BIRD runs there",
    },
)
def not_a_node(cluster: Cluster) -> Iterator[Draft]:
    """One finding per host of the inventory that is none of the resources' nodes; one in all where no host is any."""
    if cluster.expectation is None:
        return
    strangers = _all_strangers(cluster)
    if strangers:
        nodes = cluster.expectation.resources.nodes
        yield Draft(
            ClusterSubject(),
            "no-host",
            (f"the hosts: {some(strangers)}", f"the nodes: {some([node.name for node in nodes])}"),
            step("give the resources of this cluster, or say node= or ip= in hosts.txt"),
            hosts=len(strangers),
        )
        return
    deviations = cluster.judged.deviations
    peered = set() if deviations.is_general else {deviation.stranger for deviation in deviations.behind}
    for member in cluster.members:
        # A node that left while others still peer with it has rule unexpected-peer.
        if member.resource is None and member.host is not None and member.name not in peered:
            addresses = member.reading.addresses if member.reading else member.host.addresses
            runs = member.reading is not None and any(
                member.table(family) in {Table.WHOLE, Table.PART} for family in cluster.families
            )
            yield Draft(
                NodeSubject(node=member.name),
                "runs-bird" if runs else "no-node",
                (f"its addresses: {some(list(map(str, addresses)))}",) if addresses else (),
                step("remove it from hosts.txt, or say node= or ip= there"),
                node=member.name,
            )


@rule(
    "reflector-role-lost",
    Severity.WARNING,
    title="A node is called a reflector and reflects for nobody",
    meaning="The inventory says role=reflector and Calico's resources give the node no routeReflectorClusterID, or it "
    "has one and no BGPPeer lets a client peer with it: it passes nothing on from one client to another. So it is "
    "after a node was installed anew, for a new Node object has neither label nor cluster ID, or lost its label.",
    evidence="The inventory and the Node.",
    action="Give it label and cluster ID back, or take role=reflector out of hosts.txt and the cluster ID away.",
    messages={
        "no-client": "{node} has a cluster ID, as route reflectors have, but no BGPPeer gives it a client",
        "no-cluster-id": "{node} is a reflector by the inventory, but has no routeReflectorClusterID",
    },
)
def reflector_role_lost(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node; none where the host is no node of the resources, which not-a-node says."""
    if cluster.expectation is None:
        return
    for member in cluster.members:
        node = member.resource
        if node is None:
            continue
        is_listed = member.host is not None and member.host.role is Role.REFLECTOR
        evidence = (f"{member.name}: role=reflector in the inventory",) if is_listed else ()
        if node.cluster_id and _serves_nobody(cluster.expectation, node):
            yield Draft(
                NodeSubject(node=member.name),
                "no-client",
                (*evidence, f"Node {node.name}: cluster ID {node.cluster_id}"),
                LOOK_AT_RESOURCES,
                node=member.name,
            )
        if is_listed and not node.cluster_id:
            yield Draft(
                NodeSubject(node=member.name),
                "no-cluster-id",
                (*evidence, f"Node {node.name}: no routeReflectorClusterID"),
                step(
                    "calicoctl get node {node} -o yaml: does spec.bgp name a routeReflectorClusterID?",
                    node=shell_words.name(node.name),
                ),
                node=member.name,
            )


def _serves_nobody(expectation: Expectation, node: CalicoNode) -> bool:
    """Whether no BGPPeer has the node at its far end, and none of its peers is a plain node.

    A reflector of reflectors has no client without a cluster ID either; but BGPPeers do select it.
    """
    ids = {other.name: other.cluster_id for other in expectation.resources.nodes}
    return not any(
        any(because.made_by is PeerPass.REVERSE for because in peer.because)
        or (peer.far_node is not None and not ids.get(peer.far_node))
        for peer in expectation.peers.get(node.name, ())
    )


@rule(
    "resources-questionable",
    Severity.INFO,
    title="The lint has warnings about the resources",
    meaning="Nothing is wrong with the sessions because of it, but the resources hold what may hurt one day: a single "
    "reflector, a selector on a label that Kubernetes removed. Errors of the lint are findings of the audit itself.",
    evidence="The rules of the lint, and how often.",
    action="Run `calico-bgp lint` on the resources; it names the lines and the changes.",
    messages={
        "warnings": "the lint has {warnings:count warning} about the resources",
    },
)
def resources_questionable(cluster: Cluster) -> Iterator[Draft]:
    """One finding for the cluster."""
    warned = Counter(finding.rule for finding in cluster.linted if finding.severity is Severity.WARNING)
    if warned:
        yield Draft(
            ClusterSubject(),
            "warnings",
            [f"{name}: {times}" for name, times in warned.most_common(_SHOWN)],
            "kubectl get nodes.v1,bgppeers,bgpconfigurations,ippools -o json | calico-bgp lint -",
            warnings=sum(warned.values()),
        )
