"""Calico's resources in few words, for tests of what is expected of them. Nothing that computes peers may enter it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPConfiguration, BGPPeer, CalicoNode, Resources

IPV4, IPV6 = Family.IPV4, Family.IPV6


def node(name: str, *addresses: str, labels: str = "", **fields: Any) -> CalicoNode:
    """A node: its addresses of either family, and its labels as `a b=c`."""
    found = {f"ipv{address.version}": address for address in map(ip_address, addresses)}
    pairs = tuple(sorted((key, value) for key, _, value in (label.partition("=") for label in labels.split())))
    return CalicoNode(name=name, labels=pairs, **found, **fields)


def peer(name: str, **fields: Any) -> BGPPeer:
    """A BGPPeer."""
    return BGPPeer(name=name, **fields)


def config(name: str = "default", *, mesh: bool | None = None, **fields: Any) -> BGPConfiguration:
    """A BGPConfiguration; `mesh` is nodeToNodeMeshEnabled."""
    return BGPConfiguration(name=name, node_to_node_mesh_enabled=mesh, **fields)


def cluster(*things: CalicoNode | BGPPeer | BGPConfiguration) -> Resources:
    """All of them, in the order given."""
    return Resources(
        nodes=tuple(thing for thing in things if isinstance(thing, CalicoNode)),
        bgp_peers=tuple(thing for thing in things if isinstance(thing, BGPPeer)),
        bgp_configurations=tuple(thing for thing in things if isinstance(thing, BGPConfiguration)),
    )


def shown(found: ExpectedPeer) -> str:
    """A peer in one line, with what differs from the simplest: `Node_192_0_2_1 as 64512 port 500 passive client ID`."""
    words = [found.name, f"as {found.peer_as}"]
    if found.port is not None:
        words.append(f"port {found.port}")
    if found.passive:
        words.append("passive")
    if found.reflector_client:
        words.append(f"client {found.cluster_id}")
    if found.next_hop is not None:
        words.append(f"next hop {found.next_hop}")
    if found.allowed_local_as:
        words.append(f"allow {found.allowed_local_as}")
    return " ".join(words)


def peers_of(expectation: Expectation, name: str, family: Family | None = None) -> list[str]:
    """The peers of a node, each in one line."""
    return [shown(found) for found in expectation.peers[name] if family in {None, found.family}]


def names_of(expectation: Expectation) -> dict[str, list[str]]:
    """Node → the names of its protocols."""
    return {name: [found.name for found in peers] for name, peers in expectation.peers.items()}


def reasons(found: Iterable[ExpectedPeer]) -> dict[str, list[str]]:
    """Protocol → what made it."""
    return {one.name: [str(because) for because in one.because] for one in found}
