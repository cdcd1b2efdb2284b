"""What is kept of a resource: the fields that decide about BGP, and no name of a Secret. Text in, text out."""

from __future__ import annotations

import json
from typing import Any

from calico_bgp.parse.resources.lenient import FELIX_FIELDS
from calico_bgp.upstream import ANNOTATION, METADATA

#: In the place of a reference to a Secret: that there is one matters, its name does not.
LEFT_OUT = "left-out"
_SECRETS = frozenset({"password", "nodeMeshPassword", "secretKeyRef"})
#: Calico's copy of the metadata and kubectl's of the whole resource: only that they are there matters.
_COPIES = frozenset({METADATA, "kubectl.kubernetes.io/last-applied-configuration"})


def kept_text(text: str) -> str | None:
    """JSON of resources with nothing in it but what a Resources needs, indented; None when it is no JSON of any.

    Args:
        text: What `calicoctl get KIND -o json` or `kubectl get KIND -o json` prints: a list, or one resource.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict | list):
        return None
    try:
        return as_text(kept(document))
    except RecursionError:
        return None


def as_text(value: Any) -> str:
    """A kept list or object as indented JSON."""
    # Half a surrogate pair, which JSON can write and no file hold.
    return json.dumps(value, indent=1, ensure_ascii=False).encode("utf-8", errors="replace").decode() + "\n"


def kept(value: Any) -> Any:
    """The same of a list or an object that is read already."""
    if isinstance(value, list):
        return [kept(item) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("items"), list):
        return _some(value, "apiVersion", "kind") | {"items": [kept(item) for item in value["items"]]}
    result = _some(value, "apiVersion", "kind")
    if "metadata" in value:
        result["metadata"] = _metadata(value["metadata"])
    status = value.get("status")
    if isinstance(status, dict) and "addresses" in status:
        result["status"] = {"addresses": status["addresses"]}
    # A Kubernetes Node's spec says nothing of BGP.
    if "spec" in value and not (value.get("kind") == "Node" and value.get("apiVersion") == "v1"):
        spec = value["spec"]
        if value.get("kind") == "FelixConfiguration" and isinstance(spec, dict):
            spec = _some(spec, *FELIX_FIELDS)
        result["spec"] = _without_secrets(spec)
    return result


def _metadata(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kept = _some(value, "name", "uid", "labels", "annotations")
    annotations = kept.get("annotations")
    if isinstance(annotations, dict):
        kept["annotations"] = {
            key: "{}" if key in _COPIES else text
            for key, text in annotations.items()
            if key in _COPIES or key.startswith(ANNOTATION)
        }
    return kept


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _left_out(key) if key in _SECRETS and item else _without_secrets(item) for key, item in value.items()}


def _left_out(key: str) -> dict[str, Any]:
    reference = {"name": LEFT_OUT, "key": LEFT_OUT}
    return reference if key == "secretKeyRef" else {"secretKeyRef": reference}


def _some(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value[key] for key in keys if key in value}
