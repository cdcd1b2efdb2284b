"""YAML and JSON of other programs, which a repository keeps beside resources: what it is by its keys."""

from __future__ import annotations

from typing import Any, NamedTuple

from calico_bgp.parse.resources.forms.form import Found
from calico_bgp.parse.resources.raw import Text

#: Kinds that stand for resources that something else renders → what does.
RENDERED = {
    "Kustomization": ("a kustomization", "kubectl kustomize FOLDER | calico-bgp lint -"),
    "HelmRelease": ("a HelmRelease (Flux)", "helm template CHART | calico-bgp lint -"),
    "HelmChart": ("a HelmChart", "helm template CHART | calico-bgp lint -"),
    "Chart": ("a Chart.yaml of Helm", "helm template CHART | calico-bgp lint -"),
    "Application": ("an Application of Argo CD", "argocd app manifests NAME | calico-bgp lint -"),
    "Config": ("a kubeconfig", "kubectl get bgppeers -o yaml | calico-bgp lint -"),
}


class _Keys(NamedTuple):
    """A document is that when it has all of these keys."""

    keys: frozenset[str]
    called: str
    instead: str | None


_KNOWN = (
    _Keys(frozenset({"apiVersion", "name", "version"}), *RENDERED["Chart"]),
    _Keys(frozenset({"clusters", "contexts", "users"}), *RENDERED["Config"]),
    _Keys(frozenset({"resources"}), *RENDERED["Kustomization"]),
    _Keys(frozenset({"patches"}), *RENDERED["Kustomization"]),
    _Keys(frozenset({"services"}), "a compose file", None),
    _Keys(frozenset({"all"}), "an Ansible inventory", "calico-bgp hosts FILE > hosts.txt"),
    _Keys(frozenset({"repos"}), "a list of hooks or repositories", None),
    _Keys(frozenset({"jobs"}), "a pipeline of a CI system", None),
    _Keys(frozenset({"stages"}), "a pipeline of a CI system", None),
    _Keys(frozenset({"definitions"}), "a schema", None),
)
_VALUES = "values of a Helm chart or settings of another program"


def by_keys(document: Any) -> Found | None:
    """What a document is that says neither kind nor apiVersion; None where nobody knows."""
    if isinstance(document, list):
        first = document[0] if document else None
        if isinstance(first, dict) and {"hosts", "tasks", "roles"} & set(first) and "hosts" in first:
            return Found("an Ansible playbook")
        return None
    if not isinstance(document, dict) or "kind" in document:
        return None
    for tool in _KNOWN:
        if tool.keys <= set(document):
            return Found(tool.called, tool.instead)
    return (
        None
        if "apiVersion" in document
        else Found(_VALUES, "what they render to: helm template CHART | calico-bgp lint -")
    )


def by_kinds(kinds: frozenset[str]) -> Found | None:
    """What a text of nothing but such kinds is, None where one of them is another."""
    if not kinds or not kinds <= set(RENDERED):
        return None
    called, instead = RENDERED[min(kinds)]
    return Found(called, instead)


def is_yaml(text: Text) -> bool:
    """Whether a text could be read at all: what is wrong is what it holds, not how it is written."""
    return not any("not YAML" in problem.message or "not JSON" in problem.message for problem in text.problems.found)
