"""Silent sessions: nothing comes from the far end, and no error says why.

Facts for the families about networks, ports and passwords. What the resources, a daemon or a protocol error explain is
left out: only then is silence the network's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

from calico_bgp.causes.addresses.facts import nodes_with_doubtful_addresses
from calico_bgp.causes.case import Case
from calico_bgp.causes.nodes.machines import dead_nodes
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.cluster.nodes.members import Table
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.model.peer import Family
from calico_bgp.once import once
from calico_bgp.prefixes import network_around
from calico_bgp.upstream import ZONE_LABELS

#: A label whose name says that its nodes share hardware.
_RACK = re.compile(r"(^|[./_-])rack([./_-]|$)", re.IGNORECASE)
#: What an end says that neither was dialled nor had an answer.
_HEARS_NOTHING = frozenset({Signal.HELD, Signal.TIMED_OUT, Signal.UNREACHABLE})


@once
def living_keys(case: Case) -> frozenset[SessionKey]:
    """Bad sessions between two ends that are both there: no host is off, BIRD runs, both tables show the session."""
    elsewhere = {member.name for member in dead_nodes(case)} | nodes_with_doubtful_addresses(case)
    living = case.cluster.by_name.keys() - elsewhere
    return frozenset(
        key
        for key, session in case.cluster.judged.bad.items()
        if key.a in living
        and key.b in living
        and (session.a.rows or session.b.rows)
        and not any(end.table is Table.NOT_RUNNING or end.lacks_row for end in session.ends)
    )


@once
def silent_keys(case: Case) -> frozenset[SessionKey]:
    """The living sessions whose ends report only silence: nothing comes, or nothing can be sent."""
    return frozenset(
        key
        for key in living_keys(case)
        if case.signals[key].both <= NOTHING_COMES or _cannot_send(case, key) is not None
    )


def _cannot_send(case: Case, key: SessionKey) -> str | None:
    """The end whose own kernel opens no connection: BIRD says `Connection closed`, and the far end heard nothing.

    A far end that closed the connection would have heard of it. connect() or bind() fails at once where the source
    address is gone, or a route forbids the way (seen with real BIRDs: `ip route add prohibit`, IPv6 switched off).
    A far end that only waits has no error where the session never stood: then one that dials has to find nobody there.
    """
    signals = case.signals[key]
    for name, own, far in ((key.a, signals.a, signals.b), (key.b, signals.b, signals.a)):
        if own is Signal.CLOSED and (far in _HEARS_NOTHING or (far is Signal.SILENT and name in _not_found(case))):
            return name
    return None


@once
def _not_found(case: Case) -> frozenset[str]:
    """Ends at whose address nobody is found: ARP fails for others that dial them."""
    return frozenset(
        name
        for key, signals in case.signals.items()
        for name, far in ((key.a, signals.b), (key.b, signals.a))
        if far is Signal.UNREACHABLE
    )


def islands(case: Case, silent_sessions: Iterable[SessionKey]) -> list[frozenset[str]]:
    """The groups into which sessions that are up join the nodes, largest first.

    Nothing unless silence lies between the groups and nowhere else: each silent session joins two of them.
    """
    silent_sessions = list(silent_sessions)
    members = case.cluster.by_name
    up = [key for key, session in case.cluster.sessions.items() if session.is_up and {key.a, key.b} <= members.keys()]
    group_of = {name: {name} for name in {name for key in (*up, *silent_sessions) for name in (key.a, key.b)}}
    for key in up:
        one, other = group_of[key.a], group_of[key.b]
        if one is not other:
            small, big = sorted((one, other), key=len)
            big |= small
            group_of.update(dict.fromkeys(small, big))
    if any(group_of[key.a] is group_of[key.b] for key in silent_sessions):
        return []
    groups = {id(group): group for group in group_of.values()}.values()
    return sorted(map(frozenset, groups), key=lambda group: (-len(group), min(group)))


def crossing(keys: Iterable[SessionKey], group: frozenset[str]) -> frozenset[SessionKey]:
    """The sessions of which one end is in the group."""
    return frozenset(key for key in keys if (key.a in group) is not (key.b in group))


def shared_places(case: Case) -> Iterator[tuple[str, frozenset[str]]]:
    """Groups of nodes that share hardware or a network: what they share, and who; not those that hold everyone.

    Of one address that several hosts have, a bridge's, no network says that they are neighbours.
    """
    names = frozenset(case.cluster.by_name)
    groups: dict[str, set[str]] = defaultdict(set)
    for member in case.cluster.members:
        for key, value in member.resource.labels if member.resource is not None else ():
            if key in ZONE_LABELS or _RACK.search(key):
                groups[f"{key}={value}"].add(member.name)
    hosts_with = Counter(address for member in case.cluster.members for address in set(member.own_addresses))
    for member in case.cluster.members:
        for address in {*case.cluster.identity.addresses.get(member.name, ()), *member.own_addresses}:
            if hosts_with[address] > 1:
                continue
            network = network_around(address)
            groups[f"network {network}"].add(member.name)
    yield from ((what, frozenset(group)) for what, group in sorted(groups.items()) if 1 < len(group) < len(names))


def shared_by(case: Case, names: frozenset[str]) -> str | None:
    """What exactly these nodes share, and no other; None when nothing is known."""
    return next((what for what, group in shared_places(case) if group == names), None)


def by_pair(keys: Iterable[SessionKey]) -> dict[tuple[str, str], frozenset[SessionKey]]:
    """Two ends → their sessions, in whatever family."""
    keys_of: dict[tuple[str, str], set[SessionKey]] = defaultdict(set)
    for key in keys:
        keys_of[key.a, key.b].add(key)
    return {pair: frozenset(own_keys) for pair, own_keys in sorted(keys_of.items())}


def families_of(keys: Iterable[SessionKey]) -> str:
    """`IPv4 and IPv6`."""
    met = {key.family for key in keys}
    return " and ".join(family.label for family in Family if family in met)


def lonely_nodes(case: Case, silent_sessions: frozenset[SessionKey]) -> list[str]:
    """Nodes that were read, none of whose sessions is up and all of them silent, with two peers or more."""
    return [name for name, family, _ in lonely_ends(case, silent_sessions) if family is None]


def lonely_ends(
    case: Case, silent_sessions: frozenset[SessionKey]
) -> Iterator[tuple[str, Family | None, frozenset[SessionKey]]]:
    """These nodes with their sessions, and nodes of which the same holds in one family only."""
    living = living_keys(case)
    for name, bad in sorted(case.bad_of.items()):
        if not case.is_read(name) and not case.up_keys(name):
            continue
        for family in Family if case.up_keys(name) else (None,):
            # Sessions that a dead far end or a stale file explains say nothing about this node.
            living_of_node = frozenset(key for key in bad & living if family in {None, key.family})
            if not living_of_node or is_up_in(case, name, {key.family for key in living_of_node}):
                continue
            keys = living_of_node & silent_sessions
            # Where no far end has another session, it is not clear which side is cut off.
            told = {key for key in living_of_node if is_up_in(case, key.far(name), {key.family})}
            # One without any may have a fault of its own, and say so, where most say the same.
            are_most = keys == living_of_node or 2 * len(told) > len(living_of_node)
            fars = {key.far(name) for key in keys} | gone_fars(case, name)
            if told and told <= keys and are_most and len(fars) > 1:
                yield name, family, keys


def gone_fars(case: Case, name: str) -> set[str]:
    """The far ends of a node's bad sessions whose hosts are off, or whose BIRD does not run."""
    off = {member.name for member in dead_nodes(case)}
    fars = set()
    for key in case.bad_keys(name):
        far = key.far(name)
        if far in off or case.cluster.session(*key).end(far).table is Table.NOT_RUNNING:
            fars.add(far)
    return fars


def is_up_in(case: Case, name: str, families: Collection[Family]) -> bool:
    """Whether an end has a session that is up, in some families."""
    return not case.families_up.get(name, frozenset()).isdisjoint(families)


def ups_of(case: Case, name: str, families: Collection[Family]) -> frozenset[SessionKey]:
    """The sessions of an end that are up, in some families."""
    return frozenset(key for key in case.up_keys(name) if key.family in families)


def is_read_over_bgp_address(case: Case, name: str) -> bool:
    """Whether we are connected to the address that its peers dial."""
    member = case.member(name)
    if member is None or member.reading is None or member.reading.ssh_address is None:
        return False
    return case.cluster.identity.owner.get(member.reading.ssh_address) == name
