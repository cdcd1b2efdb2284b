"""Rows of ends between which packets do not pass: cut links, and hosts that are off.

One blocked direction is enough: the other end's NOTIFICATION waits behind unacknowledged data (seen with real BIRDs).
"""

from __future__ import annotations

from calico_bgp.lab.effects.obstacle import HELD, IN_VAIN
from calico_bgp.lab.externals import NO_ROUTE, Row
from calico_bgp.lab.faults.fault import Fault
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.faults.moment import End, Moment
from calico_bgp.model.peer import Family

_CUTS = (FaultKind.LINK_CUT, FaultKind.ONE_WAY)
_NO_WAY = IN_VAIN._replace(error=NO_ROUTE)


def cut(moment: Moment, end: End) -> Row | None:
    """The far machine is off, or packets do not pass between the two, in whatever direction."""
    if end.far is None:
        return _NO_WAY if _is_unplugged(moment, end) else None
    own, far = end.own, end.far
    passes = not (
        moment.is_off(far)
        or moment.hits(own, FaultKind.HOST_CUT)
        or moment.hits(far, FaultKind.HOST_CUT)
        or any(moment.between(own, far, kind) for kind in _CUTS)
        or _is_parted(moment, own, far)
    )
    if passes:
        return None
    if end.is_passive:
        return HELD
    return _NO_WAY if _is_unplugged(moment, end) and end.family is Family.IPV4 else IN_VAIN


def _is_unplugged(moment: Moment, end: End) -> bool:
    """Whether this machine itself has no way to anywhere: then ARP fails (of IPv6, captures show timeouts)."""
    return moment.hits(end.own, FaultKind.HOST_CUT) or Fault(FaultKind.LINK_CUT, (end.own,)) in moment.of(
        FaultKind.LINK_CUT
    )


def _is_parted(moment: Moment, own: str, far: str) -> bool:
    return any((own in fault.nodes) is not (far in fault.nodes) for fault in moment.of(FaultKind.PARTITION))


def switch_down(moment: Moment, end: End) -> Row | None:
    """The far end is no node but the top-of-rack switch, and it is down."""
    return IN_VAIN if end.far is None and moment.of(FaultKind.TOR_DOWN) else None


OBSTACLES = (cut, switch_down)
