"""A cause in the resources: only one end of a session has the peer."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.addresses.facts import shares_an_address
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.remedies.configuration import drop_manual
from calico_bgp.causes.words import rows_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.merging import names_of
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import ResourceSubject


@cause(
    "one-sided-configuration",
    title="Only one end of a session is configured",
    what="only one end configured",
    messages={
        "told": "{message:same}",
    },
    meaning="A BGPPeer with `reversePeering: Manual` whose other half is missing: the near end dials in vain.",
    evidence="Calico's resources. Certain.",
    look_alikes="Nothing, with the resources; without them disabled-peer looks the same.",
    mending="`reversePeering: Auto`, or the other half.",
    demos=("one-sided-config",),
)
def one_sided(case: Case) -> Iterator[Candidate]:
    """A BGPPeer that makes one half of a session, mostly by `reversePeering: Manual`."""
    for finding, subject in case.about(ResourceSubject, "one-sided-peering"):
        if shares_an_address(case, subject.name):
            continue  # the other end has its peer, at another node with the same address
        keys = frozenset(
            key
            for key, peers in case.cluster.expected_peers.items()
            if key in case.cluster.judged.bad
            and len({peer.node for peer in peers}) == 1
            and subject.name in case.asked_for_by(key)
        )
        fixes = drop_manual(case, subject.name)
        yield Candidate(
            kind="one-sided-configuration",
            subjects=(subject,),
            title=finding.said or Words("told", message=finding.message),
            explanation="A session needs a peer at both ends. BIRD refuses a connection from an address that it has no "
            "peer for, so the near end keeps dialling in vain.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id})
            | case.explained_by(keys)
            # A reflector whose half is the one that is missing has no client.
            | {f for key in keys for end in (key.a, key.b) for f in case.of_node(end, "reflector-role-lost")}
            | {
                f.id
                for f in case.of("cluster-id-without-peers")
                if names_of(f) <= {n for k in keys for n in (k.a, k.b)}
            },
            evidence=(*finding.evidence[:4], *rows_of(case, keys)),
            keys=keys,
            fixes=fixes
            or (
                Fix(
                    label="add other half",
                    summary=finding.next_step or "add the other half",
                    risk=Risk.NONE,
                ),
            ),
        )
