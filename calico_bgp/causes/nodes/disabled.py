"""A peer that BIRD has and keeps disabled, or that its file lost: calicoctl shows neither (calicoctl, node/status.go).

The far end's last error tells the two apart, until it dials again: `Administrative shutdown` or `Peer de-configured`
(RFC 4486).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.network.silence import by_pair, families_of
from calico_bgp.causes.nodes.protocols import (
    Protocol,
    enable,
    is_behind,
    look_at,
    protocols_of_mesh,
    wanted_protocols,
)
from calico_bgp.causes.nodes.young import is_newcomer
from calico_bgp.causes.peering.refusals import refused_nodes
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, rows_of
from calico_bgp.cluster.sessions.own_list import Listed
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.once import once


class _Pair(NamedTuple):
    """Two nodes of which one does not show the other.

    Attributes:
        lacking: The end that shows no row, or a disabled one.
        far: The other.
        keys: Their sessions.
        protocols: BIRD's names of the peer at `lacking`, as far as they are known.
        signals: What either says.
    """

    lacking: str
    far: str
    keys: frozenset[SessionKey]
    protocols: list[Protocol]
    signals: set[Signal]


@cause(
    "disabled-peer",
    title="A peer is disabled in BIRD",
    what="peer disabled in BIRD",
    messages={
        "disabled": "the peer {peer} is disabled in BIRD on {node}",
        "missing": "{node} {node:does|do} not show {node:its|their} peer {peer} over "
        "{families:same}: disabled in BIRD, or lost",
        "all": "{peers:every peer} {peers:is|are} disabled in BIRD on {node}",
        "several": "{peers:count peer} are disabled in BIRD on {node}",
        "all_of": "{peers:every} {family:same} {peers:peer|peers} {peers:is|are} disabled in BIRD on {node}",
        "all_there": "all peers of {node}{family:same} are disabled in BIRD there",
    },
    meaning="Somebody ran `birdcl disable`. BIRD prints no state word for it, so calicoctl leaves the row out "
    "(calicoctl, node/status.go).",
    evidence="BIRD's own table: certain. `Received: Administrative shutdown` at the far end: likely. A missing row "
    "alone: possible.",
    look_alikes="A configuration that lacks the peer (confd-stuck). `birdcl show protocols` tells.",
    mending="`birdcl enable NAME`.",
    demos=("disabled-peer:node1,node5",),
)
@also("confd-stuck")
def disabled_peer(case: Case) -> Iterator[Candidate]:
    """One per pair of which one end shows no row, though it should have the peer, or a disabled one."""
    refused = refused_nodes(case)
    for (a, b), keys in by_pair(case.cluster.judged.bad).items():
        silent = _silent_end(case, keys)
        if silent is None:
            continue
        lacking, signals = silent
        if Signal.UNREACHABLE in signals:
            continue  # the far end cannot reach it: the node has another address
        far = b if lacking == a else a
        is_shown = Signal.DISABLED in signals
        protocols = wanted_protocols(case, lacking, keys)
        # A peer that the resources do not ask for is a one-sided peering; a node that lacks more is cause confd-stuck.
        if not is_shown and (case.cluster.expectation is not None and not protocols):
            continue
        if lacking in refused or is_behind(case, lacking):
            continue
        if keys <= lacking_several(case).get(lacking, frozenset()):
            continue  # not so many peers that somebody disabled by hand: see emptied.py
        pair = _Pair(lacking, far, keys, protocols or protocols_of_mesh(case, far, keys), signals)
        absent = all(case.listed(key, lacking) is Listed.ABSENT for key in keys)
        is_lost = absent or (bool(protocols) and _is_lost(case, pair))
        yield _lost(case, pair, absent=absent) if is_lost else _disabled(case, pair)


@once
def lacking_several(case: Case) -> dict[str, frozenset[SessionKey]]:
    """Node → its sessions with two or more nodes that show it as a peer and that it does not show. By tables alone."""
    by_node: dict[str, set[SessionKey]] = defaultdict(set)
    if case.cluster.expectation is not None:
        return {}
    for keys in by_pair(case.cluster.judged.bad).values():
        silent = _silent_end(case, keys)
        if silent is not None and silent[1].isdisjoint({Signal.DISABLED, Signal.STOPPED_THERE, Signal.UNREACHABLE}):
            by_node[silent[0]] |= keys
    return {name: frozenset(keys) for name, keys in by_node.items() if len({key.far(name) for key in keys}) > 1}


def _is_lost(case: Case, pair: _Pair) -> bool:
    """Whether the file lacks the peer: the far end was told so, or is new, so that the session never stood."""
    if not pair.signals.isdisjoint({Signal.DISABLED, Signal.STOPPED_THERE}):
        return False
    return Signal.DECONFIGURED_THERE in pair.signals or is_newcomer(case, pair.far, pair.keys)


def _lost(case: Case, pair: _Pair, *, absent: bool) -> Candidate:
    """The file lacks the peer.

    Args:
        case: The case.
        pair: Who lacks whom.
        absent: Whether BIRD's own list says so. Without resources the far end may as well have a peer too many.
    """
    lacking, far, keys, protocols, signals = pair
    deconfigured = Signal.DECONFIGURED_THERE in signals
    has_resources = case.cluster.expectation is not None
    return Candidate(
        kind="confd-stuck",
        subjects=(NodeSubject(node=lacking),),
        title=Words("lost" if has_resources else "absent", node=lacking, peer=far),
        explanation=f"BIRD on {lacking} has no protocol for {far}, not even a disabled one: its file lacks it."
        if absent
        else f"{far} was told `Peer de-configured`: the file of BIRD on {lacking} lacks it."
        if deconfigured
        else f"All other sessions of {far} began when this one should have: it is new, and the others have followed. "
        f"confd on {lacking} has not.",
        confidence=Confidence.LIKELY if has_resources and (deconfigured or absent) else Confidence.POSSIBLE,
        explains=case.explained_by(keys),
        evidence=rows_of(case, keys),
        keys=keys,
        decide=(case.pods.log_of(lacking), *(() if absent else (look_at(case, lacking, keys, protocols),))),
        fixes=(case.pods.restart(lacking, f"restart calico-node on {lacking}, so that confd writes the file anew"),),
    )


def _disabled(case: Case, pair: _Pair) -> Candidate:
    lacking, far, keys, protocols, signals = pair
    is_shown, stopped = Signal.DISABLED in signals, Signal.STOPPED_THERE in signals
    return Candidate(
        kind="disabled-peer",
        subjects=tuple(SessionSubject.between(key.a, key.b, key.family) for key in sorted(keys)),
        title=Words("disabled", node=lacking, peer=far)
        if is_shown or stopped
        else Words("missing", node=lacking, peer=far, families=families_of(keys)),
        explanation="BIRD prints no state word for a disabled peer (`birdcl disable`), so calicoctl leaves the row out."
        + (
            " The far end was told that the session was shut down on purpose."
            if stopped
            else ""
            if is_shown
            else " What the far end was told at the end is gone: it has dialled since. A file that lacks the peer "
            "looks the same then."
        ),
        confidence=Confidence.CERTAIN if is_shown else Confidence.LIKELY if stopped else Confidence.POSSIBLE,
        explains=case.explained_by(keys),
        evidence=rows_of(case, keys),
        keys=keys,
        decide=() if is_shown else (look_at(case, lacking, keys, protocols),),
        fixes=(
            enable(case, lacking, keys, protocols),
            *(
                ()
                if is_shown or stopped
                else (case.pods.restart(lacking, f"where BIRD on {lacking} does not know it: restart"),)
            ),
        ),
    )


@also("disabled-peer")
def disabled_everywhere(case: Case) -> Iterator[Candidate]:
    """A node that has disabled all its peers of a family, or several, while BIRD runs.

    BIRD's own table shows them so; where calicoctl was asked it shows none, and far ends were told so.
    """
    deviations = {deviation.node: deviation for deviation in case.cluster.judged.deviations.behind}
    # An address that is no known node's may be a device's, and no command finds the pod there.
    for name in sorted(case.bad_of.keys() & case.cluster.by_name.keys()):
        deviation = deviations.get(name)
        if not is_shut_down(case, name) or (deviation and (deviation.unexpected or deviation.mistyped)):
            continue
        keys = _shut_down_keys(case, name)
        are_shown = _are_shown_disabled(case, name, keys)
        if deviation is None and not are_shown and case.of_node(name, "isolated-node"):
            continue  # see emptied.py
        lacked = () if deviation is None else deviation.missing
        protocols = [Protocol(peer.family, peer.name) for peer in lacked] or _protocols(case, name, keys)
        title, only = _how_many(case, name, keys)
        yield Candidate(
            kind="disabled-peer",
            subjects=(NodeSubject(node=name, family=only),),
            title=title,
            explanation="BIRD runs there and shows all of them as `down`: somebody ran `birdcl disable`."
            if are_shown
            else "BIRD runs there, shows none of them, and told far ends `Administrative shutdown`: "
            "somebody ran `birdcl disable`. A file that lost them says `Peer de-configured` instead.",
            confidence=Confidence.CERTAIN if are_shown else Confidence.LIKELY,
            explains=case.explained_by(keys) | case.of_node(name, "configuration-behind", "isolated-node"),
            evidence=rows_about(case, name, keys),
            keys=keys,
            decide=() if are_shown else (look_at(case, name, keys, protocols),),
            fixes=(enable(case, name, keys, protocols),),
        )


def _how_many(case: Case, name: str, keys: frozenset[SessionKey]) -> tuple[Words, Family | None]:
    """The title, and the family where only the peers of one are disabled and the node has others."""
    families = {key.family for key in keys}
    up = {key.family for key in case.up_keys(name)}
    only = only_family(families) if up and len(case.cluster.families) > 1 else None
    if up & families:
        return Words("several", peers=len(keys), node=name), only
    if only is not None:
        return Words("all_of", peers=len(keys), family=only, node=name), only
    return Words("all", peers=len(keys), node=name), only


def _protocols(case: Case, name: str, keys: frozenset[SessionKey]) -> list[Protocol]:
    """BIRD's names of these peers at the node; nothing where one is not known."""
    of_mesh = [protocols_of_mesh(case, key.far(name), [key]) for key in sorted(keys)]
    known = [protocol for protocols in of_mesh for protocol in protocols] if all(of_mesh) else []
    return wanted_protocols(case, name, keys) or known


