"""Nodes that have one BGP router ID: each refuses the other's OPEN (RFC 4271, 6.2; RFC 6286)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from calico_bgp.causes.addresses.facts import shared_addresses
from calico_bgp.causes.addresses.two_views import ASTRAY
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import address_of, rows_of
from calico_bgp.cluster.router_ids import shared_router_ids
from calico_bgp.cluster.sessions.session import SessionKey, connected_groups
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject, SessionSubject
from calico_bgp.model.routes.observed import Stop
from calico_bgp.natural_order import natural_key
from calico_bgp.routes.missing import missing_at


@cause(
    "duplicate-router-id",
    title="Two nodes have one BGP router ID",
    what="one router ID, two nodes",
    messages={
        "equal": "{nodes:and} have the same BGP router ID",
    },
    meaning="`Bad BGP identifier` (RFC 4271, 6.2; RFC 6286). Each also drops routes that carry its own ID "
    "(ORIGINATOR_ID, RFC 4456).",
    evidence="BIRD's own word on both: certain. The rows of the two: likely.",
    look_alikes="Two nodes with one IPv4 address (duplicate-address): these do not have each other over IPv4.",
    mending="CALICO_ROUTER_ID, or the addresses.",
    demos=("duplicate-router-id",),
)
@also("duplicate-address")
def duplicate_router_id(case: Case) -> Iterator[Candidate]:
    """Sessions that end with `Bad BGP identifier`: one for all nodes that have the same ID."""
    told = [frozenset(names) for names in shared_router_ids(case.cluster).values()]
    for router_id, names in shared_router_ids(case.cluster).items():
        if not _have_one_address(case, names):
            yield _told_by_bird(case, router_id, names)
    clashing = {
        key
        for key in case.cluster.judged.bad
        if Signal.BAD_ROUTER_ID in case.signals[key].both and not any({key.a, key.b} <= names for names in told)
    }
    for ends, keys in connected_groups(clashing):  # A has B's ID and B has C's: all three have one ID
        nodes = sorted(name for name in ends if case.member(name) is not None)
        if len(nodes) == len(ends) and _may_have_one_address(case, nodes):
            yield _one_address(case, nodes, frozenset(keys))
        else:
            yield _one_id(case, ends, nodes, frozenset(keys))


def _have_one_address(case: Case, names: Sequence[str]) -> bool:
    """Whether they have one IPv4 address, by the resources or their own lists: one ID follows (duplicates.py)."""
    return any(set(names) <= set(several) for several in shared_addresses(case).values())


def _told_by_bird(case: Case, router_id: Address, names: Sequence[str]) -> Candidate:
    """By BIRD's own word, whether or not the nodes have a session with each other."""
    group = frozenset(names)
    keys = frozenset(key for key in case.cluster.judged.bad if {key.a, key.b} <= group and case.signals[key].both)
    keys = frozenset(key for key in keys if Signal.BAD_ROUTER_ID in case.signals[key].both)
    return Candidate(
        kind="duplicate-router-id",
        subjects=tuple(NodeSubject(node=name) for name in sorted(names, key=natural_key)),
        title=Words("equal", nodes=sorted(names, key=natural_key)),
        explanation="Equal ones cannot have a session with each other, and each drops the routes of the other that a "
        "route reflector passes on, as if they were its own (ORIGINATOR_ID): no session shows that.",
        confidence=Confidence.CERTAIN,
        explains=case.explained_by(keys)
        | case.ids_about(AddressSubject(address=router_id), "router-id-twice")
        | _between(case, group)
        | _not_arriving(case, group),
        evidence=(*(f"{name}: Router ID is {router_id}" for name in names), *rows_of(case, keys)),
        keys=keys,
        fixes=(_set_id(case),),
    )


def _not_arriving(case: Case, group: frozenset[str]) -> frozenset[str]:
    """The findings about routes that do not arrive, where all of these are of one node of the group at another."""
    found = set()
    for finding, family in case.of_each_family("routes-not-arriving"):
        lacking = [one for of, one in missing_at(case.cluster, Stop.NOT_PASSED_ON, Stop.UNTRACED) if of is family]
        if all({one.learner, one.origin} <= group for one in lacking):
            found.add(finding.id)
    return frozenset(found)


def _set_id(case: Case) -> Fix:
    return Fix(
        label="set router ID",
        summary="let each node have an ID of its own: unset CALICO_ROUTER_ID in calico-node's environment (or set it "
        "to hash), and see that no two nodes have one IPv4 address",
        risk=Risk.RESTARTS_SESSIONS,
        restarts=case.pods.ended_by_all,
    )


