"""Causes at one node: it is off, or BIRD, Felix or a control socket is gone, or only our way to it is.

Which it is the node itself says, or, where it cannot be read, its peers (calicoctl, node/status.go).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from calico_bgp import shell_words
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.unplaced import (
    absent_addresses,
    explained_by_absence,
    keys_of_absent,
    may_be_off,
)
from calico_bgp.causes.nodes.hanging import hanging, hung_up
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, told_by
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import AUDIT_AGAIN, decision
from calico_bgp.model.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState
from calico_bgp.model.subject import NodeSubject
from calico_bgp.once import once


@once
def dead_nodes(case: Case) -> list[Member]:
    """Nodes that do not answer us and have no session that is up, although they should have some."""
    return [
        member
        for member in case.cluster.members
        if member.failure is not None
        and may_be_off(member.failure)
        and not case.up_of.get(member.name)
        and (_is_down_by_peers(case, member.name) or member.name in absent_addresses(case))
    ]


def _is_down_by_peers(case: Case, name: str) -> bool:
    """Whether its peers show it as down, in a way that a host which is off would look."""
    keys = case.bad_of.get(name, frozenset())
    signals = {signal for key in keys for signal in signals_of_others(case, name, {key})}
    return bool(keys) and Signal.REFUSED not in signals and Signal.BAD_AS not in signals


def signals_of_others(case: Case, name: str, keys: Collection[SessionKey]) -> list[Signal]:
    """What the far ends say about a node."""
    found = []
    for key in keys:
        signals = case.signals(key)
        signal = signals.b if key.a == name else signals.a
        if signal is not None:
            found.append(signal)
    return found


@cause(
    "node-down",
    title="A node is off, or cut off altogether",
    what="host down or unreachable",
    messages={
        "off": "{node} is off, or cut off from the network altogether",
        "out_of_sight": "the node {node} is off, cut off, or left: nothing of it comes to {by:same}",
    },
    meaning="We cannot connect to it and none of its peers has a session with it.",
    evidence="The failed connection, and the rows of its peers. Likely.",
    look_alikes="A host that is off and one whose only network is cut look alike from outside; the console tells.",
    mending="Power, console, network; or delete the node.",
    demos=("node-down",),
)
def node_down(case: Case) -> Iterator[Candidate]:
    """A node that neither we nor any of its peers reach."""
    for member in dead_nodes(case):
        keys = case.bad_of.get(member.name, frozenset()) | keys_of_absent(case, member.name)
        explains = case.explained_by(keys) | case.of_node(member.name, "node-unreadable", "isolated-node")
        explains |= explained_by_absence(case, member.name)
        assert member.failure is not None
        yield Candidate(
            kind="node-down",
            subjects=(NodeSubject(node=member.name),),
            title=Words("off", node=member.name),
            explanation="We cannot connect to it and none of its peers has a session with it. From outside a host that "
            "is off and one whose only network is cut look alike.",
            confidence=Confidence.LIKELY,
            explains=explains,
            evidence=(
                f"could not be read ({member.failure.stage}): {member.failure.message}",
                *rows_about(case, member.name, keys),
            ),
            keys=keys,
            decide=(
                decision(
                    f"kubectl get node {shell_words.node(member.name)}",
                    None,
                    ("NotReady", "the host is off, or its network is"),
                    ("Ready", "the host runs, and only BGP and SSH do not reach it: look for a firewall"),
                ),
            ),
            fixes=(
                Fix(
                    label="start host",
                    summary=f"bring {member.name} back from its console; if it is gone for good, delete the node",
                    risk=Risk.NONE,
                    check=AUDIT_AGAIN,
                ),
            ),
        )


@cause(
    "node-unreadable-only",
    title="A node could not be read, but its BGP works",
    what="not read, BGP works",
    messages={
        "works": "{node} could not be read, {so_far:same} {node:its|their} BGP works: {told:same}",
    },
    meaning="Its peers show it Established. SSH, sudo or calicoctl there is the matter, not BGP.",
    evidence="The rows of its peers. Certain where the host answered; likely where nothing of it was heard.",
    look_alikes="A host that went off within the hold time (240 s): until it is over the peers show it Established. "
    "`kubectl get node` tells.",
    mending="As the hint of the failure says.",
    demos=("no-sudo", "calicoctl-hung", "host-key-changed"),
)
def unreadable_only(case: Case) -> Iterator[Candidate]:
    """A node that we could not read and that peers show Established: our way to it is broken, whatever else is."""
    for member in case.cluster.members:
        findings = case.of_node(member.name, "node-unreadable")
        keys = case.up_of.get(member.name, frozenset())
        if member.failure is None or not findings or not keys:
            continue
        if hung_up(member.failure):
            continue  # BIRD's own fault: see hanging.py
        failure = member.failure
        silent = may_be_off(failure)
        yield Candidate(
            kind="node-unreadable-only",
            subjects=(NodeSubject(node=member.name),),
            title=Words(
                "works",
                node=member.name,
                so_far="so far" if silent else "but",
                told=told_by(case, member.name, keys),
            ),
            explanation="Nothing answers there, and BGP knows of no trouble. But a session stays Established until the "
            "hold time is over, 240 s with BIRD: a host that went off within the last four minutes looks the same."
            if silent
            else "This is no fault of BGP. What the node itself shows is not known.",
            confidence=Confidence.LIKELY if silent else Confidence.CERTAIN,
            explains=findings,
            evidence=(f"{failure.stage}: {failure.message}",),
            decide=(
                decision(
                    f"kubectl get node {shell_words.node(member.name)}",
                    None,
                    ("Ready", "the host runs: only the way to it is broken"),
                    ("NotReady", "the host is off or cut off: audit again when four minutes are over"),
                ),
            )
            if silent
            else (),
            fixes=(
                Fix(
                    label="mend access" if failure.remedy is None else "1 option",
                    summary=failure.hint or f"mend the way to {member.name} ({failure.stage})",
                    risk=Risk.NONE,
                    check=AUDIT_AGAIN,
                ),
            ),
            what=f"not read: {failure.short}",
            costs="no route that is known of: its peers have sessions with it; what it shows itself nobody sees",
        )


@cause(
    "bird-down",
    title="BIRD does not run on a node",
    what="BIRD is not running",
    messages={
        "told": "BIRD{family:same} does not run on {node}, the host is up",
        "nowhere": "BIRD runs on no node, though an IPPool needs it: dead everywhere, or switched off by mistake",
        "refused": "BIRD does not run on {node}; the host answers and refuses the connection",
        "out_of_sight": "BIRD does not run on the node {node}: the host answers and refuses "
        "the connection to {by:same}",
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
    for finding in case.of("daemon-not-running"):
        assert isinstance(finding.subject, NodeSubject)
        subject = finding.subject
        keys = frozenset(key for key in case.bad_of.get(subject.node, ()) if subject.family in {None, key.family})
        label = "" if subject.family is None else f" for {subject.family.label}"
        yield Candidate(
            kind="bird-down",
            subjects=(subject,),
            title=Words("told", family=label, node=subject.node),
            explanation="The node announces nothing and learns nothing. Its kernel keeps the routes it had.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | case.explained_by(keys),
            evidence=finding.evidence,
            keys=keys,
            decide=(case.pods.log_of(subject.node),),
            fixes=(
                case.pods.restart(subject.node, f"restart calico-node on {subject.node}; its log says why BIRD ended"),
            ),
            costs=None if keys else "no route that is known of: no session there is missed",
        )
    for member in case.cluster.members:
        keys = case.bad_of.get(member.name, frozenset())
        if member.failure is None or case.up_of.get(member.name) or not keys:
            continue
        told = signals_of_others(case, member.name, keys)
        if Signal.REFUSED in told:
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
    for finding in case.of("daemon-unreachable"):
        assert isinstance(finding.subject, NodeSubject)
        member = case.member(finding.subject.node)
        if member is not None and hanging(member):
            continue  # it takes the connection and does not answer: see hanging.py
        by_node[finding.subject.node].append((finding.id, finding.subject.family))
    for name, found in sorted(by_node.items()):
        families = {family for _, family in found}
        subject = NodeSubject(node=name, family=next(iter(families)) if len(families) == 1 else None)
        up_keys = {key for key in case.up_of.get(name, ()) if subject.family in {None, key.family}}
        down = frozenset(key for key in case.bad_of.get(name, ()) if subject.family in {None, key.family})
        member = case.member(name)
        said = () if member is None or member.reading is None else _said(member)
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
            explains=frozenset(finding for finding, _ in found)
            | (case.explained_by(down) if not up_keys else frozenset()),
            evidence=said,
            keys=down if not up_keys else frozenset(),
            fixes=(
                Fix(
                    label="restart pod",
                    summary=f"restart calico-node on {name} when it is convenient: that makes the socket anew",
                    risk=Risk.RESTARTS_SESSIONS,
                    steps=(case.pods.restart_step(name),),
                    check=AUDIT_AGAIN,
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
