"""A node's routes as a snapshot keeps them: BIRD's table and the kernel's, reduced to what tells where packets go.

Values only. A mesh of 300 nodes has 90,000 paths of which most are equal on all nodes: equal ones are one object here,
and their JSON names only what is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BeforeValidator, InstanceOf, PlainSerializer, WithJsonSchema
from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.routes.bird_route import Destination
from calico_bgp.model.routes.kernel_route import BOOT, KernelHop, KernelRoute
from calico_bgp.prefixes import Prefix

#: Distinct routes of which one object is kept.
KEPT = 200_000


class TableRoute(NamedTuple):
    """One path in BIRD's table. BIRD may have several to a prefix, of which one is best.

    Attributes:
        prefix: Where it leads.
        destination: How.
        protocol: BIRD's protocol that it came from, `static1` or `Mesh_192_0_2_11`.
        gateway: For `via`; behind a reflector it is the client, not the peer.
        interface: For `via` and `dev`.
        from_peer: The peer's address where it is not the gateway: a reflector's.
        hops: The gateways of `multipath`.
        is_best: Whether packets take it.
        not_in_kernel: Whether it is best, and the kernel took another writer's route in its place (BIRD's `!`).
        is_resolved: False where the next hop cannot be resolved.
        is_stale: Whether it is kept from before a restart.
        preference: BIRD's, larger is better.
        origin_as: The last AS of its path; None for one of the own AS.
        communities: Of two numbers, and of three.
        originator_id: The router ID of the node whose route a reflector passed on.
        kernel_source: Of a route that BIRD learned from the kernel, the kernel's protocol number.
    """

    prefix: Prefix
    destination: Destination
    protocol: str
    gateway: Address | None = None
    interface: str | None = None
    from_peer: Address | None = None
    hops: tuple[Address, ...] = ()
    is_best: bool = False
    not_in_kernel: bool = False
    is_resolved: bool = True
    is_stale: bool = False
    preference: int = 0
    origin_as: int | None = None
    communities: tuple[tuple[int, ...], ...] = ()
    originator_id: str | None = None
    kernel_source: int | None = None


_RouteT = TypeVar("_RouteT", TableRoute, KernelRoute)

_UNSET: Mapping[str, Any] = TableRoute._field_defaults
_KERNEL_UNSET: Mapping[str, Any] = {
    "type": "unicast",
    "metric": 0,
    "hops": (),
    "is_onlink": False,
    "protocol": BOOT,
    "table": None,
}


def _shown(value: Any) -> Any:
    """As JSON has it: numbers, texts, lists."""
    if isinstance(value, tuple):
        return [_shown(part) for part in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)


@lru_cache(KEPT)
def _route_to_json(route: TableRoute) -> dict[str, Any]:
    fields = zip(route._fields, route, strict=True)
    return {name: _shown(value) for name, value in fields if name not in _UNSET or value != _UNSET[name]}


@lru_cache(KEPT)
def _kernel_to_json(route: KernelRoute) -> dict[str, Any]:
    fields: dict[str, Any] = {"prefix": str(route.prefix)}
    for name, unset in _KERNEL_UNSET.items():
        value = getattr(route, name)
        if value != unset:
            fields[name] = _shown(value)
    return fields


def _frozen(value: Any) -> Any:
    """JSON's lists as tuples, so that they can be looked up."""
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    if isinstance(value, (str, int)) or value is None:
        return value
    raise ValueError(f"a route holds texts, numbers and lists of them, not {type(value).__name__}")


@lru_cache(KEPT)
def _route(fields: tuple[tuple[str, Any], ...]) -> TableRoute:
    values = dict(fields)
    for name in ("gateway", "from_peer"):
        if values.get(name) is not None:
            values[name] = ip_address(values[name])
    values["prefix"] = ip_network(values["prefix"])
    values["destination"] = Destination(values["destination"])
    values["hops"] = tuple(map(ip_address, values.get("hops", ())))
    return TableRoute(**values)


@lru_cache(KEPT)
def _kernel_route(fields: tuple[tuple[str, Any], ...]) -> KernelRoute:
    values = {**_KERNEL_UNSET, **dict(fields)}
    values["prefix"] = ip_network(values["prefix"])
    hops = [(None if gateway is None else ip_address(gateway), *rest) for gateway, *rest in values["hops"]]
    values["hops"] = tuple(KernelHop(*hop) for hop in hops)
    return KernelRoute(**values)


