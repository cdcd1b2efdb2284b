"""What fixes a BGPPeer: the other half of a session, the AS number that is missing."""

from __future__ import annotations

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import cured, tried
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetFields
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.model.reports.cause import Fix
from calico_bgp.model.resources import BGPPeer, ResourceKind


def drop_manual(case: Case, name: str) -> tuple[Fix, ...]:
    """Let Calico make the other half: take `reversePeering: Manual` out."""
    peer = _peer(case, name)
    if case.configured is None or peer is None or peer.reverse_peering != "Manual":
        return ()
    step = Step(
        SetFields(ResourceKind.BGP_PEER, name, (("reverse_peering", "Auto"),)),
        f"write reversePeering: Auto into BGPPeer {name}",
    )
    fix = tried(
        case,
        Remedy(f"let Calico make the other half of BGPPeer {name}: reversePeering: Auto", (step,)),
    )
    return () if fix is None else (fix,)


def name_the_as(case: Case, name: str) -> tuple[Fix, ...]:
    """Write the asNumber of the far end, where it is a node of the cluster; else ask for it."""
    configured, peer = case.configured, _peer(case, name)
    if configured is None or peer is None:
        return ()
    address = parse_peer_ip(peer.peer_ip or "").address
    owners = () if address is None else configured.expectation.nodes_by_address.get(address, ())
    number = configured.speakers[owners[0]].local_as if owners else None
    what = f"write asNumber {number}, the AS of {owners[0]}," if owners else "write the asNumber of the far end"
    ask = Ask(
        "AS_NUMBER", "the AS number of the far end: its own configuration says it", configured.resources.as_number
    )
    step = Step(SetFields(ResourceKind.BGP_PEER, name, (("as_number", number or ask),)), f"{what} into BGPPeer {name}")
    fix = cured(
        case,
        Remedy(f"give BGPPeer {name} the asNumber of its far end; BIRD then takes the whole file", (step,)),
    )
    return () if fix is None else (fix,)


def _peer(case: Case, name: str) -> BGPPeer | None:
    return None if case.configured is None else case.configured.peers_by_name.get(name)
