"""Causes in the configuration of BIRD: confd that does not follow, a file that BIRD refuses.

confd checks each new file with `bird -p` and keeps the old one when BIRD refuses it; nothing but its log says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.nodes.disabled import is_shut_down
from calico_bgp.causes.peering.refusals import refused_nodes
from calico_bgp.causes.remedies.configuration import name_the_as
from calico_bgp.causes.remedies.reflectors import write_cluster_id
from calico_bgp.causes.signals import Signal
from calico_bgp.cluster.sessions.deviations import Deviation
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject, ResourceSubject, SessionSubject

#: The lint's rules about files that BIRD refuses.
_REFUSALS = ("peer-without-as", "bird-refuses", "cluster-id-malformed")


@cause(
    "confd-stuck",
    title="BIRD does not run what the resources say",
    what="BIRD runs old configuration",
    messages={
        "behind": "BIRD on {node} does not run what the resources say ({deviation:same}): confd lags",
        "lacks_several": "BIRD on {node} lacks {number:count peer} that the resources ask for: confd did not follow",
        "lost": "BIRD on {node} does not have its peer {peer}, which the resources ask for",
        "absent": "BIRD on {node} does not have its peer {peer}, which has it as one",
        "old_as": "BIRD on {node} expects other AS numbers of {number:count peer} than the resources say",
        "no_peer": "BIRD on {node} has no peer{family:same}, though others have it as theirs: its file lacks them",
        "lacks": "{node} {node:does|do} not show {number:count node} that have {node:it|them} as a peer ({peers}): "
        "{node:its file lacks|their files lack} them",
        "old_mesh": "BIRD on {node} still has node-to-node mesh peers, which the other nodes have no more",
        "left_mesh": "BIRD on {node} still has {peers} as {peers:a peer|peers} of the node-to-node mesh, which "
        "{peers:has|have} left it for the other nodes",
        "no_mesh": "BIRD on {node} does not have the node-to-node mesh peers that the other nodes have",
        "nobody": "none of {number:count node} has {node} as a peer, as the resources ask for: old resources, or confd "
        "follows nowhere",
        "general": "{number:count node} run other peers than the resources ask for: old resources, or confd follows "
        "nowhere",
    },
    meaning="The resources ask for other peers than the node's BIRD has, and BIRD would take them: confd hangs, has "
    "lost its watch, or cannot write.",
    evidence="The node's table against the resources. Likely; for most nodes at once possible, for then the resources "
    "given may be old.",
    look_alikes="Resources of another day or another cluster.",
    mending="A restart of calico-node: confd then reads everything anew.",
    demos=("missing-peer:node5,node1", "missing-peer"),
)
def confd_stuck(case: Case) -> Iterator[Candidate]:
    """Nodes whose tables are not what the resources ask for, though BIRD would take what they ask for."""
    refused = refused_nodes(case)
    blamed = case.cluster.judged.deviations
    general = case.ids_about(ClusterSubject(), "configuration-behind")
    if general and all(deviation.node in refused for deviation in blamed.behind):
        return  # BIRD refuses their new file, so they keep the old one
    if general:
        yield _general(case, general)
        return
    for name, deviation in sorted(blamed.by_node.items()):
        if name in refused or not deviation.is_behind or is_shut_down(case, name):
            continue
        keys = _keys_of(case, deviation)
        own_findings = case.of_node(name, "configuration-behind", "isolated-node") | _rows_too_many(case, deviation)
        yield Candidate(
            kind="confd-stuck",
            subjects=(NodeSubject(node=name),),
            title=Words("behind", node=name, deviation=deviation.summary()),
            explanation="The other nodes have followed, this one has not: confd there hangs, lost its watch, or could "
            "not write. Every later change is lost on it as well.",
            confidence=Confidence.LIKELY,
            explains=own_findings | case.explained_by(keys),
            evidence=tuple(deviation.lines()[:6]),
            keys=keys,
            decide=(
                case.pods.log_of(
                    name,
                    ("an error of confd or of bird -p", "that is why it keeps the old file"),
                    ("nothing", "its watch is dead: restart it; or the resources given are older than the cluster"),
                ),
            ),
            fixes=(case.pods.restart(name, f"restart calico-node on {name}: confd then reads everything anew"),),
        )


@also("confd-stuck")
def lacks_several(case: Case) -> Iterator[Candidate]:
    """A node that lacks two or more of the peers that a resource asks for, but not all: its file is behind.

    A single missing row may be a peer that somebody disabled; two at one node are hardly so.
    """
    refused = refused_nodes(case)
    for name, deviation in sorted(case.cluster.judged.deviations.by_node.items()):
        fars = {peer.far_node or str(peer.address) for peer in deviation.missing}
        if name in refused or deviation.is_behind or len(fars) < 2:
            continue
        keys = frozenset(key for key in case.bad_keys(name) if case.cluster.session(*key).end(name).lacks_row)
        signals = {case.far_signal(name, key) for key in keys}
        if len({key.far(name) for key in keys}) < 2 or Signal.STOPPED_THERE in signals:
            continue
        yield Candidate(
            kind="confd-stuck",
            subjects=(NodeSubject(node=name),),
            title=Words("lacks_several", node=name, number=len(deviation.missing)),
            explanation="The other ends have the peer and dial in vain. Several at one node at once are a file that is "
            "behind rather than peers that somebody disabled.",
            confidence=Confidence.LIKELY,
            explains=case.explained_by(keys),
            evidence=tuple(deviation.lines()[:6]),
            keys=keys,
            decide=(case.pods.log_of(name, ("an error of confd or of bird -p", "that is why it keeps the old file")),),
            fixes=(case.pods.restart(name, f"restart calico-node on {name}: confd then reads everything anew"),),
        )


def _keys_of(case: Case, deviation: Deviation) -> frozenset[SessionKey]:
    """The bad sessions that the deviation accounts for."""
    judged = case.cluster.judged
    return frozenset(key for key in case.bad_keys(deviation.node) if key in judged.deviations.keys)


def _rows_too_many(case: Case, deviation: Deviation) -> frozenset[str]:
    """Findings about a single row of that node that nothing asks for, or of another type."""
    if not (deviation.unexpected or deviation.mistyped):
        return frozenset()
    return frozenset(
        finding.id
        for finding, subject in case.about(SessionSubject, "unexpected-peer", "wrong-peer-type")
        if deviation.node in {subject.a, subject.b}
    )


def _general(case: Case, findings: frozenset[str]) -> Candidate:
    behind = case.cluster.judged.deviations.behind
    names = [deviation.node for deviation in behind]
    return Candidate(
        kind="confd-stuck",
        subjects=(ClusterSubject(),),
        title=Words("general", number=len(behind)),
        explanation="Most nodes do not lag behind by chance. Probably the resources given are of another day or "
        "another cluster; else confd has lost the datastore everywhere.",
        confidence=Confidence.POSSIBLE,
        explains=findings | case.explained_by(case.cluster.judged.deviations.keys),
        evidence=tuple(behind[0].lines()[:4]),
        decide=(
            decision(
                "calicoctl get bgpPeer -o yaml; calicoctl get nodes -o yaml",
                None,
                ("other resources than those given", "audit again with these"),
                ("the same resources", f"confd follows nowhere: look at its log, on {some(names)}"),
            ),
        ),
        fixes=(
            Fix(
                label="get resources anew",
                summary="get the resources anew and audit again, before anything else",
                risk=Risk.NONE,
            ),
        ),
    )


@cause(
    "refused-configuration",
    title="A resource makes BIRD refuse the whole configuration",
    what="BIRD refuses the configuration",
    messages={
        "refuses": "{resource} makes BIRD refuse the whole configuration{nodes}{why}",
        "of_nodes": " of {number:count node}",
        "no_as": ": it has no asNumber",
    },
    meaning="confd checks each file with `bird -p` and keeps the old one when that fails: a peer `as 0`, two "
    "protocols of one name, a cluster ID that is none.",
    evidence="Calico's resources. Certain.",
    look_alikes="confd-stuck, where the resources are fine.",
    mending="What is missing in the resource.",
    demos=("refused-config",),
)
def refused_configuration(case: Case) -> Iterator[Candidate]:
    """A resource that makes BIRD refuse the whole file of every node that gets it."""
    if case.configured is None:
        return
    for finding, subject in case.about(ResourceSubject, *_REFUSALS):
        nodes = _nodes_that_refuse(case, subject.name)
        if finding.rule == "cluster-id-malformed" and not nodes:
            continue  # in an annotation Calico ignores it: see reflectors/roles.py
        missing = _missing_peers_of(case, subject.name)
        keys = missing | _deviating_sessions(case, nodes)
        behind = frozenset(f for name in nodes for f in case.of_node(name, "configuration-behind", "peer-missing"))
        yield Candidate(
            kind="refused-configuration",
            subjects=(subject,),
            title=Words(
                "refuses",
                resource=str(subject),
                nodes=Words("of_nodes", number=len(nodes)) if nodes else None,
                why=Words("no_as") if finding.rule == "peer-without-as" else None,
            ),
            explanation="confd checks every file with `bird -p` and keeps the old one when that fails. These nodes run "
            "on with what they had, and every later change is lost on them until this is fixed.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id})
            | behind
            | _findings_about(case, subject.name, missing)
            | case.explained_by(keys),
            evidence=(*finding.evidence, f"nodes: {some(nodes)}") if nodes else finding.evidence,
            keys=keys,
            fixes=_fixes_of_resource(case, finding, subject),
            routes_lost=0,
            costs="no route yet: the nodes run on with what they had, and follow no later change",
        )


def _nodes_that_refuse(case: Case, resource: str) -> list[str]:
    """The nodes whose BIRD refuses its file because of a resource, or because of their own Node of that name."""
    return sorted(
        node
        for node, refusals in refused_nodes(case).items()
        if node == resource or any(because.name == resource for refusal in refusals for because in refusal.because)
    )


def _missing_peers_of(case: Case, resource: str) -> frozenset[SessionKey]:
    """The bad sessions that a resource asks for."""
    return frozenset(key for key in case.cluster.judged.bad if resource in case.asked_for_by(key))


def _deviating_sessions(case: Case, nodes: Collection[str]) -> frozenset[SessionKey]:
    """The bad sessions of nodes that differ from what the resources ask for."""
    judged = case.cluster.judged
    return frozenset(key for key in judged.deviations.keys if key in judged.bad and (key.a in nodes or key.b in nodes))


def _findings_about(case: Case, resource: str, missing: frozenset[SessionKey]) -> frozenset[str]:
    """The findings about peers of a resource: they name it, or all of their sessions are peers that it lacks."""
    return frozenset(
        finding.id
        for finding in case.of("peer-missing", "external-peer-down", "unexpected-peer", "as-number-mismatch")
        if getattr(finding.subject, "name", None) == resource
        or (case.keys_of[finding.id] and case.keys_of[finding.id] <= missing)
    )


def _fixes_of_resource(case: Case, finding: Finding, subject: ResourceSubject) -> tuple[Fix, ...]:
    fixes: tuple[Fix, ...] = ()
    if finding.rule == "peer-without-as":
        fixes = name_the_as(case, subject.name)
    elif finding.rule == "cluster-id-malformed":
        fixes = write_cluster_id(case, subject.name)
    summary = finding.next_step or f"fix {subject}"
    return fixes or (Fix(label="fix resource", summary=summary, risk=Risk.NONE),)
