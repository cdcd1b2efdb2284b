"""What the lint advises: a line of YAML to write, or the command of a change. Rules give fields and values, no text.

Nothing is run, also not by a shell into which the whole line is pasted: no backticks. `; ` joins next steps in JSON, so
no single step holds it.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import yaml

from calico_bgp import shell_words
from calico_bgp.changes import dialects
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import Change
from calico_bgp.changes.commands import commands
from calico_bgp.model.resources import CalicoNode, ResourceKind, Resources

#: What a field is to hold.
Value: TypeAlias = str | int | bool | Ask[int]

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:/-]*[A-Za-z0-9])?")


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


def _yaml(field: str, value: Value) -> str:
    """A value as YAML: a text in quotes where it is a selector, or would be read as something else without."""
    if isinstance(value, Ask):
        return f"<{value.what}>"
    if not isinstance(value, str):
        return str(value).lower()
    if field.endswith("Selector"):
        return selector_text(value)
    return value if _PLAIN.fullmatch(value) and not _is_read_otherwise(value) else yaml_text(value)


def _is_read_otherwise(text: str) -> bool:
    """Whether a reader of YAML takes a plain text for a number or a flag: Go's takes more of them than PyYAML."""
    try:
        float(text)
    except ValueError:
        return text in {"y", "Y", "n", "N"} or yaml.safe_load(text) != text
    return True


def _inert(value: str) -> str:
    """A YAML value of which a shell into which somebody pastes the whole line runs nothing.

    What stands in single quotes it takes as it is; what a terminal would not show, or a report breaks, is left out.
    """
    return value if shell_words.is_fit(value) else shell_words.quote(value)


def in_resource(kind: str, name: str) -> str:
    """Where something is to be changed by hand."""
    return f"in {kind} {shell_words.quote(name)}"


def set_field(kind: str, name: str, field: str, value: Value) -> str:
    """Write a field.

    Args:
        kind: The kind.
        name: The resource's name.
        field: As Calico calls it.
        value: What it is to hold.
    """
    return f"{in_resource(kind, name)} write {field}: {_inert(_yaml(field, value))}"


def drop_field(kind: str, name: str, field: str) -> str:
    """Take a field out."""
    return f"{in_resource(kind, name)} delete the line {field}:"


def command(change: Change, *nodes: CalicoNode, of: Resources | None = None) -> str:
    """The command of a change, that of the program which works in most clusters.

    Args:
        change: The change.
        nodes: The nodes that it is about.
        of: The resources that it is about, where these are no nodes: no more than need be compared.
    """
    return "; ".join(one.best for one in commands(change, of or Resources(nodes=nodes)))


def label_node(node: str | None, label: str, value: str = "") -> str:
    """Give a node a label that it does not have; None for one that is asked for."""
    target = Ask("NODE", "the name of a node that is meant", "-") if node is None else node
    return dialects.label(target, label, value, overwrite=False)[0]


def delete(kind: str, name: str) -> str:
    """Delete a resource."""
    return dialects.delete(ResourceKind(kind), name)[1]


def drop_annotation(node: str, annotation: str) -> str:
    """Take an annotation from a Kubernetes Node."""
    return dialects.drop_annotation(node, annotation)