def is_shut_down(case: Case, name: str) -> bool:
    """Whether the node shut several sessions of a family down on purpose, and has no trouble besides."""
    keys = _shut_down_keys(case, name)
    return bool(keys) and keys == case.bad_keys(name)


def _shut_down_keys(case: Case, name: str) -> frozenset[SessionKey]:
    """The sessions of each family that are disabled, by the node's own list, or by the word of two far ends or more.

    Other far ends may have dialled since: a BIRD without an enabled peer does not listen and so refuses them, one that
    has others, such as a switch, closes the connection.
    """
    shut_down: set[SessionKey] = set()
    for family in Family:
        keys = case.bad_keys(name, family) & _hidden_keys(case).get(name, frozenset())
        has_others = case.up_keys(name, family)
        signal_of = {key.far(name): case.far_signal(name, key) for key in keys}
        stopped = [far for far, signal in signal_of.items() if signal is Signal.STOPPED_THERE]
        since = {Signal.CLOSED} if has_others else {Signal.CLOSED, Signal.REFUSED}
        say_so = len(stopped) > 1 and set(signal_of.values()) <= {Signal.STOPPED_THERE, *since}
        if len(keys) > 1 and (say_so or _are_shown_disabled(case, name, keys)):
            shut_down |= keys
    return frozenset(shut_down)


