"""Causes at calico-node: Felix that ended alone, or the whole pod. The node itself says that Felix does not run."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.causes.addresses.facts import explained_by_want_of_a_pod, without_address_for_want_of_a_pod
from calico_bgp.causes.addresses.missing import cost_of
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.nodes.daemons import pod_of
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, told_by
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence, Fix
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject


@cause(
    "felix-down",
    title="Felix does not run on a node",
    what="Felix is not running",
    messages={
        "felix": "Felix does not run on {node}{bird:same}",
    },
    meaning="`Calico process is not running.`: new pods get no routes and no policy. BIRD may well go on; calicoctl "
    "prints no peers in this case (calicoctl, node/status.go).",
    evidence="The message of calicoctl, and the node's peers. Certain.",
    look_alikes="Nothing.",
    mending="The log of calico-node says why it ended; a restart brings it back.",
    demos=("felix-down",),
)
@cause(
    "calico-node-down",
    title="No calico-node runs on a node",
    what="calico-node is not running",
    messages={
        "neither": "calico-node does not run on {node}: neither Felix nor BIRD does, "
        "{node:the host is|the hosts are} up",
        "not_started": "calico-node does not run on {node}: Felix does not, and its Node has no BGP address, which "
        "calico-node writes when it starts",
    },
    meaning="Neither Felix nor BIRD runs there: both are in one pod, which is missing, or which ends before they "
    "start.",
    evidence="The node's own word that Felix does not run, and peers that are refused at BGP's port, or a Node without "
    "a BGP address. Likely.",
    look_alikes="Felix that died alone (felix-down), which leaves the sessions up.",
    mending="A restart of calico-node; where it has no pod, what the scheduler or the kubelet says of that.",
    no_demo="No demo shows it: the lab breaks Felix and BIRD one at a time.",
)
def felix_down(case: Case) -> Iterator[Candidate]:
    """The node itself says that Felix does not run."""
    for finding, subject in case.about(NodeSubject, "felix-not-running"):
        name = subject.node
        up = case.up_keys(name)
        if name in without_address_for_want_of_a_pod(case):
            yield _not_started(case, name, finding)
            continue
        if not up and (down := case.bad_keys(name)) and Signal.REFUSED in case.far_signals(name, down):
            yield _calico_node_down(case, name, finding, down)
            continue
        bird = f", BIRD goes on ({told_by(case, name, up)})" if up else ""
        yield Candidate(
            kind="felix-down",
            subjects=(NodeSubject(node=name),),
            title=Words("felix", node=name, bird=bird),
            explanation="New pods there get no routes and no policy. calicoctl prints no peers where it does not find "
            "Felix, so what BIRD has there is known from the other ends only.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | case.of_node(name, "answer-incomplete"),
            evidence=finding.evidence,
            decide=(case.pods.log_of(name),),
            fixes=(case.pods.restart(name, f"restart calico-node on {name}; its log says why Felix ended"),),
            routes_lost=0 if up else None,
            costs="none of the routes that are there; new pods on the node get neither route nor policy"
            if up
            else "new pods on the node get neither route nor policy; whether its BIRD runs nobody here shows",
        )


def _not_started(case: Case, name: str, finding: Finding) -> Candidate:
    """Felix does not run, and nobody wrote the address: calico-node has not started since the Node was made."""
    assert case.resources is not None
    cost = cost_of(1, sum(bool(node.addresses) for node in case.resources.nodes))
    return Candidate(
        kind="calico-node-down",
        subjects=(NodeSubject(node=name),),
        title=Words("not_started", node=name),
        explanation="Without an address nobody peers with it. It has one as soon as calico-node starts there: a pod "
        "that is missing (a taint that the DaemonSet does not tolerate), or that ends before it gets so far.",
        confidence=Confidence.LIKELY,
        explains=frozenset({finding.id})
        | explained_by_want_of_a_pod(case, name)
        | case.of_node(name, "answer-incomplete"),
        evidence=(*finding.evidence, f"{name}: no BGP address"),
        decide=(pod_of(case, name), case.pods.log_of(name)),
        fixes=(_restart(case, name),),
        costs=cost.words,
        routes_lost=cost.routes,
    )


def _restart(case: Case, name: str) -> Fix:
    what = f"restart calico-node on {name}; where it has no pod: kubectl describe node {shell_words.node(name)}"
    return case.pods.restart(name, what)


def _calico_node_down(case: Case, name: str, finding: Finding, down: frozenset[SessionKey]) -> Candidate:
    """The node says that Felix does not run, its peers that nothing listens on BGP's port: the whole pod is down."""
    return Candidate(
        kind="calico-node-down",
        subjects=(NodeSubject(node=name),),
        title=Words("neither", node=name),
        explanation="The node itself finds no Felix, and its peers are refused where BIRD should listen. Both run in "
        "one pod, so there is none, or it does not get so far.",
        confidence=Confidence.LIKELY,
        explains=frozenset({finding.id})
        | case.explained_by(down)
        | case.of_node(name, "answer-incomplete", "isolated-node"),
        evidence=(*finding.evidence, *rows_about(case, name, down)),
        keys=down,
        decide=(pod_of(case, name), case.pods.log_of(name)),
        fixes=(_restart(case, name),),
    )
