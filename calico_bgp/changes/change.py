"""Changes to Calico's resources as values, and the resources as they would be. Nothing is written or judged here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from operator import attrgetter
from typing import Any, Protocol, TypeAlias, TypeVar

from calico_bgp.errors import ChangeError
from calico_bgp.model.resources import GLOBAL_CONFIG, BGPConfiguration, CalicoNode, ResourceKind, Resources
from calico_bgp.parse.cluster_id import is_cluster_id


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_Named)

#: The field of Resources that holds a kind.
_FIELDS = {
    ResourceKind.NODE: "nodes",
    ResourceKind.BGP_PEER: "bgp_peers",
    ResourceKind.BGP_CONFIGURATION: "bgp_configurations",
    ResourceKind.IP_POOL: "ip_pools",
}


@dataclass(frozen=True, slots=True)
class RemoveNode:
    """The node is gone: drained and replaced, switched off, deleted. BGPPeers that name it stay.

    Attributes:
        node: Its name.
    """

    node: str

    def __str__(self) -> str:
        return f"remove {self.node}"

    def apply(self, resources: Resources) -> Resources:
        """The resources without it."""
        _node(resources, self.node)
        return _update(resources, ResourceKind.NODE, _without(resources.nodes, self.node))


@dataclass(frozen=True, slots=True)
class Unlabel:
    """`kubectl label node NODE LABEL-`.

    Attributes:
        node: The node's name.
        label: The label's key.
    """

    node: str
    label: str

    def __str__(self) -> str:
        return f"take the label {self.label} from {self.node}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the node lacking the label."""
        node = _node(resources, self.node)
        keys = [key for key, _ in node.labels]
        if self.label not in keys:
            raise ChangeError(_missing(f"{self.node} has no label", self.label, keys))
        labels = tuple(pair for pair in node.labels if pair[0] != self.label)
        return _with_node(resources, replace(node, labels=labels))


@dataclass(frozen=True, slots=True)
class SetLabel:
    """`kubectl label node NODE KEY=VALUE --overwrite`.

    Attributes:
        node: The node's name.
        key: The label's key.
        value: Its value, perhaps empty.
    """

    node: str
    key: str
    value: str

    def __str__(self) -> str:
        return f"label {self.node} {self.key}={self.value}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the node having the label."""
        node = _node(resources, self.node)
        labels = tuple(sorted({**dict(node.labels), self.key: self.value}.items()))
        return _with_node(resources, replace(node, labels=labels))


@dataclass(frozen=True, slots=True)
class SetClusterID:
    """The node becomes a route reflector, another one's like, or none.

    Attributes:
        node: The node's name.
        cluster_id: Its routeReflectorClusterID; None takes it away.
    """

    node: str
    cluster_id: str | None

    def __str__(self) -> str:
        if self.cluster_id is None:
            return f"take the cluster ID from {self.node}"
        return f"give {self.node} the cluster ID {self.cluster_id}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the node having the cluster ID.

        What BIRD takes is a cluster ID; what it refuses would keep the node at its old configuration.
        """
        node = _node(resources, self.node)
        if self.cluster_id is not None and not is_cluster_id(self.cluster_id):
            raise ChangeError(f"'{self.cluster_id[:100]}' is no cluster ID; expected one like 244.0.0.1")
        return _with_node(resources, replace(node, cluster_id=self.cluster_id))


@dataclass(frozen=True, slots=True)
class SetMesh:
    """nodeToNodeMeshEnabled of the BGPConfiguration `default`, which is made where there is none.

    Attributes:
        on: Whether the mesh is on.
    """

    on: bool

    def __str__(self) -> str:
        return f"turn the node-to-node mesh {'on' if self.on else 'off'}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the mesh on, or off."""
        config = resources.global_config or BGPConfiguration(name=GLOBAL_CONFIG)
        changed = replace(config, node_to_node_mesh_enabled=self.on)
        configs = _merged(resources.bgp_configurations, (changed,))
        return _update(resources, ResourceKind.BGP_CONFIGURATION, configs)


