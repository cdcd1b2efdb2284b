"""Causes in the addresses of a whole group of nodes: on these, autodetection took another network than on the rest.

They find each other by these addresses, so that it looks as if the network between the two groups were cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.network.cuts import Cut, cuts
from calico_bgp.causes.network.hosts import ping
from calico_bgp.causes.remedies.addresses import for_good_alone, right_addresses
from calico_bgp.causes.words import rows_of
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, Family, only_family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.resources import CalicoNode
from calico_bgp.once import once
from calico_bgp.prefixes import Prefix, network_around


class _Elsewhere(NamedTuple):
    """A group of nodes whose BGP addresses lie where the others do not find them.

    Attributes:
        cut: Between the group and the rest.
        family: Of the addresses.
        right: Each Node of the group, with the InternalIP that lies in a network of the others.
    """

    cut: Cut
    family: Family
    right: tuple[tuple[CalicoNode, Address], ...]


@once
def on_other_interface(case: Case) -> tuple[_Elsewhere, ...]:
    """The groups that are cut from all others and whose BGP addresses, unlike theirs, are not the InternalIPs."""
    return () if case.resources is None else tuple(_elsewhere(case))


def _elsewhere(case: Case) -> Iterator[_Elsewhere]:
    for cut in cuts(case):
        family = only_family({key.family for key in cut.keys})
        if family is None or not cut.is_whole:
            continue
        for group, rest in ((cut.group, cut.others), (cut.others, cut.group)):
            nodes, others = _nodes(case, group), _nodes(case, rest)
            networks = {network for node in others if (network := _network_of_internal(node, family)) is not None}
            internal = [ip for node in nodes if (ip := _other_internal_ip(node, family, networks)) is not None]
            is_told = len(nodes) == len(internal) == len(group) and len(others) == len(rest)
            if is_told and all(_network_of_internal(node, family) for node in others):
                yield _Elsewhere(cut, family, tuple(zip(nodes, internal, strict=True)))


@also("wrong-address")
def other_interface(case: Case) -> Iterator[Candidate]:
    """One per group."""
    for cut, family, right in on_other_interface(case):
        names = sorted(case.cluster.name_of_node(node.name) for node, _ in right)
        wrong = [address for node, _ in right if (address := node.address(family)) is not None]
        summary = f"give {some(names)} their InternalIPs as BGP addresses; calico-node finds the wrong ones again "
        summary += "whenever it starts, unless autodetection is fixed as well"
        yield Candidate(
            kind="wrong-address",
            subjects=tuple(NodeSubject(node=name) for name in names),
            title=Words("of_group", nodes=names, addresses=wrong, internal=[ip for _, ip in right]),
            explanation="They find each other by these addresses, and the other nodes, whose BGP addresses are their "
            "InternalIPs, do not find them: autodetection took another interface on them than on the others. Were the "
            "two networks meant to reach each other, the fault would lie between them.",
            confidence=Confidence.LIKELY,
            explains=case.explained_by(cut.keys) | {finding.id for finding in case.of("node-address-not-internal")},
            evidence=(
                *(f"{node.name}: BGP address {node.address(family)}, InternalIP {ip}" for node, ip in right),
                *rows_of(case, cut.keys),
            ),
            keys=cut.keys,
            decide=(ping(case, min(cut.keys)),),
            fixes=(*right_addresses(case, right, summary), *for_good_alone(case, family)),
        )


def _nodes(case: Case, names: frozenset[str]) -> list[CalicoNode]:
    members = (case.member(name) for name in sorted(names))
    return [member.resource for member in members if member is not None and member.resource is not None]


def _network_of_internal(node: CalicoNode, family: Family) -> Prefix | None:
    """The network of a node whose BGP address is its InternalIP."""
    address = node.address(family)
    if address is None or address not in node.internal_ips:
        return None
    return network_around(address, node.prefix(family))


def _other_internal_ip(node: CalicoNode, family: Family, networks: set[Prefix]) -> Address | None:
    """The InternalIP that lies in a network of the others, of a node whose BGP address lies in none of these."""
    address = node.address(family)
    if address is None or any(address in network for network in networks):
        return None
    return next((ip for ip in node.internal_ips_of(family) if any(ip in network for network in networks)), None)
