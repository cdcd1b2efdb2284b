"""What kubectl asks first: which groups and resources there are (apimachinery: metav1.APIGroupList). Data only."""

from __future__ import annotations

from typing import Any

from calico_bgp.lab.kubernetes.objects import CALICO_KINDS, OPERATOR_GROUP
from calico_bgp.upstream import CALICO_GROUP, CRD_GROUP

_VERSIONS = {CALICO_GROUP: "v3", CRD_GROUP: "v1", OPERATOR_GROUP: "v1", "authorization.k8s.io": "v1"}
_KINDS = {CALICO_GROUP: CALICO_KINDS, CRD_GROUP: CALICO_KINDS, OPERATOR_GROUP: {"installations": "Installation"}}


def discovery(path: str) -> dict[str, Any] | None:
    """The answer to a path of discovery, None for any other."""
    if path == "/version":
        return {"major": "1", "minor": "34", "gitVersion": "v1.34.0", "platform": "linux/amd64"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in _VERSIONS]}
    if path == "/api/v1":
        resources = [
            _resource("nodes", "Node", namespaced=False),
            _resource("pods", "Pod", namespaced=True),
            {
                "name": "pods/exec",
                "singularName": "",
                "namespaced": True,
                "kind": "PodExecOptions",
                "verbs": ["create"],
            },
            _resource("configmaps", "ConfigMap", namespaced=True),
        ]
        return {"kind": "APIResourceList", "groupVersion": "v1", "resources": resources}
    for name, version in _VERSIONS.items():
        if path == f"/apis/{name}/{version}":
            kinds = _KINDS.get(name, {})
            resources = [_resource(plural, kind, namespaced=False) for plural, kind in kinds.items()]
            if not kinds:
                review = {"name": "selfsubjectaccessreviews", "singularName": "", "namespaced": False}
                resources = [{**review, "kind": "SelfSubjectAccessReview", "verbs": ["create"]}]
            return {"kind": "APIResourceList", "groupVersion": f"{name}/{version}", "resources": resources}
    return None


def _group(name: str) -> dict[str, Any]:
    version = {"groupVersion": f"{name}/{_VERSIONS[name]}", "version": _VERSIONS[name]}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _resource(plural: str, kind: str, *, namespaced: bool) -> dict[str, Any]:
    verbs = ["get", "list"]
    return {"name": plural, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind, "verbs": verbs}
