"""What fixes a BGPFilter or an IPPool that keeps pods' routes back: each way is tried in the model first."""

from __future__ import annotations

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step, fix_of
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
    return helping(case, _exported(held.name))


def export_named_pool(case: Case, name: str) -> tuple[Fix, ...]:
    """The same, where the model does not know the blocks of the pool and sees no route that this brings back."""
    fix = None if case.resources is None else fix_of(_exported(name), case.resources)
    return () if fix is None else (fix,)


def _exported(name: str) -> Remedy:
    change = SetFields(ResourceKind.IP_POOL, name, (("disable_bgp_export", False),))
    step = Step(change, f"export IPPool {name}: every peer learns its blocks, those outside too")
    return Remedy(f"export IPPool {name}", (step,))
