"""Causes in a BGP address that several nodes have: two hosts, a bridge of every host, or a Node that is left over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from calico_bgp import shell_words
from calico_bgp.causes.addresses.facts import of_router_ids, one_sided_by, shared_addresses
from calico_bgp.causes.addresses.nodes import LINTED, RULES_OF_NODE
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.peering.refusals import refused_nodes
from calico_bgp.causes.remedies.addresses import for_good_alone, right_address
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.cluster.nodes.names import same_names
from calico_bgp.cluster.odd_addresses import Odd, odd_address
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.merging import names_of
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, family_of
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import AddressSubject, ClusterSubject, NodeSubject
from calico_bgp.once import once

_OF_ADDRESS = ("duplicate-address", "node-address-twice", "own-address-peer")


class Shared(NamedTuple):
    """A BGP address that several nodes have.

    Attributes:
        address: The address.
        names: The nodes, sorted.
        findings: What is said of it and of them, by rules that judge addresses.
        keys: The sessions that are down because of it.
        left_over: The Nodes among them whose machine has another Node now, which has the address.
        odd: What the address looks like, where hardly any host has such a one.
    """

    address: Address
    names: tuple[str, ...]
    findings: frozenset[str]
    keys: frozenset[SessionKey]
    left_over: tuple[str, ...]
    odd: Odd | None


@once
def addresses_of_several(case: Case) -> tuple[Shared, ...]:
    """Addresses that two nodes or more have: in the resources, or by what the hosts say themselves."""
    refused = refused_nodes(case)
    cloned = same_names(case.cluster)
    shared = []
    for address, nodes in sorted(shared_addresses(case).items(), key=lambda item: str(item[0])):
        names = tuple(sorted({case.cluster.name_of_node(node) for node in nodes}))
        if any(set(names) <= {member.name for member in alike} for alike in cloned.values()):
            continue  # machines of one node name have one Node, and so one address: see names.py
        findings = case.ids_about(AddressSubject(address=address), *_OF_ADDRESS)
        if not findings:
            continue
        hit = [name for name, whys in refused.items() if any(refusal.is_twice(address) for refusal in whys)]
        findings |= {f for name in (*names, *hit) for f in case.of_node(name, *RULES_OF_NODE)}
        findings |= one_sided_by(case, nodes) | of_router_ids(case, names)
        if set(names) == case.cluster.by_name.keys():
            findings |= case.ids("no-peers-anywhere")
        behind = {deviation.node for deviation in case.cluster.judged.deviations.behind}
        if behind <= _hit_by_any(case):
            # What is said of most nodes at once. What is said of one of them is explained by the address that hits it.
            findings |= case.ids_about(ClusterSubject(), "configuration-behind")
        keys = frozenset(key for name in (*names, str(address)) for key in case.bad_keys(name))
        others = [
            other_address
            for name, addresses in case.cluster.identity.addresses.items()
            if name not in names
            for other_address in addresses
        ]
        odd = odd_address(address, others)
        shared.append(
            Shared(
                address,
                names,
                frozenset(findings),
                keys,
                _left_over(case, names, address),
                odd if odd is not None and odd.sure else None,
            )
        )
    return tuple(shared)


def _left_over(case: Case, names: Iterable[str], address: Address) -> tuple[str, ...]:
    """The Nodes that no inventory has, or that are a machine by an older name.

    Nothing unless another one has the address.
    """
    if not case.cluster.snapshot.hosts or case.cluster.snapshot.limited:
        return ()
    members = [member for name in names if (member := case.member(name)) is not None]
    heirs = [member for member in members if _has(member, address)]
    return tuple(
        member.name
        for member in members
        if member.resource is not None
        and heirs
        and ((member.is_unlisted and not member.is_unreadable) or _is_older_name(member, heirs, address))
    )


def _has(member: Member, address: Address) -> bool:
    """Whether the host has the address: by its own list, or where it gave none, by Kubernetes."""
    if member.reading is None:
        return False
    if member.reading.addresses:
        return address in member.reading.addresses
    return member.resource is not None and address in member.resource.internal_ips


def _is_older_name(member: Member, heirs: Iterable[Member], address: Address) -> bool:
    """Whether a Node of which nothing is heard is an heir by another name: a short one, or of the same InternalIP."""
    if member.reading is not None or member.resource is None:
        return False
    short = member.name.partition(".")[0]
    return address in member.resource.internal_ips or any(heir.name.partition(".")[0] == short for heir in heirs)


def left_over_nodes(case: Case) -> frozenset[str]:
    """The Nodes whose machine has another Node now: that nothing runs there for them is as it should be."""
    return frozenset(
        name for shared in addresses_of_several(case) if _are_left_over(shared) for name in shared.left_over
    )


@also("stale-address")
def left_over_node(case: Case) -> Iterator[Candidate]:
    """A machine that was renamed and left its old Node, with its address, behind."""
    unlisted = {m.name for m in case.cluster.members if m.is_unlisted and not m.is_unreadable}
    for shared in addresses_of_several(case):
        heirs = [name for name in shared.names if name not in shared.left_over]
        for name in shared.left_over if len(heirs) == 1 else ():
            yield Candidate(
                kind="stale-address",
                subjects=(NodeSubject(node=name),),
                title=Words(
                    "same_address" if name in unlisted else "older_name",
                    node=name,
                    heir=heirs[0],
                    address=shared.address,
                ),
                explanation="A Node stays until somebody deletes it. With one address twice every other node has two "
                "protocols of one name, for which BIRD refuses the whole file.",
                confidence=Confidence.LIKELY,
                explains=shared.findings
                | case.explained_by(shared.keys)
                | case.of_node(name, "node-unreadable", "isolated-node", "pod-missing")
                | frozenset(f.id for f in case.of("node-not-listed") if unlisted == set(shared.left_over)),
                evidence=_evidence(case, shared),
                keys=shared.keys,
                decide=(
                    decision(
                        f"kubectl get node {shell_words.name(name)} -o wide",
                        None,
                        ("NotFound, or a machine that is gone", "the Node is a leftover: delete it"),
                        ("Ready, with that address", f"it is the machine that hosts.txt calls {heirs[0]}"),
                    ),
                ),
                fixes=(
                    Fix(
                        label="delete Node",
                        summary=f"delete the Node {name}: kubectl delete node {shell_words.name(name)} "
                        "(calicoctl delete node where that is the datastore)",
                        risk=Risk.NONE,
                    ),
                ),
            )


@also("wrong-address")
def bridge_of_several(case: Case) -> Iterator[Candidate]:
    """An address that several nodes have because every host has it: a bridge's, or that of a virtual machine's NAT."""
    for shared in addresses_of_several(case):
        if shared.odd is None or _are_left_over(shared):
            continue
        linted = {f.id for f in case.of(*LINTED) if names_of(f) and names_of(f) <= set(shared.names)}
        yield Candidate(
            kind="wrong-address",
            subjects=tuple(NodeSubject(node=name) for name in shared.names),
            title=Words("of_several", nodes=list(shared.names), address=shared.address, why=shared.odd.what),
            explanation="Every host has it, and none reaches another one there: autodetection took another interface "
            "than the one that the nodes share.",
            confidence=Confidence.CERTAIN,
            explains=shared.findings | case.explained_by(shared.keys) | linted,
            evidence=_evidence(case, shared),
            keys=shared.keys,
            fixes=for_good_alone(case, family_of(shared.address)),
        )


def _are_left_over(shared: Shared) -> bool:
    return len(shared.names) - len(shared.left_over) == 1


@cause(
    "duplicate-address",
    title="Two nodes have one BGP address",
    what="one address, two nodes",
    messages={
        "duplicate": "{nodes} have one BGP address, {address}{wrong}",
        "not_its": "; it is not {node}'s",
        "or_router_id": "{nodes:and} have one IPv4 address, or else one BGP router ID: each refuses the other over "
        "IPv6, and none has the other over IPv4",
    },
    meaning="They do not peer with each other, and every third node has one protocol for both, or two of one name, "
    "for which BIRD refuses the whole file (bgp_processor.go).",
    evidence="Calico's resources, or the hosts themselves: certain. By tables alone `Bad BGP identifier` over IPv6 "
    "between nodes that do not have each other over IPv4: likely, and perhaps one router ID alone.",
    look_alikes="One host that stands in the inventory twice.",
    mending="The right address of the one that does not have it.",
    demos=("duplicate-address:node2,node5",),
)
def duplicate_address(case: Case) -> Iterator[Candidate]:
    """An address that two nodes have, and that one of them may well have."""
    for shared in addresses_of_several(case):
        if shared.odd is not None or _are_left_over(shared):
            continue
        address, names = shared.address, shared.names
        wrong = [name for name in names if _lacks(case, name, address)]
        culprit = case.member(wrong[0]) if wrong else None
        resource = None if culprit is None else culprit.resource
        on_host = culprit.reading.addresses if culprit is not None and culprit.reading is not None else ()
        yield Candidate(
            kind="duplicate-address",
            subjects=tuple(NodeSubject(node=name) for name in names),
            title=Words(
                "duplicate",
                nodes=list(names),
                address=address,
                wrong=Words("not_its", node=wrong[0]) if len(wrong) == 1 else None,
            ),
            explanation="They do not peer with each other, and every other node has one protocol for both, or two of "
            "one name, for which BIRD refuses the whole file. Routes of both lead to one of them.",
            confidence=Confidence.CERTAIN,
            explains=shared.findings | case.explained_by(shared.keys),
            evidence=_evidence(case, shared),
            keys=shared.keys,
            fixes=right_address(
                case, resource, address, family_of(address), autodetected=not on_host or address in on_host
            )
            if resource is not None
            else (*_for_each(case, shared), *for_good_alone(case, family_of(address))),
        )


def _for_each(case: Case, shared: Shared) -> Iterator[Fix]:
    """Where nobody tells whose the address is: a fix for each node, which touches that node alone."""
    for name in shared.names:
        member = case.member(name)
        if member is None or member.resource is None:
            continue
        family = family_of(shared.address)
        for fix in right_address(case, member.resource, shared.address, family, autodetected=False)[:1]:
            summary = f"if {shared.address} is not {name}'s: give {name} the address that its host has"
            yield fix.model_copy(update={"summary": summary})


def _evidence(case: Case, shared: Shared) -> tuple[str, ...]:
    members = [member for name in shared.names if (member := case.member(name)) is not None]
    return tuple(line for member in members for line in _addresses_of(member, shared.address))


def _hit_by_any(case: Case) -> set[str]:
    """The nodes whose whole configuration BIRD refuses because two nodes have one address."""
    return {
        name
        for name, whys in refused_nodes(case).items()
        for address in shared_addresses(case)
        if any(refusal.is_twice(address) for refusal in whys)
    }


def _lacks(case: Case, name: str, address: Address) -> bool:
    """Whether the host itself says that it has other addresses, or Kubernetes does."""
    member = case.member(name)
    if member is None:
        return False
    own_addresses = [*member.own_addresses]
    if member.resource is not None and not own_addresses:
        own_addresses = [*member.resource.internal_ips]
    own_addresses = [other for other in own_addresses if other.version == address.version]
    return bool(own_addresses) and address not in own_addresses


def _addresses_of(member: Member, address: Address) -> Iterator[str]:
    yield f"{member.name}: BGP address {address}"
    if member.own_addresses:
        yield f"{member.name} itself has {some(member.own_addresses)}"
