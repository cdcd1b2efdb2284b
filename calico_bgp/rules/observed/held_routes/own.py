"""Rules about what nodes announce of their own. Nothing about what arrives elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.routes.observed import Stop
from calico_bgp.routes.missing import missing_at
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.routes.observed.session_readings import session_readings
from calico_bgp.rules.observed.held_routes.facts import by_place, evidence_of, look_at_routes
from calico_bgp.rules.rule import Draft, rule

_OWN = ("Static", "Kernel")


@rule(
    "own-routes-lost",
    Severity.ERROR,
    title="A node's BIRD has lost the node's own routes",
    meaning="BIRD announces a node's blocks by its static protocol, and writes other nodes' routes into the kernel "
    "by its "
    "kernel protocol (confd's bird.cfg.template). Without them all sessions stand, and the node's pods are cut off.",
    evidence="BIRD's protocols on that node, its table beside the BlockAffinities, and the pods in its kernel.",
    action="Start BIRD's protocol (`birdcl enable static1`), or let confd write bird.cfg again: restart calico-node "
    "there.",
    messages={
        "static": "BIRD's {protocol} on {node} is {state}: {node} announces none of its blocks",
        "kernel": "BIRD's {protocol} on {node} is {state}: no route to another node gets into its kernel",
        "blocks": "BIRD on {node} lacks {blocks:count block} that {blocks:is|are} {node}'s own: {names}",
        "pods": "BIRD on {node} announces no block, though {number:count pod} {number:runs|run} there",
    },
)
def own_routes_lost(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family: by the protocol that is down, else by the routes that are not there."""
    yield from _protocols_down(cluster)
    for family, observed in observed_of(cluster).items():
        pods = {m.origin for m in observed.missing if m.stop in (Stop.NOT_ANNOUNCED, Stop.UNTRACED, Stop.NOT_HELD)}
        for node in observed.nodes:
            subject = NodeSubject(node=node.node, family=family)
            look = look_at_routes(cluster, node.node, family, "show route protocol static1")
            if node.lost:
                names = tuple(map(str, node.lost))
                evidence = (f"BlockAffinities of {node.node}: {some(node.own)}",)
                yield Draft(subject, "blocks", evidence, look, node=node.node, blocks=len(names), names=names)
            elif node.own and node.node in pods and all(p.prefixlen == p.max_prefixlen for p in node.own):
                evidence = (f"pods on {node.node}: {some(node.own)}",)
                yield Draft(subject, "pods", evidence, look, node=node.node, number=len(node.own))


def _protocols_down(cluster: Cluster) -> Iterator[Draft]:
    birds = ((member.name, bird) for member in cluster.members if member.reading for bird in member.reading.birds)
    for name, bird in birds:
        for protocol in bird.protocols:
            if protocol.proto in _OWN and protocol.state == "down":
                line = f"{protocol.name} {protocol.proto} {protocol.state} {protocol.since} {protocol.info}".rstrip()
                yield Draft(
                    NodeSubject(node=name, family=bird.family),
                    protocol.proto.lower(),
                    (line,),
                    look_at_routes(cluster, name, bird.family, f"show protocols all {protocol.name}"),
                    protocol=protocol.name,
                    state=protocol.state,
                    node=name,
                )


@rule(
    "routes-not-announced",
    Severity.ERROR,
    title="A node does not announce its routes",
    meaning="The node's BIRD has its blocks, its sessions stand, and it exports no route to any of its peers, or not "
    "to those that need it: its export filter rejects them (a BGPFilter, an IPPool with disableBGPExport, an edited "
    "template), or a limit does.",
    evidence="The numbers of `show protocols all` on that node, and the tables of the others, which lack its blocks.",
    action="`calico-bgp route BLOCK --from NODE` says which filter or rule rejects it.",
    messages={
        "nobody": "{node} announces its {blocks:count block} to none of its peers: {learners:count node} "
        "{learners:lacks|lack} {blocks:it|them}",
        "some": "{node} does not announce its {blocks:count block} to {names}, and does to others",
    },
)
def routes_not_announced(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family, unless its own routes are lost: that is why, then."""
    telling: dict[Family, set[str]] = {family: set() for family in Family}
    for reading in session_readings(cluster):
        if reading.protocol.exported and not reading.is_external:
            telling[reading.family].add(reading.node)
    for family, at, routes in by_place(missing_at(cluster, Stop.NOT_ANNOUNCED)):
        blocks = {block for one in routes for block in one.blocks}
        if all(block.prefixlen == block.max_prefixlen for block in blocks) or _has_no_static(cluster, at, family):
            continue
        learners = sorted({one.learner for one in routes})
        look = look_at_routes(cluster, at, family, "show protocols all")
        subject = NodeSubject(node=at, family=family)
        evidence = evidence_of(routes)
        if at in telling[family]:
            yield Draft(subject, "some", evidence, look, node=at, blocks=len(blocks), names=tuple(learners))
        else:
            yield Draft(subject, "nobody", evidence, look, node=at, blocks=len(blocks), learners=len(learners))


def _has_no_static(cluster: Cluster, node: str, family: Family) -> bool:
    member = cluster.by_name.get(node)
    bird = None if member is None or member.reading is None else member.reading.bird(family)
    return bird is not None and any(protocol.state == "down" for protocol in bird.of_kind("Static"))
