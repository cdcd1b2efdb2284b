"""Causes in addresses that nodes have of each other: two that were swapped, or several that moved round in a ring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.remedies.addresses import addresses_back
from calico_bgp.causes.words import rows_of
from calico_bgp.cluster.held_elsewhere import HeldElsewhere, exchanged
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import routes_lost, some
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject
from calico_bgp.once import once

_OF_NODES = ("address-at-other-node", "isolated-node", "family-without-peers", "configuration-behind", "peer-missing")
_HOW = (
    "Whoever dials one of these addresses finds the BIRD of the other node, so some sessions stand, with it. Each "
    "of these nodes announces its pods with an address of another machine, which gets their packets."
)


@once
def exchanged_nodes(case: Case) -> frozenset[str]:
    """All nodes that have each other's addresses, by the resources."""
    return frozenset(held.node for ring in exchanged(case.cluster) for held in ring)


@also("wrong-address")
def addresses_exchanged(case: Case) -> Iterator[Candidate]:
    """One per ring: the addresses have to be written in one go, or two nodes have one address meanwhile."""
    for ring in exchanged(case.cluster):
        names = sorted(held.node for held in ring)
        linted = (f.id for f in case.of("node-address-not-internal"))
        yield _candidate(
            case,
            names,
            family_of(ring[0].address),
            sure=Confidence.CERTAIN if all(held.listed for held in ring) else Confidence.LIKELY,
            more=frozenset(linted),
            evidence=tuple(f"{one.node}: BGP address {one.address}; its host has {some(one.own)}" for one in ring),
            fixes=_back(case, ring),
        )


def _back(case: Case, ring: Sequence[HeldElsewhere]) -> tuple[Fix, ...]:
    """Each gets the address of the ring that its own host has."""
    right = {held.holder: held.address for held in ring}
    nodes = [(member.resource, right[name]) for name in right if (member := case.member(name)) and member.resource]
    return addresses_back(case, nodes)


@also("wrong-address")
def exchanged_by_tables(case: Case) -> Iterator[Candidate]:
    """Without resources: nodes each of which has a peer at its own address, and lacks another one's of these."""
    if case.resources is not None:
        return
    for family in Family:
        own = {member.name: address for member in case.cluster.members if (address := _own_peer(member, family))}
        lacks = {name: [a for a in own.values() if not _shows(case.cluster.by_name[name], a)] for name in own}
        if len(own) < 2 or sorted(lacks.values()) != sorted([address] for address in own.values()):
            continue
        yield _candidate(
            case,
            sorted(own),
            family,
            sure=Confidence.LIKELY,
            more=frozenset(
                finding.id
                for finding, subject in case.about(AddressSubject, "own-address-peer")
                if subject.address in own.values()
            ),
            evidence=tuple(f"{name} has a peer at {own[name]}, and none at {lacks[name][0]}" for name in sorted(own)),
            fixes=(_restarts(case, sorted(own)),),
        )


def _restarts(case: Case, names: list[str]) -> Fix:
    return Fix(
        label="restart pods",
        summary=f"restart calico-node on {some(names)}: when it starts it finds the address that the host has and "
        "writes it into its Node, unless IP in its environment says otherwise",
        risk=Risk.RESTARTS_SESSIONS,
        steps=tuple(case.pods.restart_step(name) for name in names),
        restarts=case.pods.ended_by(names),
    )


def _own_peer(member: Member, family: Family) -> Address | None:
    """The address that a node's host lists and that its own whole table has as a peer."""
    if member.table(family) is not Table.WHOLE:
        return None
    return next((a for row in member.rows(family) if (a := row.address) in member.own_addresses), None)


def _shows(member: Member, address: Address) -> bool:
    return any(row.address == address for row in member.rows(family_of(address)))


def _candidate(
    case: Case,
    names: list[str],
    family: Family,
    *,
    sure: Confidence,
    more: frozenset[str],
    evidence: tuple[str, ...],
    fixes: tuple[Fix, ...],
) -> Candidate:
    keys = frozenset(key for name in names for key in case.bad_keys(name, family))
    led_astray = len(names) * (len(case.cluster.members) - 1)
    return Candidate(
        kind="wrong-address",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("exchanged", nodes=names, family=family),
        explanation=_HOW,
        confidence=sure,
        explains=more
        | case.explained_by(keys)
        | frozenset().union(*(case.of_node(name, *_OF_NODES) for name in names)),
        evidence=(*evidence, *rows_of(case, keys)),
        keys=keys,
        fixes=fixes,
        costs=routes_lost(led_astray),
        routes_lost=led_astray,
    )
