"""Which of BIRD and Felix writes the kernel's routes to other nodes, by release and settings. Resources in, no BGP.

VXLAN's are always Felix's. Of the others two settings decide that nothing upstream compares: programClusterRoutes of
FelixConfiguration (v3.31; felix/config/config_params.go) and of BGPConfiguration (v3.32;
confd/pkg/backends/calico/bgp_processor.go). Both have four values from v3.33, where IPIP's routes move to Felix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.resources import NODE_CONFIG_PREFIX, IPPool, Resources

#: The releases in which the settings came and changed.
FELIX_MAY = CalicoVersion(3, 31)
BIRD_MAY_NOT = CalicoVersion(3, 32)
IPIP_BY_FELIX = CalicoVersion(3, 33)
ENABLED, DISABLED, IPIP_ONLY, NO_ENCAP_ONLY = "Enabled", "Disabled", "EnabledIPIPOnly", "EnabledNoEncapOnly"
_OFF = (None, "", "Never")


class PoolClass(StrEnum):
    """IPPools whose kernel routes one setting decides about."""

    IPIP = "IPIP"
    NO_ENCAP = "unencapsulated"


@dataclass(frozen=True, slots=True)
class Writers:
    """Who writes the kernel's routes of one class.

    Attributes:
        bird: Whether BIRD does.
        felix: Whether Felix does; None where no FelixConfiguration was given.
    """

    bird: bool
    felix: bool | None

    @property
    def are_both(self) -> bool:
        """Whether both write, so that the kernel has each route twice."""
        return self.bird and self.felix is True

    @property
    def is_nobody(self) -> bool:
        """Whether neither does, so that the kernel has no route."""
        return not self.bird and self.felix is False


def class_of(pool: IPPool) -> PoolClass | None:
    """The class of a pool; None for VXLAN's, whose routes are always Felix's."""
    if pool.vxlan_mode not in _OFF:
        return None
    return PoolClass.NO_ENCAP if pool.ipip_mode in _OFF else PoolClass.IPIP


def writers_of(resources: Resources, version: CalicoVersion, name: str = "default") -> dict[PoolClass, Writers]:
    """Who writes the routes of each class.

    Args:
        resources: BGPConfigurations and FelixConfigurations, and the IPPools, which decide with v3.31 and v3.32.
        version: Of Calico.
        name: Of the FelixConfiguration that counts: `default`, or a node's own, which counts before that one.
    """
    config = resources.global_config
    bird = _of_bird(None if config is None else config.program_cluster_routes, version)
    felix = _of_felix(resources, version, name) if resources.felix or version < FELIX_MAY else None
    return {each: Writers(each in bird, None if felix is None else each in felix) for each in PoolClass}


def values_of_bird(version: CalicoVersion) -> tuple[str, ...]:
    """What BGPConfiguration's programClusterRoutes may be, the least far-reaching first."""
    if version < BIRD_MAY_NOT:
        return ()
    return (NO_ENCAP_ONLY, DISABLED, IPIP_ONLY, ENABLED) if version >= IPIP_BY_FELIX else (ENABLED, DISABLED)


def values_of_felix(version: CalicoVersion) -> tuple[str, ...]:
    """What FelixConfiguration's may be, likewise."""
    if version < FELIX_MAY:
        return ()
    return (IPIP_ONLY, DISABLED, NO_ENCAP_ONLY, ENABLED) if version >= IPIP_BY_FELIX else (DISABLED, ENABLED)


def _of_bird(setting: str | None, version: CalicoVersion) -> Iterable[PoolClass]:
    if version < BIRD_MAY_NOT:
        return PoolClass
    if version < IPIP_BY_FELIX:
        return () if setting == DISABLED else PoolClass
    return _four_values(setting, NO_ENCAP_ONLY)


def _of_felix(resources: Resources, version: CalicoVersion, name: str) -> Iterable[PoolClass]:
    if version < FELIX_MAY:
        return ()
    by_name = {one.name: one.program_cluster_routes for one in resources.felix}
    setting = by_name.get(name) or by_name.get("default")
    if version >= IPIP_BY_FELIX:
        return _four_values(setting, IPIP_ONLY)
    if setting != ENABLED:
        return ()
    # Its manager of plain routes starts only where no overlay is in use (felix/dataplane/linux/int_dataplane.go).
    return (PoolClass.IPIP,) if has_overlay(resources) else PoolClass


def has_overlay(resources: Resources) -> bool:
    """Whether anything but plain routes is in use: VXLAN, IPIP or WireGuard."""
    wireguard = any(one.wireguard_enabled or one.wireguard_enabled_v6 for one in resources.felix)
    return wireguard or any(class_of(pool) is not PoolClass.NO_ENCAP for pool in resources.ip_pools)


def _four_values(setting: str | None, default: str) -> Iterable[PoolClass]:
    """What a value stands for; one that is not known counts as the default."""
    classes_of = {
        ENABLED: tuple(PoolClass),
        DISABLED: (),
        IPIP_ONLY: (PoolClass.IPIP,),
        NO_ENCAP_ONLY: (PoolClass.NO_ENCAP,),
    }
    return classes_of.get(setting or default, classes_of[default])


class Conflict(NamedTuple):
    """IPPools whose kernel routes both write, or neither.

    Attributes:
        kind: Their class.
        pools: Their names.
        writers: Who writes.
        felix: The FelixConfiguration by which it is so: `default`, or a node's own.
    """

    kind: PoolClass
    pools: tuple[str, ...]
    writers: Writers
    felix: str


def conflicts_of(resources: Resources, version: CalicoVersion) -> Iterator[Conflict]:
    """The classes in use that both write, or neither; none where no FelixConfiguration was given.

    Args:
        resources: The IPPools, BGPConfigurations and FelixConfigurations.
        version: Of Calico.
    """
    used: dict[PoolClass, list[str]] = {}
    for pool in resources.ip_pools:
        kind = class_of(pool)
        if kind is not None and pool.is_for_pods and not pool.disabled:
            used.setdefault(kind, []).append(pool.name)
    ordinary = writers_of(resources, version)
    own = (one.name for one in resources.felix if one.name.startswith(NODE_CONFIG_PREFIX))
    for name in ("default", *own):
        by_kind = writers_of(resources, version, name)
        for kind, pools in used.items():
            writers = by_kind[kind]
            is_told = name != "default" and writers == ordinary[kind]
            if (writers.are_both or writers.is_nobody) and not is_told:
                yield Conflict(kind, tuple(pools), writers, name)
