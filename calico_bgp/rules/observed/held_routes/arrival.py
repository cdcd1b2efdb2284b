"""Rules about routes that were announced and do not arrive in BIRD's table of another node."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.model.routes.observed import Stop
from calico_bgp.routes.missing import missing_at
from calico_bgp.routes.observed.compare import observed_of
from calico_bgp.rules.observed.held_routes.facts import SHOWN, by_place, evidence_of, look_at_routes
from calico_bgp.rules.rule import Draft, rule


@rule(
    "routes-not-accepted",
    Severity.ERROR,
    title="A node refuses routes that its peers announce",
    meaning="An import filter (a BGPFilter of the BGPPeer) or a limit of routes keeps blocks of other nodes out of "
    "this "
    "node's BIRD. The sessions stand, and its pods do not reach theirs.",
    evidence="The filtered announcements and the limits in `show protocols all`, and its table, which lacks the "
    "blocks.",
    action="Fix the filter or the limit; `calico-bgp route BLOCK --to NODE` says which rule rejects a route.",
    messages={"refuses": "{node} does not accept the routes of {origins}"},
)
def routes_not_accepted(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node that refuses and family."""
    for family, at, routes in by_place(missing_at(cluster, Stop.NOT_ACCEPTED)):
        origins = sorted({one.origin for one in routes})
        look = look_at_routes(cluster, at, family, "show protocols all")
        yield Draft(
            NodeSubject(node=at, family=family), "refuses", evidence_of(routes), look, node=at, origins=tuple(origins)
        )


@rule(
    "next-hop-unreachable",
    Severity.ERROR,
    title="BIRD has a route whose next hop leads nowhere",
    meaning="Over iBGP the next hop is the node that announced the route, and BIRD looks it up in its own table "
    "(`gateway "
    "recursive`). Where it finds no way, the route is there as `unreachable`, and packets are dropped.",
    evidence="`unreachable` in BIRD's table.",
    action="Give the node a route to that next hop, or nextHopMode: Self on the peer that passes the route on.",
    messages={
        "unreachable": "{node} has {number:count route} of {origins} whose next hop cannot be reached",
    },
)
def next_hop_unreachable(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node and family."""
    for family, at, routes in by_place(missing_at(cluster, Stop.UNREACHABLE)):
        origins = sorted({one.origin for one in routes})
        number = sum(len(one.blocks) for one in routes)
        look = look_at_routes(cluster, at, family, "show route primary")
        subject = NodeSubject(node=at, family=family)
        evidence = evidence_of(routes)
        yield Draft(subject, "unreachable", evidence, look, node=at, number=number, origins=tuple(origins))


@rule(
    "routes-not-arriving",
    Severity.ERROR,
    title="Routes do not arrive although every session on their way stands",
    meaning="By the sessions and Calico's resources these routes should be in the learners' BIRD, and they are not: "
    "something "
    "on the way does not pass them on that no table of sessions shows.",
    evidence="The tables of BIRD, block by block.",
    action="`calico-bgp routes --missing` lists them; `calico-bgp route BLOCK --from NODE --to NODE` follows one.",
    messages={
        "missing": "{missing:count route} {missing:does|do} not arrive over {family} although the sessions stand: "
        "{learners} {learners:lacks|lack} those of {origins}"
    },
)
def routes_not_arriving(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family."""
    for family in observed_of(cluster):
        routes = [one for each, one in missing_at(cluster, Stop.NOT_PASSED_ON, Stop.UNTRACED) if each is family]
        if not routes:
            continue
        learners = tuple(sorted({one.learner for one in routes}))
        origins = tuple(sorted({one.origin for one in routes}))
        evidence = evidence_of(routes)
        first = routes[0]
        look = look_at_routes(cluster, first.learner, family, f"show route for {first.blocks[0].network_address} all")
        subject = ClusterSubject(family=family)
        origins = ("one another",) if learners == origins else origins
        number = len(routes)
        yield Draft(
            subject, "missing", evidence, look, missing=number, family=family, learners=learners, origins=origins
        )


@rule(
    "pods-behind-a-router",
    Severity.WARNING,
    title="Packets to pods go through a router of which nobody knows whether it knows them",
    meaning="Without encapsulation a packet to a node in another subnet goes to a router, with the pod's address on "
    "it. The router leads it on only if it has a route to the pod's block: by BGP, or because somebody wrote it. No "
    "node tells it by BGP, so that from the cluster nobody can see whether it does; where it does not, packets "
    "between the subnets are lost though every session stands.",
    evidence="The gateways in the nodes' kernels that are no nodes of the cluster.",
    action="Let the routers speak BGP with the nodes, or give the pools CrossSubnet encapsulation; where the routers "
    "have the routes in another way, accept the finding in calico-bgp.toml.",
    messages={
        "behind": "whether {pairs:count route} {pairs:leads|lead} to pods over {family} is not known: packets go to "
        "{gateways}, {gateways:which is no node|which are no nodes}"
    },
)
def pods_behind_a_router(cluster: Cluster) -> Iterator[Draft]:
    """One finding per family."""
    for family, observed in observed_of(cluster).items():
        doubts = [doubt for doubt in observed.doubts if doubt.gateway is not None]
        if doubts:
            gateways = tuple(str(doubt.gateway) for doubt in doubts)
            pairs = sum(doubt.pairs for doubt in doubts)
            evidence = tuple(f"{doubt.pairs} pairs: {doubt.because}" for doubt in doubts[:SHOWN])
            subject = ClusterSubject(family=family)
            yield Draft(subject, "behind", evidence, None, pairs=pairs, family=family, gateways=gateways)
