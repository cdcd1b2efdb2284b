"""A cluster's resources as a folder of YAML: what kubectl and calicoctl (stand-ins) edit and confd (tests/rig) reads.

It is a Kubernetes datastore: a node is a Kubernetes Node whose annotations are Calico's. Starts and reloads nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from calico_bgp.model.resources import Resources
from calico_bgp.parse.resources.reader import parse_resources

Document = dict[str, Any]
#: (kind, name).
Key = tuple[str, str]

V3 = "projectcalico.org/v3"
NAMESPACE = "calico-system"
#: calico-node's DaemonSet, and where the passwords of BGP are.
AGENT = "calico-node"
#: Field under spec.bgp of Calico's Node → the annotation of the Kubernetes Node
#: (libcalico-go/lib/backend/k8s/resources/node.go).
ANNOTATIONS = {
    "ipv4Address": "projectcalico.org/IPv4Address",
    "ipv6Address": "projectcalico.org/IPv6Address",
    "asNumber": "projectcalico.org/ASNumber",
    "routeReflectorClusterID": "projectcalico.org/RouteReflectorClusterID",
}
OWN_LABELS = "projectcalico.org/labels"


class Datastore:
    """The documents, each in a file of its own.

    Args:
        folder: Made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        #: Counts the changes, for who keeps what follows from the documents.
        self.version = 0
        self._parsed: tuple[int, Resources] | None = None

    def _path(self, kind: str, name: str) -> Path:
        return self.folder / f"{kind}.{name}.yaml"

    def get(self, kind: str, name: str) -> Document | None:
        """A document, None when it is not there."""
        path = self._path(kind, name)
        return yaml.safe_load(path.read_text()) if path.exists() else None

    def put(self, document: Document) -> None:
        """Write a document, in place of the one that has its kind and name."""
        path = self._path(document["kind"], document["metadata"]["name"])
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        self.version += 1

    def delete(self, kind: str, name: str) -> bool:
        """Whether it was there."""
        there = self._path(kind, name).exists()
        self._path(kind, name).unlink(missing_ok=True)
        self.version += 1
        return there

    def all(self, *kinds: str) -> list[Document]:
        """All documents of some kinds, or of every kind, sorted by kind and name."""
        found = [yaml.safe_load(path.read_text()) for path in sorted(self.folder.glob("*.yaml"))]
        return [document for document in found if not kinds or document["kind"] in kinds]

    def restore(self, documents: Iterable[Document]) -> None:
        """Let it hold these and nothing else."""
        kept = copy.deepcopy(list(documents))
        for path in self.folder.glob("*.yaml"):
            path.unlink()
        self.version += 1
        for document in kept:
            self.put(document)

    def resources(self) -> Resources:
        """What decides about BGP in it; read anew only after a change: rigs ask for it many times a second."""
        version = self.version
        if self._parsed is None or self._parsed[0] != version:
            self._parsed = (version, parse_resources([("datastore", self.export())]))
        return self._parsed[1]

    def export(self, *, kubernetes: bool = True) -> str:
        """What an operator gets out of it, as YAML.

        Args:
            kubernetes: The nodes as `kubectl get nodes` has them; else as `calicoctl get nodes` does.
        """
        documents = self.all("Node", "BGPPeer", "BGPConfiguration", "BGPFilter", "IPPool")
        return yaml.safe_dump_all(
            [d if d["kind"] != "Node" or kubernetes else calico_node(d) for d in documents], sort_keys=False
        )

    def password(self, reference: Document | None) -> str | None:
        """The password that a `secretKeyRef` names; None where it is not there, which confd only logs."""
        chosen = (reference or {}).get("secretKeyRef", {})
        secret = self.get("Secret", chosen.get("name", "")) or {}
        return (secret.get("stringData") or {}).get(chosen.get("key"))


def node_document(name: str, ipv4: str, ipv6: str, *, zone: str, cluster_id: str | None = None) -> Document:
    """A Kubernetes Node; with a cluster ID it is a reflector, and labelled so.

    Args:
        name: Its name.
        ipv4: With prefix length.
        ipv6: With prefix length.
        zone: topology.kubernetes.io/zone.
        cluster_id: routeReflectorClusterID.
    """
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": zone}
    annotations = {ANNOTATIONS["ipv4Address"]: ipv4, ANNOTATIONS["ipv6Address"]: ipv6}
    if cluster_id is not None:
        labels["route-reflector"] = "true"
        annotations[ANNOTATIONS["routeReflectorClusterID"]] = cluster_id
    addresses = [{"type": "InternalIP", "address": a.partition("/")[0]} for a in (ipv4, ipv6)]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": annotations},
        "spec": {},
        "status": {"addresses": [*addresses, {"type": "Hostname", "address": name}]},
    }


def document(kind: str, name: str, **spec: Any) -> Document:
    """One of Calico's own."""
    return {"apiVersion": V3, "kind": kind, "metadata": {"name": name}, "spec": spec}


def secret(name: str, **values: str) -> Document:
    """A Secret beside calico-node."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "stringData": values,
    }


def calico_node(kubernetes: Document) -> Document:
    """A Kubernetes Node as calicoctl shows it."""
    metadata = kubernetes["metadata"]
    annotations = metadata.get("annotations") or {}
    labels = json.loads(annotations.get(OWN_LABELS, "{}")) | (metadata.get("labels") or {})
    bgp = dict(_bgp_fields(annotations))
    addresses = [
        {"address": a["address"], "type": a["type"]}
        for a in kubernetes.get("status", {}).get("addresses", [])
        if a["type"] == "InternalIP"
    ]
    spec: Document = {"addresses": addresses, "orchRefs": [{"nodeName": metadata["name"], "orchestrator": "k8s"}]}
    if bgp:
        spec["bgp"] = bgp
    return {
        "apiVersion": V3,
        "kind": "Node",
        "metadata": {"name": metadata["name"], "labels": labels, "annotations": annotations},
        "spec": spec,
    }


def _bgp_fields(annotations: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for field, annotation in ANNOTATIONS.items():
        if annotation in annotations:
            value = annotations[annotation]
            yield field, int(value) if field == "asNumber" and value.isdigit() else value
