"""Causes in the network between nodes: a cut link, a node that is cut off.

A session that broke keeps BIRD's last error, `Hold timer expired` or a socket error (proto/bgp/bgp.c
bgp_store_error); a single silent session cannot tell more, the pattern of many can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import partial

from calico_bgp.causes.candidate import Candidate, Detail
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.network.cuts import cuts
from calico_bgp.causes.network.one_way import deaf_end, do_large_packets_pass, is_deaf
from calico_bgp.causes.network.silence import (
    by_pair,
    families_of,
    is_read_over_bgp_address,
    is_up_in,
    living_keys,
    lonely_ends,
    silent_keys,
)
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.peering.password_facts import unmatched_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import host_of, rows_about, rows_of, tcp_port
from calico_bgp.cluster.sessions.dialled import dialled
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import count
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject

OUTSIDE_OF_CALICO = "nothing in Calico fixes this"


@cause(
    "host-network-cut",
    title="A node is up, but its network is cut",
    what="host's network cut",
    messages={
        "cut": "{node} {node:is|are} up, but {node:its|their} {family:same}network is cut from {peers:every} of "
        "{node:its|their} peers",
        "cut-from-most": "{node} {node:is|are} up, but {node:its|their} {family:same}network is cut from {peers} of "
        "{node:its|their} {of} peers; the others have a fault of their own",
        "cut-from-both": "{node} {node:is|are} up, but {node:its|their} {family:same}network is cut from both "
        "{node:its|their} peers",
        "cut-from-one": "{node} {node:is|are} up, but {node:its|their} {family:same}network is cut from "
        "{node:its|their} only peer",
        "alone": "nothing comes to {node} from any of its {peers:count peer}{family:same}: its own network is cut, or "
        "theirs; no other node was read",
        "partly": "{node} {node:does|do} not reach {number} of {node:its|their} peers over {families:same}: {peers}",
    },
    meaning="We read the node, BIRD runs there, and it reaches none of its peers, while these reach each other.",
    evidence="`No route to host` or the like at either end: likely. Mere silence, where we read the node over another "
    "address than BGP's: possible.",
    look_alikes="port-dropped: a firewall that drops TCP port 179 in both directions is silent as well. `ping` tells.",
    mending="The link, VLAN, routes or firewall of that host; nothing in Calico.",
    demos=("host-cut", "link-cut:node6"),
)
def host_cut(case: Case) -> Iterator[Candidate]:
    """A node that runs, that we can read, and that reaches none of its peers.

    An ICMP error or a failed ARP request says that the host has no way to others. Mere silence says so only where we
    read the node over another address than BGP's; else see firewalls.py.
    """
    silent_sessions = silent_keys(case) - unmatched_keys(case)
    for name, family, keys in lonely_ends(case, silent_sessions):
        signals = case.all_signals(keys)
        unreachable = Signal.UNREACHABLE in signals
        if Signal.FORBIDDEN in signals:
            continue  # a firewall says so: see firewalls.py
        if is_deaf(case, name, keys) is not None:
            continue  # only one direction is: see one_way.py
        if family is not None and signals <= {Signal.SILENT}:
            continue  # the host is not cut, and BIRD may only just have got its peers
        if family is None and not unreachable and is_read_over_bgp_address(case, name):
            continue
        label = "" if family is None else f"{family.label} "
        fars = {key.far(name) for key in keys}
        all_fars = {key.far(name) for key in case.bad_keys(name, family) & living_keys(case)}
        isolated = case.of_node(name, "isolated-node") if family is None else frozenset[str]()
        member = case.member(name)
        unread = member is not None and member.failure is not None
        yield Candidate(
            kind="host-network-cut",
            subjects=(NodeSubject(node=name, family=family),),
            title=_cut_from(len(fars), len(all_fars), node=name, family=label),
            explanation=(
                "Its peers reach each other"
                if unread
                else "The node answers us and BIRD runs there, yet none of its peers can be reached from it, nor it "
                "from them. The others reach each other"
            )
            + ", so it is this node's link, VLAN, routes, firewall, or an address that it does not have any more."
            + ("" if family is None else f" Only its {family.label} is; its other sessions are up."),
            confidence=Confidence.LIKELY if unreachable and _stood(case, keys) else Confidence.POSSIBLE,
            explains=case.explained_by(keys) | isolated | case.of_node(name, "node-unreadable"),
            evidence=rows_about(case, name, keys),
            keys=keys,
            decide=(ping(case, min(keys), on=min(key.far(name) for key in keys) if unread else name),),
            fixes=(network_fix(case, keys, f"of {name}"),),
        )


def _cut_from(peers: int, of: int, **values: str) -> Words:
    """The title, by how many of the node's peers it does not reach."""
    if peers < of:
        return Words("cut-from-most", **values, peers=peers, of=of)
    if peers > 2:
        return Words("cut", **values, peers=peers)
    return Words("cut-from-both" if peers == 2 else "cut-from-one", **values)


def _stood(case: Case, keys: Iterable[SessionKey]) -> bool:
    """Whether the sessions stood once, or the resources rule out an address or a password that never fitted."""
    signals = case.all_signals(keys)
    return case.resources is not None or not signals.isdisjoint({Signal.HELD, Signal.HELD_THERE})


