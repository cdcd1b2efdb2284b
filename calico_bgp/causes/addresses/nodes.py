"""Causes in a node's BGP address: autodetected on the wrong interface, or one that two nodes have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.causes.addresses.exchanged import exchanged_nodes
from calico_bgp.causes.addresses.facts import shared_addresses
from calico_bgp.causes.addresses.odd_peers import mesh_addresses, odd_peers, unclaimed_by_host
from calico_bgp.causes.addresses.wrong import WrongAddress, wrong_address_of
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.remedies.addresses import for_good_alone, right_address
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, family_of
from calico_bgp.model.reports.cause import Confidence, Decision, Fix
from calico_bgp.model.reports.subject import AddressSubject, ClusterSubject, NodeSubject
from calico_bgp.model.resources import CalicoNode

LINTED = ("node-address-of-bridge", "node-address-not-internal", "node-address-in-pool")
RULES_OF_NODE = (
    "address-at-other-node",
    "isolated-node",
    "own-address-peer",
    "family-without-peers",
    "configuration-behind",
)


@cause(
    "wrong-address",
    title="Calico has the wrong BGP address of a node",
    what="wrong BGP address",
    messages={
        "wrong": "Calico has the wrong BGP address of {node}, {address}: {why:same}",
        "unnamed": "Calico has the wrong BGP address of a node, {address}: {why:same}",
        "of_several": "Calico has the wrong BGP address of {nodes}, {address}: {why:same}",
        "of_group": "Calico has the wrong BGP addresses of {nodes}, {addresses}: their InternalIPs are {internal}, and "
        "the others, which use theirs, do not find them",
        "exchanged": "Calico has the {family:and} BGP addresses of {nodes} the wrong way round: each has one that the "
        "host of another one of them has",
        "elsewhere": "Calico has the wrong BGP address of {node}: the others dial {address}, which no host has, and "
        "nobody dials {own:same}",
        "another_view": "the mesh sessions of {node} with {far} wait at both ends: {node} has another BGP address now "
        "than {address:same}, by which its peers know it",
    },
    meaning="Autodetection (calico-node, IP_AUTODETECTION_METHOD) took another interface than the one that the nodes "
    "share, often a Docker bridge.",
    evidence="No other node finds it there, and one of these: the host itself does not have the address (certain); it "
    "is a bridge's, a pod's or a /32 among others that are none, and Kubernetes knows another (certain; without "
    "InternalIPs likely); it is not the InternalIP while the other nodes use theirs (certain where only the "
    "InternalIP lies in their network, else likely). Without resources: a mesh peer's address that is a bridge's, or "
    "that no host has; sessions of the mesh that wait at both ends (likely). Where another node's host has the "
    "address: certain, also where sessions stand.",
    look_alikes="A network of its own for BGP, on all nodes or where other nodes find it: then nothing is wrong.",
    mending="The right address at once, and the autodetection method where this cluster has it: the operator's "
    "Installation, or the environment of the DaemonSet. Where only the Node is stale, nothing but that Node.",
    demos=("wrong-address",),
)
def wrong_address(case: Case) -> Iterator[Candidate]:
    """A node whose BGP address its host does not have, or has on an interface where nobody reaches it."""
    if case.resources is None:
        return
    twice = shared_addresses(case)
    for member in case.cluster.members:
        node = member.resource
        if node is None or any(address in twice for address in node.addresses):
            continue
        if member.name in exchanged_nodes(case):
            continue
        linted = case.of_resource(node.name, *LINTED)
        bad_keys = case.bad_keys(member.name)
        if not bad_keys and not linted and not case.of_node(member.name, "address-at-other-node"):
            continue
        wrong = wrong_address_of(case, member, node)
        if wrong is not None:
            yield _wrong(case, member, wrong, linted)


def _wrong(case: Case, member: Member, wrong: WrongAddress, linted: frozenset[str]) -> Candidate:
    node, address, family = member.resource, wrong.address, family_of(wrong.address)
    assert node is not None
    keys = case.bad_keys(member.name, family)
    # The wrong address also explains the lint's doubts, and the findings about the node as a whole.
    also = case.ids("resources-questionable") if keys else frozenset[str]()
    return Candidate(
        kind="wrong-address",
        subjects=(NodeSubject(node=member.name),),
        title=Words("wrong", node=member.name, address=address, why=wrong.why),
        explanation="Its peers dial an address where they do not find it, and it dials them from there. "
        + (
            "Autodetection took another interface than the one that the nodes share."
            if wrong.on_host
            else "The host has changed its address, or the Node is an old one: Calico's Node still has what was."
        )
        + _beside(case, keys),
        confidence=wrong.confidence,
        explains=linted | also | case.explained_by(keys) | case.of_node(member.name, *RULES_OF_NODE),
        evidence=(*_evidence(member, node), *rows_about(case, member.name, keys)),
        keys=keys,
        decide=(_look_at_host(address, member.name),) if wrong.confidence is not Confidence.CERTAIN else (),
        fixes=right_address(case, node, address, family, autodetected=wrong.on_host),
    )


def _beside(case: Case, keys: frozenset[SessionKey]) -> str:
    """What a peer complains of that has nothing to do with the address, and stays when that is right."""
    fars = sorted({f"{key.a} and {key.b}" for key in keys if Signal.BAD_AS in case.signals[key].both})
    return (
        f" Between {some(fars)} the AS numbers differ as well, which another address does not change." if fars else ""
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
def wrong_by_tables(case: Case) -> Iterator[Candidate]:
    """The same without resources: a mesh peer's address that is a bridge's, or that no host has."""
    for odd in odd_peers(case):
        title = (
            Words("wrong", node=odd.owner, address=odd.address, why=odd.what)
            if odd.owner
            else Words("unnamed", address=odd.address, why=odd.what)
        )
        doubt = Confidence.LIKELY if odd.sure else Confidence.POSSIBLE
        fixes = for_good_alone(case, family_of(odd.address))
        yield _unnamed(case, _Unnamed(odd.owner, odd.address, odd.keys), title, doubt, fixes)
    for member, address, keys in unclaimed_by_host(case):
        assert member.reading is not None
        title = Words("elsewhere", node=member.name, address=address, own=member.reading.addresses)
        anew = f"restart calico-node on {member.name}: when it starts it finds the address that the host has now and "
        anew += "writes it into its Node, unless IP in its environment says otherwise"
        fixes = (case.pods.restart(member.name, anew),)
        yield _unnamed(case, _Unnamed(member.name, address, keys), title, Confidence.LIKELY, fixes)


def _unnamed(case: Case, whose: _Unnamed, title: Words, confidence: Confidence, fixes: tuple[Fix, ...]) -> Candidate:
    name, address, keys = whose
    explains = case.explained_by(keys)
    explains |= case.ids_about(AddressSubject(address=address), "mesh-peer-down")
    if set(case.cluster.identity.unclaimed[family_of(address)]) <= {address}:
        explains |= case.ids_about(ClusterSubject(family=family_of(address)), "unknown-peers")
    if name is not None:
        explains |= case.of_node(name, *RULES_OF_NODE)
    return Candidate(
        kind="wrong-address",
        subjects=(AddressSubject(address=address) if name is None else NodeSubject(node=name),),
        title=title,
        explanation=f"{_why_doubtful(case, address)}: address autodetection (IP_AUTODETECTION_METHOD) took an "
        "interface that the nodes do not share, or the Node is stale.",
        confidence=confidence,
        explains=explains,
        evidence=rows_about(case, name or str(address), keys),
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
        fixes=fixes,
    )


def _why_doubtful(case: Case, address: Address) -> str:
    if address in mesh_addresses(case):
        return "A node-to-node mesh peer is always a Calico node, and nobody finds one there"
    if any(row.address == address for member in case.cluster.members for row in member.rows(family_of(address))):
        return "It is dialled as a node's is, and nobody finds one there"
    return "The hosts that have it have no session, the others have some and not this address"


def _evidence(member: Member, node: CalicoNode) -> Iterator[str]:
    yield f"{node.name}: BGP address {node.ipv4 or 'none'}{f' and {node.ipv6}' if node.ipv6 else ''}"
    if node.internal_ips:
        yield f"{node.name}: InternalIP {some(node.internal_ips)}"
    if member.own_addresses:
        yield f"{member.name} itself has {some(member.own_addresses)}"
