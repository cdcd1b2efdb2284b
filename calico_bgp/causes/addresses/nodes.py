"""Causes in a node's BGP address: autodetected on the wrong interface, or one that two nodes have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.causes.addresses.facts import one_sided_by, shared_addresses
from calico_bgp.causes.addresses.wrong import WrongAddress, odd_peers, unclaimed_by_host, wrong_address_of
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.peering.refusals import refused_nodes
from calico_bgp.causes.remedies.addresses import for_good_alone, right_address
from calico_bgp.causes.words import rows_about
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.nodes.names import same_names
from calico_bgp.cluster.sessions import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.cause import Confidence, Decision
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.report import Finding
from calico_bgp.model.resources import CalicoNode
from calico_bgp.model.subject import AddressSubject, NodeSubject

_LINTED = ("node-address-of-bridge", "node-address-not-internal", "node-address-in-pool")
_RULES_OF_NODE = ("isolated-node", "own-address-peer", "family-without-peers", "configuration-behind")


@cause(
    "wrong-address",
    title="Calico has the wrong BGP address of a node",
    what="wrong BGP address",
    messages={
        "wrong": "Calico has the wrong BGP address of {node}, {address}: {why:same}",
        "unnamed": "Calico has the wrong BGP address of a node, {address}: {why:same}",
        "elsewhere": "Calico has the wrong BGP address of {node}: the others dial {address}, which no host has, and "
        "nobody dials {own:same}",
    },
    meaning="Autodetection (calico-node, IP_AUTODETECTION_METHOD) took another interface than the one that the nodes "
    "share, often a Docker bridge.",
    evidence="No other node finds it there, and one of these: the host itself does not have the address (certain); it "
    "is a bridge's, a pod's or a /32 among others that are none, and Kubernetes knows another (certain; without "
    "InternalIPs likely); it is not the InternalIP while the other nodes use theirs (certain where only the "
    "InternalIP lies in their network, else likely). Without resources: a mesh peer's address that is a bridge's, or "
    "that no host has.",
    look_alikes="A network of its own for BGP, on all nodes or where other nodes find it: then nothing is wrong.",
    mending="The right address at once, and the autodetection method where this cluster has it: the operator's "
    "Installation, or the environment of the DaemonSet. Where only the Node is stale, nothing but that Node.",
    demos=("wrong-address",),
)
def wrong_address(context: Case) -> Iterator[Candidate]:
    """A node whose BGP address its host does not have, or has on an interface where nobody reaches it."""
    if context.resources is None:
        return
    twice = shared_addresses(context)
    for member in context.view.members:
        node = member.resource
        if node is None or any(address in twice for address in (node.ipv4, node.ipv6)):
            continue
        linted = frozenset(f.id for f in context.of(*_LINTED) if getattr(f.subject, "name", None) == node.name)
        mine = context.bad_of.get(member.name, frozenset())
        if not mine and not linted:
            continue
        found = wrong_address_of(context, member, node)
        if found is not None:
            yield _wrong(context, member, found, linted)


def _wrong(context: Case, member: Member, found: WrongAddress, linted: frozenset[str]) -> Candidate:
    node, address, family = member.resource, found.address, _family(found.address)
    assert node is not None
    keys = frozenset(key for key in context.bad_of.get(member.name, ()) if key.family is family)
    # What the lint wonders about is this; what is left of a node that has no other session is this as well.
    also = frozenset(f.id for f in context.of("resources-questionable")) if keys else frozenset[str]()
    return Candidate(
        kind="wrong-address",
        subjects=(NodeSubject(node=member.name),),
        title=Words("wrong", node=member.name, address=address, why=found.why),
        explanation="Its peers dial an address where they do not find it, and it dials them from there. "
        + (
            "Autodetection took another interface than the one that the nodes share."
            if found.on_host
            else "The host has changed its address, or the Node is an old one: Calico's Node still has what was."
        ),
        confidence=found.confidence,
        explains=linted | also | context.explained_by(keys) | context.of_node(member.name, *_RULES_OF_NODE),
        evidence=(*_evidence(member, node), *rows_about(context, member.name, keys)),
        keys=keys,
        decide=(_look_at_host(address, member.name),) if found.confidence is not Confidence.CERTAIN else (),
        fixes=right_address(context, node, address, family, autodetected=found.on_host),
    )


def _look_at_host(address: Address, name: str | None) -> Decision:
    return decision(
        "ip -brief address",
        name,
        (f"{address} on docker0, br-..., virbr0, cni0, or nowhere", "the address is the wrong one"),
        (f"{address} on the interface that the nodes share", "the address is right"),
    )


class _Unnamed(NamedTuple):
    """A wrong address of a node that no resource names."""

    name: str | None
    address: Address
    keys: frozenset[SessionKey]


@also("wrong-address")
def wrong_by_tables(context: Case) -> Iterator[Candidate]:
    """The same without resources: a mesh peer's address that is a bridge's, or that no host has."""
    for odd in odd_peers(context):
        title = (
            Words("wrong", node=odd.owner, address=odd.address, why=odd.what)
            if odd.owner
            else Words("unnamed", address=odd.address, why=odd.what)
        )
        doubt = Confidence.LIKELY if odd.sure else Confidence.POSSIBLE
        yield _unnamed(context, _Unnamed(odd.owner, odd.address, odd.keys), title, doubt)
    for member, address, keys in unclaimed_by_host(context):
        assert member.reading is not None
        title = Words("elsewhere", node=member.name, address=address, own=member.reading.addresses)
        yield _unnamed(context, _Unnamed(member.name, address, keys), title, Confidence.LIKELY)


def _unnamed(context: Case, whose: _Unnamed, title: Words, confidence: Confidence) -> Candidate:
    name, address, keys = whose
    family = _family(address)
    explains = context.explained_by(keys)
    explains |= frozenset(f.id for f in context.of("mesh-peer-down", "unknown-peers") if _is_about(f, address))
    if name is not None:
        explains |= context.of_node(name, *_RULES_OF_NODE)
    return Candidate(
        kind="wrong-address",
        subjects=(AddressSubject(address=address) if name is None else NodeSubject(node=name),),
        title=title,
        explanation="A node-to-node mesh peer is always a Calico node, and nobody finds one there: address "
        "autodetection (IP_AUTODETECTION_METHOD) took an interface that the nodes do not share, or the Node is stale.",
        confidence=confidence,
        explains=explains,
        evidence=rows_about(context, name or str(address), keys),
        keys=keys,
        decide=(
            decision(
                "calicoctl get nodes -o wide; kubectl get nodes -o wide",
                None,
                (f"{address} beside another INTERNAL-IP", "autodetection took the wrong interface of that node"),
                (f"{address} at a node that Kubernetes does not have", "that Node is stale: delete it"),
            ),
            *((_look_at_host(address, name),) if name is not None else ()),
        ),
        fixes=for_good_alone(context, family),
    )


def _is_about(finding: Finding, address: Address) -> bool:
    return isinstance(finding.subject, AddressSubject) and finding.subject.address == address


def _evidence(member: Member, node: CalicoNode) -> Iterator[str]:
    yield f"{node.name}: BGP address {node.ipv4 or 'none'}{f' and {node.ipv6}' if node.ipv6 else ''}"
    if node.internal_ips:
        yield f"{node.name}: InternalIP {some(node.internal_ips)}"
    if member.reading is not None and member.reading.addresses:
        yield f"{member.name} itself has {some(member.reading.addresses)}"


def _family(address: Address) -> Family:
    return Family.IPV4 if address.version == 4 else Family.IPV6


@cause(
    "duplicate-address",
    title="Two nodes have one BGP address",
    what="one address, two nodes",
    messages={
        "duplicate": "{nodes} have one BGP address, {address}{wrong}",
        "not_its": "; it is not {node}'s",
    },
    meaning="They do not peer with each other, and every third node has one protocol for both, or two of one name, "
    "for which BIRD refuses the whole file (bgp_processor.go).",
    evidence="Calico's resources, or the hosts themselves. Certain.",
    look_alikes="One host that stands in the inventory twice.",
    mending="The right address of the one that does not have it.",
    demos=("duplicate-address:node2,node5",),
)
def duplicate_address(context: Case) -> Iterator[Candidate]:
    """An address that two nodes have: in the resources, or by what the hosts say themselves."""
    refused = refused_nodes(context)
    by_resource = {m.resource.name: m.name for m in context.view.members if m.resource is not None}
    cloned = same_names(context.view)
    for address, nodes in sorted(shared_addresses(context).items(), key=lambda item: str(item[0])):
        names = sorted({by_resource.get(node, node) for node in nodes})
        if any(set(names) <= {member.name for member in alike} for alike in cloned.values()):
            continue  # machines of one node name have one Node, and so one address: see names.py
        findings = {
            f.id
            for f in context.of("duplicate-address", "node-address-twice", "own-address-peer")
            if isinstance(f.subject, AddressSubject) and f.subject.address == address
        }
        if not findings:
            continue
        keys = frozenset(key for name in (*names, str(address)) for key in context.bad_of.get(name, ()))
        hit = [name for name, whys in refused.items() if any(refusal.is_twice(address) for refusal in whys)]
        also = frozenset(f for name in (*names, *hit) for f in context.of_node(name, *_RULES_OF_NODE))
        also |= one_sided_by(context, nodes)
        behind = {deviation.node for deviation in context.cluster.blame.deviations.behind}
        if behind and behind <= _hit_by_any(context):
            also |= frozenset(f.id for f in context.of("configuration-behind"))
        wrong = [name for name in names if _lacks(context, name, address)]
        culprit = context.member(wrong[0]) if wrong else None
        resource = None if culprit is None else culprit.resource
        has = culprit.reading.addresses if culprit is not None and culprit.reading is not None else ()
        yield Candidate(
            kind="duplicate-address",
            subjects=tuple(NodeSubject(node=name) for name in names),
            title=Words(
                "duplicate",
                nodes=names,
                address=address,
                wrong=Words("not_its", node=wrong[0]) if len(wrong) == 1 else None,
            ),
            explanation="They do not peer with each other, and every other node has one protocol for both, or two of "
            "one name, for which BIRD refuses the whole file. Routes of both lead to one of them.",
            confidence=Confidence.CERTAIN,
            explains=frozenset(findings) | also | context.explained_by(keys),
            evidence=tuple(
                line for name in names if (member := context.member(name)) for line in _addresses_of(member, address)
            ),
            keys=keys,
            fixes=right_address(context, resource, address, _family(address), autodetected=not has or address in has)
            if resource is not None
            else for_good_alone(context, _family(address)),
        )


def _hit_by_any(context: Case) -> set[str]:
    """The nodes whose configuration BIRD refuses because of some address that two nodes have."""
    return {
        name
        for name, whys in refused_nodes(context).items()
        for address in shared_addresses(context)
        if any(refusal.is_twice(address) for refusal in whys)
    }


def _lacks(context: Case, name: str, address: Address) -> bool:
    """Whether the host itself says that it has other addresses, or Kubernetes does."""
    member = context.member(name)
    if member is None:
        return False
    known = [*(member.reading.addresses if member.reading else ())]
    if member.resource is not None and not known:
        known = [*member.resource.internal_ips]
    known = [other for other in known if other.version == address.version]
    return bool(known) and address not in known


def _addresses_of(member: Member, address: Address) -> Iterator[str]:
    yield f"{member.name}: BGP address {address}"
    if member.reading is not None and member.reading.addresses:
        yield f"{member.name} itself has {some(member.reading.addresses)}"