def _one_id(case: Case, ends: frozenset[str], nodes: list[str], keys: frozenset[SessionKey]) -> Candidate:
    return Candidate(
        kind="duplicate-router-id",
        subjects=tuple(NodeSubject(node=name) for name in nodes)
        if len(nodes) == len(ends)
        else tuple(SessionSubject.between(each.a, each.b, each.family) for each in sorted(keys)),
        title=Words("equal", nodes=sorted(ends)),
        explanation="BIRD's router ID is the node's IPv4 address unless CALICO_ROUTER_ID says otherwise; equal "
        "ones cannot have a session, and each drops routes that carry its own ID (ORIGINATOR_ID).",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(keys) | _between(case, ends),
        evidence=_evidence(case, nodes, keys),
        keys=keys,
        decide=_ask_for_ids(case, nodes, min(keys).family, outside=len(nodes) < len(ends)),
        fixes=(_set_id(case),),
    )


def _may_have_one_address(case: Case, nodes: list[str]) -> bool:
    """Whether nodes that have IPv4 peers have none for each other: so it is where their IPv4 address is one.

    With resources the addresses themselves tell (duplicates.py).
    """
    if case.resources is not None or Family.IPV4 not in case.cluster.families:
        return False
    between = [SessionKey.between(Family.IPV4, a, b) for a, b in combinations(nodes, 2)]
    return not any(key in case.cluster.sessions and case.cluster.sessions[key].rows for key in between)


def _one_address(case: Case, nodes: list[str], keys: frozenset[SessionKey]) -> Candidate:
    over_ipv4 = frozenset(key for name in nodes for key in case.bad_keys(name, Family.IPV4))
    astray = frozenset(key for key in over_ipv4 if case.signals[key].both <= ASTRAY)
    isolated = (finding for finding, node, _ in case.of_each_node("isolated-node") if node in nodes)
    return Candidate(
        kind="duplicate-address",
        subjects=tuple(NodeSubject(node=name) for name in nodes),
        title=Words("or_router_id", nodes=nodes),
        explanation="BIRD's router ID is the node's IPv4 address unless CALICO_ROUTER_ID says otherwise, and over IPv4 "
        "a node never peers with its own address.",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(keys | astray)
        | _between(case, frozenset(nodes))
        | frozenset(f.id for f in isolated if case.keys_of[f.id] <= astray),
        evidence=_evidence(case, nodes, keys),
        keys=keys | astray,
        decide=(
            decision(
                "calicoctl get nodes -o wide",
                None,
                (f"one IPv4 address at {some(nodes)}", "give each the address that its host has"),
                ("different ones", "CALICO_ROUTER_ID gives them one ID: unset it, or set it to hash"),
            ),
            *_ask_for_ids(case, nodes, Family.IPV6),
        ),
        fixes=(
            Fix(
                label="right address",
                summary="let each node have the IPv4 address of its own host; where they have, a router ID of its own",
                risk=Risk.RESTARTS_SESSIONS,
                restarts=case.pods.ended_by(nodes),
            ),
        ),
        what="one address or router ID",
    )


def _evidence(case: Case, nodes: list[str], keys: frozenset[SessionKey]) -> tuple[str, ...]:
    family = min(keys).family
    addresses = (f"{name}: BGP address {address_of(case, name, family) or 'not known'}" for name in nodes)
    return (*addresses, *rows_of(case, keys))


def _ask_for_ids(case: Case, nodes: list[str], family: Family, *, outside: bool = False) -> tuple[Decision, ...]:
    """See the IDs. A device outside may refuse one that is no host's address (RFC 4271, section 6.2), as hashes are."""
    reserved = ("Router ID is 224.0.0.0 or above", "the device refuses it as it is: give the node another one")
    return tuple(
        decision(
            case.pods.birdcl(name, family, "show status"),
            None,
            ("Router ID is ...", "compare with the others"),
            *((reserved,) if outside else ()),
        )
        for name in nodes
    )


def _between(case: Case, ends: frozenset[str]) -> frozenset[str]:
    """Findings about peers that the nodes lack: with one IPv4 address, which is their ID, they do not peer at all."""
    return frozenset(
        finding.id for finding, subject in case.about(SessionSubject, "peer-missing") if {subject.a, subject.b} <= ends
    )
