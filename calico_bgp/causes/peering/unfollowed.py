"""Causes where no far end followed: a node has its peers as the resources ask, and none of them has the node."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.words import rows_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import AUDIT_AGAIN
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import ClusterSubject


@also("confd-stuck")
def lacked_by_all(case: Case) -> Iterator[Candidate]:
    """A node that has its peers, none of whom has the node: each of them lacks this one peer."""
    missing = {
        (name, peer.far_node)
        for name, deviation in case.cluster.judged.deviations.by_node.items()
        for peer in deviation.missing
    }
    for member in case.cluster.members:
        name, keys = member.name, case.bad_of.get(member.name, frozenset())
        fars = sorted({key.far(name) for key in keys})
        lacked = all(
            case.cluster.session(*key).end(name).rows and case.cluster.session(*key).end(key.far(name)).lacks_row
            for key in keys
        )
        node = None if member.resource is None else member.resource.name
        if len(fars) < 2 or not lacked or case.up_of.get(name) or any((far, node) not in missing for far in fars):
            continue
        yield Candidate(
            kind="confd-stuck",
            subjects=(ClusterSubject(),),
            title=Words("nobody", number=len(fars), node=name),
            explanation=f"{name} has them, and they close its connections. Either its Node is newer than what they "
            "read, or the resources given are not those of this cluster.",
            confidence=Confidence.POSSIBLE,
            explains=case.explained_by(keys) | case.of_node(name, "isolated-node", "configuration-behind"),
            evidence=rows_of(case, keys),
            keys=keys,
            decide=(
                case.pods.log_of(
                    fars[0],
                    ("an error of confd, or of Typha", "it follows no change any more: restart it, on each node"),
                    (f"it has written a file since {name} joined", "the resources given are of another day"),
                ),
            ),
            fixes=(
                Fix(
                    label="get resources anew",
                    summary="get the resources anew and audit again, before anything else",
                    risk=Risk.NONE,
                    check=AUDIT_AGAIN,
                ),
            ),
        )
