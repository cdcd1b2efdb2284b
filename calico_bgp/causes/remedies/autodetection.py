"""How calico-node finds its BGP address at its next start: the setting, where this cluster has it. Nothing is run."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_network

from calico_bgp.causes.case import Case
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.autodetection import FIELD, OF_MANIFEST, OF_OPERATOR, VARIABLE, SetAutodetection
from calico_bgp.cluster.odd_addresses import odd_address
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.reports.cause import Asked, FixStep
from calico_bgp.model.resources import Autodetection, CalicoNode, Resources
from calico_bgp.prefixes import network_around

_NETWORK = Ask("CIDR", "the network that the nodes share, like 192.168.56.0/24 (ip -brief address on two nodes)", "-")


def known_place(resources: Resources | None) -> Autodetection | None:
    """Where this cluster sets it, as far as the resources hold it: an Installation before a DaemonSet."""
    all_places = () if resources is None else resources.autodetection
    return next(iter(sorted(all_places, key=lambda one: one.kind != "Installation")), None)


def places(resources: Resources | None) -> tuple[Autodetection, ...]:
    """Where it may be set: one place where it is known, else the operator's and the manifest's."""
    place = known_place(resources)
    return (OF_OPERATOR, OF_MANIFEST) if place is None else (place,)


def setting(place: Autodetection, family: Family) -> str:
    """The setting's name, in words."""
    if place.kind == "Installation":
        return f"spec.calicoNetwork.{FIELD[family]} of the Installation {place.name}"
    return f"{VARIABLE[family]} of the DaemonSet {place.name} in {place.namespace}"


def method_of(place: Autodetection, family: Family) -> str | None:
    """What is set there now."""
    return place.ipv4 if family is Family.IPV4 else place.ipv6


def step(place: Autodetection, family: Family, case: Case) -> tuple[FixStep, tuple[Asked, ...]]:
    """Let calico-node take the InternalIP, or, where that is not what the nodes share, an address of their network.

    Returns:
        The step, and what must be filled in: the network, where nothing here says which one.
    """
    network: str | Ask[str] | None = None
    if not use_internal_ips(case.resources, family):
        network = network_of_most(case.resources, family) or _network_of_hosts(case, family) or _NETWORK
    command = SetAutodetection(place, family, network).command()
    what = "the InternalIP" if network is None else f"an address of {'their network' if command.asks else network}"
    summary = f"let calico-node take {what} when it starts ({setting(place, family)})"
    return FixStep(what=summary, kubectl=command.kubectl), tuple(ask.asked for ask in command.asks)


def use_internal_ips(resources: Resources | None, family: Family) -> bool:
    """Whether the InternalIP would be right: unless most nodes have another BGP address, or two nodes have one."""
    nodes = () if resources is None else resources.nodes
    internal = [address for node in nodes for address in set(node.internal_ips_of(family))]
    if len(set(internal)) < len(internal):
        return False  # the kubelet takes the first interface as well: VirtualBox's NAT, on every machine
    alone = _alone(resources, family)
    if nodes and not internal and not alone:
        return False  # nothing says that Kubernetes has a better one
    able = [node for node in alone if node.internal_ips]
    return not able or 2 * sum(node.address(family) in node.internal_ips for node in able) >= len(able)


def _alone(resources: Resources | None, family: Family) -> list[CalicoNode]:
    """The nodes whose BGP address no other one has, and that is no bridge's: of those what is right may be learned."""
    nodes = () if resources is None else resources.nodes
    able = [(node, address) for node in nodes if (address := node.address(family)) is not None]
    times = Counter(address for _, address in able)
    return [node for node, address in able if times[address] == 1 and odd_address(address, list(times)) is None]


def _network_of_hosts(case: Case, family: Family) -> str | None:
    """The one network in which every host that was read has an address of its own, by the usual size of networks."""
    lists = [
        [a for a in member.reading.addresses if family_of(a) is family and odd_address(a) is None]
        for member in case.cluster.members
        if member.reading is not None and member.reading.addresses
    ]
    networks = [{network_around(address) for address in addresses} for addresses in lists]
    common = set.intersection(*networks) if len(networks) > 1 else set()
    able = [
        network
        for network in common
        if len({address for addresses in lists for address in addresses if address in network}) >= len(lists)
    ]
    return str(able[0]) if len(able) == 1 else None


def network_of_most(resources: Resources | None, family: Family) -> str | None:
    """The network in which most nodes have their BGP address, as far as prefix lengths tell."""
    counted: Counter[str] = Counter()
    for node in _alone(resources, family):
        address, length = node.address(family), node.prefix(family)
        if address is not None and length not in {None, address.max_prefixlen}:
            counted[str(ip_network((address, length or 0), strict=False))] += 1
    return next((network for network, _ in counted.most_common(1)), None)


def prefix_for(resources: Resources | None, family: Family, right: Address) -> int | None:
    """The prefix length of the network that the nodes share, where the address lies in it."""
    network = network_of_most(resources, family)
    return None if network is None or right not in ip_network(network) else ip_network(network).prefixlen
