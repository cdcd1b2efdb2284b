"""Causes in the network that cut some nodes off from some others; hosts.py has those that cut one off from all.

Two groups of nodes that do not reach each other, or a node that reaches only some of its peers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.network.dialling import only_dials, only_waits
from calico_bgp.causes.network.hosts import network_fix, ping
from calico_bgp.causes.network.silence import (
    by_pair,
    families_of,
    is_up_in,
    islands,
    shared_by,
    silent_keys,
)
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.peering.as_groups import two_groups
from calico_bgp.causes.peering.password_facts import NEVER_HEARD, unmatched_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, rows_of
from calico_bgp.cluster.sessions.session import SessionKey, by_end
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import some
from calico_bgp.model.peer import only_family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.once import once

#: Errors of an end whose own kernel sends no packet.
_NO_WAY = frozenset({Signal.UNREACHABLE, Signal.FORBIDDEN, Signal.CLOSED})


@also("partition")
def partial_partition(case: Case) -> Iterator[Candidate]:
    """Two groups of nodes that do not reach each other, while others reach both."""
    silent_sessions = _silent_sessions(case)
    if not silent_sessions or islands(case, silent_sessions):
        return
    for few, many, keys in (*two_groups(silent_sessions), *_racks(case, silent_sessions)):
        signals = case.all_signals(keys)
        if signals <= {Signal.SILENT} or any(_has_more(case, name, keys) for name in (*few, *many)):
            continue
        group, others = (many, few) if _shared_place(case, many) and not _shared_place(case, few) else (few, many)
        place = _shared_place(case, group)
        yield Candidate(
            kind="partition",
            subjects=tuple(NodeSubject(node=name) for name in group),
            title=Words("partial", nodes=group, what=f" ({place})" if place else None, rest=others),
            explanation="Every session between the two groups is silent, and no other is. All nodes run, and all have "
            "other sessions: what lies between the two groups passes no BGP.",
            confidence=Confidence.LIKELY,
            explains=case.explained_by(keys),
            evidence=rows_of(case, keys),
            keys=keys,
            decide=(ping(case, min(keys)),),
            fixes=(network_fix(case, keys, f"between {some(group)} and {some(others)}"),),
        )


@also("host-network-cut")
def partly_cut(case: Case) -> Iterator[Candidate]:
    """A node that reaches only some of its peers, which all reach one another: its routes, netmask or firewall."""
    silent_sessions = _silent_sessions(case)
    for name, keys in sorted(by_end(silent_sessions).items()):
        families = {key.family for key in keys}
        fars = sorted({key.far(name) for key in keys})
        signals = case.all_signals(keys)
        if len(fars) < 2 or not case.is_read(name) or signals <= {Signal.SILENT}:
            continue
        others = _mostly_down(case) - {name}
        if not is_up_in(case, name, families) or len({*fars} - others) < 2:
            continue
        if any(_has_more(case, far, keys, but=others) for far in {*fars} - others):
            continue
        if signals <= NEVER_HEARD and _is_one_way(case, name, keys):
            continue  # a firewall, or passwords: see firewalls.py
        # Where the far end finds no way either, neighbour discovery got no answer on the wire between the two.
        sure = any(_own(case, name, key) in _NO_WAY and _own(case, key.far(name), key) not in _NO_WAY for key in keys)
        yield Candidate(
            kind="host-network-cut",
            subjects=(NodeSubject(node=name, family=only_family(families)),),
            title=Words("partly", node=name, number=len(fars), families=families_of(keys), peers=fars),
            explanation="These peers reach each other and all the rest, so it is this node's routes, its netmask or "
            "its firewall: what it sends to them, or they to it, gets lost.",
            confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
            explains=case.explained_by(keys),
            evidence=rows_about(case, name, keys),
            keys=keys,
            decide=(ping(case, min(keys), on=name),),
            fixes=(
                network_fix(
                    case, keys, f"of {name} (ip route get ADDRESS says where it sends what is meant for a peer)"
                ),
            ),
        )


def _silent_sessions(case: Case) -> frozenset[SessionKey]:
    return silent_keys(case) - unmatched_keys(case) - young_keys(case)


def _own(case: Case, name: str, key: SessionKey) -> Signal | None:
    signals = case.signals[key]
    return signals.a if key.a == name else signals.b


def _shared_place(case: Case, names: Collection[str]) -> str | None:
    return shared_by(case, frozenset(names))


def _has_more(case: Case, name: str, keys: Collection[SessionKey], but: Collection[str] = ()) -> bool:
    """Whether a node has other bad sessions, or none that is up: then the node is at fault, not the network between.

    Those with the nodes of `but` count for nothing: they have a fault of their own.
    """
    return any(key.far(name) not in but for key in case.bad_keys(name) - set(keys)) or not case.up_keys(name)


@once
def _mostly_down(case: Case) -> frozenset[str]:
    """The nodes of which more sessions are down than up."""
    return frozenset(name for name in case.bad_of if len(case.bad_keys(name)) > len(case.up_keys(name)))


def _is_one_way(case: Case, name: str, keys: Collection[SessionKey]) -> bool:
    """Whether a node dials in all these sessions, or is dialled in all."""
    return all(only_waits(case, name, key) for key in keys) or all(only_dials(case, name, key) for key in keys)


def _racks(
    case: Case, silent_sessions: Collection[SessionKey]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], frozenset[SessionKey]]]:
    """One node, and two or more that it does not reach and that share a rack, a zone or a network."""
    pairs = by_pair(silent_sessions)
    for name in sorted({end for pair in pairs for end in pair}):
        fars = frozenset(other for pair in pairs if name in pair for other in pair if other != name)
        keys = frozenset(key for key in silent_sessions if name in {key.a, key.b})
        # All in one direction: that is what a firewall of the node looks like, see firewalls.py.
        if not _is_one_way(case, name, keys) and shared_by(case, fars):
            yield (name,), tuple(sorted(fars)), keys
