"""Nodes, and how calico-node finds their addresses. Values only."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import NamedTuple

from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES
from calico_bgp.model.peer import Address, Family, family_of
from calico_bgp.model.place import Place
from calico_bgp.upstream import CONTROL_PLANE_LABELS, V3


@dataclass(frozen=True, slots=True, config=VALUES)
class CalicoNode:
    """A node as Calico sees it: from a projectcalico.org/v3 Node, or from a Kubernetes Node and its annotations.

    Attributes:
        name: The node's name.
        labels: (key, value), sorted by key. A Kubernetes Node's labels stand over Calico's own.
        ipv4: Its BGP address; None when absent or unparsable, which is the same to Calico.
        ipv6: Likewise.
        as_number: Its own; None to take the global one.
        cluster_id: routeReflectorClusterID, verbatim; None when absent or empty. A node with one is a route reflector.
        ipv4_prefix: The prefix length that is written behind it; None when none is.
        ipv6_prefix: Likewise.
        internal_ips: The addresses that Kubernetes calls InternalIP, in its order; empty when not known.
        ignored_annotations: (name, value) of Calico's annotations on a Kubernetes Node that are not valid, so that
            Calico takes them for absent.
        place: Where it stands.
        api_version: As written.
        without_bird: Why no calico-node with BIRD runs there (Windows, Fargate, a virtual node); None where nothing
            says so.
    """

    name: str
    labels: tuple[tuple[str, str], ...] = ()
    ipv4: Address | None = None
    ipv6: Address | None = None
    as_number: int | None = None
    cluster_id: str | None = None
    internal_ips: tuple[Address, ...] = ()
    ignored_annotations: tuple[tuple[str, str], ...] = ()
    place: Place = Place("-")
    api_version: str = V3
    ipv4_prefix: int | None = None
    ipv6_prefix: int | None = None
    without_bird: str | None = None

    def address(self, family: Family) -> Address | None:
        """Its BGP address of a family."""
        return self.ipv4 if family is Family.IPV4 else self.ipv6

    def prefix(self, family: Family) -> int | None:
        """The prefix length of that address."""
        return self.ipv4_prefix if family is Family.IPV4 else self.ipv6_prefix

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Its BGP addresses, IPv4 first."""
        return tuple(address for address in (self.ipv4, self.ipv6) if address is not None)

    @property
    def labels_text(self) -> str:
        """Its labels as people read them: `a=1, b=2`, or `none`."""
        return ", ".join(f"{key}={value}" for key, value in self.labels) or "none"

    @property
    def router_id(self) -> IPv4Address | None:
        """BIRD's router ID: the IPv4 address, for both families; CALICO_ROUTER_ID may change it, and is no resource."""
        return self.ipv4 if isinstance(self.ipv4, IPv4Address) else None

    @property
    def is_control_plane(self) -> bool:
        """Whether Kubernetes calls it a control-plane node."""
        return any(self.label(label) is not None for label in CONTROL_PLANE_LABELS)

    def internal_ips_of(self, family: Family) -> tuple[Address, ...]:
        """Its InternalIPs of a family."""
        return tuple(address for address in self.internal_ips if family_of(address) is family)

    def label(self, key: str) -> str | None:
        """The value of a label, None when the node does not have it."""
        return next((value for name, value in self.labels if name == key), None)


class Autodetection(NamedTuple):
    """Where this cluster says how calico-node finds its addresses. Nothing of it decides about peers.

    Attributes:
        kind: `Installation` (operator.tigera.io) or `DaemonSet`.
        name: Its name.
        namespace: The DaemonSet's; None for an Installation.
        ipv4: The method for IPv4 as it is written there, like `first-found`; None where it says none.
        ipv6: Likewise for IPv6.
    """

    kind: str
    name: str
    namespace: str | None = None
    ipv4: str | None = None
    ipv6: str | None = None
