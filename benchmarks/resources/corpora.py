"""Calico's and Kubernetes' Nodes as calicoctl and kubectl print them, for 5,000 nodes. Times nothing."""

from __future__ import annotations

import json
from typing import Any

_LABELS = ("beta.kubernetes.io/arch", "beta.kubernetes.io/os", "kubernetes.io/arch", "kubernetes.io/os")


def _labels(number: int) -> dict[str, str]:
    fixed = dict(zip(_LABELS, ("amd64", "linux", "amd64", "linux"), strict=True))
    return {**fixed, "kubernetes.io/hostname": f"node-{number}", "topology.kubernetes.io/zone": f"zone-{number % 3}"}


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _uid(number: int) -> str:
    return f"6a7c1f0e-8b52-4c34-9b28-{number:012x}"


def calico_nodes(nodes: int) -> dict[str, Any]:
    """`calicoctl get nodes`, as an object."""
    return {
        "apiVersion": "projectcalico.org/v3",
        "items": [_calico_node(number) for number in range(1, nodes + 1)],
        "kind": "NodeList",
        "metadata": {"resourceVersion": "912345"},
    }


def _calico_node(number: int) -> dict[str, Any]:
    address, labels = _address(number), _labels(number)
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "Node",
        "metadata": {
            "annotations": {"projectcalico.org/kube-labels": json.dumps(labels, separators=(",", ":"))},
            "creationTimestamp": "2026-01-13T09:12:00Z",
            "labels": labels,
            "name": f"node-{number}",
            "resourceVersion": str(80_000 + number),
            "uid": _uid(number),
        },
        "spec": {
            "addresses": [
                {"address": f"{address}/24", "type": "CalicoNodeIP"},
                {"address": address, "type": "InternalIP"},
            ],
            "bgp": {"ipv4Address": f"{address}/24", "ipv4IPIPTunnelAddr": "10.244.12.0"},
            "orchRefs": [{"nodeName": f"node-{number}", "orchestrator": "k8s"}],
        },
        "status": {"podCIDRs": ["10.244.3.0/24"]},
    }


def kubernetes_nodes(nodes: int) -> dict[str, Any]:
    """`kubectl get nodes -o json`, as an object: some 10 KB a node."""
    items = [_kubernetes_node(number) for number in range(1, nodes + 1)]
    return {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}


def _kubernetes_node(number: int) -> dict[str, Any]:
    address = _address(number)
    conditions = ("NetworkUnavailable", "MemoryPressure", "DiskPressure", "PIDPressure", "Ready")
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "annotations": {
                "kubeadm.alpha.kubernetes.io/cri-socket": "unix:///run/containerd/containerd.sock",
                "node.alpha.kubernetes.io/ttl": "0",
                "projectcalico.org/IPv4Address": f"{address}/24",
                "projectcalico.org/IPv4IPIPTunnelAddr": "10.244.12.0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
            "creationTimestamp": "2026-01-13T09:12:00Z",
            "labels": _labels(number),
            "name": f"node-{number}",
            "resourceVersion": str(80_000 + number),
            "uid": _uid(number),
        },
        "spec": {"podCIDR": "10.244.3.0/24", "podCIDRs": ["10.244.3.0/24"]},
        "status": {
            "addresses": [
                {"address": address, "type": "InternalIP"},
                {"address": f"node-{number}", "type": "Hostname"},
            ],
            "allocatable": {"cpu": "16", "ephemeral-storage": "95551679124", "memory": "65428148Ki", "pods": "110"},
            "capacity": {"cpu": "16", "ephemeral-storage": "103679992Ki", "memory": "65530548Ki", "pods": "110"},
            "conditions": [
                {
                    "lastHeartbeatTime": "2026-03-02T11:04:31Z",
                    "lastTransitionTime": "2026-01-13T09:12:21Z",
                    "message": "kubelet has sufficient resources available of this kind",
                    "reason": "KubeletHasSufficientResources",
                    "status": "False",
                    "type": condition,
                }
                for condition in conditions
            ],
            "images": [
                {
                    "names": [
                        f"registry.example/team/image-{image}@sha256:{image * 7919 + number:064x}",
                        f"registry.example/team/image-{image}:v1.{image}.0",
                    ],
                    "sizeBytes": 100_000_000 + image,
                }
                for image in range(30)
            ],
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": _uid(number),
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.12.43+deb13-amd64",
                "kubeletVersion": "v1.34.1",
                "machineID": f"{number:032x}",
                "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 13 (trixie)",
                "systemUUID": _uid(number),
            },
        },
    }