@cause(
    "link-cut",
    title="Two nodes do not reach each other",
    what="link between nodes cut",
    messages={
        "cut": "{a} and {b} do not reach each other over {families:same}, in one direction or both",
    },
    meaning="One session is silent, in which both ends have the peer and both have other sessions. Something between "
    "the two drops TCP port 179.",
    evidence="`Hold timer expired` or a socket error at both ends: likely; at one end: possible.",
    look_alikes="One direction blocked and both blocked look alike in every row: TCP needs both, and after the first "
    "lost segment BIRD sends no more. `ss` on the nodes tells: who shows SYN-RECV hears the other, and is not heard.",
    mending="The network between the two.",
    demos=("link-cut:node5,node1", "one-way:node5,node1"),
)
@also("one-way")
def link_cut(case: Case) -> Iterator[Candidate]:
    """One silent session, between nodes that both have others. In one direction or in both: rows cannot tell."""
    young = young_keys(case)
    silent_sessions = silent_keys(case) - unmatched_keys(case)
    of_cuts = [case.explained_by(cut.keys) for cut in cuts(case)]
    for (a, b), keys in by_pair(silent_sessions).items():
        explains = case.explained_by(keys)
        if explains and any(explains < of_cut for of_cut in of_cuts):
            continue  # the network between two groups is cut, which explains this session and more
        families = {key.family for key in keys}
        if all(not is_up_in(case, name, families) and case.bad_keys(name) & silent_sessions > keys for name in (a, b)):
            continue  # neither end has an established session: more than one link is at fault
        signals = case.all_signals(keys)
        if signals <= {Signal.SILENT} and (case.resources is None or keys & young):
            continue  # neither end ever heard from the other: see peering/passwords.py and nodes/young.py
        deaf = deaf_end(case, keys)
        subjects = tuple(SessionSubject.between(a, b, key.family) for key in sorted(keys))
        both_report = all(None not in (case.signals[key].a, case.signals[key].b) for key in keys)
        both_report = both_report and not signals <= {Signal.SILENT} and _stood(case, keys)
        if deaf is not None:
            yield Candidate(
                kind="one-way",
                subjects=subjects,
                title=Words("deaf", far=b if deaf == a else a, node=deaf, port=str(tcp_port(case, keys))),
                confidence=Confidence.LIKELY,
                explains=explains,
                keys=keys,
                detail=partial(_detail_of_one_way, case, keys, deaf),
            )
            continue
        yield Candidate(
            kind="link-cut",
            subjects=subjects,
            title=Words("cut", a=a, b=b, families=families_of(keys)),
            confidence=Confidence.LIKELY if both_report else Confidence.POSSIBLE,
            explains=explains,
            keys=keys,
            detail=partial(_detail_of_link, case, keys),
        )


def _detail_of_one_way(case: Case, keys: frozenset[SessionKey], deaf: str) -> Detail:
    key = min(keys)
    return Detail(
        explanation=f"{deaf} heard nothing for the hold time and said so, and {key.far(deaf)} received that: one "
        "direction works, the other is blocked, or loses large packets, as with an MTU that is smaller on the way.",
        evidence=(*rows_of(case, keys), *_others(case, key.a, key.b)),
        decide=(_half_open(case, key), do_large_packets_pass(case, key.far(deaf), deaf, key.family)),
        fixes=(network_fix(case, keys, f"between {key.a} and {key.b}"),),
    )


def _detail_of_link(case: Case, keys: frozenset[SessionKey]) -> Detail:
    key = min(keys)
    return Detail(
        explanation=f"Each waits for the other in vain{_while_others_are_up(case, key.a, key.b)}: something "
        f"between the two drops {tcp_port(case, keys)}. Whether it drops one direction or both their rows cannot "
        "tell, for TCP needs both.",
        evidence=(*rows_of(case, keys), *_others(case, key.a, key.b)),
        decide=(_half_open(case, key), ping(case, key)),
        fixes=(network_fix(case, keys, f"between {key.a} and {key.b}"),),
    )


def _while_others_are_up(case: Case, a: str, b: str) -> str:
    having = [name for name in (a, b) if case.up_keys(name)]
    if len(having) == 1:
        return f", while {having[0]} has other sessions"
    return ", while both have other sessions" if having else ""


def _others(case: Case, *names: str) -> Iterator[str]:
    for name in names:
        up = case.up_keys(name)
        if up:
            yield f"{name} has {count(len(up), 'other session')} that {'is' if len(up) == 1 else 'are'} Established"


def ping(case: Case, key: SessionKey, *, on: str | None = None) -> Decision:
    """Ask whether anything but BGP passes between the ends of a session."""
    near = on or key.a
    far = key.far(near)
    return decision(
        f"ping -c 3 {host_of(case, far, key.family)}",
        near,
        ("answers", f"the network between {near} and {far} works: a firewall drops {tcp_port(case, [key])}"),
        ("no answer", f"the network between {near} and {far} is cut"),
    )


def _half_open(case: Case, key: SessionKey) -> Decision:
    """Look for half-open connections: an end with SYN-RECV receives packets, and its answers do not arrive."""
    near, far = key.a, key.b
    ports = [
        f"{side} = :{number}"
        for number in sorted({dialled(case.cluster, key, name).number for name in (near, far)})
        for side in ("sport", "dport")
    ]
    return decision(
        f"ss -Htn state syn-recv state syn-sent '( {' or '.join(ports)} )'",
        near,
        (f"SYN-RECV from {far}", f"packets from {far} arrive at {near}, those from {near} do not arrive at {far}"),
        (f"SYN-SENT to {far}, and no SYN-RECV", f"packets from {far} do not arrive at {near}; ask {far} the same"),
    )


def network_fix(case: Case, keys: Collection[SessionKey], where: str) -> Fix:
    """What to do about a network; Calico has no command for it."""
    return Fix(
        label="fix network",
        summary=f"fix the network {where} (cables, VLANs, firewalls, security groups: "
        f"{tcp_port(case, keys)} both ways); {OUTSIDE_OF_CALICO}",
        risk=Risk.NONE,
    )
