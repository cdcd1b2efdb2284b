"""Resources with one of them replaced, added or taken away. It knows no change, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Protocol

from calico_bgp.errors import ChangeError
from calico_bgp.model.resources import CalicoNode, ResourceKind, Resources
from calico_bgp.near_names import or_which


class Named(Protocol):
    """A resource."""

    @property
    def name(self) -> str:
        """Its name."""
        ...


#: The field of Resources that holds a kind.
FIELDS = {
    ResourceKind.NODE: "nodes",
    ResourceKind.BGP_PEER: "bgp_peers",
    ResourceKind.BGP_CONFIGURATION: "bgp_configurations",
    ResourceKind.IP_POOL: "ip_pools",
}
#: The field that holds what no change here is about, and a file that is applied may hold: it decides about routes.
FIELDS_BESIDE = {"BGPFilter": "bgp_filters", "FelixConfiguration": "felix"}


def all_of(resources: Resources, kind: ResourceKind) -> tuple[Any, ...]:
    """The resources of a kind."""
    of_kind: tuple[Any, ...] = getattr(resources, FIELDS[kind])
    return of_kind


def one_of(resources: Resources, kind: ResourceKind, name: str) -> Any:
    """The resource of a kind and name.

    Raises:
        ChangeError: There is none; the message says what was probably meant.
    """
    of_kind = all_of(resources, kind)
    resource = next((candidate for candidate in of_kind if candidate.name == name), None)
    if resource is None:
        names = [candidate.name for candidate in of_kind]
        raise ChangeError(
            missing_node(name, names) if kind is ResourceKind.NODE else missing(f"no {kind} is called", name, names)
        )
    return resource


def node_of(resources: Resources, name: str) -> CalicoNode:
    """The node of a name.

    Raises:
        ChangeError: There is none; the message says what was probably meant.
    """
    node: CalicoNode = one_of(resources, ResourceKind.NODE, name)
    return node


def with_all(resources: Resources, kind: ResourceKind, new: Iterable[Named]) -> Resources:
    """The resources with these in the place of those of their names, and beside the others."""
    return _update(resources, kind, _over(all_of(resources, kind), new))


def with_those_beside(resources: Resources, new: Resources) -> Resources:
    """The resources with the BGPFilters and FelixConfigurations of others, likewise."""
    changed = {
        field: _over(getattr(resources, field), of_kind)
        for field in FIELDS_BESIDE.values()
        if (of_kind := getattr(new, field))
    }
    return resources.model_copy(update=changed) if changed else resources


def _over(old: Iterable[Named], new: Iterable[Named]) -> tuple[Named, ...]:
    by_name = {resource.name: resource for resource in (*old, *new)}
    return tuple(sorted(by_name.values(), key=attrgetter("name")))


def without(resources: Resources, kind: ResourceKind, name: str) -> Resources:
    """The resources without the one of a name."""
    return _update(resources, kind, tuple(resource for resource in all_of(resources, kind) if resource.name != name))


def missing_node(name: str, names: Iterable[str]) -> str:
    """What to say where no node has a name."""
    return missing("no node is called", name, names)


def missing(what: str, name: str, names: Iterable[str]) -> str:
    """What to say where something is not there, with what was probably meant, or what there is."""
    return f"{what} '{name}'{or_which(name, names)}"


def _update(resources: Resources, kind: ResourceKind, of_kind: tuple[Any, ...]) -> Resources:
    return resources.model_copy(update={FIELDS[kind]: of_kind})
