"""Ansible's groups, variables and ranges, of whatever file; the hosts among them that are Kubernetes nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from calico_bgp.model.inventory import Role
from calico_bgp.parse.hosts.forms.form import Entry, LeftOut, NodeAddress
from calico_bgp.parse.hosts.forms.records import entry, flat
from calico_bgp.parse.hosts.ranges import MAX_EXPANSION
from calico_bgp.parse.lines import Problems

# Kubespray's groups (old names with dashes), k3s-ansible's, kubeadm roles'. With one of them, the others are no nodes.
_CLUSTER = ("k8s_cluster", "k3s_cluster", "kubernetes", "kube_cluster", "k8s", "kubernetes_cluster")
_NODES = (
    "kube_node", "kube_control_plane", "kube_master", "calico_rr", "k8s_node", "k8s_master", "k8s_control_plane",
    "kube_worker", "k8s_worker", "k8s_workers", "k8s_masters",
)  # fmt: skip
_CONTROL_PLANE = (
    "kube_control_plane", "kube_master", "k8s_master", "k8s_masters", "k8s_control_plane", "control_plane",
    "controlplane", "masters", "master",
)  # fmt: skip
_REFLECTORS = ("calico_rr", "route_reflectors", "route_reflector", "reflectors", "rr", "rrs")
_JUMP = ("bastion", "bastions", "jump", "jumphost", "jumphosts", "jump_hosts")
_RANGE = re.compile(r"\[([0-9A-Za-z]+):([0-9A-Za-z]+)(?::([0-9]+))?\]")
_MAX_DEPTH = 50
#: Of one end of a range, and of its step.
_MAX_DIGITS = 9


@dataclass
class Group:
    """A group: its hosts with their own variables, its children, its variables."""

    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    children: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)


class Ansible:
    """An inventory on its way to hosts."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {"all": Group()}
        self.lines: dict[str, int] = {}

    def group(self, name: str) -> Group:
        """The group of a name, made where it is not there."""
        return self.groups.setdefault(name, Group())

    def add(self, group: str, host: str, variables: Mapping[str, Any], line: int | None = None) -> None:
        """Note a host of a group."""
        if line is not None:
            self.lines.setdefault(host, line)
        self.groups["all"].hosts.setdefault(host, {})
        self.group(group).hosts.setdefault(host, {}).update(variables)

    def entries(self, problems: Problems, address: NodeAddress) -> Iterator[Entry]:
        """Every host, in the order of the file."""
        nodes, reason = self._nodes()
        control_plane, reflectors = self._of(_CONTROL_PLANE), self._of(_REFLECTORS)
        for name in self.groups["all"].hosts:
            if problems.full:
                return
            if name not in nodes:
                yield LeftOut(name, reason)
                continue
            host_entry = entry(
                flat({**self._variables(name), "role": None}),
                problems,
                name=name,
                line=self.lines.get(name),
                remarks=["control plane"] if name in control_plane else [],
                role=Role.REFLECTOR if name in reflectors else None,
                external=address is NodeAddress.EXTERNAL,
            )
            if host_entry is not None:
                yield host_entry

    def _nodes(self) -> tuple[frozenset[str], str]:
        """The hosts that are Kubernetes nodes, and why the others are none."""
        everybody = frozenset(self.groups["all"].hosts)
        for names in (_CLUSTER, _NODES):
            if members := self._of(names):
                return members, "in no group of Kubernetes nodes"
        jumps = self._of(_JUMP)
        return (everybody - jumps or everybody), "a jump host"

    def _of(self, names: tuple[str, ...]) -> frozenset[str]:
        """The hosts of all groups of these names, children included."""
        members: set[str] = set()
        for name in self.groups:
            if name.lower().replace("-", "_") in names:
                members |= self._members(name, frozenset())
        return frozenset(members)

    def _members(self, name: str, above: frozenset[str]) -> set[str]:
        """The hosts of a group and of its children; a group that is its own child is looked at once."""
        group = self.groups.get(name)
        if group is None or name in above or len(above) > _MAX_DEPTH:
            return set()
        return set(group.hosts).union(*(self._members(child, above | {name}) for child in set(group.children)))

    def _variables(self, host: str) -> dict[str, Any]:
        """A host's variables: its own over its groups', of these the children over the parents."""
        variables = dict(self.groups["all"].variables)
        for group, members in self._ordered:
            if host in members:
                variables.update(group.variables)
        for group in self.groups.values():
            variables.update(group.hosts.get(host, {}))
        return variables

    @cached_property
    def _ordered(self) -> list[tuple[Group, set[str]]]:
        """The groups but `all` with the hosts in them, parents before their children. For when all have been read."""
        depth = dict.fromkeys(self.groups, 0)
        for _ in range(min(len(self.groups), _MAX_DEPTH)):
            for name, group in self.groups.items():
                for child in group.children:
                    if child in depth and name != "all":
                        depth[child] = min(max(depth[child], depth[name] + 1), _MAX_DEPTH)
        names = sorted((name for name in self.groups if name != "all"), key=lambda name: depth[name])
        return [(self.groups[name], self._members(name, frozenset())) for name in names]


def unfolded(pattern: str) -> list[str] | None:
    """The hosts of a pattern such as `node[01:20].dc1` or `db-[a:f]`; None when they are too many or it is no range."""
    parts = _RANGE.split(pattern)
    literals, ranges = parts[::4], list(zip(parts[1::4], parts[2::4], parts[3::4], strict=True))
    choices: list[list[str]] = []
    count = 1
    for first, last, step in ranges:
        steps = _steps(first, last, step or "1")
        if steps is None:
            return None
        count *= len(steps)
        if count > MAX_EXPANSION:
            return None
        choices.append(steps)
    return [
        literals[0] + "".join(one + literal for one, literal in zip(choice, literals[1:], strict=True))
        for choice in product(*choices)
    ]


def _steps(first: str, last: str, every: str) -> list[str] | None:
    if max(len(first), len(last), len(every)) > _MAX_DIGITS or (step := int(every)) < 1:
        return None
    if first.isdigit() and last.isdigit():
        if not 0 <= int(last) - int(first) <= MAX_EXPANSION * step:
            return None
        width = len(first) if first.startswith("0") else 0
        return [str(number).zfill(width) for number in range(int(first), int(last) + 1, step)]
    if len(first) == len(last) == 1 and first.isalpha() and last.isalpha() and first <= last:
        return [chr(code) for code in range(ord(first), ord(last) + 1, step)]
    return None
