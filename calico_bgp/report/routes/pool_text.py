"""What a lost route means for pods, in words: a route in BIRD's table is not yet a way for packets. Judges nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from calico_bgp.model.peer import Family
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.network.pools import PoolFate
from calico_bgp.routes.network.programming import IPIP_BY_FELIX

#: What is assumed where no IPPool says otherwise.
UNKNOWN_POOLS = (
    "no IPPool is known; assumed: pods need the route, as with unencapsulated pools and with IPIP before"
    f" {IPIP_BY_FELIX}. VXLAN's survive its loss, and from {IPIP_BY_FELIX} on IPIP's, for Felix programs them"
)


def pool_lines(fates: Sequence[PoolFate] | None, families: Collection[Family]) -> list[str]:
    """One line a pool of these families, those that break first; else the assumption that is made.

    Args:
        fates: Of the pools; empty or None when none is known.
        families: Those that the report is about.
    """
    if not fates:
        return [UNKNOWN_POOLS]
    of_families = sorted((f for f in fates if f.family in families), key=lambda fate: (fate.survives, fate.name))
    return [_line(fate) for fate in of_families] or [
        "there is no IPPool of this family, so no pod has an address of it"
    ]


def _line(fate: PoolFate) -> str:
    name = f"{plain(fate.name)} ({plain(fate.cidr)}, {fate.encapsulation})"
    if fate.survives:
        return f"{name}: pods keep their way without the route ({fate.because})"
    if not fate.exported:
        return f"{name}: no node learns its routes, for BIRD never announces them (disableBGPExport)"
    return f"{name}: pods need the route ({fate.because})"
