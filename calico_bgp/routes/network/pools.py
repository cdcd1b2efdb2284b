"""Which pods lose their way when BGP loses a route: who programs the kernel routes of each IPPool. No BGP in here."""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import IPPool, Resources

#: Since then Felix programs the routes of IPIP pools unless it is told not to.
IPIP_BY_FELIX = CalicoVersion(3, 33)
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

    Presence in BIRD's table is one thing, a kernel route another: BIRD programs those of unencapsulated pools, and up
    to v3.32 those of IPIP; Felix programs VXLAN's always and IPIP's from v3.33 on. BGPConfiguration's
    programClusterRoutes moves both that are not VXLAN (api/pkg/apis/projectcalico/v3/bgpconfig.go).

    Args:
        resources: The IPPools, and the BGPConfiguration `default`.
        version: Of Calico.
    """
    config = resources.global_config
    setting = None if config is None else config.program_cluster_routes
    return tuple(_fate(pool, setting, version) for pool in sorted(resources.ip_pools, key=lambda pool: pool.name))


def pools_in_need_of_bird(resources: Resources | None, *, version: CalicoVersion) -> list[PoolFate]:
    """The IPPools in use whose kernel routes nobody but BIRD programs."""
    if resources is None:
        return []
    used = {pool.name for pool in resources.ip_pools if not pool.disabled}
    return [pool for pool in pool_fates(resources, version=version) if pool.name in used and not pool.survives]


def _fate(pool: IPPool, setting: str | None, version: CalicoVersion) -> PoolFate:
    family = Family.IPV6 if ":" in pool.cidr else Family.IPV4
    encapsulation = _encapsulation(pool)
    if pool.vxlan_mode not in _OFF:
        survives, because = True, "Felix always programs VXLAN's kernel routes"
    elif setting == "Disabled":
        survives, because = True, "programClusterRoutes: Disabled leaves its kernel routes to Felix"
    elif setting == "Enabled":
        survives, because = False, "programClusterRoutes: Enabled lets BIRD program its kernel routes"
    elif pool.ipip_mode not in _OFF:
        survives = version >= IPIP_BY_FELIX
        who, when = ("Felix", f"from {IPIP_BY_FELIX} on") if survives else ("BIRD", f"before {IPIP_BY_FELIX}")
        because = f"{who} programs IPIP's kernel routes {when}"
    else:
        survives, because = False, "BIRD programs its kernel routes"
    return PoolFate(pool.name, pool.cidr, family, encapsulation, survives, because, not pool.disable_bgp_export)


def _encapsulation(pool: IPPool) -> str:
    for word, mode in (("VXLAN", pool.vxlan_mode), ("IPIP", pool.ipip_mode)):
        if mode not in _OFF:
            return f"{word} across subnets" if mode == "CrossSubnet" else word
    return "unencapsulated"
