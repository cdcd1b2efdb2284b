"""From a report and its snapshot to what a picture shows. No places and no colours.

States are those that the audit judges by (cluster.judged), so that a picture never says else than the report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from calico_bgp.auditing.headline import verdict_line
from calico_bgp.cluster.cluster import Cluster, observe
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.words import count
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Report
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject, SessionSubject, Subject
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.natural_order import natural_key
from calico_bgp.report.audit.causes import group_causes
from calico_bgp.report.picture.diagram import Caption, Diagram, Group, Link, LinkState, NodeState, Spot, worst
from calico_bgp.upstream import ZONE_LABEL

_ALL_UP = {LinkState.UP}


def diagram_of(report: Report, snapshot: Snapshot) -> Diagram:
    """What the picture of an audit shows.

    Args:
        report: What the audit says of the snapshot.
        snapshot: What it was made from.
    """
    cluster = observe(snapshot)
    links = _links(cluster)
    numbers, captions = _numbered(report)
    by_end: defaultdict[str, list[LinkState]] = defaultdict(list)
    for link in links:
        for end in (link.a, link.b):
            by_end[end].extend(state for _, state in link.states)
    zones = _zones(snapshot)
    reflecting = {node.name for node in report.topology.nodes if node.role is Role.REFLECTOR}
    affected = _affected(links, numbers)
    spots = {
        member.name: _spot(
            member,
            by_end[member.name],
            numbers.get(member.name, ()),
            zones.get(member.name),
            is_affected=member.name in affected,
        )
        for member in sorted(cluster.members, key=lambda member: natural_key(member.name))
    }
    outside = sorted(by_end.keys() - spots.keys(), key=natural_key)
    externals = tuple(Spot(name, _state(by_end[name]), _count(by_end[name]), numbers.get(name, ())) for name in outside)
    word, sentence = verdict_line(report)
    return Diagram(
        kind=report.topology.kind,
        verdict=word if report.cluster is None else f"{word} {report.cluster}",
        verdict_css=report.verdict.value,
        sentence=sentence,
        reflectors=tuple(spot for name, spot in spots.items() if name in reflecting),
        groups=_groups([spot for name, spot in spots.items() if name not in reflecting], clients=bool(reflecting)),
        externals=externals,
        links=links,
        captions=captions,
        families=cluster.families,
        outside="external peer" if snapshot.resources is not None else "other peer",
        moment="" if report.snapshot_at is None else report.snapshot_at.strftime("%Y-%m-%d %H:%M %Z").strip(),
    )


def _links(cluster: Cluster) -> tuple[Link, ...]:
    states: defaultdict[tuple[str, str], list[tuple[Family, LinkState]]] = defaultdict(list)
    judged = cluster.judged
    keys: set[SessionKey] = {*cluster.sessions, *judged.bad, *judged.recovering, *judged.unknown}
    for key in sorted(keys):
        if key in judged.bad:
            state = LinkState.DOWN
        elif key in judged.recovering:
            state = LinkState.RECOVERING
        elif key in judged.unknown:
            state = LinkState.UNKNOWN
        else:
            state = LinkState.UP
        # An end that is no member stands second, whatever its name.
        a, b = (key.b, key.a) if key.a not in cluster.by_name else (key.a, key.b)
        states[a, b].append((key.family, state))
    return tuple(Link(a, b, tuple(of)) for (a, b), of in states.items())


def _affected(links: Iterable[Link], numbers: Mapping[str, tuple[int, ...]]) -> frozenset[str]:
    """Who lacks sessions with nodes that a cause names, and no other: of these one looks at the others."""
    lacking: dict[str, bool] = {}
    for link in links:
        if link.state is not LinkState.UP:
            for name in (link.a, link.b):
                far_is_named = link.state is LinkState.DOWN and bool(numbers.get(link.far(name)))
                lacking[name] = lacking.get(name, True) and far_is_named
    return frozenset(name for name, only in lacking.items() if only and name not in numbers)


def _spot(
    member: Member, states: list[LinkState], causes: tuple[int, ...], zone: str | None, *, is_affected: bool
) -> Spot:
    stopped = [family.label for family in Family if member.table(family) is Table.NOT_RUNNING] if states else []
    words = [_count(states)]
    if stopped:
        words.append(f"BIRD not running ({', '.join(stopped)})")
    state = _state(states)
    if is_affected and state is NodeState.PART:
        state = NodeState.AFFECTED
    if member.is_unreadable:
        words.append("no BIRD runs there")
    elif member.reading is None:
        words.append("not read")
        if state in {NodeState.UP, NodeState.IDLE}:
            state = NodeState.UNKNOWN
    return Spot(member.name, state, "; ".join(words), causes, zone)


def _state(states: Iterable[LinkState]) -> NodeState:
    distinct = set(states)
    if not distinct:
        return NodeState.IDLE
    if distinct == _ALL_UP:
        return NodeState.UP
    if LinkState.UP not in distinct:
        return NodeState.UNKNOWN if LinkState.DOWN not in distinct else NodeState.DOWN
    return NodeState.UNKNOWN if worst(distinct) is LinkState.UNKNOWN else NodeState.PART


def _count(states: list[LinkState]) -> str:
    if not states:
        return "no session"
    return f"{states.count(LinkState.UP):,} of {count(len(states), 'session')} Established"


def _zones(snapshot: Snapshot) -> dict[str, str]:
    nodes = () if snapshot.resources is None else snapshot.resources.nodes
    return {node.name: zone for node in nodes if (zone := node.label(ZONE_LABEL))}


def _groups(spots: list[Spot], *, clients: bool) -> tuple[Group, ...]:
    by_zone: defaultdict[str | None, list[Spot]] = defaultdict(list)
    for spot in spots:
        by_zone[spot.zone].append(spot)
    without = "no zone" if any(zone is not None for zone in by_zone) else "clients" if clients else "nodes"
    named = sorted((zone for zone in by_zone if zone is not None), key=natural_key)
    order: list[str | None] = [*named, *([None] if None in by_zone else [])]
    return tuple(Group(without if zone is None else zone, tuple(by_zone[zone])) for zone in order)


def _numbered(report: Report) -> tuple[Mapping[str, tuple[int, ...]], tuple[Caption, ...]]:
    """Name → the numbers of the causes that name it, and the causes."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    captions = []
    for group in group_causes(report):
        captions.append(Caption(group.number, group.title))
        for name in sorted({name for cause in group.causes for subject in cause.subjects for name in _names(subject)}):
            numbers[name].append(group.number)
    return {name: tuple(of_name) for name, of_name in numbers.items()}, tuple(captions)


def _names(subject: Subject) -> tuple[str, ...]:
    match subject:
        case NodeSubject():
            return (subject.node,)
        case SessionSubject():
            return subject.a, subject.b
        case AddressSubject():
            return (str(subject.address),)
    return ()
