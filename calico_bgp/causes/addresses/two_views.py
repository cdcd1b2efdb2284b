"""Cause, without resources: both ends of mesh sessions wait, for they do not agree on the address of one of them.

In the mesh the end with the smaller address, compared as text, waits (confd, bgp_processor.go processMeshPeers). Two
ends that both wait compare different pairs: one takes itself for another address than the other has for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.network.dialling import only_waits
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import address_of, rows_about
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.natural_order import natural_key

#: What an end says that is dialled from an address it does not know, or that dials one that nobody answers at.
ASTRAY = frozenset({Signal.SILENT, Signal.CLOSED, Signal.RESET, Signal.TIMED_OUT, Signal.UNREACHABLE})


@also("wrong-address")
def another_view(case: Case) -> Iterator[Candidate]:
    """One per node and family that has a part in all such sessions, and more of them down than the far ends have."""
    if case.cluster.expectation is not None:
        return
    waiting: dict[Family, set[SessionKey]] = defaultdict(set)
    for key in case.cluster.judged.bad:
        if _waits_at_both_ends(case, key):
            waiting[key.family].add(key)
    for family, keys in waiting.items():
        for name in sorted(set.intersection(*({key.a, key.b} for key in keys))):
            own_keys = case.bad_keys(name, family)
            fewer = all(len(case.bad_keys(key.far(name), family)) < len(own_keys) for key in keys)
            address = address_of(case, name, family)
            if fewer and address is not None and case.all_signals(own_keys) <= ASTRAY:
                yield _candidate(case, name, address, frozenset(keys), own_keys)


def _waits_at_both_ends(case: Case, key: SessionKey) -> bool:
    session = case.cluster.session(*key)
    if session.peer_types != {PeerType.MESH} or case.signals[key].both != {Signal.SILENT}:
        return False
    return all(end.rows and only_waits(case, end.name, key) for end in session.ends)


def _candidate(
    case: Case, name: str, address: str, waiting: frozenset[SessionKey], keys: frozenset[SessionKey]
) -> Candidate:
    fars = sorted({key.far(name) for key in waiting}, key=natural_key)
    anew = f"once its address is right: restart calico-node on {name}; when it starts it finds the address that the "
    anew += "host has and writes it into its Node, unless IP in its environment says otherwise"
    return Candidate(
        kind="wrong-address",
        subjects=(NodeSubject(node=name),),
        title=Words("another_view", node=name, far=tuple(fars), address=address),
        explanation="In the mesh the end with the smaller address waits. Both wait where the node takes itself for "
        "another address than its peers have for it.",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(keys) | case.of_node(name, "isolated-node"),
        evidence=rows_about(case, name, keys),
        keys=keys,
        decide=(
            decision(
                "calicoctl get nodes -o wide",
                None,
                (f"{name} beside another node's address", "two nodes have one address: each needs its own"),
                (f"{name} beside an address on no interface that the nodes share", "autodetection took a wrong one"),
                (f"{name} beside {address}", f"BIRD there, or its peers, did not follow: see confd's log on {name}"),
            ),
        ),
        fixes=(case.pods.restart(name, anew),),
    )