@once
def _hidden_keys(case: Case) -> dict[str, set[SessionKey]]:
    """End → its bad sessions for which it shows no row, or a disabled one."""
    keys_of: dict[str, set[SessionKey]] = defaultdict(set)
    for key, session in case.cluster.judged.bad.items():
        signals = case.signals[key]
        for end, signal in ((session.a, signals.a), (session.b, signals.b)):
            if end.lacks_row or signal is Signal.DISABLED:
                keys_of[end.name].add(key)
    return dict(keys_of)


def _are_shown_disabled(case: Case, name: str, keys: Collection[SessionKey]) -> bool:
    """Whether BIRD's own table on the node shows all of them as disabled."""
    return all(case.far_signal(key.far(name), key) is Signal.DISABLED for key in keys)


def _silent_end(case: Case, keys: frozenset[SessionKey]) -> tuple[str, set[Signal]] | None:
    """The end that shows no row, or a disabled one, while the other has the peer; and what that one says."""
    if not {end for key in keys for end in (key.a, key.b)} <= case.cluster.by_name.keys():
        return None
    signals_of: dict[str, set[Signal]] = defaultdict(set)
    for key in keys:
        session = case.cluster.judged.bad[key]
        signals = case.signals[key]
        for end, other, own_signal in ((session.a, session.b, signals.a), (session.b, session.a, signals.b)):
            if own_signal is Signal.DISABLED or (end.lacks_row and other.rows):
                signals_of[end.name] |= signals.both
    return next(iter(signals_of.items())) if len(signals_of) == 1 else None
