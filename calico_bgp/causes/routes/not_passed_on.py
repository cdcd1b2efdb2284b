"""Cause, without resources: nodes have routes that others lack, and do not pass them on over sessions that stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.remedies.resources import GIVE_RESOURCES
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_FILTERS_LINE
from calico_bgp.messages.words import routes_lost, some
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.model.routes.bird_reading import ProtocolReading
from calico_bgp.model.routes.observed import Missing, Stop
from calico_bgp.natural_order import natural_key
from calico_bgp.routes.missing import missing_at
from calico_bgp.routes.observed.session_readings import session_readings
from calico_bgp.routes.observed.tables import node_tables

#: BIRD proto/bgp/bgp.c bgp_show_proto_info: of a session whose far end is a client (`rr client`).
_REFLECTS = "route-reflector"


class _Why(StrEnum):
    """Why a node does not pass a route on."""

    NO_REFLECTOR = "no reflector"
    """Neither the session that it came over nor the one to the learner is a client's."""
    SAME_ID = "same cluster ID"
    """One of them is, and the export filter has rejected nothing."""
    KEPT_BACK = "kept back"
    """One of them is; a filter may have rejected it."""
    UNKNOWN = "unknown"
    """Several reasons, or whether they are clients' was not read."""


class _Holder(NamedTuple):
    """A node that has a route which its peer lacks."""

    node: str
    why: _Why


@cause(
    "routes-not-passed-on",
    title="Nodes between others do not pass their routes on",
    what="routes not passed on",
    messages={
        "no_reflector": "{nodes} {nodes:has|have} routes of {nodes:its|their} peers and {nodes:reflects|reflect} none "
        "over {family:and}: {nodes:it has|they have} no cluster ID",
        "same_id": "{nodes} {nodes:reflects|reflect} and {nodes:does|do} not pass on over {family:and} the routes of "
        "{origins}, without any filter: that is what equal cluster IDs do",
        "kept_back": "{nodes} {nodes:has|have} the routes of {origins} and {nodes:does|do} not pass them on to all "
        "{nodes:its|their} peers over {family:and}",
    },
    meaning="The sessions stand, a node in between has the routes, and its peers lack them. A node without cluster ID "
    "passes no iBGP route on; a reflector none that carries its own cluster ID; and none its export filter rejects: "
    "blocks in no IPPool, a BGPFilter, an edited template. Sources: RFC 4456, section 8; BIRD proto/bgp/attrs.c "
    "(bgp_import_control); confd/etc/calico/confd/templates/bird_ipam.cfg.template.",
    evidence="The tables of BIRD, and of `show protocols all` the word `route-reflector` and what the export filter "
    "rejected; only without Calico's resources. Likely where these tell, else possible.",
    look_alikes="own-blocks-kept-in, where the owner itself tells nobody. With resources reflector-lost-cluster-id, "
    "reflectors-equal-ids, pool-deleted or filter-rejects-routes say which it is.",
    mending="A cluster ID, or another one; or what the filter rejects. Calico's resources tell which it is.",
    no_demo="No demo shows it: a demo reads the resources, and then the resource that is wrong is named.",
)
def routes_not_passed_on(case: Case) -> Iterator[Candidate]:
    """One for each reason, where every route that is missing is at a node that the learner has a session with."""
    if case.configured is not None:
        return
    found: dict[tuple[_Why, tuple[str, ...]], dict[Family, tuple[Finding, list[Missing]]]] = {}
    for finding, family in case.of_each_family("routes-not-arriving"):
        lacking = [one for of, one in missing_at(case.cluster, Stop.NOT_PASSED_ON, Stop.UNTRACED) if of is family]
        by_pair = _holders(case, family, lacking)
        if all(by_pair):
            reasons = {holder.why for holders in by_pair for holder in holders}
            why = next(iter(reasons)) if len(reasons) == 1 else _Why.UNKNOWN
            nodes = {holder.node for holders in by_pair for holder in holders}
            found.setdefault((why, tuple(sorted(nodes, key=natural_key))), {})[family] = finding, lacking
    for (why, names), of_family in found.items():
        yield _candidate(why, names, of_family)


