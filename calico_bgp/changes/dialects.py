"""How kubectl and calicoctl say one thing: words of commands, quoted for a shell. It knows no change and no resource.

kubectl changes BGPPeers and BGPConfigurations where Calico's API server runs (projectcalico.org/v3). A node's BGP
fields are annotations of the Kubernetes Node there; with an etcd datastore only calicoctl has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import yaml

from calico_bgp import shell_words
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.fields import Parts, Written, asks_in
from calico_bgp.model.resources import ResourceKind
from calico_bgp.upstream import CALICO_GROUP, NODE_ANNOTATIONS

_PLURALS = {
    ResourceKind.BGP_PEER: f"bgppeers.{CALICO_GROUP}",
    ResourceKind.BGP_CONFIGURATION: f"bgpconfigurations.{CALICO_GROUP}",
    ResourceKind.IP_POOL: f"ippools.{CALICO_GROUP}",
}


class _OneLineDumper(yaml.SafeDumper):
    """Writes every text on one line: one that goes on below could end what a shell reads."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_OneLineDumper.add_representer(str, _text)


def name_word(name: str | Ask[str]) -> str:
    """The name of a resource."""
    return shell_words.filled_in(str(name), [name.variable]) if isinstance(name, Ask) else shell_words.name(name)


def label(name: str | Ask[str], key: str, value: str | None, *, overwrite: bool = True) -> tuple[str, str | None]:
    """Set a label of a node, or take it away. calicoctl cannot take one away that Kubernetes gives the node.

    Args:
        name: The node's.
        key: The label's.
        value: Its value; None takes it away.
        overwrite: Whether another value gives way.
    """
    node = name_word(name)
    if value is None:
        return f"kubectl label node {node} {shell_words.label_key(key)}-", None
    pair = shell_words.label(key, value)
    words = f"{pair} --overwrite" if overwrite else pair
    return f"kubectl label node {node} {words}", f"calicoctl label nodes {node} {words}"


def annotate(name: str | Ask[str], bgp: Mapping[str, Written]) -> str:
    """kubectl: set fields under spec.bgp of a node, or take them away."""
    words = [_annotation(NODE_ANNOTATIONS[field], value) for field, value in bgp.items()]
    return f"kubectl annotate node {name_word(name)} {' '.join(words)} --overwrite"


def _annotation(key: str, value: Written) -> str:
    text = f"{key}-" if value is None else f"{key}={value}"
    return shell_words.filled_in(text, [ask.variable for ask in asks_in(value)])


def drop_annotation(name: str, annotation: str) -> str:
    """kubectl: take an annotation from a node."""
    return f"kubectl annotate node {name_word(name)} {shell_words.label_key(annotation)}-"


def set_env(daemonset: str, namespace: str, variable: str, value: Written) -> str:
    """kubectl: set a variable in the environment of a DaemonSet, whose pods start anew with it."""
    word = shell_words.filled_in(f"{value}", [ask.variable for ask in asks_in(value)])
    target = f"daemonset/{shell_words.name(daemonset)} -n {shell_words.name(namespace)}"
    return f"kubectl set env {target} {variable}={word}"


def patch_installation(name: str, spec: Mapping[str, Written]) -> str:
    """kubectl: change fields of the operator's Installation; None takes one away."""
    merge = _json({"spec": spec})
    return f"kubectl patch installations.operator.tigera.io {shell_words.name(name)} --type merge -p {merge}"


def patch_felix(name: str, spec: Mapping[str, Written]) -> tuple[str, str]:
    """Change fields of a FelixConfiguration; None takes one away."""
    word, merge = shell_words.name(name), _json({"spec": spec})
    kubectl = f"kubectl patch felixconfigurations.{CALICO_GROUP} {word} --type merge -p {merge}"
    return kubectl, f"calicoctl patch felixconfiguration {word} -p {merge}"


def patch(kind: ResourceKind, name: str | Ask[str], spec: Mapping[str, Written]) -> tuple[str | None, str]:
    """Change fields under spec; None takes one away. A JSON merge patch (RFC 7386)."""
    merge = _json({"spec": spec})
    calicoctl = f"calicoctl patch {kind.lower()} {name_word(name)} -p {merge}"
    if kind is ResourceKind.NODE:
        return None, calicoctl
    return f"kubectl patch {_PLURALS[kind]} {name_word(name)} --type merge -p {merge}", calicoctl


def delete(kind: ResourceKind, name: str) -> tuple[str, str]:
    """Delete a resource."""
    plural = _PLURALS.get(kind, "node")
    return (
        f"kubectl delete {plural} {shell_words.name(name)}",
        f"calicoctl delete {kind.lower()} {shell_words.name(name)}",
    )


def piped(program: str, document: Mapping[str, Any]) -> str:
    """A command that takes one manifest from its standard input, in one line."""
    return f"printf %s {_json(document)} | {program}"


def with_manifests(program: str, documents: Sequence[Mapping[str, Any]]) -> str:
    """A command that takes manifests from its standard input, over several lines that people can read.

    What is asked for would stay unasked there: a shell fills nothing into such a text.
    """
    if any(any(asks_in(document)) for document in documents):
        return "\n".join(piped(program, document) for document in documents)
    text = yaml.dump_all(documents, Dumper=_OneLineDumper, sort_keys=False, width=inf, allow_unicode=False)
    return shell_words.with_input(program, text)


def _json(value: Any) -> str:
    asks = tuple(asks_in(value))
    numbers = [ask.variable for ask in asks if isinstance(ask.stand_in, int)]
    return shell_words.quoted_json(_shown(value), [ask.variable for ask in asks], numbers)


def _shown(value: Any) -> Any:
    """With `$NAME` where something is asked for."""
    if isinstance(value, Mapping):
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return str(value) if isinstance(value, (Ask, Parts)) else value