@dataclass(frozen=True, slots=True)
class ApplyResources:
    """`calicoctl apply -f FILE`: what the file holds stands in the place of what has its kind and name.

    Attributes:
        resources: What the file holds.
        source: The file's name.
    """

    resources: Resources
    source: str

    def __str__(self) -> str:
        return f"apply {self.source}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with those of the file among them."""
        given = {kind: getattr(self.resources, field) for kind, field in _FIELDS.items()}
        if not any(given.values()):
            kinds = ", ".join(ResourceKind)
            raise ChangeError(f"{self.source} holds nothing that decides about BGP: none of {kinds}")
        for kind, things in given.items():
            if things:
                resources = _update(resources, kind, _merged(getattr(resources, _FIELDS[kind]), things))
        return resources


@dataclass(frozen=True, slots=True)
class DeleteResource:
    """`calicoctl delete KIND NAME`.

    Attributes:
        kind: The kind.
        name: The resource's name.
    """

    kind: ResourceKind
    name: str

    def __str__(self) -> str:
        return f"delete {self.kind} {self.name}"

    def apply(self, resources: Resources) -> Resources:
        """The resources without it."""
        things: Sequence[_Named] = getattr(resources, _FIELDS[self.kind])
        if self.name not in [thing.name for thing in things]:
            raise ChangeError(_missing(f"no {self.kind} is called", self.name, [thing.name for thing in things]))
        return _update(resources, self.kind, _without(things, self.name))


Change: TypeAlias = RemoveNode | Unlabel | SetLabel | SetClusterID | SetMesh | ApplyResources | DeleteResource


def apply(resources: Resources, changes: Iterable[Change]) -> Resources:
    """The resources as they would be: each change upon the ones before it.

    Raises:
        ChangeError: A change names something that is not there; the message says what was probably meant.
    """
    for change in changes:
        resources = change.apply(resources)
    return resources


def removed_nodes(changes: Iterable[Change]) -> frozenset[str]:
    """The nodes that the changes take away."""
    return frozenset(
        change.node if isinstance(change, RemoveNode) else change.name
        for change in changes
        if isinstance(change, RemoveNode) or (isinstance(change, DeleteResource) and change.kind is ResourceKind.NODE)
    )


def read_kind(text: str) -> ResourceKind:
    """A kind as people write it for kubectl and calicoctl: `BGPPeer`, `bgppeer`, `bgppeers`.

    Raises:
        ChangeError: It is none of those that decide about BGP.
    """
    by_word = {kind.lower(): kind for kind in ResourceKind}
    word = text.lower()
    found = by_word.get(word) or by_word.get(word.removesuffix("s"))
    if found is None:
        near = get_close_matches(word, by_word, n=1)
        hint = f"did you mean {by_word[near[0]]}?" if near else f"expected one of {', '.join(ResourceKind)}."
        raise ChangeError(f"'{text}' is no kind that decides about BGP; {hint}")
    return found


def missing_node(name: str, names: Iterable[str]) -> str:
    """What to say where no node has a name."""
    return _missing("no node is called", name, names)


def _missing(what: str, name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, list(names), n=1)
    return f"{what} '{name}'" + (f"; did you mean {near[0]}?" if near else "")


def _node(resources: Resources, name: str) -> CalicoNode:
    found = resources.nodes_by_name.get(name)
    if found is None:
        raise ChangeError(missing_node(name, (node.name for node in resources.nodes)))
    return found


def _with_node(resources: Resources, node: CalicoNode) -> Resources:
    return _update(resources, ResourceKind.NODE, _merged(resources.nodes, (node,)))


def _without(things: Iterable[_Thing], name: str) -> tuple[_Thing, ...]:
    return tuple(thing for thing in things if thing.name != name)


def _merged(before: Iterable[_Thing], over: Iterable[_Thing]) -> tuple[_Thing, ...]:
    found = {thing.name: thing for thing in (*before, *over)}
    return tuple(sorted(found.values(), key=attrgetter("name")))


def _update(resources: Resources, kind: ResourceKind, things: tuple[Any, ...]) -> Resources:
    return resources.model_copy(update={_FIELDS[kind]: things})
