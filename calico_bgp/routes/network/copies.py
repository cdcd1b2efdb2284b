"""Routes that Felix writes into every kernel and BIRD passes on from there: why more may arrive than sessions say.

BIRD learns each route of the kernel that it did not write. Towards iBGP peers those over Felix's tunnels are rejected
(v3.27); towards eBGP peers nothing rejects them, so that a node tells such a peer the blocks of all others, with itself
as next hop (design/cluster-route-programming/DESIGN.md section 5; seen on BIRD 1.6.8).
"""

from __future__ import annotations

from collections.abc import Iterable

from calico_bgp.expect.version import CalicoVersion
from calico_bgp.messages.words import some
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import Resources
from calico_bgp.routes.network.pools import pool_fates
from calico_bgp.routes.network.sessions import BGPSession


def copies_not_followed(
    resources: Resources, family: Family, version: CalicoVersion, sessions: Iterable[BGPSession]
) -> str | None:
    """What is not worked out of such routes, as an assumption of a network; None where there are none.

    Args:
        resources: The IPPools, and who writes their routes.
        family: Of the sessions.
        version: Of Calico.
        sessions: Between nodes.
    """
    fates = pool_fates(resources, version=version)
    copied = [fate.name for fate in fates if fate.family is family and fate.survives and fate.exported]
    is_told = any(not end.settings.is_internal for session in sessions for end in session) if copied else False
    if not is_told:
        return None
    return (
        f"Felix writes the routes of {some(copied)} into every kernel, and BIRD passes them on to eBGP peers: such "
        "copies are not followed, so that nodes may learn more than is said here"
    )
