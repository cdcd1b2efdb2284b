"""Rules about the numbers of single sessions: limits, what goes over them, and what their far ends can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.message import Message
from calico_bgp.model.report import Severity
from calico_bgp.model.subject import NodeSubject, SessionSubject
from calico_bgp.routes.observed.told import Told, told_sessions
from calico_bgp.rules.observed.held_routes.facts import look_at_routes
from calico_bgp.rules.rule import Draft, rule


@rule(
    "route-limit-hit",
    Severity.ERROR,
    title="A session has reached its limit of routes",
    meaning="Calico sets no limits: somebody edited BIRD's template. With `block` the rest of the routes is dropped, "
    "with "
    "`restart` and `disable` the session ends; with `warn` BIRD only writes it into its log (then this is a warning).",
    evidence="`[HIT]` in `show protocols all`.",
    action="A limit that fits the cluster, or none, in the template that was edited.",
    messages={"hit": "the {kind} limit of {number:count route} on {node} towards {far} is reached (action: {action})"},
)
def route_limit_hit(cluster: Cluster) -> Iterator[Draft]:
    """One finding per session."""
    for told in told_sessions(cluster):
        for limit in told.protocol.limits:
            if limit.is_hit:
                evidence = (f"{told.protocol.name}: {limit.kind} limit {limit.number} [HIT]",)
                severity = Severity.WARNING if limit.action == "warn" else None
                subject = SessionSubject.between(told.node, told.far, told.family)
                yield Draft(
                    subject,
                    "hit",
                    evidence,
                    _look(cluster, told),
                    severity,
                    kind=limit.kind.lower(),
                    number=limit.number,
                    node=told.node,
                    far=told.far,
                    action=limit.action or "none",
                )


@rule(
    "external-peer-gives-nothing",
    Severity.WARNING,
    title="Nothing is accepted from an external peer whose session stands",
    meaning="An Established session with a switch that gives no route is of no use in that direction: the switch "
    "announces "
    "nothing, or a BGPFilter refuses all of it.",
    evidence="`0 imported` in `show protocols all`, at every node that has that peer.",
    action="Ask who runs the switch what it should announce; look at the import rules of the peer's BGPFilters.",
    messages={
        "silent": "{nodes:count node} {nodes:accepts|accept} no route from {far}, though the session stands",
        "refused": "{nodes:count node} {nodes:refuses|refuse} every route of {far} by a filter",
    },
)
def external_peer_gives_nothing(cluster: Cluster) -> Iterator[Draft]:
    """One finding per external peer and family, where none of its sessions brings a route."""
    peers: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for told in told_sessions(cluster):
        if told.is_external:
            peers[told.far, told.family].append(told)
    for (far, _), ends in sorted(peers.items()):
        if any(told.protocol.imported for told in ends):
            continue
        key = "refused" if all(told.protocol.imports_filtered for told in ends) else "silent"
        evidence = tuple(f"{told.node}: {told.protocol.name} 0 imported" for told in ends[:5])
        subject = NodeSubject(node=far, family=ends[0].family)
        yield Draft(subject, key, evidence, _look(cluster, ends[0]), nodes=len(ends), far=far)


@rule(
    "nothing-exported",
    Severity.WARNING,
    title="A node tells one of its peers nothing",
    meaning="The node announces its blocks to other peers and exports no route to this one: the export rules of that "
    "peer's "
    "BGPFilters reject all, and whoever relies on that session lacks them.",
    evidence="`0 exported` in `show protocols all`, beside sessions of the same node with more.",
    action="Look at the export rules of the BGPFilters of that BGPPeer, or at an export limit.",
    messages={"nothing": "{node} exports no route to {far}, and does to others"},
)
def nothing_exported(cluster: Cluster) -> Iterator[Draft]:
    """One finding per session; a node that tells nobody anything has a finding of its own."""
    of_node: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for told in told_sessions(cluster):
        of_node[told.node, told.family].append(told)
    for (node, _), ends in sorted(of_node.items()):
        if not any(told.protocol.exported for told in ends):
            continue
        for told in ends:
            if told.protocol.exported == 0:
                subject = SessionSubject.between(node, told.far, told.family)
                evidence = (f"{told.protocol.name}: 0 exported",)
                yield Draft(subject, "nothing", evidence, _look(cluster, told), node=node, far=told.far)


@rule(
    "graceful-restart-lacking",
    Severity.INFO,
    title="A node's session does without graceful restart",
    meaning="Calico configures graceful restart on all sessions, so that routes stand while calico-node is restarted "
    "or "
    "upgraded. Where a node's BIRD does not offer it, each restart takes its routes away for a while.",
    evidence="The capabilities in `show protocols all`: neither `restart-able` nor `restart-aware`.",
    action="Compare bird.cfg of that node with that of the others: an edited template, or an old release.",
    messages={"lacking": "{far} offers no graceful restart to {nodes:count node}"},
)
def graceful_restart_lacking(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node whose sessions lack it; external peers may do without."""
    lacking: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for told in told_sessions(cluster):
        offered = {"restart-able", "restart-aware"} & set(told.protocol.capabilities)
        if not told.is_external and told.protocol.capabilities and not offered:
            lacking[told.far, told.family].append(told)
    for (far, _), ends in sorted(lacking.items()):
        evidence = tuple(f"{told.node}: {' '.join(told.protocol.capabilities)}" for told in ends[:5])
        subject = NodeSubject(node=far, family=ends[0].family)
        yield Draft(subject, "lacking", evidence, _look(cluster, ends[0]), far=far, nodes=len(ends))


def _look(cluster: Cluster, told: Told) -> Message:
    return look_at_routes(cluster, told.node, told.family, f"show protocols all {told.protocol.name}")
