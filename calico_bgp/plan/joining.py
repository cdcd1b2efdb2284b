"""Nodes that are to join a cluster as reflectors: what is said of them, whether that can be, and their two steps.

A Node made before its machine starts has label and cluster ID when its calico-node first runs, so that no BIRD ever has
it in the mesh. kubelet takes a Node of its name that is there and keeps its labels and annotations
(kubernetes pkg/kubelet/kubelet_node_status.go tryRegisterWithAPIServer); calico-node adds its addresses to it. Until
then the Node has no address for BGP, and nobody a peer for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from calico_bgp.changes.change import ApplyResources
from calico_bgp.changes.editing import missing_node
from calico_bgp.errors import ChangeError
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.resources import CalicoNode, Resources

#: A name that Kubernetes takes for a Node: RFC 1123's subdomain.
_PART = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"{_PART}(\.{_PART})*")
_LONGEST_NAME = 253
_FORM = "expected NAME=IPV4, NAME=IPV6 or NAME=IPV4,IPV6"


@dataclass(frozen=True, slots=True)
class Joining:
    """A node that joins.

    Attributes:
        name: The name it will have.
        ipv4: Its address for BGP; None without one.
        ipv6: Likewise.
    """

    name: str
    ipv4: Address | None = None
    ipv6: Address | None = None

    def address(self, family: Family) -> Address | None:
        """Its address of a family."""
        return self.ipv4 if family is Family.IPV4 else self.ipv6

    def on(self, node: CalicoNode) -> CalicoNode:
        """A node with these addresses."""
        return replace(node, ipv4=self.ipv4, ipv6=self.ipv6)


@dataclass(frozen=True, slots=True)
class StartNode:
    """The machine of a Node starts and joins, and its calico-node writes its addresses.

    Attributes:
        joining: The node.
    """

    joining: Joining

    def __str__(self) -> str:
        return f"start {self.joining.name}"

    def apply(self, resources: Resources) -> Resources:
        """The resources with the node having its addresses."""
        node = resources.nodes_by_name.get(self.joining.name)
        if node is None:
            raise ChangeError(missing_node(self.joining.name, resources.nodes_by_name))
        return ApplyResources(Resources(nodes=(self.joining.on(node),)), node.name).apply(resources)


def read_joining(text: str) -> Joining:
    """A node as people write it: `NAME=IPV4[,IPV6]`.

    Raises:
        ChangeError: It is written otherwise.
    """
    name, equals, address_texts = text.partition("=")
    name = name.strip()
    if not equals or not address_texts.strip():
        raise ChangeError(f"'{text}' has no address; {_FORM}")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise ChangeError(f"'{name}' is no name for a Node: lower-case letters, digits, '-' and '.'; {_FORM}")
    addresses: dict[Family, Address] = {}
    for part in map(str.strip, address_texts.split(",")):
        address = _address(name, part)
        family = family_of(address)
        if family in addresses:
            raise ChangeError(f"{name} has two {family.label} addresses, {addresses[family]} and {address}; {_FORM}")
        addresses[family] = address
    return Joining(name, addresses.get(Family.IPV4), addresses.get(Family.IPV6))


def check_joining(joining: Sequence[Joining], resources: Resources) -> None:
    """Whether these nodes can join this cluster.

    A Node that was made for this and never started is taken as joining still.

    Args:
        joining: The nodes.
        resources: The cluster's as they are.

    Raises:
        ChangeError: A name or an address is taken, or an address is of a family that no node speaks; or a Node was
            made for this and is not among these.
    """
    owners: dict[Address, str] = {}
    for node in resources.nodes:
        for address in (*node.addresses, *node.internal_ips):
            owners.setdefault(address, node.name)
    names: set[str] = set()
    for each in joining:
        there = resources.nodes_by_name.get(each.name)
        if each.name in names:
            raise ChangeError(f"{each.name} is named twice with --joining")
        if there is not None and there.addresses:
            raise ChangeError(f"{each.name} is a node of these resources already, so it does not join: {_hint(there)}")
        names.add(each.name)
        if each.ipv4 is None and each.ipv6 is None:
            raise ChangeError(f"{each.name} has no address; {_FORM}")
        for family in Family:
            own = each.address(family)
            if own is None:
                continue
            if owners.get(own, each.name) != each.name:
                raise ChangeError(f"{each.name} cannot have {own}: that is the address of {owners[own]}")
            owners[own] = each.name
            _check_family(each, family, resources)
            _check_peers(each, own, resources)
    for node in resources.nodes:
        if node.cluster_id is not None and not node.addresses and node.name not in names:
            raise ChangeError(
                f"{node.name} has a cluster ID but no address for BGP, so it reflects for nobody; if it is still to "
                f"start, give --joining {node.name}=ADDRESS, else take its cluster ID away"
            )


def _hint(node: CalicoNode) -> str:
    if node.cluster_id is not None:
        return "it is a reflector, and a plan without --joining goes on from there"
    return "name it with --nodes to make it a reflector, or give the new node another name"


def _address(name: str, text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError as error:
        hint = "write it without the prefix length" if "/" in text else _FORM
        raise ChangeError(f"'{text}' of {name} is no IP address; {hint}") from error
    if address.is_multicast or address.is_loopback or address.is_unspecified or address.is_link_local:
        raise ChangeError(f"{address} of {name} is no address that other nodes could reach it at")
    if address.version == 6 and address.scope_id is not None:
        raise ChangeError(f"'{text}' of {name} has a zone; write it without %{address.scope_id}")
    return address


def _check_family(each: Joining, family: Family, resources: Resources) -> None:
    if all(node.address(family) is None for node in resources.nodes):
        raise ChangeError(
            f"{each.name} has an {family.label} address, {each.address(family)}, but no node of these resources has "
            "one for BGP; leave it out"
        )


def _check_peers(each: Joining, own: Address, resources: Resources) -> None:
    """A BGPPeer of another AS at this address: that is somebody else, a top-of-rack switch."""
    for peer in resources.bgp_peers:
        is_there = peer.peer_ip is not None and parse_peer_ip(peer.peer_ip).address == own
        if is_there and peer.as_number != resources.as_number:
            raise ChangeError(
                f"{each.name} cannot have {own}: BGPPeer {peer.name} peers with AS {peer.as_number} there"
            )
