"""What fixes a BGPFilter or an IPPool that keeps pods' routes back: each way is tried in the model first."""

from __future__ import annotations

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import helping
from calico_bgp.changes.change import SetFields
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Fix
from calico_bgp.model.resources import ResourceKind
from calico_bgp.routes.held_back import HeldBack


def drop_filter(case: Case, name: str) -> tuple[Fix, ...]:
    """Take a filter from the BGPPeers that name it."""
    resources = case.resources
    assert resources is not None
    naming = [peer for peer in resources.bgp_peers if name in peer.filters]
    steps = tuple(
        Step(
            SetFields(
                ResourceKind.BGP_PEER,
                peer.name,
                (("filters", tuple(other for other in peer.filters if other != name)),),
            ),
            f"take BGPFilter {name} from BGPPeer {peer.name}: the routes of pods pass, and all else it rejects",
        )
        for peer in naming
    )
    peer_names = some([peer.name for peer in naming])
    return helping(case, Remedy(f"take BGPFilter {name} from BGPPeer {peer_names}", steps))


def export_pool(case: Case, held: HeldBack) -> tuple[Fix, ...]:
    """Let a pool be exported."""
    change = SetFields(ResourceKind.IP_POOL, held.name, (("disable_bgp_export", False),))
    step = Step(change, f"export IPPool {held.name}: every peer learns its blocks, those outside too")
    return helping(case, Remedy(f"export IPPool {held.name}", (step,)))
