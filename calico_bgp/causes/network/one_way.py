"""Causes in a network that carries one direction only, or only small packets: between two nodes, or around one.

Only a NOTIFICATION that got through tells: `Hold timer expired` here and `Received: Hold timer expired` there. A link
whose MTU is smaller than the hosts' looks the same: OPEN and KEEPALIVE pass, an UPDATE of many routes does not, and
what TCP has to send behind it waits (RFC 2923).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.silence import lonely_ends, silent_keys
from calico_bgp.causes.peering.password_facts import unmatched_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import host_of, rows_about, tcp_port
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject

#: What fills a packet of Ethernet's MTU of 1,500 bytes: without the headers of IP and ICMP.
_FULL_PACKET = {Family.IPV4: 1472, Family.IPV6: 1452}

#: What a node and its peer say where the node hears nothing, and where the peer hears nothing.
_DEAF = (Signal.HELD, Signal.HELD_THERE)
_UNHEARD = (Signal.HELD_THERE, Signal.HELD)


@cause(
    "one-way",
    title="Packets between two nodes pass in one direction only",
    what="packets pass one way only",
    messages={
        "deaf": "packets from {far} do not arrive at {node} ({port:same}), or no large ones do",
        "deaf-node": "packets from {peers:count peer} do not arrive at {node} ({port:same}), or no large ones do",
        "unheard-node": "packets from {node} do not arrive at {peers:count peer} ({port:same}), or no large ones do",
    },
    meaning="One end heard nothing for the hold time and told the other so, which received it. Around a whole node it "
    "is that node's link or its MTU.",
    evidence="`BGP Error: Hold timer expired` at one end and `Received: Hold timer expired` at the other. Likely.",
    look_alikes="Mostly the notification is lost, too; then it looks like link-cut, or host-network-cut. Where an MTU "
    "on the way is smaller than the hosts', small packets pass: sessions come up, and go again after the hold time.",
    mending="The network between the two; or the MTU of the link or tunnel that carries it.",
    no_demo="No demo shows it: in most cases the notification is lost as well, and `one-way` of the lab shows what is "
    "then left, [link-cut](link-cut.md).",
)
def deaf_node(case: Case) -> Iterator[Candidate]:
    """A node that hears none of its peers, or that none of them hears, while the other direction works."""
    for name, family, keys in lonely_ends(case, silent_keys(case) - unmatched_keys(case)):
        deaf = is_deaf(case, name, keys)
        if deaf is None:
            continue
        far = min(key.far(name) for key in keys)
        # Of the others nobody says which direction works.
        told = {key.far(name) for key in keys if _said_at(case, name, key) == (_DEAF if deaf else _UNHEARD)}
        near, hears = (far, name) if deaf else (name, far)
        isolated = case.of_node(name, "isolated-node") if family is None else frozenset[str]()
        yield Candidate(
            kind="one-way",
            subjects=(NodeSubject(node=name, family=family),),
            title=Words(
                "deaf-node" if deaf else "unheard-node",
                node=name,
                peers=len(told),
                port=tcp_port(case, keys),
            ),
            explanation="One end of these sessions heard nothing for the hold time and said so, and the other received "
            "that: one direction works. Either the other one is blocked, or it loses large packets, as with an MTU "
            "that is smaller on the way: then sessions come up, and end with the first large UPDATE.",
            confidence=Confidence.LIKELY,
            explains=case.explained_by(keys) | isolated,
            evidence=rows_about(case, name, keys),
            keys=keys,
            decide=(do_large_packets_pass(case, near, hears, min(keys).family),),
            fixes=(
                Fix(
                    label="fix network",
                    summary=f"fix what lies before {name}: routes, firewalls, or the MTU of its link (of a tunnel, a "
                    "VLAN, a bond); nothing in Calico fixes this",
                    risk=Risk.NONE,
                ),
            ),
        )


def is_deaf(case: Case, name: str, keys: frozenset[SessionKey]) -> bool | None:
    """Whether a node does not hear its peers (True), or these not the node (False); None where that is not told.

    By most of its sessions, and against the word of none of them.
    """
    said = Counter(_said_at(case, name, key) for key in keys)
    deaf, unheard = said[_DEAF], said[_UNHEARD]
    if (deaf and unheard) or max(deaf, unheard) < 2 or 2 * max(deaf, unheard) <= len(keys):
        return None
    return bool(deaf)


def _said_at(case: Case, name: str, key: SessionKey) -> tuple[Signal | None, Signal | None]:
    """What a node says of a session, and what its peer says."""
    return case.far_signal(key.far(name), key), case.far_signal(name, key)


def deaf_end(case: Case, keys: frozenset[SessionKey]) -> str | None:
    """The end that received nothing, while the far end received its `Hold timer expired`."""
    for key in sorted(keys):
        signals = case.signals[key]
        if (signals.a, signals.b) == (Signal.HELD, Signal.HELD_THERE):
            return key.a
        if (signals.b, signals.a) == (Signal.HELD, Signal.HELD_THERE):
            return key.b
    return None


def do_large_packets_pass(case: Case, near: str, far: str, family: Family) -> Decision:
    """Ask whether full packets reach a node as small ones do."""
    host = host_of(case, far, family)
    return decision(
        f"ping -c 3 -M do -s {_FULL_PACKET[family]} {host}",
        near,
        (f"no answer, and ping -c 3 {host} is answered", "large packets are lost: an MTU on the way is smaller"),
        ("no answer to either", f"one direction between {near} and {far} is blocked, or ping is"),
        ("answers", f"packets of this size pass: look for a filter of TCP, and for larger MTUs on {near}"),
    )
