"""Expected peers as the ends of sessions, and which two of them come up together. Chooses no source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Address, PeerType
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.routes.network.holding.held import Held
from calico_bgp.routes.network.sessions import BGPSession, EndSettings, SessionEnd
from calico_bgp.upstream import BGP_PORT

#: What an end of a session takes from its protocol.
_settings_of = attrgetter("local_as", "peer_as", "reflector_client", "cluster_id", "allowed_local_as", "next_hop")


class Shared:
    """Makes each EndSettings once: a mesh of 1,000 nodes has a million ends and a handful of settings.

    Args:
        held: What a protocol holds back; None for nothing.
    """

    def __init__(self, held: Callable[[ExpectedPeer], Held | None] | None = None) -> None:
        self._met: dict[EndSettings, EndSettings] = {}
        self._by_peer: dict[object, EndSettings] = {}
        self._held = held

    def __call__(self, settings: EndSettings) -> EndSettings:
        """The settings that are equal to these."""
        return self._met.setdefault(settings, settings)

    def of(self, peer: ExpectedPeer) -> EndSettings:
        """What a protocol looks like. Calico's template writes `add paths on` for every peer (bird.cfg.template)."""
        held = None if self._held is None else self._held(peer)
        key = held, _settings_of(peer)
        settings = self._by_peer.get(key)
        if settings is None:
            settings = self._by_peer[key] = self(
                EndSettings(
                    local_as=peer.local_as,
                    peer_as=peer.peer_as,
                    client=peer.reflector_client,
                    cluster_id=peer.cluster_id,
                    allowed_local_as=peer.allowed_local_as,
                    next_hop=peer.next_hop,
                    held=held,
                )
            )
        return settings

    def of_nodes(self, resources: Resources, near: CalicoNode | None, far: CalicoNode | None) -> EndSettings:
        """As Calico configures two nodes that know each other's cluster ID (confd, bgp_processor.go), at `near`."""
        numbers, ids = [], []
        for node in (near, far):
            own = node.as_number if node is not None else None
            numbers.append(resources.as_number if own is None else own)
            ids.append(node.cluster_id if node is not None else None)
        client = ids[0] is not None and numbers[0] == numbers[1] and ids[0] != ids[1]
        return self(EndSettings(numbers[0], numbers[1], client, ids[0] if client else None))


class Listening:
    """The TCP ports that nodes listen on: their own listenPort, else the global one, else 179."""

    def __init__(self, resources: Resources) -> None:
        config = resources.global_config
        self._own = resources.listen_ports
        self._default = (config.listen_port if config is not None else None) or BGP_PORT

    def __call__(self, node: str) -> int:
        """The port of a node."""
        return self._own.get(node, self._default)


class Joint(NamedTuple):
    """The session between two nodes, as far as resources tell it.

    Attributes:
        certain: It, with settings that hold for certain; None when it cannot come up, or is not one thing.
        possible: What it may be; several where a node has two protocols for the neighbour and BIRD runs one of them.
    """

    certain: BGPSession | None
    possible: tuple[BGPSession, ...]


def join(
    near_peers: Sequence[ExpectedPeer],
    far_peers: Sequence[ExpectedPeer],
    listening: Callable[[str], int],
    ends: tuple[SessionEnd, SessionEnd],
    shared: Shared,
) -> Joint:
    """Join the protocols of two nodes for each other.

    Args:
        near_peers: Those of one node.
        far_peers: Those of the other.
        listening: The TCP port of a node.
        ends: Both ends; only who and where is taken from them.
        shared: Makes the settings.
    """
    joined = [
        session_of(ends, shared.of(near), shared.of(far))
        for near in near_peers
        for far in far_peers
        if comes_up(near, far, listening)
    ]
    sessions = tuple(joined if len(joined) == 1 else dict.fromkeys(joined))
    if len(sessions) == 1:
        return Joint(sessions[0], sessions)
    if len({_without_allowance(session) for session in sessions}) != 1:
        return Joint(None, sessions)
    # What is allowed for certain is the least of all.
    return Joint(min(sessions, key=_allowance), sessions)


def session_of(ends: tuple[SessionEnd, SessionEnd], a: EndSettings, b: EndSettings) -> BGPSession:
    """The session of two ends with these settings."""
    return BGPSession(SessionEnd(ends[0].node, ends[0].address, a), SessionEnd(ends[1].node, ends[1].address, b))


def comes_up(our: ExpectedPeer, their: ExpectedPeer, listening: Callable[[str], int]) -> bool:
    """Whether two protocols make a session: the AS numbers agree, and one end dials where the other listens.

    Equal router IDs are the caller's to look at.
    """
    if not our.peer_as or our.local_as != their.peer_as or their.local_as != our.peer_as:
        return False
    return _reaches(our, their.node, listening) or _reaches(their, our.node, listening)


def _reaches(peer: ExpectedPeer, far: str, listening: Callable[[str], int]) -> bool:
    return not peer.passive and _dials(peer, far, listening)


def is_decided_by_order(
    near_peers: Sequence[ExpectedPeer], far_peers: Sequence[ExpectedPeer], listening: Callable[[str], int]
) -> bool:
    """Whether it may depend on the order of two addresses if a session comes up.

    In the mesh, and with a global BGPPeer that is a node, the end with the lower address waits. That matters where only
    one of the two dials the port on which the other listens.
    """
    return any(
        _dials(near, far.node, listening) != _dials(far, near.node, listening)
        and {near.peer_type, far.peer_type} != {PeerType.NODE}
        for near in near_peers
        for far in far_peers
    )


def _dials(peer: ExpectedPeer, far: str, listening: Callable[[str], int]) -> bool:
    """Whether a protocol dials the right port, if it dials."""
    return (peer.port or BGP_PORT) == listening(far)


def _without_allowance(session: BGPSession) -> tuple[EndSettings, ...]:
    return tuple(end.settings._replace(allowed_local_as=0) for end in session)


def _allowance(session: BGPSession) -> tuple[int, ...]:
    return tuple(end.settings.allowed_local_as for end in session)


def one_or_both(
    certain: Iterable[BGPSession], possible: Iterable[BGPSession]
) -> tuple[tuple[BGPSession, ...], tuple[BGPSession, ...] | None]:
    """Both sets for a Network: the second is None where it is no other than the first."""
    first, second = tuple(certain), tuple(possible)
    return first, None if first == second else second


def end_of(node: str, address: Address | None) -> SessionEnd:
    """An end whose settings are still to come."""
    return SessionEnd(node, address, EndSettings(0, 0))
