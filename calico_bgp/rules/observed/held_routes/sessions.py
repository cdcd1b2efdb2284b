"""Rules about the numbers of single sessions: limits, what goes over them, and what their far ends can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.message import Message
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.routes.observed.session_readings import SessionReading, session_readings
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
    for reading in session_readings(cluster):
        for limit in reading.protocol.limits:
            if limit.is_hit:
                evidence = (f"{reading.protocol.name}: {limit.kind} limit {limit.number} [HIT]",)
                severity = Severity.WARNING if limit.action == "warn" else None
                subject = SessionSubject.between(reading.node, reading.far, reading.family)
                yield Draft(
                    subject,
                    "hit",
                    evidence,
                    _look(cluster, reading),
                    severity,
                    kind=limit.kind.lower(),
                    number=limit.number,
                    node=reading.node,
                    far=reading.far,
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
    peers: dict[tuple[str, Family], list[SessionReading]] = defaultdict(list)
    for reading in session_readings(cluster):
        if reading.is_external:
            peers[reading.far, reading.family].append(reading)
    for (far, family), ends in sorted(peers.items()):
        if any(reading.protocol.imported for reading in ends):
            continue
        key = "refused" if all(reading.protocol.imports_filtered for reading in ends) else "silent"
        evidence = tuple(f"{reading.node}: {reading.protocol.name} 0 imported" for reading in ends[:5])
        subject = NodeSubject(node=far, family=family)
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
    of_node: dict[tuple[str, str], list[SessionReading]] = defaultdict(list)
    for reading in session_readings(cluster):
        of_node[reading.node, reading.family].append(reading)
    for (node, _), ends in sorted(of_node.items()):
        if not any(reading.protocol.exported for reading in ends):
            continue
        for reading in ends:
            if reading.protocol.exported == 0 and _has_something_to_tell(cluster, reading, ends):
                subject = SessionSubject.between(node, reading.far, reading.family)
                evidence = (f"{reading.protocol.name}: 0 exported",)
                yield Draft(subject, "nothing", evidence, _look(cluster, reading), node=node, far=reading.far)


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
    lacking: dict[tuple[str, str], list[SessionReading]] = defaultdict(list)
    for reading in session_readings(cluster):
        offered = {"restart-able", "restart-aware"} & set(reading.protocol.capabilities)
        if not reading.is_external and reading.protocol.capabilities and not offered:
            lacking[reading.far, reading.family].append(reading)
    for (far, _), ends in sorted(lacking.items()):
        evidence = tuple(f"{reading.node}: {' '.join(reading.protocol.capabilities)}" for reading in ends[:5])
        subject = NodeSubject(node=far, family=ends[0].family)
        yield Draft(subject, "lacking", evidence, _look(cluster, ends[0]), far=far, nodes=len(ends))


def _has_something_to_tell(cluster: Cluster, reading: SessionReading, ends: Sequence[SessionReading]) -> bool:
    """Whether a node has a route that did not come from that peer: its own, or others' that a reflector passes on.

    A reflector without blocks, one of whose clients alone has some, tells that client nothing.
    """
    member = cluster.by_name[reading.node]
    bird = None if member.reading is None else member.reading.bird(reading.family)
    own = [] if bird is None else bird.of_kind("Static")
    if not own or any(protocol.state != "down" and protocol.imported != 0 for protocol in own):
        return True
    given = reading.protocol.imported
    assert given is not None, "the sessions whose BIRD does not say are left out"
    told = [other.protocol.exported for other in ends if other is not reading]
    return any(number is not None and number > given for number in told)


def _look(cluster: Cluster, reading: SessionReading) -> Message:
    return look_at_routes(cluster, reading.node, reading.family, f"show protocols all {reading.protocol.name}")
