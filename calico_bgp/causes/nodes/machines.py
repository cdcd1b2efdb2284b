"""Causes in machines: a node that is off, or that could only not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from calico_bgp import shell_words
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.unplaced import (
    absent_addresses,
    keys_of_absent,
    may_be_off,
)
from calico_bgp.causes.nodes.hanging import hung_up
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, rows_of, told_by
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.once import once


@once
def dead_nodes(case: Case) -> list[Member]:
    """Nodes that do not answer us and have no session that is up, although they should have some.

    A host that was a node and is none by the resources should have none: whoever still dials it has not followed.
    """
    are_told = _are_told(case)
    return [
        member
        for member in case.cluster.members
        if member.failure is not None
        and may_be_off(member.failure)
        and (member.resource is not None or not are_told)
        and not case.up_keys(member.name)
        and (_is_down_by_peers(case, member.name) or member.name in absent_addresses(case))
    ]


def why_unread(member: Member) -> str:
    """`could not be read (connect): nothing answers`, of a node that could not be."""
    assert member.failure is not None
    return f"could not be read ({member.failure.stage}): {member.failure.message}"


def _are_told(case: Case) -> bool:
    """Whether the resources say which hosts are nodes: not those of another cluster."""
    return any(member.resource is not None and member.host is not None for member in case.cluster.members)


def _is_down_by_peers(case: Case, name: str) -> bool:
    """Whether its peers show it as down, in a way that a host which is off would look."""
    keys = case.bad_keys(name)
    signals = case.far_signals(name, keys)
    return bool(keys) and Signal.REFUSED not in signals and Signal.BAD_AS not in signals


_MAY_BE_OFF = (
    "Nothing answers there, and BGP knows of no trouble. But a session stays Established until the hold time is over, "
    "240 s with BIRD: a host that went off within the last four minutes looks the same."
)


@cause(
    "node-down",
    title="A node is off, or cut off altogether",
    what="host down or unreachable",
    messages={
        "off": "{node} {node:is|are} off, or cut off from the network altogether",
        "out_of_sight": "the {node:node|nodes} {node} {node:is|are} off, cut off, or left: nothing of {node:it|them} "
        "comes to {by:same}",
    },
    meaning="We cannot connect to it and none of its peers has a session with it.",
    evidence="The failed connection, and the rows of its peers. Likely.",
    look_alikes="A host that is off and one whose only network is cut look alike from outside; the console tells.",
    mending="Power, console, network; or delete the node.",
    demos=("node-down",),
)
def node_down(case: Case) -> Iterator[Candidate]:
    """A node that neither we nor any of its peers reach; several, where the same addresses may be any one's."""
    together: dict[tuple[Address, ...] | str, list[Member]] = defaultdict(list)
    for member in dead_nodes(case):
        together[absent_addresses(case).get(member.name) or member.name].append(member)
    for members in together.values():
        yield _off(case, members)


def _off(case: Case, members: Sequence[Member]) -> Candidate:
    names = [member.name for member in members]
    one = len(names) == 1
    keys = frozenset(key for name in names for key in case.bad_keys(name) | keys_of_absent(case, name))
    return Candidate(
        kind="node-down",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("off", node=names[0] if one else tuple(names)),
        explanation="We cannot connect to it and none of its peers has a session with it. From outside a host that "
        "is off and one whose only network is cut look alike."
        if one
        else "We cannot connect to them, and nobody has a session with them, nor with the addresses that must be "
        "theirs. From outside a host that is off and one whose only network is cut look alike.",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(keys).union(
            *(case.of_node(name, "node-unreadable", "isolated-node") for name in names)
        ),
        evidence=(
            *(why_unread(member) if one else f"{member.name} {why_unread(member)}" for member in members),
            *(rows_about(case, names[0], keys) if one else rows_of(case, keys)),
        ),
        keys=keys,
        decide=(
            decision(
                f"kubectl get node {' '.join(map(shell_words.node, names))}",
                None,
                ("NotReady", "the host is off, or its network is"),
                ("Ready", "the host runs, and only BGP and SSH do not reach it: look for a firewall"),
            ),
        ),
        fixes=(
            Fix(
                label="start host" if one else "start hosts",
                summary=f"bring {names[0]} back from its console; if it is gone for good, delete the node"
                if one
                else f"bring {some(names)} back from their consoles; delete the nodes that are gone for good",
                risk=Risk.NONE,
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
        keys = case.up_keys(member.name)
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
            explanation=_MAY_BE_OFF if silent else "This is no fault of BGP. What the node itself shows is not known.",
            confidence=Confidence.LIKELY if silent else Confidence.CERTAIN,
            explains=findings,
            evidence=(f"{failure.stage}: {failure.message}",),
            decide=(_is_ready(member.name),) if silent else (),
            fixes=(fix_access(member),),
            what=f"not read: {failure.short}",
            costs="no route that is known of: its peers have sessions with it; what it shows itself nobody sees",
        )


def fix_access(member: Member) -> Fix:
    """What to do about a node that could not be read."""
    failure = member.failure
    assert failure is not None
    return Fix(
        label="fix access" if failure.remedy is None else "1 option",
        summary=failure.hint or f"fix the way to {member.name} ({failure.stage})",
        risk=Risk.NONE,
    )


def _is_ready(name: str) -> Decision:
    return decision(
        f"kubectl get node {shell_words.node(name)}",
        None,
        ("Ready", "the host runs: only the way to it is broken"),
        ("NotReady", "the host is off or cut off: audit again when four minutes are over"),
    )