def _holders(case: Case, family: Family, lacking: Sequence[Missing]) -> list[list[_Holder]]:
    """Of each pair the nodes that have the route and a session with the learner."""
    tables = node_tables(case.cluster, family)
    to_learner: dict[str, dict[str, ProtocolReading]] = {}
    by_name: dict[tuple[str, str], ProtocolReading] = {}
    for reading in session_readings(case.cluster):
        if reading.family is family:
            to_learner.setdefault(reading.far, {})[reading.node] = reading.protocol
            by_name[reading.node, reading.protocol.name] = reading.protocol
    found = []
    for one in lacking:
        block = one.blocks[0]
        holders = []
        for name, protocol in to_learner.get(one.learner, {}).items():
            best = tables[name].best(block) if name in tables and name != one.origin else None
            # To whom its next hop is BIRD sends no route (bgp_import_control): that is a matter of addresses.
            if best is not None and (best.gateway is None or best.gateway != protocol.neighbor_address):
                holders.append(_Holder(name, _why(by_name.get((name, best.protocol)), protocol)))
        found.append(holders)
    return found


def _why(came_over: ProtocolReading | None, to_learner: ProtocolReading) -> _Why:
    if came_over is None or not (came_over.session and to_learner.session):
        return _Why.UNKNOWN
    if not all("internal" in protocol.session for protocol in (came_over, to_learner)):
        return _Why.KEPT_BACK
    if not any(_REFLECTS in protocol.session for protocol in (came_over, to_learner)):
        return _Why.NO_REFLECTOR
    return _Why.SAME_ID if to_learner.exports_filtered == 0 else _Why.KEPT_BACK


def _candidate(why: _Why, names: tuple[str, ...], of_family: dict[Family, tuple[Finding, list[Missing]]]) -> Candidate:
    lost = [one for _, lacking in of_family.values() for one in lacking]
    origins = sorted({one.origin for one in lost}, key=natural_key)
    family = only_family(of_family)
    return Candidate(
        kind="routes-not-passed-on",
        subjects=tuple(NodeSubject(node=name, family=family) for name in names) or (ClusterSubject(family=family),),
        title=_title(why, names, origins, tuple(one.label for one in of_family)),
        explanation="The routes are in the BIRD of a node that has a session with each learner, and go no further.",
        confidence=Confidence.LIKELY if why in {_Why.NO_REFLECTOR, _Why.SAME_ID} else Confidence.POSSIBLE,
        explains=frozenset(finding.id for finding, _ in of_family.values()),
        evidence=tuple(line for finding, _ in of_family.values() for line in finding.evidence),
        decide=(decision(f"calicoctl get nodes -o yaml; {LOOK_AT_FILTERS_LINE}", None, *_outcomes(why, names, lost)),),
        fixes=(GIVE_RESOURCES,),
        routes_lost=len(lost),
        costs=routes_lost(len(lost)),
    )


def _title(why: _Why, nodes: tuple[str, ...], origins: Sequence[str], families: tuple[str, ...]) -> Words:
    if why is _Why.NO_REFLECTOR:
        return Words("no_reflector", nodes=nodes, family=families)
    is_same = why is _Why.SAME_ID
    return Words("same_id" if is_same else "kept_back", nodes=nodes, origins=tuple(origins), family=families)


def _outcomes(why: _Why, names: Sequence[str], lost: Sequence[Missing]) -> Iterator[tuple[str, str]]:
    """What the resources may show, and what to do then."""
    if why in {_Why.NO_REFLECTOR, _Why.UNKNOWN}:
        yield (
            f"no routeReflectorClusterID on {some(names)}",
            "give them one, if they are to reflect; else the label that a peerSelector names belongs on other nodes",
        )
    if why is not _Why.NO_REFLECTOR:
        yield "one routeReflectorClusterID on reflectors that serve different nodes", "give each group an ID of its own"
    if why in {_Why.KEPT_BACK, _Why.UNKNOWN}:
        yield f"no IPPool that holds {lost[0].blocks[0]}", "make that pool again, disabled, or move the pods"
        yield "a BGPFilter that rejects the blocks, in the filters of a BGPPeer", "let a rule before it accept them"
        yield "none of these", f"somebody edited the template or bird.cfg of {some(names)}: undo that, then restart it"
