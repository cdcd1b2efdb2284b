"""A machine that runs BIRD and is no node of the cluster any more: its Node was deleted, and it goes on as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp import shell_words
from calico_bgp.causes.addresses.odd_peers import unclaimed_by_host
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import PeerType
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject

#: What rows say when the peers no longer know the node: they take the connection and close it, or refuse it.
_FORGOTTEN = NOTHING_COMES | {Signal.CLOSED, Signal.RESET, Signal.REFUSED, Signal.DECONFIGURED_THERE}


@cause(
    "node-left",
    title="A machine runs on that is no node any more",
    what="Node deleted, machine runs on",
    messages={
        "left": "{node} {node:is no node|are no nodes} of the cluster any more, and {node:runs|run} on with the "
        "configuration that {node:it|they} had",
        "forgotten": "none of the {peers:count peer} of {node} has it as a peer: its Node was deleted or has another "
        "node's address, or they did not follow",
    },
    meaning="Its Node was deleted: every other node drops its peer for it (confd makes peers of Nodes alone), while "
    "BIRD there runs on with the file that it had.",
    evidence="Calico's resources, and a table without any session that is up: certain. By the tables alone, where "
    "none of its peers has a row for it: possible.",
    look_alikes="Peers of which none followed a change: `kubectl get node` tells.",
    mending="Nothing of Calico's: let it join again, or stop it.",
    no_demo="No demo shows it: a node that leaves the lab is off.",
)
def node_left(case: Case) -> Iterator[Candidate]:
    """A node that has rows for others, none of whom has a row for it: by the resources, or by all their tables."""
    by_resources = case.cluster.expectation is not None
    forgotten = [
        (member, keys)
        for member in case.cluster.members
        if (keys := _forgotten(case, member, by_resources=by_resources))
    ]
    if not by_resources and len(forgotten) > 1 and not _others_have_peers(case, forgotten):
        return  # the peers lack several nodes and have no others: their own configuration is at fault
    for member, keys in forgotten:
        yield _of(case, member, keys, by_resources=by_resources)


def _forgotten(case: Case, member: Member, *, by_resources: bool) -> frozenset[SessionKey]:
    """All sessions of a node that has rows for others, none of whom has a row for it; empty for any other node."""
    keys = case.bad_keys(member.name)
    # A paste has no inventory: whoever was pasted was meant to be a node.
    is_listed = member.host is not None or not case.cluster.snapshot.hosts
    if not is_listed or member.reading is None or case.up_keys(member.name):
        return frozenset()
    if by_resources and member.resource is not None:
        return frozenset()
    if any(foreign.member is member for foreign in unclaimed_by_host(case)):
        return frozenset()  # they dial it, at another address than its own: see nodes.py
    if not any(case.cluster.session(*key).end(member.name).rows for key in keys):
        return frozenset()  # it has no row for them either, so no old configuration runs on there
    fars = {key.far(member.name) for key in keys}
    lacking = all(case.cluster.session(*key).end(key.far(member.name)).lacks_row for key in keys)
    signals = case.all_signals(keys)
    return keys if len(fars) > 1 and lacking and signals <= _FORGOTTEN else frozenset()


def _others_have_peers(case: Case, forgotten: Sequence[tuple[Member, frozenset[SessionKey]]]) -> bool:
    """Whether the far ends have an established session with anybody but one another and these nodes."""
    fars = {key.far(member.name) for member, keys in forgotten for key in keys}
    apart = fars | {member.name for member, _ in forgotten}
    return any(key.far(far) not in apart for far in fars for key in case.up_keys(far))


def _of_a_reflector(case: Case, member: Member) -> frozenset[str]:
    """Findings about lost reflectors, where the node shows its peers as a reflector shows clients: node specific."""
    if not any(row.peer_type is PeerType.NODE for row in member.peers):
        return frozenset()
    return case.ids("fewer-than-two-reflectors", "no-working-reflector")


def _of(case: Case, member: Member, keys: frozenset[SessionKey], *, by_resources: bool) -> Candidate:
    name, peers = member.name, len({key.far(member.name) for key in keys})
    return Candidate(
        kind="node-left",
        subjects=(NodeSubject(node=name),),
        title=Words("left", node=name) if by_resources else Words("forgotten", node=name, peers=peers),
        explanation=(
            "Calico's resources have no Node for it"
            if by_resources
            else "It still has a row for each of them, and none of them has one for it"
        )
        + ", so every other node dropped its peer for it, and takes no connection from it.",
        confidence=Confidence.CERTAIN if by_resources else Confidence.POSSIBLE,
        explains=case.explained_by(keys)
        | case.of_node(name, "isolated-node", "not-a-node")
        | _of_a_reflector(case, member),
        evidence=rows_about(case, name, keys),
        keys=keys,
        decide=()
        if by_resources
        else (
            decision(
                f"kubectl get node {shell_words.node(name)}; calicoctl get nodes -o wide",
                None,
                ("not there", "it was deleted: stop its kubelet, or let it join again"),
                ("there, with the address of another node", "two nodes have one address: give it its host's own"),
                ("there, with its own address", "the others did not follow: see confd's log on them"),
            ),
        ),
        fixes=(
            Fix(
                label="start kubelet",
                summary=f"if {name} is to be in the cluster, start its kubelet anew, which makes its Node; else stop "
                f"its kubelet{' and take it out of hosts.txt' if member.host is not None else ''}",
                risk=Risk.NONE,
            ),
        ),
        costs=f"pods on {name} are reached by nobody",
    )
