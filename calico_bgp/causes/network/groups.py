"""Causes in the network that take several nodes at once: a rack that is off, a group that is cut off."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.addresses.other_interface import on_other_interface
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.cuts import Cut, cuts
from calico_bgp.causes.network.hosts import OUTSIDE_OF_CALICO, network_fix, ping
from calico_bgp.causes.network.silence import shared_by, shared_places
from calico_bgp.causes.network.unplaced import keys_of_absent
from calico_bgp.causes.nodes.machines import dead_nodes, why_unread
from calico_bgp.causes.words import in_one_family, rows_of
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject


@cause(
    "rack-down",
    title="All nodes of a rack, zone or network are off at once",
    what="hosts down or unreachable",
    messages={
        "off": "{number:every node} of {what:same} are off or cut off at once: {nodes}",
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
    for what, group in sorted(shared_places(case), key=lambda place: -len(place[1])):
        if group <= remaining:
            remaining -= group
            yield _rack(case, what, [dead[name] for name in sorted(group)])


def _rack(case: Case, what: str, members: list[Member]) -> Candidate:
    names = [member.name for member in members]
    keys = frozenset(key for name in names for key in case.bad_keys(name) | keys_of_absent(case, name))
    explains = case.explained_by(keys)
    for name in names:
        explains |= case.of_node(name, "node-unreadable", "isolated-node")
    return Candidate(
        kind="rack-down",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("off", number=len(names), what=what, nodes=names),
        explanation="Nodes that go together and share a rack, a zone or a network have one cause: power, or the "
        "top-of-rack switch.",
        confidence=Confidence.LIKELY,
        explains=explains,
        evidence=tuple(f"{member.name} {why_unread(member)}" for member in members[:5]),
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
    elsewhere = [group.cut for group in on_other_interface(case)]
    for cut in cuts(case):
        if cut not in elsewhere:
            yield _partition(case, cut)


def _partition(case: Case, cut: Cut) -> Candidate:
    names = sorted(cut.group)
    what = shared_by(case, cut.group)
    return Candidate(
        kind="partition",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words(
            "cut",
            nodes=names,
            what=f" ({what})" if what else None,
            other="other " if cut.is_whole else None,
            rest=len(cut.others),
            family=in_one_family(case, cut.keys),
        ),
        explanation="Every session from one group to the other is silent, and none within a group is. All nodes "
        "run; what lies between the groups passes no BGP.",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(cut.keys),
        evidence=rows_of(case, cut.keys),
        keys=cut.keys,
        decide=(ping(case, min(cut.keys)),),
        fixes=(network_fix(case, cut.keys, f"between {some(names)} and the others"),),
    )
