"""Causes in the network that take several nodes at once: a rack that is off, a group that is cut off."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.hosts import OUTSIDE_OF_CALICO, network_fix, ping
from calico_bgp.causes.network.silence import (
    crossing,
    islands,
    shared_by,
    shared_places,
    silent_keys,
)
from calico_bgp.causes.network.unplaced import explained_by_absence, keys_of_absent
from calico_bgp.causes.nodes.machines import dead_nodes
from calico_bgp.causes.peering.password_facts import unmatched_keys
from calico_bgp.causes.words import in_one_family, rows_of
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import AUDIT_AGAIN, decision
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject


@cause(
    "rack-down",
    title="All nodes of a rack, zone or network are off at once",
    what="hosts down or unreachable",
    messages={
        "off": "all {number} nodes of {what:same} are off or cut off at once: {nodes}",
    },
    meaning="Nodes that go together have one cause: power, or their top-of-rack switch.",
    evidence="None of them can be connected to or is anyone's peer, and they are all the nodes of one rack or zone "
    "label or of one network. Likely.",
    look_alikes="Several nodes that failed by themselves.",
    mending="The switch, the power.",
    demos=("rack-down",),
)
def rack_down(case: Case) -> Iterator[Candidate]:
    """Nodes that are off at once, and are all the nodes of a rack, zone or network; others may be off by themselves."""
    dead = {member.name: member for member in dead_nodes(case)}
    remaining = frozenset(dead)
    groups = [(what, group) for what, group in shared_places(case) if group <= remaining]
    for what, group in sorted(groups, key=lambda place: -len(place[1])):
        if group <= remaining:
            remaining -= group
            yield _rack(case, what, [dead[name] for name in sorted(group)])


def _rack(case: Case, what: str, members: list[Member]) -> Candidate:
    names = [member.name for member in members]
    keys = frozenset(key for name in names for key in case.bad_of.get(name, frozenset()) | keys_of_absent(case, name))
    explains = case.explained_by(keys)
    for name in names:
        explains |= explained_by_absence(case, name)
        explains |= case.of_node(name, "node-unreadable", "isolated-node")
    return Candidate(
        kind="rack-down",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("off", number=len(names), what=what, nodes=names),
        explanation="Nodes that go together and share a rack, a zone or a network have one cause: power, or the "
        "top-of-rack switch.",
        confidence=Confidence.LIKELY,
        explains=explains,
        evidence=tuple(
            f"{member.name} could not be read ({member.failure.stage}): {member.failure.message}"
            for member in members[:5]
            if member.failure is not None
        ),
        keys=keys,
        decide=(
            decision(
                "kubectl get nodes",
                None,
                (f"{some(names)} NotReady", "the rack is off, or its network is"),
                (f"{some(names)} Ready", "they run; only SSH and BGP do not reach them"),
            ),
        ),
        fixes=(
            Fix(
                label="start hosts",
                summary=f"look at the switch and the power of {what}: {OUTSIDE_OF_CALICO}",
                risk=Risk.NONE,
                check=AUDIT_AGAIN,
            ),
        ),
    )


@cause(
    "partition",
    title="The network between two groups of nodes is cut",
    what="network between groups cut",
    messages={
        "cut": "the network between {nodes}{what:same} and the {other}{rest} nodes is cut{family:same}",
        "partial": "the network between {nodes}{what:same} and {rest} is cut; other nodes reach both",
    },
    meaning="Every session from one group to the other is silent, and none within a group is.",
    evidence="The pattern of the sessions; the label or network that the group shares. Likely.",
    look_alikes="Several nodes with network trouble of their own that share a label.",
    mending="The network between the groups.",
    demos=("partition",),
)
def partition(case: Case) -> Iterator[Candidate]:
    """Two or more nodes that reach each other, or share a rack, and none of the others."""
    silent_sessions = silent_keys(case) - unmatched_keys(case)
    main, *others = islands(case, silent_sessions) or [frozenset[str]()]
    # Of a node that nobody read and nobody has a session with, sessions with other unread nodes are not known.
    others = [group for group in others if all(map(case.is_read, group)) or _is_seen(case, group)]
    if not any(map(case.is_read, main)):
        return
    lonely = frozenset(name for group in others if len(group) == 1 for name in group)
    shared = shared_by(case, lonely) if len(lonely) > 1 else None
    groups = [group for group in others if len(group) > 1] + ([lonely] if shared is not None else [])
    for group in groups:
        # Groups that are not meant to peer with each other have no such session.
        if keys := crossing(silent_sessions, group):
            yield _partition(case, group, main, keys, whole=not others[1:])
    if not groups and len(main) > 1 and _are_all_clients(main, lonely, silent_sessions):
        yield _partition(case, main, lonely, crossing(silent_sessions, main), whole=True)


def _are_all_clients(main: frozenset[str], lonely: frozenset[str], silent_sessions: frozenset[SessionKey]) -> bool:
    """Whether the nodes look like all clients of one group of reflectors: they alone peer with all of it.

    A fault near the reflectors is then more likely than one at so many hosts at once.
    """
    ends = {name for key in silent_sessions for name in (key.a, key.b)}
    return (
        len(lonely) > 1
        and ends == main | lonely
        and all((key.a in main) is not (key.b in main) for key in silent_sessions)
    )


def _partition(
    case: Case, group: frozenset[str], others: frozenset[str], keys: frozenset[SessionKey], *, whole: bool
) -> Candidate:
    """A group against the others; `whole` where these are all others."""
    names = sorted(group)
    what = shared_by(case, group)
    return Candidate(
        kind="partition",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words(
            "cut",
            nodes=names,
            what=f" ({what})" if what else None,
            other="other " if whole else None,
            rest=len(others),
            family=in_one_family(case, keys),
        ),
        explanation="Every session from one group to the other is silent, and none within a group is. All nodes "
        "run; what lies between the groups passes no BGP.",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(keys) | _isolated(case, group | others, keys),
        evidence=rows_of(case, keys),
        keys=keys,
        decide=(ping(case, min(keys)),),
        fixes=(network_fix(case, keys, f"between {some(names)} and the others"),),
    )


def _is_seen(case: Case, group: frozenset[str]) -> bool:
    """Whether the nodes of a group are joined by sessions that are up, and one of them was read."""
    return len(group) > 1 and any(map(case.is_read, group))


def _isolated(case: Case, group: frozenset[str], keys: frozenset[SessionKey]) -> frozenset[str]:
    """Findings that call a node of the group isolated, where it has no other trouble."""
    return frozenset(
        finding
        for name in group
        if case.bad_of.get(name, frozenset()) <= keys
        for finding in case.of_node(name, "isolated-node")
    )
