"""Sessions as the propagation walks them: ports on nodes, attributes as bits. No rule is applied here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, count

from calico_bgp.model.peer import Address
from calico_bgp.routes.network.holding.held import Held
from calico_bgp.routes.network.index import SessionIndex
from calico_bgp.routes.network.sessions import EndSettings, ExternalSession, SessionEnd

_NOTHING_HELD = Held()


class Port:
    """One end of a session, from which the other end can be reached.

    Attributes:
        number: Unique in its wiring.
        node: Whose end it is.
        far: The node at the other end.
        opposite: The other end's port.
        internal: Whether it is iBGP.
        local_as: As EndSettings has it.
        client: Likewise.
        cluster: The bit of its cluster ID; 0 where it is no client end.
        add_paths: Whether both ends speak add-paths.
        as_shift: Where the count of `local_as` stands in the bits of an AS_PATH.
        as_full: All bits of that count: as often as any receiver counts.
        as_limit: The bit that is set when a received AS_PATH holds `local_as` too often.
        rewrites: Whether what it sends gets its own address as next hop.
        address: Its address, or a stand-in that equals no other.
        router_id: Of its node, or a stand-in that equals no other.
        end: The settings, for words.
        sends_own: Whether its node's own route passes its export filter.
        sends_learned: Whether a learned one does.
        takes: Whether what comes passes its import filter.
        targets: The ports that may pass on what arrives here, by rules (a) and (c); filled in by Wiring.
    """

    __slots__ = (
        "add_paths",
        "address",
        "as_full",
        "as_limit",
        "as_shift",
        "client",
        "cluster",
        "end",
        "far",
        "internal",
        "local_as",
        "node",
        "number",
        "opposite",
        "rewrites",
        "router_id",
        "sends_learned",
        "sends_own",
        "takes",
        "targets",
    )

    def __init__(self, number: int, end: SessionEnd, far: SessionEnd, router_id: object, kind: int) -> None:
        settings = end.settings
        held = settings.held or _NOTHING_HELD
        self.sends_own = not held.own >> kind & 1
        self.sends_learned = not held.learned >> kind & 1
        self.takes = not held.incoming >> kind & 1
        self.number = number
        self.node = end.node
        self.far = far.node
        self.opposite = self
        self.end = end
        self.internal = settings.is_internal
        self.local_as = settings.local_as
        self.client = settings.client
        self.cluster = 0
        self.add_paths = settings.add_paths and far.settings.add_paths
        self.as_shift = self.as_full = self.as_limit = 0
        self.rewrites = settings.next_hop == "self" or (settings.next_hop is None and not self.internal)
        self.address: Address | tuple[str, str] = end.address or ("address of", end.node)
        self.router_id = router_id
        self.targets: tuple[Port, ...] = ()


@dataclass
class Wiring:
    """Nodes and the ports between them.

    Attributes:
        ports: Node → its ports.
        monotone: Whether every session has add-paths, so that more never means less.
        exits: Node → its ports towards unknowns, over which nothing spreads.
    """

    ports: dict[str, tuple[Port, ...]]
    monotone: bool
    exits: dict[str, tuple[Port, ...]]


def wiring_of(
    index: SessionIndex,
    nodes: Collection[str],
    more: Iterable[tuple[SessionEnd, SessionEnd]] = (),
    *,
    kind: int = 0,
) -> Wiring:
    """The wiring among some nodes.

    Args:
        index: The sessions.
        nodes: The nodes.
        more: Sessions beside these, also with nodes that the index does not know.
        kind: The kind of blocks whose routes are followed.
    """
    ports_of: dict[str, list[Port]] = {name: [] for name in nodes}
    numbers = count()
    for near, far in chain(index.among(nodes), more):
        one, other = (
            Port(next(numbers), end, opposite, index.router_ids.get(end.node) or ("router", end.node), kind)
            for end, opposite in ((near, far), (far, near))
        )
        one.opposite, other.opposite = other, one
        ports_of.setdefault(near.node, []).append(one)
        ports_of.setdefault(far.node, []).append(other)
    exits: dict[str, list[Port]] = {}
    for name in nodes:
        for external in index.externals.get(name, ()):
            one = Port(next(numbers), external.near, _unknown(external), index.router_ids[name], kind)
            one.opposite = Port(next(numbers), _unknown(external), external.near, ("router", external.far), kind)
            one.opposite.opposite = one
            exits.setdefault(name, []).append(one)
    _assign_bits([p for ports in (*ports_of.values(), *exits.values()) for p in ports])
    for name, ports in ports_of.items():
        _assign_targets(ports, (*ports, *exits.get(name, ())))
    return Wiring(
        {name: tuple(ports) for name, ports in ports_of.items()},
        index.monotone,
        {name: tuple(ports) for name, ports in exits.items()},
    )


def _unknown(session: ExternalSession) -> SessionEnd:
    """The far end of a session with an unknown, taken to be as open as can be."""
    near = session.near.settings
    return SessionEnd(session.far, None, EndSettings(near.peer_as, near.local_as))


def _assign_bits(ports: list[Port]) -> None:
    """Only what a receiver looks at gets bits: the local AS numbers, counted as far as matters, and the cluster IDs.

    A count is unary (2 is 0b11), so that "at most as often" is "a subset of the bits".
    """
    caps: dict[int, int] = {}
    clusters: dict[str | None, int] = {}
    for port in ports:
        caps[port.local_as] = max(caps.get(port.local_as, 0), port.end.settings.allowed_local_as + 1)
        if port.client:
            port.cluster = clusters.setdefault(port.end.settings.cluster_id, 1 << len(clusters))
    shifts: dict[int, int] = {}
    width = 0
    for number, cap in caps.items():
        shifts[number] = width
        width += cap
    for port in ports:
        port.as_shift = shifts[port.local_as]
        port.as_full = (1 << caps[port.local_as]) - 1
        port.as_limit = 1 << (port.as_shift + port.end.settings.allowed_local_as)


def _assign_targets(ports: Collection[Port], arrivals: Iterable[Port]) -> None:
    """Rule (c): what came over iBGP from no client goes over iBGP of the same local AS to clients only."""
    by_kind: dict[tuple[bool, int, bool], tuple[Port, ...]] = {}
    for port in arrivals:
        kind = (port.internal, port.local_as, port.client)
        if kind not in by_kind:
            by_kind[kind] = tuple(
                target
                for target in ports
                if not (
                    port.internal
                    and target.internal
                    and port.local_as == target.local_as
                    and not port.client
                    and not target.client
                )
            )
        port.targets = by_kind[kind]
