"""Where calico-node is told how to find its addresses: the operator's Installation, or the DaemonSet. No other kind.

Both hold much that is none of ours, so what does not look as expected counts as absent: it is no error.
"""

from __future__ import annotations

from typing import Any

from calico_bgp.model.resources import Autodetection
from calico_bgp.parse.resources.raw import whole_characters
from calico_bgp.parse.untyped import as_list, as_mapping
from calico_bgp.upstream import CALICO_NODE

#: api/v1 NodeAddressAutodetection of tigera/operator -> what calico-node's environment calls it.
_METHODS = {
    "firstFound": "first-found",
    "kubernetes": "kubernetes-internal-ip",
    "interface": "interface=",
    "skipInterface": "skip-interface=",
    "canReach": "can-reach=",
    "cidrs": "cidr=",
}
_LONGEST = 200


def installation(value: dict[str, Any]) -> Autodetection | None:
    """operator.tigera.io/v1 Installation (tigera/operator api/v1/installation_types.go CalicoNetworkSpec)."""
    network = as_mapping(as_mapping(value.get("spec")).get("calicoNetwork"))
    name = _text(as_mapping(value.get("metadata")).get("name"))
    if name is None:
        return None
    methods = [_method(as_mapping(network.get(f"nodeAddressAutodetectionV{version}"))) for version in (4, 6)]
    return Autodetection("Installation", name, None, *methods)


def _method(autodetection: dict[str, Any]) -> str | None:
    for key, method in _METHODS.items():
        value = autodetection.get(key)
        if value is None or value is False:
            continue
        if not method.endswith("="):
            return method
        listed = [text for one in (value if isinstance(value, list) else [value]) if (text := _text(one))]
        return _text(method + ",".join(listed)) if listed else None
    return None


def daemon_set(value: dict[str, Any]) -> Autodetection | None:
    """apps/v1 DaemonSet of calico-node; one that the operator owns is not where the method is set."""
    metadata = as_mapping(value.get("metadata"))
    name, namespace = _text(metadata.get("name")), _text(metadata.get("namespace"))
    owners = [as_mapping(owner).get("kind") for owner in as_list(metadata.get("ownerReferences"))]
    if name != CALICO_NODE or "Installation" in owners:
        return None
    pod = as_mapping(as_mapping(as_mapping(value.get("spec")).get("template")).get("spec"))
    environment = {
        as_mapping(one).get("name"): _text(as_mapping(one).get("value"))
        for container in as_list(pod.get("containers"))
        if as_mapping(container).get("name") == CALICO_NODE
        for one in as_list(as_mapping(container).get("env"))
    }
    methods = [environment.get(f"{key}_AUTODETECTION_METHOD") for key in ("IP", "IP6")]
    return Autodetection("DaemonSet", name, namespace or "kube-system", *methods)


READERS = {("operator.tigera.io/v1", "Installation"): installation, ("apps/v1", "DaemonSet"): daemon_set}


def _text(value: object) -> str | None:
    return whole_characters(value)[:_LONGEST] if isinstance(value, str) and value else None
