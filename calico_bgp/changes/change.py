"""Changes to Calico's resources as values, and the resources as they would be. Nothing is written or judged here.

Each change is one datum: `apply` says what it makes of the resources, `commands.py` derives its commands from the
same, and `surviving.py` which sessions survive it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TypeAlias

from calico_bgp.changes.ask import Ask, Secret, known
from calico_bgp.changes.editing import (
    FIELDS,
    FIELDS_BESIDE,
    all_of,
    missing,
    node_of,
    one_of,
    with_all,
    with_those_beside,
    without,
)
from calico_bgp.errors import ChangeError
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Address
from calico_bgp.model.resources import GLOBAL_CONFIG, BGPConfiguration, CalicoNode, ResourceKind, Resources
from calico_bgp.parse.cluster_id import is_cluster_id


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
        node_of(resources, self.node)
        return without(resources, ResourceKind.NODE, self.node)


@dataclass(frozen=True, slots=True)
class CreateNode:
    """A Node is made before its machine starts; cordoned, so that no pods come before its sessions are up.

    Attributes:
        node: With label and cluster ID, without addresses.
    """

    node: CalicoNode

    def __str__(self) -> str:
        return f"create the Node {self.node.name}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with it among them."""
        return with_all(resources, ResourceKind.NODE, (self.node,))


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
        node = node_of(resources, self.node)
        keys = [key for key, _ in node.labels]
        if self.label not in keys:
            raise ChangeError(missing(f"{self.node} has no label", self.label, keys))
        labels = tuple(pair for pair in node.labels if pair[0] != self.label)
        return with_all(resources, ResourceKind.NODE, (replace(node, labels=labels),))


@dataclass(frozen=True, slots=True)
class SetLabel:
    """`kubectl label node NODE KEY=VALUE --overwrite`.

    Attributes:
        node: The node's name.
        key: The label's key.
        value: Its value, perhaps empty.
    """

    node: str | Ask[str]
    key: str
    value: str

    def __str__(self) -> str:
        return f"label {self.node} {self.key}={self.value}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the node having the label."""
        node = node_of(resources, known(self.node))
        labels = tuple(sorted({**dict(node.labels), self.key: self.value}.items()))
        return with_all(resources, ResourceKind.NODE, (replace(node, labels=labels),))


@dataclass(frozen=True, slots=True)
class SetClusterID:
    """The node becomes a route reflector, another one's like, or none.

    Attributes:
        node: The node's name.
        cluster_id: Its routeReflectorClusterID; None takes it away.
    """

    node: str | Ask[str]
    cluster_id: str | Ask[str] | None

    def __str__(self) -> str:
        if self.cluster_id is None:
            return f"take the cluster ID from {self.node}"
        return f"give {self.node} the cluster ID {self.cluster_id}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the node having the cluster ID.

        What BIRD takes is a cluster ID; what it refuses would keep the node at its old configuration.
        """
        node, cluster_id = node_of(resources, known(self.node)), known(self.cluster_id)
        if cluster_id is not None and not is_cluster_id(cluster_id):
            raise ChangeError(f"'{cluster_id[:100]}' is no cluster ID; expected one like 244.0.0.1")
        return with_all(resources, ResourceKind.NODE, (replace(node, cluster_id=cluster_id),))


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
        return with_all(resources, ResourceKind.BGP_CONFIGURATION, (changed,))


#: What a field can be set to; None takes it away. A Secret is for `has_password` only.
FieldValue: TypeAlias = (
    str | int | bool | tuple[str, ...] | Address | Secret | Ask[str] | Ask[int] | Ask[Address] | None
)


@dataclass(frozen=True, slots=True)
class SetFields:
    """Fields of one resource that is there; all others stay as they are.

    Attributes:
        kind: The kind.
        name: The resource's name.
        fields: (field as in model.resources, its value), in order.
    """

    kind: ResourceKind
    name: str
    fields: tuple[tuple[str, FieldValue], ...]

    def __str__(self) -> str:
        return f"change {', '.join(field for field, _ in self.fields)} of {self.kind} {self.name}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the fields so, and what is asked for as its stand-in."""
        values = {field: isinstance(v, Secret) or known(v) for field, v in self.fields}
        return with_all(resources, self.kind, (replace(one_of(resources, self.kind, self.name), **values),))


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
        """The resources with those of the file among them.

        Raises:
            ChangeError: It holds none, or one that decides about routes and is not understood: what it does is unknown.
        """
        for kind, number in self.resources.skipped:
            if kind in FIELDS_BESIDE:
                what = f"{count(number, kind)} of {self.source} {'is' if number == 1 else 'are'} not understood"
                reasons = [each for each in self.resources.not_understood if each.kind == kind]
                first = f" ({reasons[0].name}, line {reasons[0].line}: {reasons[0].reason})" if reasons else ""
                raise ChangeError(f"{what}{first}, so that nobody knows what becomes of routes: fix its fields")
        by_kind = {kind: all_of(self.resources, kind) for kind in FIELDS}
        changed = with_those_beside(resources, self.resources)
        if not any(by_kind.values()) and changed is resources:
            kinds = ", ".join((*ResourceKind, *FIELDS_BESIDE))
            raise ChangeError(f"{self.source} holds nothing that decides about BGP: none of {kinds}")
        for kind, objects in by_kind.items():
            if objects:
                changed = with_all(changed, kind, objects)
        return changed


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
        names = [resource.name for resource in all_of(resources, self.kind)]
        if self.name not in names:
            raise ChangeError(missing(f"no {self.kind} is called", self.name, names))
        return without(resources, self.kind, self.name)


Change: TypeAlias = (
    RemoveNode | CreateNode | Unlabel | SetLabel | SetClusterID | SetMesh | SetFields | ApplyResources | DeleteResource
)


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
    kind_read = by_word.get(word) or by_word.get(word.removesuffix("s"))
    if kind_read is None:
        near = get_close_matches(word, by_word)
        hint = f"did you mean {by_word[near[0]]}?" if near else f"expected one of {', '.join(ResourceKind)}."
        raise ChangeError(f"'{text}' is no kind that decides about BGP; {hint}")
    return kind_read
