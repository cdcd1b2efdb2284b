"""What the lint advises: a YAML line, or a command in the words of `dialects`, with the names filled in.

Nothing is run, also not by a shell into which the whole line is pasted: no backticks. `; ` joins next steps in JSON, so
no single step holds it.
"""

from __future__ import annotations

import re
from typing import Any

from calico_bgp import shell_words
from calico_bgp.changes import dialects
from calico_bgp.changes.ask import Ask
from calico_bgp.model.resources import CalicoNode, ResourceKind

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?")


def yaml_text(text: str) -> str:
    """A text as YAML in single quotes, which is always right for a selector."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def selector_text(text: str) -> str:
    """A selector as a YAML value: in double quotes where it holds single ones, as Calico's own documentation does.

    Not where a shell would run what stands between double quotes: whole lines get pasted.
    """
    if "'" in text and not any(character in text for character in '"\\$`'):
        return f'"{text}"'
    return yaml_text(text)


def yaml_name(text: str) -> str:
    """A name or an address as a YAML value: in quotes where it is no plain one."""
    return text if _PLAIN.fullmatch(text) else yaml_text(text)


def _inert(value: str) -> str:
    """A YAML value of which a shell into which somebody pastes the whole line runs nothing.

    What stands in single quotes it takes as it is; what a terminal would not show, or a report breaks, is left out.
    """
    return value if shell_words.is_fit(value) else shell_words.quote(value)


def in_resource(kind: str, name: str) -> str:
    """Where something is to be changed by hand."""
    return f"in {kind} {shell_words.quote(name)}"


def set_field(kind: str, name: str, field: str, value: str) -> str:
    """Write a field; `value` is YAML already."""
    return f"{in_resource(kind, name)} write {field}: {_inert(value)}"


def drop_field(kind: str, name: str, field: str) -> str:
    """Take a field out."""
    return f"{in_resource(kind, name)} delete the line {field}:"


def patch(kind: str, name: str, spec: dict[str, Any]) -> str:
    """Change a part of a spec."""
    return dialects.patch(ResourceKind(kind), name, spec)[1]


def patch_node(node: CalicoNode, field: str, value: str | None) -> str:
    """Set a field under spec.bgp of a node, or take it away: by annotation where the node is Kubernetes'."""
    if node.api_version != "v1":
        return patch(ResourceKind.NODE, node.name, {"bgp": {field: value}})
    return dialects.annotate(node.name, {field: value})


def label_node(node: str | None, label: str, value: str = "") -> str:
    """Give a node a label that it does not have; None for one that is asked for."""
    target = Ask("NODE", "the name of a node that is meant", "-") if node is None else node
    return dialects.label(target, label, value, overwrite=False)[0]


def delete(kind: str, name: str) -> str:
    """Delete a resource."""
    return dialects.delete(ResourceKind(kind), name)[1]
