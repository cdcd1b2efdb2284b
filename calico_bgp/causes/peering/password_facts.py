"""Silent sessions and passwords: which have one, at which end, and which node took a new one. Facts only.

A password that changed restarts the session (BIRD proto/bgp/bgp.c, bgp_reconfigure): the far end is told `Other
configuration change` (RFC 4486), and hears nothing afterwards, for its kernel drops what is not signed right (RFC
2385).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from calico_bgp.causes.case import Case
from calico_bgp.causes.network.silence import by_pair, silent_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.cluster.sessions.session import SessionKey, connected_groups
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.reports.cause import Decision
from calico_bgp.once import once

#: Errors of an end that never had an answer: the session never stood, so no hold time ran out.
NEVER_HEARD = frozenset({Signal.SILENT, Signal.TIMED_OUT})

#: The same where the session stood before one end took another configuration.
_NOT_HEARD_SINCE = NEVER_HEARD | {Signal.RECONFIGURED_THERE}

#: (kind, name) of a resource that makes peers.
Maker = tuple[str, str]


@dataclass(frozen=True)
class Halves:
    """Sessions that ended because one end took another configuration, and that are silent since.

    Attributes:
        stale: The nodes that were told so: they have the old configuration.
        fresh: Those that took the new one.
        keys: The sessions between the two.
    """

    stale: tuple[str, ...]
    fresh: tuple[str, ...]
    keys: frozenset[SessionKey]


@once
def passworded_keys(case: Case) -> frozenset[SessionKey]:
    """Silent sessions that have a password by Calico's resources, and of which neither end ever heard the other."""
    passworded: set[SessionKey] = set()
    for keys in by_pair(silent_keys(case)).values():
        if case.all_signals(keys) <= NEVER_HEARD and makers_with(case, keys):
            passworded |= keys
    return frozenset(passworded)


@once
def reconfigured_keys(case: Case) -> frozenset[SessionKey]:
    """Silent sessions that one end ended to take another configuration, and that have not been up since."""
    return frozenset(
        key
        for key in silent_keys(case)
        if Signal.RECONFIGURED_THERE in (signals := case.signals[key].both) and signals <= _NOT_HEARD_SINCE
    )


@once
def unmatched_keys(case: Case) -> frozenset[SessionKey]:
    """Silent sessions of which a password is the likely reason: the network's families leave them out."""
    return passworded_keys(case) | reconfigured_keys(case)


def halves(case: Case, keys: Iterable[SessionKey]) -> Iterator[Halves]:
    """Reconfigured sessions in connected groups, where it is clear which nodes changed: none was also told so."""
    for _, group in connected_groups(keys):
        stale: set[str] = set()
        fresh: set[str] = set()
        for key in group:
            signals = case.signals[key]
            for end, signal in ((key.a, signals.a), (key.b, signals.b)):
                if signal is Signal.RECONFIGURED_THERE:
                    stale.add(end)
                    fresh.add(key.far(end))
        if not stale & fresh:
            yield Halves(tuple(sorted(stale)), tuple(sorted(fresh)), frozenset(group))


def has_peer_of_both(case: Case, half: Halves) -> bool:
    """Whether another node has a mesh session to each side: the mesh has one password, so it differs nowhere.

    Seen with real BIRDs: a node that took another node's address ends its sessions for another configuration as well.
    """
    return any(_mesh_peers(case, key.a, key.family) & _mesh_peers(case, key.b, key.family) for key in half.keys)


def _mesh_peers(case: Case, name: str, family: Family) -> set[str]:
    """Who has a mesh session to it that is up."""
    return {
        key.far(name)
        for key in case.up_keys(name)
        if key.family is family and case.cluster.session(*key).peer_types <= {PeerType.MESH}
    }


def one_sided(case: Case) -> dict[tuple[Maker, Maker], frozenset[SessionKey]]:
    """(resource with a password, resource without) → the silent sessions that have the one at each end."""
    by_makers: dict[tuple[Maker, Maker], set[SessionKey]] = defaultdict(set)
    for key in silent_keys(case):
        ends = {peer.node: _maker(peer) for peer in case.cluster.expected_peers.get(key, ())}
        having = [maker for maker in ends.values() if maker in secret_makers(case)]
        lacking = [maker for maker in ends.values() if maker is not None and maker not in secret_makers(case)]
        if len(having) == len(lacking) == 1 and case.signals[key].both <= _NOT_HEARD_SINCE:
            by_makers[having[0], lacking[0]].add(key)
    return {makers: frozenset(keys) for makers, keys in sorted(by_makers.items())}


def _maker(peer: ExpectedPeer) -> Maker | None:
    """The resource that made this end; None where several did, which may say different things."""
    makers = {(because.kind, because.name) for because in peer.because}
    return next(iter(makers)) if len(makers) == 1 else None


def makers_of(case: Case, keys: Collection[SessionKey]) -> set[Maker]:
    """The resources that make these sessions."""
    return {
        (because.kind, because.name)
        for key in keys
        for peer in case.cluster.expected_peers.get(key, ())
        for because in peer.because
    }


def makers_with(case: Case, keys: Collection[SessionKey]) -> list[str]:
    """Those of them that set a password, in words."""
    return [f"{kind} {name}" for kind, name in sorted(makers_of(case, keys) & secret_makers(case))]


@once
def secret_makers(case: Case) -> frozenset[Maker]:
    """The resources that set a password."""
    resources = case.resources
    if resources is None:
        return frozenset()
    makers = {("BGPPeer", peer.name) for peer in resources.bgp_peers if peer.has_password}
    if resources.global_config is not None and resources.global_config.has_node_mesh_password:
        makers.add(("BGPConfiguration", resources.global_config.name))
    return frozenset(makers)


def kernel_log(near: str, far: str) -> Decision:
    """Ask the kernel whether signatures did not fit."""
    return decision(
        "sudo dmesg | grep -i 'MD5'",
        near,
        ("MD5 Hash failed, not found or unexpected", f"{near} and {far} have different passwords, or one has none"),
        (f"nothing, neither on {near} nor at the far end", "a firewall drops TCP port 179"),
    )
