"""Which Kubernetes nodes run no calico-node with BIRD, and why: nobody can read their BGP. Values in, a reason out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from calico_bgp.upstream import OS_LABELS

FARGATE = "Fargate: AWS runs it, it has no calico-node and no login"
WINDOWS = "Windows: it has no BIRD and no calicoctl node status"
VIRTUAL = "a virtual node (virtual kubelet): there is no machine behind it"
SIMULATED = "a simulated node (KWOK): there is no machine behind it"

_VIRTUAL_VERSION = re.compile(r"\bvk\b|virtual-kubelet", re.IGNORECASE)
_VIRTUAL_NAME = re.compile(r"virtual-(?:kubelet|node)\b|virtual-node-")


def why_without_bird(
    name: str,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Iterable[str] = (),
    taints: Iterable[str] = (),
    system: str = "",
    version: str = "",
) -> str | None:
    """Why a node runs no calico-node with BIRD, None where nothing says so.

    Args:
        name: Of the Node.
        labels: Its labels.
        annotations: The keys of its annotations.
        taints: The keys of its taints.
        system: Its operating system, also in the words of `kubectl get nodes -o wide`.
        version: Of its kubelet.
    """
    labels = labels or {}
    taints = tuple(taints)
    # EKS: docs.aws.amazon.com/eks "eks.amazonaws.com/compute-type"; the label is the pod's and the taint the node's.
    if (
        labels.get("eks.amazonaws.com/compute-type") == "fargate"
        or "eks.amazonaws.com/compute-type" in taints
        or name.startswith("fargate-ip-")
    ):
        return FARGATE
    if "kwok.x-k8s.io/node" in annotations:
        return SIMULATED
    # github.com/virtual-kubelet/virtual-kubelet: label `type`, taint `virtual-kubelet.io/provider`.
    if (
        labels.get("type") == "virtual-kubelet"
        or any(taint.startswith("virtual-kubelet.io/") for taint in taints)
        or _VIRTUAL_VERSION.search(version)
        or _VIRTUAL_NAME.match(name)
    ):
        return VIRTUAL
    if any(labels.get(key, "").lower() == "windows" for key in OS_LABELS) or system.lower().startswith("windows"):
        return WINDOWS
    return None
