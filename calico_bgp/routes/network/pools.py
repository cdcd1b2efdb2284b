"""Which pods lose their way when BGP loses a route: who programs the kernel routes of each IPPool. No BGP in here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool, Resources
from calico_bgp.routes.network.programming import (
    BIRD_MAY_NOT,
    IPIP_BY_FELIX,
    PoolClass,
    Writers,
    class_of,
    writers_of,
)

_OFF = (None, "", "Never")


class PoolFate(NamedTuple):
    """What the loss of a BGP route does to the pods of a pool.

    Attributes:
        name: The pool's name.
        cidr: As written.
        family: Of its addresses.
        encapsulation: `VXLAN`, `VXLAN across subnets`, `IPIP`, `IPIP across subnets` or `unencapsulated`.
        survives: Whether Felix programs the kernel routes, so that pods keep their way without BGP.
        because: Why, in words.
        exported: Whether BIRD announces its blocks; never with disableBGPExport.
    """

    name: str
    cidr: str
    family: Family
    encapsulation: str
    survives: bool
    because: str
    exported: bool


def pool_fates(resources: Resources, *, version: CalicoVersion = NEWEST) -> tuple[PoolFate, ...]:
    """The fate of every IPPool, sorted by name; empty when no IPPool is among the resources.

    Presence in BIRD's table is one thing, a kernel route another: who writes that one, `programming` says.

    Args:
        resources: The IPPools, the BGPConfiguration and the FelixConfiguration `default`.
        version: Of Calico.
    """
    config = resources.global_config
    setting = None if config is None or version < BIRD_MAY_NOT else config.program_cluster_routes
    writers = writers_of(resources, version)
    return tuple(_fate(pool, writers, setting) for pool in sorted(resources.ip_pools, key=lambda pool: pool.name))


def pools_in_need_of_bird(resources: Resources | None, *, version: CalicoVersion) -> list[PoolFate]:
    """The IPPools in use whose kernel routes nobody but BIRD programs."""
    if resources is None:
        return []
    used = {pool.name for pool in resources.ip_pools if not pool.disabled}
    return [pool for pool in pool_fates(resources, version=version) if pool.name in used and not pool.survives]


def _fate(pool: IPPool, writers: Mapping[PoolClass, Writers], setting: str | None) -> PoolFate:
    family = Family.IPV6 if ":" in pool.cidr else Family.IPV4
    survives, because = _writer(class_of(pool), writers, setting)
    return PoolFate(pool.name, pool.cidr, family, _encapsulation(pool), survives, because, not pool.disable_bgp_export)


def _writer(kind: PoolClass | None, writers: Mapping[PoolClass, Writers], setting: str | None) -> tuple[bool, str]:
    """Whether Felix writes the routes of a class, and why, in words."""
    if kind is None:
        return True, "Felix always programs VXLAN's kernel routes"
    writer = writers[kind]
    if writer.is_nobody:
        return False, "neither BIRD nor Felix programs its kernel routes (programClusterRoutes)"
    if writer.are_both:
        return True, "Felix programs its kernel routes, and BIRD does as well (programClusterRoutes)"
    if setting is not None:
        does = "lets BIRD program its kernel routes" if writer.bird else "leaves its kernel routes to Felix"
        return not writer.bird, f"programClusterRoutes: {setting} {does}"
    if kind is PoolClass.IPIP:
        by, when = ("BIRD", f"before {IPIP_BY_FELIX}") if writer.bird else ("Felix", f"from {IPIP_BY_FELIX} on")
        return not writer.bird, f"{by} programs IPIP's kernel routes {when}"
    return not writer.bird, "BIRD programs its kernel routes" if writer.bird else "Felix programs its kernel routes"


def _encapsulation(pool: IPPool) -> str:
    for word, mode in (("VXLAN", pool.vxlan_mode), ("IPIP", pool.ipip_mode)):
        if mode not in _OFF:
            return f"{word} across subnets" if mode == "CrossSubnet" else word
    return "unencapsulated"
