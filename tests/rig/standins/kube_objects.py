"""What kubectl (a stand-in) finds: kinds by their names, selectors, pods, and how objects are printed.

No code of calico_bgp may enter it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import yaml

from tests.rig.machines.datastore import AGENT, NAMESPACE, Datastore
from tests.rig.standins.command_line import CommandError
from tests.rig.standins.jsonpath import PathError, evaluate

Document = dict[str, Any]

_CALICO = {"BGPPeer": "bgppeer", "BGPConfiguration": "bgpconfiguration", "IPPool": "ippool"}
NAMES = {
    "Node": {"node", "nodes", "no"},
    "Pod": {"pod", "pods", "po"},
    "DaemonSet": {"daemonset", "daemonsets", "ds", "daemonsets.apps", "daemonset.apps"},
    "Secret": {"secret", "secrets"},
    **{
        kind: {f"{word}{plural}{group}" for plural in ("", "s") for group in ("", ".projectcalico.org")}
        for kind, word in _CALICO.items()
    },
}
NAMESPACED = {"Pod", "DaemonSet", "Secret"}


class Pods(Protocol):
    """calico-node's pods: what a cluster does besides keeping documents."""

    def pod_names(self) -> Mapping[str, str]:
        """Node → the name of calico-node's pod on it."""

    def restart(self, node: str) -> None:
        """Delete the pod; its DaemonSet makes it anew."""

    def execute(self, node: str, command: list[str]) -> tuple[int, str]:
        """Run a command in the container calico-node: exit code and output."""

    def logs(self, node: str) -> str:
        """What calico-node has said."""


def kind_of(word: str) -> str:
    """The kind that a word of a command line names.

    Raises:
        CommandError: As kubectl says it.
    """
    for kind, names in NAMES.items():
        if word.lower() in names:
            return kind
    raise CommandError(f'error: the server doesn\'t have a resource type "{word}"')


def lower(kind: str, name: str) -> str:
    """`bgppeer.projectcalico.org/rr`, as kubectl names an object."""
    group = ".projectcalico.org" if kind in _CALICO else ".apps" if kind == "DaemonSet" else ""
    return f"{kind.lower()}{group}/{name}"


def objects(store: Datastore, pods: Pods, kind: str) -> list[Document]:
    """All objects of a kind, in every namespace."""
    if kind != "Pod":
        return store.all(kind)
    return [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": pod, "namespace": NAMESPACE, "labels": {"k8s-app": AGENT}},
            "spec": {"nodeName": node, "containers": [{"name": AGENT}]},
            "status": {"phase": "Running"},
        }
        for node, pod in sorted(pods.pod_names().items())
    ]


def selected(found: Iterable[Document], options: Mapping[str, str], namespace: str | None) -> list[Document]:
    """Those that -l, --field-selector and -n choose.

    Args:
        found: The objects.
        options: The command's.
        namespace: None for all namespaces.
    """
    return [
        each
        for each in found
        if (each["kind"] not in NAMESPACED or namespace in {None, each["metadata"].get("namespace")})
        and _labels_match(options.get("selector", ""), each["metadata"].get("labels") or {})
        and _fields_match(options.get("field-selector", ""), each)
    ]


def _labels_match(selector: str, labels: Mapping[str, str]) -> bool:
    for term in filter(None, selector.split(",")):
        match = re.fullmatch(r"(!?)([\w./-]+)(?:(==|=|!=)([\w.-]*))?", term)
        if match is None:
            raise CommandError(f"Error from server (BadRequest): unable to parse requirement: {term!r}")
        negated, key, operator, value = match.groups()
        if operator is None:
            fits = (key in labels) is not bool(negated)
        else:
            fits = (labels.get(key) == value) is (operator != "!=")
        if not fits:
            return False
    return True


def _fields_match(selector: str, document: Document) -> bool:
    for term in filter(None, selector.split(",")):
        path, equals, value = term.partition("=")
        if not equals or path not in {"metadata.name", "metadata.namespace", "spec.nodeName", "status.phase"}:
            raise CommandError(f'Error from server (BadRequest): field label not supported: "{path}"')
        found: Any = document
        for name in path.split("."):
            found = (found or {}).get(name)
        if found != value.removeprefix("="):
            return False
    return True


def printed(found: list[Document], output: str | None, *, one: bool, kind: str) -> str:
    """As `-o` says.

    Args:
        found: The objects.
        output: Its value, None without.
        one: Whether one was asked for by name, which then is no list.
        kind: Of all of them.
    """
    value: Any = found[0] if one else {"apiVersion": "v1", "kind": "List", "metadata": {}, "items": found}
    if output == "json":
        return json.dumps(value, indent=4) + "\n"
    if output == "yaml":
        return yaml.safe_dump(value, sort_keys=False)
    if output == "name":
        return "".join(f"{lower(kind, each['metadata']['name'])}\n" for each in found)
    if output is not None and output.startswith("jsonpath="):
        try:
            return evaluate(output.removeprefix("jsonpath="), value)
        except PathError as error:
            raise CommandError(f"error: error parsing jsonpath {output}, {error}") from error
    if output in {None, "wide"}:
        return "".join(f"{line}\n" for line in _table(found))
    raise CommandError(f'error: unable to match a printer suitable for the output format "{output}"')


def _table(found: list[Document]) -> Iterator[str]:
    if found:
        yield "NAME"
    for each in found:
        yield each["metadata"]["name"]
