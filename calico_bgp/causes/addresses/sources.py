"""Cause: a node's connections come to its peers from another address than they know it by."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.dialling import only_dials
from calico_bgp.causes.network.silence import living_keys
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, tcp_port
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family, family_of
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject

#: Of a single session it is not known whether its far end is at fault.
_FEWEST = 2
_TURNED_AWAY = frozenset({Signal.CLOSED, Signal.RESET})
#: What an end says that waits: nothing, or how the session that stood before ended, for it dials none that could fail.
_WAITS = frozenset({Signal.SILENT, Signal.CLOSED, Signal.HELD})

_ITS_ADDRESS = (
    ("the address by which its peers dial it", "the host has it: see what its connections come from"),
    ("other addresses only", "Calico has the wrong address of this node"),
)
_FIND_ANEW = (
    "where the host has another address now: restart calico-node there, which finds it and writes it into the Node, "
    "unless IP in its environment says otherwise"
)


@cause(
    "other-source-address",
    title="A node's connections come from another address than its own",
    what="connections from another address",
    messages={
        "turned_away": "{number:count peer} of {node} {number:closes|close} its connections at once, though they have "
        "it as a peer and wait for it: these probably come from another address than its BGP address",
        "turned_away_or_lacks": "the connections of {node} to {number:count peer} end at once, though these have it as "
        "a peer and wait for it: they come from another address than its BGP address, or its host does not have that",
    },
    meaning="BIRD takes a connection only from an address that one of its peers has. Behind a NAT that rewrites what a "
    "host sends (masquerading, a cloud's NAT gateway, a CNI's own rules), or with `sourceAddress: None` in a BGPPeer "
    "on a host with several addresses, a node is a stranger to those that it dials; those that dial it have their "
    "sessions. Source: BIRD proto/bgp/bgp.c bgp_incoming_connection.",
    evidence="`Connection closed` or `Connection reset by peer` in all sessions that the node dials alone, while "
    "the far ends have it as a peer and wait; likely with two or more.",
    look_alikes="confd-stuck at a peer, which then has no row for the node; wrong-address, where nobody reaches the "
    "node either. The log of BIRD at a peer names the address: `Unexpected connect from unknown address`.",
    mending="No NAT for BGP between nodes, and no `sourceAddress: None` between them.",
    no_demo="No demo shows it: the lab's network rewrites no address.",
)
def other_source_address(case: Case) -> Iterator[Candidate]:
    """One per node and family all of whose own connections are turned away by peers that wait for it."""
    living = living_keys(case) - young_keys(case)
    for name, family in product(sorted(case.bad_of), Family):
        bad_keys = case.bad_keys(name, family)
        keys = frozenset(key for key in bad_keys & living if _is_turned_away(case, name, key))
        if len(keys) < _FEWEST or any(only_dials(case, name, key) for key in case.up_keys(name, family)):
            continue
        if any(not _is_turned_away(case, key.far(name), key) for key in bad_keys - keys):
            continue
        far, lacks = min(keys).far(name), _may_lack_its_address(case, name, family)
        yield Candidate(
            kind="other-source-address",
            subjects=(NodeSubject(node=name, family=family if len(case.cluster.families) > 1 else None),),
            title=Words("turned_away_or_lacks" if lacks else "turned_away", node=name, number=len(keys)),
            explanation="What the node dials itself is down, and what dials it is up, or there is none. A peer that "
            "knew the address would answer."
            + (" BIRD says the same where the host has not the address that BIRD is to dial from." if lacks else ""),
            confidence=Confidence.POSSIBLE if lacks else Confidence.LIKELY,
            explains=case.explained_by(keys) | case.of_node(name, "isolated-node"),
            evidence=(*rows_about(case, name, keys), f"{count(len(keys), 'peer')} wait for {name}"),
            keys=keys,
            decide=(
                *((decision("ip -brief address", name, *_ITS_ADDRESS),) if lacks else ()),
                decision(
                    "sudo ss -Hntp | grep bird; sudo conntrack -L -p tcp --dport 179; sudo nft list ruleset",
                    name,
                    ("a rule that masquerades, or another local address", "that is what the peers see"),
                    ("nothing", f"the log of BIRD on {far}: which address is unknown to it?"),
                ),
            ),
            fixes=(
                *((case.pods.restart(name, _FIND_ANEW),) if lacks else ()),
                Fix(
                    label="fix NAT",
                    summary=f"let {tcp_port(case, keys)} from {name} to other nodes leave with its BGP address: no "
                    "masquerading for it, and sourceAddress UseNodeIP in the BGPPeers between nodes",
                    risk=Risk.NONE,
                ),
            ),
        )


def _may_lack_its_address(case: Case, name: str, family: Family) -> bool:
    """Whether its own kernel may be what ends the connections: nobody finds the node, and its addresses are not known.

    bind() fails where the host has not the source address, and BIRD says `Connection closed` (bgp.c bgp_sock_err).
    """
    member = case.member(name)
    known = () if member is None else member.own_addresses
    said = {case.far_signal(key.far(name), key) for key in case.bad_keys(name, family)}
    return (
        Signal.RESET not in said
        and not case.up_keys(name, family)
        and not any(family_of(address) is family for address in known)
    )


def _is_turned_away(case: Case, name: str, key: SessionKey) -> bool:
    """Whether only this end dials, and the other has a row for it that says nothing."""
    if case.far_signal(key.far(name), key) not in _TURNED_AWAY or case.far_signal(name, key) not in _WAITS:
        return False
    return only_dials(case, name, key) and bool(case.cluster.session(*key).end(key.far(name)).rows)
