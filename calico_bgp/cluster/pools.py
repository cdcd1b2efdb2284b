"""The networks of IPPools. Facts of the resources."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from calico_bgp.model.resources import IPPool


def network_of(pool: IPPool) -> IPv4Network | IPv6Network | None:
    """The network of a pool; None where its cidr is none."""
    try:
        return ip_network(pool.cidr, strict=False)
    except ValueError:
        return None
