"""What fixes a BGPPeer: the other half of a session, the AS number that is missing."""

from __future__ import annotations

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import cured, lossless, tried
from calico_bgp.changes.ask import Ask
from calico_bgp.changes.change import SetFields
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.model.reports.cause import Fix
from calico_bgp.model.resources import BGPPeer, ResourceKind


def drop_manual(case: Case, name: str) -> tuple[Fix, ...]:
    """Let Calico make the other half: take `reversePeering: Manual` out."""
    peer = _peer(case, name)
    if peer.reverse_peering != "Manual":
        return ()
    step = Step(
        SetFields(ResourceKind.BGP_PEER, name, (("reverse_peering", "Auto"),)),
        f"write reversePeering: Auto into BGPPeer {name}",
    )
    remedy = Remedy(f"let Calico make the other half of BGPPeer {name}: reversePeering: Auto", (step,))
    # Where all routes come by other sessions the half that is missing costs none, and the other half brings none.
    fix = tried(case, remedy) or lossless(case, remedy)
    return () if fix is None else (fix,)


def name_the_as(case: Case, name: str) -> tuple[Fix, ...]:
    """Write the asNumber of the far end, where it is a node of the cluster; else ask for it."""
    configured, peer = case.configured, _peer(case, name)
    assert configured is not None
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


def write_address(case: Case, name: str) -> tuple[Fix, ...]:
    """An address in the field of a BGPPeer that has none: what is written there but for its prefix length, else asked.

    A reachableBy may be left out as well, where no route of its own leads to the peer.
    """
    peer = _peer(case, name)
    assert case.configured is not None
    skipped = [one for one in case.configured.expectation.skipped if one.bgp_peer == name]
    field = "reachable_by" if any(one.field == "reachableBy" for one in skipped) else "peer_ip"
    shown = "reachableBy" if field == "reachable_by" else "peerIP"
    bare = (getattr(peer, field) or "").strip().partition("/")[0].strip("[]")
    known = bare if parse_peer_ip(bare).address is not None else None
    whose = "the gateway by which nodes reach the peer" if field == "reachable_by" else "the far end"
    address = known or Ask("ADDRESS", f"the address of {whose}", "198.51.100.254")
    steps = [(f"give BGPPeer {name} an address as {shown}", address)]
    if field == "reachable_by":
        steps.append((f"take {shown} out of BGPPeer {name}, where nodes have a route to the peer anyway", None))
    fixes = (
        lossless(case, Remedy(what, (Step(SetFields(ResourceKind.BGP_PEER, name, ((field, value),)), what),)))
        for what, value in steps
    )
    return tuple(fix for fix in fixes if fix is not None)


def _peer(case: Case, name: str) -> BGPPeer:
    assert case.configured is not None
    return case.configured.peers_by_name[name]
