"""A cause in a selector: a BGPPeer that asks for reflectors by a label that no node has."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.reflectors.facts import (
    aftermath_of,
    asking_in_vain,
    is_selected,
    reflector_peers,
)
from calico_bgp.causes.remedies.layouts import mend_far_value
from calico_bgp.causes.remedies.reflectors import give_back, mend_peer_selector
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.cause import Confidence, Decision
from calico_bgp.model.resources import BGPPeer


@cause(
    "selector-matches-nothing",
    title="A peerSelector matches no node any more",
    what="peerSelector matches nothing",
    messages={
        "peer_selector": "the peerSelector of BGPPeer {peer} matches no node: {selector:same}",
        "node_selector": "the nodeSelector of BGPPeer {peer} matches no node: {selector:same}",
    },
    meaning="The reflectors are there with their cluster IDs, and the BGPPeer asks for a label that no node has: "
    "after an upgrade of Kubernetes that took node-role.kubernetes.io/master away, for instance.",
    evidence="Calico's resources. Certain.",
    look_alikes="reflector-lost-label, where the label is gone rather than the selector wrong.",
    mending="A selector by the label that all reflectors have and no other node, or that label.",
    demos=("selector-stale",),
)
def stale_selector(case: Case) -> Iterator[Candidate]:
    """A peerSelector that matches no node any more, though there are reflectors with a label of their own."""
    configured = case.configured
    if configured is None or not configured.reflectors:
        return
    lonely = not any(is_selected(configured, name) for name in configured.reflectors)
    for peer in asking_in_vain(configured):
        if not configured.near.get(peer.name):
            continue
        fixes = mend_peer_selector(case, peer) if lonely else mend_far_value(case, peer)
        if lonely and not fixes:
            fixes = give_back(case, list(configured.reflectors))
        apart = case.ids("reflectors-not-joined") if fixes else frozenset[str]()
        yield Candidate(
            kind="selector-matches-nothing",
            subjects=(about_peer(peer, "spec.peerSelector"),),
            title=Words("peer_selector", peer=peer.name, selector=peer.peer_selector),
            explanation="The reflectors are there, with their cluster IDs, and nobody peers with them, for the label "
            "by which they are selected is on no node."
            if lonely
            else f"No node has a peer by this BGPPeer. Other BGPPeers select reflectors "
            f"({some(configured.reflectors)}): either this one is a leftover, or the nodes that it means are gone or "
            "lost their label.",
            confidence=Confidence.CERTAIN,
            explains=aftermath_of(case) | apart,
            evidence=(
                f"peerSelector: {peer.peer_selector}",
                *(
                    f"{name}: cluster ID {node.cluster_id}, labels {node.labels_text}"
                    for name, node in ((name, configured.nodes[name]) for name in configured.reflectors[:3])
                ),
            ),
            decide=() if fixes else (_labels_of_nodes(peer),),
            fixes=fixes,
        )


def _labels_of_nodes(peer: BGPPeer) -> Decision:
    return decision(
        "kubectl get nodes --show-labels",
        None,
        ("the nodes that it means have another label", "the selector has to name that one"),
        ("no such nodes", f"delete BGPPeer {peer.name}, or give the label to the nodes that are meant"),
    )


@also("selector-matches-wrong-nodes")
def selects_no_reflector(case: Case) -> Iterator[Candidate]:
    """A peerSelector that matches nodes, none of which is a reflector, while nobody peers with those that there are.

    Only where they have a label of their own: else it is on the wrong nodes, see roles.py.
    """
    configured = case.configured
    if configured is None or not configured.reflectors:
        return
    if any(is_selected(configured, name) for name in configured.reflectors):
        return
    for peer in reflector_peers(configured):
        found = configured.matched(peer.peer_selector or "")
        fixes = mend_peer_selector(case, peer) if found else ()
        if not fixes:
            continue
        yield Candidate(
            kind="selector-matches-wrong-nodes",
            what="peerSelector matches no reflector",
            subjects=(about_peer(peer, "spec.peerSelector"),),
            title=Words(
                "no_reflector",
                peer=peer.name,
                far=list(found or ()),
                reflectors=list(configured.reflectors),
                selector=peer.peer_selector,
            ),
            explanation="The reflectors are there, with their cluster IDs, and nobody peers with them. The nodes that "
            "are selected instead pass nothing on.",
            confidence=Confidence.CERTAIN,
            explains=aftermath_of(case) | case.ids("reflectors-not-joined", "routes-missing"),
            evidence=(f"peerSelector: {peer.peer_selector}",),
            fixes=fixes,
        )
