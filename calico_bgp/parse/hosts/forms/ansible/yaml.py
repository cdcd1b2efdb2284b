"""Ansible's YAML inventory, Kubespray's hosts.yaml among them, and what `ansible-inventory --list` prints. No INI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from calico_bgp.parse.hosts.forms.ansible.inventory import Ansible, unfolded
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.untyped import as_mapping

_PARTS = frozenset({"hosts", "children", "vars"})
_MAX_DEPTH = 50


def _is_yaml(foreign: Foreign) -> bool:
    """Whether the text is a mapping of groups: each holds `hosts`, `children` or `vars` and nothing else."""
    if len(foreign.documents) != 1 or not isinstance(foreign.documents[0], dict) or _is_list(foreign):
        return False
    groups = [value for value in foreign.documents[0].values() if value is not None]
    return bool(groups) and all(isinstance(group, dict) and group and set(group) <= _PARTS for group in groups)


def _is_list(foreign: Foreign) -> bool:
    """Whether it is what `ansible-inventory --list` prints, as JSON or with `--yaml`."""
    document = foreign.documents[0] if len(foreign.documents) == 1 else None
    return isinstance(document, dict) and isinstance(document.get("_meta"), dict) and "hostvars" in document["_meta"]


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    inventory = Ansible()
    for name, group in foreign.documents[0].items():
        _group(inventory, str(name), group, problems, 0)
    yield from inventory.entries(problems, foreign.address)


def _group(inventory: Ansible, name: str, value: Any, problems: Problems, depth: int) -> None:
    group = inventory.group(name)
    if not isinstance(value, dict) or depth > _MAX_DEPTH or problems.full:
        return
    group.variables.update(as_mapping(value.get("vars")))
    for pattern, of_host in as_mapping(value.get("hosts")).items():
        names = unfolded(str(pattern))
        if names is None:
            problems.add(f"{pattern!r} is no range of Ansible's, or too large a one", None, None, "such as node[01:20]")
        for host in names or ():
            inventory.add(name, host, as_mapping(of_host))
    for child, inner in as_mapping(value.get("children")).items():
        group.children.append(str(child))
        _group(inventory, str(child), inner, problems, depth + 1)


def _read_list(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    document = foreign.documents[0]
    variables = as_mapping(document["_meta"]["hostvars"])
    inventory = Ansible()
    for name, group in document.items():
        if name == "_meta":
            continue
        value = {"hosts": group} if isinstance(group, list) else as_mapping(group)
        inventory.group(name).children += [str(child) for child in value.get("children") or ()]
        for host in value.get("hosts") or ():
            inventory.add(name, str(host), as_mapping(variables.get(host)))
    for host, of_host in variables.items():
        inventory.add("all", str(host), as_mapping(of_host))
    yield from inventory.entries(problems, foreign.address)


YAML = Form("an Ansible inventory (YAML, such as Kubespray's hosts.yaml)", _is_yaml, _read)
LIST = Form("what `ansible-inventory --list` prints", _is_list, _read_list)
