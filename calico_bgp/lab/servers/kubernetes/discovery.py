"""What kubectl asks first: which groups and resources there are (apimachinery: metav1.APIGroupList). Data only."""

from __future__ import annotations

from typing import Any

from calico_bgp.lab.servers.kubernetes.objects import CALICO_KINDS, OPERATOR_GROUP
from calico_bgp.upstream import CALICO_GROUP, CRD_GROUP

_VERSIONS = {
    CALICO_GROUP: "v3",
    CRD_GROUP: "v1",
    OPERATOR_GROUP: "v1",
    "authorization.k8s.io": "v1",
    "apps": "v1",
    "rbac.authorization.k8s.io": "v1",
}
_KINDS = {CALICO_GROUP: CALICO_KINDS, CRD_GROUP: CALICO_KINDS, OPERATOR_GROUP: {"installations": "Installation"}}
#: What manifests may be made of, in a dry run: there are no objects of these.
_OF_MANIFESTS = {
    "": {
        "namespaces": "Namespace",
        "serviceaccounts": "ServiceAccount",
        "persistentvolumeclaims": "PersistentVolumeClaim",
        "services": "Service",
    },
    "apps": {"deployments": "Deployment"},
    "rbac.authorization.k8s.io": {
        "clusterroles": "ClusterRole",
        "clusterrolebindings": "ClusterRoleBinding",
        "roles": "Role",
        "rolebindings": "RoleBinding",
    },
}
_WHOLE_CLUSTER = {"namespaces", "clusterroles", "clusterrolebindings"}


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
            *_manifests(""),
        ]
        return {"kind": "APIResourceList", "groupVersion": "v1", "resources": resources}
    for name, version in _VERSIONS.items():
        if path == f"/apis/{name}/{version}":
            kinds = _KINDS.get(name, {})
            resources = [_resource(plural, kind, namespaced=False) for plural, kind in kinds.items()]
            resources += _manifests(name)
            if not resources:
                review = {"name": "selfsubjectaccessreviews", "singularName": "", "namespaced": False}
                resources = [{**review, "kind": "SelfSubjectAccessReview", "verbs": ["create"]}]
            return {"kind": "APIResourceList", "groupVersion": f"{name}/{version}", "resources": resources}
    return None


def _manifests(group: str) -> list[dict[str, Any]]:
    kinds = _OF_MANIFESTS.get(group, {})
    return [_resource(plural, kind, namespaced=plural not in _WHOLE_CLUSTER) for plural, kind in kinds.items()]


def _group(name: str) -> dict[str, Any]:
    version = {"groupVersion": f"{name}/{_VERSIONS[name]}", "version": _VERSIONS[name]}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _resource(plural: str, kind: str, *, namespaced: bool) -> dict[str, Any]:
    verbs = ["get", "list"]
    return {"name": plural, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind, "verbs": verbs}
