"""The commands of a change, derived from it: what differs between the resources as they are and as it makes them.

Nothing is stated twice: a field is patched because it differs, a resource is made because it was not there, and what
is asked for is what the change asks for. Nothing is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from calico_bgp.changes import dialects
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import Change, SetClusterID, SetFields, SetLabel, SetMesh
from calico_bgp.changes.editing import FIELDS, all_of
from calico_bgp.changes.fields import Written, asks_in, spec_of
from calico_bgp.model.resources import CalicoNode, ResourceKind, Resources
from calico_bgp.upstream import NODE_ANNOTATIONS, V3

_KUBERNETES = "v1"


@dataclass(frozen=True, slots=True)
class Command:
    """One command, in the words of both programs.

    Attributes:
        kubectl: As kubectl has it; None where kubectl cannot.
        calicoctl: As calicoctl has it; None where it cannot.
        asks: What has to be filled in first.
        of_kubernetes: Whether it changes an object of Kubernetes, so that kubectl always has it.
    """

    kubectl: str | None
    calicoctl: str | None
    asks: tuple[Ask[Any], ...] = ()
    of_kubernetes: bool = False

    @property
    def best(self) -> str:
        """The one that works in most clusters: calicoctl needs no API server of Calico's, kubectl no calicoctl."""
        first, other = (self.kubectl, self.calicoctl) if self.of_kubernetes else (self.calicoctl, self.kubectl)
        return first or other or ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a change asks for, and what it knows that no resource shows.

    Attributes:
        name: What stands in the place of the resource's name.
        fields: Field of model.resources → what stands in its place.
    """

    name: Ask[str] | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def commands(change: Change, resources: Resources, *, in_one_line: bool = True) -> tuple[Command, ...]:
    """The commands that make of the resources what the change makes of them; none where it changes nothing.

    Args:
        change: The change.
        resources: As they are.
        in_one_line: Whether a manifest stands in one line; else it is YAML that people can read.

    Raises:
        ChangeError: The change names something that is not there.
    """
    after = change.apply(resources)
    all_commands: list[Command] = []
    for kind in FIELDS:
        was, will = ({resource.name: resource for resource in all_of(each, kind)} for each in (resources, after))
        if len(was) == len(will) and all(will.get(name) is resource for name, resource in was.items()):
            continue
        all_commands += [_delete(kind, name) for name in was if name not in will]
        for name, resource in will.items():
            if name in was and resource is not was[name]:
                all_commands += _edit(kind, was[name], resource, _asked_of(change))
        new = [resource for name, resource in will.items() if name not in was]
        # What one change makes by the way may be there and only not have been read: it is never overwritten.
        verb = "create" if isinstance(change, SetMesh) else "apply"
        all_commands += _create(kind, new, verb, in_one_line=in_one_line)
    return tuple(all_commands)


def _asked_of(change: Change) -> _Asked:
    match change:
        case SetLabel(node=Ask() as node):
            return _Asked(node)
        case SetClusterID():
            return _Asked(change.node if isinstance(change.node, Ask) else None, {"cluster_id": change.cluster_id})
        case SetFields():
            return _Asked(None, dict(change.fields))
        case _:
            return _Asked()


def _edit(kind: ResourceKind, was: Any, will: Any, asked: _Asked) -> Iterator[Command]:
    """What differs, and nothing else: what is not known here stays as it is."""
    before, after = spec_of(kind, was, {}), spec_of(kind, will, asked.fields)
    differing = {name: value for name, value in after.items() if value != before[name]}
    name = was.name if asked.name is None else asked.name
    target = () if asked.name is None else (asked.name,)
    asks = (*target, *asks_in(differing))
    if kind is not ResourceKind.NODE:
        if differing:
            yield Command(*dialects.patch(kind, name, differing), asks)
        return
    if differing:
        # kubectl has these of a Kubernetes Node only, where they are annotations.
        _, calicoctl = dialects.patch(kind, name, {"bgp": differing})
        yield Command(dialects.annotate(name, differing), calicoctl, asks, of_kubernetes=was.api_version == _KUBERNETES)
    labels, then = dict(was.labels), dict(will.labels)
    for key in sorted(labels.keys() | then):
        if labels.get(key) != then.get(key):
            kubectl, own = dialects.label(name, key, then.get(key))
            # calicoctl writes labels of Calico's own, over which those of the Kubernetes Node stand.
            is_over = key in labels and was.api_version == _KUBERNETES
            yield Command(kubectl, None if is_over else own, target, of_kubernetes=True)


def _delete(kind: ResourceKind, name: str) -> Command:
    return Command(*dialects.delete(kind, name), of_kubernetes=kind is ResourceKind.NODE)


def _create(kind: ResourceKind, new: list[Any], verb: str, *, in_one_line: bool) -> Iterator[Command]:
    """Manifests: as few commands as can be read."""
    if kind is ResourceKind.NODE:
        for node in new:
            yield _create_node(node, in_one_line=in_one_line)
        return
    documents = [_document(kind, one.name, spec_of(kind, one, {})) for one in new]
    groups = [[document] for document in documents] if in_one_line else [documents] if documents else []
    for group in groups:
        asks = tuple(dict.fromkeys(ask for document in group for ask in asks_in(document)))
        yield Command(
            _with_input(f"kubectl {verb} -f -", group, in_one_line=in_one_line),
            _with_input(f"calicoctl {verb} -f -", group, in_one_line=in_one_line),
            asks,
        )


def _with_input(program: str, documents: list[dict[str, Any]], *, in_one_line: bool) -> str:
    return dialects.piped(program, documents[0]) if in_one_line else dialects.with_manifests(program, documents)


def _create_node(node: CalicoNode, *, in_one_line: bool) -> Command:
    """A Node before its machine starts; cordoned, so that no pods come.

    In a Kubernetes datastore Calico creates no Node (libcalico-go/lib/backend/k8s/resources/node.go Create). Resources
    that were read as Kubernetes Nodes come from one; others may.
    """
    bgp = {name: value for name, value in spec_of(ResourceKind.NODE, node, {}).items() if value is not None}
    labels = {"labels": dict(node.labels)} if node.labels else {}
    annotations = {"annotations": {NODE_ANNOTATIONS[name]: str(value) for name, value in bgp.items()}} if bgp else {}
    kubernetes = {
        "apiVersion": _KUBERNETES,
        "kind": "Node",
        "metadata": {"name": node.name, **labels, **annotations},
        "spec": {"unschedulable": True},
    }
    calico = {"apiVersion": V3, "kind": "Node", "metadata": {"name": node.name, **labels}, "spec": {"bgp": bgp}}

    has_etcd = node.api_version != _KUBERNETES
    return Command(
        _with_input("kubectl create -f -", [kubernetes], in_one_line=in_one_line),
        _with_input("calicoctl create -f -", [calico], in_one_line=in_one_line) if has_etcd else None,
        of_kubernetes=True,
    )


def _document(kind: ResourceKind, name: str, spec: dict[str, Written]) -> dict[str, Any]:
    set_fields = {key: value for key, value in spec.items() if value is not None}
    return {"apiVersion": V3, "kind": kind.value, "metadata": {"name": name}, "spec": set_fields}
