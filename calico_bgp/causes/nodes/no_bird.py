"""Causes where BIRD runs on no node: the cluster does without BGP, or BIRD is dead everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.cluster.expected import version_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import ClusterSubject
from calico_bgp.model.resources import IPPool
from calico_bgp.routes.network.pools import pools_in_need_of_bird
from calico_bgp.upstream import POD_SELECTOR


@cause(
    "no-bgp",
    title="The cluster does not use BGP: nothing is wrong",
    what="cluster does not use BGP",
    messages={
        "unused": "the cluster does not use BGP: nothing is wrong with it",
    },
    meaning="BIRD runs on no node, as with CALICO_NETWORKING_BACKEND=vxlan or none.",
    evidence="No node runs BIRD and nothing asks for it; certain where every IPPool is VXLAN.",
    look_alikes="A BGP cluster whose BIRD is dead everywhere, where neither BGPPeers nor roles say that it is one.",
    mending="Nothing.",
    no_demo="It is no fault: `calico-bgp lab up --topology no-bgp` is such a cluster.",
)
@also("bird-down")
def no_bgp(case: Case) -> Iterator[Candidate]:
    """No BIRD runs, and nothing asks for one: the cluster uses VXLAN, or Calico for policy only."""
    for finding in case.of("no-bgp"):
        snapshot = case.cluster.snapshot
        if pools_in_need_of_bird(snapshot.resources, version=version_of(snapshot)):
            yield _dead_everywhere(finding)
        else:
            yield _unused(finding, snapshot.resources.ip_pools if snapshot.resources is not None else ())


def _unused(finding: Finding, pools: Sequence[IPPool]) -> Candidate:
    modes = {pool.vxlan_mode for pool in pools if not pool.disabled}
    vxlan = bool(modes) and modes <= {"Always", "CrossSubnet"}
    return Candidate(
        kind="no-bgp",
        subjects=(ClusterSubject(),),
        title=Words("unused"),
        explanation="BIRD runs on no node. With CALICO_NETWORKING_BACKEND=vxlan (or none) that is how it should "
        "be: Felix programs the routes of VXLAN pools itself.",
        confidence=Confidence.CERTAIN if vxlan else Confidence.LIKELY,
        explains=frozenset({finding.id}),
        evidence=tuple(f"IPPool {pool.name}: vxlanMode {pool.vxlan_mode}" for pool in pools[:5]),
        decide=(
            decision(
                "kubectl get ippools -o yaml",
                None,
                ("vxlanMode: Always or CrossSubnet on every pool", "nothing is wrong"),
                ("ipipMode, or neither", "the cluster needs BGP, and BIRD is dead everywhere"),
            ),
        )
        if not vxlan
        else (),
        fixes=(Fix(label="nothing", summary="nothing is to be done", risk=Risk.NONE),),
    )


def _dead_everywhere(finding: Finding) -> Candidate:
    return Candidate(
        kind="bird-down",
        subjects=(ClusterSubject(),),
        title=Words("nowhere"),
        explanation="Nobody else programs the routes to the pods of that pool. Only where another network carries them "
        "(CALICO_NETWORKING_BACKEND=none, policy only) nothing is wrong.",
        confidence=Confidence.POSSIBLE,
        explains=frozenset({finding.id}),
        evidence=(finding.message, *finding.evidence),
        decide=(
            decision(
                f"kubectl get daemonsets -A -l {POD_SELECTOR} -o yaml | grep -A 5 NETWORKING_BACKEND",
                None,
                ("bird, or nothing", "BIRD should run: the log of calico-node says why it does not"),
                ("none, and another network carries the pods", "nothing is wrong"),
                ("vxlan", "the IPPool has to say vxlanMode: Always, or the backend has to be bird"),
                ("valueFrom a ConfigMap", "look there (calico_backend)"),
            ),
        ),
        fixes=(
            Fix(
                label="read log",
                summary="find out why BIRD does not run, in the log of any calico-node; nothing of one node fixes it",
                risk=Risk.NONE,
            ),
        ),
    )
