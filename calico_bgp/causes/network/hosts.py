"""Causes in the network between nodes: a cut link, a node or a group cut off, a rack that is off.

A session that broke keeps BIRD's last error, `Hold timer expired` or a socket error (proto/bgp/bgp.c
bgp_store_error); a single silent session cannot tell more, the pattern of many can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from calico_bgp import shell_words
from calico_bgp.causes.candidate import Candidate, CauseContext
from calico_bgp.causes.network.silence import (
    by_pair,
    common_ground,
    crossing,
    dark_keys,
    families_of,
    is_read_over_bgp_address,
    islands,
    lonely_ends,
    shared_by,
    ups_of,
)
from calico_bgp.causes.network.unplaced import explained_by_absence, keys_of_absent
from calico_bgp.causes.nodes.daemons import dead_nodes
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.peering.password_facts import unmatched_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import address_of, in_one_family, rows_about, rows_of, tcp_port
from calico_bgp.cluster.dialled import dialled
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.messages.pod_commands import AUDIT_AGAIN, decision
from calico_bgp.messages.words import count, some
from calico_bgp.model.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.subject import NodeSubject, SessionSubject

_OUTSIDE_OF_CALICO = "nothing in Calico mends this"


def rack_down(context: CauseContext) -> Iterator[Candidate]:
    """Nodes that are off at once, and are all the nodes of a rack, zone or network; others may be off by themselves."""
    dead = {member.name: member for member in dead_nodes(context)}
    left = frozenset(dead)
    groups = [(what, group) for what, group in common_ground(context) if group <= left]
    for what, group in sorted(groups, key=lambda found: -len(found[1])):
        if group <= left:
            left -= group
            yield _rack(context, what, [dead[name] for name in sorted(group)])


def _rack(context: CauseContext, what: str, members: list[Member]) -> Candidate:
    names = [member.name for member in members]
    keys = frozenset(
        key for name in names for key in context.bad_of.get(name, frozenset()) | keys_of_absent(context, name)
    )
    explains = context.explained_by(keys)
    for name in names:
        explains |= explained_by_absence(context, name)
        explains |= context.of_node(name, "node-unreadable", "isolated-node")
    return Candidate(
        kind="rack-down",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=f"all {len(names)} nodes of {what} are off or cut off at once: {some(names)}",
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
                summary=f"look at the switch and the power of {what}: {_OUTSIDE_OF_CALICO}",
                risk=Risk.NONE,
                check=AUDIT_AGAIN,
            ),
        ),
    )


def partition(context: CauseContext) -> Iterator[Candidate]:
    """Two or more nodes that reach each other, or share a rack, and none of the others."""
    dark = dark_keys(context) - unmatched_keys(context)
    main, *others = islands(context, dark) or [frozenset[str]()]
    # A node that nobody read, and that nobody has a session with, may have any with those that nobody read either.
    others = [group for group in others if all(map(context.is_read, group)) or _is_seen(context, group)]
    if not any(map(context.is_read, main)):
        return
    lonely = frozenset(name for group in others if len(group) == 1 for name in group)
    ground = shared_by(context, lonely) if len(lonely) > 1 else None
    groups = [group for group in others if len(group) > 1] + ([lonely] if ground is not None else [])
    for group in groups:
        keys = crossing(dark, group)
        if not keys:
            continue  # groups that are not meant to peer with each other
        names = sorted(group)
        what = shared_by(context, group)
        yield Candidate(
            kind="partition",
            subjects=tuple(NodeSubject(node=name) for name in names),
            title=f"the network between {some(names)}{f' ({what})' if what else ''} and the "
            f"{'other ' if not others[1:] else ''}{len(main)} nodes is cut{in_one_family(context, keys)}",
            explanation="Every session from one group to the other is silent, and none within a group is. All nodes "
            "run; what lies between the groups passes no BGP.",
            confidence=Confidence.LIKELY,
            explains=context.explained_by(keys) | _isolated(context, group, keys),
            evidence=rows_of(context, keys),
            keys=keys,
            decide=(ping(context, min(keys)),),
            fixes=(network_fix(context, keys, f"between {some(names)} and the others"),),
        )


def _is_seen(context: CauseContext, group: frozenset[str]) -> bool:
    """Whether the nodes of a group are joined by sessions that are up, and one of them was read."""
    return len(group) > 1 and any(map(context.is_read, group))


def _isolated(context: CauseContext, group: frozenset[str], keys: frozenset[SessionKey]) -> frozenset[str]:
    """Findings that call a node of the group isolated, where it has no other trouble."""
    return frozenset(
        finding
        for name in group
        if context.bad_of.get(name, frozenset()) <= keys
        for finding in context.of_node(name, "isolated-node")
    )


def host_cut(context: CauseContext) -> Iterator[Candidate]:
    """A node that runs, that we can read, and that reaches none of its peers.

    An ICMP error or a failed ARP request says that the host has no way to others. Mere silence says so only where we
    read the node over another address than BGP's; else see ports.py.
    """
    dark = dark_keys(context) - unmatched_keys(context)
    for name, family, keys in lonely_ends(context, dark):
        said = {signal for key in keys for signal in context.signals(key).both}
        unreachable = Signal.UNREACHABLE in said
        if Signal.FORBIDDEN in said:
            continue  # a firewall says so: see ports.py
        if family is not None and said <= {Signal.SILENT}:
            continue  # the host is not cut, and BIRD may only just have been told of its peers
        if family is None and not unreachable and is_read_over_bgp_address(context, name):
            continue
        label, fars = "" if family is None else f"{family.label} ", len({key.far(name) for key in keys})
        isolated = context.of_node(name, "isolated-node") if family is None else frozenset[str]()
        member = context.member(name)
        unread = member is not None and member.failure is not None
        yield Candidate(
            kind="host-network-cut",
            subjects=(NodeSubject(node=name, family=family),),
            title=f"{name} {'is up' if unread else 'runs'}, but its {label}network is cut from all its {fars} peers",
            explanation=(
                "Its peers reach each other"
                if unread
                else "The node answers us and BIRD runs there, yet none of its peers can be reached from it, nor it "
                "from them. The others reach each other"
            )
            + ", so it is this node's link, VLAN, routes, firewall, or an address that it does not have any more."
            + ("" if family is None else f" Only its {family.label} is; its other sessions are up."),
            confidence=Confidence.LIKELY if unreachable and _stood(context, keys) else Confidence.POSSIBLE,
            explains=context.explained_by(keys)
            | isolated
            | (context.of_node(name, "node-unreadable") if unread else frozenset()),
            evidence=rows_about(context, name, keys),
            keys=keys,
            decide=(ping(context, min(keys), on=min(key.far(name) for key in keys) if unread else name),),
            fixes=(network_fix(context, keys, f"of {name}"),),
        )


def _stood(context: CauseContext, keys: Iterable[SessionKey]) -> bool:
    """Whether the sessions stood once, or the resources rule out an address or a password that never fitted."""
    said = {signal for key in keys for signal in context.signals(key).both}
    return context.resources is not None or not said.isdisjoint({Signal.HELD, Signal.HELD_THERE})


def link_cut(context: CauseContext) -> Iterator[Candidate]:
    """One silent session, between nodes that both have others. In one direction or in both: rows cannot tell."""
    young = young_keys(context)
    dark = dark_keys(context) - unmatched_keys(context)
    for (a, b), keys in by_pair(dark).items():
        met = {key.family for key in keys}
        if all(not ups_of(context, name, met) and context.bad_of[name] & dark > keys for name in (a, b)):
            continue  # neither has any session: that is no matter of one link
        said = {signal for key in keys for signal in context.signals(key).both}
        if said <= {Signal.SILENT} and (context.resources is None or keys & young):
            continue  # neither ever heard of the other: see peering/passwords.py and nodes/young.py
        deaf = _deaf_end(context, keys)
        subjects = tuple(SessionSubject.between(a, b, key.family) for key in sorted(keys))
        both_told = all(None not in (context.signals(key).a, context.signals(key).b) for key in keys)
        both_told = both_told and not said <= {Signal.SILENT} and _stood(context, keys)
        common = {
            "subjects": subjects,
            "explains": context.explained_by(keys),
            "evidence": (*rows_of(context, keys), *_others(context, a, b)),
            "keys": keys,
            "fixes": (network_fix(context, keys, f"between {a} and {b}"),),
        }
        if deaf is not None:
            far = b if deaf == a else a
            yield Candidate(
                kind="one-way",
                title=f"packets from {far} do not arrive at {deaf} ({tcp_port(context, keys)})",
                explanation=f"{deaf} heard nothing for the hold time and said so, and {far} received that: one "
                "direction works, the other is blocked.",
                confidence=Confidence.LIKELY,
                decide=(_half_open(context, min(keys)),),
                **common,  # type: ignore[arg-type]
            )
            continue
        yield Candidate(
            kind="link-cut",
            title=f"{a} and {b} do not reach each other over {families_of(keys)}, in one direction or both",
            explanation=f"Each waits for the other in vain{_while_others_are_up(context, a, b)}: something between "
            f"the two drops {tcp_port(context, keys)}. Whether it drops one direction or both their rows cannot "
            "tell, for TCP needs both.",
            confidence=Confidence.LIKELY if both_told else Confidence.POSSIBLE,
            decide=(_half_open(context, min(keys)), ping(context, min(keys))),
            **common,  # type: ignore[arg-type]
        )


def _while_others_are_up(context: CauseContext, a: str, b: str) -> str:
    having = [name for name in (a, b) if context.up_of.get(name)]
    if len(having) == 1:
        return f", while {having[0]} has other sessions"
    return ", while both have other sessions" if having else ""


def _deaf_end(context: CauseContext, keys: frozenset[SessionKey]) -> str | None:
    """The end that heard nothing while the far end heard it say so."""
    for key in sorted(keys):
        signals = context.signals(key)
        if (signals.a, signals.b) == (Signal.HELD, Signal.HELD_THERE):
            return key.a
        if (signals.b, signals.a) == (Signal.HELD, Signal.HELD_THERE):
            return key.b
    return None


def _others(context: CauseContext, *names: str) -> Iterator[str]:
    for name in names:
        up = context.up_of.get(name)
        if up:
            yield f"{name} has {count(len(up), 'other session')} that {'is' if len(up) == 1 else 'are'} Established"


def ping(context: CauseContext, key: SessionKey, *, on: str | None = None) -> Decision:
    """Ask whether anything but BGP passes between the ends of a session."""
    near = on or key.a
    far = key.far(near)
    target = address_of(context, far, key.family) or far
    return decision(
        f"ping -c 3 {shell_words.quote(target)}",
        near,
        ("answers", f"the network between {near} and {far} works: a firewall drops {tcp_port(context, [key])}"),
        ("no answer", f"the network between {near} and {far} is cut"),
    )


def _half_open(context: CauseContext, key: SessionKey) -> Decision:
    """Linux keeps half-open connections: who shows SYN-RECV receives, and its answers do not arrive."""
    near, far = key.a, key.b
    ports = [
        f"{side} = :{number}"
        for number in sorted({dialled(context.view, key, name).number for name in (near, far)})
        for side in ("sport", "dport")
    ]
    return decision(
        f"ss -Htn state syn-recv state syn-sent '( {' or '.join(ports)} )'",
        near,
        (f"SYN-RECV from {far}", f"packets from {far} arrive at {near}, those from {near} do not arrive at {far}"),
        (f"SYN-SENT to {far}, and no SYN-RECV", f"packets from {far} do not arrive at {near}; ask {far} the same"),
    )


def network_fix(context: CauseContext, keys: Collection[SessionKey], where: str) -> Fix:
    """What is to be done about a network: nothing of Calico's."""
    return Fix(
        summary=f"mend the network {where} (cables, VLANs, firewalls, security groups: "
        f"{tcp_port(context, keys)} both ways); {_OUTSIDE_OF_CALICO}",
        risk=Risk.NONE,
        check=AUDIT_AGAIN,
    )


FAMILIES = (rack_down, partition, host_cut, link_cut)
