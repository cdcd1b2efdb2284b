"""Causes of a kernel that does not follow BIRD: another writer, and BIRD and Felix that both write, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import AUDIT_AGAIN, decision
from calico_bgp.messages.words import routes_lost
from calico_bgp.model.cause import Confidence, Fix, Risk
from calico_bgp.model.subject import NodeSubject
from calico_bgp.routes.observed.cost import pairs_missing_at


@cause(
    "kernel-behind-bird",
    title="A node's kernel does not follow its BIRD",
    what="kernel without BIRD's routes",
    messages={
        "lacks": "the kernel of {node} has no routes to other nodes' pods, though its BIRD has",
        "elsewhere": "another program than BIRD holds routes in the kernel of {node}, to next hops that are not BIRD's",
    },
    meaning="BIRD takes no network that another writer has in the kernel (it logs `File exists` and marks the route "
    "with "
    "`!`), and writes none that Felix owns. A route of Felix, or of the administrator, that was right once stays. "
    "Source: "
    "BIRD sysdep/linux/netlink.c; felix/config/config_params.go (programClusterRoutes).",
    evidence="BIRD's best paths beside `ip route show`, which names the writer. Certain that the kernel differs; "
    "likely "
    "that its writer is to blame.",
    look_alikes="own-protocol-down, where BIRD's kernel protocol is down; BIRD itself says that.",
    mending="Delete the routes of the other writer, and BIRD's come within two seconds; where Felix owns the class, "
    "programClusterRoutes decides.",
    demos=("kernel-behind",),
)
def kernel_behind_bird(case: Case) -> Iterator[Candidate]:
    """One per node and family."""
    for finding in case.of("kernel-behind"):
        if not isinstance(finding.subject, NodeSubject) or finding.subject.family is None:
            continue
        node, family = finding.subject.node, finding.subject.family
        show = case.pods.kernel_routes(node, family)
        missing = pairs_missing_at(case.observed, node, family)
        yield Candidate(
            kind="kernel-behind-bird",
            subjects=(NodeSubject(node=node, family=family),),
            title=Words("lacks" if finding.key == "lacks" else "elsewhere", node=node),
            explanation="Packets follow the kernel: what BIRD knows and the kernel does not is lost.",
            confidence=Confidence.LIKELY,
            explains=frozenset({finding.id}),
            evidence=finding.evidence,
            decide=(
                decision(
                    show,
                    None,
                    ("proto 80 or no proto", "Felix wrote it: its programClusterRoutes, or a route of old"),
                    ("proto static", "somebody wrote it by hand"),
                    ("no route to the block", "BIRD may not write it: look at programClusterRoutes"),
                ),
            ),
            fixes=(
                Fix(
                    label="delete routes",
                    summary="delete the routes of the other writer; BIRD writes its own within two seconds. Felix "
                    "writes "
                    "its own again: restart it, or let programClusterRoutes leave the class to BIRD",
                    risk=Risk.NONE,
                    check=AUDIT_AGAIN,
                ),
            ),
            routes_lost=missing,
            costs=None if missing is None else routes_lost(missing),
        )


@cause(
    "programmed-twice",
    title="BIRD and Felix both write the routes to other nodes",
    what="BIRD and Felix both write",
    messages={"twice": "BIRD and Felix both write the kernel's routes on {nodes:count node}"},
    meaning="FelixConfiguration and BGPConfiguration each have programClusterRoutes (v3.32), and nothing checks that "
    "they "
    "complement each other. The kernel takes one of both; when a node goes, Felix's route may stay, and BIRD announces "
    "its copy. Source: design/cluster-route-programming/DESIGN.md.",
    evidence="Two routes to one network in the kernel, by BIRD and by Felix. Certain.",
    look_alikes="kernel-behind-bird, where only another writer has the network.",
    mending="Let one of both write each class: programClusterRoutes of BGPConfiguration Disabled where Felix's is "
    "Enabled.",
    no_demo="No demo shows it: the lab has no Felix that writes routes to other nodes.",
)
def programmed_twice(case: Case) -> Iterator[Candidate]:
    """One for the cluster: the settings are the cluster's."""
    findings = [finding for finding in case.of("routes-programmed-twice") if isinstance(finding.subject, NodeSubject)]
    if not findings:
        return
    nodes = tuple(sorted({finding.subject.node for finding in findings if isinstance(finding.subject, NodeSubject)}))
    yield Candidate(
        kind="programmed-twice",
        subjects=tuple(NodeSubject(node=name) for name in nodes),
        title=Words("twice", nodes=nodes),
        explanation="Both have written the same networks, so that the settings of both let them.",
        confidence=Confidence.CERTAIN,
        explains=frozenset(finding.id for finding in findings),
        evidence=findings[0].evidence,
        decide=(
            decision(
                "kubectl get felixconfiguration,bgpconfiguration default -o yaml | grep programClusterRoutes",
                None,
                ("Enabled twice", "both write: set one of them to Disabled"),
            ),
        ),
        fixes=(
            Fix(
                label="mend resource",
                summary="set programClusterRoutes of BGPConfiguration default to Disabled where Felix's is Enabled, or "
                "Felix's to Disabled",
                risk=Risk.NONE,
                check=AUDIT_AGAIN,
            ),
        ),
    )
