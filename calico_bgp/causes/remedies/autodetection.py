"""How calico-node finds its BGP address at its next start: the setting, where this cluster has it. Nothing is run.

The operator owns the DaemonSet and undoes what is written into its environment, so there the Installation is the place
(tigera/operator api/v1 NodeAddressAutodetection); elsewhere it is the environment of the DaemonSet (calico-node,
IP_AUTODETECTION_METHOD).
"""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_network

from calico_bgp import shell_words
from calico_bgp.model.cause import FixStep
from calico_bgp.model.peer import Address, Family
from calico_bgp.model.resources import Autodetection, Resources
from calico_bgp.upstream import CALICO_NODE

_FIELD = {Family.IPV4: "nodeAddressAutodetectionV4", Family.IPV6: "nodeAddressAutodetectionV6"}
VARIABLE = {Family.IPV4: "IP_AUTODETECTION_METHOD", Family.IPV6: "IP6_AUTODETECTION_METHOD"}
#: The Installation takes one method: what is not wanted has to go.
_METHODS = ("firstFound", "kubernetes", "interface", "skipInterface", "canReach", "cidrs")
_OPERATOR = Autodetection("Installation", "default")
_MANIFEST = Autodetection("DaemonSet", CALICO_NODE, "kube-system")


def known_place(resources: Resources | None) -> Autodetection | None:
    """Where this cluster sets it, as far as the resources hold it: an Installation before a DaemonSet."""
    found = () if resources is None else resources.autodetection
    return next(iter(sorted(found, key=lambda one: one.kind != "Installation")), None)


def places(resources: Resources | None) -> tuple[Autodetection, ...]:
    """Where it may be set: one place where it is known, else the operator's and the manifest's."""
    known = known_place(resources)
    return (_OPERATOR, _MANIFEST) if known is None else (known,)


def setting(place: Autodetection, family: Family) -> str:
    """The setting's name, in words."""
    if place.kind == "Installation":
        return f"spec.calicoNetwork.{_FIELD[family]} of the Installation {place.name}"
    return f"{VARIABLE[family]} of the DaemonSet {place.name} in {place.namespace}"


def method_of(place: Autodetection, family: Family) -> str | None:
    """What is set there now."""
    return place.ipv4 if family is Family.IPV4 else place.ipv6


def step(place: Autodetection, family: Family, resources: Resources | None) -> FixStep | None:
    """Let calico-node take the InternalIP, or, where the nodes do not use theirs, an address of the others' network.

    None where the others' network is not known.
    """
    network = None
    if not use_internal_ips(resources, family):
        network = network_of_most(resources, family)
        if network is None:
            return None
    what = "the InternalIP" if network is None else f"an address of {network}"
    said = f"let calico-node take {what} when it starts ({setting(place, family)})"
    if place.kind == "Installation":
        wanted: dict[str, object] = {"kubernetes": "NodeInternalIP"} if network is None else {"cidrs": [network]}
        merge = {"spec": {"calicoNetwork": {_FIELD[family]: dict.fromkeys(_METHODS) | wanted}}}
        patch = shell_words.quoted_json(merge)
        return FixStep(
            what=said,
            kubectl=f"kubectl patch installations.operator.tigera.io {shell_words.name(place.name)} "
            f"--type merge -p {patch}",
        )
    method = "kubernetes-internal-ip" if network is None else f"cidr={network}"
    target = f"daemonset/{shell_words.name(place.name)} -n {shell_words.name(place.namespace or '')}"
    return FixStep(what=said, kubectl=f"kubectl set env {target} {VARIABLE[family]}={shell_words.quote(method)}")


def use_internal_ips(resources: Resources | None, family: Family) -> bool:
    """Whether the InternalIP would be right: unless most nodes have another BGP address."""
    nodes = () if resources is None else resources.nodes
    able = [node for node in nodes if node.address(family) is not None and node.internal_ips]
    return not able or 2 * sum(node.address(family) in node.internal_ips for node in able) >= len(able)


def network_of_most(resources: Resources | None, family: Family) -> str | None:
    """The network in which most nodes have their BGP address, as far as prefix lengths tell."""
    found: Counter[str] = Counter()
    for node in () if resources is None else resources.nodes:
        address, length = node.address(family), node.prefix(family)
        if address is not None and length not in {None, address.max_prefixlen}:
            found[str(ip_network((address, length or 0), strict=False))] += 1
    return next((network for network, _ in found.most_common(1)), None)


def prefix_for(resources: Resources | None, family: Family, right: Address) -> int | None:
    """The prefix length of the network that the nodes share, where the address lies in it."""
    network = network_of_most(resources, family)
    return None if network is None or right not in ip_network(network) else ip_network(network).prefixlen