def _reader(kind: type[_RouteT], make: Callable[[tuple[tuple[str, Any], ...]], _RouteT]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        """Values as they are; JSON's objects read, each distinct one once."""
        if not isinstance(value, (list, tuple)):
            raise ValueError("expected a list of routes")  # noqa: TRY004 - pydantic's way to refuse
        try:
            return tuple(
                route
                if isinstance(route, kind)
                else make(tuple((name, _frozen(field)) for name, field in sorted(route.items())))
                for route in value
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"a route is not what it should be: {error}") from None

    return read


def _to_json(routes: Iterable[TableRoute]) -> list[dict[str, Any]]:
    return [_route_to_json(route) for route in routes]


def _kernel_list(routes: Iterable[KernelRoute]) -> list[dict[str, Any]]:
    return [_kernel_to_json(route) for route in routes]


_OBJECTS = WithJsonSchema({"type": "array", "items": {"type": "object"}})
BirdTable = Annotated[
    InstanceOf[tuple],  # type: ignore[type-arg]
    BeforeValidator(_reader(TableRoute, _route)),
    PlainSerializer(_to_json),
    _OBJECTS,
]
KernelTable = Annotated[
    InstanceOf[tuple],  # type: ignore[type-arg]
    BeforeValidator(_reader(KernelRoute, _kernel_route)),
    PlainSerializer(_kernel_list),
    _OBJECTS,
]


def leads_through_gateway(route: TableRoute | KernelRoute) -> bool:
    """Whether a route is among those for which a node of a large cluster sends a hash."""
    if isinstance(route, KernelRoute):
        return any(hop.gateway is not None for hop in route.hops)
    return route.gateway is not None or bool(route.hops)


@dataclass(frozen=True, slots=True, config=VALUES)
class TableHash:
    """What a node sent in the place of its routes through gateways.

    Attributes:
        sha256: Of their lines, sorted (parse/reduced_tables.py); empty where something is wrong with the table.
        routes: How many those are.
        shape: Nodes that stand alike in the network have the same.
    """

    sha256: str
    routes: int
    shape: str = ""


@dataclass(frozen=True, slots=True, config=VALUES)
class SameAs:
    """That a node holds the same routes through gateways as another one that was read, as the hash proves.

    Attributes:
        host: The other one's reading, which has whole tables.
        bird_without: Routes through gateways of the other one's BIRD that this node's lacks: as a rule those to its own
            blocks.
        kernel_without: Likewise of its kernel.
    """

    host: str
    bird_without: BirdTable = ()
    kernel_without: KernelTable = ()


@dataclass(frozen=True, slots=True, config=VALUES)
class RouteTable:
    """The routes of one family on one node. A table that is None was not read, which is not an empty one.

    Attributes:
        family: The family.
        bird: The paths in BIRD's table, in its order, which means nothing. With `same_as` only those that the other
            node's table does not have, or that lead through no gateway.
        kernel: The routes in the kernel's table `main`, those of pods and the administrator's own included, and those
            of WireGuard in a table of their own; with `same_as` likewise.
        bird_is_whole: Whether all of BIRD's table is in `bird`; only then a path that is not there is not in it.
        kernel_is_whole: Likewise of the kernel's table `main`.
        wireguard_is_read: Whether the node has WireGuard's interface, and its routes are among the kernel's.
        not_read: What could not be read, and why; None where nothing went wrong.
        bird_hash: Of BIRD's routes through gateways, where they were not sent.
        kernel_hash: Likewise of the kernel's.
        same_as: Where these stand; None where nobody's are the same, or both tables were sent.
        is_comparable: Whether the node made its tables comparable with others', as it does in a large cluster.
    """

    family: Family
    bird: BirdTable | None = None
    kernel: KernelTable | None = None
    bird_is_whole: bool = False
    kernel_is_whole: bool = False
    not_read: str | None = None
    wireguard_is_read: bool = False
    bird_hash: TableHash | None = None
    kernel_hash: TableHash | None = None
    same_as: SameAs | None = None
    is_comparable: bool = False

    @property
    def lacks_routes(self) -> bool:
        """Whether a hash stands for routes that nobody has given."""
        return self.same_as is None and (self.bird_hash is not None or self.kernel_hash is not None)
