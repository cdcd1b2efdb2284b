"""A snapshot of which every field of every value is set: what the model gains later is there by itself."""

import dataclasses
import enum
import types
import typing
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel

from calico_bgp.anonymising.snapshot import _FIXED
from calico_bgp.model.peer import PeerError
from calico_bgp.model.snapshot import Snapshot

PUBLIC_AS = 15169
#: Everything that must not stand in a copy, as messages name it.
TELLING = (
    "acme-worker7 at 10.77.3.9 of acme-cluster: acme-worker7.acme.com, Node_10_77_3_9, AS 15169, admin@acme-prod, "
    "acme-namespace, ldap.acme.de, 10.77.3.0/24 and fd00:77aa::9"
)
_NAMES = {
    "name": "acme-worker7.acme.com",
    "node": "acme-worker7.acme.com",
    "host": "acme-worker7.acme.com",
    "namespace": "acme-namespace",
    "context": "admin@acme-prod",
    "cluster": "acme-cluster",
    "taints": "acme.com/dedicated=acme-team:NoSchedule",
    "forbidden_namespaces": "acme-secret",
    "source": "acme-hosts",
}
_ROUTE = {
    "prefix": "10.77.0.0/26",
    "destination": "via",
    "protocol": "Mesh_10_77_3_9",
    "gateway": "10.77.3.9",
    "interface": "eth0",
    "from_peer": "10.77.3.9",
    "hops": ["10.77.3.9"],
    "origin_as": PUBLIC_AS,
    "communities": [[PUBLIC_AS, 3]],
    "originator_id": "10.77.3.9",
}
#: Fields whose reader of JSON says more than their type.
_KERNEL_ROUTE = {"prefix": "10.77.0.0/26", "hops": [["10.77.3.9", "eth0", 1]]}
_WRITTEN: dict[str, Any] = {
    "bird": [_ROUTE],
    "kernel": [_KERNEL_ROUTE],
    "bird_without": [_ROUTE],
    "kernel_without": [_KERNEL_ROUTE],
}


def full_snapshot() -> Snapshot:
    """Every list with one item, every text with what must not be told."""
    return Snapshot.model_validate(_made(Snapshot, ""))


def leaves(value: Any, path: str = "") -> typing.Iterator[tuple[str, Any]]:
    """Every value of a dump, with the way to it: `.hosts[].name`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, value


def _made(kind: Any, field: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if field in _WRITTEN:
        return _WRITTEN[field]
    if kind is PeerError:
        return {"class": "Socket", "message": TELLING}
    if "datetime" in str(kind).lower() and origin in (None, Annotated) and "delta" not in str(kind):
        return "2026-11-22T12:00:00Z"
    if origin is Annotated:
        return _made(arguments[0], field)
    if origin in (typing.Union, types.UnionType):
        return _made(next(each for each in arguments if each is not type(None)), field)
    if origin is Literal:
        return arguments[0]
    if origin in (tuple, list, frozenset):
        many = len(arguments) == 1 or arguments[1] is Ellipsis
        return [_made(each, field) for each in (arguments[:1] if many else arguments)]
    if dataclasses.is_dataclass(kind) or (isinstance(kind, type) and hasattr(kind, "_fields")):
        hints = typing.get_type_hints(kind, include_extras=True)
        names = kind._fields if hasattr(kind, "_fields") else [f.name for f in dataclasses.fields(kind) if f.init]
        return {name: _made(hints[name], name) for name in names}
    return _plain(kind, field)


def _plain(kind: Any, field: str) -> Any:
    if not isinstance(kind, type):
        raise TypeError(f"{field}: say how a {kind} is made")
    if issubclass(kind, BaseModel):
        return {each.alias or name: _made(each.annotation, name) for name, each in kind.model_fields.items()}
    if issubclass(kind, enum.Enum):
        return next(iter(kind)).value
    if issubclass(kind, str):
        # Fields of fixed words hold such words, whoever prints them.
        return _NAMES.get(field, "word" if field in _FIXED else TELLING)
    for known, value in ((bool, True), (int, PUBLIC_AS), (float, 1.5)):
        if issubclass(kind, known):
            return value
    for part, value in (("IPv4Address", "10.77.3.9"), ("IPv6Address", "fd00:77aa::9"), ("Network", "10.77.0.0/16")):
        if part in kind.__name__:
            return value
    if "timedelta" in kind.__name__:
        return 5
    raise TypeError(f"{field}: say how a {kind} is made")
