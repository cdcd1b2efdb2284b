"""Cause: an external peer whose session stands and that is told of no pod, because a BGPFilter rejects them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.remedies.resources import GIVE_RESOURCES
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_FILTERS_LINE
from calico_bgp.messages.words import count, some
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family, family_of
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import AddressSubject, ResourceSubject, SessionSubject
from calico_bgp.natural_order import natural_key
from calico_bgp.prefixes import Prefix, prefixes_of
from calico_bgp.routes.observed.session_readings import session_readings
from calico_bgp.routes.path.origin import origin_of
from calico_bgp.routes.path.policy import RoutePolicy

_SHOWN = 6


@cause(
    "peer-told-nothing",
    title="A BGPFilter keeps every pod from a peer outside",
    what="peer outside told nothing",
    messages={
        "untold": "BGPFilter {name} rejects every block of pods towards {far}: it learns of no pod",
        "by_tables": "{nodes} {nodes:exports|export} no route to {far}, a peer outside the cluster, and "
        "{nodes:does|do} to others: the export filter of that session rejects all",
    },
    meaning="The session with a switch or router stands, and the export rules of the BGPFilter that its BGPPeer names "
    "reject all blocks: from outside no pod is reached by BGP. Often a list of what is allowed ends in Reject and "
    "forgets the pods. Source: confd/pkg/resource/template/template_funcs.go.",
    evidence="`0 exported` on the nodes, beside sessions with more, and Calico's resources: the rule that rejects "
    "their blocks. Likely, for it may be meant; without resources possible.",
    look_alikes="A filter that was written into bird.cfg by hand (filter-by-hand), or a limit of exported routes.",
    mending="A rule that accepts the pods' blocks before the one that rejects them, if the peer is to know them.",
    demos=("tor-untold",),
)
def peer_told_nothing(case: Case) -> Iterator[Candidate]:
    """One per filter, peer and family, where it rejects all blocks of every node that exports nothing."""
    told: dict[tuple[str, str, Family], list[tuple[Finding, str, str]]] = defaultdict(list)
    for finding, subject, node, far in _untold(case):
        for name, rule in _rejecting(case, node, far, subject.family):
            told[name, far, subject.family].append((finding, node, rule))
    for (name, far, _), seen in sorted(told.items(), key=lambda item: item[0][:2]):
        nodes = sorted({node for _, node, _ in seen}, key=natural_key)
        yield Candidate(
            kind="peer-told-nothing",
            subjects=(ResourceSubject(resource="BGPFilter", name=name),),
            title=Words("untold", name=name, far=far),
            explanation=f"{count(len(nodes), 'node')} {'exports' if len(nodes) == 1 else 'export'} no route to {far}: "
            f"{seen[0][2]}, and no rule after it is looked at.",
            confidence=Confidence.LIKELY,
            explains=frozenset(finding.id for finding, _, _ in seen),
            evidence=(seen[0][2], *seen[0][0].evidence, f"nodes: {some(nodes)}"),
            fixes=(
                Fix(
                    label="fix resource",
                    summary=f"if {far} is to learn of pods: let a rule of BGPFilter {name} accept their blocks before "
                    "the one that rejects them",
                    risk=Risk.NONE,
                ),
            ),
            costs=f"{far} has no way to pods by these nodes; the cluster's own routes are not touched",
        )


@also("peer-told-nothing")
def told_nothing_by_tables(case: Case) -> Iterator[Candidate]:
    """One per peer, where nobody gave the resources and no limit is hit; towards nodes it is own-blocks-kept-in."""
    if case.configured is not None:
        return
    at_limit = {
        SessionSubject.between(reading.node, reading.far, reading.family)
        for reading in session_readings(case.cluster)
        if any(limit.is_hit for limit in reading.protocol.limits)
    }
    told: dict[str, list[tuple[str, Finding]]] = defaultdict(list)
    for finding, subject, node, far in _untold(case):
        if subject not in at_limit:
            told[far].append((node, finding))
    for far, seen in sorted(told.items()):
        nodes = sorted({node for node, _ in seen}, key=natural_key)
        yield Candidate(
            kind="peer-told-nothing",
            subjects=(AddressSubject(address=ip_address(far)),),
            title=Words("by_tables", nodes=tuple(nodes), far=far),
            explanation="The sessions stand, and the nodes announce their blocks to others.",
            confidence=Confidence.POSSIBLE,
            explains=frozenset(finding.id for _, finding in seen),
            evidence=tuple(f"{node}: {line}" for node, finding in seen for line in finding.evidence)[:_SHOWN],
            decide=(
                decision(
                    LOOK_AT_FILTERS_LINE,
                    None,
                    ("a BGPFilter in the filters of its BGPPeer", "if it is to learn of pods: accept their blocks"),
                    ("no filter there", "somebody edited the template or bird.cfg of these nodes"),
                ),
            ),
            fixes=(GIVE_RESOURCES,),
            costs=f"{far} has no way to pods by these nodes; the cluster's own routes are not touched",
        )


def _untold(case: Case) -> Iterator[tuple[Finding, SessionSubject, str, str]]:
    """The findings that a node exports nothing to a peer outside the cluster, with both."""
    for finding, subject in case.about(SessionSubject, "nothing-exported"):
        outside = {subject.a, subject.b} - case.cluster.by_name.keys()
        for far in outside:
            for node in {subject.a, subject.b} - outside:
                yield finding, subject, node, far


def _rejecting(case: Case, name: str, far: str, family: Family) -> Iterator[tuple[str, str]]:
    """The filter that rejects all blocks of a node towards a peer outside, with its rule in words."""
    member = case.member(name)
    node = None if member is None else member.resource
    if case.configured is None or node is None:
        return
    expectation = case.configured.expectation
    peers: list[ExpectedPeer] = [
        peer for peer in expectation.peers.get(node.name, ()) if peer.family is family and str(peer.address) == far
    ]
    for peer in peers:
        policy = RoutePolicy(expectation, family, frozenset({node.name}))
        blocks = _blocks(case, node.name, family)
        routes = [origin_of(block, policy.resources, node.name).route for block in blocks]
        ends = {"local_as": peer.local_as, "peer_as": peer.peer_as}
        verdicts = [policy.export(node.name, far, route, **ends)[0] for route in routes]
        filters = policy.filters_of(node.name, far, local_as=peer.local_as)
        if isinstance(filters, str) or not verdicts or not all(verdict.accepted is False for verdict in verdicts):
            continue
        for one in filters:
            if f"BGPFilter {one.name}" in verdicts[0].because:
                yield one.name, verdicts[0].because


def _blocks(case: Case, node: str, family: Family) -> list[Prefix]:
    """The node's blocks; without BlockAffinities a pool stands for them, which filters mostly name as a whole."""
    assert case.resources is not None
    own = prefixes_of(a.cidr for a in case.resources.block_affinities if a.is_a_nodes and a.node == node)
    blocks = [block for block in own if family_of(block) is family]
    pools = prefixes_of(pool.cidr for pool in case.resources.ip_pools if pool.is_for_pods and not pool.disabled)
    return blocks or [
        ip_network((pool.network_address, max(pool.prefixlen, pool.max_prefixlen - 6)))
        for pool in pools
        if family_of(pool) is family
    ]
