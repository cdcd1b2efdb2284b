"""Causes in the daemons of one node: BIRD does not run, or its control socket is gone.

Which it is the node itself says, or, where it cannot be read, its peers (calicoctl, node/status.go).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.unplaced import addresses_of_dead_birds, keys_of_addresses
from calico_bgp.causes.nodes.hanging import hanging
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, told_by
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Address, Family, family_of, only_family
from calico_bgp.model.reading import DaemonState
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject


@cause(
    "bird-down",
    title="BIRD does not run on a node",
    what="BIRD is not running",
    messages={
        "told": "BIRD{family:same} does not run on {node}, {node:the host is|the hosts are} up",
        "nowhere": "BIRD runs on no node, though an IPPool needs it: dead everywhere, or switched off by mistake",
        "without_id": "BIRD for IPv6 runs on no node{read}, and none has an IPv4 address to take its router ID from",
        "no_ipv6": "BIRD for IPv6 runs on no node{read}, and BIRD for IPv4 has no peer there: in a cluster of IPv6 "
        "alone it lacks a router ID",
        "refused": "BIRD does not run on {node}; {node:the host answers and refuses|the hosts answer and refuse} the "
        "connection",
        "out_of_sight": "BIRD does not run on the {node:node|nodes} {node}: "
        "{node:the host answers and refuses|the hosts answer and refuse} the connection to {by:same}",
    },
    meaning="The host is up. The node announces nothing and learns nothing; its kernel keeps the routes that it had.",
    evidence="calicoctl's message on the node, or BIRD's absence from the process list: certain. Where the node could "
    "not be read, `Connection refused` at its peers: likely.",
    look_alikes="A firewall that rejects looks like it to the peers (port-refused); the node itself knows better.",
    mending="The log of calico-node says why it ended; a restart brings it back.",
    demos=("bird-down", "bird4-down", "bird6-down"),
)
def bird_down(case: Case) -> Iterator[Candidate]:
    """The node itself says that BIRD does not run; or, where it cannot be read, its peers get `Connection refused`."""
    for finding, subject in case.about(NodeSubject, "daemon-not-running"):
        nobodys = addresses_of_dead_birds(case).get(subject.node, ())
        nobodys = tuple(a for a in nobodys if subject.family in (None, family_of(a)))
        keys = case.bad_keys(subject.node, subject.family) | keys_of_addresses(
            case, _share(case, subject.node, nobodys)
        )
        label = "" if subject.family is None else f" for {subject.family.label}"
        yield Candidate(
            kind="bird-down",
            subjects=(subject,),
            title=Words("told", family=label, node=subject.node),
            explanation="The node announces nothing and learns nothing. Its kernel keeps the routes it had.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | case.explained_by(keys | keys_of_addresses(case, nobodys)),
            evidence=(*finding.evidence, *(f"{address}, which refuses, is nobody's else" for address in nobodys)),
            keys=keys,
            decide=(case.pods.log_of(subject.node),),
            fixes=(
                case.pods.restart(subject.node, f"restart calico-node on {subject.node}; its log says why BIRD ended"),
            ),
            costs=None if keys else "no route that is known of: no session there is missed",
        )
    for member in case.cluster.members:
        keys = case.bad_keys(member.name)
        if member.failure is None or case.up_keys(member.name) or not keys:
            continue
        signals = case.far_signals(member.name, keys)
        if Signal.REFUSED in signals:
            yield Candidate(
                kind="bird-down",
                subjects=(NodeSubject(node=member.name),),
                title=Words("refused", node=member.name),
                explanation="A host that is off refuses nothing: its kernel is up and no program listens on BGP's "
                "port. A firewall that rejects looks the same.",
                confidence=Confidence.LIKELY,
                explains=case.explained_by(keys) | case.of_node(member.name, "node-unreadable"),
                evidence=rows_about(case, member.name, keys),
                keys=keys,
                decide=(pod_of(case, member.name),),
                fixes=(case.pods.restart(member.name, f"restart calico-node on {member.name}"),),
            )


def _share(case: Case, name: str, addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """Of addresses that several dead nodes share, so many that the sessions of each address are counted once."""
    of_dead = addresses_of_dead_birds(case)
    sharing = sorted(other for other in of_dead if not set(of_dead[other]).isdisjoint(addresses))
    return addresses[sharing.index(name) :: len(sharing)] if addresses else ()


def pod_of(case: Case, node: str) -> Decision:
    """Look whether calico-node has a pod there."""
    return decision(
        case.pods.shown(node),
        None,
        ("no pod, or one that is not Running", "BIRD does not run there"),
        ("a pod that is Running and Ready", "a firewall on the host refuses TCP port 179"),
    )


@cause(
    "socket-gone",
    title="BIRD's control socket does not answer",
    what="BIRD's socket does not answer",
    messages={
        "gone": "BIRD's control socket{family:same} on {node} does not answer{works:same}",
    },
    meaning="The process is there, its socket is not, or it hangs. Nobody can ask this BIRD, so its own view is "
    "unknown.",
    evidence="calicoctl's `Error querying BIRD`; the node's peers say whether it goes on. Certain.",
    look_alikes="A BIRD that hangs: then its peers show it down when the hold time is over.",
    mending="A restart of calico-node makes the socket anew.",
    demos=("socket-missing", "socket4-missing", "socket6-missing"),
)
def socket_gone(case: Case) -> Iterator[Candidate]:
    """BIRD's process is there and does not answer on its control socket."""
    by_node: dict[str, list[tuple[str, Family | None]]] = defaultdict(list)
    for finding, about in case.about(NodeSubject, "daemon-unreachable"):
        member = case.member(about.node)
        if member is not None and hanging(member):
            continue  # it takes the connection and does not answer: see hanging.py
        by_node[about.node].append((finding.id, about.family))
    for name, unreachable in sorted(by_node.items()):
        families = {family for _, family in unreachable}
        subject = NodeSubject(node=name, family=only_family(families))
        up_keys = case.up_keys(name, subject.family)
        down = case.bad_keys(name, subject.family)
        works = f", and BIRD goes on: {told_by(case, name, up_keys)}" if up_keys and not down else ""
        label = "" if subject.family is None else f" ({subject.family.label})"
        yield Candidate(
            kind="socket-gone",
            subjects=(subject,),
            title=Words("gone", family=label, node=name, works=works),
            explanation="Nobody can ask this BIRD, so its own view is unknown; Calico's readiness probe fails, too. "
            + (
                "Its peers show it Established, so routes still flow."
                if works
                else "Where its peers show it down as well, BIRD hangs or has just ended."
            ),
            confidence=Confidence.CERTAIN,
            explains=frozenset(finding for finding, _ in unreachable)
            | (case.explained_by(down) if not up_keys else frozenset()),
            evidence=_said(case.cluster.by_name[name]),
            keys=down if not up_keys else frozenset(),
            fixes=(
                Fix(
                    label="restart pod",
                    summary=f"restart calico-node on {name} when it is convenient: that makes the socket anew",
                    risk=Risk.RESTARTS_SESSIONS,
                    steps=(case.pods.restart_step(name),),
                    restarts=case.pods.ended_by([name]),
                ),
            ),
            routes_lost=0 if works else None,
            costs="no route: its peers have their sessions with it" if works else None,
        )


def _said(member: Member) -> tuple[str, ...]:
    assert member.reading is not None
    daemons = member.reading.status.daemons
    return tuple(d.message for d in daemons if d.state is DaemonState.UNREACHABLE and d.message)
