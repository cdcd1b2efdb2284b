"""What may stand in the resources that the stand-ins write; they refuse what the real ones refuse.

Sources: api/pkg/apis/projectcalico/v3 (bgppeer.go, bgpconfig.go, ippool.go), libcalico-go/lib/apis/v3/node.go,
libcalico-go/lib/validator/v3. No code of calico_bgp may enter it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_interface
from typing import Any

Document = dict[str, Any]
Check = Callable[[Any], bool]


class SchemaError(Exception):
    """Why a resource is not taken."""


def _text(value: object) -> bool:
    return isinstance(value, str)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _number(least: int, most: int) -> Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _as_number(value: object) -> bool:
    """numorstring.ASNumber: a number, a text of digits, or asdot."""
    if isinstance(value, str):
        return re.fullmatch(r"\d{1,10}|\d{1,5}\.\d{1,5}", value) is not None
    return _number(0, 2**32 - 1)(value)


def _interface(version: int) -> Check:
    def check(value: object) -> bool:
        try:
            return ip_interface(str(value)).version == version
        except ValueError:
            return False

    return check


def _ipv4(value: object) -> bool:
    """A cluster ID."""
    try:
        return ip_address(str(value)).version == 4
    except ValueError:
        return False


def _peer_ip(value: object) -> bool:
    match = re.fullmatch(r"\[([^]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|(.+)", str(value))
    try:
        ip_address((match and (match[1] or match[3] or match[5])) or "")
    except ValueError:
        return False
    return True


def _selector(value: object) -> bool:
    """Balanced quotes and parentheses: all that is looked at here."""
    text = str(value)
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    return not re.search(r"['\"]", bare) and bare.count("(") == bare.count(")")


def _password(value: object) -> bool:
    reference = value.get("secretKeyRef") if isinstance(value, dict) and set(value) == {"secretKeyRef"} else None
    return isinstance(reference, dict) and {"name", "key"} <= set(reference) <= {"name", "key", "optional"}


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _any(value: object) -> bool:
    return value is not None


SPECS: Mapping[str, Mapping[str, Check]] = {
    "BGPPeer": {
        "node": _text,
        "nodeSelector": _selector,
        "peerIP": _peer_ip,
        "peerSelector": _selector,
        "asNumber": _as_number,
        "localASNumber": _as_number,
        "localWorkloadSelector": _selector,
        "reversePeering": _one_of("Auto", "Manual"),
        "keepOriginalNextHop": _flag,
        "nextHopMode": _one_of("Auto", "Self", "Keep"),
        "numAllowedLocalASNumbers": _number(0, 2**31 - 1),
        "sourceAddress": _one_of("UseNodeIP", "None"),
        "reachableBy": _text,
        "maxRestartTime": _text,
        "ttlSecurity": _number(0, 255),
        "password": _password,
        "filters": _texts,
    },
    "BGPConfiguration": {
        "asNumber": _as_number,
        "nodeToNodeMeshEnabled": _flag,
        "listenPort": _number(1, 65535),
        "nodeMeshMaxRestartTime": _text,
        "nodeMeshPassword": _password,
        "logSeverityScreen": _one_of("Debug", "Info", "Warning", "Error", "Fatal"),
        "serviceClusterIPs": _any,
        "serviceExternalIPs": _any,
        "serviceLoadBalancerIPs": _any,
        "communities": _any,
        "prefixAdvertisements": _any,
        "bindMode": _one_of("None", "NodeIP"),
        "ignoredInterfaces": _texts,
    },
    "IPPool": {"cidr": _text, "ipipMode": _text, "vxlanMode": _text, "disabled": _flag, "disableBGPExport": _flag},
    "Node": {
        "bgp": lambda value: isinstance(value, dict) and not _wrong(value, NODE_BGP),
        "addresses": _any,
        "orchRefs": _any,
        "ipv4VXLANTunnelAddr": _text,
        "wireguard": _any,
    },
}
NODE_BGP: Mapping[str, Check] = {
    "ipv4Address": _interface(4),
    "ipv6Address": _interface(6),
    "asNumber": _as_number,
    "routeReflectorClusterID": _ipv4,
    "ipv4IPIPTunnelAddr": _text,
}
#: Lower-case names, as after `calicoctl get` (calicoctl/calicoctl/resourcemgr) and `kubectl get`.
NAMES = {
    "BGPPeer": {"bgppeer", "bgppeers", "bgpp", "bgpps", "bp", "bps"},
    "BGPConfiguration": {"bgpconfiguration", "bgpconfigurations", "bgpconfig", "bgpconfigs"},
    "IPPool": {"ippool", "ippools", "ipp", "ipps", "pool", "pools"},
    "Node": {"node", "nodes", "no", "nos"},
}


def check(document: Document) -> None:
    """Refuse one of Calico's resources whose spec is not as its kind has it.

    Raises:
        SchemaError: What is wrong with it.
    """
    kind, spec = document.get("kind", ""), document.get("spec")
    if kind not in SPECS:
        raise SchemaError(f"no kind {kind!r} is registered for version {document.get('apiVersion')!r}")
    if not isinstance(spec, dict):
        raise SchemaError("spec is missing")
    wrong = _wrong(spec, SPECS[kind])
    if wrong:
        raise SchemaError("; ".join(wrong))
    if kind == "BGPPeer":
        _check_peer(spec)


def _wrong(spec: Mapping[str, Any], fields: Mapping[str, Check]) -> list[str]:
    unknown = [f'unknown field "{name}"' for name in spec if name not in fields]
    return unknown + [
        f"invalid value {value!r} for {n}" for n, value in spec.items() if n in fields and not fields[n](value)
    ]


def _check_peer(spec: Mapping[str, Any]) -> None:
    """validateBGPPeerSpec (libcalico-go/lib/validator/v3/validator.go)."""
    if spec.get("node") and spec.get("nodeSelector"):
        raise SchemaError("Node field must be empty when NodeSelector is specified")
    if spec.get("peerIP") and spec.get("peerSelector"):
        raise SchemaError("PeerIP field must be empty when PeerSelector is specified")
    if spec.get("asNumber") and spec.get("peerSelector"):
        raise SchemaError("ASNumber field must be empty when PeerSelector is specified")


def label_problem(key: str, value: str) -> str | None:
    """Why Kubernetes does not take a label; None when it does."""
    prefix, slash, name = key.rpartition("/")
    good_name = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", name)
    good_prefix = not slash or re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", prefix)
    if not good_name or not good_prefix:
        return f"invalid label key {key!r}"
    if value and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", value):
        return f"invalid label value: {value!r}"
    return None


def merged(old: Any, change: Any) -> Any:
    """RFC 7386, which is what a strategic patch comes to where there are no lists of objects."""
    if not isinstance(change, dict):
        return copy.deepcopy(change)
    result = dict(old) if isinstance(old, dict) else {}
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
